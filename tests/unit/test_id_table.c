#include <criterion/criterion.h>

#include "base/id_table.h"

#define IDS 500

static bool holds(const struct id_table *table, uint32_t hash, uint32_t id)
{
    struct id_search search = id_table_begin(table, hash);
    uint32_t found;

    while ((found = id_table_next(table, &search)) != 0) {
        if (found == id) {
            return true;
        }
    }
    return false;
}

/* Hashes of which many are equal and many others share a beginning. */
static uint32_t hash_of(uint32_t id, uint32_t spread)
{
    return id * UINT32_C(2654435761) % spread * 8;
}

static void agree_with_flags(uint32_t spread)
{
    static bool in[IDS + 1];
    struct id_table table;
    uint32_t random = spread;

    id_table_init(&table);
    for (int round = 0; round < 20000; round++) {
        uint32_t id;

        random = random * UINT32_C(1103515245) + 12345;
        id = random / 65536 % IDS + 1;
        if (in[id]) {
            id_table_remove(&table, hash_of(id, spread), id);
        } else {
            cr_assert(id_table_add(&table, hash_of(id, spread), id));
        }
        in[id] = !in[id];
        if (round % 500 == 0) {
            for (uint32_t i = 1; i <= IDS; i++) {
                cr_assert_eq(holds(&table, hash_of(i, spread), i), in[i], "id %u", i);
            }
        }
    }
    for (uint32_t id = 1; id <= IDS; id++) {
        if (in[id]) {
            id_table_remove(&table, hash_of(id, spread), id);
        }
        in[id] = false;
    }
    cr_assert_eq(table.count, 0);
    id_table_finish(&table);
}

Test(id_table, holds_what_was_added)
{
    agree_with_flags(100000);
}

Test(id_table, holds_what_was_added_where_hashes_collide)
{
    agree_with_flags(60);
}

Test(id_table, has_nothing_before_the_first)
{
    struct id_table table;

    id_table_init(&table);
    cr_assert_not(holds(&table, 5, 1));
    cr_assert_eq(id_table_likely(&table, 5), 0);
    id_table_prefetch(&table, 5);
    id_table_finish(&table);
}

Test(id_table, replaces_an_id_of_a_hash)
{
    struct id_table table;

    id_table_init(&table);
    cr_assert(id_table_add(&table, 9, 1));
    cr_assert(id_table_add(&table, 9, 2));
    id_table_replace(&table, 9, 1, 3);
    cr_assert_not(holds(&table, 9, 1));
    cr_assert(holds(&table, 9, 2));
    cr_assert(holds(&table, 9, 3));
    id_table_finish(&table);
}

Test(id_table, guesses_what_stands_where_it_is_looked_for)
{
    struct id_table table;

    id_table_init(&table);
    for (uint32_t id = 1; id <= ID_BUCKET_ITEMS + 1; id++) {
        cr_assert(id_table_add(&table, 2 * id << 16, id)); /* all in one bucket but for the last */
    }
    for (uint32_t id = 1; id <= ID_BUCKET_ITEMS; id++) {
        cr_assert_eq(id_table_likely(&table, 2 * id << 16), id);
    }
    cr_assert_eq(id_table_likely(&table, 2 * (ID_BUCKET_ITEMS + 1) << 16), 0);
    cr_assert_eq(id_table_likely(&table, 2 << 8), 0);
    cr_assert(holds(&table, 2 * (ID_BUCKET_ITEMS + 1) << 16, ID_BUCKET_ITEMS + 1));
    id_table_finish(&table);
}

/* Each bucket is filled until one goes on to the next, and emptied again: that one stays. */
Test(id_table, finds_nothing_where_every_bucket_has_been_full)
{
    enum { BUCKETS = 16 }; /* a new table has so many */
    struct id_table table;
    uint32_t id = 1;

    id_table_init(&table);
    for (uint32_t bucket = 0; bucket < BUCKETS; bucket++) {
        uint32_t room = bucket == 0 ? ID_BUCKET_ITEMS : ID_BUCKET_ITEMS - 1, first = id;

        for (uint32_t i = 0; i <= room; i++) {
            cr_assert(id_table_add(&table, bucket << 1, id++));
        }
        for (uint32_t i = 0; i < room; i++) {
            id_table_remove(&table, bucket << 1, first + i);
        }
    }
    cr_assert_eq(table.mask + 1, BUCKETS);
    for (size_t i = 0; i < BUCKETS; i++) {
        cr_assert_eq(table.buckets[i].passed, 1);
    }
    for (uint32_t hash = 0; hash < 2 * BUCKETS; hash++) {
        cr_assert_not(holds(&table, hash | 1u << 31, 1));
    }
    id_table_finish(&table);
}
