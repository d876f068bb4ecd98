/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_TRACKER_COMPLETION_H
#define ANALYZER_TRACKER_COMPLETION_H

/* Ends that Windows logged: which operation each ends (docs/semantics.md, 3, "Matching"). */

#include "analyzer/tracker/tracker_state.h"

/* An end at hand: ends the operation that it matches, or is kept. */
void tracker_complete(struct tracker *tracker, struct tracker_event *at);

/* The post that an end which came early may wait for, while there is one. */
void tracker_take_early(struct tracker *tracker, struct tracker_event *at, struct tracked_op *op);

/* An end that came early meets its post. Most posts come while no end waits. */
static inline void tracker_complete_early(struct tracker *tracker, struct tracker_event *at,
                                          struct tracked_op *op)
{
    if (tracker->early.count > 0) {
        tracker_take_early(tracker, at, op);
    }
}

#endif
