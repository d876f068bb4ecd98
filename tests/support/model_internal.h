/* SPDX-License-Identifier: Apache-2.0 */

#ifndef TESTS_SUPPORT_MODEL_INTERNAL_H
#define TESTS_SUPPORT_MODEL_INTERNAL_H

/* Shared by the files of the model; see model.h. */

#include "tests/support/model.h"

#define MODEL_KEYWORD_DATAGRAM UINT64_C(0x1)
#define MODEL_KEYWORD_FASTPATH UINT64_C(0x10)
#define MODEL_KEYWORD_BUFFERED UINT64_C(0x20)
#define MODEL_STATUS_PENDING 0x103u
#define MODEL_STATUS_ERROR 0xC0000000u /* and above */
#define MODEL_PID_UNKNOWN UINT32_MAX
#define MODEL_SOCKET_DATAGRAM 2u
#define MODEL_CAP 8u
#define MODEL_CLOSING_SECONDS 60

/* A receive that shows that not every call of its process begins with an attempt. */
struct model_witness {
    size_t step;
    uint64_t process;
    unsigned life;
};

struct model_run {
    const struct model_input *input;
    struct model_result *result;
    int64_t *order_time;      /* by event: its time, never less than its processor's time before */
    struct model_span *spans; /* of loss with a position */
    size_t span_count;
    size_t step;  /* position in result->order of the event that is being taken */
    size_t *kept; /* completions that matched nothing, until the time changes */
    size_t kept_count;
    uint64_t ambiguous_completions; /* completions that fitted several, and ended none */
    uint64_t *given_up;             /* process addresses, once for each life that ended */
    size_t given_up_count, given_up_capacity;
    struct model_witness *witnesses;
    size_t witness_count, witness_capacity;
    size_t conflict_capacity;
};

/* ---- model_event.c: what an event is ---- */
bool model_event_counts(const struct model_event *event);     /* decodable, no copy of AFD's */
bool model_event_is_winsock(const struct model_event *event); /* undecodable ones included */
bool model_event_is_modern(const struct model_event *event);
bool model_event_is_own(const struct model_event *event);      /* one of its thread's own events */
bool model_event_is_enter(const struct model_event *event);    /* modern, own, EnterExit 0 */
bool model_event_is_post(const struct model_event *event);     /* rejected ones included */
bool model_event_is_rejected(const struct model_event *event); /* a post that posts nothing */
bool model_event_is_completion(const struct model_event *event);
bool model_event_is_pending_exit(const struct model_event *event); /* an Exit with 0x103 */
bool model_event_is_create(const struct model_event *event);
bool model_event_has_error(const struct model_event *event); /* a modern status */
bool model_event_is_ex(const struct model_event *event);     /* 1021 or 1027 */
enum model_direction model_event_direction(const struct model_event *event);
bool model_event_on_fast_path(const struct model_event *event);
bool model_event_names_request(const struct model_event *event);
bool model_event_same_request(const struct model_event *a, const struct model_event *b);

/* ---- model_order.c: section 2 ---- */
void model_order(struct model_run *run);

/* ---- model_memory.c: section 4 ---- */
enum model_space model_memory_space(const struct model_run *run, const struct model_event *event);
bool model_memory_is_invalid(const struct model_run *run, const struct model_event *event);
bool model_memory_is_user_frame(const struct model_run *run, uint64_t frame);
struct model_memory model_memory_of(const struct model_run *run, const struct model_event *event);

struct model_overlap {
    bool shares, kernel, unverified;
    uint64_t start, length;
    enum model_extent extent;
};
struct model_overlap model_memory_overlap(const struct model_run *run,
                                          const struct model_operation *first,
                                          const struct model_operation *second);

/* ---- model_call.c: one call, one operation ---- */
bool model_call_is_attempt(const struct model_run *run, const struct model_event *post);
/* The last of the thread's own events before the present one, or MODEL_NONE. */
size_t model_call_last_own_event(const struct model_run *run, uint32_t tid);
/* The attempt that the present event continues. `operation` is MODEL_NONE where that attempt was
 * rejected; `enter` is the attempt's Enter. False: the event continues nothing. */
