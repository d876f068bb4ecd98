/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/cli/man_text.h"

static struct out out;

static void begin(void)
{
    out_init_memory(&out, 1000);
}

static void expect(const char *text, const char *want)
{
    size_t len;
    char *got = out_take(&out, &len);
    cr_assert_str_eq(got, want, "%s: %s", text, got);
    free(got);
}

static void expect_text(const char *text, const char *want)
{
    begin();
    man_text(&out, text, strlen(text));
    expect(text, want);
}

Test(man_text, signs_of_roff_are_escaped)
{
    expect_text("", "");
    expect_text("plain", "plain");
    expect_text("-", "\\-");
    expect_text("a-b --c", "a\\-b \\-\\-c");
    expect_text("a\\b", "a\\eb");
    expect_text(".x", "\\&.x");
    expect_text("'x'", "\\&'x'");
    expect_text("a.b 'c'", "a.b 'c'");
}

Test(man_text, backticks_are_bold)
{
    expect_text("`a`", "\\fBa\\fR");
    expect_text("one `-f` and `b`.", "one \\fB\\-f\\fR and \\fBb\\fR.");
}

Test(man_text, as_many_bytes_as_are_asked_for)
{
    begin();
    man_text(&out, "ab-c", 3);
    expect("ab-c", "ab\\-");
    begin();
    man_text(&out, ".", 0);
    expect(".", "");
}

static void expect_sentence(const char *clause, const char *want)
{
    begin();
    man_sentence(&out, clause);
    expect(clause, want);
}

/* Only small letters of ASCII have a capital. */
Test(man_text, a_sentence_has_a_capital_and_a_stop)
{
    expect_sentence("a", "A.\n");
    expect_sentence("z-y", "Z\\-y.\n");
    expect_sentence("Big `b`", "Big \\fBb\\fR.\n");
    expect_sentence("{x", "{x.\n");
    expect_sentence("@x", "@x.\n");
}

static void expect_paragraphs(const char *text, const char *want)
{
    begin();
    man_paragraphs(&out, text);
    expect(text, want);
}

Test(man_text, paragraphs_are_parted)
{
    expect_paragraphs("one", "one\n");
    expect_paragraphs("one\n\n.two", "one\n.PP\n\\&.two\n");
    expect_paragraphs("`1`\n\n2\n\n3-4", "\\fB1\\fR\n.PP\n2\n.PP\n3\\-4\n");
}
