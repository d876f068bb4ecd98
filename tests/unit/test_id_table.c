/* SPDX-License-Identifier: Apache-2.0 */

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
    cr_assert(id_table_add(&table, 1u << 16, 1));
    cr_assert(id_table_add(&table, 2u << 16, 2)); /* the same place, which is taken */
    cr_assert_eq(id_table_likely(&table, 1u << 16), 1);
    cr_assert_eq(id_table_likely(&table, 2u << 16), 0);
    cr_assert_eq(id_table_likely(&table, 5), 0);
    cr_assert(holds(&table, 2u << 16, 2));
    id_table_finish(&table);
}

/* Ids that begin at neighbouring places, over the end of the array, are found whichever of them are
 * removed and in which order. */
Test(id_table, removal_leaves_no_gap_before_an_id)
{
    enum { FEW = 7 };
    static const uint32_t hashes[FEW] = {14, 14, 15, 0, 15, 1, 14};

    for (unsigned order = 0; order < 720; order++) {
        struct id_table table;
        bool in[FEW] = {false};

        id_table_init(&table);
        for (uint32_t i = 0; i < FEW; i++) {
            cr_assert(id_table_add(&table, hashes[i], i + 1));
            in[i] = true;
        }
        cr_assert_eq(table.mask + 1, 16);
        for (unsigned left = FEW, rest = order; left > 1; rest /= left, left--) {
            unsigned skip = rest % left, which = 0;
            while (!in[which] || skip-- > 0) {
                which++;
            }
            id_table_remove(&table, hashes[which], which + 1);
            in[which] = false;
            for (uint32_t i = 0; i < FEW; i++) {
                cr_assert_eq(holds(&table, hashes[i], i + 1), in[i]);
            }
        }
        id_table_finish(&table);
    }
}
