/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/cut/anonymous_values.h"

static struct anonymous *make(bool all, uint64_t aliases_max)
{
    static const struct anonymous_names no_names;
    const struct anonymous_settings settings = {
        .all = all, .names = &no_names, .aliases_max = aliases_max};
    struct anonymous *anonymous = anonymous_create(&settings);

    cr_assert_not_null(anonymous);
    return anonymous;
}

Test(anonymous, without_a_problem_there_is_none_to_tell)
{
    char text[ANONYMOUS_PROBLEM_LEN];
    struct anonymous *anonymous = make(true, 0);

    (void)anonymous_identity(anonymous, UINT64_C(0xFFFF900000001000));
    anonymous_note_memory(anonymous, 0x1A2B3C4000, 4096, 8);
    cr_assert(anonymous_assign(anonymous));
    cr_assert_not(anonymous_problem(anonymous, text));
    anonymous_destroy(anonymous);
}

Test(anonymous, aliases_beyond_their_limit_are_told_with_both_numbers)
{
    char text[ANONYMOUS_PROBLEM_LEN];
    struct anonymous *anonymous = make(false, 1000);

    for (uint64_t i = 0; i < 100; i++) {
        (void)anonymous_identity(anonymous, UINT64_C(0xFFFF900000001000) + i * 16);
    }
    cr_assert_not(anonymous_assign(anonymous));
    cr_assert(anonymous_problem(anonymous, text));
    unsigned long long wanted = strtoull(text + strlen("aliases would take "), NULL, 10);
    cr_assert(wanted > 1000 && wanted < 1200, "%s", text);
    cr_assert_not_null(strstr(text, " bytes, and 1000 is the most"), "%s", text);
    anonymous_destroy(anonymous);
}

Test(anonymous, memory_without_another_place_is_told)
{
    char text[ANONYMOUS_PROBLEM_LEN];
    struct anonymous *anonymous = make(true, 0);

    /* Every second granule of the first 2 GiB: aliases begin behind the first quarter of a GiB, so
     * that there are fewer free ones than are needed. */
    for (uint64_t at = 0x10000; at < 0x7FFE0000; at += 0x20000) {
        anonymous_note_memory(anonymous, at, 1, 4);
    }
    cr_assert_not(anonymous_assign(anonymous));
    cr_assert(anonymous_problem(anonymous, text));
    cr_assert_str_eq(text, "memory is in use all over a part of address space, so that none of it "
                           "has another place to go to");
    anonymous_destroy(anonymous);
}
