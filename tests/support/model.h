#ifndef TESTS_SUPPORT_MODEL_H
#define TESTS_SUPPORT_MODEL_H

/*
 * The model: a second implementation of what bufcheck decides, written from the page that says it
 * (semantics) and from nothing else. Flat arrays, linear scans, O(n^2) and worse; it is the oracle
 * that tests/tools/prove.c and the fuzzers compare the program with, so clarity is all it has.
 *
 * Files: model.c runs a trace; model_order.c section 2; model_match.c the matching of section 3;
 * model_memory.c section 4; model_conflict.c section 5; model_loss.c section 6; model_verdict.c
 * sections 7 and 8. Each function quotes the sentence that it implements.
 *
 * Where the page's words allow more than one reading, this is the one taken, by section:
 *   3  An Exit with status 0x103 is no completion. 1020 and 1026 are, by rules 1, 2 and 4; rule 1
 *      compares neither process nor direction, rule 4 only endpoint and kind. Ids that have
 *      EnterExit: 1000-3007, 4018, 4019. A recycled endpoint closes its own operations, not
 *      AcceptEx operations that name it; an AcceptEndpoint of 0 names none. A process end leaves
 *      the last process id known; one without address ends every process with that id.
 *   4  A failed attempt ended with an error status. A completion that came before its post at the
 *      same time ends no attempt: the thread's last event is the post. Inferred memory is one byte
 *      if either the post or the attempt is a chain.
 *   5  What an endpoint's last creation says of its type outlives a close. A `same-time` end is one
 *      "traced after B's post". `unverified-field` goes with the event that showed the address,
 *      an attempt of an inferred one too. An operation without a traced end counts as under way,
 *      for loss, until the event that ended it, else until the trace's end.
 *   6  A missing end gives the reason `events-lost`, and the cause `end-missing` alone.
 *   7  `user_address_*` counts leave inferred addresses out; the causes take them in.
 *   8  Others' overlaps start elsewhere than each other's, too. A life of a process address ends
 *      where its operations are closed.
 *   Coverage: undecodable events count as nothing else; the family also shows in AFD's own copies;
 *      `max_in_flight` is taken after a post's effects.
 *
 * Memory: everything in a result is owned by it until model_result_finish(). An allocation that
 * fails ends the process: this is test code.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MODEL_NONE SIZE_MAX /* no event, no operation */

enum model_kind {
    MODEL_AFD,         /* an event of the AFD provider */
    MODEL_PROCESS_END, /* kernel record 0302 or event 2 of Kernel-Process */
    MODEL_OTHER,       /* a record of no interest: it only bounds spans of loss */
};

/* One event as it was recorded. The order of the array is the recorded order of each processor. */
struct model_event {
    enum model_kind kind;
    int64_t time;
    uint32_t cpu;
    uint32_t trace_buffer; /* of its processor's stream, from 0, never decreasing */
    uint32_t tid, pid;     /* the record header's */

    /* MODEL_AFD. Fields that the id lacks are 0. */
    uint16_t id;
    bool undecodable; /* the payload has a wrong length: no field below but keyword is known */
    uint32_t enter_exit;
    uint64_t keyword;
    uint8_t activity[16];
    uint64_t process, endpoint, accept_endpoint;
    uint64_t buffer;
    uint32_t buffer_length;
    int64_t buffer_count;
    uint32_t status;
    bool fast_path;      /* the legacy field */
    uint64_t create_pid; /* 1, 1000 */
    uint32_t socket_type;

    /* MODEL_PROCESS_END */
    uint64_t process_key; /* 0: the record has none */
    uint32_t ended_pid;
    bool manifest_end; /* event 2 of Kernel-Process rather than 0302 */
};

/* A trace buffer that says that events were lost (flag 0x2 or 0x4). */
struct model_flagged_buffer {
    uint32_t cpu;
    uint32_t trace_buffer;
};

struct model_span {
    int64_t from, to; /* both included */
};

struct model_input {
    unsigned pointer_size; /* 4 or 8 */
    const struct model_event *events;
    size_t event_count;
    const struct model_flagged_buffer *flagged;
    size_t flagged_count;
    const int64_t *last_dropped; /* non-zero times of header record 0x0052 */
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
};

/* A half-open piece of memory; `last` is its last byte, so that it can reach the top. */
struct model_memory {
    bool known;
    uint64_t first, last;
    bool first_byte_only; /* a chain: what is certain is the one byte */
    uint16_t from_id;     /* the event that showed the address */
};

