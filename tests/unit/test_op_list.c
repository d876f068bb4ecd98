/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <stdlib.h>

#include "analyzer/tracker/op_list.h"

#define COUNT 1000

/* Numbers in no order that differ in many bytes, each once. */
static uint64_t number_of(size_t i)
{
    return (i * 7919 % COUNT + 1) * UINT64_C(0x0000010300000107);
}

/* Sorts what stands behind `from` operations in no order, and expects these where they were. */
static void sort_from(size_t from, size_t count)
{
    struct tracked_op *ops = calloc(from + count + 1, sizeof *ops);
    struct op_list list = {.items = NULL};

    cr_assert_not_null(ops);
    for (size_t i = 0; i < from + count; i++) {
        ops[i].op.number = number_of(i);
        cr_assert(op_list_add(&list, &ops[i]));
    }
    cr_assert(op_list_sort(&list, from));
    cr_assert_eq(list.count, from + count);
    for (size_t i = 0; i < from; i++) {
        cr_assert_eq(list.items[i], &ops[i]);
    }
    for (size_t i = from; i < from + count; i++) {
        ops[list.items[i] - ops].told = true; /* each is there */
        cr_assert(i == from || list.items[i - 1]->op.number < list.items[i]->op.number);
    }
    for (size_t i = from; i < from + count; i++) {
        cr_assert(ops[i].told);
    }
    op_list_finish(&list);
    cr_assert_eq(list.count, 0);
    free(ops);
}

Test(op_list, nothing_or_one_is_sorted)
{
    sort_from(0, 0);
    sort_from(3, 0);
    sort_from(3, 1);
}

Test(op_list, few_are_sorted_by_post)
{
    sort_from(0, 2);
    sort_from(5, 31);
    sort_from(5, 32);
}

Test(op_list, many_are_sorted_by_post)
{
    sort_from(0, 33);
    sort_from(7, 900);
}

Test(op_list, a_set_replaces_what_the_list_holds)
{
    struct op_store store;
    struct op_set set = {NULL, 0, 0};
    struct op_list list = {.items = NULL};
    struct tracked_op *ops[3];

    op_store_init(&store);
    for (size_t i = 0; i < 3; i++) {
        ops[i] = op_store_take(&store);
        cr_assert_not_null(ops[i]);
        cr_assert(op_set_reserve(&store, &set));
        op_set_add(&set, SET_OF_ENDPOINT, ops[i]);
    }
    cr_assert(op_list_add(&list, ops[0]));
    cr_assert(op_list_of_set(&list, &store, &set));
    cr_assert_eq(list.count, 3);
    for (size_t i = 0; i < 3; i++) {
        cr_assert_eq(list.items[i], ops[i]);
    }
    op_list_finish(&list);
    op_set_finish(&set);
    op_store_finish(&store);
}
