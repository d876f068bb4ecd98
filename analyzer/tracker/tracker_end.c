/* Ends of operations: matching a completion to its operation, and the other ways to end. */

#include <stdlib.h>

#include "analyzer/tracker/tracker_internal.h"
#include "parsers/etl_extended.h"
#include "parsers/load.h"
#include "parsers/ntstatus.h"

void tracker_point(struct tracker *tracker, const struct etl_event *event, struct op_point *point)
{
    struct etl_stack stack;

    *point = (struct op_point){.ticks = event->ticks,
                               .order = event->order,
                               .offset = event->offset,
                               .file = event->file,
                               .pid = event->pid,
                               .tid = event->tid,
                               .cpu = event->cpu,
                               .event_id = event->hook_id ? event->hook_id : event->id};
    if (!event->extended || !etl_extended_stack(event, &stack) || stack.frame_count == 0)
        return;
    point->stack = stack_store_get(tracker->stacks, stack.frames, stack.frame_count);
    if (!point->stack)
        tracker->no_memory = true;
}

bool tracker_names_request(const struct etl_event *event, const struct afd_event *afd)
{
    uint64_t low = load_u64(event->activity.bytes), high = load_u64(event->activity.bytes + 8);

    if (event->keyword & AFD_KEYWORD_FASTPATH)
        return false;
    return high != 0 || (low != 0 && low != afd->endpoint);
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
    if (op->post_id == ID_CONNECTEX || op->post_id == ID_ACCEPTEX)
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
    if ((op->post_id == ID_CONNECTEX || op->post_id == ID_ACCEPTEX) &&
        endpoint->ex_ambiguous[op->direction] != op->ex_ambiguous_at_post)
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

void tracker_close_endpoint(struct tracker *tracker, struct endpoint *endpoint, bool accepts,
                            const struct etl_event *event)
{
    while (endpoint->ops.count > 0)
        tracker_end(tracker, tracker_any_of(tracker, &endpoint->ops), OP_CLOSED, event);
    while (accepts && endpoint->accepts)
        tracker_end(tracker, endpoint->accepts, OP_CLOSED, event);
}

void tracker_close_process(struct tracker *tracker, struct process *process,
                           const struct etl_event *event)
{
    while (process->ops.count > 0)
        tracker_end(tracker, tracker_any_of(tracker, &process->ops), OP_CLOSED, event);
}

static void fill_completion(struct tracker *tracker, const struct tracker_event *at,
                            struct completion *completion)
{
    const struct etl_event *event = at->event;
    const struct afd_event *afd = at->afd;

    *completion = (struct completion){
        .process = afd->process,
        .endpoint = afd->endpoint,
        .buffer = afd->buffer,
        .activity = event->activity,
        .tid = event->tid,
        .family = afd->layout->family,
        .direction = at->meaning->direction,
        .has_request = at->keys->has_request,
        .fast_path = at->modern && (event->keyword & AFD_KEYWORD_FASTPATH),
        .has_buffer = at->meaning->act != AFD_ACT_EX_DONE,
        .failed = at->modern && afd->status >= NTSTATUS_ERROR_MIN,
    };
    tracker_point(tracker, event, &completion->point);
    tracker->coverage.stacks += completion->point.stack != NULL;
    if (completion->has_buffer) {
        completion->point.bytes = afd->buffer_length;
        completion->point.has_bytes = true;
    }
    if (afd->has & AFD_HAS(AFD_ROLE_STATUS)) {
        completion->point.status = afd->status;
        completion->point.has_status = true;
    }
}

/* The thread's fast-path operation that an Exit on the fast path ends. */
static struct operation *match_thread(struct tracker *tracker, const struct completion *completion)
{
    struct thread *thread = thread_table_find(&tracker->threads, completion->tid);
    struct operation *op = thread ? thread->fast_ops : NULL;

    while (op &&
           (op->process != completion->process || op->endpoint_address != completion->endpoint ||
            op->direction != completion->direction))
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
    thread->attempt =
        (struct thread_attempt){.valid = true,
                                .chained = op->chained,
                                .ex = op->post_id == ID_CONNECTEX || op->post_id == ID_ACCEPTEX,
                                .direction = op->direction,
                                .length = op->length,
                                .process = op->process,
                                .endpoint = op->endpoint_address,
                                .buffer = op->buffer,
                                .op = op->number};
}

/* ConnectEx's and AcceptEx's ends carry no address: only one operation can be meant. */
static bool match_ex(struct tracker *tracker, const struct completion *completion,
                     struct operation **op)
{
    struct endpoint *endpoint = endpoint_table_get(&tracker->endpoints, completion->endpoint);
    struct operation *first = endpoint ? endpoint->ex[completion->direction] : NULL;

    if (!endpoint)
        tracker->no_memory = true;
    if (first && first->ex_next) {
        endpoint->ex_ambiguous[completion->direction]++;
        return false;
    }
    *op = first;
    return true;
}

/* Whether an operation that was found ahead of time is in flight, what the completion names, and
 * the only one that it can mean. */
static bool is_alone(const struct operation *op, const struct completion *completion)
{
    if (!op || op->end != OP_IN_FLIGHT || op->endpoint_address != completion->endpoint)
        return false;
    if (completion->has_request)
        return op->has_request && guid_equal(&op->activity, &completion->activity);
    return !completion->fast_path && !op->has_twin && op->buffer == completion->buffer &&
           op->process == completion->process && op->direction == completion->direction &&
           op->family == completion->family;
}

/* False: nothing ends, and the completion is no orphan either. */
static bool match(struct tracker *tracker, const struct completion *completion,
                  const struct tracker_hint *keys, struct operation **matched, bool *by_thread)
{
    struct operation *op = NULL;
    bool several = false;

    *by_thread = false;
    if (is_alone(keys->op, completion)) {
        *matched = keys->op;
        return true;
    }
    if (completion->has_request)
        op = match_table_request(&tracker->matches, completion->endpoint, &completion->activity,
                                 keys->request_hash);
    if (!op && completion->fast_path) {
        op = match_thread(tracker, completion);
        *by_thread = op != NULL;
    }
    if (!op && completion->has_buffer) {
        struct match_key key = {completion->process, completion->endpoint, completion->buffer,
                                (uint64_t)completion->family << 1 | completion->direction};

        op = match_table_newest(&tracker->matches, &key, keys->match_hash, &several);
        if (op && several)
            op->ambiguous_pairing = true;
    }
    *matched = op;
    return op || completion->has_buffer || match_ex(tracker, completion, matched);
}

void tracker_complete(struct tracker *tracker, const struct tracker_event *at)
{
    struct completion completion;
    struct operation *op;
    bool by_thread;

    tracker->coverage.completions++;
    fill_completion(tracker, at, &completion);
    if (!match(tracker, &completion, at->keys, &op, &by_thread)) {
        stack_release(completion.point.stack);
        return;
    }
    if (!op) {
        if (!kept_add(&tracker->kept, &completion))
            tracker->no_memory = true;
        return;
    }
    if (at->afd->address.family && op->datagram) {
        op->has_rare = true;
        op->peer = at->afd->address;
    }
    if (by_thread && completion.failed)
        note_attempt(tracker, op);
    tracker_end_by(tracker, op, &completion);
}
