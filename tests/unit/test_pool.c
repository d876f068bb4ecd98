/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>

#include "base/pool.h"

#define COUNT 3000

static void trim_with(size_t item_len)
{
    static char *items[COUNT];
    struct pool pool;

    pool_init(&pool, item_len);
    for (size_t i = 0; i < COUNT; i++) {
        items[i] = pool_get(&pool);
        cr_assert_not_null(items[i]);
        items[i][item_len - 1] = (char)i;
    }
    for (size_t i = 0; i < COUNT; i++) {
        if (i % 1000 != 7) {
            pool_put(&pool, items[i]);
        }
    }
    pool_trim(&pool);
    for (size_t i = 7; i < COUNT; i += 1000) {
        cr_assert_eq(items[i][item_len - 1], (char)i, "item %zu stays", i);
        pool_put(&pool, items[i]);
    }
    pool_trim(&pool);
    cr_assert_null(pool.blocks);
    cr_assert_null(pool.free_items);
    cr_assert_not_null(pool_get(&pool), "goes on after that");
    pool_finish(&pool);
}

Test(pool, trims_small_items)
{
    trim_with(24);
}

Test(pool, trims_items_of_whole_cache_lines)
{
    trim_with(576);
}

Test(pool, trims_what_was_never_used)
{
    struct pool pool;

    pool_init(&pool, 8);
    pool_trim(&pool);
    pool_put(&pool, NULL);
    cr_assert_null(pool.blocks);
    pool_finish(&pool);
}

Test(pool, gives_cleared_items)
{
    struct pool pool;
    char *item;

    pool_init(&pool, 40);
    item = pool_take(&pool);
    memset(item, 0xEE, 40);
    pool_put(&pool, item);
    item = pool_get(&pool);
    for (size_t i = 0; i < 40; i++) {
        cr_assert_eq(item[i], 0);
    }
    pool_finish(&pool);
}
