#include "analyzer/tracker/interval_index.h"

#include <string.h>

#define LEAF_CAPACITY 32
#define LEAF_SMALL 8       /* with so few a leaf joins a neighbour */
#define LEAF_JOINED_MAX 24 /* if both have no more together, so that neither splits again soon */
#define INNER_CAPACITY 32
#define LEVELS_MAX 20 /* a level takes at least 16 splits of the one below it */
#define OPEN_BOTH 3u  /* bit d: open to later operations of direction d */

struct entry {
    uint64_t start, last;
    struct interval *interval;
};

struct leaf {
    unsigned count;
    uint64_t max_last[2]; /* not less than what is open in it; exact after renewal */
    uint8_t open[LEAF_CAPACITY];
    struct entry entries[LEAF_CAPACITY];
};

/* start and serial of a child: not above any of its keys. */
struct inner {
    unsigned count;
    uint64_t start[INNER_CAPACITY], serial[INNER_CAPACITY];
    uint64_t max_last[2][INNER_CAPACITY]; /* of what is open below the child; 0: nothing is */
    void *child[INNER_CAPACITY];
};

/* From the root to a leaf. */
struct path {
    struct inner *inner[LEVELS_MAX];
    unsigned at[LEVELS_MAX];
    struct leaf *leaf;
};

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

void interval_index_init(struct interval_index *index, struct interval_nodes *nodes)
{
    *index = (struct interval_index){.nodes = nodes};
}

/* The searches take every step whatever they find: a branch would be guessed wrong half the time.
 */

/* The last child that begins at or before `start`, or the first: how many of the others do. */
static unsigned last_child_at(const struct inner *inner, uint64_t start)
{
    const uint64_t *from = inner->start + 1;
    unsigned left = inner->count - 1;

    while (left > 0) {
        unsigned half = (left + 1) / 2;

        from += from[half - 1] <= start ? half : 0;
        left -= half;
    }
    return (unsigned)(from - (inner->start + 1));
}

/* How many entries begin before `start` (at it, too, if `or_at` is 1). */
static unsigned entries_before(const struct leaf *leaf, uint64_t start, unsigned or_at)
{
    const struct entry *from = leaf->entries;
    unsigned left = leaf->count;

    while (left > 0) {
        unsigned half = (left + 1) / 2;

        from +=
            (from[half - 1].start < start) | (or_at & (from[half - 1].start == start)) ? half : 0;
        left -= half;
    }
    return (unsigned)(from - leaf->entries);
}

