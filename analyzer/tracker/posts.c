/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/tracker/posts.h"

#include "analyzer/tracker/closing.h"
#include "analyzer/tracker/completion.h"
#include "analyzer/tracker/conflicts.h"
#include "analyzer/tracker/ending.h"

/* True if a post says more than every post does. */
static bool has_details(const struct tracker_event *at)
{
    const struct afd_event *afd = at->afd;

    return at->action->behavior->ex || afd_has_address(afd) ||
           (afd->has & AFD_HAS(AFD_ROLE_BUFFER_COUNT) && afd->buffer_count != 1);
}

static bool fill_details(struct tracker *tracker, const struct tracker_event *at,
                         struct tracked_op *op)
{
    const struct afd_event *afd = at->afd;
    struct tracked_details *details = op_store_details(&tracker->ops, op);

    if (details == NULL) {
        return false;
    }
    details->details.accept_endpoint = afd->accept_endpoint;
    details->details.peer = afd->address;
    if (afd->has & AFD_HAS(AFD_ROLE_BUFFER_COUNT)) {
        details->details.buffer_count = afd->buffer_count;
    }
    op->op.chained = details->details.buffer_count > 1;
    details->ex_ambiguous_at_post = at->endpoint->ex[at->action->direction].ambiguous;
    if (at->action->behavior->ex && afd->accept_endpoint != 0) {
        details->accepts = endpoint_table_get(&tracker->endpoints, afd->accept_endpoint);
        return details->accepts != NULL;
    }
    return true;
}

/* A rejected attempt gives the operation that continues it its memory. */
static bool take_memory_of(struct tracker *tracker, const struct tracker_event *at,
                           const struct rejected_attempt *rejected, struct tracked_op *op)
{
    struct tracked_continuation *continued = op_store_continuation(&tracker->ops, op);
    struct tracked_details *details;

    if (continued == NULL) {
        return false;
    }
    continued->continuation.at = op->op.posted;
    continued->continuation.at.stack = NULL;
    continued->continuation.kernel_buffer = at->afd->buffer;
    continued->continuation.event = tracker->event;
    continued->continuation.rejected = true;
    continued->inferred_after = op->op.number - 1;
    continued->continuation.attempt_pid = rejected->pid;
    op->op.buffer = rejected->buffer;
    op->op.space = AFD_SPACE_USER;
    op->op.address_from_attempt = true;
    op->op.chained = rejected->buffer_count > 1;
    if (rejected->buffer_count == 1 && op->op.details == NULL) {
        return true;
    }
    details = op_store_details(&tracker->ops, op);
    if (details == NULL) {
        return false;
    }
    details->details.buffer_count = rejected->buffer_count;
    return true;
}

/* Fills an operation by its post. Its number is not given yet to anything but itself. False: no
 * memory. */
static bool fill_op(struct tracker *tracker, const struct tracker_event *at, struct tracked_op *op)
{
    const struct afd_event *afd = at->afd;
    const struct afd_action *action = at->action;
    struct endpoint *endpoint = at->endpoint;

    op->op.number = tracker->last_number + 1;
    op->op.buffer = afd->buffer;
    op->op.process = process_info_retain(at->process->info);
    op->op.socket = socket_retain(endpoint->socket);
    tracker_post_point(tracker, at->event, &op->op.posted);
    op->op.length = afd->buffer_length;
    op->op.family = afd->layout->family;
    op->op.direction = action->direction;
    op->op.space = at->space;
    op->op.pointer_size = afd->pointer_size;
    op->op.fast_path = action->fast_path;
    op->op.datagram = afd_sends_datagram(at->event, action->behavior) || endpoint->datagram;
    op->activity = at->event->activity;
    op->endpoint = endpoint;
    op->references = 1;
    op->aborted_at_post = endpoint->aborted;
    op->ambiguous_at_post = endpoint->ambiguous[op->op.family][op->op.direction];
    op->has_request = at->names_request;
    op->ex = action->behavior->ex;
    op->no_thread = !tracker_believes(tracker, AFD_BELIEF_ENTER_NAMES_CALLER);
    op->is_attempt = at->action->modern && action->fast_path && at->space == AFD_SPACE_USER &&
                     !op->ex && !op->no_thread;
    return !has_details(at) || fill_details(tracker, at, op);
}

