/* SPDX-License-Identifier: Apache-2.0 */

#include "base/interval_index.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/least.h"
#include "base/prefetch.h"
#include "base/rare.h"

/*
 * The tree. Entries, which are intervals, lie in leaves; inner nodes have children. Three rules
 * hold between any two calls:
 *
 * 1. Order. The entries of a leaf are in the order of their starts. Each child i of an inner node
 *    but the first has a separator, start[i]: no entry below child i - 1 starts behind it, and no
 *    entry below child i starts before it. start[0] means nothing and is never compared.
 * 2. Bounds. bound[d][i] is not below the last byte of any entry below child i that is open to
 *    direction d. A bound may be too high, because removing and closing do not lower bounds.
 * 3. No node is empty.
 *
 * Height. All leaves are equally deep, as in any B+ tree. An inner node splits when it is full,
 * into halves that take 32 more children each before they split again, or, at the end of its level,
 * into one that is all but full and one that takes 63 more. So a level more needs about 32 times as
 * many insertions: no index can live to have more than 14 levels. Leaves with few entries are
 * joined. Inner nodes are only freed once they are empty, which leaves the height as it is.
 */

#define LEAF_CAPACITY 8
#define LEAF_SMALL 2      /* a leaf that has come down to so few entries tries to join another */
#define LEAF_JOINED_MAX 6 /* entries of a leaf made of two, which is not to be split again soon */
#define INNER_CAPACITY 64
#define NO_CHILD UINT64_MAX /* the separator of children that are not there: behind all starts */
#define DIRECTIONS 2

/* The beginning of both kinds of nodes. */
struct node {
    struct inner *parent; /* NULL: this is the root */
    uint32_t count;       /* of entries or children */
    bool is_leaf;
};

/* The numbers of an entry are copies of the interval's, so that a query looks at three cache lines
 * and not at every interval. */
struct leaf {
    struct node node;
    struct interval_index *index;
    uint32_t open; /* open_bit() of each entry and direction that the entry is open to */
    uint64_t start[LEAF_CAPACITY];
    uint32_t reach[LEAF_CAPACITY];
    struct interval *interval[LEAF_CAPACITY];
};

struct inner {
    struct node node;
    uint64_t start[INNER_CAPACITY]; /* separators; NO_CHILD behind the last child */
    uint64_t bound[DIRECTIONS][INNER_CAPACITY];
    struct node *child[INNER_CAPACITY];
};

_Static_assert(LEAF_CAPACITY *DIRECTIONS < 32, "leaf.open has a bit for each");
_Static_assert(sizeof(struct leaf) <= 3 * CACHE_LINE_LEN, "a leaf is three cache lines");
_Static_assert((INNER_CAPACITY & (INNER_CAPACITY - 1)) == 0, "child_at() halves it");

void interval_nodes_init(struct interval_nodes *nodes)
{
    pool_init(&nodes->leaves, sizeof(struct leaf));
    pool_init(&nodes->inners, sizeof(struct inner));
}

void interval_nodes_finish(struct interval_nodes *nodes)
{
    pool_finish(&nodes->leaves);
    pool_finish(&nodes->inners);
}

size_t interval_nodes_bytes(const struct interval_nodes *nodes)
{
    return pool_bytes(&nodes->leaves) + pool_bytes(&nodes->inners);
}

void interval_index_init(struct interval_index *index, struct interval_nodes *nodes)
{
    *index = (struct interval_index){.nodes = nodes};
}

/* ---- numbers and bounds ---- */

/* The last child whose separator is not behind `start`, or the first child. Entries that start at
 * `start` may also lie below earlier children with an equal separator. */
static unsigned child_at(const struct inner *inner, uint64_t start)
{
    unsigned at = 0;

    /* Invariant: the child looked for is among those from `at` to at + 2 * half - 1. */
    for (unsigned half = INNER_CAPACITY / 2; half > 0; half /= 2) {
        at += inner->start[at + half] <= start ? half : 0;
    }
    return at;
}

