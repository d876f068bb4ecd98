#include "analyzer/tracker/tracker_state.h"

#include "parsers/etl/etl_extended.h"

static struct stack *stack_of(struct tracker *tracker, const struct etl_event *event)
{
    struct etl_stack shown;
    struct stack *stack;

    if (!etl_extended_stack(event, &shown) || shown.frame_count == 0) {
        return NULL;
    }
    stack = stack_store_get(tracker->stacks, shown.frames, shown.frame_count);
    tracker->no_memory |= stack == NULL;
    return stack;
}

void tracker_point(struct tracker *tracker, const struct etl_event *event, struct op_point *point)
{
    point->ticks = event->ticks;
    point->order = event->order;
    point->offset = event->offset;
    point->stack = event->has_extended ? stack_of(tracker, event) : NULL;
    point->pid = event->pid;
    point->tid = event->tid;
    point->file = event->file;
    point->cpu = event->cpu;
    point->event_id = event->id;
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
