/* SPDX-License-Identifier: Apache-2.0 */

#ifndef TESTS_SUPPORT_MODEL_H
#define TESTS_SUPPORT_MODEL_H

/*
 * The model is a second implementation of what bufcheck decides. docs/semantics.md says what that
 * is; the model is written from that page alone and shares no code with the tracker. Arrays,
 * linear scans and sorting are all that it uses, so that each function can be read beside the
 * section that its comment names. tests/tools/prove.c and the fuzzers compare the program with it.
 *
 * Files: model.c runs a trace; model_event.c says what an event is (sections 1 and 3);
 * model_order.c section 2; model_call.c attempts and continuations (section 3); model_match.c
 * which completion ends which operation (section 3); model_effect.c the table of effects
 * (section 3); model_memory.c section 4; model_conflict.c and model_harm.c section 5;
 * model_loss.c section 6; model_verdict.c section 7; model_fold.c section 8; model_names.c words.
 *
 * Memory: a result owns everything in it until model_result_finish(). An allocation that fails
 * ends the process, because only tests link the model.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MODEL_NONE SIZE_MAX /* no event, no operation, no step */
#define MODEL_FRAMES_MAX 16 /* frames of a stack that an event of the model can hold */
#define MODEL_CLOSING_CAP 65536u

enum model_kind {
    MODEL_AFD,         /* an event of the AFD provider */
    MODEL_PROCESS_END, /* kernel record 0302, or event 2 of Kernel-Process */
    MODEL_OTHER,       /* a record of no interest, which only bounds spans of loss */
};

/* One event as it was recorded. The order of the array is the recorded order of each processor. */
struct model_event {
    enum model_kind kind;
    int64_t time; /* raw clock value */
    uint32_t cpu;
    uint32_t trace_buffer; /* of the processor's stream, from 0, never decreasing */
    uint32_t tid, pid;     /* the record header's */

    /* MODEL_AFD. Fields that the id lacks are 0. */
    uint16_t id;
    bool undecodable; /* the payload has a wrong length; of the fields below only keyword counts */
    uint32_t enter_exit;
    uint64_t keyword;
    uint8_t activity[16];
    uint64_t process, endpoint, accept_endpoint;
    uint64_t buffer;
    uint32_t buffer_length;
    int64_t buffer_count;
    uint32_t status;
    bool fast_path;      /* the legacy field */
    uint64_t create_pid; /* ids 1 and 1000 */
    uint32_t socket_type;
    bool has_stack;
    uint32_t frame_count;
    uint64_t frames[MODEL_FRAMES_MAX]; /* innermost first, kernel-mode frames included */

    /* MODEL_PROCESS_END */
    uint64_t process_key; /* EPROCESS address; 0 if the record has none */
    uint32_t ended_pid;
    bool manifest_end; /* event 2 of Kernel-Process rather than kernel record 0302 */
};

/* A trace buffer that says that events were lost (flag 0x2 or 0x4). */
struct model_flagged_buffer {
    uint32_t cpu;
    uint32_t trace_buffer;
};

struct model_span {
    int64_t from, to; /* raw clock values, both included */
};

struct model_input {
    unsigned pointer_size;    /* 4 or 8 */
    int64_t ticks_per_second; /* 0: 10,000,000 */
    size_t closing_cap;       /* operations that may be closing at a time; 0: MODEL_CLOSING_CAP */
    unsigned min_visible;     /* percent, as --min-visible */
    const struct model_event *events;
    size_t event_count;
    const struct model_flagged_buffer *flagged;
    size_t flagged_count;
    const int64_t *last_dropped; /* times of header record 0x0052; 0 says nothing */
    size_t last_dropped_count;
    bool header_loss; /* the header's EventsLost or BuffersLost is not 0 */
    bool end_missing;
};

enum model_direction { MODEL_SEND, MODEL_RECV };
enum model_space { MODEL_SPACE_NONE, MODEL_SPACE_USER, MODEL_SPACE_KERNEL };

enum model_end {
    MODEL_PENDING,
    MODEL_COMPLETED,
    MODEL_FAILED,
    MODEL_CLOSED,
    MODEL_SUPERSEDED,
    MODEL_RETURNED,
    MODEL_IMPLIED,
};

enum model_state {
    MODEL_IN_FLIGHT,
    MODEL_SUSPENDED, /* between the attempt's Exit and the thread's next own event */
    MODEL_CLOSING,   /* the socket was closed, and Windows may still use the memory */
    MODEL_ENDED,
};

