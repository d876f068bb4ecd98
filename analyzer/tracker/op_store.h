#ifndef ANALYZER_TRACKER_OP_STORE_H
#define ANALYZER_TRACKER_OP_STORE_H

/*
 * Where operations live. Each has an id, a small number that tables and sets hold instead of its
 * address: they stay in the cache that way. Neither taking an operation nor putting it back
 * touches its memory.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/tracker/operation.h"

#define OP_SLAB_ITEMS 64

/* Operations in flight of one endpoint or process, in no order. */
struct op_set {
    uint32_t *ids; /* owned */
    uint32_t count, room;
};

/* Where an operation stands in the sets that it is in. */
struct op_place {
    uint32_t in_endpoint, in_process;
};

struct op_store {
    struct operation **slabs; /* owned; slab n holds ids from n * OP_SLAB_ITEMS on, or NULL */
    struct op_place *places;  /* owned; by id */
    uint32_t *free_ids;       /* owned; the last one is taken next */
    size_t slab_count, slab_room;
    size_t free_count;
    bool closed;
};

void op_store_init(struct op_store *store);
void op_store_finish(struct op_store *store);

/* At the end of much work: gives back all memory but that of operations in use. No more can be
 * taken. */
void op_store_close(struct op_store *store);

/* All of it is undefined but for id and has_rare, and what has_rare speaks of, which is 0. NULL: no
 * memory. */
struct operation *op_store_take(struct op_store *store);
void op_store_put(struct op_store *store, struct operation *op);

/* Of id 0, which is nobody's, there is one too as soon as there is any: never in flight, else all
 * 0. */
static inline struct operation *op_store_at(const struct op_store *store, uint32_t id)
{
    return &store->slabs[id / OP_SLAB_ITEMS][id % OP_SLAB_ITEMS];
}

static inline struct op_place *op_store_place(const struct op_store *store, uint32_t id)
{
    return &store->places[id];
}

/* Room for one more. False: no memory. */
bool op_set_reserve(struct op_set *set);
void op_set_finish(struct op_set *set);

/* Adds an operation; there is room. Returns its place. */
static inline uint32_t op_set_add(struct op_set *set, uint32_t id)
{
    set->ids[set->count] = id;
    return set->count++;
}

/* Takes out what stands at `place`; returns the id that stands there now, or 0. */
static inline uint32_t op_set_remove(struct op_set *set, uint32_t place)
{
    uint32_t moved = set->ids[--set->count];

    if (place == set->count)
        return 0;
    set->ids[place] = moved;
    return moved;
}

#endif
