/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <string.h>

#include "base/glob.h"

Test(glob, matches_the_whole_text)
{
    cr_assert(glob_match("server.exe", "server.exe", false));
    cr_assert(!glob_match("server", "server.exe", false));
    cr_assert(!glob_match("server.exe", "server", false));
    cr_assert(glob_match("", "", false));
    cr_assert(!glob_match("", "a", false));
}

Test(glob, knows_stars_and_question_marks)
{
    cr_assert(glob_match("*", "", false));
    cr_assert(glob_match("**a*", "xxa", false));
    cr_assert(glob_match("a*b*c", "a-b-b-c", false));
    cr_assert(!glob_match("a*b*c", "a-c-b", false));
    cr_assert(glob_match("10.0.0.?:*", "10.0.0.7:443", false));
    cr_assert(!glob_match("10.0.0.?:*", "10.0.0.17:443", false));
    cr_assert(!glob_match("?", "", false));
    cr_assert(glob_match("*ab", "aab", false));
    cr_assert(glob_match("[a]", "[a]", false));
}

Test(glob, folds_case_where_asked)
{
    cr_assert(glob_match("Server.EXE", "sERVER.exe", true));
    cr_assert(!glob_match("Server.EXE", "server.exe", false));
    cr_assert(glob_match("AZaz", "azAZ", true));
    cr_assert(!glob_match("@", "`", true));
    cr_assert(!glob_match("[", "{", true));
    cr_assert(!glob_match("a*", "b", true));
    cr_assert(!glob_match("", "a", true));
}

/* The time is bounded by the product of both lengths. */
Test(glob, is_not_exponential)
{
    char text[4001], pattern[201];
    memset(text, 'a', 4000);
    text[4000] = '\0';
    for (size_t i = 0; i < 200; i += 2) {
        memcpy(pattern + i, "*a", 2);
    }
    pattern[199] = 'b';
    pattern[200] = '\0';
    cr_assert(!glob_match(pattern, text, false));
}
