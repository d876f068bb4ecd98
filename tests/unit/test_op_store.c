#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/tracker/op_store.h"

#define COUNT 1000

Test(op_store, finds_operations_by_id)
{
    struct operation *ops[COUNT];
    struct op_store store;

    op_store_init(&store);
    for (size_t i = 0; i < COUNT; i++) {
        ops[i] = op_store_take(&store);
        cr_assert_not_null(ops[i]);
        cr_assert_neq(ops[i]->id, 0);
        cr_assert_eq((uintptr_t)ops[i] % 64, 0);
    }
    for (size_t i = 0; i < COUNT; i++)
        cr_assert_eq(op_store_at(&store, ops[i]->id), ops[i]);
    op_store_finish(&store);
}

Test(op_store, takes_again_what_was_put_back_last)
{
    struct operation *first, *second;
    struct op_store store;

    op_store_init(&store);
    first = op_store_take(&store);
    second = op_store_take(&store);
    op_store_put(&store, second);
    op_store_put(&store, first);
    cr_assert_eq(op_store_take(&store), first);
    cr_assert_eq(op_store_take(&store), second);
    op_store_finish(&store);
}

Test(op_store, clears_what_few_operations_have)
{
    static const unsigned char zero[sizeof(struct operation)];
    struct operation *op;
    struct op_store store;

    op_store_init(&store);
    op = op_store_take(&store);
    op->has_rare = true;
    op->continues = 5;
    op->more_buffers = 2;
    op->accept_prev = op;
    op_store_put(&store, op);
    cr_assert_eq(op_store_take(&store), op);
    cr_assert_not(op->has_rare);
    cr_assert_arr_eq((char *)op + OP_RARE_AT, zero, sizeof(*op) - OP_RARE_AT);
    op_store_finish(&store);
}

Test(op_store, keeps_what_is_in_use_when_closed)
{
    struct operation *ops[COUNT];
    struct op_store store;

    op_store_init(&store);
    for (size_t i = 0; i < COUNT; i++) {
        ops[i] = op_store_take(&store);
        ops[i]->number = i;
    }
    for (size_t i = 0; i < COUNT; i++)
        if (i % 300 != 0)
            op_store_put(&store, ops[i]);
    op_store_close(&store);
    for (size_t i = 0; i < COUNT; i += 300) {
        cr_assert_eq(op_store_at(&store, ops[i]->id), ops[i]);
        cr_assert_eq(ops[i]->number, i);
        op_store_put(&store, ops[i]);
    }
    cr_assert_null(op_store_take(&store));
    op_store_finish(&store);
}

Test(op_store, removes_from_sets_by_place)
{
    struct op_set set = {0};
    uint32_t place[5];

    for (uint32_t id = 1; id <= 4; id++) {
        cr_assert(op_set_reserve(&set));
        place[id] = op_set_add(&set, id);
    }
    cr_assert_eq(op_set_remove(&set, place[2]), 4);
    place[4] = place[2];
    cr_assert_eq(op_set_remove(&set, place[3]), 0);
    cr_assert_eq(op_set_remove(&set, place[1]), 4);
    cr_assert_eq(set.count, 1);
    cr_assert_eq(set.ids[0], 4);
    op_set_finish(&set);
}

Test(op_store, has_an_operation_of_id_0_that_is_nobodys)
{
    struct op_store store;

    op_store_init(&store);
    for (size_t i = 0; i < 2 * OP_SLAB_ITEMS; i++)
        cr_assert_neq(op_store_take(&store)->id, 0);
    cr_assert_eq(op_store_at(&store, 0)->id, 0);
    cr_assert_neq(op_store_at(&store, 0)->end, OP_IN_FLIGHT);
    cr_assert_null(op_store_at(&store, 0)->endpoint);
    op_store_finish(&store);
}

Test(op_store, gives_every_slab_back_when_closed_and_none_is_in_use)
{
    struct operation *ops[2 * OP_SLAB_ITEMS];
    struct op_store store;

    op_store_init(&store);
    for (size_t i = 0; i < 2 * OP_SLAB_ITEMS; i++)
        ops[i] = op_store_take(&store);
    for (size_t i = 0; i < 2 * OP_SLAB_ITEMS; i++)
        op_store_put(&store, ops[i]);
    op_store_close(&store);
    for (size_t i = 0; i < store.slab_count; i++)
        cr_assert_null(store.slabs[i], "%zu", i);
    op_store_finish(&store);
}
