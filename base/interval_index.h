#ifndef BASE_INTERVAL_INDEX_H
#define BASE_INTERVAL_INDEX_H

/*
 * The user memory of operations in flight in one address space, ordered by start, so that what
 * overlaps a range is found in O(log n) and O(log n) for each hit. Many intervals may share a
 * start. An interval can be closed to later receives or to later sends: then those queries do not
 * see it, and do not pay for it either.
 *
 * A B+ tree, each child known with a bound of the ends below it that are still open to either
 * direction. Bounds that removals have left too large are renewed by the first query that they
 * mislead. Nodes come from pools that the indexes of one tracker share.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/pool.h"

#define INTERVAL_LEVELS_MAX 16 /* a level takes at least 8 splits of the one below it */

struct interval {
    /* Both included, below 2^63; last is never 0, nor 4 GiB or more behind start. */
    uint64_t start, last;
    /* The index's own. */
    struct interval_index *index; /* NULL: in none */
    void *leaf;                   /* that holds it */
};

/* Where nodes come from. Outlives the indexes; finishing it finishes them. */
struct interval_nodes {
    struct pool leaves, inners;
    uint32_t last_stamp; /* that a leaf got */
};

/* Where an index looks for what begins at `start`, as long as the leaf is there and its range
 * has not shrunk. */
struct interval_place {
    const struct interval_index *index;
    void *leaf;
    uint32_t stamp; /* the leaf's */
    uint64_t start;
    uint64_t low, high; /* all keys from `low` up to `high` are the leaf's */
};

struct interval_index {
    struct interval_nodes *nodes; /* borrowed */
    void *root;                   /* a leaf where `levels` is 0; NULL: empty */
    unsigned levels;              /* of inner nodes */
    uint64_t longest; /* no interval reaches further behind its start; since the index was empty */
    struct interval_place place; /* of the last query: what it asked for is inserted next */
};

void interval_nodes_init(struct interval_nodes *nodes);
void interval_nodes_finish(struct interval_nodes *nodes);

void interval_index_init(struct interval_index *index, struct interval_nodes *nodes);

/* `interval` has start and last set, and stays where it is until removed. False: no memory,
 * and it is not in the index. */
bool interval_insert(struct interval_index *index, struct interval *interval);
void interval_remove(struct interval *interval);

/* Closes it to later operations of `direction`; closed to both it leaves the index, and removing it
 * does nothing. */
void interval_close(struct interval *interval, unsigned direction);

/* What queries have found, in no order. All zero: empty. */
struct interval_hits {
    struct interval **items; /* owned */
    size_t count, room;
};

void interval_hits_finish(struct interval_hits *hits); /* leaves it empty */

/* Adds every interval that shares a byte with [start, last], below 2^63, and is open to
 * `direction`. False: no memory, and some are missing. */
bool interval_find(struct interval_index *index, unsigned direction, uint64_t start, uint64_t last,
                   const struct interval_place *hint, struct interval_hits *hits);

/* Finds ahead of time where a query or insertion will begin, for `hint` above, and starts loading
 * what is there. */
void interval_place_find(const struct interval_index *index, uint64_t start,
                         struct interval_place *place);
void interval_place_prefetch(const void *leaf); /* a place's, or an interval's; may be NULL */

#endif
