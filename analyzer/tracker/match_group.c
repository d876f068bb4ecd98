/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/tracker/match_group.h"

#include <stddef.h>

static struct match_links *links_of(const struct op_store *store, enum match_links_of which,
                                    uint32_t id)
{
    struct tracked_op *op = op_store_at(store, id);

    return which == LINKS_BY_ADDRESS ? &op->by_address : &op_ending(op)->by_thread;
}

/* Puts `child` in front of the children of `parent`, which is newer. */
static void adopt(const struct op_store *store, enum match_links_of which, uint32_t parent,
                  uint32_t child)
{
    struct match_links *above = links_of(store, which, parent);
    struct match_links *below = links_of(store, which, child);

    below->prev = parent;
    below->next = above->child;
    if (above->child != 0) {
        links_of(store, which, above->child)->prev = child;
    }
    above->child = child;
}

uint32_t match_group_join(const struct op_store *store, enum match_links_of which, uint32_t a,
                          uint32_t b)
{
    if (a == 0 || b == 0) {
        return a != 0 ? a : b;
    }
    if (op_store_at(store, a)->op.number < op_store_at(store, b)->op.number) {
        adopt(store, which, b, a);
        return b;
    }
    adopt(store, which, a, b);
    return a;
}

/* Cuts an operation off from its neighbours; its children stay with it. */
static uint32_t cut(struct match_links *links)
{
    uint32_t next = links->next;

    links->prev = links->next = 0;
    return next;
}

/* One heap of a list of siblings: joined in pairs from the first on, then the pairs from the last
 * back, which is what makes removal O(log n) amortised. */
static uint32_t join_siblings(const struct op_store *store, enum match_links_of which,
                              uint32_t first)
{
    uint32_t pairs = 0, top = 0;

    while (first != 0) {
        uint32_t a = first, b = cut(links_of(store, which, a)), pair;

        first = b != 0 ? cut(links_of(store, which, b)) : 0;
        pair = match_group_join(store, which, a, b);
        links_of(store, which, pair)->next = pairs;
        pairs = pair;
    }
    while (pairs != 0) {
        uint32_t pair = pairs;

        pairs = cut(links_of(store, which, pair));
        top = match_group_join(store, which, top, pair);
    }
    return top;
}

/* Lets `by`, which may be 0, take the place of `id` among the children of its parent. */
static void replace(const struct op_store *store, enum match_links_of which, uint32_t id,
                    uint32_t by)
{
    const struct match_links gone = *links_of(store, which, id);
    struct match_links *before = links_of(store, which, gone.prev);
    uint32_t after = gone.next;

    if (by != 0) {
        struct match_links *links = links_of(store, which, by);

        links->prev = gone.prev;
        links->next = gone.next;
        after = by;
    }
    if (before->child == id) {
        before->child = after;
    } else {
        before->next = after;
    }
    if (gone.next != 0) {
        links_of(store, which, gone.next)->prev = by != 0 ? by : gone.prev;
    }
}

uint32_t match_group_remove(const struct op_store *store, enum match_links_of which, uint32_t top,
                            uint32_t id)
{
    struct match_links *links = links_of(store, which, id);
    uint32_t below = join_siblings(store, which, links->child);

    if (id == top) {
        top = below;
    } else {
        replace(store, which, id, below);
    }
    *links = (struct match_links){0, 0, 0};
    return top;
}
