/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/tracker/op_queue.h"

void op_queue_push(struct op_queue *queue, const struct op_store *store, struct tracked_op *op)
{
    struct tracked_ending *ending = op_ending(op);

    ending->queue_prev = queue->last;
    ending->queue_next = 0;
    if (queue->last != 0) {
        op_ending(op_store_at(store, queue->last))->queue_next = op_id(op);
    } else {
        queue->first = op_id(op);
    }
    queue->last = op_id(op);
    queue->count++;
}

void op_queue_remove(struct op_queue *queue, const struct op_store *store, struct tracked_op *op)
{
    const struct tracked_ending *ending = op_ending(op);

    if (ending->queue_prev != 0) {
        op_ending(op_store_at(store, ending->queue_prev))->queue_next = ending->queue_next;
    } else {
        queue->first = ending->queue_next;
    }
    if (ending->queue_next != 0) {
        op_ending(op_store_at(store, ending->queue_next))->queue_prev = ending->queue_prev;
    } else {
        queue->last = ending->queue_prev;
    }
    queue->count--;
}
