#include "base/interval_index.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#define LEAF_CAPACITY 8
#define LEAF_SMALL 2       /* with so few a leaf joins a neighbour */
#define LEAF_JOINED_MAX 6  /* if both have no more together, so that neither splits again soon */
#define INNER_CAPACITY 64  /* and a bit for each in a word */
#define BLOCK 8            /* children that one step of a search tells apart */
#define NOTHING UINT64_MAX /* where a child that is not there begins */

/* Bits of entry 0 in leaf.open: open to later operations of direction 0, and of 1. */
#define OPEN_BITS UINT32_C(0x0101)
#define OPEN_SHIFT 8 /* from one direction's bit to the other's */
_Static_assert(LEAF_CAPACITY <= OPEN_SHIFT, "a bit for each entry and direction");

/* Entries lie in no order: each look at a leaf compares all of them, without a branch. */
struct leaf {
    struct inner *parent; /* NULL: the root */
    uint8_t count;
    uint8_t slot; /* see slot_of_leaf() */
    uint16_t open;
    uint32_t stamp;       /* another one whenever its range shrinks; 0: not in use */
    uint64_t max_last[2]; /* by direction: not less than what is open in it */
    uint64_t start[LEAF_CAPACITY];
    uint32_t reach[LEAF_CAPACITY]; /* last - start */
    struct interval *interval[LEAF_CAPACITY];
};

/* A child holds what begins at its start or behind it, up to the start of the next one. The first
 * one's is the node's own, that of the root 0. */
struct inner {
    struct inner *parent;
    unsigned count;
    unsigned slot;                          /* see slot_of() */
    uint64_t block[INNER_CAPACITY / BLOCK]; /* the first start of each block, in one cache line */
    uint64_t start[INNER_CAPACITY];         /* NOTHING from count on */
    uint64_t max_last[2][INNER_CAPACITY];   /* not less than what is open below the child */
    void *child[INNER_CAPACITY];
};

_Static_assert(INNER_CAPACITY <= UINT8_MAX, "leaf.slot holds every place of a node");

void interval_nodes_init(struct interval_nodes *nodes)
{
    pool_init(&nodes->leaves, sizeof(struct leaf));
    pool_init(&nodes->inners, sizeof(struct inner));
    nodes->last_stamp = 0;
}

void interval_nodes_finish(struct interval_nodes *nodes)
{
    pool_finish(&nodes->leaves);
    pool_finish(&nodes->inners);
}

void interval_index_init(struct interval_index *index, struct interval_nodes *nodes)
{
    *index = (struct interval_index){.nodes = nodes};
}

/* After a change of starts. */
static void renew_blocks(struct inner *inner)
{
    for (unsigned i = 0; i < INNER_CAPACITY / BLOCK; i++)
        inner->block[i] = inner->start[i * BLOCK];
}

/* The last child that begins at or before `start`, or the first. Counts what does, first by blocks
 * and then within one: a search that branched would guess wrong half the time. */
static inline unsigned last_child_at(const struct inner *inner, uint64_t start)
{
    const uint64_t *from = inner->start;
    unsigned at = 0, rest = 0;

    for (unsigned i = 1; i < INNER_CAPACITY / BLOCK; i++)
        at += inner->block[i] <= start;
    from += at * BLOCK;
    for (unsigned i = 1; i < BLOCK; i++)
        rest += from[i] <= start;
    at = at * BLOCK + rest;
    return at < inner->count ? at : inner->count - 1; /* `start` is NOTHING */
}

/* Where a child stands in its node. `slot` is where it was when somebody asked last. */
static unsigned search_slot(const struct inner *parent, const void *child)
{
    unsigned at = 0;

    while (parent->child[at] != child)
        at++;
    return at;
}

static inline unsigned slot_of_leaf(struct leaf *leaf)
{
    if (leaf->parent->child[leaf->slot] != leaf)
        leaf->slot = (uint8_t)search_slot(leaf->parent, leaf);
    return leaf->slot;
}

static inline unsigned slot_of(struct inner *inner)
{
    if (inner->parent->child[inner->slot] != inner)
        inner->slot = search_slot(inner->parent, inner);
    return inner->slot;
}