struct model_operation {
    size_t post; /* index into the events; operations are numbered from 1 in the order of posts */
    bool modern;
    enum model_direction direction;
    bool fast_path;
    enum model_space space;
    bool invalid_address;
    struct model_memory user;     /* address space user */
    struct model_memory inferred; /* second address of a post of a kernel address */
    uint64_t inferred_buffer;
    bool has_inferred;
    size_t continues; /* operation index, MODEL_NONE */
    enum model_end end;
    size_t end_event; /* MODEL_NONE when pending */
    bool ambiguous_pairing;
    unsigned process_life; /* how often its process address had been given up before the post */
    bool aborted;          /* reasons that arose while it was in flight */
    bool end_ambiguous;
    uint16_t aborted_by, end_ambiguous_by; /* ids of the events that gave them, the last ones */
    unsigned matched_by;                   /* 1-4: which rule of matching ended it; 0 if none */
    bool matched_kept;                     /* by a completion that had come before it */
    unsigned conflicts_with_recvs, conflicts_with_sends; /* as the first */
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

enum model_reason {
    MODEL_COMPLETION_NOT_SEEN = 1 << 0,
    MODEL_REASON_ABORTED = 1 << 1,
    MODEL_REASON_END_AMBIGUOUS = 1 << 2,
    MODEL_REASON_CLOSED = 1 << 3,
    MODEL_REASON_SUPERSEDED = 1 << 4,
    MODEL_REASON_RETURNED = 1 << 5,
    MODEL_EVENTS_LOST = 1 << 6,
    MODEL_INFERRED_ADDRESS = 1 << 7,
    MODEL_UNVERIFIED_FIELD = 1 << 8,
    MODEL_SAME_TIME = 1 << 9,
};
#define MODEL_REASON_COUNT 10

struct model_conflict {
    size_t first, second; /* operation indices */
    enum model_rule rule;
    enum model_level severity;
    uint64_t start, length;
    enum model_extent extent;
    bool on_inferred;
    bool unverified;
    unsigned reasons; /* of enum model_reason; 0: confirmed */
    enum model_level level;
    size_t settled_at; /* step: position in time order of the event that settled it */
};

struct model_coverage {
    bool legacy, modern; /* families seen */
    uint64_t posts, completions, matched, orphan_completions, pending;
    uint64_t user_address_operations, user_address_ended;
    uint64_t kernel_address_operations, inferred_address_operations, inferred_address_ended;
    uint64_t recvs, recvs_user_address, sends, sends_user_address;
    uint64_t chained_operations, zero_length_posts, rejected_posts, buffered_ignored;
    uint64_t invalid_addresses, undecodable, max_in_flight, capped_operations, conflicts;
};

/* Conflicts of one cause folded together; `conflicts` ranks them, the first is the one shown. */
struct model_finding {
    size_t *conflicts; /* indices into the conflicts */
    size_t count;
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
    MODEL_NO_USER_COMPLETION = 1 << 2,
    MODEL_CAUSE_EVENTS_LOST = 1 << 3,
    MODEL_CAUSE_END_MISSING = 1 << 4,
};
#define MODEL_CAUSE_COUNT 5

struct model_result {
    size_t *order; /* event indices in time order */
    size_t order_count;
    struct model_operation *operations;
    size_t operation_count;
    size_t *ended; /* operation indices in the order in which they end, pending ones last */
    size_t ended_count;
    struct model_conflict *conflicts; /* in the order in which confidence was settled */
    size_t conflict_count;
    struct model_finding *findings; /* by level, severity, first time */
    size_t finding_count;
    struct model_coverage coverage;
    unsigned causes;            /* of enum model_cause, whatever the verdict */
    enum model_verdict verdict; /* with --fail-on warning; also the exit status */
};

void model_run(const struct model_input *input, struct model_result *result);
void model_result_finish(struct model_result *result);

/* What the page and the reports call them. Static. */
const char *model_rule_name(enum model_rule rule);
const char *model_level_name(enum model_level level);
const char *model_extent_name(enum model_extent extent);
const char *model_end_name(enum model_end end);
const char *model_space_name(enum model_space space); /* NULL for none */
const char *model_verdict_name(enum model_verdict verdict);
const char *model_reason_name(unsigned bit); /* 0 .. MODEL_REASON_COUNT - 1 */
const char *model_cause_name(unsigned bit);
const char *model_api_name(uint16_t post_id);

#endif
