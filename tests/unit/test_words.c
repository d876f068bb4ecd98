/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/reports/parts.h"
#include "analyzer/reports/words.h"

static struct out text;

static void expect_text(const char *wanted, const char *of)
{
    struct out unused;
    out_init_memory(&unused, 16);
    char *words = words_take(&text, &unused);
    cr_assert_str_eq(words, wanted, "%s: %s", of, words);
    free(words);
    free(out_take(&unused, &(size_t){0}));
}

static void expect_uri(const char *path, const char *wanted)
{
    words_begin(&text);
    words_relative_uri(&text, path);
    expect_text(wanted, path);
}

Test(words, uris_are_relative)
{
    expect_uri("a.etl", "a.etl");
    expect_uri("b/a.etl", "b/a.etl");
    expect_uri("./a.etl", "a.etl");
    expect_uri("././/b/./a.etl", "b/./a.etl");
    expect_uri("../../b/a.etl", "b/a.etl");
    expect_uri(".../a.etl", ".../a.etl");
    expect_uri("..a.etl", "..a.etl");
    expect_uri(".a", ".a");
    expect_uri("/a.etl", "a.etl");
    expect_uri("/b/c/a.etl", "a.etl");
    expect_uri("//b//a.etl", "a.etl");
    expect_uri("/b/a/", "a/");
    expect_uri("/../b/a.etl", "a.etl");
    expect_uri("..", "..");
    expect_uri(".", ".");
    expect_uri("", "standard-input.etl");
    expect_uri("/", "standard-input.etl");
    expect_uri("./", "standard-input.etl");
    expect_uri("-", "standard-input.etl");
    expect_uri("--", "--");
    expect_uri("-a", "-a");
    expect_uri("/-", "standard-input.etl");
}

/* Letters, digits and "-._~" stay, of all else each byte is written by its number. */
Test(words, uris_have_few_characters)
{
    expect_uri("azAZ09-._~", "azAZ09-._~");
    expect_uri("`{@[/:", "%60%7B%40%5B/%3A");
    expect_uri("a b%\\c", "a%20b%25%5Cc");
    expect_uri("C:a.etl", "C%3Aa.etl");
    expect_uri("\xe6\x95\xb0\x7f\x01.etl", "%E6%95%B0%7F%01.etl");
}

static void expect_anchor(const char *anchor, const char *uri, const char *path, uint64_t line)
{
    const struct report_settings settings = {.sarif_anchor = anchor};
    const struct report_input input = {.path = "/traces/a b.etl"};
    words_begin(&text);
    cr_assert_eq(words_anchor_uri(&text, &settings, &input), line, "%s", anchor);
    expect_text(uri, anchor);
    words_begin(&text);
    cr_assert_eq(words_anchor_path(&text, &settings, &input), line, "%s", anchor);
    expect_text(path, anchor);
}

Test(words, anchors_are_files_and_lines)
{
    expect_anchor(NULL, "a%20b.etl", "a b.etl", 1);
    expect_anchor("src/a b.c", "src/a%20b.c", "src/a b.c", 1);
    expect_anchor("a.c:7", "a.c", "a.c", 7);
    expect_anchor("/src/net/a.c:123456789", "src/net/a.c", "src/net/a.c", 123456789);
    expect_anchor("a.c:1234567890", "a.c%3A1234567890", "a.c:1234567890", 1);
    expect_anchor("a.c:0", "a.c", "a.c", 1);
    expect_anchor("a.c:", "a.c%3A", "a.c:", 1);
    expect_anchor("a.c7", "a.c7", "a.c7", 1);
    expect_anchor("a:b:90", "a%3Ab", "a:b", 90);
    expect_anchor("a:0x9", "a%3A0x9", "a:0x9", 1);
    expect_anchor("a.c:/9", "a.c%3A/9", "a.c:/9", 1);
    expect_anchor("7", "7", "7", 1);
    expect_anchor(":7", "%3A7", ":7", 1);
    expect_anchor("../src/a.c:5", "src/a.c", "src/a.c", 5);
    expect_anchor("..\\src\\a.c:5", "src/a.c", "src/a.c", 5);
}

static void expect_capital(const char *clause, const char *wanted)
{
    words_begin(&text);
    words_capital(&text, clause);
    expect_text(wanted, clause);
}

Test(words, clauses_begin_with_a_capital)
{
    expect_capital("a send", "A send");
    expect_capital("zeros", "Zeros");
    expect_capital("A send", "A send");
    expect_capital("`x", "`x");
    expect_capital("{x", "{x");
    expect_capital("", "");
}

/* A slash at the end does not end a name. */
Test(words, names_of_files)
{
    cr_assert_str_eq(part_base_name("/a/b.etl"), "b.etl");
    cr_assert_str_eq(part_base_name("b.etl"), "b.etl");
    cr_assert_str_eq(part_base_name("/a/b/"), "b/");
    cr_assert_str_eq(part_base_name(""), "");
    cr_assert_str_eq(part_source_name("C:\\a\\b.c"), "b.c");
    cr_assert_str_eq(part_source_name("/a/b.c"), "b.c");
    cr_assert_str_eq(part_source_name("C:/a\\b.c"), "b.c");
    cr_assert_str_eq(part_source_name("a\\"), "a\\");
    cr_assert_str_eq(part_source_name("a/"), "a/");
    cr_assert_str_eq(part_source_name("b.c"), "b.c");
}
