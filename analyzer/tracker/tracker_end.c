/* Ends of operations: matching a completion to its operation, and the other ways to end. */

#include <stdlib.h>

#include "analyzer/tracker/tracker_internal.h"
#include "parsers/etl/etl_extended.h"

bool tracker_has_stack(const struct etl_event *event)
{
    struct etl_stack stack;

    return event->has_extended && etl_extended_stack(event, &stack) && stack.frame_count > 0;
}

void tracker_point_stack(struct tracker *tracker, const struct etl_event *event,
                         struct op_point *point)
{
    struct etl_stack stack;

    if (!etl_extended_stack(event, &stack) || stack.frame_count == 0)
        return;
    point->stack = stack_store_get(tracker->stacks, stack.frames, stack.frame_count);
    if (!point->stack)
        tracker->no_memory = true;
}

static void unlink_thread(struct tracker *tracker, struct operation *op)
{
    struct thread *thread;
    struct operation **link;

    thread = thread_table_find(&tracker->threads, op->posted.tid);
    if (!thread)
        return;
    link = &thread->fast_ops;
    while (*link && *link != op)
        link = &(*link)->thread_next;
    if (*link)
        *link = op->thread_next;
    thread_table_settle(&tracker->threads, thread);
}

static void unlink_ex(struct operation *op)
{
    struct endpoint *endpoint = op->endpoint;

    if (op->ex_prev)
        op->ex_prev->ex_next = op->ex_next;
    else
        endpoint->ex[op->direction] = op->ex_next;
    if (op->ex_next)
        op->ex_next->ex_prev = op->ex_prev;
    op->ex_prev = op->ex_next = NULL;
    if (!op->accept_slot)
        return;
    if (op->accept_prev)
        op->accept_prev->accept_next = op->accept_next;
    else
        op->accept_slot->accepts = op->accept_next;
    if (op->accept_next)
        op->accept_next->accept_prev = op->accept_prev;
    op->accept_prev = op->accept_next = NULL;
}

static void leave_sets(struct tracker *tracker, struct operation *op)
{
    const struct op_place *place = op_store_place(&tracker->ops, op->id);
    uint32_t moved = op_set_remove(&op->endpoint->ops, place->in_endpoint);

    if (moved)
        op_store_place(&tracker->ops, moved)->in_endpoint = place->in_endpoint;
    moved = op_set_remove(&op->owner->ops, place->in_process);
    if (moved)
        op_store_place(&tracker->ops, moved)->in_process = place->in_process;
}

/* Takes an operation out of everything that finds operations in flight. */
void tracker_unlink(struct tracker *tracker, struct operation *op)
{
    if (op->family == AFD_FAMILY_MODERN && op->fast_path)
        unlink_thread(tracker, op);
    match_table_remove(&tracker->matches, op);
    if (op->has_memory)
        interval_remove(&op->memory);
    leave_sets(tracker, op);
    if (op->ex)
        unlink_ex(op);
    tracker->in_flight--;
}

static uint32_t endpoint_reasons(const struct operation *op)
{
    const struct endpoint *endpoint = op->endpoint;
    uint32_t reasons = 0;

    if (endpoint->aborted != op->aborted_at_post)
        reasons |= REASON_BIT(REASON_ABORTED);
    if (endpoint->ambiguous[op->direction] != op->ambiguous_at_post)
        reasons |= REASON_BIT(REASON_END_AMBIGUOUS);
    if (op->ex && endpoint->ex_ambiguous[op->direction] != op->ex_ambiguous_at_post)
        reasons |= REASON_BIT(REASON_END_AMBIGUOUS);
    return reasons;
}

static void count_end(struct coverage *coverage, const struct operation *op)
{
    if (op->end == OP_PENDING)
        coverage->pending++;
    if (!op_end_is_traced(op))
        return;
    if (op->space == OP_SPACE_USER)
        coverage->user_address_ended++;
    if (op->has_inferred)
        coverage->inferred_address_ended++;
}

static void finish_op(struct tracker *tracker, struct operation *op, enum op_end end)
{
    op->end = (uint8_t)end;
    op->reasons = endpoint_reasons(op);
    tracker_unlink(tracker, op);
    count_end(&tracker->coverage, op);
    /* The room was made when the operation was posted. */
    op_list_add(&tracker->ended, op);
}

