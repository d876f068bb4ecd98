/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_TRACKER_OP_LIST_H
#define ANALYZER_TRACKER_OP_LIST_H

/* Operations one after the other, as one event concerns them or as they have ended. A list keeps
 * its room. */

#include "analyzer/tracker/op_store.h"

struct op_list {
    struct tracked_op **items; /* owned */
    size_t count, room;
};

/* Adds an operation behind the others. False: no memory. */
bool op_list_add(struct op_list *list, struct tracked_op *op);

/* Replaces what the list holds by a set's operations, in no order. False: no memory, and some are
 * missing. */
bool op_list_of_set(struct op_list *list, const struct op_store *store, const struct op_set *set);

/* Sorts the items from that place on by post, in linear time. False: no memory, nothing is sorted.
 */
bool op_list_sort(struct op_list *list, size_t from);

void op_list_finish(struct op_list *list); /* leaves it empty */

#endif
