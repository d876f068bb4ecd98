/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <string.h>

#include "analyzer/cli/suggest.h"

#define LIST_MAX 4

struct suggestion {
    const char *text, *candidates[LIST_MAX], *want; /* NULL: none */
};

static void expect(const struct suggestion *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t candidates = 0;
        while (candidates < LIST_MAX && rows[i].candidates[candidates] != NULL) {
            candidates++;
        }
        const char *got = suggest_nearest(rows[i].text, rows[i].candidates, candidates);
        cr_expect(got == rows[i].want ||
                      (got != NULL && rows[i].want != NULL && strcmp(got, rows[i].want) == 0),
                  "%s: %s", rows[i].text, got != NULL ? got : "(none)");
    }
}

#define EXPECT(rows) expect(rows, sizeof rows / sizeof rows[0])

/* One slip in words of one or two letters, two up to five letters, three in longer ones. */
Test(suggest, longer_words_may_have_more_slips)
{
    static const struct suggestion rows[] = {
        {"a", {"ab"}, "ab"},
        {"a", {"abc"}, NULL},
        {"ab", {"ax"}, "ax"},
        {"ab", {"abc"}, "abc"},
        {"ab", {"abcd"}, NULL},
        {"ab", {"xyz"}, NULL},
        {"abc", {"axy"}, "axy"},
        {"abc", {"abcde"}, "abcde"},
        {"abc", {"abcdef"}, NULL},
        {"abcde", {"abcxy"}, "abcxy"},
        {"abcde", {"abxyz"}, NULL},
        {"abcdef", {"abcxyz"}, "abcxyz"},
        {"abcdef", {"abwxyz"}, NULL},
        {"abcdefghi", {"abcdefxyz"}, "abcdefxyz"},
        {"abcdefghijklmno", {"abcdefghijklxyz"}, "abcdefghijklxyz"},
        {"abcdefghijklmno", {"abcdefghijkwxyz"}, NULL},
    };
    EXPECT(rows);
}

Test(suggest, something_must_be_the_same)
{
    static const struct suggestion rows[] = {
        {"", {"a", "ab"}, NULL}, {"x", {"y"}, NULL}, {"xyz", {"ab"}, NULL}, {"abc", {"x"}, NULL}};
    EXPECT(rows);
}

Test(suggest, letters_may_be_missing_added_wrong_or_exchanged)
{
    static const struct suggestion rows[] = {
        {"bc", {"abc"}, "abc"},
        {"ac", {"abc"}, "abc"},
        {"ab", {"abc"}, "abc"},
        {"xabc", {"abc"}, "abc"},
        {"axbc", {"abc"}, "abc"},
        {"abcx", {"abc"}, "abc"},
        {"xb", {"ab"}, "ab"},
        {"ax", {"ab"}, "ab"},
        {"ba", {"ab"}, "ab"},
        {"badc", {"abcd"}, "abcd"},
        {"abdc", {"abxx", "abcd"}, "abcd"},
        {"bacd", {"xxcd", "abcd"}, "abcd"},
        {"acbd", {"axxd", "abcd"}, "abcd"},
        {"ca", {"abc"}, NULL},
        {"badcfe", {"abcdef"}, "abcdef"},
        {"badcfehg", {"abcdefgh"}, NULL},
    };
    EXPECT(rows);
}

Test(suggest, case_is_no_slip)
{
    static const struct suggestion rows[] = {
        {"ABYZ", {"abyzx", "abyz"}, "abyz"},
        {"abyz", {"ABYZX", "ABYZ"}, "ABYZ"},
        {"BA", {"ab"}, "ab"},
        {"ab[", {"ab{", "ab["}, "ab["},
        {"ab@", {"ab`", "ab@"}, "ab@"},
    };
    EXPECT(rows);
}

Test(suggest, the_nearest_and_of_equals_the_first)
{
    static const struct suggestion rows[] = {
        {"abcd", {"abcx", "abxd", "xbcd"}, "abcx"},
        {"abcd", {"abxx", "abcx", "abcd"}, "abcd"},
        {"abcd", {"abcd", "abcx"}, "abcd"},
        {"abcd", {"wxyz", "abxx", "axcd"}, "axcd"},
    };
    EXPECT(rows);
}

#define FORTY "abcdefghijklmnopqrstabcdefghijklmnopqrst"

/* No word of the program is longer. */
Test(suggest, words_have_forty_letters_or_fewer)
{
    static const struct suggestion rows[] = {
        {FORTY, {FORTY}, FORTY},
        {FORTY "u", {FORTY}, NULL},
        {FORTY, {FORTY "u"}, NULL},
        {FORTY, {FORTY "u", FORTY}, FORTY},
    };
    EXPECT(rows);
}