static inline uint32_t open_to(const struct leaf *leaf, unsigned d)
{
    return leaf->open >> (d * OPEN_SHIFT) & ((UINT32_C(1) << LEAF_CAPACITY) - 1);
}

static uint64_t leaf_max(const struct leaf *leaf, unsigned d)
{
    uint32_t open = open_to(leaf, d);
    uint64_t max = 0;

    for (unsigned i = 0; i < leaf->count; i++)
        if (open >> i & 1 && leaf->start[i] + leaf->reach[i] > max)
            max = leaf->start[i] + leaf->reach[i];
    return max;
}

static uint64_t inner_max(const struct inner *inner, unsigned d)
{
    uint64_t max = 0;

    for (unsigned i = 0; i < inner->count; i++)
        max = inner->max_last[d][i] > max ? inner->max_last[d][i] : max;
    return max;
}

static inline void raise(uint64_t *max, uint64_t last)
{
    *max = *max < last ? last : *max;
}

/* ---- leaves ---- */

/* What it held so far it may not hold any more; a range that grows leaves places right. Nobody
 * holds a place for so long that the stamp could come round. */
static void stamp(struct interval_nodes *nodes, struct leaf *leaf)
{
    nodes->last_stamp += nodes->last_stamp == UINT32_MAX ? 2 : 1;
    leaf->stamp = nodes->last_stamp;
}

static struct leaf *get_leaf(struct interval_nodes *nodes)
{
    struct leaf *leaf = pool_get(&nodes->leaves);

    if (leaf)
        stamp(nodes, leaf);
    return leaf;
}

static void put_leaf(struct interval_nodes *nodes, struct leaf *leaf)
{
    leaf->stamp = 0;
    pool_put(&nodes->leaves, leaf);
}

/* `open`: OPEN_BITS, or part of them. */
static inline void put_entry(struct leaf *leaf, struct interval *interval, uint64_t start,
                             uint32_t reach, uint32_t open)
{
    unsigned at = leaf->count++;

    leaf->start[at] = start;
    leaf->reach[at] = reach;
    leaf->interval[at] = interval;
    leaf->open |= (uint16_t)(open << at);
    if (open & 1)
        raise(&leaf->max_last[0], start + reach);
    if (open >> OPEN_SHIFT)
        raise(&leaf->max_last[1], start + reach);
    interval->leaf = leaf;
}

static void move_entry(struct leaf *to, const struct leaf *from, unsigned at)
{
    put_entry(to, from->interval[at], from->start[at], from->reach[at],
              from->open >> at & OPEN_BITS);
}

/* It is there; places behind the count hold NULL. */
static inline unsigned entry_of(const struct leaf *leaf, const struct interval *interval)
{
    uint32_t there = 0;

    for (unsigned i = 0; i < LEAF_CAPACITY; i++)
        there |= (uint32_t)(leaf->interval[i] == interval) << i;
    return lowest_bit(there);
}

/* The last entry takes its place. */
static inline void drop_entry(struct leaf *leaf, unsigned at)
{
    unsigned end = --leaf->count;
    uint32_t moved = (uint32_t)leaf->open >> end & OPEN_BITS;

    leaf->start[at] = leaf->start[end];
    leaf->reach[at] = leaf->reach[end];
    leaf->interval[at] = leaf->interval[end];
    leaf->interval[end] = NULL;
    leaf->open &= (uint16_t) ~(OPEN_BITS << end | OPEN_BITS << at);
    leaf->open |= (uint16_t)(at < end ? moved << at : 0);
}

static void empty(struct leaf *leaf)
{
    leaf->count = 0;
    leaf->open = 0;
    leaf->max_last[0] = leaf->max_last[1] = 0;
    memset(leaf->interval, 0, sizeof(leaf->interval));
}

/* ---- growing ---- */

static void adopt(struct inner *parent, void *child, bool is_leaf)
{
    if (is_leaf)
        ((struct leaf *)child)->parent = parent;
    else
        ((struct inner *)child)->parent = parent;
}

static struct inner *get_inner(struct interval_index *index)
{
    struct inner *inner = pool_get(&index->nodes->inners);

    for (unsigned i = 0; inner && i < INNER_CAPACITY; i++)
        inner->start[i] = NOTHING;
    return inner;
}