/* The number of a child, which is there, among those of its parent. */
static unsigned child_number(const struct inner *parent, const void *child)
{
    unsigned at = 0;

    while (parent->child[at] != child) {
        at++;
    }
    return at;
}

static uint32_t open_bit(unsigned at, unsigned direction)
{
    return UINT32_C(1) << (at * DIRECTIONS + direction);
}

static void raise_bound(uint64_t *bound, uint64_t last)
{
    *bound = *bound < last ? last : *bound;
}

/* Sets the bounds of a leaf, by direction, as low as its entries allow: 0 if none is open. */
static void leaf_bounds(const struct leaf *leaf, uint64_t bounds[DIRECTIONS])
{
    uint32_t open = leaf->open;

    bounds[0] = bounds[1] = 0;
    for (unsigned i = 0; i < leaf->node.count; i++, open >>= DIRECTIONS) {
        uint64_t last = leaf->start[i] + leaf->reach[i];

        raise_bound(&bounds[0], (open & open_bit(0, 0)) != 0 ? last : 0);
        raise_bound(&bounds[1], (open & open_bit(0, 1)) != 0 ? last : 0);
    }
}

static uint64_t inner_bound(const struct inner *inner, unsigned d)
{
    uint64_t bound = 0;

    for (unsigned i = 0; i < inner->node.count; i++) {
        raise_bound(&bound, inner->bound[d][i]);
    }
    return bound;
}

/* Sets the bounds of child `at` as low as the child allows: 0 if nothing is open below it. */
static void renew_bounds(struct inner *inner, unsigned at)
{
    const struct node *child = inner->child[at];
    uint64_t bounds[DIRECTIONS];

    if (child->is_leaf) {
        leaf_bounds((const struct leaf *)child, bounds);
    } else {
        for (unsigned d = 0; d < DIRECTIONS; d++) {
            bounds[d] = inner_bound((const struct inner *)child, d);
        }
    }
    for (unsigned d = 0; d < DIRECTIONS; d++) {
        inner->bound[d][at] = bounds[d];
    }
}

/* ---- entries of a leaf ---- */

/* Copies an entry, its open bits apart. */
static void copy_numbers(struct leaf *to, unsigned to_at, const struct leaf *from, unsigned at)
{
    to->start[to_at] = from->start[at];
    to->reach[to_at] = from->reach[at];
    to->interval[to_at] = from->interval[at];
}

/* Adds an entry that is open to both directions. The leaf has room. */
static void add_entry(struct leaf *leaf, struct interval *interval)
{
    unsigned at = leaf->node.count++;
    uint32_t before;

    for (; at > 0 && leaf->start[at - 1] > interval->start; at--) {
        copy_numbers(leaf, at, leaf, at - 1);
    }
    leaf->start[at] = interval->start;
    leaf->reach[at] = interval->reach;
    leaf->interval[at] = interval;
    interval->leaf = leaf;
    before = leaf->open & (open_bit(at, 0) - 1);
    leaf->open = (leaf->open - before) << DIRECTIONS | open_bit(at, 0) | open_bit(at, 1) | before;
}

static void drop_entry(struct leaf *leaf, unsigned at)
{
    uint32_t before = leaf->open & (open_bit(at, 0) - 1);

    leaf->node.count--;
    for (unsigned i = at; i < leaf->node.count; i++) {
        copy_numbers(leaf, i, leaf, i + 1);
    }
    leaf->open = (leaf->open & ~(open_bit(at + 1, 0) - 1)) >> DIRECTIONS | before;
}

/* Moves the entries from number `at` on to the end of a neighbour, which has room. They start no
 * earlier than the entries of that leaf. */
