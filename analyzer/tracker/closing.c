/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/tracker/closing.h"

#include "analyzer/tracker/conflicts.h"
#include "analyzer/tracker/ending.h"
#include "analyzer/tracker/suspension.h"

static void move_ex(struct tracker *tracker, struct tracked_op *op)
{
    struct tracked_details *details = op_details(op);
    struct endpoint_ex *from = &op->endpoint->ex[op->op.direction];
    struct endpoint_ex *to = &op->endpoint->ex_closing[op->op.direction];

    tracker_unlink_accept(tracker, op);
    if (details->ex_prev != 0) {
        op_details(op_store_at(&tracker->ops, details->ex_prev))->ex_next = details->ex_next;
    } else {
        from->first = details->ex_next;
    }
    if (details->ex_next != 0) {
        op_details(op_store_at(&tracker->ops, details->ex_next))->ex_prev = details->ex_prev;
    }
    details->ex_prev = 0;
    details->ex_next = to->first;
    if (to->first != 0) {
        op_details(op_store_at(&tracker->ops, to->first))->ex_prev = op_id(op);
    }
    to->first = op_id(op);
}

/* Makes the ending that stands if no completion comes. */
static bool fill_close(struct tracker *tracker, struct tracked_op *op,
                       const struct etl_event *event)
{
    struct tracked_ending *ending = op_store_ending(&tracker->ops, op);

    if (ending == NULL) {
        return false;
    }
    tracker_point(tracker, event, &ending->ending.at);
    ending->ending.event = tracker->event;
    ending->since_order = tracker->now;
    ending->unsure = op->op.process->unsure;
    return true;
}

static void begin_closing(struct tracker *tracker, struct tracked_op *op,
                          const struct etl_event *event)
{
    struct process *process = op->op.process->process;

    if (!op_set_reserve(&tracker->ops, &op->endpoint->closing) ||
        !op_set_reserve(&tracker->ops, &process->closing) || !fill_close(tracker, op, event)) {
        tracker->no_memory = true;
        return;
    }
    op->reasons = (uint16_t)tracker_endpoint_reasons(op);
    op_set_remove(&op->endpoint->flying, SET_OF_ENDPOINT, &tracker->ops, op);
    op_set_remove(&process->flying, SET_OF_PROCESS, &tracker->ops, op);
    op_set_add(&op->endpoint->closing, SET_OF_ENDPOINT, op);
    op_set_add(&process->closing, SET_OF_PROCESS, op);
    if (op->ex) {
        move_ex(tracker, op);
    }
    tracker->in_flight--;
    if (!matching_close(&tracker->matching, op)) {
        tracker_abandon(tracker, op);
        return;
    }
    op_queue_push(&tracker->closing, &tracker->ops, op);
    if (tracker->closing.count > tracker->options.closing_max) {
        closing_give_up(tracker, op_store_at(&tracker->ops, tracker->closing.first));
    }
}

void closing_give_up(struct tracker *tracker, struct tracked_op *op)
{
    matching_remove(&tracker->matching, op);
    op_queue_remove(&tracker->closing, &tracker->ops, op);
    if (!tracker_believes(tracker, AFD_BELIEF_CLOSED_LEAVES_END)) {
        conflicts_confirm(tracker, op); /* the missing completion says nothing */
    }
    tracker_finish_op(tracker, op, OP_CLOSED);
}

void closing_expire(struct tracker *tracker)
{
    const uint64_t patience = CLOSING_SECONDS * (uint64_t)tracker->options.second;

    while (tracker->closing.count > 0) {
        struct tracked_op *op = op_store_at(&tracker->ops, tracker->closing.first);

        if (ticks_between(op_ending(op)->since_order, tracker->now) <= patience) {
            break;
        }
        closing_give_up(tracker, op);
    }
}

/* A close ends the suspension of an attempt, and begins the closing of everything else. */
static void close_op(struct tracker *tracker, struct tracked_op *op, const struct etl_event *event)
{
    if (op->state == OP_SUSPENDED) {
        calls_fail_suspended(tracker, op);
    } else if (op->state == OP_FLYING) {
        begin_closing(tracker, op, event);
    }
}

/* Picks the AcceptEx operations that were to make the socket which is closed, too, and sorts all
 * that is picked by post. False: no memory. */
static bool pick_accepts(struct tracker *tracker, const struct endpoint *endpoint)
{
    uint32_t id = endpoint->accepts;

    while (id != 0) {
        struct tracked_op *op = op_store_at(&tracker->ops, id);

        if (op->endpoint != endpoint && !op_list_add(&tracker->picked, op)) {
            return false;
        }
        id = op_details(op)->accept_next;
    }
    return op_list_sort(&tracker->picked, 0);
}

void tracker_close_endpoint(struct tracker *tracker, struct endpoint *endpoint,
                            const struct etl_event *event)
{
    if (!op_list_of_set(&tracker->picked, &tracker->ops, &endpoint->flying) ||
        !pick_accepts(tracker, endpoint)) {
        tracker->no_memory = true;
        return;
    }
    for (size_t i = 0; i < tracker->picked.count && !tracker->no_memory; i++) {
        close_op(tracker, tracker->picked.items[i], event);
    }
}

/* Ends all operations of a pair of sets. */
static void end_all(struct tracker *tracker, struct op_set *flying, struct op_set *closing,
                    const struct etl_event *event)
{
    while (flying->count > 0) {
        struct tracked_op *op = op_store_at(&tracker->ops, flying->ids[flying->count - 1]);

        if (op->state == OP_SUSPENDED) {
            calls_fail_suspended(tracker, op);
        } else {
            tracker_end(tracker, op, OP_CLOSED, event);
        }
    }
    while (closing->count > 0) {
        closing_give_up(tracker, op_store_at(&tracker->ops, closing->ids[closing->count - 1]));
    }
}

void tracker_recycle_endpoint(struct tracker *tracker, struct endpoint *endpoint,
                              const struct etl_event *event)
{
    end_all(tracker, &endpoint->flying, &endpoint->closing, event);
}

void tracker_end_process(struct tracker *tracker, struct process *process,
                         const struct etl_event *event)
{
    end_all(tracker, &process->flying, &process->closing, event);
}
