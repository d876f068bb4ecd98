/* Ends: completions, and every other way in which an operation ends (docs/semantics.md, 3). */

#include <stdlib.h>

#include "analyzer/tracker/tracker_internal.h"

/* ---- lists and queues ---- */

bool op_list_add(struct op_list *list, struct tracked_op *op)
{
    if (list->count == list->room) {
        size_t room = list->room != 0 ? list->room * 2 : 64;
        struct tracked_op **items = realloc(list->items, room * sizeof *items);

        if (items == NULL) {
            return false;
        }
        list->items = items;
        list->room = room;
    }
    list->items[list->count++] = op;
    return true;
}

static int by_post(const void *a, const void *b)
{
    const struct tracked_op *x = *(struct tracked_op *const *)a;
    const struct tracked_op *y = *(struct tracked_op *const *)b;

    return (x->op.number > y->op.number) - (x->op.number < y->op.number);
}

void op_list_sort(struct op_list *list, size_t from)
{
    if (list->count - from > 1) {
        qsort(list->items + from, list->count - from, sizeof(struct tracked_op *), by_post);
    }
}

void op_list_finish(struct op_list *list)
{
    free(list->items);
    *list = (struct op_list){NULL, 0, 0};
}

bool tracker_pick(struct tracker *tracker, const struct op_set *set)
{
    tracker->picked.count = 0;
    for (uint32_t i = 0; i < set->count; i++) {
        if (!op_list_add(&tracker->picked, op_store_at(&tracker->ops, set->ids[i]))) {
            tracker->no_memory = true;
            return false;
        }
    }
    op_list_sort(&tracker->picked, 0);
    return true;
}

void op_queue_push(struct tracker *tracker, struct op_queue *queue, struct tracked_op *op)
{
    struct tracked_ending *ending = op_ending(op);

    ending->queue_prev = queue->last;
    ending->queue_next = 0;
    if (queue->last != 0) {
        op_ending(op_store_at(&tracker->ops, queue->last))->queue_next = op_id(op);
    } else {
        queue->first = op_id(op);
    }
    queue->last = op_id(op);
    queue->count++;
}

void op_queue_remove(struct tracker *tracker, struct op_queue *queue, struct tracked_op *op)
{
    const struct tracked_ending *ending = op_ending(op);

    if (ending->queue_prev != 0) {
        op_ending(op_store_at(&tracker->ops, ending->queue_prev))->queue_next = ending->queue_next;
    } else {
        queue->first = ending->queue_next;
    }
    if (ending->queue_next != 0) {
        op_ending(op_store_at(&tracker->ops, ending->queue_next))->queue_prev = ending->queue_prev;
    } else {
        queue->last = ending->queue_prev;
    }
    queue->count--;
}

/* ---- leaving ---- */

static void unlink_ex(struct tracker *tracker, struct tracked_op *op)
{
    const struct tracked_details *details = op_details(op);
    const struct op_store *ops = &tracker->ops;
    struct endpoint_ex *ex = &op->endpoint->ex[op->op.direction];

    if (op->state == OP_CLOSING) {
        ex = &op->endpoint->ex_closing[op->op.direction];
    }
    if (details->ex_prev != 0) {
        op_details(op_store_at(ops, details->ex_prev))->ex_next = details->ex_next;
    } else {
        ex->first = details->ex_next;
    }
    if (details->ex_next != 0) {
        op_details(op_store_at(ops, details->ex_next))->ex_prev = details->ex_prev;
    }
}

void tracker_unlink_accept(struct tracker *tracker, struct tracked_op *op)
{
    struct tracked_details *details = op_details(op);
    const struct op_store *ops = &tracker->ops;

    if (details->accepts == NULL) {
        return;
    }
    if (details->accept_prev != 0) {
        op_details(op_store_at(ops, details->accept_prev))->accept_next = details->accept_next;
    } else {
        details->accepts->accepts = details->accept_next;
    }
    if (details->accept_next != 0) {
        op_details(op_store_at(ops, details->accept_next))->accept_prev = details->accept_prev;
    }
    details->accept_prev = details->accept_next = 0;
    details->accepts = NULL;
}

static struct process *process_entry(const struct tracked_op *op)
{
    return op->op.process->process;
}

/* Takes an operation out of everything but `matching` that finds it. */
static void leave_sets(struct tracker *tracker, struct tracked_op *op)
{
    struct process *process = process_entry(op);

    op_memory_remove(op);
    if (op->state == OP_CLOSING) {
        op_set_remove(&op->endpoint->closing, SET_OF_ENDPOINT, &tracker->ops, op);
        op_set_remove(&process->closing, SET_OF_PROCESS, &tracker->ops, op);
    } else {
        op_set_remove(&op->endpoint->flying, SET_OF_ENDPOINT, &tracker->ops, op);
        op_set_remove(&process->flying, SET_OF_PROCESS, &tracker->ops, op);
        tracker->in_flight--;
    }
    if (op->ex) {
        unlink_ex(tracker, op);
        tracker_unlink_accept(tracker, op);
    }
}

