/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/tracker/op_store.h"

#include <stdlib.h>
#include <string.h>

#include "base/allocated.h"
#include "base/rare.h"

#define SET_FIRST 4
void op_store_init(struct op_store *store)
{
    slab_init(&store->ops, sizeof(struct tracked_op));
    pool_init(&store->endings, sizeof(struct tracked_ending));
    pool_init(&store->continuations, sizeof(struct tracked_continuation));
    pool_init(&store->details, sizeof(struct tracked_details));
    pool_init(&store->conflicts, sizeof(struct op_conflicts));
    pool_init(&store->kept, sizeof(struct kept_block));
}

void op_store_finish(struct op_store *store)
{
    slab_finish(&store->ops);
    pool_finish(&store->endings);
    pool_finish(&store->continuations);
    pool_finish(&store->details);
    pool_finish(&store->conflicts);
    pool_finish(&store->kept);
}

void op_store_close(struct op_store *store)
{
    slab_close(&store->ops);
    pool_trim(&store->endings);
    pool_trim(&store->continuations);
    pool_trim(&store->details);
    pool_trim(&store->conflicts);
    pool_finish(&store->kept);
    pool_init(&store->kept, sizeof(struct kept_block));
}

struct tracked_op *op_store_take(struct op_store *store)
{
    uint32_t id;
    struct tracked_op *op = slab_take(&store->ops, &id);

    if (op != NULL) {
        memset(op, 0, sizeof *op);
        op->memory.owner_id = id;
    }
    return op;
}

void op_store_put(struct op_store *store, struct tracked_op *op)
{
    pool_put(&store->endings, op->op.ended);
    pool_put(&store->continuations, op->op.continued);
    pool_put(&store->details, op->op.details);
    pool_put(&store->conflicts, op->conflicts);
    slab_put(&store->ops, op_id(op));
}

struct tracked_ending *op_store_ending(struct op_store *store, struct tracked_op *op)
{
    if (op->op.ended == NULL) {
        op->op.ended = pool_take(&store->endings);
        if (op->op.ended != NULL) {
            memset(op_ending(op), 0, sizeof(struct tracked_ending));
        }
    }
    return op_ending(op);
}

struct tracked_continuation *op_store_continuation(struct op_store *store, struct tracked_op *op)
{
    if (op->op.continued == NULL) {
        op->op.continued = pool_take(&store->continuations);
        if (op->op.continued != NULL) {
            memset(op_continuation(op), 0, sizeof(struct tracked_continuation));
        }
    }
    return op_continuation(op);
}

struct tracked_details *op_store_details(struct op_store *store, struct tracked_op *op)
{
    if (op->op.details == NULL) {
        op->op.details = pool_get(&store->details);
        if (op->op.details != NULL) {
            op->op.details->buffer_count = 1;
        }
    }
    return op_details(op);
}

struct op_conflicts *op_store_conflicts(struct op_store *store, struct tracked_op *op)
{
    if (op->conflicts == NULL) {
        op->conflicts = pool_take(&store->conflicts);
        if (op->conflicts != NULL) {
            memset(op->conflicts, 0, sizeof *op->conflicts);
        }
    }
    return op->conflicts;
}

static struct kept_block *add_block(struct op_store *store, struct kept_conflicts *list)
{
    struct kept_block *block = pool_take(&store->kept);

    if (block == NULL) {
        return NULL;
    }
    block->next = NULL;
    block->count = 0;
    *(list->last != NULL ? &list->last->next : &list->first) = block;
    list->last = block;
    return block;
}

bool op_store_keep(struct op_store *store, struct kept_conflicts *list,
                   const struct kept_conflict *kept)
{
    struct kept_block *block = list->last;

    if (block == NULL || block->count == KEPT_IN_BLOCK) {
        block = add_block(store, list);
    }
    if (block == NULL) {
        return false;
    }
    block->items[block->count++] = *kept;
    return true;
}

void op_store_drop_kept(struct op_store *store, struct kept_conflicts *list)
{
    struct kept_block *block = list->first, *next;

    for (; block != NULL; block = next) {
        next = block->next;
        pool_put(&store->kept, block);
    }
    *list = (struct kept_conflicts){NULL, NULL};
}

void op_store_drop_ending(struct op_store *store, struct tracked_op *op)
{
    pool_put(&store->endings, op->op.ended);
    op->op.ended = NULL;
}

/* A set of four takes 32 bytes of a usual allocator, which larger ones exceed by little. */
RARE bool op_set_grow(struct op_store *store, struct op_set *set)
{
    uint32_t room = set->room != 0 ? set->room * 2 : SET_FIRST;
    uint32_t *ids = realloc(set->ids, room * sizeof *ids);

    if (ids == NULL) {
        return false;
    }
    store->set_bytes +=
        set->room == 0 ? allocated_len(room * sizeof *ids) : (room - set->room) * sizeof *ids;
    set->ids = ids;
    set->room = room;
    return true;
}

void op_set_finish(struct op_set *set)
{
    free(set->ids);
    *set = (struct op_set){NULL, 0, 0};
}

static uint32_t *place_in_set(struct tracked_op *op, enum op_set_kind kind)
{
    return kind == SET_OF_ENDPOINT ? &op->in_endpoint : &op->in_process;
}

void op_set_add(struct op_set *set, enum op_set_kind kind, struct tracked_op *op)
{
    *place_in_set(op, kind) = set->count;
    set->ids[set->count++] = op_id(op);
}

void op_set_remove(struct op_set *set, enum op_set_kind kind, const struct op_store *store,
                   struct tracked_op *op)
{
    uint32_t place = *place_in_set(op, kind);
    uint32_t last = set->ids[--set->count];

    if (place != set->count) {
        set->ids[place] = last;
        *place_in_set(op_store_at(store, last), kind) = place;
    }
}
