/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/tracker/completion.h"

#include "analyzer/tracker/calls.h"
#include "analyzer/tracker/conflicts.h"
#include "analyzer/tracker/ending.h"
#include "analyzer/tracker/suspension.h"

/* True if an end's address may be the one that its operation was posted with. */
static bool shows_address(const struct tracker *tracker, const struct tracker_event *at)
{
    bool invalid;

    if (at->action->behavior->hides_address) {
        return false;
    }
    return tracker_believes(tracker, AFD_BELIEF_END_SHOWS_REQUEST_ADDRESS) || !at->action->modern ||
           at->action->fast_path || afd_space_of(at->afd, &invalid) != AFD_SPACE_KERNEL;
}

static struct match_end end_shown_by(const struct tracker *tracker, const struct tracker_event *at)
{
    return (struct match_end){.hashes = at->hashes,
                              .event = at->event,
                              .afd = at->afd,
                              .direction = at->action->direction,
                              .names_request = at->names_request,
                              .fast_path = at->action->modern && at->action->fast_path &&
                                           tracker_believes(tracker, AFD_BELIEF_ENTER_NAMES_CALLER),
                              .shows_address = shows_address(tracker, at),
                              .by_exclusion = at->action->behavior->hides_address,
                              .wants_address =
                                  !tracker_believes(tracker, AFD_BELIEF_FAST_PATH_NEVER_PENDS)};
}

static void fill_ending(struct tracker *tracker, const struct tracker_event *at, bool with_stack,
                        struct op_ending *ending)
{
    const struct afd_behavior *behavior = at->action->behavior;
    const uint32_t has = at->afd->has;

    if (with_stack) {
        tracker_point(tracker, at->event, &ending->at);
    } else {
        tracker_place(at->event, &ending->at);
    }
    ending->event = tracker->event;
    ending->bytes = at->afd->buffer_length;
    ending->status = at->afd->status;
    ending->has_bytes = (has & AFD_HAS(AFD_ROLE_BUFFER_LENGTH)) &&
                        tracker_believes(tracker, AFD_BELIEF_END_LENGTH_IS_BYTES);
    ending->has_status = at->action->modern && (has & AFD_HAS(AFD_ROLE_STATUS));
    ending->by_ex = behavior->ex || behavior->hides_address;
}

/* MATCH_SOCKET: the only ConnectEx or AcceptEx operation of the endpoint. True: nothing ends by
 * this completion, and it is no orphan either, because several might be meant. */
static bool match_socket(struct tracker *tracker, struct endpoint *endpoint, unsigned direction,
                         bool closing, struct match *match)
{
    struct endpoint_ex *ex = closing ? &endpoint->ex_closing[direction] : &endpoint->ex[direction];
    struct tracked_op *op;

    if (ex->first == 0) {
        return false;
    }
    op = op_store_at(&tracker->ops, ex->first);
    if (op_details(op)->ex_next == 0) {
        *match = (struct match){op, MATCH_SOCKET, false};
        return false;
    }
    endpoint->ex[direction].ambiguous++;
    return true;
}

static bool find_match(struct tracker *tracker, struct tracker_event *at,
                       const struct match_end *end, struct match *match)
{
    *match = matching_find(&tracker->matching, end);
    if (match->op == NULL && end->by_exclusion &&
        match_socket(tracker, at->endpoint, end->direction, false, match)) {
        return false;
    }
    if (match->op == NULL) {
        *match = matching_find_closing(&tracker->matching, end);
    }
    return match->op != NULL || !end->by_exclusion ||
           !match_socket(tracker, at->endpoint, end->direction, true, match);
}

/* Makes the ending of an operation that is suspended or completed; one that is closing has the
 * ending of its close. NULL: no memory, and the operation is in nothing any more. */
static struct tracked_ending *begin_ending(struct tracker *tracker, struct tracked_op *op)
{
    struct tracked_ending *ending = op_store_ending(&tracker->ops, op);

    matching_remove(&tracker->matching, op);
    if (ending == NULL) {
        tracker_abandon(tracker, op);
        return NULL;
    }
    if (op->state == OP_CLOSING) {
        op_queue_remove(&tracker->closing, &tracker->ops, op);
        stack_release(ending->ending.at.stack);
        conflicts_confirm(tracker, op);
    }
    ending->unsure = op->op.process->unsure;
    return ending;
}

/* Ends an operation by a completion, once its ending is filled. */
static void complete_op(struct tracker *tracker, struct tracked_op *op, enum match_rule rule,
                        bool failed)
{
    op->by_user_address = op_has_user_memory(op) && !op->op.address_from_attempt &&
                          (rule == MATCH_ADDRESS || rule == MATCH_REQUEST);
    tracker->coverage.matched++;
    tracker_finish_op(tracker, op, failed ? OP_FAILED : OP_COMPLETED);
}