static void add_child(struct inner *inner, unsigned at, void *child, uint64_t start, bool is_leaf)
{
    size_t len = (inner->count - at) * sizeof(uint64_t);

    memmove(&inner->start[at + 1], &inner->start[at], len);
    memmove(&inner->max_last[0][at + 1], &inner->max_last[0][at], len);
    memmove(&inner->max_last[1][at + 1], &inner->max_last[1][at], len);
    memmove(&inner->child[at + 1], &inner->child[at], (inner->count - at) * sizeof(void *));
    inner->count++;
    inner->start[at] = start;
    inner->child[at] = child;
    renew_blocks(inner);
    adopt(inner, child, is_leaf);
    for (unsigned d = 0; d < 2; d++)
        inner->max_last[d][at] = is_leaf ? leaf_max(child, d) : inner_max(child, d);
}

/* What the first child begins at stays: the node above still sends there what begins behind it. */
static void drop_child(struct inner *inner, unsigned at)
{
    unsigned after = inner->count - at - 1;
    size_t len = after * sizeof(uint64_t);
    uint64_t first = inner->start[0];

    memmove(&inner->start[at], &inner->start[at + 1], len);
    memmove(&inner->max_last[0][at], &inner->max_last[0][at + 1], len);
    memmove(&inner->max_last[1][at], &inner->max_last[1][at + 1], len);
    memmove(&inner->child[at], &inner->child[at + 1], after * sizeof(void *));
    inner->start[0] = first;
    inner->start[--inner->count] = NOTHING;
    inner->child[inner->count] = NULL;
    renew_blocks(inner);
}

/* Places of the entries by start. */
static void order_entries(const struct leaf *leaf, unsigned char order[LEAF_CAPACITY])
{
    for (unsigned i = 0; i < leaf->count; i++) {
        unsigned at = i;

        for (; at > 0 && leaf->start[order[at - 1]] > leaf->start[i]; at--)
            order[at] = order[at - 1];
        order[at] = (unsigned char)i;
    }
}

static bool split_leaf(struct interval_index *index, struct inner *parent, unsigned at)
{
    struct leaf *left = parent->child[at], whole = *left;
    struct leaf *right = get_leaf(index->nodes);
    unsigned char order[LEAF_CAPACITY] = {0};

    if (!right)
        return false;
    order_entries(&whole, order);
    empty(left);
    stamp(index->nodes, left);
    for (unsigned i = 0; i < whole.count; i++)
        move_entry(i < whole.count / 2 ? left : right, &whole, order[i]);
    for (unsigned d = 0; d < 2; d++)
        parent->max_last[d][at] = left->max_last[d];
    add_child(parent, at + 1, right, whole.start[order[whole.count / 2]], true);
    return true;
}

static bool split_inner(struct interval_index *index, struct inner *parent, unsigned at,
                        bool above_leaf)
{
    struct inner *left = parent->child[at];
    struct inner *right = get_inner(index);
    unsigned half = INNER_CAPACITY / 2;

    if (!right)
        return false;
    right->count = INNER_CAPACITY - half;
    memcpy(right->start, left->start + half, right->count * sizeof(uint64_t));
    memcpy(right->max_last[0], left->max_last[0] + half, right->count * sizeof(uint64_t));
    memcpy(right->max_last[1], left->max_last[1] + half, right->count * sizeof(uint64_t));
    memcpy(right->child, left->child + half, right->count * sizeof(void *));
    for (unsigned i = 0; i < right->count; i++)
        adopt(right, right->child[i], above_leaf);
    while (left->count > half)
        left->start[--left->count] = NOTHING;
    renew_blocks(left);
    renew_blocks(right);
    for (unsigned d = 0; d < 2; d++)
        parent->max_last[d][at] = inner_max(left, d);
    add_child(parent, at + 1, right, right->start[0], false);
    return true;
}

/* Puts an inner node above the root. */
static bool raise_root(struct interval_index *index)
{
    struct inner *root = index->levels < INTERVAL_LEVELS_MAX ? get_inner(index) : NULL;

    if (!root)
        return false;
    add_child(root, 0, index->root, 0, index->levels == 0);
    index->root = root;
    index->levels++;
    return true;
}

static bool is_full(const void *node, bool is_leaf)
{
    return is_leaf ? ((const struct leaf *)node)->count == LEAF_CAPACITY
                   : ((const struct inner *)node)->count == INNER_CAPACITY;
}

