#ifndef BASE_SLOT_TABLE_H
#define BASE_SLOT_TABLE_H

/*
 * From 64-bit hashes to items that live elsewhere: open addressing, linear probing, no tombstones.
 * For tables that every event asks; the hash is to be hash_table.h's, which is seeded. Keys are the
 * items' own: the caller compares them.
 *
 *     size_t at = slot_table_begin(table, hash);
 *     while ((item = slot_table_next(table, hash, &at)) != NULL)
 *         if (item's key is the one that is wanted) ...
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct slot {
    uint64_t hash;
    void *item; /* borrowed; NULL: free */
};

struct slot_table {
    struct slot *slots; /* owned; NULL before the first item */
    size_t mask, count;
};

void slot_table_init(struct slot_table *table);
void slot_table_finish(struct slot_table *table);

static inline size_t slot_table_begin(const struct slot_table *table, uint64_t hash)
{
    return (size_t)hash & table->mask;
}

/* The next item with that hash, or NULL. */
static inline void *slot_table_next(const struct slot_table *table, uint64_t hash, size_t *at)
{
    if (table->slots == NULL)
        return NULL;
    for (size_t i = *at;; i = (i + 1) & table->mask) {
        const struct slot *slot = &table->slots[i];

        if (slot->item == NULL || slot->hash == hash) {
            *at = (i + 1) & table->mask;
            return slot->item;
        }
    }
}

/* False: no memory, and the item is not in the table. */
bool slot_table_add(struct slot_table *table, uint64_t hash, void *item);

/* `item` is in the table with that hash. */
void slot_table_remove(struct slot_table *table, uint64_t hash, const void *item);

/* Starts the load that a search for `hash` will wait for. */
static inline void slot_table_prefetch(const struct slot_table *table, uint64_t hash)
{
#if defined(__GNUC__)
    if (table->slots != NULL)
        __builtin_prefetch(&table->slots[(size_t)hash & table->mask]);
#else
    (void)table;
    (void)hash;
#endif
}

/* Some item with that hash, or NULL: the one that is wanted, as a rule. */
static inline void *slot_table_likely(const struct slot_table *table, uint64_t hash)
{
    size_t at = slot_table_begin(table, hash);

    return slot_table_next(table, hash, &at);
}

/* Starts loading `len` bytes at `item`, which may be NULL. */
static inline void slot_item_prefetch(const void *item, size_t len)
{
#if defined(__GNUC__)
    if (item != NULL)
        for (size_t at = 0; at < len; at += 64)
            __builtin_prefetch((const char *)item + at);
#else
    (void)item;
    (void)len;
#endif
}

#endif
