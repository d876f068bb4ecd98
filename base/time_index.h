#ifndef BASE_TIME_INDEX_H
#define BASE_TIME_INDEX_H

/*
 * An ordered map from (major, minor, from) to items, for "what was true of X at time T": the entry
 * with the greatest key that is not beyond the one asked for. A balanced tree (AA), so that nobody
 * who chooses the keys can make it slow: O(log n) each. Nodes live in the caller's items.
 */

#include <stddef.h>
#include <stdint.h>

struct time_index_node {
    struct time_index_node *left, *right; /* the index's own */
    unsigned level;                       /* likewise */
    uint64_t major, minor;
    int64_t from;
    void *item; /* borrowed: what the node is part of */
};

struct time_index {
    struct time_index_node *root; /* NULL: empty. Nothing to release */
};

/* node->major, minor, from and item are set by the caller; no other node has that key. */
void time_index_insert(struct time_index *index, struct time_index_node *node);

/* The item with the greatest key <= (major, minor, from) in lexical order that has this `major`;
 * NULL if there is none. */
void *time_index_floor(const struct time_index *index, uint64_t major, uint64_t minor,
                       int64_t from);

#endif
