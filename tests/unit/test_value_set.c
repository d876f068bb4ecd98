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

/* The limit counts 0 like every other value, and what is in the set stays. */
Test(value_set, is_full_at_its_limit_and_not_before)
{
    for (uint32_t limit = 0; limit <= 20; limit++) {
        struct value_set set;
        value_set_init(&set, limit);
        for (uint64_t value = 0; value < 20; value++) {
            cr_assert_eq(value_set_is_full(&set), value >= limit);
            cr_assert(value_set_add(&set, value));
            cr_assert(value_set_add(&set, value));
            cr_assert_eq(set.count, value < limit ? value + 1 : limit);
        }
        cr_assert_eq(value_set_bytes(&set) > 0, limit > 1);
        value_set_finish(&set);
        cr_assert(set.count == 0 && set.limit == 0 && value_set_bytes(&set) == 0);
    }
}

/* Each value is known from then on, whatever the number of slots, and others are not. */
Test(value_set, holds_what_was_added)
{
    struct value_set set;
    value_set_init(&set, UINT32_MAX);
    for (uint32_t i = 1; i <= 2000; i++) {
        uint64_t value = i * UINT64_C(0x9E3779B97F4A7C15);
        cr_assert(value_set_add(&set, value));
        cr_assert_eq(set.count, i);
        for (uint32_t j = 1; j <= i; j += 97) {
            cr_assert(value_set_add(&set, j * UINT64_C(0x9E3779B97F4A7C15)));
        }
        cr_assert_eq(set.count, i);
    }
    cr_assert(value_set_add(&set, 0));
    cr_assert(value_set_add(&set, 0));
    cr_assert_eq(set.count, 2001);
    cr_assert_leq(value_set_bytes(&set), 64 * 2001, "64 bytes a value at most");
    value_set_finish(&set);
}

Test(value_set, merges_zero_and_up_to_the_limit)
{
    struct value_set a, b;
    value_set_init(&b, 100);
    for (uint64_t value = 0; value < 50; value++) {
        cr_assert(value_set_add(&b, value));
    }
    for (uint32_t limit = 1; limit <= 51; limit += 10) {
        value_set_init(&a, limit);
        cr_assert(value_set_merge(&a, &b));
        cr_assert_eq(a.count, limit < 50 ? limit : 50);
        cr_assert_eq(b.count, 50);
        value_set_finish(&a);
    }
    value_set_init(&a, 10);
    cr_assert(value_set_merge(&b, &a), "an empty one");
    cr_assert_eq(b.count, 50);
    value_set_finish(&b);
}
