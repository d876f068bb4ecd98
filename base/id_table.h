#ifndef BASE_ID_TABLE_H
#define BASE_ID_TABLE_H

/*
 * From hashes of 32 bits to ids of an op_store. Keys are the operations' own: the caller compares
 * them.
 *
 *     struct op_search search = op_table_begin(table, hash);
 *     while ((id = op_table_next(table, &search)) != 0)
 *         if (the key of the operation with that id is the one that is wanted) ...
 *
 * A bucket is a cache line whose hashes are compared all at once, so that hardly anything depends
 * on a branch that the processor can't foresee. What finds its bucket full goes to the next one and
 * stays there, even when there is room again. A bucket knows how many went on from it: a search
 * ends at the first that none did, or when it has been everywhere.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bits.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#define OP_BUCKET_IDS 7

struct op_bucket {
    _Alignas(64) uint32_t hash[OP_BUCKET_IDS]; /* never 0 where there is an id */
    uint32_t passed;                           /* ids that found it full and stand behind it */
    uint32_t id[OP_BUCKET_IDS + 1];            /* 0: free; the last one always is */
};

/* Never without buckets, so that searches need not ask: an empty one is there before the first. */
struct op_table {
    struct op_bucket *buckets; /* owned but for that */
    size_t mask, count;
};

struct op_search {
    size_t at;      /* the bucket */
    uint32_t found; /* bits of what may be wanted in it, and has not been seen */
    uint32_t hash;
};

void op_table_init(struct op_table *table);
void op_table_finish(struct op_table *table);

/* As it is stored: not 0. */
static inline uint32_t op_hash_stored(uint32_t hash)
{
    return hash | 1;
}

static inline size_t op_table_home(const struct op_table *table, uint32_t hash)
{
    return hash >> 1 & table->mask;
}

/* A bit for each of seven words that is `wanted`. Behind them is an eighth. */
static inline uint32_t op_words_match(const uint32_t *words, uint32_t wanted)
{
    uint32_t bits = 0;

#if defined(__SSE2__)
    const __m128i all = _mm_set1_epi32((int)wanted);
    const __m128i *halves = (const __m128i *)(const void *)words;
    __m128i low = _mm_cmpeq_epi32(_mm_load_si128(halves), all);
    __m128i high = _mm_cmpeq_epi32(_mm_load_si128(halves + 1), all);

    bits = (uint32_t)_mm_movemask_ps(_mm_castsi128_ps(low)) |
           (uint32_t)_mm_movemask_ps(_mm_castsi128_ps(high)) << 4;
    return bits & ((1u << OP_BUCKET_IDS) - 1);
#else
    for (unsigned i = 0; i < OP_BUCKET_IDS; i++)
        bits |= (uint32_t)(words[i] == wanted) << i;
    return bits;
#endif
}

static inline struct op_search op_table_begin(const struct op_table *table, uint32_t hash)
{
    struct op_search search = {.at = op_table_home(table, hash), .hash = op_hash_stored(hash)};

    search.found = op_words_match(table->buckets[search.at].hash, search.hash);
    return search;
}

/* The next id with that hash (or one that differs in the lowest bit), or 0. */
static inline uint32_t op_table_next(const struct op_table *table, struct op_search *search)
{
    const struct op_bucket *bucket = &table->buckets[search->at];
    unsigned place;

    while (search->found == 0) {
        if (bucket->passed == 0)
            return 0;
        search->at = (search->at + 1) & table->mask;
        if (search->at == op_table_home(table, search->hash))
            return 0;
        bucket = &table->buckets[search->at];
        search->found = op_words_match(bucket->hash, search->hash);
    }
    place = lowest_bit(search->found);
    search->found &= search->found - 1;
    return bucket->id[place];
}

/* Some id with that hash that stands where it is looked for first, or 0. */
static inline uint32_t op_table_likely(const struct op_table *table, uint32_t hash)
{
    const struct op_bucket *bucket = &table->buckets[op_table_home(table, hash)];
    uint32_t found = op_words_match(bucket->hash, op_hash_stored(hash));

    return bucket->id[lowest_bit(found | 1u << OP_BUCKET_IDS)]; /* the last one if none is */
}

/* False: no memory, and it is not in the table. */
bool op_table_add(struct op_table *table, uint32_t hash, uint32_t id);

/* `id` is in the table with that hash. */
void op_table_remove(struct op_table *table, uint32_t hash, uint32_t id);
void op_table_replace(struct op_table *table, uint32_t hash, uint32_t id, uint32_t by);

/* Starts the load that a search for `hash` will wait for. */
static inline void op_table_prefetch(const struct op_table *table, uint32_t hash)
{
#if defined(__GNUC__)
    __builtin_prefetch(&table->buckets[op_table_home(table, hash)]);
#else
    (void)table;
    (void)hash;
#endif
}

#endif
