#include "analyzer/tracker/tracker_state.h"

#include "parsers/etl/etl_extended.h"

static struct stack *stack_of(struct tracker *tracker, const struct etl_event *event)
{
    struct etl_stack_item item;
    uint16_t position = 0;
    while (etl_extended_next_stack(event, &position, &item)) {
        uint64_t scratch[ETL_STACK_FRAMES_MAX];
        if (item.frames.count == 0) {
            continue;
        }
        const void *words = etl_frames_words(&item.frames, scratch);
        struct stack *stack = stack_store_get(tracker->stacks, words, item.frames.count);
        tracker->no_memory |= stack == NULL;
        return stack;
    }
    return NULL;
}

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
    if (event->has_extended) {
        point->stack = stack_of(tracker, event);
    }
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
