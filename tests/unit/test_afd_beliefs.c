/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <string.h>

#include "parsers/afd/afd_beliefs.h"

Test(afd_beliefs, each_id_has_a_row_with_a_source)
{
    for (unsigned id = 0; id < AFD_BELIEF_COUNT; id++) {
        const struct afd_belief *belief = afd_belief_of((enum afd_belief_id)id, 0);

        cr_assert_not_null(belief);
        cr_expect_eq(belief->id, id);
        cr_expect_gt(strlen(belief->name), 0);
        cr_expect_gt(strlen(belief->source), 0);
        cr_expect_eq(belief->text[strlen(belief->text) - 1], '.', "%s", belief->name);
    }
}

Test(afd_beliefs, no_two_names_are_equal)
{
    for (unsigned a = 0; a < AFD_BELIEF_COUNT; a++) {
        for (unsigned b = 0; b < a; b++) {
            cr_expect_str_neq(afd_belief_of((enum afd_belief_id)a, 0)->name,
                              afd_belief_of((enum afd_belief_id)b, 0)->name);
        }
    }
}

static const struct afd_belief rows[] = {
    {AFD_BELIEF_END_BEFORE_NOTICE, 20348, "b", "B.", "calibrated on build 20348"},
    {AFD_BELIEF_END_BEFORE_NOTICE, 0, "a", "A.", "inferred: x"},
    {AFD_BELIEF_END_BEFORE_NOTICE, 26100, "c", "C.", "calibrated on build 26100"},
    {AFD_BELIEF_ATTEMPT_LEAVES_EXIT, 10000, "d", "D.", "inferred: x"},
};

static const char *name_for(enum afd_belief_id id, uint32_t build)
{
    const struct afd_belief *belief =
        afd_belief_among(rows, sizeof rows / sizeof rows[0], id, build);

    return belief != NULL ? belief->name : "none";
}

Test(afd_beliefs, the_row_of_the_highest_build_that_is_not_above_counts)
{
    cr_expect_str_eq(name_for(AFD_BELIEF_END_BEFORE_NOTICE, 0), "a");
    cr_expect_str_eq(name_for(AFD_BELIEF_END_BEFORE_NOTICE, 20347), "a");
    cr_expect_str_eq(name_for(AFD_BELIEF_END_BEFORE_NOTICE, 20348), "b");
    cr_expect_str_eq(name_for(AFD_BELIEF_END_BEFORE_NOTICE, 26099), "b");
    cr_expect_str_eq(name_for(AFD_BELIEF_END_BEFORE_NOTICE, UINT32_MAX), "c");
}

Test(afd_beliefs, an_older_build_gets_the_oldest_row)
{
    cr_expect_str_eq(name_for(AFD_BELIEF_ATTEMPT_LEAVES_EXIT, 7601), "d");
    cr_expect_str_eq(name_for(AFD_BELIEF_FAST_NEVER_PENDS, 7601), "none");
}
