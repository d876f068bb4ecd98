#include "base/pool.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define SLAB_ITEMS_FIRST 8
#define SLAB_ITEMS_MAX 512
#define LINE_LEN 64       /* of the cache */
#define LARGE_ITEM_LEN 80 /* from there on items begin with a line */

union pool_link {
    union pool_link *next;
    max_align_t align;
};

/* In front of a slab's items, in a place of their alignment. */
struct slab {
    struct slab *next;
    size_t items, free_items; /* the latter while trimming */
};

_Static_assert(sizeof(struct slab) <= sizeof(union pool_link), "fits in front of small items");

void pool_init(struct pool *pool, size_t item_len)
{
    size_t unit = item_len >= LARGE_ITEM_LEN ? LINE_LEN : sizeof(union pool_link);

    *pool = (struct pool){.item_len = (item_len + unit - 1) / unit * unit,
                          .slab_items = SLAB_ITEMS_FIRST};
}

static size_t align_of(const struct pool *pool)
{
    return pool->item_len % LINE_LEN == 0 ? LINE_LEN : sizeof(union pool_link);
}

void pool_finish(struct pool *pool)
{
    struct slab *slab = pool->slabs;

    while (slab) {
        struct slab *next = slab->next;

        free(slab);
        slab = next;
    }
    *pool = (struct pool){0};
}

static int grow(struct pool *pool)
{
    size_t align = align_of(pool);
    struct slab *slab = aligned_alloc(align, align + pool->item_len * pool->slab_items);
    char *items;

    if (!slab)
        return -1;
    slab->items = pool->slab_items;
    slab->next = pool->slabs;
    pool->slabs = slab;
    items = (char *)slab + align;
    for (size_t i = pool->slab_items; i-- > 0;) {
        void *item = items + i * pool->item_len;

        ((union pool_link *)item)->next = pool->free_items;
        pool->free_items = item;
    }
    if (pool->slab_items < SLAB_ITEMS_MAX)
        pool->slab_items *= 2;
    return 0;
}

static int by_address(const void *a, const void *b)
{
    uintptr_t x = (uintptr_t) * (struct slab *const *)a, y = (uintptr_t) * (struct slab *const *)b;

    return (x > y) - (x < y);
}

/* The last slab that begins before the item. */
static struct slab *slab_of(struct slab **slabs, size_t count, const void *item)
{
    size_t low = 0, high = count - 1;

    while (low < high) {
        size_t middle = (low + high + 1) / 2;

        if ((uintptr_t)slabs[middle] < (uintptr_t)item)
            low = middle;
        else
            high = middle - 1;
    }
    return slabs[low];
}

static void count_free(struct pool *pool, struct slab **slabs, size_t count)
{
    for (union pool_link *item = pool->free_items; item; item = item->next)
        slab_of(slabs, count, item)->free_items++;
}

/* Takes the items of slabs without any in use off the free list. */
static void drop_items(struct pool *pool, struct slab **slabs, size_t count)
{
    union pool_link *item = pool->free_items, *next;

    pool->free_items = NULL;
    for (; item; item = next) {
        const struct slab *slab = slab_of(slabs, count, item);

        next = item->next;
        if (slab->free_items == slab->items)
            continue;
        item->next = pool->free_items;
        pool->free_items = item;
    }
}

void pool_trim(struct pool *pool)
{
    struct slab **slabs, *slab;
    size_t count = 0;

    for (slab = pool->slabs; slab; slab = slab->next) {
        slab->free_items = 0;
        count++;
    }
    slabs = count > 0 ? malloc(count * sizeof(struct slab *)) : NULL;
    if (!slabs)
        return;
    count = 0;
    for (slab = pool->slabs; slab; slab = slab->next)
        slabs[count++] = slab;
    qsort(slabs, count, sizeof(struct slab *), by_address);
    count_free(pool, slabs, count);
    drop_items(pool, slabs, count);
    pool->slabs = NULL;
    for (size_t i = 0; i < count; i++) {
        if (slabs[i]->free_items == slabs[i]->items) {
            free(slabs[i]);
            continue;
        }
        slabs[i]->next = pool->slabs;
        pool->slabs = slabs[i];
    }
    free(slabs);
    pool->slab_items = SLAB_ITEMS_FIRST;
}

void *pool_take(struct pool *pool)
{
    union pool_link *item;

    if (!pool->free_items && grow(pool))
        return NULL;
    item = pool->free_items;
    assert(item);
    pool->free_items = item->next;
    return item;
}

void *pool_get(struct pool *pool)
{
    void *item = pool_take(pool);

    if (item)
        memset(item, 0, pool->item_len);
    return item;
}

void pool_put(struct pool *pool, void *item)
{
    union pool_link *link = item;

    if (!link)
        return;
    link->next = pool->free_items;
    pool->free_items = link;
}
