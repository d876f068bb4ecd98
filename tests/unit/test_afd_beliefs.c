/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <string.h>

#include "parsers/afd/afd_beliefs.h"

static void expect_sentence(const char *name, const char *text)
{
    cr_assert_not_null(text, "%s", name);
    cr_assert_gt(strlen(text), 0, "%s", name);
    cr_expect_eq(text[strlen(text) - 1], '.', "%s", name);
    cr_expect_null(strchr(text, '"'), "%s: a quote would need escaping in CSV", name);
}

Test(afd_beliefs, each_says_what_it_is_and_what_follows)
{
    for (unsigned id = 0; id < AFD_BELIEF_COUNT; id++) {
        const struct afd_belief *belief = afd_belief_of((enum afd_belief_id)id);

        cr_assert_not_null(belief->name, "%u", id);
        expect_sentence(belief->name, belief->text);
        expect_sentence(belief->name, belief->otherwise);
    }
}

Test(afd_beliefs, each_has_a_row_for_every_build)
{
    for (unsigned id = 0; id < AFD_BELIEF_COUNT; id++) {
        const struct afd_belief_row *row = afd_belief_row_of((enum afd_belief_id)id, 0);

        cr_assert_not_null(row, "%u", id);
        cr_expect_eq(row->id, id);
        cr_expect_eq(row->from_build, 0);
        cr_expect_gt(strlen(row->source), 0);
    }
}

Test(afd_beliefs, no_two_names_are_equal)
{
    for (unsigned a = 0; a < AFD_BELIEF_COUNT; a++) {
        for (unsigned b = 0; b < a; b++) {
            cr_expect_str_neq(afd_belief_of((enum afd_belief_id)a)->name,
                              afd_belief_of((enum afd_belief_id)b)->name);
        }
    }
}

Test(afd_beliefs, those_in_force_are_those_of_the_rows)
{
    const uint32_t builds[] = {0, 7601, 20348, UINT32_MAX};

    for (size_t i = 0; i < sizeof builds / sizeof builds[0]; i++) {
        struct afd_beliefs beliefs;

        afd_beliefs_of(builds[i], &beliefs);
        for (unsigned id = 0; id < AFD_BELIEF_COUNT; id++) {
            cr_expect_eq(beliefs.holds[id],
                         afd_belief_row_of((enum afd_belief_id)id, builds[i])->holds);
        }
    }
}

static const struct afd_belief_row rows[] = {
    {AFD_BELIEF_END_BEFORE_NOTICE, 20348, false, "b"},
    {AFD_BELIEF_END_BEFORE_NOTICE, 0, true, "a"},
    {AFD_BELIEF_END_BEFORE_NOTICE, 26100, true, "c"},
    {AFD_BELIEF_ATTEMPT_LEAVES_EXIT, 10000, true, "d"},
};

static const char *source_for(enum afd_belief_id id, uint32_t build)
{
    const struct afd_belief_row *row =
        afd_belief_row_among(rows, sizeof rows / sizeof rows[0], id, build);

    return row != NULL ? row->source : "none";
}

Test(afd_beliefs, the_row_of_the_highest_build_that_is_not_above_counts)
{
    cr_expect_str_eq(source_for(AFD_BELIEF_END_BEFORE_NOTICE, 0), "a");
    cr_expect_str_eq(source_for(AFD_BELIEF_END_BEFORE_NOTICE, 20347), "a");
    cr_expect_str_eq(source_for(AFD_BELIEF_END_BEFORE_NOTICE, 20348), "b");
    cr_expect_str_eq(source_for(AFD_BELIEF_END_BEFORE_NOTICE, 26099), "b");
    cr_expect_str_eq(source_for(AFD_BELIEF_END_BEFORE_NOTICE, UINT32_MAX), "c");
}

Test(afd_beliefs, an_older_build_gets_the_oldest_row)
{
    cr_expect_str_eq(source_for(AFD_BELIEF_ATTEMPT_LEAVES_EXIT, 7601), "d");
    cr_expect_str_eq(source_for(AFD_BELIEF_FAST_PATH_NEVER_PENDS, 7601), "none");
}

