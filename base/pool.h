#ifndef BASE_POOL_H
#define BASE_POOL_H

/*
 * Items of one size, recycled through a free list, so that the steady state allocates nothing.
 * Memory is given back when the pool is finished.
 */

#include <stddef.h>

struct pool {
    size_t item_len; /* bytes, a multiple of the strictest alignment */
    void *free_items;
    void *slabs;
    size_t slab_items;
};

void pool_init(struct pool *pool, size_t item_len);
void pool_finish(struct pool *pool);

/* Gives back the memory in which no item is in use: at the end of much work, not in between. */
void pool_trim(struct pool *pool);

/* An item with every byte 0, or NULL if there is no memory. */
void *pool_get(struct pool *pool);
void *pool_take(struct pool *pool);           /* the same, its bytes undefined */
void pool_put(struct pool *pool, void *item); /* takes NULL */

#endif
