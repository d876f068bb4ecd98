#ifndef ANALYZER_TRACKER_CONFLICTS_H
#define ANALYZER_TRACKER_CONFLICTS_H

/* Conflicts of a post (docs/semantics.md, 4 and 5). */

#include "analyzer/tracker/tracker_state.h"

/* Compares a post with what is in flight, suspended or closing. */
void tracker_compare(struct tracker *tracker, struct tracked_op *op);

/* Puts the memory of an operation, if it has some that is compared, into the index of its address
 * space. False: no memory. */
bool tracker_add_memory(struct tracker *tracker, struct tracked_op *op);

/* Puts a conflict behind those that an operation has as their first. */
void conflicts_append_first(struct op_conflicts *conflicts, struct kept_conflict *kept);

/* The provisional conflicts of `first` exist, or do not. */
void conflicts_confirm(struct tracker *tracker, struct tracked_op *first);
void conflicts_void(struct tracked_op *first);

#endif