static const char *source_after(enum afd_belief_id id, uint32_t build)
{
    const struct afd_belief_row *row =
        afd_belief_row_after_among(rows, sizeof rows / sizeof rows[0], id, build);

    return row != NULL ? row->source : "none";
}

Test(afd_beliefs, the_next_row_takes_over_from_its_build_on)
{
    cr_expect_str_eq(source_after(AFD_BELIEF_END_BEFORE_NOTICE, 0), "b");
    cr_expect_str_eq(source_after(AFD_BELIEF_END_BEFORE_NOTICE, 20347), "b");
    cr_expect_str_eq(source_after(AFD_BELIEF_END_BEFORE_NOTICE, 20348), "c");
    cr_expect_str_eq(source_after(AFD_BELIEF_END_BEFORE_NOTICE, 26099), "c");
    cr_expect_str_eq(source_after(AFD_BELIEF_END_BEFORE_NOTICE, 26100), "none");
    cr_expect_str_eq(source_after(AFD_BELIEF_END_BEFORE_NOTICE, UINT32_MAX), "none");
    cr_expect_str_eq(source_after(AFD_BELIEF_ATTEMPT_LEAVES_EXIT, 0), "d");
    cr_expect_str_eq(source_after(AFD_BELIEF_ATTEMPT_LEAVES_EXIT, 10000), "none");
    cr_expect_str_eq(source_after(AFD_BELIEF_FAST_PATH_NEVER_PENDS, 0), "none");
}

/* Rows beyond the given ones are not looked at. */
Test(afd_beliefs, as_many_rows_as_are_given_are_read)
{
    for (size_t count = 0; count <= 4; count++) {
        const struct afd_belief_row *row =
            afd_belief_row_among(rows, count, AFD_BELIEF_END_BEFORE_NOTICE, UINT32_MAX);
        const struct afd_belief_row *after =
            afd_belief_row_after_among(rows, count, AFD_BELIEF_END_BEFORE_NOTICE, 0);
        const struct afd_belief_row *last =
            afd_belief_row_among(rows, count, AFD_BELIEF_ATTEMPT_LEAVES_EXIT, 0);

        cr_expect_eq(row, count == 0 ? NULL : count < 3 ? &rows[0] : &rows[2]);
        cr_expect_eq(after, count == 0 ? NULL : &rows[0]);
        cr_expect_eq(last, count < 4 ? NULL : &rows[3]);
    }
}

/* All beliefs hold until a calibrated trace says otherwise (docs/semantics.md, 9), and those with a
 * published source say so. */
Test(afd_beliefs, all_hold_for_every_build)
{
    static const struct {
        enum afd_belief_id id;
        const char *source;
    } published[] = {
        {AFD_BELIEF_ATTEMPT_SHOWS_USER_ADDRESS, "documented: "},
        {AFD_BELIEF_CREATE_NAMES_PROCESS, "documented: "},
        {AFD_BELIEF_FIRST_BUFFER_ALL_BYTES, "documented: "},
        {AFD_BELIEF_REGISTERED_IO_IS_SILENT, "documented: "},
        {AFD_BELIEF_REQUEST_SHOWS_KERNEL_ADDRESS, "reported: "},
        {AFD_BELIEF_ENTER_NAMES_CALLER, "reported: "},
        {AFD_BELIEF_COPIES_ARE_MARKED, "reported: "},
        {AFD_BELIEF_END_LENGTH_IS_BYTES, "reported: "},
    };

    for (unsigned id = 0; id < AFD_BELIEF_COUNT; id++) {
        const struct afd_belief_row *row = afd_belief_row_of((enum afd_belief_id)id, 26100);
        const char *source = "inferred: ";

        for (size_t i = 0; i < sizeof published / sizeof published[0]; i++) {
            source = published[i].id == (enum afd_belief_id)id ? published[i].source : source;
        }
        cr_expect(row->holds, "%s", afd_belief_of((enum afd_belief_id)id)->name);
        cr_expect_eq(strncmp(row->source, source, strlen(source)), 0, "%s: %s",
                     afd_belief_of((enum afd_belief_id)id)->name, row->source);
        cr_expect_null(afd_belief_row_after((enum afd_belief_id)id, 0));
    }
}