/* The leaf for what begins at `start`: splits full nodes on the way, so that there is room. */
static struct leaf *make_way(struct interval_index *index, uint64_t start)
{
    void *node;

    if (!index->root)
        index->root = get_leaf(index->nodes);
    if (!index->root || (is_full(index->root, index->levels == 0) && !raise_root(index)))
        return NULL;
    node = index->root;
    for (unsigned level = 0; level < index->levels; level++) {
        struct inner *inner = node;
        bool above_leaf = level + 1 == index->levels;
        unsigned at = last_child_at(inner, start);

        if (is_full(inner->child[at], above_leaf)) {
            if (!(above_leaf ? split_leaf(index, inner, at)
                             : split_inner(index, inner, at, level + 2 == index->levels)))
                return NULL;
            at = last_child_at(inner, start);
        }
        node = inner->child[at];
    }
    return node;
}

/* What an entry that was added means for the nodes above. */
static void raise_path(struct leaf *leaf, uint64_t last)
{
    struct inner *inner = leaf->parent;

    for (unsigned at = inner ? slot_of_leaf(leaf) : 0; inner; inner = inner->parent) {
        raise(&inner->max_last[0][at], last);
        raise(&inner->max_last[1][at], last);
        at = inner->parent ? slot_of(inner) : 0;
    }
}

/* Whether a place is still where what begins at `start` belongs. */
static inline bool is_right(const struct interval_place *place, const struct interval_index *index,
                            uint64_t start)
{
    const struct leaf *leaf = place->leaf;

    return place->index == index && place->start == start && leaf && leaf->stamp == place->stamp;
}

bool interval_insert(struct interval_index *index, struct interval *interval)
{
    struct leaf *leaf = index->place.leaf;
    uint64_t last = interval->last;

    assert(last >> 63 == 0);
    if (!is_right(&index->place, index, interval->start) || leaf->count == LEAF_CAPACITY) {
        leaf = make_way(index, interval->start);
        if (!leaf)
            return false;
    }
    if (leaf->max_last[0] < last || leaf->max_last[1] < last)
        raise_path(leaf, last);
    put_entry(leaf, interval, interval->start, (uint32_t)(last - interval->start), OPEN_BITS);
    interval->index = index;
    if (last - interval->start > index->longest)
        index->longest = last - interval->start;
    return true;
}

/* ---- removing ---- */

static void lower_root(struct interval_index *index)
{
    while (index->levels > 0 && ((struct inner *)index->root)->count == 1) {
        struct inner *root = index->root;

        index->root = root->child[0];
        index->levels--;
        adopt(NULL, index->root, index->levels == 0);
        pool_put(&index->nodes->inners, root);
    }
}

/* What the first child of a node begins at is what the node itself begins at, all the way down. */
static void extend_first(struct inner *inner, unsigned levels)
{
    for (; levels > 0; levels--) {
        struct inner *first = inner->child[0];

        first->start[0] = inner->start[0];
        renew_blocks(first);
        inner = first;
    }
}

static void drop_leaf(struct interval_index *index, struct leaf *leaf)
{
    struct inner *inner = leaf->parent;
    unsigned at = inner ? slot_of_leaf(leaf) : 0, levels_below = 0;

    put_leaf(index->nodes, leaf);
    while (inner) {
        struct inner *parent = inner->parent;

        drop_child(inner, at);
        if (inner->count > 0)
            break;
        at = parent ? slot_of(inner) : 0;
        pool_put(&index->nodes->inners, inner);
        inner = parent;
        levels_below++;
    }
    if (inner) {
        extend_first(inner, levels_below);
    } else {
        index->root = NULL;
        index->levels = 0;
        index->longest = 0;
    }
    lower_root(index);
}

/* Moves all of the leaf behind `at` into the one at `at`, if both are small enough. */
static bool join_leaves(struct interval_index *index, struct inner *inner, unsigned at)
{
    struct leaf *left, *right;

    if (at + 1 >= inner->count)
        return false;
    left = inner->child[at];
    right = inner->child[at + 1];
    if (left->count + right->count > LEAF_JOINED_MAX)
        return false;
    for (unsigned i = 0; i < right->count; i++)
        move_entry(left, right, i);
    for (unsigned d = 0; d < 2; d++)
        raise(&inner->max_last[d][at], left->max_last[d]);
    put_leaf(index->nodes, right);
    drop_child(inner, at + 1);
    return true;
}

