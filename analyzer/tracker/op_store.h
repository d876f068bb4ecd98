/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_TRACKER_OP_STORE_H
#define ANALYZER_TRACKER_OP_STORE_H

/*
 * The place where operations live, and the records that hang on them. Tables and sets hold the
 * small number by which the store knows an operation (op_id) instead of its address.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/tracker/tracked_op.h"
#include "base/pool.h"
#include "base/slab.h"

struct op_store {
    struct slab ops;
    struct pool endings, continuations, details, conflicts, kept;
    size_t set_bytes; /* of all sets of operations */
};

void op_store_init(struct op_store *store);
void op_store_finish(struct op_store *store); /* frees every operation that is left */

/* Gives back, after the end of the trace and once every conflict was told, all memory but that of
 * operations still referred to. No operation can be taken any more. */
void op_store_close(struct op_store *store);

/* An operation whose bytes are all 0 but for its id. NULL: no memory. */
struct tracked_op *op_store_take(struct op_store *store);

/* Gives back an operation with its records, which keeps no conflict any more: each one would have a
 * reference to it. Stacks, process and socket are the caller's affair. */
void op_store_put(struct op_store *store, struct tracked_op *op);

/* The record of an operation, made with all bytes 0 where there is none yet. NULL: no memory. */
struct tracked_ending *op_store_ending(struct op_store *store, struct tracked_op *op);
struct tracked_continuation *op_store_continuation(struct op_store *store, struct tracked_op *op);
struct tracked_details *op_store_details(struct op_store *store, struct tracked_op *op);
struct op_conflicts *op_store_conflicts(struct op_store *store, struct tracked_op *op);

/* Puts a copy of a conflict behind those of a list. False: no memory. */
bool op_store_keep(struct op_store *store, struct kept_conflicts *list,
                   const struct kept_conflict *kept);

/* Empties a list. The references that its conflicts have stay. */
void op_store_drop_kept(struct op_store *store, struct kept_conflicts *list);

/* A suspended operation goes on: its ending is void. */
void op_store_drop_ending(struct op_store *store, struct tracked_op *op);

/* The operation with an id. Id 0 belongs to nobody; once the store has held an operation, id 0
 * gives a dummy with all bytes 0, so that a failed look-up may be dereferenced. */
static inline struct tracked_op *op_store_at(const struct op_store *store, uint32_t id)
{
    return slab_at(&store->ops, id);
}

/* Operations of one endpoint or of one process, in no order. */
struct op_set {
    uint32_t *ids; /* owned */
    uint32_t count, room;
};

/* A set uses one of an operation's two places. */
enum op_set_kind { SET_OF_ENDPOINT, SET_OF_PROCESS };

/* Makes the room of a set larger. False: no memory. */
bool op_set_grow(struct op_store *store, struct op_set *set);

/* Makes room for one more. False: no memory. */
static inline bool op_set_reserve(struct op_store *store, struct op_set *set)
{
    return set->count < set->room || op_set_grow(store, set);
}
void op_set_finish(struct op_set *set);

/* Adds an operation for which room was made. */
void op_set_add(struct op_set *set, enum op_set_kind kind, struct tracked_op *op);
void op_set_remove(struct op_set *set, enum op_set_kind kind, const struct op_store *store,
                   struct tracked_op *op);

#endif
