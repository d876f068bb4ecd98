/* SPDX-License-Identifier: Apache-2.0 */

#ifndef BASE_INTERVAL_INDEX_H
#define BASE_INTERVAL_INDEX_H

/*
 * Ranges of addresses that are in use, to find those that share a byte with another range.
 *
 * Two directions, 0 and 1, stand for two kinds of queries. An interval is open to both until it is
 * closed to one: a query of that direction neither finds the interval nor pays for it any more.
 *
 * The owner allocates intervals and keeps each where it is while it is in an index. The index is a
 * B+ tree of its own nodes, which come from pools that many indexes share. Inserting, removing and
 * closing take O(log n), a query O(log n) and O(log n) for each interval that it finds, where n is
 * how many intervals the index was given since it was empty. Any number may have the same start.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/pool.h"

/* A range of at least one and at most 2^32 bytes. All its bytes lie below 2^63, and the range is
 * not byte 0 alone. */
struct interval {
    uint64_t start;    /* the first byte's address */
    void *leaf;        /* the index's own: the node that holds it; NULL: it is in no index */
    uint32_t reach;    /* the last byte's address, less `start` */
    uint32_t owner_id; /* the owner's: no function here reads or writes it */
};

/* The last byte's address. */
static inline uint64_t interval_last(const struct interval *interval)
{
    return interval->start + interval->reach;
}

/* Where indexes get nodes from. Lives longer than the indexes. */
struct interval_nodes {
    struct pool leaves, inners;
};

/* Empty pools; allocates nothing. */
void interval_nodes_init(struct interval_nodes *nodes);

/* Frees all nodes. The indexes that used them must be empty, or never used again. */
void interval_nodes_finish(struct interval_nodes *nodes);

/* The bytes of all nodes. */
size_t interval_nodes_bytes(const struct interval_nodes *nodes);

/* Callers leave the members alone. */
struct interval_index {
    struct interval_nodes *nodes; /* borrowed */
    void *root;                   /* a node; NULL: the index is empty */
    uint32_t longest;             /* no interval in the index has a greater reach */
};

/* An empty index; allocates nothing. */
void interval_index_init(struct interval_index *index, struct interval_nodes *nodes);

/* Adds an interval that is in no index, open to both directions. `start` and `reach` must not
 * change until it is removed. False: there is no memory, and the interval is in no index. */
bool interval_insert(struct interval_index *index, struct interval *interval);

/* Removes an interval from its index. An interval that is in none stays as it is. */
void interval_remove(struct interval *interval);

/* Hides an interval from later queries of `direction`, 0 or 1. An interval that is closed to both
 * is removed. An interval that is in no index stays as it is. */
void interval_close(struct interval *interval, unsigned direction);

/* Intervals that queries have found. All zero: none yet. A caller may set `count` to 0. */
struct interval_hits {
    struct interval **items; /* an owned array of borrowed intervals */
    size_t count, room;
};

/* Frees the array and leaves it empty. */
void interval_hits_finish(struct interval_hits *hits);

/* Adds to `hits`, in no order, every interval of the index that is open to `direction` and shares a
 * byte with the range from `start` to `last`, both included and below 2^63. False: there is no
 * memory, and some are missing. */
bool interval_find(struct interval_index *index, unsigned direction, uint64_t start, uint64_t last,
                   struct interval_hits *hits);

/* Does what interval_find() does with the range of an interval that is in no index, and adds that
 * interval. Where nothing else is near, that takes one way down the tree. False: there is no
 * memory, the interval is in no index, and some hits may be missing. */
bool interval_find_and_insert(struct interval_index *index, unsigned direction,
                              struct interval *interval, struct interval_hits *hits);

/* Starts loading what removing or closing the interval will touch. */
void interval_prefetch(const struct interval *interval);

#endif
