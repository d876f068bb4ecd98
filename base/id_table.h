/* SPDX-License-Identifier: Apache-2.0 */

#ifndef BASE_ID_TABLE_H
#define BASE_ID_TABLE_H

/*
 * A hash table that maps hashes of 32 bits to ids of 32 bits, for tables that every event asks.
 *
 * The table holds neither items nor keys: an id says which item is meant (see slab.h), the item
 * holds its key, and the caller compares keys. Several ids may have the same hash, and an id may be
 * in several tables. Id 0 means "none" and is never added. Where whoever makes a file chooses the
 * keys, the hash must depend on the seeds of hash.h.
 *
 * A whole program, which counts how often each of its arguments occurs:
 *
 *     #include <stdio.h>
 *     #include <string.h>
 *
 *     #include "base/hash.h"
 *     #include "base/id_table.h"
 *     #include "base/slab.h"
 *
 *     struct word {
 *         const char *text;
 *         unsigned count;
 *     };
 *
 *     static struct word *find(const struct id_table *table, const struct slab *words,
 *                              const char *text, uint32_t hash)
 *     {
 *         struct id_search search = id_table_begin(table, hash);
 *         uint32_t id;
 *
 *         while ((id = id_table_next(table, &search)) != 0) {
 *             struct word *word = slab_at(words, id);
 *
 *             if (strcmp(word->text, text) == 0) {
 *                 return word;
 *             }
 *         }
 *         return NULL;
 *     }
 *
 *     int main(int argc, char **argv)
 *     {
 *         struct id_table table;
 *         struct slab words;
 *         uint32_t id;
 *
 *         hash_seed_init();
 *         id_table_init(&table);
 *         slab_init(&words, sizeof(struct word));
 *         for (int i = 1; i < argc; i++) {
 *             uint32_t hash = (uint32_t)hash_key(argv[i], strlen(argv[i]));
 *             struct word *word = find(&table, &words, argv[i], hash);
 *
 *             if (word == NULL) {
 *                 word = slab_take(&words, &id);
 *                 if (word == NULL || !id_table_add(&table, hash, id)) {
 *                     return 2;
 *                 }
 *                 *word = (struct word){.text = argv[i]};
 *             }
 *             word->count++;
 *         }
 *         for (id = 1; id <= table.count; id++) {
 *             const struct word *word = slab_at(&words, id);
 *
 *             printf("%u %s\n", word->count, word->text);
 *         }
 *         slab_finish(&words);
 *         id_table_finish(&table);
 *         return 0;
 *     }
 *
 * Inside, entries lie in one array, at most half of it full. An id stands at the place that its
 * hash names, or behind it with no free entry in between, so that a search ends at the first free
 * entry. Removal moves the ids behind the gap up, which keeps it so.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/prefetch.h"

struct id_entry {
    uint32_t hash;
    uint32_t id; /* 0: the entry is free */
};

/* `entries` is never NULL: before the first id it points to one free entry that all tables share,
 * so that searches need not ask. Callers read `count` and leave the rest alone. */
struct id_table {
    struct id_entry *entries; /* owned, except for the shared one */
    size_t mask;              /* number of entries, a power of two, minus 1 */
    size_t count;             /* ids in the table */
    size_t room;              /* ids for which the entries are enough */
};

/* A search under way. Adding or removing ids ends it. */
struct id_search {
    size_t at; /* the entry that is looked at next */
    uint32_t hash;
};

/* An empty table; allocates nothing. */
void id_table_init(struct id_table *table);

/* Frees what the table holds and leaves it empty. */
void id_table_finish(struct id_table *table);

/* Removes an id, which is in the table with that hash. */
void id_table_remove(struct id_table *table, uint32_t hash, uint32_t id);

/* Puts `by` in the place of `id`, which is in the table with that hash. Never fails. */
void id_table_replace(struct id_table *table, uint32_t hash, uint32_t id, uint32_t by);

/* The bytes that the table takes while up to `more` further ids are added: where it grows, the old
 * entries and the new ones are there together. */
size_t id_table_bytes(const struct id_table *table, size_t more);

/* The part of id_table_add() that is not inline: the table has no room. */
bool id_table_grow_and_add(struct id_table *table, uint32_t hash, uint32_t id);

/* Adds an id where at least one entry is free. */
static inline void id_entries_put(struct id_entry *entries, size_t mask, uint32_t hash, uint32_t id)
{
    size_t at = hash & mask;

    while (entries[at].id != 0) {
        at = (at + 1) & mask;
    }
    entries[at] = (struct id_entry){hash, id};
}

/* Adds an id that is not 0. False: there was no memory, and the table is as before. */
static inline bool id_table_add(struct id_table *table, uint32_t hash, uint32_t id)
{
    if (table->count == table->room) {
        return id_table_grow_and_add(table, hash, id);
    }
    id_entries_put(table->entries, table->mask, hash, id);
    table->count++;
    return true;
}

/* Begins a search for the ids with that hash; id_table_next() returns them. */
static inline struct id_search id_table_begin(const struct id_table *table, uint32_t hash)
{
    return (struct id_search){.at = hash & table->mask, .hash = hash};
}

/* The next id with the hash, in no order, or 0 when there is no other. */
static inline uint32_t id_table_next(const struct id_table *table, struct id_search *search)
{
    /* Invariant: no entry from the hash's place up to search->at is free. */
    for (;;) {
        const struct id_entry *entry = &table->entries[search->at];

        if (entry->id == 0) {
            return 0;
        }
        search->at = (search->at + 1) & table->mask;
        if (entry->hash == search->hash) {
            return entry->id;
        }
    }
}

/* The id at the place that the hash names, if it has that hash, or 0: a guess that costs one load.
 */
static inline uint32_t id_table_likely(const struct id_table *table, uint32_t hash)
{
    const struct id_entry *entry = &table->entries[hash & table->mask];

    return entry->hash == hash ? entry->id : 0;
}

/* Starts loading the entry at which a search for `hash` begins. */
static inline void id_table_prefetch(const struct id_table *table, uint32_t hash)
{
    prefetch_item(&table->entries[hash & table->mask], sizeof(struct id_entry));
}

#endif