/* Counts a post. What its space and direction count is added to the coverage at the end. */
static void count_post(struct tracker *tracker, const struct tracker_event *at,
                       const struct tracked_op *op)
{
    struct coverage *coverage = &tracker->coverage;

    tracker->post_counts[op->op.space][op->op.direction]++;
    coverage->attempts += op->is_attempt;
    if (op->op.continued != NULL) {
        coverage->continued++;
        coverage->inferred_address_operations++;
    }
    if (op->op.chained) {
        coverage->chained_operations++;
    }
    if (op->op.length == 0) {
        coverage->zero_length_posts++;
    }
    if (at->invalid_address) {
        coverage->invalid_addresses++;
    }
}

/* ---- in flight ---- */

static void link_ex(struct tracker *tracker, struct tracked_op *op)
{
    struct tracked_details *details = op_details(op);
    struct endpoint_ex *ex = &op->endpoint->ex[op->op.direction];

    details->ex_next = ex->first;
    if (ex->first != 0) {
        op_details(op_store_at(&tracker->ops, ex->first))->ex_prev = op_id(op);
    }
    ex->first = op_id(op);
    if (details->accepts == NULL) {
        return;
    }
    details->accept_next = details->accepts->accepts;
    if (details->accepts->accepts != 0) {
        op_details(op_store_at(&tracker->ops, details->accepts->accepts))->accept_prev = op_id(op);
    }
    details->accepts->accepts = op_id(op);
}

static bool put_in_flight(struct tracker *tracker, const struct tracker_event *at,
                          struct tracked_op *op)
{
    struct coverage *coverage = &tracker->coverage;

    if (!op_set_reserve(&tracker->ops, &op->endpoint->flying) ||
        !op_set_reserve(&tracker->ops, &at->process->flying) ||
        !matching_add(&tracker->matching, op, op->op.address_from_attempt ? NULL : at->hashes)) {
        return false;
    }
    op_set_add(&op->endpoint->flying, SET_OF_ENDPOINT, op);
    op_set_add(&at->process->flying, SET_OF_PROCESS, op);
    if (op->ex) {
        link_ex(tracker, op);
    }
    tracker->in_flight++;
    if (tracker->in_flight > coverage->max_in_flight) {
        coverage->max_in_flight = tracker->in_flight;
    }
    return true;
}

/* ---- effects of a post on others ---- */

/* The socket is in use, so the AcceptEx operations that were to make it were over. */
static void end_implied(struct tracker *tracker, const struct tracker_event *at)
{
    if (!at->action->modern || at->action->behavior->ex) {
        return;
    }
    while (at->endpoint->accepts != 0) {
        tracker_end(tracker, op_store_at(&tracker->ops, at->endpoint->accepts), OP_IMPLIED,
                    at->event);
    }
}

/* A request or kernel address is posted again: whoever had it is over. */
static void end_superseded(struct tracker *tracker, const struct tracker_event *at,
                           struct tracked_op *older)
{
    if (older->state == OP_CLOSING) {
        closing_give_up(tracker, older);
    } else {
        tracker_end(tracker, older, OP_SUPERSEDED, at->event);
    }
}

static void supersede_request(struct tracker *tracker, const struct tracker_event *at)
{
    const unsigned direction = at->action->direction;
    struct tracked_op *found[2], *other;

    if (!at->names_request) {
        return;
    }
    matching_request(&tracker->matching, at->hashes->request, at->afd->endpoint,
                     &at->event->activity, found);
    other = found[direction == AFD_SEND ? AFD_RECV : AFD_SEND];
    if (found[direction] != NULL) {
        end_superseded(tracker, at, found[direction]);
    }
    if (other != NULL && other->state == OP_FLYING) {
        other->reasons |= REASON_BIT(REASON_END_AMBIGUOUS);
    }
}

static void supersede_kernel(struct tracker *tracker, const struct tracker_event *at)
{
    struct tracked_op *older;

    if (!at->action->modern || at->space != AFD_SPACE_KERNEL) {
        return;
    }
    older = matching_owner(&tracker->matching, at->afd->buffer);
    if (older != NULL) {
        end_superseded(tracker, at, older);
    }
}

/* A receive at a kernel address that no attempt preceded: then not every call of this process
 * begins with an attempt, and what follows from attempts is unsure. What the post itself has ended
 * had ended before. */
static void note_unpreceded(const struct tracker_event *at)
{
    if (at->action->modern && at->action->direction == AFD_RECV &&
        at->action->behavior->tries_fast_path && !at->action->fast_path &&
        at->space == AFD_SPACE_KERNEL && at->thread->has_posted) {
        at->process->info->unsure = true;
    }
}