struct model_memory {
    bool known;
    uint64_t first, last; /* both included, so that memory can reach the top of its space */
    bool first_byte_only; /* a chain of buffers, of which one byte is certain */
};

/* A step is a position in time order; the step after the last event is the trace's end. */
struct model_operation {
    size_t post; /* event; operations are numbered from 1 in the order of posts */
    size_t post_step;
    size_t memory_event; /* event that shows the memory: the post, or the attempt's Enter */
    bool modern;
    enum model_direction direction;
    bool fast_path; /* false once the operation is continued */
    bool datagram;
    enum model_space space;
    bool invalid_address;
    struct model_memory user; /* known if space is user */
    unsigned process_life;    /* how often its process address had been given up before the post */

    bool is_attempt;       /* may be continued */
    bool from_attempt;     /* was continued: its memory comes from an attempt */
    bool without_exit;     /* was continued though no Exit of the attempt was traced */
    size_t continuation;   /* event; MODEL_NONE also where the post itself is the continuation */
    size_t continued_step; /* MODEL_NONE if it was not continued */
    size_t inferred_from;  /* step from which its address is inferred, if from_attempt */
    size_t over_event;     /* event by which the attempt was over; MODEL_NONE before */
    size_t exit_event;     /* the attempt's Exit */
    size_t exit_step;      /* the step at which that Exit took effect */
    bool has_kernel_address;
    uint64_t kernel_address; /* the operation's own buffer, or the continuation's */
    size_t request_event;    /* event whose ActivityId may name its request */

    enum model_state state;
    enum model_end end;
    size_t end_event;  /* MODEL_NONE when pending */
    size_t end_step;   /* when it ended */
    size_t known_step; /* when that became known, never before end_step */
    size_t close_event, close_step;
    bool was_closing;
    bool ambiguous_pairing;
    bool aborted, end_ambiguous;           /* reasons that arose while it was in flight */
    uint16_t aborted_by, end_ambiguous_by; /* ids of the last events that gave them */
    unsigned matched_by; /* 1-4: the rule of matching by which it ended; 0 if none */
    bool matched_kept;   /* by a completion that had come before it */
    bool end_shows_user_address;
    const char *left_by; /* static; what ended a suspension or closing, for model_rows.c */
    unsigned conflicts_with_recvs, conflicts_with_sends; /* as the first, provisional ones too */
};

enum model_rule {
    MODEL_RECV_OVER_RECV,
    MODEL_RECV_OVER_SEND,
    MODEL_SEND_OVER_RECV,
    MODEL_SEND_OVER_SEND,
    MODEL_SHARED_SEND,
    MODEL_KERNEL_ADDRESS_REPOSTED,
    MODEL_RULE_COUNT
};

enum model_level { MODEL_NOTE, MODEL_WARNING, MODEL_ERROR };
enum model_extent { MODEL_EXACT, MODEL_FIRST_BUFFER_ONLY, MODEL_START_ONLY };
enum model_confidence { MODEL_CONFIRMED, MODEL_LIKELY, MODEL_POSSIBLE };
enum model_harm { MODEL_HARM_NONE, MODEL_HARM_UNKNOWN, MODEL_HARM_KNOWN };

enum model_reason {
    MODEL_COMPLETION_NOT_SEEN = 1 << 0,
    MODEL_REASON_ABORTED = 1 << 1,
    MODEL_REASON_END_AMBIGUOUS = 1 << 2,
    MODEL_REASON_CLOSED = 1 << 3,
    MODEL_REASON_SUPERSEDED = 1 << 4,
    MODEL_REASON_RETURNED = 1 << 5,
    MODEL_REASON_IMPLIED = 1 << 6,
    MODEL_EVENTS_LOST = 1 << 7,
    MODEL_INFERRED_ADDRESS = 1 << 8,
    MODEL_INFERENCE_UNSURE = 1 << 9,
    MODEL_UNVERIFIED_FIELD = 1 << 10,
    MODEL_SAME_TIME = 1 << 11,
};
#define MODEL_REASON_COUNT 12

/* The condition on which a conflict exists, known when it is recorded. */
enum model_condition {
    MODEL_EXISTS,
    MODEL_IF_IT_GOES_ON, /* the first was suspended */
    MODEL_IF_COMPLETED,  /* the first was closing */
};

struct model_conflict {
    size_t first, second; /* operation indices */
    enum model_condition condition;
    enum model_rule rule;
    enum model_level severity, level;
    uint64_t start, length;
    enum model_extent extent;
    bool unverified;
    unsigned reasons; /* of enum model_reason */
    enum model_confidence confidence;
    enum model_harm harm;
    uint64_t harm_start, harm_length; /* of MODEL_HARM_KNOWN */
    const char *harm_why;             /* static; why that harm, for model_rows.c */
    size_t known_step;                /* when both operations had ended, or the trace */
};

