/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <stdlib.h>

#include "analyzer/tracker/match_group.h"

#define COUNT 300
#define STEPS 20000

struct group {
    struct op_store store;
    struct tracked_op *ops[COUNT];
    bool in[COUNT];
    uint32_t top;
    unsigned count;
};

static void init_group(struct group *group, bool with_endings)
{
    *group = (struct group){.top = 0};
    op_store_init(&group->store);
    for (size_t i = 0; i < COUNT; i++) {
        group->ops[i] = op_store_take(&group->store);
        group->ops[i]->op.number = i + 1;
        if (with_endings) {
            cr_assert_not_null(op_store_ending(&group->store, group->ops[i]));
        }
    }
}

/* The operation with the highest number among those that are in, by looking at all. */
static uint32_t newest_of(const struct group *group)
{
    for (size_t i = COUNT; i-- > 0;) {
        if (group->in[i]) {
            return op_id(group->ops[i]);
        }
    }
    return 0;
}

static void step(struct group *group, enum match_links_of which, size_t at)
{
    uint32_t id = op_id(group->ops[at]);

    if (group->in[at]) {
        group->top = match_group_remove(&group->store, which, group->top, id);
        group->count--;
    } else {
        group->top = match_group_join(&group->store, which, group->top, id);
        group->count++;
    }
    group->in[at] = !group->in[at];
    cr_assert_eq(group->top, newest_of(group));
}

static void try_random_steps(enum match_links_of which)
{
    static struct group group;

    init_group(&group, which == LINKS_BY_THREAD);
    srand(1);
    for (unsigned i = 0; i < STEPS; i++) {
        step(&group, which, (size_t)rand() % COUNT);
    }
    op_store_finish(&group.store);
}

Test(match_group, the_newest_is_on_top)
{
    try_random_steps(LINKS_BY_ADDRESS);
}

Test(match_group, endings_hold_links_of_their_own)
{
    try_random_steps(LINKS_BY_THREAD);
}

Test(match_group, removes_in_order_of_posts_and_against_it)
{
    static struct group group;

    init_group(&group, false);
    for (size_t i = 0; i < COUNT; i++) {
        step(&group, LINKS_BY_ADDRESS, i);
    }
    for (size_t i = 0; i < COUNT / 2; i++) {
        step(&group, LINKS_BY_ADDRESS, i);
    }
    for (size_t i = COUNT; i-- > COUNT / 2;) {
        step(&group, LINKS_BY_ADDRESS, i);
    }
    cr_assert_eq(group.top, 0);
    op_store_finish(&group.store);
}
