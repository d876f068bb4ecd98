/* SPDX-License-Identifier: Apache-2.0 */

#ifndef BASE_SLAB_H
#define BASE_SLAB_H

/*
 * Items of one size that are known by id, a number of 32 bits, so that tables hold four bytes for
 * each and need not move when items do not. id_table.h shows a whole program.
 *
 * An item stays at its address until it is put back. Its address is a multiple of the largest power
 * of two that divides the item's length, at most 64. Ids are given from 1 on; those of items that
 * were put back are given again, the last one first. Beyond its own length an item costs 4 bytes.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SLAB_BLOCK_ITEMS 64 /* items that are allocated at once */

/* Callers leave the members alone. */
struct slab {
    char **blocks;      /* owned; block n holds ids from n * SLAB_BLOCK_ITEMS on, or is NULL */
    size_t item_len;    /* bytes */
    uint32_t next_id;   /* the lowest id that no item has had yet; 0: no blocks yet */
    uint32_t first_put; /* the id that was put back last and is not in use, 0: none */
    uint32_t block_room;
    bool closed;
};

/* A slab without items; allocates nothing. `item_len`: bytes of an item, not 0. */
void slab_init(struct slab *slab, size_t item_len);

/* Frees all items, those in use too, and leaves the slab empty: it gives items again. */
void slab_finish(struct slab *slab);

/* Takes an item and sets *id. Its bytes are as the last user of the id left them, and undefined
 * when there was none. NULL: there is no memory, or the slab is closed; *id is unchanged. */
void *slab_take(struct slab *slab, uint32_t *id);

/* Puts back an item that is in use. Its bytes stay. */
void slab_put(struct slab *slab, uint32_t id);

/* Frees every block of items without one in use, and lets slab_take() fail from now on, for the end
 * of much work when few items are still looked at. Those stay valid; the dummy of id 0 does not. */
void slab_close(struct slab *slab);

/* The bytes that the slab has allocated; of a closed one, at most. */
size_t slab_bytes(const struct slab *slab);

/* The item with that id, which is in use or was put back and is not closed away. Once an item was
 * taken, id 0 leads to a dummy whose bytes are all 0 and which nobody writes to, so that the result
 * of a failed search may be looked at. */
static inline void *slab_at(const struct slab *slab, uint32_t id)
{
    return slab->blocks[id / SLAB_BLOCK_ITEMS] + id % SLAB_BLOCK_ITEMS * slab->item_len;
}

#endif
