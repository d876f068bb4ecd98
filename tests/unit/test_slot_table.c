#include <criterion/criterion.h>

#include "base/slot_table.h"

#define COUNT 500

struct item {
    uint64_t hash;
    bool in;
};

static uint64_t next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 33;
}

static bool holds(const struct slot_table *table, const struct item *item)
{
    size_t at = slot_table_begin(table, item->hash);
    const struct item *found;
    size_t times = 0;

    while ((found = slot_table_next(table, item->hash, &at)) != NULL)
        times += found == item;
    cr_assert_leq(times, 1);
    return times == 1;
}

/* `spread`: how many different hashes there are; few make long runs. */
static void agree_with_a_list(uint64_t spread)
{
    static struct item items[COUNT];
    struct slot_table table;
    uint64_t random = spread;
    size_t count = 0;

    slot_table_init(&table);
    for (size_t i = 0; i < COUNT; i++)
        items[i] = (struct item){.hash = next_random(&random) % spread};
    for (int round = 0; round < 20000; round++) {
        struct item *item = &items[next_random(&random) % COUNT];

        if (item->in)
            slot_table_remove(&table, item->hash, item);
        else
            cr_assert(slot_table_add(&table, item->hash, item));
        item->in = !item->in;
        count += item->in ? 1 : (size_t)-1;
        cr_assert_eq(table.count, count);
        for (size_t i = 0; round % 200 == 0 && i < COUNT; i++)
            cr_assert_eq(holds(&table, &items[i]), items[i].in, "item %zu, round %d", i, round);
    }
    slot_table_finish(&table);
}

Test(slot_table, finds_what_a_list_finds)
{
    agree_with_a_list(UINT64_C(1) << 31);
}

Test(slot_table, finds_what_a_list_finds_when_hashes_collide)
{
    agree_with_a_list(7);
}

Test(slot_table, finds_nothing_before_the_first_item)
{
    struct slot_table table;
    size_t at;

    slot_table_init(&table);
    at = slot_table_begin(&table, 5);
    cr_assert_null(slot_table_next(&table, 5, &at));
    slot_table_prefetch(&table, 5);
    slot_table_finish(&table);
}
