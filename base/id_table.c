#include "base/id_table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_BUCKETS 16
#define BUCKET_FILL 4 /* ids a bucket, all in all; more of them would not find theirs free */
#define LINE_LEN 64   /* of the cache */

_Static_assert(sizeof(struct op_bucket) == LINE_LEN, "one cache line");

static struct op_bucket empty; /* never written */

void op_table_init(struct op_table *table)
{
    *table = (struct op_table){.buckets = &empty};
}

void op_table_finish(struct op_table *table)
{
    if (table->buckets != &empty)
        free(table->buckets);
    op_table_init(table);
}

static void put(struct op_bucket *buckets, size_t mask, uint32_t hash, uint32_t id)
{
    size_t at = hash >> 1 & mask;
    uint32_t vacant;
    unsigned place;

    while ((vacant = op_words_match(buckets[at].hash, 0)) == 0) {
        buckets[at].passed++;
        at = (at + 1) & mask;
    }
    place = lowest_bit(vacant);
    buckets[at].hash[place] = op_hash_stored(hash);
    buckets[at].id[place] = id;
}

static bool grow(struct op_table *table)
{
    size_t room = table->buckets != &empty ? (table->mask + 1) * 2 : FIRST_BUCKETS;
    struct op_bucket *buckets = aligned_alloc(LINE_LEN, room * sizeof(*buckets));

    if (!buckets)
        return false;
    memset(buckets, 0, room * sizeof(*buckets));
    for (size_t i = 0; i <= table->mask; i++)
        for (unsigned place = 0; place < OP_BUCKET_IDS; place++)
            if (table->buckets[i].id[place] != 0)
                put(buckets, room - 1, table->buckets[i].hash[place], table->buckets[i].id[place]);
    if (table->buckets != &empty)
        free(table->buckets);
    table->buckets = buckets;
    table->mask = room - 1;
    return true;
}

static bool is_full(const struct op_table *table)
{
    return table->buckets == &empty || table->count >= (table->mask + 1) * BUCKET_FILL;
}

bool op_table_add(struct op_table *table, uint32_t hash, uint32_t id)
{
    if (is_full(table) && !grow(table))
        return false;
    put(table->buckets, table->mask, hash, id);
    table->count++;
    return true;
}

void op_table_remove(struct op_table *table, uint32_t hash, uint32_t id)
{
    struct op_bucket *bucket = &table->buckets[op_table_home(table, hash)];
    uint32_t there;
    unsigned place;

    while ((there = op_words_match(bucket->id, id)) == 0) {
        assert(bucket->passed > 0);
        bucket->passed--;
        bucket = &table->buckets[(size_t)(bucket - table->buckets + 1) & table->mask];
    }
    place = lowest_bit(there);
    bucket->hash[place] = bucket->id[place] = 0;
    table->count--;
}

void op_table_replace(struct op_table *table, uint32_t hash, uint32_t id, uint32_t by)
{
    struct op_bucket *bucket = &table->buckets[op_table_home(table, hash)];
    uint32_t there;

    while ((there = op_words_match(bucket->id, id)) == 0) {
        assert(bucket->passed > 0);
        bucket = &table->buckets[(size_t)(bucket - table->buckets + 1) & table->mask];
    }
    bucket->id[lowest_bit(there)] = by;
}