void tracker_abandon(struct tracker *tracker, struct tracked_op *op)
{
    leave_sets(tracker, op);
    op->state = OP_ENDED;
    tracker->no_memory = true;
}

/* ---- what every end does ---- */

uint32_t tracker_endpoint_reasons(const struct tracked_op *op)
{
    const struct endpoint *endpoint = op->endpoint;
    uint32_t reasons = op->reasons;

    if (endpoint->aborted != op->aborted_at_post) {
        reasons |= REASON_BIT(REASON_ABORTED);
    }
    if (endpoint->ambiguous[op->op.family][op->op.direction] != op->ambiguous_at_post) {
        reasons |= REASON_BIT(REASON_END_AMBIGUOUS);
    }
    if (op->ex &&
        endpoint->ex[op->op.direction].ambiguous != op_details(op)->ex_ambiguous_at_post) {
        reasons |= REASON_BIT(REASON_END_AMBIGUOUS);
    }
    return reasons;
}

/* Whether such an end was due and, in this direction, may never be traced. */
static bool misses_end(const struct tracked_op *op)
{
    return op->op.end == OP_RETURNED || op->op.end == OP_SUPERSEDED ||
           (op->reasons & REASON_BIT(REASON_END_AMBIGUOUS)) != 0;
}

static void count_end(struct tracker *tracker, const struct tracked_op *op)
{
    struct coverage *coverage = &tracker->coverage;
    const unsigned direction = op->op.direction;
    const bool datagram_send = op->op.datagram && direction == AFD_SEND;

    coverage->pending += op->op.end == OP_PENDING;
    if (!op_has_user_memory(op)) {
        return;
    }
    if (op_end_is_traced(&op->op)) {
        coverage->user_address_ended++;
        coverage->end_traced[direction] = true;
    } else if (misses_end(op) && !datagram_send) {
        coverage->end_due[direction] = true;
    }
    if (op->by_user_address) {
        tracker->ends_traced[op->op.family][direction][op->op.fast_path] = true;
    }
}

void tracker_finish_op(struct tracker *tracker, struct tracked_op *op, enum op_end end)
{
    if (op->state != OP_CLOSING) { /* a closing operation's reasons are those of its close */
        op->reasons = (uint16_t)tracker_endpoint_reasons(op);
    }
    leave_sets(tracker, op);
    op->state = OP_ENDED;
    op->op.end = (uint8_t)end;
    if (op->op.ended != NULL) {
        op_ending(op)->known_event = tracker->event;
    }
    count_end(tracker, op);
    if (!op_list_add(&tracker->ended, op)) {
        tracker->no_memory = true;
    }
}

void tracker_end(struct tracker *tracker, struct tracked_op *op, enum op_end end,
                 const struct etl_event *event)
{
    struct tracked_ending *ending = NULL;

    matching_remove(&tracker->matching, op);
    if (event != NULL) {
        ending = op_store_ending(&tracker->ops, op);
        if (ending == NULL) {
            tracker_abandon(tracker, op);
            return;
        }
        tracker_point(tracker, event, &ending->ending.at);
        ending->ending.event = tracker->event;
        ending->unsure = op->op.process->unsure;
    }
    tracker_finish_op(tracker, op, end);
}

/* ---- completions ---- */

static struct match_end end_shown_by(const struct tracker_event *at)
{
    return (struct match_end){.process = at->afd->process,
                              .endpoint = at->afd->endpoint,
                              .buffer = at->afd->buffer,
                              .activity = at->event->activity,
                              .tid = at->event->tid,
                              .family = at->afd->layout->family,
                              .direction = at->action->direction,
                              .names_request = at->action->names_request,
                              .fast_path = at->modern && at->action->fast_path,
                              .shows_address = at->action->shows_address};
}

static void fill_ending(struct tracker *tracker, const struct tracker_event *at,
                        struct op_ending *ending)
{
    const uint32_t has = at->afd->has;

    tracker_point(tracker, at->event, &ending->at);
    ending->event = tracker->event;
    ending->bytes = at->afd->buffer_length;
    ending->status = at->afd->status;
    ending->has_bytes = has & AFD_HAS(AFD_ROLE_BUFFER_LENGTH);
    ending->has_status = at->modern && (has & AFD_HAS(AFD_ROLE_STATUS));
    tracker->coverage.stacks += ending->at.stack != NULL;
}

/* MATCH_SOCKET: the only ConnectEx or AcceptEx operation of the endpoint. True: nothing ends by
 * this completion, and it is no orphan either, because several might be meant. */
static bool match_socket(struct tracker *tracker, struct endpoint *endpoint, unsigned direction,
                         bool closing, struct match *match)
{
    struct endpoint_ex *ex = closing ? &endpoint->ex_closing[direction] : &endpoint->ex[direction];
    struct tracked_op *op;

    if (ex->first == 0) {
        return false;
    }
    op = op_store_at(&tracker->ops, ex->first);
    if (op_details(op)->ex_next == 0) {
        *match = (struct match){op, MATCH_SOCKET, false};
        return false;
    }
    endpoint->ex[direction].ambiguous++;
    return true;
}

