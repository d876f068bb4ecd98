/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_TRACKER_CALLS_H
#define ANALYZER_TRACKER_CALLS_H

/* Calls of threads: attempts, the requests that continue them, and calls that have returned
 * (docs/semantics.md, 3, "One call, one operation"). */

#include "analyzer/tracker/tracker_state.h"

/* The call that the post at hand continues. */
struct continued_call {
    struct tracked_op *op;                   /* NULL: none that is in flight */
    const struct rejected_attempt *rejected; /* NULL: no rejected attempt either */
};

/* An event of its thread's own: ends the suspension of the thread's last call, or finds that the
 * event continues it, and ends calls that must have returned. */
void calls_begin_event(struct tracker *tracker, const struct tracker_event *at,
                       struct continued_call *call);

/* The event was an attempt's Enter: of an operation, or rejected. */
void calls_note_attempt(struct tracker_event *at, const struct tracked_op *op);
void calls_note_rejected(struct tracker *tracker, const struct tracker_event *at);

#endif
