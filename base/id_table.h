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
 *                 word->text = argv[i];
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
 * Inside, a bucket is a cache line of up to seven hashes with their ids. An id whose bucket is full
 * goes to the next bucket with room and stays there until it is removed. Each bucket counts the ids
 * that went past it, so that a search ends at the first bucket that none went past.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/prefetch.h"

#define ID_BUCKET_ITEMS 7

struct id_bucket {
    _Alignas(CACHE_LINE_LEN) uint32_t hash[ID_BUCKET_ITEMS]; /* 0: the entry is vacant */
    uint32_t passed;                  /* ids that found this bucket full and went on */
    uint32_t id[ID_BUCKET_ITEMS + 1]; /* 0: the entry is vacant; the last one always is */
};

/* `buckets` is never NULL: before the first id it points to one empty bucket that all tables share,
 * so that searches need not ask. Callers read `count` and leave the rest alone. */
struct id_table {
    struct id_bucket *buckets; /* owned, except for the shared one */
    size_t mask;               /* number of buckets, a power of two, minus 1 */
    size_t count;              /* ids in the table */
};

/* A search under way. Adding or removing ids ends it. */
struct id_search {
    size_t at;      /* the bucket at hand */
    unsigned entry; /* the next entry of that bucket to look at */
    uint32_t hash;  /* id_table_stored()'s */
};

/* An empty table; allocates nothing. */
void id_table_init(struct id_table *table);

/* Frees what the table holds and leaves it empty. */
void id_table_finish(struct id_table *table);

/* Adds an id that is not 0. False: there was no memory, and the table is as before. */
bool id_table_add(struct id_table *table, uint32_t hash, uint32_t id);

/* Removes an id, which is in the table with that hash. */
void id_table_remove(struct id_table *table, uint32_t hash, uint32_t id);

/* Puts `by` in the place of `id`, which is in the table with that hash. Never fails. */
void id_table_replace(struct id_table *table, uint32_t hash, uint32_t id, uint32_t by);

/* The hash as a bucket stores it: never 0. The lowest bit of a hash is lost that way. */
static inline uint32_t id_table_stored(uint32_t hash)
{
    return hash | 1;
}

/* Index of the bucket at which a search for `hash` begins. */
static inline size_t id_table_home(const struct id_table *table, uint32_t hash)
{
    return hash >> 1 & table->mask;
}

/* Index of the first of the seven words that equals `wanted`, or ID_BUCKET_ITEMS if none does. */
static inline unsigned id_words_find(const uint32_t words[ID_BUCKET_ITEMS], uint32_t wanted)
{
    unsigned at = 0;

    while (at < ID_BUCKET_ITEMS && words[at] != wanted) {
        at++;
    }
    return at;
}

/* Begins a search for the ids with that hash; id_table_next() returns them. */
static inline struct id_search id_table_begin(const struct id_table *table, uint32_t hash)
{
    return (struct id_search){.at = id_table_home(table, hash), .hash = id_table_stored(hash)};
}

/* The next id, in no order, or 0 when there is no other. Ids whose hash differs in the lowest bit
 * are returned too. */
static inline uint32_t id_table_next(const struct id_table *table, struct id_search *search)
{
    do {
        const struct id_bucket *bucket = &table->buckets[search->at];

        while (search->entry < ID_BUCKET_ITEMS) {
            unsigned entry = search->entry++;

            if (bucket->hash[entry] == search->hash) {
                return bucket->id[entry];
            }
        }
        if (bucket->passed == 0) {
            return 0;
        }
        search->at = (search->at + 1) & table->mask;
        search->entry = 0;
    } while (search->at != id_table_home(table, search->hash)); /* once round at most */
    return 0;
}

/* An id with that hash out of the first bucket of its search, or 0 if that bucket has none: a guess
 * that costs one load. */
static inline uint32_t id_table_likely(const struct id_table *table, uint32_t hash)
{
    const struct id_bucket *bucket = &table->buckets[id_table_home(table, hash)];

    return bucket->id[id_words_find(bucket->hash, id_table_stored(hash))]; /* the last one is 0 */
}

/* Starts loading the bucket at which a search for `hash` begins. */
static inline void id_table_prefetch(const struct id_table *table, uint32_t hash)
{
    prefetch_item(&table->buckets[id_table_home(table, hash)], sizeof(struct id_bucket));
}

#endif
