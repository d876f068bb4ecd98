/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/tracker/confidence.h"

#include "analyzer/tracker/stack_agreement.h"
#include "base/stack_store.h"

static uint32_t reason_of_end(enum op_end end)
{
    switch (end) {
    case OP_CLOSED:
        return REASON_BIT(REASON_CLOSED);
    case OP_SUPERSEDED:
        return REASON_BIT(REASON_SUPERSEDED);
    case OP_RETURNED:
        return REASON_BIT(REASON_RETURNED);
    case OP_IMPLIED:
        return REASON_BIT(REASON_IMPLIED);
    case OP_IN_FLIGHT:
    case OP_COMPLETED:
    case OP_FAILED:
    case OP_PENDING:
        break;
    }
    return 0;
}

/* A traced end settles what had become doubtful before it. */
static uint32_t reasons_of_untraced_end(const struct tracked_op *first)
{
    const uint32_t doubts = REASON_BIT(REASON_ABORTED) | REASON_BIT(REASON_END_AMBIGUOUS);

    return REASON_BIT(REASON_COMPLETION_NOT_SEEN) | (first->reasons & doubts) |
           reason_of_end((enum op_end)first->op.end);
}

/* True if the second's own address was known to be inferred when the first's end became known: a
 * continuation that came later tells nothing then. */
static bool second_is_inferred(const struct tracked_op *first, const struct tracked_op *second)
{
    if (!op_is_inferred_at(second, second->op.number)) {
        return false;
    }
    return first->op.ended == NULL || second->op.continued->event <= op_ending(first)->known_event;
}

static bool is_unsure(const struct tracked_op *first)
{
    return first->op.ended != NULL ? op_ending(first)->unsure : first->op.process->unsure;
}

/* True if the address is one that an attempt showed. */
static bool is_of_attempt(const struct tracked_op *op)
{
    return op->op.family == AFD_FAMILY_MODERN && (op->op.fast_path || op->op.address_from_attempt);
}

/* 1021 and 1027 do not say whose address theirs is. Others do as far as is believed. */
bool confidence_is_unverified(const struct confidence_facts *facts, const struct tracked_op *op)
{
    const struct afd_beliefs *beliefs = &facts->beliefs;

    return op->op.space == AFD_SPACE_USER &&
           (op->ex ||
            (!beliefs->holds[AFD_BELIEF_ATTEMPT_SHOWS_USER_ADDRESS] && is_of_attempt(op)) ||
            (!beliefs->holds[AFD_BELIEF_FIRST_BUFFER_ALL_BYTES] && op->op.chained));
}

uint32_t confidence_of_first(const struct tracked_op *first, bool lost)
{
    uint32_t reasons = op_end_is_traced(&first->op) ? 0 : reasons_of_untraced_end(first);

    if (lost) {
        reasons |= REASON_BIT(REASON_EVENTS_LOST);
    }
    if (first->unverified) {
        reasons |= REASON_BIT(REASON_UNVERIFIED_FIELD);
    }
    return reasons;
}

/* True if nobody knows whether two operations are of one address space: their process ids differ,
 * and need not be the callers'. */
static bool may_be_apart(const struct afd_beliefs *beliefs, const struct tracked_op *first,
                         const struct tracked_op *second)
{
    return !beliefs->holds[AFD_BELIEF_ENTER_NAMES_CALLER] &&
           first->op.posted.pid != second->op.posted.pid;
}

static uint32_t reasons_of_addresses(const struct confidence_facts *facts,
                                     const struct tracked_op *first,
                                     const struct tracked_op *second)
{
    uint32_t reasons = 0;

    if (op_is_inferred_at(first, second->op.number) || second_is_inferred(first, second)) {
        reasons |= REASON_BIT(REASON_INFERRED_ADDRESS);
        if (is_unsure(first)) {
            reasons |= REASON_BIT(REASON_INFERENCE_UNSURE);
        }
    }
    if (second->unverified || may_be_apart(&facts->beliefs, first, second)) {
        reasons |= REASON_BIT(REASON_UNVERIFIED_FIELD);
    }
    return reasons;
}

/* True if the first may have ended before the second's post, although the end of its request was
 * logged behind that: where a program may learn of an end that is not logged yet. */
