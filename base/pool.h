/* SPDX-License-Identifier: Apache-2.0 */

#ifndef BASE_POOL_H
#define BASE_POOL_H

/*
 * Items of one size that are known by address and used again once they were put back, so that work
 * that takes as many items as it puts back allocates nothing. An item stays at its address. slab.h
 * is for items that are known by number.
 */

#include <stddef.h>

/* Callers leave the members alone. */
struct pool {
    size_t item_len;    /* bytes, rounded up to the items' alignment */
    void *free_items;   /* the item that was put back last, NULL: none */
    void *blocks;       /* owned */
    size_t block_items; /* items that the next block will have */
    size_t bytes;       /* of all blocks */
};

/* An empty pool; allocates nothing. `item_len`: bytes of an item, not 0. Items are aligned as
 * malloc() aligns, and from 96 bytes on begin with a cache line. */
void pool_init(struct pool *pool, size_t item_len);

/* Frees all items, those in use too. The pool must be initialised again before it is used. */
void pool_finish(struct pool *pool);

/* Frees the memory of all blocks without an item in use. The time is that of sorting every free
 * item, so that this is for the end of much work. The pool goes on to work; without memory to sort
 * with, nothing is freed. */
void pool_trim(struct pool *pool);

/* The bytes that the pool has allocated. */
static inline size_t pool_bytes(const struct pool *pool)
{
    return pool->bytes;
}

/* An item with all bytes 0, until pool_put(). NULL: there is no memory. */
void *pool_get(struct pool *pool);

/* An item with undefined bytes, until pool_put(). NULL: there is no memory. */
void *pool_take(struct pool *pool);

/* Puts an item back, whose bytes may be overwritten from now on. NULL is allowed. */
void pool_put(struct pool *pool, void *item);

#endif
