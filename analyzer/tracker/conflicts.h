/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_TRACKER_CONFLICTS_H
#define ANALYZER_TRACKER_CONFLICTS_H

/* Conflicts of a post (docs/semantics.md, 4 and 5). */

#include "analyzer/tracker/tracker_state.h"

/* Compares a post with what is in flight, suspended or closing, and lets later posts be compared
 * with it by its memory (op_memory_remove() ends that). False: no memory, and it is in no index. */
bool tracker_compare(struct tracker *tracker, struct tracked_op *op);

/* The provisional conflicts of `first` exist. Where nobody calls this before the operation is told,
 * they do not. */
void conflicts_confirm(struct tracker *tracker, struct tracked_op *first);

#endif
