/* SPDX-License-Identifier: Apache-2.0 */

#include "base/slab.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/platform.h"
#include "base/rare.h"

#define BLOCK_ALIGN 64
#define BLOCK_ROOM_FIRST 4

void slab_init(struct slab *slab, size_t item_len)
{
    *slab = (struct slab){.item_len = item_len};
}

static uint32_t block_count(const struct slab *slab)
{
    return slab->next_id / SLAB_BLOCK_ITEMS + (slab->next_id % SLAB_BLOCK_ITEMS != 0);
}

void slab_finish(struct slab *slab)
{
    for (uint32_t i = 0; i < block_count(slab); i++) {
        platform_aligned_free(slab->blocks[i]);
    }
    free(slab->blocks);
    slab_init(slab, slab->item_len);
}

static size_t block_bytes(const struct slab *slab)
{
    return SLAB_BLOCK_ITEMS * (slab->item_len + sizeof(uint32_t));
}

size_t slab_bytes(const struct slab *slab)
{
    return block_count(slab) * block_bytes(slab) + slab->block_room * sizeof *slab->blocks;
}

/* The link of a free item: ids that were put back form a list, the latest first, and each item's
 * link holds the id that was put back before its own, or 0. Links lie behind the items of their
 * block, so that a free item keeps its bytes. */
static uint32_t *put_before(const struct slab *slab, uint32_t id)
{
    char *block = slab->blocks[id / SLAB_BLOCK_ITEMS];
    void *numbers = block + SLAB_BLOCK_ITEMS * slab->item_len;

    return (uint32_t *)numbers + id % SLAB_BLOCK_ITEMS;
}

static bool reserve_block(struct slab *slab)
{
    uint32_t room = slab->block_room != 0 ? slab->block_room * 2 : BLOCK_ROOM_FIRST;
    char **blocks;

    if (block_count(slab) < slab->block_room) {
        return true;
    }
    blocks = realloc(slab->blocks, room * sizeof *blocks);
    if (blocks == NULL) {
        return false;
    }
    slab->blocks = blocks;
    slab->block_room = room;
    return true;
}

/* Adds a block for the ids from next_id on. The first block's first item is the dummy of id 0.
 * Whoever takes an item fills it, so that the memory of the others is not touched here. */
static bool add_block(struct slab *slab)
{
    char *block;

    if (slab->next_id > UINT32_MAX - SLAB_BLOCK_ITEMS || !reserve_block(slab)) {
        return false;
    }
    block = platform_aligned_alloc(BLOCK_ALIGN, block_bytes(slab));
    if (block == NULL) {
        return false;
    }
    slab->blocks[block_count(slab)] = block;
    if (slab->next_id == 0) {
        memset(block, 0, slab->item_len);
        slab->next_id = 1;
    }
    return true;
}

/* Takes an item that was not used before. */
RARE static void *take_new(struct slab *slab, uint32_t *id)
{
    if (slab->closed || (slab->next_id % SLAB_BLOCK_ITEMS == 0 && !add_block(slab))) {
        return NULL;
    }
    *id = slab->next_id++;
    return slab_at(slab, *id);
}

/* A closed slab has no item that was put back. */
void *slab_take(struct slab *slab, uint32_t *id)
{
    if (slab->first_put == 0) {
        return take_new(slab, id);
    }
    *id = slab->first_put;
    slab->first_put = *put_before(slab, *id);
    return slab_at(slab, *id);
}

void slab_put(struct slab *slab, uint32_t id)
{
    assert(id != 0 && id < slab->next_id);
    if (slab->closed) {
        return;
    }
    *put_before(slab, id) = slab->first_put;
    slab->first_put = id;
}

/* Items in use of each block: all ids below next_id but 0 and those that were put back. */
static void count_used(const struct slab *slab, unsigned char *used)
{
    for (uint32_t id = 1; id < slab->next_id; id++) {
        used[id / SLAB_BLOCK_ITEMS]++;
    }
    for (uint32_t id = slab->first_put; id != 0; id = *put_before(slab, id)) {
        used[id / SLAB_BLOCK_ITEMS]--;
    }
}

/* Every block stays if there is no memory to count with. */
void slab_close(struct slab *slab)
{
    uint32_t count = block_count(slab);
    unsigned char *used = count > 0 && !slab->closed ? calloc(count, sizeof *used) : NULL;

    slab->closed = true;
    if (used != NULL) {
        count_used(slab, used);
    }
    for (uint32_t i = 0; used != NULL && i < count; i++) {
        if (used[i] == 0) {
            platform_aligned_free(slab->blocks[i]);
            slab->blocks[i] = NULL;
        }
    }
    free(used);
    slab->first_put = 0;
}