/* COVERAGE of output.md; one field a name. */
struct model_coverage {
    bool legacy, modern; /* families seen */
    uint64_t posts, completions, matched, orphan_completions, pending;
    uint64_t user_address_operations, user_address_ended;
    uint64_t kernel_address_operations, inferred_address_operations;
    uint64_t recvs, recvs_user_address, sends, sends_user_address, attempts, continued;
    uint64_t chained_operations, zero_length_posts, rejected_posts, buffered_ignored;
    uint64_t invalid_addresses, undecodable, max_in_flight, capped_operations, conflicts;
};

/* Conflicts of one cause folded together; `conflicts` ranks them, the first is the one shown. */
struct model_finding {
    size_t *conflicts; /* indices into the conflicts */
    size_t count, posts, harmful;
    bool count_is_minimum;
    int64_t first_time, last_time;
    size_t endpoints, addresses;
    size_t others[8];
    size_t other_count;
};

enum model_verdict { MODEL_CLEAN = 0, MODEL_FINDINGS = 1, MODEL_INCONCLUSIVE = 3 };

enum model_cause {
    MODEL_NO_POSTS = 1 << 0,
    MODEL_NO_USER_ADDRESS = 1 << 1,
    MODEL_FEW_USER_ADDRESSES = 1 << 2,
    MODEL_NO_USER_COMPLETION = 1 << 3,
    MODEL_CAUSE_EVENTS_LOST = 1 << 4,
    MODEL_CAUSE_END_MISSING = 1 << 5,
};
#define MODEL_CAUSE_COUNT 6

/* The kinds of `no-posts`, in the order in which the page names them. */
enum model_no_posts {
    MODEL_NO_POSTS_NONE, /* there are operations, or none of the kinds holds */
    MODEL_NO_POSTS_PROVIDER,
    MODEL_NO_POSTS_REGISTERED_IO,
    MODEL_NO_POSTS_LEVEL,
    MODEL_NO_POSTS_KEYWORDS,
    MODEL_NO_POSTS_REJECTED,
    MODEL_NO_POSTS_NO_TRAFFIC,
    MODEL_NO_POSTS_COUNT
};

struct model_result {
    size_t *order; /* event indices in time order */
    size_t order_count;
    struct model_operation *operations;
    size_t operation_count;
    size_t *ended; /* operation indices in the order in which ends become known */
    size_t ended_count;
    struct model_conflict *conflicts; /* in the order in which both operations had ended */
    size_t conflict_count;
    size_t
        vanished[3]; /* by enum model_condition: provisional conflicts that turned out to be none */
    struct model_finding *findings; /* by level, harm, severity, first time */
    size_t finding_count;
    struct model_coverage coverage;
    unsigned causes; /* of enum model_cause, whatever the verdict */
    enum model_no_posts no_posts;
    bool brief_exposure;        /* the caveat of section 6 about exposures below 100 us */
    enum model_verdict verdict; /* with --fail-on warning; also the exit status */

    /* Counts of things that happened on the way, for model_rows.c alone. */
    struct model_seen {
        unsigned refused_by_stack, refused_by_time, refused_by_length, refused_by_blur;
        unsigned refused_by_owner, refused_send_without_exit, passed_over_foreign_event;
        unsigned over_by_kept_exit, over_by_pending_exit, continued_by_kept_end;
        unsigned apart_by_pid, apart_by_pid_of_attempt, ignored_pending_exit;
    } seen;
};

void model_run(const struct model_input *input, struct model_result *result);
void model_result_finish(struct model_result *result);

bool model_end_is_traced(const struct model_operation *operation);

/* Names as the page and the reports have them. Static. */
const char *model_rule_name(enum model_rule rule);
const char *model_level_name(enum model_level level);
const char *model_extent_name(enum model_extent extent);
const char *model_end_name(enum model_end end);
const char *model_space_name(enum model_space space); /* NULL for none */
const char *model_confidence_name(enum model_confidence confidence);
const char *model_verdict_name(enum model_verdict verdict);
const char *model_reason_name(unsigned bit); /* 0 .. MODEL_REASON_COUNT - 1 */
const char *model_cause_name(unsigned bit);
const char *model_no_posts_name(enum model_no_posts kind); /* NULL for none */
const char *model_api_name(uint16_t post_id);

#endif