/* The child that holds the key; the serial only tells neighbours of one start apart. */
static unsigned child_of(const struct inner *inner, uint64_t start, uint64_t serial)
{
    unsigned high = last_child_at(inner, start), low = 0;

    if (high == 0 || inner->start[high] < start || inner->serial[high] <= serial)
        return high;
    while (low < high) { /* the last one that is not behind the key */
        unsigned middle = (low + high + 1) / 2;

        if (inner->start[middle] < start || inner->serial[middle] <= serial)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

static unsigned entry_of(const struct leaf *leaf, const struct interval *interval)
{
    unsigned low = entries_before(leaf, interval->start, 0), high = leaf->count;

    if (leaf->entries[low].interval == interval)
        return low;
    while (low < high) { /* the first one that is not before it */
        unsigned middle = (low + high) / 2;
        const struct entry *entry = &leaf->entries[middle];

        if (entry->start == interval->start && entry->interval->serial < interval->serial)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static uint64_t renew_leaf_max(struct leaf *leaf, unsigned d)
{
    uint64_t max = 0;

    for (unsigned i = 0; i < leaf->count; i++)
        if (leaf->open[i] >> d & 1 && leaf->entries[i].last > max)
            max = leaf->entries[i].last;
    leaf->max_last[d] = max;
    return max;
}

static uint64_t inner_max(const struct inner *inner, unsigned d)
{
    uint64_t max = 0;

    for (unsigned i = 0; i < inner->count; i++)
        max = inner->max_last[d][i] > max ? inner->max_last[d][i] : max;
    return max;
}

/* ---- splitting ---- */

/* Makes room for a child at `at`, whose values the caller sets. */
static void open_gap(struct inner *inner, unsigned at)
{
    size_t len = (inner->count - at) * sizeof(uint64_t);

    memmove(&inner->start[at + 1], &inner->start[at], len);
    memmove(&inner->serial[at + 1], &inner->serial[at], len);
    memmove(&inner->max_last[0][at + 1], &inner->max_last[0][at], len);
    memmove(&inner->max_last[1][at + 1], &inner->max_last[1][at], len);
    memmove(&inner->child[at + 1], &inner->child[at], (inner->count - at) * sizeof(void *));
    inner->count++;
}

static void drop_child(struct inner *inner, unsigned at)
{
    unsigned after = inner->count - at - 1;
    size_t len = after * sizeof(uint64_t);

    memmove(&inner->start[at], &inner->start[at + 1], len);
    memmove(&inner->serial[at], &inner->serial[at + 1], len);
    memmove(&inner->max_last[0][at], &inner->max_last[0][at + 1], len);
    memmove(&inner->max_last[1][at], &inner->max_last[1][at + 1], len);
    memmove(&inner->child[at], &inner->child[at + 1], after * sizeof(void *));
    inner->count--;
}

static bool split_leaf(struct interval_index *index, struct inner *parent, unsigned at)
{
    struct leaf *left = parent->child[at];
    struct leaf *right = pool_get(&index->nodes->leaves);

    if (!right)
        return false;
    left->count = LEAF_CAPACITY / 2;
    right->count = LEAF_CAPACITY - LEAF_CAPACITY / 2;
    memcpy(right->entries, left->entries + left->count, right->count * sizeof(struct entry));
    memcpy(right->open, left->open + left->count, right->count);
    for (unsigned i = 0; i < right->count; i++)
        right->entries[i].interval->leaf = right;
    open_gap(parent, at + 1);
    parent->child[at + 1] = right;
    parent->start[at + 1] = right->entries[0].start;
    parent->serial[at + 1] = right->entries[0].interval->serial;
    for (unsigned d = 0; d < 2; d++) {
        parent->max_last[d][at] = renew_leaf_max(left, d);
        parent->max_last[d][at + 1] = renew_leaf_max(right, d);
    }
    return true;
}

static bool split_inner(struct interval_index *index, struct inner *parent, unsigned at)
{
    struct inner *left = parent->child[at];
    struct inner *right = pool_get(&index->nodes->inners);
    unsigned half = INNER_CAPACITY / 2;

    if (!right)
        return false;
    left->count = half;
    right->count = INNER_CAPACITY - half;
    memcpy(right->start, left->start + half, right->count * sizeof(uint64_t));
    memcpy(right->serial, left->serial + half, right->count * sizeof(uint64_t));
    memcpy(right->max_last[0], left->max_last[0] + half, right->count * sizeof(uint64_t));
    memcpy(right->max_last[1], left->max_last[1] + half, right->count * sizeof(uint64_t));
    memcpy(right->child, left->child + half, right->count * sizeof(void *));
    open_gap(parent, at + 1);
    parent->child[at + 1] = right;
    parent->start[at + 1] = right->start[0];
    parent->serial[at + 1] = right->serial[0];
    for (unsigned d = 0; d < 2; d++) {
        parent->max_last[d][at] = inner_max(left, d);
        parent->max_last[d][at + 1] = inner_max(right, d);
    }
    return true;
}

static bool is_full(const void *node, bool is_leaf)
{
    return is_leaf ? ((const struct leaf *)node)->count == LEAF_CAPACITY
                   : ((const struct inner *)node)->count == INNER_CAPACITY;
}

/* Puts an inner node above the root. */
static bool raise_root(struct interval_index *index)
{
    struct inner *root;
    bool was_leaf = index->levels == 0;

    if (index->levels == LEVELS_MAX)
        return false;
    root = pool_get(&index->nodes->inners);
    if (!root)
        return false;
    root->count = 1;
    root->child[0] = index->root;
    for (unsigned d = 0; d < 2; d++)
        root->max_last[d][0] =
            was_leaf ? renew_leaf_max(index->root, d) : inner_max(index->root, d);
    root->start[0] = was_leaf ? ((struct leaf *)index->root)->entries[0].start
                              : ((struct inner *)index->root)->start[0];
    index->root = root;
    index->levels++;
    return true;
}

/* Where a new interval goes: splits full nodes on the way, so that there is room. */
static bool make_way(struct interval_index *index, const struct interval *interval,
                     struct path *path)
{
    void *node;

    if (!index->root)
        index->root = pool_get(&index->nodes->leaves);
    if (!index->root || (is_full(index->root, index->levels == 0) && !raise_root(index)))
        return false;
    node = index->root;
    for (unsigned level = 0; level < index->levels; level++) {
        struct inner *inner = node;
        bool above_leaf = level + 1 == index->levels;
        unsigned at = last_child_at(inner, interval->start);

        if (is_full(inner->child[at], above_leaf)) {
            if (!(above_leaf ? split_leaf(index, inner, at) : split_inner(index, inner, at)))
                return false;
            at = last_child_at(inner, interval->start);
        }
        path->inner[level] = inner;
        path->at[level] = at;
        node = inner->child[at];
    }
    path->leaf = node;
    return true;
}

bool interval_insert(struct interval_index *index, struct interval *interval)
{
    struct path path;
    struct leaf *leaf;
    unsigned at;

    interval->index = index;
    interval->serial = ++index->last_serial;
    if (!make_way(index, interval, &path)) {
        interval->index = NULL;
        return false;
    }
    for (unsigned level = 0; level < index->levels; level++) {
        struct inner *inner = path.inner[level];
        unsigned i = path.at[level];

        for (unsigned d = 0; d < 2; d++)
            if (inner->max_last[d][i] < interval->last)
                inner->max_last[d][i] = interval->last;
        if (interval->start < inner->start[i])
            inner->start[i] = interval->start;
    }
    leaf = path.leaf;
    at = entries_before(leaf, interval->start, 1); /* the newest of one start comes last */
    memmove(&leaf->entries[at + 1], &leaf->entries[at], (leaf->count - at) * sizeof(struct entry));
    memmove(&leaf->open[at + 1], &leaf->open[at], leaf->count - at);
    leaf->entries[at] = (struct entry){interval->start, interval->last, interval};
    leaf->open[at] = OPEN_BOTH;
    leaf->count++;
    for (unsigned d = 0; d < 2; d++)
        if (leaf->max_last[d] < interval->last)
            leaf->max_last[d] = interval->last;
    interval->leaf = leaf;
    if (interval->last - interval->start > index->longest)
        index->longest = interval->last - interval->start;
    return true;
}

/* ---- removing ---- */

/* The way to an interval that is in the index. */
static void find_path(const struct interval *interval, struct path *path)
{
    const struct interval_index *index = interval->index;
    void *node = index->root;

    for (unsigned level = 0; level < index->levels; level++) {
        path->inner[level] = node;
        path->at[level] = child_of(node, interval->start, interval->serial);
        node = path->inner[level]->child[path->at[level]];
    }
    path->leaf = node;
}

/* Brings what is known of one child up to date. False: nothing has changed. */
static bool renew_child(struct inner *inner, unsigned at, bool above_leaf)
{
    bool changed = false;

    for (unsigned d = 0; d < 2; d++) {
        void *child = inner->child[at];
        uint64_t max = above_leaf ? renew_leaf_max(child, d) : inner_max(child, d);

        changed |= inner->max_last[d][at] != max;
        inner->max_last[d][at] = max;
    }
    return changed;
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
    memcpy(left->entries + left->count, right->entries, right->count * sizeof(struct entry));
    memcpy(left->open + left->count, right->open, right->count);
    for (unsigned i = 0; i < right->count; i++)
        right->entries[i].interval->leaf = left;
    left->count += right->count;
    pool_put(&index->nodes->leaves, right);
    drop_child(inner, at + 1);
    renew_child(inner, at, true);
    return true;
}

/* After an entry of the path's leaf has been closed or taken out. */
static void renew_path(struct interval_index *index, const struct path *path)
{
    bool gone = path->leaf->count == 0;

    if (gone)
        pool_put(&index->nodes->leaves, path->leaf);
    for (unsigned level = index->levels; level-- > 0;) {
        struct inner *inner = path->inner[level];
        unsigned at = path->at[level];

        if (gone) {
            drop_child(inner, at);
            gone = inner->count == 0;
            if (gone)
                pool_put(&index->nodes->inners, inner);
        } else if (!renew_child(inner, at, level + 1 == index->levels)) {
            return;
        }
    }
    if (gone) {
        index->root = NULL;
        index->levels = 0;
        index->longest = 0;
    }
}

static void lower_root(struct interval_index *index)
{
    while (index->levels > 0 && ((struct inner *)index->root)->count == 1) {
        struct inner *root = index->root;

        index->root = root->child[0];
        index->levels--;
        pool_put(&index->nodes->inners, root);
    }
}

/* Whether an end that is no longer open was the largest one of its leaf. */
static bool was_largest(const struct leaf *leaf, uint64_t last)
{
    return leaf->max_last[0] == last || leaf->max_last[1] == last;
}

/* After a removal that the nodes above have to know of. */
static void tidy(struct interval_index *index, const struct path *path, unsigned left)
{
    renew_path(index, path);
    if (index->levels > 0 && left > 0 && left <= LEAF_SMALL) {
        struct inner *parent = path->inner[index->levels - 1];
        unsigned place = path->at[index->levels - 1];

        if (!join_leaves(index, parent, place) && place > 0)
            join_leaves(index, parent, place - 1);
    }
    lower_root(index);
}

static void take_out(struct interval *interval, unsigned at)
{
    struct interval_index *index = interval->index;
    struct leaf *leaf = interval->leaf;
    unsigned left = leaf->count - 1;
    bool far_reaching = left <= LEAF_SMALL || was_largest(leaf, interval->last);
    struct path path;

    if (far_reaching)
        find_path(interval, &path);
    leaf->count = left;
    memmove(&leaf->entries[at], &leaf->entries[at + 1], (left - at) * sizeof(struct entry));
    memmove(&leaf->open[at], &leaf->open[at + 1], left - at);
    if (far_reaching)
        tidy(index, &path, left);
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
    struct path path;
    unsigned at;

    if (!interval->index)
        return;
    at = entry_of(leaf, interval);
    leaf->open[at] &= (uint8_t) ~(1u << direction);
    if (leaf->open[at] == 0) {
        take_out(interval, at);
    } else if (was_largest(leaf, interval->last)) {
        find_path(interval, &path);
        renew_path(interval->index, &path);
    }
}

/* ---- finding ---- */

struct query {
    unsigned direction;
    uint64_t start, last;
    uint64_t from; /* no interval that begins before it reaches `start` */
    interval_hit_fn *hit;
    void *user;
};

static bool find_in_leaf(const struct leaf *leaf, const struct query *query)
{
    for (unsigned i = entries_before(leaf, query->from, 0); i < leaf->count; i++) {
        const struct entry *entry = &leaf->entries[i];

        if (entry->start > query->last)
            break;
        if (entry->last >= query->start && leaf->open[i] >> query->direction & 1 &&
            !query->hit(query->user, entry->interval))
            return false;
    }
    return true;
}

/* The first child that may hold an interval which begins at `from` or later. */
static unsigned first_child_from(const struct inner *inner, uint64_t from)
{
    return from == 0 ? 0 : last_child_at(inner, from - 1);
}

static bool find_below(const void *node, unsigned levels, const struct query *query)
{
    const struct inner *inner = node;
    const uint64_t *max_last;

    if (levels == 0)
        return find_in_leaf(node, query);
    max_last = inner->max_last[query->direction];
    for (unsigned i = first_child_from(inner, query->from); i < inner->count; i++)
        if (max_last[i] >= query->start && max_last[i] != 0) {
            if (inner->start[i] > query->last)
                break;
            if (!find_below(inner->child[i], levels - 1, query))
                return false;
        }
    return true;
}

bool interval_find(const struct interval_index *index, unsigned direction, uint64_t start,
                   uint64_t last, interval_hit_fn *hit, void *user)
{
    const uint64_t from = start > index->longest ? start - index->longest : 0;
    const struct query query = {direction, start, last, from, hit, user};

    return !index->root || find_below(index->root, index->levels, &query);
}
