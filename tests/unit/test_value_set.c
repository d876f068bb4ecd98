/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>

#include "base/value_set.h"

Test(value_set, counts_distinct_values)
{
    struct value_set set;

    value_set_init(&set, 4096);
    for (uint64_t i = 0; i < 3000; i++) {
        cr_assert(value_set_add(&set, i % 1000));
    }
    cr_assert_eq(set.count, 1000);
    value_set_finish(&set);
}

Test(value_set, stays_at_its_limit)
{
    struct value_set set;

    value_set_init(&set, 4096);
    for (uint64_t i = 0; i < 10000; i++) {
        cr_assert(value_set_add(&set, i * 0x1000));
    }
    cr_assert_eq(set.count, 4096);
    value_set_finish(&set);
}

Test(value_set, merges)
{
    struct value_set a, b;

    value_set_init(&a, 100);
    value_set_init(&b, 100);
    for (uint64_t i = 0; i < 10; i++) {
        cr_assert(value_set_add(&a, i));
        cr_assert(value_set_add(&b, i * 2));
    }
    cr_assert(value_set_merge(&a, &b));
    cr_assert_eq(a.count, 15);
    value_set_finish(&a);
    value_set_finish(&b);
}