static void shrink(struct interval_index *index, struct leaf *leaf)
{
    struct inner *parent = leaf->parent;
    unsigned at;

    if (leaf->count == 0) {
        drop_leaf(index, leaf);
    } else if (parent) {
        at = slot_of_leaf(leaf);
        if (join_leaves(index, parent, at) || (at > 0 && join_leaves(index, parent, at - 1)))
            lower_root(index);
    }
}

static void take_out(struct interval *interval, unsigned at)
{
    struct leaf *leaf = interval->leaf;

    drop_entry(leaf, at);
    if (leaf->count <= LEAF_SMALL)
        shrink(interval->index, leaf);
    interval->index = NULL;
}

void interval_remove(struct interval *interval)
{
    if (interval->index)
        take_out(interval, entry_of(interval->leaf, interval));
}

void interval_close(struct interval *interval, unsigned direction)
{
    struct leaf *leaf = interval->leaf;
    unsigned at;

    if (!interval->index)
        return;
    at = entry_of(leaf, interval);
    leaf->open &= (uint16_t) ~(1u << (at + direction * OPEN_SHIFT));
    if (((uint32_t)leaf->open >> at & OPEN_BITS) == 0)
        take_out(interval, at);
}

/* ---- finding ---- */

struct query {
    unsigned direction;
    uint64_t start, last;
    uint64_t from; /* no interval that begins before it reaches `start` */
    struct interval_hits *hits;
};

void interval_hits_finish(struct interval_hits *hits)
{
    free(hits->items);
    *hits = (struct interval_hits){0};
}

/* Room for a leaf more. */
static bool grow_hits(struct interval_hits *hits)
{
    size_t room = hits->room ? hits->room * 2 : 32 * LEAF_CAPACITY;
    struct interval **items = realloc(hits->items, room * sizeof(*items));

    if (!items)
        return false;
    hits->items = items;
    hits->room = room;
    return true;
}

/* A bit for each entry that shares no byte with the query. It begins behind the query's last or
 * ends before its start: then one of two differences is negative, as signed numbers. */
#if defined(__SSE2__)
static inline __m128i apart_pair(const struct leaf *leaf, unsigned at, __m128i start, __m128i last)
{
    __m128i from = _mm_loadu_si128((const __m128i *)(const void *)&leaf->start[at]);
    __m128i reach = _mm_loadl_epi64((const __m128i *)(const void *)&leaf->reach[at]);
    __m128i end = _mm_add_epi64(from, _mm_unpacklo_epi32(reach, _mm_setzero_si128()));

    return _mm_or_si128(_mm_sub_epi64(end, start), _mm_sub_epi64(last, from));
}

static inline uint32_t apart(const struct leaf *leaf, const struct query *query)
{
    __m128i start = _mm_set1_epi64x((long long)query->start);
    __m128i last = _mm_set1_epi64x((long long)query->last);
    uint32_t bits = 0;

    for (unsigned at = 0; at < LEAF_CAPACITY; at += 4) {
        __m128 low = _mm_castsi128_ps(apart_pair(leaf, at, start, last));
        __m128 high = _mm_castsi128_ps(apart_pair(leaf, at + 2, start, last));

        bits |= (uint32_t)_mm_movemask_ps(_mm_shuffle_ps(low, high, _MM_SHUFFLE(3, 1, 3, 1))) << at;
    }
    return bits;
}
#else
static inline uint32_t apart(const struct leaf *leaf, const struct query *query)
{
    uint32_t bits = 0;

    for (unsigned i = 0; i < LEAF_CAPACITY; i++) {
        uint64_t behind = leaf->start[i] + leaf->reach[i] - query->start;
        uint64_t before = query->last - leaf->start[i];

        bits |= (uint32_t)((behind | before) >> 63) << i;
    }
    return bits;
}
#endif