static void move_entries(struct leaf *from, unsigned at, struct leaf *to)
{
    unsigned end = to->node.count;

    for (unsigned i = at; i < from->node.count; i++) {
        copy_numbers(to, end + i - at, from, i);
        from->interval[i]->leaf = to;
    }
    to->node.count += from->node.count - at;
    from->node.count = at;
    to->open |= from->open >> at * DIRECTIONS << end * DIRECTIONS;
    from->open &= open_bit(at, 0) - 1;
}

/* The number of an entry, which is there. */
static unsigned entry_number(const struct leaf *leaf, const struct interval *interval)
{
    unsigned at = 0;

    while (leaf->interval[at] != interval) {
        at++;
    }
    return at;
}

/* ---- children of an inner node ---- */

static struct leaf *create_leaf(struct interval_index *index)
{
    struct leaf *leaf = pool_get(&index->nodes->leaves);

    if (leaf != NULL) {
        leaf->node.is_leaf = true;
        leaf->index = index;
    }
    return leaf;
}

static struct inner *create_inner(struct interval_index *index)
{
    struct inner *inner = pool_get(&index->nodes->inners);

    for (unsigned i = 0; inner != NULL && i < INNER_CAPACITY; i++) {
        inner->start[i] = NO_CHILD;
    }
    return inner;
}

/* Moves the children from number `from` on to the numbers from `to` on. */
static void move_children(struct inner *inner, unsigned from, unsigned to)
{
    size_t moved = inner->node.count - from;

    memmove(&inner->start[to], &inner->start[from], moved * sizeof *inner->start);
    memmove(&inner->child[to], &inner->child[from], moved * sizeof *inner->child);
    for (unsigned d = 0; d < DIRECTIONS; d++) {
        uint64_t *bound = inner->bound[d];

        memmove(&bound[to], &bound[from], moved * sizeof *bound);
    }
}

/* Adds a child as number `at`, with its separator. The node has room. */
static void add_child(struct inner *inner, unsigned at, struct node *child, uint64_t start)
{
    move_children(inner, at, at + 1);
    inner->node.count++;
    inner->start[at] = start;
    inner->child[at] = child;
    child->parent = inner;
    renew_bounds(inner, at);
}

/* Takes out a child. Starts that belonged to it belong to the child in front of it from now on, or,
 * where the first child goes, to the second one: rule 1 holds. */
static void drop_child(struct inner *inner, unsigned at)
{
    move_children(inner, at + 1, at);
    inner->node.count--;
    inner->start[inner->node.count] = NO_CHILD;
}

/* ---- inserting ---- */

/* Moves the upper half of the entries of a full leaf into an empty one, and returns its separator.
 * Where `start`, which is to be inserted, is behind all entries, only the last one moves: addresses
 * often ascend, and leaves stay full then. */
static uint64_t split_leaf(struct leaf *left, struct leaf *right, uint64_t start)
{
    bool ascends = left->start[LEAF_CAPACITY - 1] <= start;

    move_entries(left, ascends ? LEAF_CAPACITY - 1 : LEAF_CAPACITY / 2, right);
    return right->start[0];
}

/* Moves the upper half of the children of a full inner node in the same way. Only the last child
 * moves where the node is the last of its level and `start` belongs below that child. */
static uint64_t split_inner(struct inner *left, struct inner *right, uint64_t start, bool is_last)
{
    bool ascends = is_last && left->start[INNER_CAPACITY - 1] <= start;
    const unsigned stay = ascends ? INNER_CAPACITY - 1 : INNER_CAPACITY / 2;

    for (unsigned i = stay; i < INNER_CAPACITY; i++) {
        add_child(right, i - stay, left->child[i], left->start[i]);
        left->start[i] = NO_CHILD;
    }
    left->node.count = stay;
    return right->start[0];
}

/* Splits child `at` of a node that has room, because an entry that begins at `start` comes.
 * `is_last`: no leaf lies behind those of the child. False: there is no memory. */
