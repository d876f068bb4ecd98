/* SPDX-License-Identifier: Apache-2.0 */

#ifndef BASE_TIME_INDEX_H
#define BASE_TIME_INDEX_H

/*
 * An ordered map from keys (major, minor, from) to items, for questions of the kind "what was true
 * of X at time T": the answer is the item with the greatest key that is not beyond the one asked
 * for. The map is a balanced tree (an AA tree): inserting and asking take O(log n) whatever the
 * keys are. Nodes are members of the caller's items, so that nothing is allocated here.
 *
 * An item may also hold a range of minors for an interval of time: an image in memory from its
 * loading to its unloading. Each node then knows the bounds of the nodes below it, and the search
 * for the item that covers a place leaves out every part of the tree that can't hold it.
 */

#include <stddef.h>
#include <stdint.h>

struct time_index_bounds { /* of a node and all nodes below it */
    uint64_t last;         /* the greatest */
    int64_t from_min, from_max, to;
};

struct time_index_node {
    struct time_index_node *left, *right; /* the index's own */
    unsigned level;                       /* the index's own */
    uint64_t major, minor;                /* compared first and second */
    int64_t from;                         /* compared last: since when the item is true */
    uint64_t last;                        /* the last minor that the item covers */
    int64_t to;                           /* the last moment at which the item is true */
    struct time_index_bounds bounds;      /* the index's own */
    void *item;                           /* borrowed: the item that the node is a member of */
};

/* All zero: empty. There is nothing to free. */
struct time_index {
    struct time_index_node *root; /* borrowed nodes; NULL: empty */
};

/* Adds a node whose major, minor, from and item are set, and `last` and `to` where
 * time_index_covering is called. No other node of the index has that key. The node stays where it
 * is, and its key as it is, for as long as the index is used. */
void time_index_insert(struct time_index *index, struct time_index_node *node);

/* The item with the greatest key that is not greater than (major, minor, from), if its `major` is
 * the one asked for; else NULL. */
void *time_index_floor(const struct time_index *index, uint64_t major, uint64_t minor,
                       int64_t from);

/* The greatest `to` of all items whose keys are not greater than (major, minor, from), of whatever
 * major; INT64_MIN: there is no such item. O(log n). */
int64_t time_index_latest_end(const struct time_index *index, uint64_t major, uint64_t minor,
                              int64_t from);

/* Sets `to` of a node that is in the index; O(log n). */
void time_index_end(struct time_index *index, struct time_index_node *node, int64_t to);

struct time_index_place {
    uint64_t major, minor;
    int64_t since, at; /* moments */
};

/* The item with the greatest key among those that cover the place: its major is the one given,
 * minor <= place.minor <= last, and since <= from <= at <= to. NULL: none covers the place, or the
 * search was given up after TIME_INDEX_VISITS_MAX nodes. Items that were true at different times or
 * lie side by side cost O(log n); only items that someone made to overlap in both ways exhaust the
 * visits. */
#define TIME_INDEX_VISITS_MAX 256
void *time_index_covering(const struct time_index *index, const struct time_index_place *place);

#endif
