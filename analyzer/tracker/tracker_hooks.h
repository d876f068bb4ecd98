/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_TRACKER_TRACKER_HOOKS_H
#define ANALYZER_TRACKER_TRACKER_HOOKS_H

/* Hooks and options that a tracker is made with. */

#include "analyzer/tracker/conflict.h"
#include "analyzer/tracker/operation.h"
#include "parsers/afd/afd_beliefs.h"

/* Any of them may be NULL. What they are given is borrowed during the call; operation_retain()
 * keeps an operation longer. */
struct tracker_hooks {
    void *user;
    /* Called in the order in which ends become known; those that one event tells of by post. */
    void (*operation_ended)(void *user, struct operation *op);
    /* Every attempt that was rejected at once, with the owner of its socket. The call may go on as
     * an operation, which says so (op_continuation.rejected). */
    void (*attempt_rejected)(void *user, const struct process_info *process, int64_t order);
    /* Every conflict that exists, once, when both operations have ended or the trace has, in that
     * order; ties by the first's post, then the second's. All is set but `gates`. */
    void (*conflict_settled)(void *user, struct conflict *conflict);
    /* Says whether a loss is recorded in [from, to] (`order` values), both included; INT64_MAX
     * stands for the end of the trace. */
    bool (*is_lost)(void *user, int64_t from_order, int64_t to_order);
};

struct tracker_options {
    const struct afd_beliefs *beliefs; /* borrowed for the call; NULL: those of an unknown build */
    const enum rule_level *severity;   /* borrowed for the call; NULL, or for each rule the severity
                                          that the user gave it, 0 where none */
    int64_t second;                    /* `order` units in a second; below 1 counts as 1 */
    uint32_t closing_max;              /* operations closing at a time; 0: 65,536 */
};

#endif
