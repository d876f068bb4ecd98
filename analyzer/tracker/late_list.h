/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_TRACKER_LATE_LIST_H
#define ANALYZER_TRACKER_LATE_LIST_H

/* Conflicts that an event settles, and whose first operation was told before that event. Each such
 * operation stands in the list once, and its conflicts are chained in the order in which they were
 * added. A list keeps its room. */

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/tracker/op_sort.h"

struct late_conflict {
    struct kept_conflict kept; /* `other` is the id of the second operation */
    uint32_t next;             /* place of the next one with the same first; 0: none */
};

struct late_list {
    struct numbered_op *firsts, *spare; /* owned, with equal room */
    struct late_conflict *items;        /* owned; the place of the first item is 1 */
    uint32_t first_count, first_room;
    uint32_t count, room;
};

/* Adds a copy of a conflict of an operation that was told, whose late.first is 0 before its first
 * one. False: no memory. */
bool late_list_add(struct late_list *list, struct tracked_op *first,
                   const struct kept_conflict *kept);

/* Sorts the operations by post. */
void late_list_sort(struct late_list *list);

void late_list_clear(struct late_list *list);
void late_list_finish(struct late_list *list); /* leaves it empty, without room */

#endif
