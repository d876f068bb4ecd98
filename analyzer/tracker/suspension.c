/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/tracker/suspension.h"

#include "analyzer/tracker/ending.h"

void calls_suspend(struct tracker *tracker, struct tracked_op *op, struct thread *thread,
                   uint64_t inferred_after)
{
    struct tracked_ending *ending = op_ending(op);

    op->state = OP_SUSPENDED;
    ending->since_order = tracker->now;
    ending->over_number = inferred_after;
    op_queue_push(&tracker->suspended, &tracker->ops, op);
    if (thread != NULL) {
        thread->last = LAST_OVER;
        thread->op = op_id(op);
        thread->op_number = op->op.number;
    }
}

void calls_fail_suspended(struct tracker *tracker, struct tracked_op *op)
{
    op_queue_remove(&tracker->suspended, &tracker->ops, op);
    tracker->coverage.completions++;
    tracker->coverage.matched++;
    tracker_finish_op(tracker, op, OP_FAILED);
}

void calls_expire(struct tracker *tracker)
{
    const uint64_t patience = CONTINUATION_SECONDS * (uint64_t)tracker->options.second;

    while (tracker->suspended.count > 0) {
        struct tracked_op *op = op_store_at(&tracker->ops, tracker->suspended.first);

        if (ticks_between(op_ending(op)->since_order, tracker->now) <= patience) {
            break;
        }
        calls_fail_suspended(tracker, op);
    }
}