bool model_call_continues(struct model_run *run, size_t event, size_t *operation, size_t *enter);
void model_call_suspend(struct model_run *run, size_t operation, size_t exit, size_t over);
void model_call_give_up(struct model_run *run, size_t operation, const char *why);
void model_call_continue(struct model_run *run, size_t operation, size_t event);
/* Whether the present Enter may be AFD's inner copy of that operation's send. */
bool model_call_may_be_copy_of(const struct model_run *run, size_t operation,
                               const struct model_event *event);

/* ---- model_match.c: which completion ends which operation ---- */
struct model_hit {
    size_t operation; /* MODEL_NONE */
    unsigned rule;    /* 1-4 */
    bool ambiguous;   /* matching 4 fitted several and ended none */
    bool pairing;     /* matching 3 took the newest of several */
};
struct model_hit model_match(const struct model_run *run, size_t completion);
struct model_hit model_match_alone(const struct model_run *run, size_t completion,
                                   size_t operation);
/* The attempt that an Exit with 0x103 belongs to, or MODEL_NONE. */
size_t model_match_pending_exit(const struct model_run *run, size_t exit);
bool model_match_fits_by_kind(const struct model_event *post, const struct model_event *end);

/* ---- model_effect.c: the table of effects ---- */
void model_effect_close(struct model_run *run, const struct model_event *event);
void model_effect_create(struct model_run *run, const struct model_event *event);
void model_effect_process_end(struct model_run *run, const struct model_event *event);
void model_effect_abort(struct model_run *run, const struct model_event *event);
void model_effect_failure(struct model_run *run, const struct model_event *event);
void model_effect_orphan(struct model_run *run, const struct model_event *completion);
void model_effect_ambiguous_ex(struct model_run *run, const struct model_event *completion);
void model_effect_return(struct model_run *run, const struct model_event *event, size_t continued);
void model_effect_imply(struct model_run *run, const struct model_event *event);
void model_effect_supersede_request(struct model_run *run, const struct model_event *event,
                                    size_t poster);
void model_effect_supersede_address(struct model_run *run, const struct model_event *event,
                                    size_t poster);
void model_effect_pass_time(struct model_run *run); /* suspensions and closings that time ends */
void model_effect_leave_closing(struct model_run *run, size_t operation, const char *why);
unsigned model_effect_life(const struct model_run *run, uint64_t process);

/* ---- model_conflict.c, model_harm.c: section 5 ---- */
void model_conflict_compare(struct model_run *run, size_t post);
void model_conflict_settle(struct model_run *run); /* when the trace has ended */
bool model_conflict_is_datagram(const struct model_run *run, const struct model_event *post);
void model_harm_find(const struct model_run *run, struct model_conflict *conflict);

/* ---- model_loss.c: section 6 ---- */
void model_loss_find(struct model_run *run);
bool model_loss_touches(const struct model_run *run, int64_t from, int64_t to);
bool model_loss_any(const struct model_run *run);

/* ---- model_verdict.c, model_fold.c: sections 7 and 8 ---- */
void model_verdict_cover(struct model_run *run);
void model_verdict_decide(struct model_run *run);
void model_fold(struct model_run *run);

/* ---- model.c ---- */
const struct model_event *model_run_event(const struct model_run *run, size_t event);
const struct model_event *model_run_post(const struct model_run *run, size_t operation);
size_t model_run_now(const struct model_run *run);                       /* the present event */
int64_t model_run_seconds(const struct model_run *run, int64_t seconds); /* in ticks */

/* Whether more than so many seconds lie between two points in time, of which `to` is not earlier.
 */
bool model_run_is_longer(const struct model_run *run, int64_t from, int64_t to, uint64_t seconds);

bool model_run_in_flight(const struct model_run *run, size_t operation); /* neither suspended */
void model_run_end(struct model_run *run, size_t operation, enum model_end how, size_t event,
                   size_t step);
void *model_allocate(size_t count, size_t size); /* zeroed */
void *model_grow(void *old, size_t count, size_t size);

#endif
