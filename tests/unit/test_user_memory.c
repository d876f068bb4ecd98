/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/tracker/user_memory.h"

#define COUNT 200
#define STEPS 6000

struct setup {
    struct op_store store;
    struct user_memory memory;
    struct process_memory process;
    struct op_set flying, closing;
    struct tracked_op *ops[COUNT];
    bool in[COUNT];
    struct interval_hits hits;
};

static void init_setup(struct setup *setup)
{
    memset(setup, 0, sizeof *setup);
    op_store_init(&setup->store);
    user_memory_init(&setup->memory, &setup->store);
    setup->process = (struct process_memory){
        .process = 0x1000, .flying = &setup->flying, .closing = &setup->closing};
    for (size_t i = 0; i < COUNT; i++) {
        setup->ops[i] = op_store_take(&setup->store);
    }
}

static void finish_setup(struct setup *setup)
{
    op_set_finish(&setup->flying);
    interval_hits_finish(&setup->hits);
    user_memory_finish(&setup->memory);
    op_store_finish(&setup->store);
}

static void make_op(struct tracked_op *op, unsigned pids)
{
    uint32_t id = op_id(op);

    memset(op, 0, sizeof *op);
    op->memory.owner_id = id;
    op->op.family = rand() % 2 ? AFD_FAMILY_LEGACY : AFD_FAMILY_MODERN;
    op->op.direction = (uint8_t)(rand() % 2);
    op->op.space = AFD_SPACE_USER;
    op->op.fast_path = rand() % 3 != 0;
    op->op.posted.pid = 100 + (uint32_t)rand() % pids;
    op->memory.start = 0x10000 + (uint64_t)(rand() % 64);
    op->memory.reach = (uint32_t)(rand() % 8);
}

static bool shares_space(const struct tracked_op *a, const struct tracked_op *b)
{
    return a->op.family == b->op.family &&
           (!a->op.fast_path || !b->op.fast_path || a->op.posted.pid == b->op.posted.pid);
}

static bool overlaps(const struct tracked_op *a, const struct tracked_op *b)
{
    return a->memory.start <= b->memory.start + b->memory.reach &&
           b->memory.start <= a->memory.start + a->memory.reach;
}

static void take_and_check_hits(struct setup *setup, struct tracked_op *op)
{
    bool hit[COUNT] = {false};

    setup->hits.count = 0;
    cr_assert(user_memory_take(&setup->memory, &setup->process, op, &setup->hits));
    for (size_t h = 0; h < setup->hits.count; h++) {
        for (size_t i = 0; i < COUNT; i++) {
            if (op_id(setup->ops[i]) == setup->hits.items[h]->owner_id) {
                cr_assert_not(hit[i], "an operation was hit twice");
                hit[i] = true;
            }
        }
    }
    for (size_t i = 0; i < COUNT; i++) {
        const struct tracked_op *other = setup->ops[i];
        bool expected = setup->in[i] && !op_is_closed_to(other, op->op.direction) &&
                        shares_space(other, op) && overlaps(other, op);
        cr_assert_eq(hit[i], expected);
    }
}

/* Takes the place in the set as the tracker does, so that operations are found when the process
 * gets many address spaces. */
static void step(struct setup *setup, size_t at, unsigned pids)
{
    struct tracked_op *op = setup->ops[at];

    if (!setup->in[at]) {
        make_op(op, pids);
        take_and_check_hits(setup, op);
        cr_assert(op_set_reserve(&setup->store, &setup->flying));
        op_set_add(&setup->flying, SET_OF_PROCESS, op);
    } else if (rand() % 4 == 0) {
        unsigned direction = (unsigned)rand() % 2;
        op->conflicts_with[direction] = CONFLICTS_MAX;
        op_memory_close(op, direction);
        return;
    } else {
        op_memory_remove(op);
        op_set_remove(&setup->flying, SET_OF_PROCESS, &setup->store, op);
    }
    setup->in[at] = !setup->in[at];
}

static void try_pids(unsigned pids)
{
    static struct setup setup;

    init_setup(&setup);
    srand(pids);
    for (unsigned i = 0; i < STEPS; i++) {
        step(&setup, (size_t)rand() % COUNT, pids);
    }
    cr_expect_eq(setup.process.of_family[1].is_crowded, pids > 8);
    finish_setup(&setup);
}

Test(user_memory, few_address_spaces)
{
    try_pids(3);
}

Test(user_memory, many_address_spaces)
{
    try_pids(50);
}