/* ---- posts ---- */

static void begin_attempt(struct tracker *tracker, struct tracker_event *at, struct tracked_op *op)
{
    if (op->is_attempt) {
        calls_note_attempt(at, op);
    }
    tracker_complete_early(tracker, at, op);
}

static bool post_new(struct tracker *tracker, struct tracker_event *at,
                     const struct rejected_attempt *rejected)
{
    struct tracked_op *op = op_store_take(&tracker->ops);
    bool ok = op != NULL && fill_op(tracker, at, op) &&
              (rejected == NULL || take_memory_of(tracker, at, rejected, op));

    if (!ok) {
        operation_release(tracker, op != NULL ? &op->op : NULL);
        return false;
    }
    tracker->last_number++;
    count_post(tracker, at, op);
    end_implied(tracker, at);
    supersede_request(tracker, at);
    ok = tracker_compare(tracker, op);
    supersede_kernel(tracker, at);
    if (!ok || !put_in_flight(tracker, at, op)) {
        op_memory_remove(op);
        operation_release(tracker, &op->op);
        return false;
    }
    begin_attempt(tracker, at, op);
    if (rejected == NULL) {
        note_unpreceded(at);
    }
    return true;
}

/* The attempt's operation goes on as the request that the post shows. */
static bool continue_op(struct tracker *tracker, struct tracker_event *at, struct tracked_op *op,
                        uint64_t inferred_after)
{
    struct tracked_continuation *continued = op_store_continuation(&tracker->ops, op);

    if (continued == NULL) {
        return false;
    }
    if (op->op.posted.stack != NULL) {
        tracker_point(tracker, at->event, &continued->continuation.at);
    } else {
        tracker_post_point(tracker, at->event, &continued->continuation.at);
    }
    continued->continuation.kernel_buffer = at->afd->buffer;
    continued->continuation.event = tracker->event;
    continued->inferred_after = inferred_after;
    continued->continuation.attempt_pid = op->op.posted.pid;
    op->op.fast_path = false;
    op->op.address_from_attempt = true;
    op->activity = at->event->activity;
    op->has_request = at->names_request;
    op->is_attempt = false;
    tracker->coverage.continued++;
    tracker->coverage.inferred_address_operations++;
    return true;
}

/* Takes the operation out of what finds it as an attempt. Returns inferred_after. */
static uint64_t leave_attempt(struct tracker *tracker, struct tracked_op *op)
{
    uint64_t inferred_after = op->op.number - 1;

    if (op->state == OP_FLYING) {
        matching_remove(&tracker->matching, op);
        return inferred_after;
    }
    inferred_after = op_ending(op)->over_number;
    op_queue_remove(&tracker->suspended, &tracker->ops, op);
    stack_release(op->op.ended->at.stack);
    op_store_drop_ending(&tracker->ops, op);
    conflicts_confirm(tracker, op);
    op->state = OP_FLYING;
    return inferred_after;
}

static bool post_continuation(struct tracker *tracker, struct tracker_event *at,
                              struct tracked_op *op)
{
    uint64_t inferred_after = leave_attempt(tracker, op);

    end_implied(tracker, at);
    supersede_request(tracker, at);
    supersede_kernel(tracker, at);
    if (!continue_op(tracker, at, op, inferred_after) ||
        !matching_add(&tracker->matching, op, NULL)) {
        tracker_abandon(tracker, op);
        return false;
    }
    tracker_complete_early(tracker, at, op);
    return true;
}

bool tracker_post(struct tracker *tracker, struct tracker_event *at,
                  const struct continued_call *call)
{
    bool ok;

    process_table_use(&tracker->processes, at->process);
    if (call->op != NULL) {
        ok = post_continuation(tracker, at, call->op);
    } else {
        ok = post_new(tracker, at, call->rejected);
    }
    at->thread->has_posted = true;
    return ok;
}

void tracker_reject(struct tracker *tracker, struct tracker_event *at)
{
    tracker->coverage.rejected_posts++;
    at->thread->has_posted = true;
    if (at->action->fast_path && at->space == AFD_SPACE_USER && !at->action->behavior->ex &&
        tracker_believes(tracker, AFD_BELIEF_ENTER_NAMES_CALLER)) {
        tracker->coverage.attempts++;
        if (tracker->hooks.attempt_rejected != NULL) {
            tracker->hooks.attempt_rejected(tracker->hooks.user, at->process->info,
                                            at->event->order);
        }
        calls_note_rejected(tracker, at);
    }
}
