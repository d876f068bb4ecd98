/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/tracker/calls.h"

#include "analyzer/tracker/ending.h"
#include "analyzer/tracker/stack_agreement.h"
#include "analyzer/tracker/suspension.h"
#include "parsers/etl/etl_extended.h"

/* Two events that both hold a stack must agree in it. Stacks that come later are compared when a
 * conflict is told (confidence_compare_stacks()). */
static bool same_stack(const struct stack *attempt, const struct tracker_event *at)
{
    struct etl_stack stack;

    if (stack_known(attempt) == NULL || !at->event->has_extended ||
        !etl_extended_stack(at->event, &stack)) {
        return true;
    }
    return stack_agreement(attempt->frames, attempt->frame_count, stack.frames, stack.frame_count,
                           at->event->pointer_size);
}

/* ---- continuation ---- */

/* An attempt, as far as its continuation must have it in common. */
struct attempt {
    uint64_t process, endpoint;
    const struct stack *stack;
    int64_t since_order; /* of the event by which it was over; without an Exit: of its Enter */
    uint32_t length;
    uint8_t direction;
};

/* A modern post of a kernel address that is not on the fast path. */
static bool may_continue(const struct tracker_event *at)
{
    return at->modern && at->action->act == AFD_ACT_POST && !at->action->fast_path &&
           at->space == AFD_SPACE_KERNEL && !at->action->behavior->ex;
}

static bool continues(const struct tracker *tracker, const struct tracker_event *at,
                      const struct attempt *attempt)
{
    return at->afd->process == attempt->process && at->afd->endpoint == attempt->endpoint &&
           at->action->direction == attempt->direction &&
           at->afd->buffer_length == attempt->length &&
           at->event->order - attempt->since_order <=
               CONTINUATION_SECONDS * tracker->options.second &&
           same_stack(attempt->stack, at);
}

static bool continues_op(const struct tracker *tracker, const struct tracker_event *at,
                         const struct tracked_op *op, int64_t since_order)
{
    const struct attempt attempt = {op->op.process->address, op->endpoint->address,
                                    op->op.posted.stack,     since_order,
                                    op->op.length,           op->op.direction};

    return continues(tracker, at, &attempt);
}

/* The operation that the thread's last own event left in `state`, or NULL if it is no longer. */
static struct tracked_op *last_op(const struct tracker *tracker, const struct thread *thread,
                                  enum op_state state)
{
    struct tracked_op *op;

    if (thread->op == 0) {
        return NULL;
    }
    op = op_store_at(&tracker->ops, thread->op);
    return op->op.number == thread->op_number && op->state == state ? op : NULL;
}

/* An attempt without an Exit is continued by receives only: what looks like it at a send may be
 * AFD's inner copy. */
static bool continues_flying(const struct tracker *tracker, const struct tracker_event *at,
                             const struct tracked_op *op)
{
    return op->op.direction == AFD_RECV &&
           !(tracker_endpoint_reasons(op) & REASON_BIT(REASON_END_AMBIGUOUS)) &&
           continues_op(tracker, at, op, op->op.posted.order);
}

static bool continues_rejected(const struct tracker *tracker, const struct tracker_event *at)
{
    const struct rejected_attempt *rejected = at->thread->rejected;
    const struct attempt attempt = {rejected->process, rejected->endpoint, rejected->stack,
                                    rejected->order,   rejected->length,   rejected->direction};

    return continues(tracker, at, &attempt);
}

/* Looks at what the thread's last own event left. A suspended operation that does not go on ends
 * here. */
static void find_continued(struct tracker *tracker, const struct tracker_event *at,
                           struct continued_call *call)
{
    struct thread *thread = at->thread;
    struct tracked_op *op = NULL;

    switch ((enum thread_last)thread->last) {
    case LAST_OTHER:
        break;
    case LAST_ATTEMPT:
        op = last_op(tracker, thread, OP_FLYING);
        if (op != NULL && may_continue(at) && continues_flying(tracker, at, op)) {
            call->op = op;
        }
        break;
    case LAST_OVER:
        op = last_op(tracker, thread, OP_SUSPENDED);
        if (op == NULL) {
            break;
        }
        if (may_continue(at) && continues_op(tracker, at, op, op_ending(op)->since_order)) {
            call->op = op;
        } else {
            calls_fail_suspended(tracker, op);
        }
        break;
    case LAST_REJECTED:
        if (may_continue(at) && continues_rejected(tracker, at)) {
            call->rejected = thread->rejected;
        }
        break;
    }
}

/* ---- returned calls ---- */

/* True if the post at hand may be AFD's inner copy of a send whose Enter was the thread's last own
 * event: the send is still being executed then. */
static bool may_be_inner_copy(const struct tracker *tracker, const struct tracker_event *at,
                              const struct tracked_op *op)
{
    return at->thread->last == LAST_ATTEMPT && last_op(tracker, at->thread, OP_FLYING) == op &&
           op->op.direction == AFD_SEND && may_continue(at) && at->action->direction == AFD_SEND &&
           at->afd->endpoint == op->endpoint->address && at->afd->buffer_length == op->op.length;
}

/* A thread is in one call at a time: what it was in before has returned. */
static void end_returned(struct tracker *tracker, const struct tracker_event *at,
                         const struct tracked_op *continued)
{
    struct tracked_op *op;

    if (!(at->afd->has & AFD_HAS(AFD_ROLE_PROCESS))) {
        return;
    }
    op = matching_call(&tracker->matching, at->event->tid, at->afd->process);
    if (op != NULL && op != continued && !may_be_inner_copy(tracker, at, op)) {
        tracker_end(tracker, op, OP_RETURNED, at->event);
    }
}

void calls_begin_event(struct tracker *tracker, const struct tracker_event *at,
                       struct continued_call *call)
{
    *call = (struct continued_call){NULL, NULL};
    find_continued(tracker, at, call);
    if (afd_begins_call(at->afd, at->action)) {
        end_returned(tracker, at, call->op);
    }
}

/* ---- attempts ---- */

void calls_note_attempt(struct tracker_event *at, const struct tracked_op *op)
{
    at->thread->last = LAST_ATTEMPT;
    at->thread->op = op_id(op);
    at->thread->op_number = op->op.number;
}

void calls_note_rejected(struct tracker *tracker, const struct tracker_event *at)
{
    const struct afd_event *afd = at->afd;
    struct rejected_attempt *rejected = pool_get(&tracker->threads.rejected);
    struct op_point point;

    if (rejected == NULL) {
        tracker->no_memory = true;
        return;
    }
    tracker_point(tracker, at->event, &point);
    *rejected = (struct rejected_attempt){.process = afd->process,
                                          .endpoint = afd->endpoint,
                                          .buffer = afd->buffer,
                                          .buffer_count = afd->buffer_count,
                                          .order = at->event->order,
                                          .stack = point.stack,
                                          .length = afd->buffer_length,
                                          .pid = at->event->pid,
                                          .direction = at->action->direction};
    at->thread->rejected = rejected;
    at->thread->last = LAST_REJECTED;
}
