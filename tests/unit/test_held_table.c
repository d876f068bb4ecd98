#include <criterion/criterion.h>

#include "analyzer/tracker/held_table.h"

#define IDS 300

Test(held_table, every_id_counts_for_itself)
{
    struct held_table table;

    held_table_init(&table);
    for (uint32_t id = 1; id <= IDS; id++) {
        cr_assert(held_table_reserve(&table, id));
        held_table_retain(&table, id, id);
    }
    for (uint32_t id = 1; id <= IDS; id++)
        for (uint32_t i = 1; i <= id; i++)
            cr_assert_eq(held_table_release(&table, id), i == id);
    held_table_finish(&table);
}

Test(held_table, an_id_is_used_again)
{
    struct held_table table;

    held_table_init(&table);
    cr_assert(held_table_reserve(&table, IDS));
    for (unsigned i = 0; i < 3; i++) {
        held_table_retain(&table, IDS, 1);
        held_table_retain(&table, IDS, 1);
        cr_assert_not(held_table_release(&table, IDS));
        cr_assert(held_table_release(&table, IDS));
    }
    held_table_finish(&table);
}
