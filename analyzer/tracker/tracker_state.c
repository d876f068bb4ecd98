/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/tracker/tracker_state.h"

void tracker_place(const struct etl_event *event, struct op_point *point)
{
    point->ticks = event->ticks;
    point->order = event->order;
    point->offset = event->offset;
    point->stack = NULL;
    point->pid = event->pid;
    point->tid = event->tid;
    point->file = event->file;
    point->cpu = event->cpu;
    point->event_id = event->id;
}

void tracker_point(struct tracker *tracker, const struct etl_event *event, struct op_point *point)
{
    tracker_place(event, point);
    point->stack = call_stacks_of(tracker->stacks, event, false);
    tracker->no_memory |= call_stacks_no_memory(tracker->stacks);
}

void tracker_post_point(struct tracker *tracker, const struct etl_event *event,
                        struct op_point *point)
{
    tracker_place(event, point);
    point->stack = call_stacks_of(tracker->stacks, event, true);
    tracker->no_memory |= call_stacks_no_memory(tracker->stacks);
}

void operation_release(struct tracker *tracker, struct operation *op)
{
    if (op == NULL || --tracked(op)->references > 0) {
        return;
    }
    stack_release(op->posted.stack);
    if (op->continued != NULL) {
        stack_release(op->continued->at.stack);
    }
    if (op->ended != NULL) {
        stack_release(op->ended->at.stack);
    }
    socket_release(&tracker->endpoints, op->socket);
    process_info_release(&tracker->processes, op->process);
    op_store_put(&tracker->ops, tracked(op));
}
