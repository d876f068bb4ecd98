#ifndef ANALYZER_TRACKER_OP_TABLE_H
#define ANALYZER_TRACKER_OP_TABLE_H

/*
 * From hashes to operations, as slot_table.h is for items in general, with slots of half the size:
 * a hash of 32 bits and an id of an op_store. Keys are the operations' own: the caller compares
 * them.
 *
 *     size_t at = op_table_begin(table, hash);
 *     while ((id = op_table_next(table, hash, &at)) != 0)
 *         if (the key of the operation with that id is the one that is wanted) ...
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct op_slot {
    uint32_t hash, id; /* id 0: free */
};

/* Never without slots, so that searches need not ask: `none` is there before the first. */
struct op_table {
    struct op_slot *slots; /* owned but for `none` */
    size_t mask, count;
    struct op_slot none;
};

void op_table_init(struct op_table *table); /* it stays where it is from then on */
void op_table_finish(struct op_table *table);

static inline size_t op_table_begin(const struct op_table *table, uint32_t hash)
{
    return hash & table->mask;
}

/* The next id with that hash, or 0. */
static inline uint32_t op_table_next(const struct op_table *table, uint32_t hash, size_t *at)
{
    const struct op_slot *slots = table->slots;
    const size_t mask = table->mask;
    size_t i = *at;

    while (slots[i].id != 0 && slots[i].hash != hash)
        i = (i + 1) & mask;
    *at = (i + 1) & mask;
    return slots[i].id;
}

/* False: no memory, and it is not in the table. */
bool op_table_add(struct op_table *table, uint32_t hash, uint32_t id);

/* The same, where op_table_next() has just found nothing more for that hash, with `at` as it left
 * it. */
bool op_table_add_at(struct op_table *table, uint32_t hash, uint32_t id, size_t at);

/* `id` is in the table with that hash. */
void op_table_remove(struct op_table *table, uint32_t hash, uint32_t id);
void op_table_replace(struct op_table *table, uint32_t hash, uint32_t id, uint32_t by);

/* Starts the load that a search for `hash` will wait for. */
static inline void op_table_prefetch(const struct op_table *table, uint32_t hash)
{
#if defined(__GNUC__)
    __builtin_prefetch(&table->slots[op_table_begin(table, hash)]);
#else
    (void)table;
    (void)hash;
#endif
}

#endif