void tracker_end(struct tracker *tracker, struct operation *op, enum op_end end,
                 const struct etl_event *event)
{
    if (event)
        tracker_point(tracker, event, &op->ended);
    finish_op(tracker, op, end);
}

void tracker_end_by(struct tracker *tracker, struct operation *op,
                    const struct completion *completion)
{
    op->ended = completion->point;
    tracker->coverage.matched++;
    finish_op(tracker, op, completion->failed ? OP_FAILED : OP_COMPLETED);
}

/* Those that end together may be many, and what has to be touched of them is in no cache. The last
 * one is the next to end. */
static void prefetch_ends(struct tracker *tracker, const struct op_set *set)
{
    enum { SOON = 3, LATER = 7 }; /* ends before it */
    const struct operation *op;

    if (set->count > LATER) {
        const uint32_t id = set->ids[set->count - 1 - LATER];

        prefetch_item(op_store_at(&tracker->ops, id), OP_RARE_AT);
        prefetch_item(op_store_place(&tracker->ops, id), 1);
    }
    if (set->count > SOON) {
        op = op_store_at(&tracker->ops, set->ids[set->count - 1 - SOON]);
        id_table_prefetch(&tracker->matches.matches, op->match_hash);
        if (op->has_request)
            id_table_prefetch(&tracker->matches.requests, op->request_hash);
        if (op->has_memory)
            interval_prefetch(&op->memory);
        if (op->has_twin)
            prefetch_item(&op->match_older, 2 * sizeof(op->match_older));
    }
}

void tracker_close_endpoint(struct tracker *tracker, struct endpoint *endpoint, bool accepts,
                            const struct etl_event *event)
{
    while (endpoint->ops.count > 0) {
        prefetch_ends(tracker, &endpoint->ops);
        tracker_end(tracker, tracker_any_of(tracker, &endpoint->ops), OP_CLOSED, event);
    }
    while (accepts && endpoint->accepts)
        tracker_end(tracker, endpoint->accepts, OP_CLOSED, event);
}

void tracker_close_process(struct tracker *tracker, struct process *process,
                           const struct etl_event *event)
{
    while (process->ops.count > 0) {
        prefetch_ends(tracker, &process->ops);
        tracker_end(tracker, tracker_any_of(tracker, &process->ops), OP_CLOSED, event);
    }
}

/* Where and how the completion at hand ends an operation. */
static void point_of_end(struct tracker *tracker, const struct tracker_event *at,
                         struct op_point *point)
{
    const struct afd_event *afd = at->afd;

    tracker_point(tracker, at->event, point);
    tracker->coverage.stacks += point->stack != NULL;
    point->has_bytes = at->keys->action.shows_address;
    point->bytes = point->has_bytes ? afd->buffer_length : 0;
    point->has_status = afd->has & AFD_HAS(AFD_ROLE_STATUS);
    point->status = afd->status;
}

/* The thread's fast-path operation that an Exit on the fast path ends. */
static struct operation *match_thread(struct tracker *tracker, const struct tracker_event *at)
{
    struct thread *thread = thread_table_find(&tracker->threads, at->event->tid);
    struct operation *op = thread ? thread->fast_ops : NULL;

    while (op && (op->process != at->afd->process || op->endpoint != at->endpoint ||
                  op->direction != at->behavior->direction))
        op = op->thread_next;
    return op;
}

/* A fast-path attempt has failed: the thread's next post may be its second try. */
static void note_attempt(struct tracker *tracker, const struct operation *op)
{
    struct thread *thread;

    if (op->space != OP_SPACE_USER)
        return;
    thread = thread_table_get(&tracker->threads, op->posted.tid);
    if (!thread) {
        tracker->no_memory = true;
        return;
    }
    thread->attempt = (struct thread_attempt){.valid = true,
                                              .chained = op->chained,
                                              .ex = op->ex,
                                              .direction = op->direction,
                                              .length = op->length,
                                              .process = op->process,
                                              .endpoint = op->endpoint_address,
                                              .buffer = op->buffer,
                                              .op = op->number};
}

