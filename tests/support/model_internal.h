#ifndef TESTS_SUPPORT_MODEL_INTERNAL_H
#define TESTS_SUPPORT_MODEL_INTERNAL_H

/* What the files of the model share; see model.h. */

#include "tests/support/model.h"

#define MODEL_KEYWORD_DATAGRAM UINT64_C(0x1)
#define MODEL_KEYWORD_FASTPATH UINT64_C(0x10)
#define MODEL_KEYWORD_BUFFERED UINT64_C(0x20)
#define MODEL_STATUS_PENDING 0x103u
#define MODEL_STATUS_ERROR 0xC0000000u /* and above */
#define MODEL_PID_UNKNOWN UINT32_MAX
#define MODEL_SOCKET_DATAGRAM 2u
#define MODEL_CAP 8u

struct model_run {
    const struct model_input *input;
    struct model_result *result;
    struct model_span *spans; /* of loss with a position */
    size_t span_count;
    size_t step;  /* position in result->order of the event that is being taken */
    size_t *kept; /* completions that matched nothing, until the time changes */
    size_t kept_count;
    size_t *attempt_ended; /* by event: the operation that this Exit ended by matching 2 */
    size_t *ended_at;      /* by operation: step */
    uint64_t *given_up;    /* process addresses, once for each time that a life ended */
    size_t given_up_count, given_up_capacity;
    size_t conflict_capacity;
};

/* ---- model_event.c: what an event is ---- */
bool model_event_counts(const struct model_event *event);     /* decodable, no copy of AFD's */
bool model_event_is_winsock(const struct model_event *event); /* undecodable ones included */
bool model_event_is_modern(const struct model_event *event);
bool model_event_has_enter_exit(const struct model_event *event);
bool model_event_is_enter(const struct model_event *event);    /* modern, EnterExit 0 */
bool model_event_is_post(const struct model_event *event);     /* rejected ones included */
bool model_event_is_rejected(const struct model_event *event); /* a post that posts nothing */
bool model_event_is_completion(const struct model_event *event);
bool model_event_is_create(const struct model_event *event);
bool model_event_has_error(const struct model_event *event); /* a modern status */
enum model_direction model_event_direction(const struct model_event *event);
bool model_event_on_fast_path(const struct model_event *event);
bool model_event_names_request(const struct model_event *event);

/* ---- model_order.c: section 2 ---- */
void model_order(struct model_run *run);

/* ---- model_memory.c: section 4 ---- */
enum model_space model_memory_space(const struct model_run *run, const struct model_event *event);
bool model_memory_is_invalid(const struct model_run *run, const struct model_event *event);
struct model_memory model_memory_of(const struct model_run *run, uint64_t address, uint32_t length,
                                    bool chained, enum model_space space);
void model_memory_infer(const struct model_run *run, struct model_operation *post);

struct model_overlap {
    bool shares, kernel, on_inferred, unverified;
    uint64_t start, length;
    enum model_extent extent;
};
struct model_overlap model_memory_overlap(const struct model_run *run,
                                          const struct model_operation *first,
                                          const struct model_operation *second);

/* ---- model_match.c: the matching of section 3 ---- */
/* The operation that a completion ends, or MODEL_NONE; `ambiguous`: several ConnectEx or AcceptEx
 * operations took the reason instead. Considers only `only` unless that is MODEL_NONE. */
size_t model_match(struct model_run *run, size_t completion, size_t only, bool *ambiguous);

/* ---- model_conflict.c: section 5 ---- */
void model_conflict_compare(struct model_run *run, size_t post);
void model_conflict_settle(struct model_run *run); /* when the trace has ended */

/* ---- model_loss.c: section 6 ---- */
void model_loss_find(struct model_run *run);
bool model_loss_touches(const struct model_run *run, int64_t from, int64_t to);
bool model_loss_any(const struct model_run *run);

/* ---- model_verdict.c: sections 7 and 8 ---- */
void model_verdict_fold(struct model_run *run);
void model_verdict_cover(struct model_run *run);
void model_verdict_decide(struct model_run *run);

/* ---- model.c ---- */
const struct model_event *model_run_event(const struct model_run *run, size_t event);
const struct model_event *model_run_post(const struct model_run *run, size_t operation);
bool model_run_in_flight(const struct model_run *run, size_t operation);
/* The last process id that 1 or 1000 gave for that process address before the present event. */
bool model_run_create_pid(const struct model_run *run, uint64_t process, uint64_t *pid);
void *model_allocate(size_t count, size_t size); /* zeroed */
void *model_grow(void *old, size_t count, size_t size);

#endif
