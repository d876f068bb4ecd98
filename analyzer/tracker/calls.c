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
    uint64_t process, endpoint, buffer;
    const struct stack *stack;
    int64_t since_order; /* of the event by which it was over; without an Exit: of its Enter */
    uint32_t length;
    uint8_t direction;
};

static bool is_request_post(const struct tracker_event *at)
{
    return at->action->modern && at->action->act == AFD_ACT_POST && !at->action->fast_path &&
           !at->action->behavior->ex;
}

/* A modern post of a kernel address that is not on the fast path; where requests are not believed
 * to show one, also of a user address, which has to be the attempt's then. */
static bool may_continue(const struct tracker *tracker, const struct tracker_event *at)
{
    return is_request_post(at) &&
           (at->space == AFD_SPACE_KERNEL ||
            (at->space == AFD_SPACE_USER &&
             !tracker_believes(tracker, AFD_BELIEF_REQUEST_SHOWS_KERNEL_ADDRESS)));
}

static bool continues(const struct tracker *tracker, const struct tracker_event *at,
                      const struct attempt *attempt)
{
    return at->afd->process == attempt->process && at->afd->endpoint == attempt->endpoint &&
           at->action->direction == attempt->direction &&
           at->afd->buffer_length == attempt->length &&
           (at->space == AFD_SPACE_KERNEL || at->afd->buffer == attempt->buffer) &&
           ticks_between(attempt->since_order, at->event->order) <=
               CONTINUATION_SECONDS * (uint64_t)tracker->options.second &&
           same_stack(attempt->stack, at);
}

static bool continues_op(const struct tracker *tracker, const struct tracker_event *at,
                         const struct tracked_op *op, int64_t since_order)
{
    const struct attempt attempt = {.process = op->op.process->address,
                                    .endpoint = op->endpoint->address,
                                    .buffer = op->op.buffer,
                                    .stack = op->op.posted.stack,
                                    .since_order = since_order,
                                    .length = op->op.length,
                                    .direction = op->op.direction};

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
 * AFD's inner copy. Where attempts leave no Exit, copies have to be told by their mark. */
static bool goes_on_without_exit(const struct tracker *tracker, const struct tracked_op *op)
{
    return op->op.direction == AFD_RECV ||
           (!tracker_believes(tracker, AFD_BELIEF_ATTEMPT_LEAVES_EXIT) &&
            tracker_believes(tracker, AFD_BELIEF_COPIES_ARE_MARKED));
}

static bool continues_flying(const struct tracker *tracker, const struct tracker_event *at,
                             const struct tracked_op *op)
{
    return goes_on_without_exit(tracker, op) &&
           !(tracker_endpoint_reasons(op) & REASON_BIT(REASON_END_AMBIGUOUS)) &&
           continues_op(tracker, at, op, op->op.posted.order);
}

static bool continues_rejected(const struct tracker *tracker, const struct tracker_event *at)
{
    const struct rejected_attempt *rejected = at->thread->rejected;
    const struct attempt attempt = {.process = rejected->process,
                                    .endpoint = rejected->endpoint,
                                    .buffer = rejected->buffer,
                                    .stack = rejected->stack,
                                    .since_order = rejected->order,
                                    .length = rejected->length,
                                    .direction = rejected->direction};

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
        if (op != NULL && may_continue(tracker, at) && continues_flying(tracker, at, op)) {
            call->op = op;
        }
        break;
    case LAST_OVER:
        op = last_op(tracker, thread, OP_SUSPENDED);
        if (op == NULL) {
            break;
        }
        if (may_continue(tracker, at) &&
            continues_op(tracker, at, op, op_ending(op)->since_order)) {
            call->op = op;
        } else {
            calls_fail_suspended(tracker, op);
        }
        break;
    case LAST_REJECTED:
        if (may_continue(tracker, at) && continues_rejected(tracker, at)) {
            call->rejected = thread->rejected;
        }
        break;
    }
}

/* ---- returned calls ---- */

/* True if the post at hand may be AFD's inner copy of a send whose Enter was the thread's last own
 * event: the send is still being executed then. Where copies bear no mark, there may be several,
 * each of a part. */
static bool may_be_inner_copy(const struct tracker *tracker, const struct tracker_event *at,
                              const struct tracked_op *op)
{
    if (op->op.direction != AFD_SEND || !is_request_post(at) || at->space != AFD_SPACE_KERNEL ||
        at->action->direction != AFD_SEND || at->afd->endpoint != op->endpoint->address) {
        return false;
    }
    return !tracker_believes(tracker, AFD_BELIEF_COPIES_ARE_MARKED) ||
           (at->thread->last == LAST_ATTEMPT && last_op(tracker, at->thread, OP_FLYING) == op &&
            at->afd->buffer_length == op->op.length);
}

/* The thread that an operation on the fast path was posted by is in another call. */
static void leave_call(struct tracker *tracker, struct tracked_op *op,
                       const struct etl_event *event)
{
    if (tracker_believes(tracker, AFD_BELIEF_FAST_PATH_NEVER_PENDS)) {
        tracker_end(tracker, op, OP_RETURNED, event);
    } else {
        matching_leave_thread(&tracker->matching, op);
        op->reasons |= REASON_BIT(REASON_END_AMBIGUOUS);
    }
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
        leave_call(tracker, op, at->event);
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
