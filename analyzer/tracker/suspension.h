/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_TRACKER_SUSPENSION_H
#define ANALYZER_TRACKER_SUSPENSION_H

/* A fast-path attempt that is over may go on as a request: until its thread does something else, or
 * a second has passed, the operation is suspended (docs/semantics.md, 3, "One call, one
 * operation").
 */

#include "analyzer/tracker/tracker_state.h"

#define CONTINUATION_SECONDS 1 /* an attempt may be continued so long after it was over */

/* An attempt is over: suspended until its thread's next own event. The operation is out of
 * `matching`, and its ending is filled but for what suspension needs. `thread`: the one whose event
 * it was. */
void calls_suspend(struct tracker *tracker, struct tracked_op *op, struct thread *thread,
                   uint64_t inferred_after);

/* A suspended operation does not go on: it ended at its Exit. */
void calls_fail_suspended(struct tracker *tracker, struct tracked_op *op);

/* Suspended operations whose second is over. */
void calls_expire(struct tracker *tracker);

#endif
