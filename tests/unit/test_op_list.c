#include <criterion/criterion.h>

#include "analyzer/tracker/op_list.h"

#define COUNT 3000

static struct operation operations[COUNT];

/* Numbers `at`, at + step ... in an order that looks random; those in front stay. */
static void sort(size_t count, uint64_t at, uint64_t step)
{
    struct op_list list = {0};
    const size_t front = 2;

    cr_assert(op_list_reserve(&list, front + count));
    for (size_t i = 0; i < front; i++) {
        operations[i].number = UINT64_MAX - i;
        op_list_add(&list, &operations[i]);
    }
    for (size_t i = 0; i < count; i++) {
        struct operation *op = &operations[front + i];

        op->number = at + (i * 1021 % count) * step;
        op_list_add(&list, op);
    }
    op_list_sort(&list, front);
    cr_assert_eq(list.count, front + count);
    for (size_t i = 0; i < front; i++)
        cr_assert_eq(list.items[i].op, &operations[i]);
    for (size_t i = 0; i < count; i++) {
        cr_assert_eq(list.items[front + i].number, at + i * step, "item %zu of %zu", i, count);
        cr_assert_eq(list.items[front + i].op->number, at + i * step);
    }
    op_list_finish(&list);
}

Test(op_list, sorts_few)
{
    for (size_t count = 0; count <= 32; count++)
        sort(count, 7, 3);
}

Test(op_list, sorts_many)
{
    static const size_t counts[] = {33, 256, 257, COUNT - 2};
    static const uint64_t steps[] = {1, 2, 255, 257, 65537, UINT64_C(0x0003000000000001)};

    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        for (size_t j = 0; j < sizeof steps / sizeof steps[0]; j++)
            sort(counts[i], 1, steps[j]);
}

Test(op_list, keeps_what_it_holds_when_it_grows)
{
    struct op_list list = {0};

    for (size_t i = 0; i < COUNT; i++) {
        operations[i].number = COUNT - i;
        cr_assert(op_list_reserve(&list, i + 1));
        op_list_add(&list, &operations[i]);
    }
    op_list_sort(&list, 0);
    for (size_t i = 0; i < COUNT; i++)
        cr_assert_eq(list.items[i].op, &operations[COUNT - 1 - i]);
    op_list_finish(&list);
}