static inline bool find_in_leaf(const struct leaf *leaf, const struct query *query)
{
    struct interval_hits *found = query->hits;
    struct interval **item;
    uint32_t hits = ~apart(leaf, query) & open_to(leaf, query->direction);

    if (hits == 0)
        return true;
    if (found->room - found->count < LEAF_CAPACITY && !grow_hits(found))
        return false;
    item = found->items + found->count;
    for (unsigned i = 0; i < LEAF_CAPACITY; i++) { /* a branch would be mispredicted */
        *item = leaf->interval[i];
        item += hits >> i & 1;
    }
    found->count = (size_t)(item - found->items);
    return true;
}

/* Ends that are gone may still be known above. Nobody is led astray by one twice. */
static void renew_child(struct inner *inner, unsigned at, bool above_leaf, unsigned d)
{
    if (above_leaf) {
        struct leaf *leaf = inner->child[at];

        leaf->max_last[d] = leaf_max(leaf, d);
        inner->max_last[d][at] = leaf->max_last[d];
    } else {
        inner->max_last[d][at] = inner_max(inner->child[at], d);
    }
}

/* A bit for each child from `from` to `to` in which something may reach the query. */
static inline uint64_t reaching(const struct inner *inner, unsigned from, unsigned to,
                                const struct query *query)
{
    const uint64_t *max_last = inner->max_last[query->direction];
    const uint64_t start = query->start > 0 ? query->start : 1; /* where all is closed it is 0 */
    uint64_t bits = 0;

    for (unsigned i = from; i <= to; i++)
        bits |= (~(max_last[i] - start) >> 63) << i;
    return bits;
}

static bool find_below(struct inner *inner, unsigned levels, const struct query *query)
{
    unsigned from = query->from == 0 ? 0 : last_child_at(inner, query->from - 1);
    unsigned to = last_child_at(inner, query->last);

    for (uint64_t rest = reaching(inner, from, to, query); rest; rest &= rest - 1) {
        unsigned i = lowest_bit(rest);
        size_t before = query->hits->count;

        if (!(levels == 1 ? find_in_leaf(inner->child[i], query)
                          : find_below(inner->child[i], levels - 1, query)))
            return false;
        if (query->hits->count == before)
            renew_child(inner, i, levels == 1, query->direction);
    }
    return true;
}

void interval_place_find(const struct interval_index *index, uint64_t start,
                         struct interval_place *place)
{
    void *node = index->root;
    uint64_t low = 0, high = NOTHING;

    for (unsigned level = 0; level < index->levels; level++) {
        const struct inner *inner = node;
        unsigned at = last_child_at(inner, start);

        low = inner->start[at];
        if (at + 1 < inner->count)
            high = inner->start[at + 1];
        node = inner->child[at];
    }
    *place = (struct interval_place){index, node, node ? ((const struct leaf *)node)->stamp : 0,
                                     start, low,  high};
}

void interval_place_prefetch(const void *leaf)
{
#if defined(__GNUC__)
    for (size_t at = 0; leaf && at < sizeof(struct leaf); at += 64)
        __builtin_prefetch((const char *)leaf + at);
#else
    (void)leaf;
#endif
}

/* Whether all that a query can hit is in one leaf: no other one reaches there. */
static bool is_alone(struct leaf *leaf, const struct interval_place *place,
                     const struct query *query)
{
    const struct inner *parent = leaf->parent;
    unsigned at;

    if (query->last >= place->high)
        return false;
    if (place->low < query->from || !parent)
        return true;
    at = slot_of_leaf(leaf);
    do {
        if (at-- == 0)
            return false; /* or in another node */
        if (parent->max_last[query->direction][at] >= query->start)
            return false;
    } while (parent->start[at] >= query->from);
    return true;
}

bool interval_find(struct interval_index *index, unsigned direction, uint64_t start, uint64_t last,
                   const struct interval_place *hint, struct interval_hits *hits)
{
    const struct query query = {.direction = direction,
                                .start = start,
                                .last = last,
                                .from = start > index->longest ? start - index->longest : 0,
                                .hits = hits};

    assert(last >> 63 == 0);
    if (!index->root) {
        index->place.leaf = NULL;
        return true;
    }
    if (hint && is_right(hint, index, start))
        index->place = *hint;
    else
        interval_place_find(index, start, &index->place);
    if (index->levels == 0 || is_alone(index->place.leaf, &index->place, &query))
        return find_in_leaf(index->place.leaf, &query);
    return find_below(index->root, index->levels, &query);
}