static void learn_peer(struct tracker *tracker, const struct tracker_event *at,
                       struct tracked_op *op)
{
    struct tracked_details *details;

    if (!op->op.datagram || !afd_has_address(at->afd)) {
        return;
    }
    details = op_store_details(&tracker->ops, op);
    if (details == NULL) {
        tracker->no_memory = true;
        return;
    }
    details->details.peer = at->afd->address;
}

static void keep_early(struct tracker *tracker, const struct tracker_event *at,
                       const struct match_end *end)
{
    struct early_end early = {.endpoint = at->endpoint,
                              .family = at->afd->layout->family,
                              .direction = at->action->direction,
                              .failed = at->action->failed};

    fill_ending(tracker, at, true, &early.ending);
    if (!early_ends_keep(&tracker->early, end, &early)) {
        tracker->no_memory = true;
    }
}

/* Whether the end says of an attempt that the fast path did not do it: then the call may go on. */
static bool is_over(const struct tracker_event *at, const struct match *match)
{
    return match->rule == MATCH_THREAD && match->op->is_attempt && match->op->state == OP_FLYING &&
           (at->action->failed || at->action->act == AFD_ACT_PENDING);
}

/* Takes an operation out of what finds it, and keeps how it ended or was suspended where somebody
 * may read that. False: no memory, and the operation is in nothing any more. */
static bool keep_ending(struct tracker *tracker, const struct tracker_event *at,
                        struct tracked_op *op, bool over)
{
    bool told = tracker_is_told(tracker, op);
    struct tracked_ending *ending;

    if (!over && !told && op->state != OP_CLOSING) {
        matching_remove(&tracker->matching, op);
        return true;
    }
    ending = begin_ending(tracker, op);
    if (ending != NULL) {
        fill_ending(tracker, at, over || told, &ending->ending);
    }
    return ending != NULL;
}

/* The end ends or suspends an operation. */
static void take_end(struct tracker *tracker, struct tracker_event *at, const struct match *match)
{
    struct tracked_op *op = match->op;
    bool over = is_over(at, match);

    if (!keep_ending(tracker, at, op, over)) {
        return;
    }
    if (over) {
        calls_suspend(tracker, op, at->thread, tracker->last_number);
        return;
    }
    tracker->coverage.completions++;
    op->op.ambiguous_pairing |= match->several;
    learn_peer(tracker, at, op);
    complete_op(tracker, op, match->rule, at->action->failed);
}

/* An Exit that says that its request is pending ends nothing but an attempt. Where the fast path
 * may pend, such an Exit tells nothing, and the attempt is as if it had none. */
static void take_pending(struct tracker *tracker, struct tracker_event *at,
                         const struct match_end *end)
{
    struct match match = matching_find(&tracker->matching, end);

    if (match.op == NULL || !is_over(at, &match)) {
        return;
    }
    if (tracker_believes(tracker, AFD_BELIEF_FAST_PATH_NEVER_PENDS)) {
        take_end(tracker, at, &match);
    } else if (at->thread != NULL) {
        calls_note_attempt(at, match.op);
    }
}

void tracker_complete(struct tracker *tracker, struct tracker_event *at)
{
    struct match_end end = end_shown_by(tracker, at);
    struct match match;

    if (at->action->act == AFD_ACT_PENDING) {
        take_pending(tracker, at, &end);
    } else if (!find_match(tracker, at, &end, &match)) {
        tracker->coverage.completions++;
    } else if (match.op == NULL) {
        tracker->coverage.completions++;
        keep_early(tracker, at, &end);
    } else {
        take_end(tracker, at, &match);
    }
}

void tracker_take_early(struct tracker *tracker, struct tracker_event *at, struct tracked_op *op)
{
    struct tracked_ending *ending;
    struct early_end early;
    enum match_rule rule;

    if (!early_ends_take(&tracker->early, op, at->event->cpu, &early, &rule)) {
        return;
    }
    ending = begin_ending(tracker, op);
    if (ending == NULL) {
        stack_release(early.ending.at.stack);
        return;
    }
    ending->ending = early.ending;
    ending->ending.event = tracker->event;
    if (rule == MATCH_THREAD && early.failed && op->is_attempt) {
        tracker->coverage.completions--;
        calls_suspend(tracker, op, at->thread, op->op.number - 1);
        return;
    }
    complete_op(tracker, op, rule, early.failed);
}
