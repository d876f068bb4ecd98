#include "analyzer/tracker/op_store.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define LINE_LEN 64 /* of the cache */
#define SLABS_FIRST 4
#define SET_FIRST 8

_Static_assert(sizeof(struct operation) % LINE_LEN == 0, "an operation begins with a cache line");

void op_store_init(struct op_store *store)
{
    *store = (struct op_store){0};
}

void op_store_finish(struct op_store *store)
{
    for (size_t i = 0; i < store->slab_count; i++)
        free(store->slabs[i]);
    free(store->slabs);
    free(store->places);
    free(store->free_ids);
    op_store_init(store);
}

static bool resize(void **items, size_t count, size_t item_len)
{
    void *resized = realloc(*items, count * item_len);

    if (resized)
        *items = resized;
    return resized != NULL;
}

static bool make_room(struct op_store *store)
{
    size_t room = store->slab_room ? store->slab_room * 2 : SLABS_FIRST;
    void *slabs = store->slabs, *places = store->places, *ids = store->free_ids;
    bool ok;

    if (store->slab_count < store->slab_room)
        return true;
    ok = resize(&slabs, room, sizeof(struct operation *)) &&
         resize(&places, room * OP_SLAB_ITEMS, sizeof(struct op_place)) &&
         resize(&ids, room * OP_SLAB_ITEMS, sizeof(uint32_t));
    store->slabs = slabs;
    store->places = places;
    store->free_ids = ids;
    if (ok)
        store->slab_room = room;
    return ok;
}

static bool grow(struct op_store *store)
{
    size_t len = OP_SLAB_ITEMS * sizeof(struct operation);
    struct operation *slab;

    if (store->slab_count >= UINT32_MAX / OP_SLAB_ITEMS || !make_room(store))
        return false;
    slab = aligned_alloc(LINE_LEN, len);
    if (!slab)
        return false;
    memset(slab, 0, len);
    for (uint32_t i = OP_SLAB_ITEMS; i-- > 0;) {
        slab[i].id = (uint32_t)store->slab_count * OP_SLAB_ITEMS + i;
        if (slab[i].id != 0)
            store->free_ids[store->free_count++] = slab[i].id;
        else
            slab[i].end = OP_PENDING; /* never in flight */
    }
    store->slabs[store->slab_count++] = slab;
    return true;
}

struct operation *op_store_take(struct op_store *store)
{
    if (store->free_count == 0 && (store->closed || !grow(store)))
        return NULL;
    return op_store_at(store, store->free_ids[--store->free_count]);
}

void op_store_put(struct op_store *store, struct operation *op)
{
    if (op->has_rare)
        memset((char *)op + OP_RARE_AT, 0, sizeof(*op) - OP_RARE_AT);
    op->has_rare = false;
    if (!store->closed)
        store->free_ids[store->free_count++] = op->id;
}

void op_store_close(struct op_store *store)
{
    uint32_t *free_of = calloc(store->slab_count + 1, sizeof(*free_of));

    store->closed = true;
    if (free_of)
        free_of[0] = 1; /* id 0 */
    for (size_t i = 0; free_of && i < store->free_count; i++)
        free_of[store->free_ids[i] / OP_SLAB_ITEMS]++;
    for (size_t i = 0; free_of && i < store->slab_count; i++)
        if (free_of[i] == OP_SLAB_ITEMS) {
            free(store->slabs[i]);
            store->slabs[i] = NULL;
        }
    free(free_of);
    free(store->places);
    free(store->free_ids);
    store->places = NULL;
    store->free_ids = NULL;
    store->free_count = 0;
}

bool op_set_reserve(struct op_set *set)
{
    uint32_t room = set->room ? set->room * 2 : SET_FIRST;
    uint32_t *ids;

    if (set->count < set->room)
        return true;
    ids = realloc(set->ids, room * sizeof(*ids));
    if (!ids)
        return false;
    set->ids = ids;
    set->room = room;
    return true;
}

void op_set_finish(struct op_set *set)
{
    free(set->ids);
    *set = (struct op_set){0};
}
