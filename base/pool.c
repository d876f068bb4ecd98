/* SPDX-License-Identifier: Apache-2.0 */

#include "base/pool.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/platform.h"
#include "base/prefetch.h"
#include "base/rare.h"

#define BLOCK_ITEMS_FIRST 8
#define BLOCK_ITEMS_MAX 512
#define LINE_LEN 64       /* bytes of a cache line */
#define LARGE_ITEM_LEN 96 /* bytes; smaller items share cache lines */

/* The beginning of an item that is not in use. */
union pool_link {
    union pool_link *next;
    max_align_t align;
};

/* The beginning of a block; the items follow at the next multiple of their alignment. */
struct pool_block {
    struct pool_block *next;
    size_t items, free_items; /* `free_items` is only right within pool_trim() */
};

_Static_assert(sizeof(struct pool_block) <= sizeof(union pool_link), "fits before small items");

void pool_init(struct pool *pool, size_t item_len)
{
    size_t unit = item_len >= LARGE_ITEM_LEN ? LINE_LEN : sizeof(union pool_link);

    *pool = (struct pool){.item_len = (item_len + unit - 1) / unit * unit,
                          .block_items = BLOCK_ITEMS_FIRST};
}

static size_t item_align(const struct pool *pool)
{
    return pool->item_len % LINE_LEN == 0 ? LINE_LEN : sizeof(union pool_link);
}

void pool_finish(struct pool *pool)
{
    struct pool_block *block = pool->blocks;

    while (block != NULL) {
        struct pool_block *next = block->next;

        platform_aligned_free(block);
        block = next;
    }
    *pool = (struct pool){0};
}

static size_t block_bytes(const struct pool *pool, size_t items)
{
    return item_align(pool) + pool->item_len * items;
}

static bool add_block(struct pool *pool)
{
    size_t align = item_align(pool);
    size_t bytes = block_bytes(pool, pool->block_items);
    struct pool_block *block = platform_aligned_alloc(align, bytes);
    char *items;

    if (block == NULL) {
        return false;
    }
    pool->bytes += bytes;
    block->items = pool->block_items;
    block->next = pool->blocks;
    pool->blocks = block;
    items = (char *)block + align;
    for (size_t i = pool->block_items; i-- > 0;) {
        pool_put(pool, items + i * pool->item_len);
    }
    if (pool->block_items < BLOCK_ITEMS_MAX) {
        pool->block_items *= 2;
    }
    return true;
}

/* ---- trimming ---- */

static int compare_addresses(const void *a, const void *b)
{
    uintptr_t x = (uintptr_t) * (struct pool_block *const *)a;
    uintptr_t y = (uintptr_t) * (struct pool_block *const *)b;

    return (x > y) - (x < y);
}

/* The block of an item: the last one that begins before it. `blocks` is sorted by address. */
static struct pool_block *block_of(struct pool_block **blocks, size_t count, const void *item)
{
    size_t low = 0, high = count - 1;

    /* Invariant: the block is among those from `low` to `high`. */
    while (low < high) {
        size_t middle = (low + high + 1) / 2;

        if ((uintptr_t)blocks[middle] < (uintptr_t)item) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    return blocks[low];
}

/* The same, where that of the item before is known: items often lie beside each other. */
static struct pool_block *block_near(const struct pool *pool, struct pool_block *near,
                                     struct pool_block **blocks, size_t count, const void *item)
{
    if (near != NULL && (uintptr_t)item - (uintptr_t)near < block_bytes(pool, near->items)) {
        return near;
    }
    return block_of(blocks, count, item);
}

/* An array of all blocks, sorted by address, for the caller to free. NULL: there are none, or there
 * is no memory. */
static struct pool_block **sort_blocks(const struct pool *pool, size_t *count)
{
    struct pool_block **blocks;

    *count = 0;
    for (const struct pool_block *block = pool->blocks; block != NULL; block = block->next) {
        ++*count;
    }
    blocks = *count > 0 ? malloc(*count * sizeof *blocks) : NULL;
    if (blocks == NULL) {
        return NULL;
    }
    *count = 0;
    for (struct pool_block *block = pool->blocks; block != NULL; block = block->next) {
        blocks[(*count)++] = block;
    }
    qsort(blocks, *count, sizeof *blocks, compare_addresses);
    return blocks;
}

static void count_free(const struct pool *pool, struct pool_block **blocks, size_t count)
{
    struct pool_block *near = NULL;

    for (size_t i = 0; i < count; i++) {
        blocks[i]->free_items = 0;
    }
    for (const union pool_link *item = pool->free_items; item != NULL; item = item->next) {
        near = block_near(pool, near, blocks, count, item);
        near->free_items++;
    }
}

static bool block_is_free(const struct pool_block *block)
{
    return block->free_items == block->items;
}

/* Leaves only items of blocks that stay among the free items. */
static void keep_free_items(struct pool *pool, struct pool_block **blocks, size_t count)
{
    union pool_link *item = pool->free_items;
    struct pool_block *near = NULL;

    pool->free_items = NULL;
    while (item != NULL) {
        union pool_link *next = item->next;

        near = block_near(pool, near, blocks, count, item);
        if (!block_is_free(near)) {
            pool_put(pool, item);
        }
        item = next;
    }
}

void pool_trim(struct pool *pool)
{
    size_t count;
    struct pool_block **blocks = sort_blocks(pool, &count);

    if (blocks == NULL) {
        return;
    }
    count_free(pool, blocks, count);
    keep_free_items(pool, blocks, count);
    pool->blocks = NULL;
    for (size_t i = 0; i < count; i++) {
        if (block_is_free(blocks[i])) {
            pool->bytes -= block_bytes(pool, blocks[i]->items);
            platform_aligned_free(blocks[i]);
        } else {
            blocks[i]->next = pool->blocks;
            pool->blocks = blocks[i];
        }
    }
    free(blocks);
    pool->block_items = BLOCK_ITEMS_FIRST;
}

/* ---- items ---- */

RARE static void *take_of_new_block(struct pool *pool)
{
    return add_block(pool) ? pool_take(pool) : NULL;
}

void *pool_take(struct pool *pool)
{
    union pool_link *item = pool->free_items;

    if (item == NULL) {
        return take_of_new_block(pool);
    }
    pool->free_items = item->next;
    prefetch_item(item->next, sizeof(union pool_link)); /* the next call reads it */
    return item;
}

void *pool_get(struct pool *pool)
{
    void *item = pool_take(pool);

    if (item != NULL) {
        memset(item, 0, pool->item_len);
    }
    return item;
}

void pool_put(struct pool *pool, void *item)
{
    union pool_link *link = item;

    if (link != NULL) {
        link->next = pool->free_items;
        pool->free_items = link;
    }
}
