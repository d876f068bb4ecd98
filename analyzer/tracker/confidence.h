#ifndef ANALYZER_TRACKER_CONFIDENCE_H
#define ANALYZER_TRACKER_CONFIDENCE_H

/* How sure conflicts are, settled when their first operation ends or the trace does. */

#include "analyzer/tracker/operation.h"

/* What the first operation gives to all its conflicts. */
struct confidence {
    uint32_t reasons;
    bool ended;           /* its end was traced, at `ended_order` */
    bool unseen_is_heavy; /* that its end was not seen is no reason to think less of a conflict */
    int64_t ended_order;
};

/* `lost`: events, while it was in flight. `user_ends_traced`: some operation with a user address
 * has a traced end. */
void confidence_of_first(const struct operation *op, bool lost, bool user_ends_traced,
                         struct confidence *confidence);

/* What is settled of one conflict. `same_time`: its second was posted at the time of the first's
 * traced end; `inferred`, `unverified`: an address is. */
static inline uint32_t confidence_reasons(const struct confidence *confidence, bool same_time,
                                          bool inferred, bool unverified)
{
    return confidence->reasons | (same_time ? REASON_BIT(REASON_SAME_TIME) : 0) |
           (inferred ? REASON_BIT(REASON_INFERRED_ADDRESS) : 0) |
           (unverified ? REASON_BIT(REASON_UNVERIFIED_FIELD) : 0);
}

static inline enum rule_level confidence_level(const struct confidence *confidence,
                                               uint32_t reasons, enum rule_level severity)
{
    const enum rule_level one_lower = severity == RULE_ERROR ? RULE_WARNING : RULE_NOTE;

    if (reasons == 0)
        return severity;
    /* The first was in flight at the second's post, so in the order of events a traced end came
     * later, one of the same time, too. */
    if (confidence->ended ||
        (confidence->unseen_is_heavy && reasons == REASON_BIT(REASON_COMPLETION_NOT_SEEN)))
        return one_lower;
    return RULE_NOTE;
}

#endif