static bool split_child(struct interval_index *index, struct inner *parent, unsigned at,
                        uint64_t start, bool is_last)
{
    struct node *left = parent->child[at];
    void *right = left->is_leaf ? (void *)create_leaf(index) : (void *)create_inner(index);
    uint64_t separator;

    if (right == NULL) {
        return false;
    }
    separator = left->is_leaf ? split_leaf((struct leaf *)left, right, start)
                              : split_inner((struct inner *)left, right, start, is_last);
    renew_bounds(parent, at);
    add_child(parent, at + 1, right, separator);
    return true;
}

static bool node_is_full(const struct node *node)
{
    return node->count == (node->is_leaf ? LEAF_CAPACITY : INNER_CAPACITY);
}

/* Puts a new root above the old one. */
RARE static bool raise_root(struct interval_index *index)
{
    struct inner *root = create_inner(index);

    if (root == NULL) {
        return false;
    }
    add_child(root, 0, index->root, 0);
    index->root = root;
    return true;
}

/* The leaf to which an interval from `start` to `last` is to be added. Full nodes on the way down
 * are split, so that each node has room for what comes from below, and the bounds on the way are
 * raised. *end: no entry of a later leaf starts before it. NULL: there is no memory; some bounds
 * may be too high then, as rule 2 allows. */
static struct leaf *make_room(struct interval_index *index, uint64_t start, uint64_t last,
                              uint64_t *end)
{
    struct node *node;

    *end = NO_CHILD;
    if (node_is_full(index->root) && !raise_root(index)) {
        return NULL;
    }
    /* Invariant: `node` has room, and the interval belongs below it. */
    for (node = index->root; !node->is_leaf;) {
        struct inner *inner = (struct inner *)node;
        unsigned at = child_at(inner, start);

        if (node_is_full(inner->child[at])) {
            bool is_last = *end == NO_CHILD && at + 1 == inner->node.count;

            if (!split_child(index, inner, at, start, is_last)) {
                return NULL;
            }
            at = child_at(inner, start);
        }
        for (unsigned d = 0; d < DIRECTIONS; d++) {
            raise_bound(&inner->bound[d][at], last);
        }
        if (at + 1 < inner->node.count) { /* the last child ends where its parent does */
            *end = least_u64(*end, inner->start[at + 1]);
        }
        node = inner->child[at];
    }
    return (struct leaf *)node;
}

/* The leaf to which an interval is to be added, and *end, as make_room() says. */
static struct leaf *leaf_for(struct interval_index *index, const struct interval *interval,
                             uint64_t *end)
{
    assert(interval_last(interval) >> 63 == 0);
    if (index->root != NULL) {
        return make_room(index, interval->start, interval_last(interval), end);
    }
    *end = NO_CHILD;
    index->root = create_leaf(index);
    index->longest = 0;
    return index->root;
}

static void insert_at(struct interval_index *index, struct leaf *leaf, struct interval *interval)
{
    add_entry(leaf, interval);
    if (index->longest < interval->reach) {
        index->longest = interval->reach;
    }
}

bool interval_insert(struct interval_index *index, struct interval *interval)
{
    uint64_t end;
    struct leaf *leaf = leaf_for(index, interval, &end);

    if (leaf == NULL) {
        return false;
    }
    insert_at(index, leaf, interval);
    return true;
}

/* ---- removing ---- */

/* Frees roots that have one child. */
static void lower_root(struct interval_index *index)
{
    struct node *root = index->root;

    while (!root->is_leaf && root->count == 1) {
        struct node *child = ((struct inner *)root)->child[0];

        pool_put(&index->nodes->inners, root);
        child->parent = NULL;
        root = child;
    }
    index->root = root;
}

/* Frees a leaf without entries, and the nodes above it that have no other child. */
static void drop_leaf(struct interval_index *index, struct leaf *leaf)
{
    struct inner *inner = leaf->node.parent;
    const void *child = leaf;

    while (inner != NULL && inner->node.count == 1) {
        struct inner *parent = inner->node.parent;

        pool_put(&index->nodes->inners, inner);
        child = inner;
        inner = parent;
    }
    if (inner != NULL) {
        drop_child(inner, child_number(inner, child));
        lower_root(index);
    } else {
        index->root = NULL;
    }
    pool_put(&index->nodes->leaves, leaf);
}

