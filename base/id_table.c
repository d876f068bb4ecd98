#include "base/id_table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS_FIRST 16
#define BUCKET_FILL 4 /* ids for each bucket, on average, at which the table grows */

_Static_assert(sizeof(struct id_bucket) == CACHE_LINE_LEN, "a bucket is one cache line");

static struct id_bucket empty_bucket; /* shared by all tables without ids; never written */

void id_table_init(struct id_table *table)
{
    *table = (struct id_table){.buckets = &empty_bucket};
}

void id_table_finish(struct id_table *table)
{
    if (table->buckets != &empty_bucket) {
        free(table->buckets);
    }
    id_table_init(table);
}

/* Adds an id where at least one bucket has room. */
static void bucket_put(struct id_bucket *buckets, size_t mask, uint32_t hash, uint32_t id)
{
    size_t at = hash >> 1 & mask;
    unsigned entry;

    while ((entry = id_words_find(buckets[at].hash, 0)) == ID_BUCKET_ITEMS) {
        buckets[at].passed++;
        at = (at + 1) & mask;
    }
    buckets[at].hash[entry] = id_table_stored(hash);
    buckets[at].id[entry] = id;
}

static bool table_grow(struct id_table *table)
{
    size_t old_count = table->mask + 1;
    size_t count = table->buckets != &empty_bucket ? old_count * 2 : BUCKETS_FIRST;
    struct id_bucket *buckets = aligned_alloc(CACHE_LINE_LEN, count * sizeof *buckets);

    if (buckets == NULL) {
        return false;
    }
    memset(buckets, 0, count * sizeof *buckets);
    for (const struct id_bucket *old = table->buckets; old < table->buckets + old_count; old++) {
        for (unsigned entry = 0; entry < ID_BUCKET_ITEMS; entry++) {
            if (old->id[entry] != 0) {
                bucket_put(buckets, count - 1, old->hash[entry], old->id[entry]);
            }
        }
    }
    if (table->buckets != &empty_bucket) {
        free(table->buckets);
    }
    table->buckets = buckets;
    table->mask = count - 1;
    return true;
}

static bool table_is_full(const struct id_table *table)
{
    return table->buckets == &empty_bucket || table->count >= (table->mask + 1) * BUCKET_FILL;
}

bool id_table_add(struct id_table *table, uint32_t hash, uint32_t id)
{
    assert(id != 0);
    if (table_is_full(table) && !table_grow(table)) {
        return false;
    }
    bucket_put(table->buckets, table->mask, hash, id);
    table->count++;
    return true;
}

void id_table_remove(struct id_table *table, uint32_t hash, uint32_t id)
{
    struct id_bucket *bucket = &table->buckets[id_table_home(table, hash)];
    unsigned entry;

    while ((entry = id_words_find(bucket->id, id)) == ID_BUCKET_ITEMS) {
        assert(bucket->passed > 0);
        bucket->passed--;
        bucket = &table->buckets[(size_t)(bucket - table->buckets + 1) & table->mask];
    }
    bucket->hash[entry] = bucket->id[entry] = 0;
    table->count--;
}

void id_table_replace(struct id_table *table, uint32_t hash, uint32_t id, uint32_t by)
{
    struct id_bucket *bucket = &table->buckets[id_table_home(table, hash)];
    unsigned entry;

    while ((entry = id_words_find(bucket->id, id)) == ID_BUCKET_ITEMS) {
        assert(bucket->passed > 0);
        bucket = &table->buckets[(size_t)(bucket - table->buckets + 1) & table->mask];
    }
    bucket->id[entry] = by;
}