static bool may_end_late(const struct confidence_facts *facts, const struct operation *first,
                         const struct operation *second)
{
    return !facts->beliefs.holds[AFD_BELIEF_END_BEFORE_NOTICE] && op_end_is_traced(first) &&
           first->family == AFD_FAMILY_MODERN && !first->fast_path &&
           ticks_between(second->posted.order, first->ended->at.order) <=
               (uint64_t)facts->second_len;
}

static uint32_t all_reasons(const struct confidence_facts *facts, const struct conflict *conflict)
{
    const struct tracked_op *first = tracked_const(conflict->first);
    const struct tracked_op *second = tracked_const(conflict->second);
    uint32_t reasons = first->reasons;

    if (op_end_is_traced(&first->op) && first->op.ended->at.order == second->op.posted.order) {
        reasons |= REASON_BIT(REASON_SAME_TIME);
    }
    if (may_end_late(facts, &first->op, &second->op)) {
        reasons |= REASON_BIT(REASON_END_AMBIGUOUS);
    }
    if (conflict->extent != EXTENT_START_ONLY) {
        reasons |= reasons_of_addresses(facts, first, second);
    }
    return reasons;
}

static enum confidence confidence_of(uint32_t reasons)
{
    if (reasons == 0) {
        return CONFIDENCE_CONFIRMED;
    }
    return reasons == REASON_BIT(REASON_INFERRED_ADDRESS) ? CONFIDENCE_LIKELY : CONFIDENCE_POSSIBLE;
}

/* True if operations like the first have traced ends in this trace. */
static bool untraced_end_counts(const struct confidence_facts *facts, const struct operation *first)
{
    unsigned path = first->family == AFD_FAMILY_LEGACY && first->fast_path;

    return facts->ends_are_logged && facts->ends_traced[first->family][first->direction][path];
}

/* True if it means something that the first's end was not traced. On the fast path it is the last
 * call of a thread, and the end of a datagram's send is optional. */
static bool untraced_end_is_heavy(const struct confidence_facts *facts,
                                  const struct operation *first, uint32_t reasons)
{
    bool fast = first->family == AFD_FAMILY_MODERN && first->fast_path;
    bool datagram_send = first->datagram && first->direction == AFD_SEND;

    return reasons == REASON_BIT(REASON_COMPLETION_NOT_SEEN) && !fast && !datagram_send &&
           untraced_end_counts(facts, first);
}

static enum rule_level level_of(const struct confidence_facts *facts,
                                const struct conflict *conflict)
{
    const enum rule_level severity = conflict->severity;
    const enum rule_level one_lower = severity == RULE_ERROR ? RULE_WARNING : RULE_NOTE;

    if (conflict->confidence != CONFIDENCE_POSSIBLE) {
        return severity;
    }
    if ((conflict->reasons & REASON_BIT(REASON_INFERENCE_UNSURE)) != 0 ||
        may_end_late(facts, conflict->first, conflict->second)) {
        return RULE_NOTE;
    }
    if (op_end_is_traced(conflict->first) ||
        untraced_end_is_heavy(facts, conflict->first, conflict->reasons)) {
        return one_lower;
    }
    return RULE_NOTE;
}

void confidence_settle(const struct confidence_facts *facts, struct conflict *conflict)
{
    conflict->reasons = all_reasons(facts, conflict);
    conflict->confidence = confidence_of(conflict->reasons);
    conflict->level = level_of(facts, conflict);
}

void confidence_compare_stacks(struct conflict *conflict)
{
    const struct operation *first = conflict->first;
    if ((conflict->reasons & REASON_BIT(REASON_INFERRED_ADDRESS)) == 0 ||
        first->continued == NULL) {
        return;
    }
    const struct stack *attempt = stack_known(first->posted.stack);
    const struct stack *request = stack_known(first->continued->at.stack);
    if (attempt != NULL && request != NULL &&
        !stack_agreement(attempt->frames, attempt->frame_count, request->frames,
                         request->frame_count, first->pointer_size)) {
        conflict->reasons |= REASON_BIT(REASON_INFERENCE_UNSURE);
        conflict->confidence = CONFIDENCE_POSSIBLE;
        conflict->level = RULE_NOTE;
    }
}
