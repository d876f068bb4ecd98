#include "analyzer/interval_index.h"

void interval_index_init(struct interval_index *index, uint64_t seed)
{
    index->root = NULL;
    index->random = seed | 1;
}

static uint32_t draw(struct interval_index *index)
{
    uint64_t x = index->random;

    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    index->random = x;
    return (uint32_t)(x >> 32);
}

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static void update(struct interval *node)
{
    for (int d = 0; d < 2; d++) {
        uint64_t max = node->open_last[d];

        if (node->left)
            max = larger(max, node->left->max_last[d]);
        if (node->right)
            max = larger(max, node->right->max_last[d]);
        node->max_last[d] = max;
    }
}

static void replace_child(struct interval *node, struct interval *by)
{
    struct interval *parent = node->parent;

    if (!parent)
        node->index->root = by;
    else if (parent->left == node)
        parent->left = by;
    else
        parent->right = by;
    if (by)
        by->parent = parent;
}

/* Lifts `node` above its parent. */
static void rotate_up(struct interval *node)
{
    struct interval *parent = node->parent;
    struct interval *moved;

    replace_child(parent, node);
    if (parent->left == node) {
        moved = node->right;
        node->right = parent;
        parent->left = moved;
    } else {
        moved = node->left;
        node->left = parent;
        parent->right = moved;
    }
    parent->parent = node;
    if (moved)
        moved->parent = parent;
    update(parent);
    update(node);
}

static void update_path(struct interval *node)
{
    for (; node; node = node->parent) {
        uint64_t before0 = node->max_last[0], before1 = node->max_last[1];

        update(node);
        if (node->max_last[0] == before0 && node->max_last[1] == before1)
            break;
    }
}

void interval_insert(struct interval_index *index, struct interval *interval)
{
    struct interval *parent = NULL;
    struct interval **link = &index->root;

    interval->index = index;
    interval->left = interval->right = NULL;
    interval->priority = draw(index);
    for (int d = 0; d < 2; d++)
        interval->open_last[d] = interval->max_last[d] = interval->last;
    while (*link) {
        parent = *link;
        for (int d = 0; d < 2; d++)
            parent->max_last[d] = larger(parent->max_last[d], interval->last);
        link = interval->start < parent->start ? &parent->left : &parent->right;
    }
    *link = interval;
    interval->parent = parent;
    while (interval->parent && interval->parent->priority < interval->priority)
        rotate_up(interval);
}

void interval_remove(struct interval *interval)
{
    struct interval *above;

    while (interval->left && interval->right)
        rotate_up(interval->left->priority > interval->right->priority ? interval->left
                                                                       : interval->right);
    above = interval->parent;
    replace_child(interval, interval->left ? interval->left : interval->right);
    interval->parent = interval->left = interval->right = NULL;
    /* Rotations have updated nodes below `above` with this interval still counted. */
    for (; above; above = above->parent)
        update(above);
}

void interval_close(struct interval *interval, unsigned direction)
{
    interval->open_last[direction] = 0;
    update_path(interval);
}

/* The leftmost node at or below `node` that a query which begins at `start` may have to visit. */
static const struct interval *leftmost(const struct interval *node, unsigned d, uint64_t start)
{
    while (node->left && node->left->max_last[d] >= start)
        node = node->left;
    return node;
}

bool interval_find(const struct interval_index *index, unsigned direction, uint64_t start,
                   uint64_t last, interval_hit_fn *hit, void *user)
{
    const unsigned d = direction;
    const struct interval *node = index->root;

    if (!node || node->max_last[d] < start)
        return true;
    node = leftmost(node, d, start);
    while (node && node->start <= last) {
        if (node->open_last[d] >= start && node->open_last[d] != 0 &&
            !hit(user, (struct interval *)(uintptr_t)node))
            return false;
        if (node->right && node->right->max_last[d] >= start) {
            node = leftmost(node->right, d, start);
            continue;
        }
        while (node->parent && node->parent->right == node)
            node = node->parent;
        node = node->parent;
    }
    return true;
}
