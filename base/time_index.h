#ifndef BASE_TIME_INDEX_H
#define BASE_TIME_INDEX_H

/*
 * An ordered map from keys (major, minor, from) to items, for questions of the kind "what was true
 * of X at time T": the answer is the item with the greatest key that is not beyond the one asked
 * for. The map is a balanced tree (an AA tree): inserting and asking take O(log n) whatever the
 * keys are. Nodes are members of the caller's items, so that nothing is allocated here.
 */

#include <stddef.h>
#include <stdint.h>

struct time_index_node {
    struct time_index_node *left, *right; /* the index's own */
    unsigned level;                       /* the index's own */
    uint64_t major, minor;                /* compared first and second */
    int64_t from;                         /* compared last: since when the item is true */
    void *item;                           /* borrowed: the item that the node is a member of */
};

/* All zero: empty. There is nothing to free. */
struct time_index {
    struct time_index_node *root; /* borrowed nodes; NULL: empty */
};

/* Adds a node whose major, minor, from and item are set. No other node of the index has that key.
 * The node stays where it is, and its key as it is, for as long as the index is used. */
void time_index_insert(struct time_index *index, struct time_index_node *node);

/* The item with the greatest key that is not greater than (major, minor, from), if its `major` is
 * the one asked for; else NULL. */
void *time_index_floor(const struct time_index *index, uint64_t major, uint64_t minor,
                       int64_t from);

#endif
