#include "analyzer/tracker/confidence.h"

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

void confidence_of_first(const struct operation *op, bool lost, bool user_ends_traced,
                         struct confidence *confidence)
{
    bool fast = op->family == AFD_FAMILY_MODERN && op->fast_path;

    *confidence = (struct confidence){.reasons = op->reasons | end_reason(op),
                                      .ended = op_end_is_traced(op),
                                      .unseen_is_heavy = !fast && user_ends_traced,
                                      .ended_order = op->ended.order};
    if (!confidence->ended)
        confidence->reasons |= REASON_BIT(REASON_COMPLETION_NOT_SEEN);
    if (lost)
        confidence->reasons |= REASON_BIT(REASON_EVENTS_LOST);
}
