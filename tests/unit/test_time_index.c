/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>

#include "base/time_index.h"

#define NODES 2000

struct item {
    struct time_index_node node;
};

static struct item *floor_by_scan(struct item *items, size_t count, uint64_t major, uint64_t minor,
                                  int64_t from)
{
    struct item *best = NULL;
    for (size_t i = 0; i < count; i++) {
        const struct time_index_node *node = &items[i].node;
        bool below = node->major == major &&
                     (node->minor < minor || (node->minor == minor && node->from <= from));
        bool better = best == NULL || node->minor > best->node.minor ||
                      (node->minor == best->node.minor && node->from > best->node.from);
        if (below && better) {
            best = &items[i];
        }
    }
    return best;
}

static unsigned depth(const struct time_index_node *node)
{
    if (node == NULL) {
        return 0;
    }
    unsigned left = depth(node->left), right = depth(node->right);
    return 1 + (left > right ? left : right);
}

Test(time_index, finds_what_a_scan_finds)
{
    struct item *items = calloc(NODES, sizeof *items);
    struct time_index index = {0};
    uint64_t state = 1;
    for (size_t i = 0; i < NODES; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        items[i].node = (struct time_index_node){.major = (state >> 60) & 3,
                                                 .minor = (state >> 40) & 31,
                                                 .from = (int64_t)(i ^ (state >> 54)) - 500,
                                                 .item = &items[i]};
        struct item *same =
            time_index_floor(&index, items[i].node.major, items[i].node.minor, items[i].node.from);
        if (same != NULL && same->node.minor == items[i].node.minor &&
            same->node.from == items[i].node.from) {
            items[i].node.major = 100 + i; /* keys are unique */
        }
        time_index_insert(&index, &items[i].node);
    }
    for (uint64_t major = 0; major < 5; major++) {
        for (uint64_t minor = 0; minor < 33; minor++) {
            for (int64_t from = -600; from < 2600; from += 97) {
                cr_assert(eq(ptr, time_index_floor(&index, major, minor, from),
                             floor_by_scan(items, NODES, major, minor, from)));
            }
        }
    }
    free(items);
}

#define RANGES 240 /* fewer than a search visits before it gives up */

static struct item *covering_by_scan(struct item *items, const struct time_index_place *place)
{
    struct item *best = NULL;
    for (size_t i = 0; i < RANGES; i++) {
        const struct time_index_node *node = &items[i].node;
        bool covers = node->major == place->major && node->minor <= place->minor &&
                      place->minor <= node->last && place->since <= node->from &&
                      node->from <= place->at && place->at <= node->to;
        bool better = best == NULL || node->minor > best->node.minor ||
                      (node->minor == best->node.minor && node->from > best->node.from);
        if (covers && better) {
            best = &items[i];
        }
    }
    return best;
}

Test(time_index, finds_what_covers_a_place)
{
    struct item items[RANGES];
    struct time_index index = {0};
    uint64_t state = 3;
    for (size_t i = 0; i < RANGES; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        uint64_t minor = state >> 40 & 63;
        items[i].node = (struct time_index_node){.major = state >> 60 & 1,
                                                 .minor = minor,
                                                 .from = (int64_t)i,
                                                 .last = minor + (state >> 50 & 7),
                                                 .to = INT64_MAX,
                                                 .item = &items[i]};
        time_index_insert(&index, &items[i].node);
    }
    for (size_t i = 0; i < RANGES; i += 2) {
        time_index_end(&index, &items[i].node, items[i].node.from + (int64_t)(i % 50));
    }
    for (int64_t at = 0; at < RANGES + 60; at += 7) {
        for (uint64_t minor = 0; minor < 72; minor++) {
            struct time_index_place place = {
                .major = minor % 2, .minor = minor, .since = at - 90, .at = at};
            cr_assert(
                eq(ptr, time_index_covering(&index, &place), covering_by_scan(items, &place)));
        }
    }
}

/* Ascending keys are what a trace has, and what makes a plain tree a list. */
Test(time_index, stays_shallow)
{
    struct item *items = calloc(1u << 14, sizeof *items);
    struct time_index index = {0};
    for (size_t i = 0; i < 1u << 14; i++) {
        items[i].node = (struct time_index_node){.from = (int64_t)i, .item = &items[i]};
        time_index_insert(&index, &items[i].node);
    }
    cr_expect(le(uint, depth(index.root), 2 * 15));
    free(items);
}
