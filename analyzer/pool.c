#include "analyzer/pool.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define SLAB_ITEMS_FIRST 8
#define SLAB_ITEMS_MAX 512
#define LINE_LEN 64        /* of the cache */
#define LARGE_ITEM_LEN 256 /* from there on items begin with a line */

union pool_link {
    union pool_link *next;
    max_align_t align;
};

void pool_init(struct pool *pool, size_t item_len)
{
    size_t unit = item_len >= LARGE_ITEM_LEN ? LINE_LEN : sizeof(union pool_link);

    *pool = (struct pool){.item_len = (item_len + unit - 1) / unit * unit,
                          .slab_items = SLAB_ITEMS_FIRST};
}

void pool_finish(struct pool *pool)
{
    union pool_link *slab = pool->slabs;

    while (slab) {
        union pool_link *next = slab->next;

        free(slab);
        slab = next;
    }
    *pool = (struct pool){0};
}

static int grow(struct pool *pool)
{
    size_t align = pool->item_len % LINE_LEN == 0 ? LINE_LEN : sizeof(union pool_link);
    union pool_link *slab = aligned_alloc(align, align + pool->item_len * pool->slab_items);
    char *items;

    if (!slab)
        return -1;
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