static bool find_match(struct tracker *tracker, struct tracker_event *at,
                       const struct match_end *end, struct match *match)
{
    *match = matching_find(&tracker->matching, end);
    if (match->op == NULL && !end->shows_address &&
        match_socket(tracker, at->endpoint, end->direction, false, match)) {
        return false;
    }
    if (match->op == NULL) {
        *match = matching_find_closing(&tracker->matching, end);
    }
    return match->op != NULL || end->shows_address ||
           !match_socket(tracker, at->endpoint, end->direction, true, match);
}

/* Makes the ending of an operation that is suspended or completed; one that is closing has the
 * ending of its close. NULL: no memory, and the operation is in nothing any more. */
static struct tracked_ending *begin_ending(struct tracker *tracker, struct tracked_op *op)
{
    struct tracked_ending *ending = op_store_ending(&tracker->ops, op);

    matching_remove(&tracker->matching, op);
    if (ending == NULL) {
        tracker_abandon(tracker, op);
        return NULL;
    }
    if (op->state == OP_CLOSING) {
        op_queue_remove(tracker, &tracker->closing, op);
        stack_release(ending->ending.at.stack);
        conflicts_confirm(tracker, op);
    }
    ending->unsure = op->op.process->unsure;
    return ending;
}

/* Ends an operation by a completion, once its ending is filled. */
static void complete_op(struct tracker *tracker, struct tracked_op *op, enum match_rule rule,
                        bool failed)
{
    op->by_user_address = op_has_user_memory(op) && !op->op.address_from_attempt &&
                          (rule == MATCH_ADDRESS || rule == MATCH_REQUEST);
    tracker->coverage.matched++;
    tracker_finish_op(tracker, op, failed ? OP_FAILED : OP_COMPLETED);
}

static void learn_peer(struct tracker *tracker, const struct tracker_event *at,
                       struct tracked_op *op)
{
    struct tracked_details *details;

    if (!op->op.datagram || !afd_has_address(at->afd)) {
        return;
    }
    details = op_store_details(&tracker->ops, op);
    if (details == NULL) {
        tracker->no_memory = true;
        return;
    }
    details->details.peer = at->afd->address;
}

static void keep_early(struct tracker *tracker, const struct tracker_event *at,
                       const struct match_end *end)
{
    struct early_end early = {.end = *end, .endpoint = at->endpoint, .failed = at->action->failed};

    fill_ending(tracker, at, &early.ending);
    if (!early_ends_keep(&tracker->early, &early)) {
        tracker->no_memory = true;
    }
}

/* Whether the end says of an attempt that the fast path did not do it: then the call may go on. */
static bool is_over(const struct tracker_event *at, const struct match *match)
{
    return match->rule == MATCH_THREAD && match->op->is_attempt && match->op->state == OP_FLYING &&
           (at->action->failed || at->action->act == AFD_ACT_PENDING);
}

/* The end ends or suspends an operation. */
static void take_end(struct tracker *tracker, struct tracker_event *at, const struct match *match)
{
    struct tracked_op *op = match->op;
    bool over = is_over(at, match);
    struct tracked_ending *ending = begin_ending(tracker, op);

    if (ending == NULL) {
        return;
    }
    fill_ending(tracker, at, &ending->ending);
    if (over) {
        calls_suspend(tracker, op, at->thread, tracker->last_number);
        return;
    }
    tracker->coverage.completions++;
    op->op.ambiguous_pairing |= match->several;
    learn_peer(tracker, at, op);
    complete_op(tracker, op, match->rule, at->action->failed);
}

void tracker_complete(struct tracker *tracker, struct tracker_event *at)
{
    struct match_end end = end_shown_by(at);
    struct match match;

    if (at->action->act == AFD_ACT_PENDING) {
        match = matching_find(&tracker->matching, &end);
        if (match.op != NULL && is_over(at, &match)) {
            take_end(tracker, at, &match);
        }
    } else if (!find_match(tracker, at, &end, &match)) {
        tracker->coverage.completions++;
    } else if (match.op == NULL) {
        tracker->coverage.completions++;
        keep_early(tracker, at, &end);
    } else {
        take_end(tracker, at, &match);
    }
}

void tracker_complete_early(struct tracker *tracker, struct tracker_event *at,
                            struct tracked_op *op)
{
    struct tracked_ending *ending;
    struct early_end early;
    enum match_rule rule;

    if (tracker->early.count == 0 ||
        !early_ends_take(&tracker->early, op, at->event->cpu, &early, &rule)) {
        return;
    }
    ending = begin_ending(tracker, op);
    if (ending == NULL) {
        stack_release(early.ending.at.stack);
        return;
    }
    ending->ending = early.ending;
    ending->ending.event = tracker->event;
    if (rule == MATCH_THREAD && early.failed && op->is_attempt) {
        tracker->coverage.completions--;
        calls_suspend(tracker, op, at->thread, op->op.number - 1);
        return;
    }
    complete_op(tracker, op, rule, early.failed);
}