/* ConnectEx's and AcceptEx's ends carry no address: only one operation can be meant. */
static bool match_ex(const struct tracker_event *at, struct operation **op)
{
    unsigned direction = at->behavior->direction;
    struct operation *first = at->endpoint->ex[direction];

    if (first && first->ex_next) {
        at->endpoint->ex_ambiguous[direction]++;
        return false;
    }
    *op = first;
    return true;
}

/* Whether an operation that was found ahead of time is in flight, what the completion names, and
 * the only one that it can mean. Which of the two it is named by is random to the processor: no
 * branch. */
static bool is_alone(const struct operation *op, const struct tracker_event *at)
{
    const struct afd_event *afd = at->afd;
    bool has_request = at->keys->action.names_request, shown = at->keys->action.shows_address,
         fast = at->keys->action.fast_path;
    bool by_request, by_address;

    if (!op || op->end != OP_IN_FLIGHT || op->endpoint != at->endpoint)
        return false;
    by_request = op->has_request & guid_equal(&op->activity, &at->event->activity);
    by_address = shown & !fast & !op->has_twin & (op->buffer == afd->buffer) &
                 (op->process == afd->process) & (op->direction == at->behavior->direction) &
                 (op->family == afd->layout->family);
    return (has_request & by_request) | (!has_request & by_address);
}

/* By the tables; *by_thread tells that only the thread gave it away. */
static struct operation *search(struct tracker *tracker, const struct tracker_event *at,
                                bool *by_thread)
{
    const struct afd_event *afd = at->afd;
    struct operation *op = NULL;
    bool several = false;

    if (at->keys->action.names_request)
        op = match_table_request(&tracker->matches, afd->endpoint, &at->event->activity,
                                 at->keys->request_hash);
    if (!op && at->keys->action.fast_path) {
        op = match_thread(tracker, at);
        *by_thread = op != NULL;
    }
    if (!op && at->keys->action.shows_address) {
        struct match_key key = {afd->process, afd->endpoint, afd->buffer,
                                (uint64_t)afd->layout->family << 1 | at->behavior->direction};

        op = match_table_newest(&tracker->matches, &key, at->keys->match_hash, &several);
        if (op && several)
            op->ambiguous_pairing = true;
    }
    return op;
}

/* Nothing in flight fits. */
static void keep(struct tracker *tracker, const struct tracker_event *at)
{
    const struct afd_event *afd = at->afd;
    struct completion completion = {.process = afd->process,
                                    .endpoint = afd->endpoint,
                                    .buffer = afd->buffer,
                                    .activity = at->event->activity,
                                    .tid = at->event->tid,
                                    .family = afd->layout->family,
                                    .direction = at->behavior->direction,
                                    .has_request = at->keys->action.names_request,
                                    .fast_path = at->keys->action.fast_path,
                                    .has_buffer = at->keys->action.shows_address,
                                    .failed = at->keys->action.failed};

    point_of_end(tracker, at, &completion.point);
    if (!kept_add(&tracker->kept, &completion))
        tracker->no_memory = true;
}

static void end_op(struct tracker *tracker, const struct tracker_event *at, struct operation *op)
{
    if (afd_has_address(at->afd) && op->datagram) {
        op->has_rare = true;
        op->peer = at->afd->address;
    }
    point_of_end(tracker, at, &op->ended);
    tracker->coverage.matched++;
    finish_op(tracker, op, at->keys->action.failed ? OP_FAILED : OP_COMPLETED);
}

void tracker_complete(struct tracker *tracker, const struct tracker_event *at)
{
    struct operation *op = at->keys->op;
    bool by_thread = false;

    tracker->coverage.completions++;
    if (!is_alone(op, at)) {
        op = search(tracker, at, &by_thread);
        if (!op && !at->keys->action.shows_address && !match_ex(at, &op)) {
            tracker->coverage.stacks += tracker_has_stack(at->event);
            return; /* nothing ends, and the completion is no orphan either */
        }
    }
    if (!op) {
        keep(tracker, at);
        return;
    }
    if (by_thread && at->keys->action.failed)
        note_attempt(tracker, op);
    end_op(tracker, at, op);
}
