/* How sure a conflict is, settled when its first operation ends or the trace does. */

#include "analyzer/tracker/tracker_internal.h"

/* A user address that came from ConnectEx's or AcceptEx's data event. */
static bool unverified(const struct operation *op, bool kernel)
{
    if (kernel)
        return false;
    return op->space == OP_SPACE_USER ? op->post_id == ID_CONNECTEX || op->post_id == ID_ACCEPTEX
                                      : op->inferred_ex;
}

static uint32_t end_reason(const struct operation *op)
{
    switch ((enum op_end)op->end) {
    case OP_CLOSED:
        return REASON_BIT(REASON_CLOSED);
    case OP_SUPERSEDED:
        return REASON_BIT(REASON_SUPERSEDED);
    case OP_RETURNED:
        return REASON_BIT(REASON_RETURNED);
    case OP_IN_FLIGHT:
    case OP_COMPLETED:
    case OP_FAILED:
    case OP_PENDING:
        break;
    }
    return 0;
}

uint32_t confidence_reasons(const struct conflict *conflict, bool lost)
{
    const struct operation *a = conflict->first, *b = conflict->second;
    bool kernel = conflict->extent == EXTENT_START_ONLY;
    uint32_t reasons = a->reasons | end_reason(a);

    if (!op_end_is_traced(a))
        reasons |= REASON_BIT(REASON_COMPLETION_NOT_SEEN);
    else if (a->ended.order == b->posted.order)
        reasons |= REASON_BIT(REASON_SAME_TIME);
    if (lost)
        reasons |= REASON_BIT(REASON_EVENTS_LOST);
    if (conflict->inferred)
        reasons |= REASON_BIT(REASON_INFERRED_ADDRESS);
    if (unverified(a, kernel) || unverified(b, kernel))
        reasons |= REASON_BIT(REASON_UNVERIFIED_FIELD);
    return reasons;
}

static enum rule_level one_lower(enum rule_level level)
{
    return level == RULE_ERROR ? RULE_WARNING : RULE_NOTE;
}

enum rule_level confidence_level(const struct conflict *conflict, bool user_ends_traced)
{
    const struct operation *a = conflict->first;
    bool fast = a->family == AFD_FAMILY_MODERN && a->fast_path;
    /* It was in flight at the second's post, so in the order of events a traced end came later,
     * one of the same time, too. */
    bool ended_later = op_end_is_traced(a);
    bool only_unseen = conflict->reasons == REASON_BIT(REASON_COMPLETION_NOT_SEEN);

    if (conflict_is_confirmed(conflict))
        return conflict->severity;
    if (ended_later || (only_unseen && !fast && user_ends_traced))
        return one_lower(conflict->severity);
    return RULE_NOTE;
}
