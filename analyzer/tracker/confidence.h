/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_TRACKER_CONFIDENCE_H
#define ANALYZER_TRACKER_CONFIDENCE_H

/* How sure a conflict is, and what that makes of its severity (docs/semantics.md, 5). */

#include "analyzer/tracker/conflict.h"
#include "analyzer/tracker/tracked_op.h"
#include "parsers/afd/afd_beliefs.h"

/* Paths of operations. Where some of a path ended traced, untraced ends of that path mean something
 * (docs/semantics.md, 5, level). */
#define CONFIDENCE_PATHS 2 /* legacy: by FastPath; modern: 0, what is not on the fast path */

/* Facts about a trace, as far as it is known. */
struct confidence_facts {
    struct afd_beliefs beliefs;                          /* in force */
    int64_t second_len;                                  /* `order` units in a second */
    bool ends_are_logged;                                /* every end is believed to be */
    bool ends_traced[AFD_FAMILIES][2][CONFIDENCE_PATHS]; /* by family, direction and path: some
                                                            operation's end was traced */
};

/* True if nobody has verified whose address the operation's memory was recorded with. */
bool confidence_is_unverified(const struct confidence_facts *facts, const struct tracked_op *op);

/* The reasons that the first has in all its conflicts, once it has ended, or the trace has, and
 * its `unverified` is set. `lost`: events were lost from its post to its end. Until then `reasons`
 * of the operation are those of its end or close. */
uint32_t confidence_of_first(const struct tracked_op *first, bool lost);

/* Fills reasons, confidence and level of a conflict whose severity and extent are set. The first's
 * `reasons` are those of confidence_of_first(), and `unverified` of the second is set. */
void confidence_settle(const struct confidence_facts *facts, struct conflict *conflict);

/* Takes into account, in a settled conflict, stacks of the first that have become known since:
 * where those of attempt and continuation don't agree, these may belong to two calls. */
void confidence_compare_stacks(struct conflict *conflict);

#endif
