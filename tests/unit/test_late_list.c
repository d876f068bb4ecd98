/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <stdlib.h>

#include "analyzer/tracker/late_list.h"

#define COUNT 1000

/* Numbers in no order that differ in many bytes, each once. */
static uint64_t number_of(uint64_t i)
{
    return (i * 7919 % COUNT + 1) * UINT64_C(0x0000010300000107);
}

/* Adds two conflicts of each operation; the second operations' ids are 2 * i and 2 * i + 1. */
static void add_all(struct late_list *list, struct tracked_op *ops, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        ops[i].op.number = number_of(i);
    }
    for (uint32_t more = 0; more < 2; more++) {
        for (uint32_t i = 0; i < count; i++) {
            cr_assert(late_list_add(list, &ops[i], &(struct kept_conflict){.other = 2 * i + more}));
        }
    }
}

static void expect_sorted(const struct late_list *list, const struct tracked_op *ops)
{
    for (uint32_t at = 0; at < list->first_count; at++) {
        const struct numbered_op *first = &list->firsts[at];
        uint32_t i = (uint32_t)(first->op - ops);

        cr_assert_eq(first->number, ops[i].op.number);
        cr_assert(at == 0 || list->firsts[at - 1].number < first->number);

        const struct late_conflict *item = &list->items[first->op->late.first - 1];

        cr_assert_eq(item->kept.other, 2 * i);
        item = &list->items[item->next - 1];
        cr_assert_eq(item->kept.other, 2 * i + 1);
        cr_assert_eq(item->next, 0);
    }
}

static void sort_and_check(uint32_t count)
{
    struct tracked_op *ops = calloc(COUNT, sizeof *ops);
    struct late_list list = {.items = NULL};

    cr_assert_not_null(ops);
    add_all(&list, ops, count);
    late_list_sort(&list);
    cr_assert_eq(list.first_count, count);
    cr_assert_eq(list.count, 2 * count);
    expect_sorted(&list, ops);
    late_list_clear(&list);
    cr_assert_eq(list.first_count, 0);
    late_list_sort(&list);
    late_list_finish(&list);
    free(ops);
}

Test(late_list, few_are_sorted_by_post)
{
    sort_and_check(1);
    sort_and_check(31);
    sort_and_check(32);
}

Test(late_list, many_are_sorted_by_post)
{
    sort_and_check(33);
    sort_and_check(COUNT);
}