/* Moves the entries of leaf at + 1 into leaf `at` if there are few enough. */
static bool join_leaves(struct interval_index *index, struct inner *parent, unsigned at)
{
    struct leaf *left, *right;

    if (at + 1 >= parent->node.count) {
        return false;
    }
    left = (struct leaf *)parent->child[at];
    right = (struct leaf *)parent->child[at + 1];
    if (left->node.count + right->node.count > LEAF_JOINED_MAX) {
        return false;
    }
    move_entries(right, 0, left);
    for (unsigned d = 0; d < DIRECTIONS; d++) {
        raise_bound(&parent->bound[d][at], parent->bound[d][at + 1]);
    }
    drop_child(parent, at + 1);
    pool_put(&index->nodes->leaves, right);
    return true;
}

/* Frees a leaf that is empty, and joins a leaf of few entries with the one behind or before it. */
static void shrink_leaf(struct interval_index *index, struct leaf *leaf)
{
    struct inner *parent = leaf->node.parent;

    if (leaf->node.count == 0) {
        drop_leaf(index, leaf);
    } else if (leaf->node.count <= LEAF_SMALL && parent != NULL) {
        unsigned at = child_number(parent, leaf);

        if (join_leaves(index, parent, at) || (at > 0 && join_leaves(index, parent, at - 1))) {
            lower_root(index);
        }
    }
}

static void remove_entry(struct leaf *leaf, unsigned at)
{
    leaf->interval[at]->leaf = NULL;
    drop_entry(leaf, at);
    shrink_leaf(leaf->index, leaf);
}

void interval_remove(struct interval *interval)
{
    struct leaf *leaf = interval->leaf;

    if (leaf != NULL) {
        remove_entry(leaf, entry_number(leaf, interval));
    }
}

void interval_close(struct interval *interval, unsigned direction)
{
    struct leaf *leaf = interval->leaf;
    unsigned at;

    if (leaf == NULL) {
        return;
    }
    at = entry_number(leaf, interval);
    leaf->open &= ~open_bit(at, direction);
    if ((leaf->open & (open_bit(at, 0) | open_bit(at, 1))) == 0) {
        remove_entry(leaf, at);
    }
}

/* ---- finding ---- */

struct query {
    unsigned direction;
    uint64_t start, last;
    uint64_t from; /* no interval that starts before it reaches `start` */
    struct interval_hits *hits;
};

void interval_hits_finish(struct interval_hits *hits)
{
    free(hits->items);
    *hits = (struct interval_hits){0};
}

RARE static bool grow_hits(struct interval_hits *hits)
{
    size_t room = hits->room > 0 ? hits->room * 2 : 32 * LEAF_CAPACITY;
    struct interval **items = realloc(hits->items, room * sizeof *items);

    if (items == NULL) {
        return false;
    }
    hits->items = items;
    hits->room = room;
    return true;
}

/* Makes room for the entries of one more leaf. */
static bool reserve_hits(struct interval_hits *hits)
{
    return hits->room - hits->count >= LEAF_CAPACITY || grow_hits(hits);
}

/* Adds the hits among the entries of a leaf. An entry and the query share a byte if and only if
 *
 *     the entry starts no later than the query's last byte:   start <= query.last, and
 *     the entry's last byte is no earlier than the query's start:   query.start <= start + reach.
 */
static bool find_in_leaf(const struct leaf *leaf, const struct query *query)
{
    struct interval_hits *hits = query->hits;

    if (!reserve_hits(hits)) {
        return false;
    }
    for (unsigned i = 0; i < leaf->node.count && leaf->start[i] <= query->last; i++) {
        if (query->start <= leaf->start[i] + leaf->reach[i] &&
            (leaf->open & open_bit(i, query->direction)) != 0) {
            hits->items[hits->count++] = leaf->interval[i];
        }
    }
    return true;
}

