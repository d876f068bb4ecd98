/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_TRACKER_ENDING_H
#define ANALYZER_TRACKER_ENDING_H

/* The things that every end of an operation does (docs/semantics.md, 3, "Effects"). */

#include "analyzer/tracker/tracker_state.h"

/* Ends an operation that flies without a completion, by the event at hand. */
void tracker_end(struct tracker *tracker, struct tracked_op *op, enum op_end end,
                 const struct etl_event *event);

/* True if somebody is told of an operation that ends now: of its conflicts, each of which has a
 * reference to either operation, or of all operations. Most end without a conflict, and how they
 * ended need not be kept. */
static inline bool tracker_is_told(const struct tracker *tracker, const struct tracked_op *op)
{
    return op->references > 1 || tracker->hooks.operation_ended != NULL;
}

/* Takes an operation out of everything that finds it and lets its end be told. The ending of an
 * operation that is told is filled; a pending one has none. One that is not told may be gone
 * afterwards. */
void tracker_finish_op(struct tracker *tracker, struct tracked_op *op, enum op_end end);

/* For want of memory: takes an operation that is under no key of `matching` out of everything else,
 * so that the end of the trace does not meet it. */
void tracker_abandon(struct tracker *tracker, struct tracked_op *op);

/* The reasons that its endpoint has given an operation since its post. */
uint32_t tracker_endpoint_reasons(const struct tracked_op *op);

/* An AcceptEx operation no longer waits for its accept endpoint. */
void tracker_unlink_accept(struct tracker *tracker, struct tracked_op *op);

#endif
