/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <string.h>

#include "analyzer/tracker/op_store.h"

#define COUNT 1000

/* The size of an operation in flight, all records and tables aside. An operation in flight may cost
 * 320 bytes in all, of which tables, sets and the index of memory take the rest. */
Test(op_store, operations_are_small)
{
    cr_expect_leq(sizeof(struct tracked_op), 232);
    cr_expect_leq(sizeof(struct tracked_continuation), 80);
}

Test(op_store, finds_operations_by_id)
{
    static struct tracked_op *ops[COUNT];
    struct op_store store;

    op_store_init(&store);
    for (size_t i = 0; i < COUNT; i++) {
        ops[i] = op_store_take(&store);
        cr_assert_not_null(ops[i]);
        cr_assert_neq(op_id(ops[i]), 0);
    }
    for (size_t i = 0; i < COUNT; i++) {
        cr_assert_eq(op_store_at(&store, op_id(ops[i])), ops[i]);
    }
    op_store_finish(&store);
}

Test(op_store, operations_are_taken_clean)
{
    struct op_store store;
    struct tracked_op *op, *again;

    op_store_init(&store);
    op = op_store_take(&store);
    cr_assert_not_null(op_store_ending(&store, op));
    cr_assert_not_null(op_store_continuation(&store, op));
    cr_assert_not_null(op_store_conflicts(&store, op));
    cr_assert_eq(op_store_details(&store, op)->details.buffer_count, 1);
    op->op.number = 5;
    op->conflicts_with[1] = 3;
    op_store_put(&store, op);
    again = op_store_take(&store);
    cr_assert_eq(again, op);
    cr_assert_eq(again->op.number, 0);
    cr_assert_eq(again->conflicts_with[1], 0);
    cr_assert_null(again->op.ended);
    cr_assert_null(again->op.continued);
    cr_assert_null(again->op.details);
    cr_assert_null(again->conflicts);
    op_store_finish(&store);
}

Test(op_store, a_record_is_made_once)
{
    struct op_store store;
    struct tracked_op *op;
    struct tracked_ending *ending;

    op_store_init(&store);
    op = op_store_take(&store);
    ending = op_store_ending(&store, op);
    ending->since_order = 7;
    cr_assert_eq(op_store_ending(&store, op), ending);
    op_store_drop_ending(&store, op);
    cr_assert_null(op->op.ended);
    cr_assert_eq(op_store_ending(&store, op)->since_order, 0);
    op_store_finish(&store);
}

Test(op_store, keeps_what_is_in_use_when_closed)
{
    static struct tracked_op *ops[COUNT];
    struct op_store store;

    op_store_init(&store);
    for (size_t i = 0; i < COUNT; i++) {
        ops[i] = op_store_take(&store);
        ops[i]->op.number = i;
    }
    for (size_t i = 0; i < COUNT; i++) {
        if (i % 300 != 0) {
            op_store_put(&store, ops[i]);
        }
    }
    op_store_close(&store);
    for (size_t i = 0; i < COUNT; i += 300) {
        cr_assert_eq(ops[i]->op.number, i);
        op_store_put(&store, ops[i]);
    }
    cr_assert_null(op_store_take(&store));
    op_store_finish(&store);
}

Test(op_store, sets_remove_from_any_place)
{
    struct op_store store;
    struct op_set set = {NULL, 0, 0};
    struct tracked_op *ops[4];

    op_store_init(&store);
    for (size_t i = 0; i < 4; i++) {
        ops[i] = op_store_take(&store);
        cr_assert(op_set_reserve(&store, &set));
        op_set_add(&set, SET_OF_PROCESS, ops[i]);
    }
    op_set_remove(&set, SET_OF_PROCESS, &store, ops[1]);
    op_set_remove(&set, SET_OF_PROCESS, &store, ops[2]);
    op_set_remove(&set, SET_OF_PROCESS, &store, ops[0]);
    cr_assert_eq(set.count, 1);
    cr_assert_eq(set.ids[0], op_id(ops[3]));
    op_set_finish(&set);
    op_store_finish(&store);
}