/* Adds the hits below a node, from the last child that can have some to the first. `before`: no
 * entry below the node starts behind the query's last byte.
 *
 * Children that are not visited have no hits. Entries behind the last child visited start behind
 * the query's last byte, by rule 1, and break the first condition. Where the walk ends, at a
 * separator before query.from, all entries of earlier children start before query.from as well, and
 * no interval is long enough to reach the query from there. Entries below a child whose bound is
 * before query.start break the second condition, by rule 2.
 *
 * Children that are visited in vain cost little. On the way down to the query's last byte there is
 * one for each level. Whatever lies below a child in front of that way meets the first condition,
 * by rule 1, so that such a child without a hit had a bound that was too high, which the visit
 * lowers, down to the last child of each node. Removing or closing an interval makes at most one
 * bound of each level too high: there are no more such visits than changes. */
static bool find_below(struct node *node, const struct query *query, bool before)
{
    struct inner *inner = (struct inner *)node;
    unsigned last;

    if (node->is_leaf) {
        return find_in_leaf((const struct leaf *)node, query);
    }
    last = child_at(inner, query->last);
    /* Invariant: the hits below the children behind child `at` were added. */
    for (unsigned at = last;; at--) {
        if (inner->bound[query->direction][at] >= query->start) {
            size_t count = query->hits->count;
            bool child_before = before || at < last;

            if (!find_below(inner->child[at], query, child_before)) {
                return false;
            }
            if (child_before && query->hits->count == count) {
                renew_bounds(inner, at);
            }
        }
        if (at == 0 || inner->start[at] < query->from) {
            return true;
        }
    }
}

/* No interval is byte 0 alone, so that a query from 0 finds what one from 1 finds, and the bound 0,
 * of children with nothing open, is before every query. */
static struct query query_of(const struct interval_index *index, unsigned direction, uint64_t start,
                             uint64_t last, struct interval_hits *hits)
{
    return (struct query){.direction = direction,
                          .start = start > 0 ? start : 1,
                          .last = last,
                          .from = start > index->longest ? start - index->longest : 0,
                          .hits = hits};
}

bool interval_find(struct interval_index *index, unsigned direction, uint64_t start, uint64_t last,
                   struct interval_hits *hits)
{
    const struct query query = query_of(index, direction, start, last, hits);

    return index->root == NULL || find_below(index->root, &query, false);
}

/* Finds in the whole index, which holds the interval itself already: that is no hit. */
static bool find_others(const struct interval_index *index, const struct interval *interval,
                        const struct query *query)
{
    struct interval_hits *hits = query->hits;
    size_t at = hits->count;

    if (!find_below(index->root, query, false)) {
        return false;
    }
    while (hits->items[at] != interval) {
        at++;
    }
    hits->items[at] = hits->items[--hits->count];
    return true;
}

bool interval_find_and_insert(struct interval_index *index, unsigned direction,
                              struct interval *interval, struct interval_hits *hits)
{
    uint64_t end;
    struct leaf *leaf = leaf_for(index, interval, &end);
    struct query query;
    bool only_here, ok;

    if (leaf == NULL) {
        return false;
    }
    query = query_of(index, direction, interval->start, interval_last(interval), hits);
    /* Entries of earlier leaves start no later than this leaf's first, by rule 1. */
    only_here = leaf->node.count > 0 && leaf->start[0] < query.from && query.last < end;
    ok = !only_here || find_in_leaf(leaf, &query);
    insert_at(index, leaf, interval);
    if (!only_here) {
        ok = find_others(index, interval, &query);
    }
    if (!ok) {
        interval_remove(interval);
    }
    return ok;
}

void interval_prefetch(const struct interval *interval)
{
    prefetch_item(interval->leaf, sizeof(struct leaf));
}
