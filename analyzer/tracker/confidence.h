/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_TRACKER_CONFIDENCE_H
#define ANALYZER_TRACKER_CONFIDENCE_H

/* How sure a conflict is, and what that makes of its severity (docs/semantics.md, 5). */

#include "analyzer/tracker/conflict.h"
#include "analyzer/tracker/tracked_op.h"
#include "parsers/afd/afd_beliefs.h"

/* Facts about two operations when the first has ended, or the trace has. */
struct confidence_facts {
    const struct tracked_op *first, *second;
    const struct afd_beliefs *beliefs; /* in force */
    int64_t second_len;                /* `order` units in a second */
    bool of_kernel_address;            /* the shared memory is one */
    bool lost;                         /* events, from the first's post to its end */
    bool untraced_end_counts; /* operations like the first have traced ends in this trace */
};

/* Fills reasons, confidence and level of a conflict whose severity is set. */
void confidence_settle(const struct confidence_facts *facts, struct conflict *conflict);

/* Takes into account, in a settled conflict, stacks of the first that have become known since:
 * where those of attempt and continuation don't agree, these may belong to two calls. */
void confidence_compare_stacks(struct conflict *conflict);

#endif
