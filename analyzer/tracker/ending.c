/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/tracker/ending.h"

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

/* True if such an end was due and, in this direction, may never be traced. */
static bool misses_end(const struct tracked_op *op)
{
    if (op_end_is_traced(&op->op) || (op->op.datagram && op->op.direction == AFD_SEND)) {
        return false;
    }
    return op->op.end == OP_RETURNED || op->op.end == OP_SUPERSEDED ||
           (op->reasons & REASON_BIT(REASON_END_AMBIGUOUS)) != 0;
}

static void count_end(struct tracker *tracker, struct tracked_op *op)
{
    struct coverage *coverage = &tracker->coverage;
    const unsigned direction = op->op.direction;
    op->op.misses_end = misses_end(op);
    coverage->pending += op->op.end == OP_PENDING;
    if (!op_has_user_memory(op)) {
        return;
    }
    if (op_end_is_traced(&op->op)) {
        coverage->user_address_ended++;
        coverage->end_traced[direction] = true;
    } else if (op->op.misses_end) {
        coverage->end_due[direction] = true;
    }
    if (op->by_user_address) {
        tracker->facts.ends_traced[op->op.family][direction][op->op.fast_path] = true;
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
    if (!tracker_is_told(tracker, op)) {
        operation_release(tracker, &op->op);
    } else if (!op_list_add(&tracker->ended, op)) {
        tracker->no_memory = true;
    }
}

void tracker_end(struct tracker *tracker, struct tracked_op *op, enum op_end end,
                 const struct etl_event *event)
{
    struct tracked_ending *ending = NULL;

    matching_remove(&tracker->matching, op);
    if (tracker_is_told(tracker, op)) {
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
