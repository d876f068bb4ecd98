/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_TRACKER_SETTLE_H
#define ANALYZER_TRACKER_SETTLE_H

/* Operations that have ended are told, and conflicts of which both operations have ended are judged
 * and told (docs/semantics.md, 5). */

#include "analyzer/tracker/tracker_state.h"

/* Sorts the operations that the event at hand has ended by post, the order in which they are told.
 */
void tracker_close_event(struct tracker *tracker);

/* Tells what has ended, and judges and tells conflicts of which both operations have. */
void tracker_settle(struct tracker *tracker);

#endif
