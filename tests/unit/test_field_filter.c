/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <criterion/redirect.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/cli/field_filter.h"

static struct field_filter filter;
static struct out out;
static const char *const members[] = {"a", "aa", "b", "c", "last", NULL};

static bool begin(enum field_kind kind, const char *fields)
{
    out_init_memory(&out, 1u << 20);
    return field_filter_begin(&filter, &out, kind, fields, members);
}

static void pass(const char *text)
{
    out_str(&filter.memory, text);
    field_filter_flush(&filter);
}

static void end(const char *want)
{
    size_t len;
    char *text = out_take(&out, &len);
    cr_expect(eq(str, text, (char *)want));
    free(text);
    field_filter_finish(&filter);
}

static void expect(enum field_kind kind, const char *fields, const char *text, const char *want)
{
    cr_assert(begin(kind, fields), "%s", fields);
    pass(text);
    cr_expect(not(filter.failed));
    end(want);
}

/* ---- JSON Lines ---- */

Test(field_filter, members_come_in_the_order_asked_for)
{
    const char *line = "{\"type\": \"event\", \"a\": 1, \"b\": \"two\", \"last\": null}\n";
    expect(FIELDS_JSON, "a", line, "{\"type\": \"event\", \"a\": 1}\n");
    expect(FIELDS_JSON, "last", line, "{\"type\": \"event\", \"last\": null}\n");
    expect(FIELDS_JSON, "last,b,a", line,
           "{\"type\": \"event\", \"last\": null, \"b\": \"two\", \"a\": 1}\n");
    expect(FIELDS_JSON, "c", line, "{\"type\": \"event\"}\n");
    expect(FIELDS_JSON, "c,b,aa", line, "{\"type\": \"event\", \"b\": \"two\"}\n");
    expect(FIELDS_JSON, "a,a", line, "{\"type\": \"event\", \"a\": 1, \"a\": 1}\n");
}

/* The name of one member begins that of another, in either order. */
Test(field_filter, names_are_compared_as_a_whole)
{
    const char *line = "{\"type\": \"x\", \"aa\": 1, \"a\": 2}\n";
    expect(FIELDS_JSON, "a", line, "{\"type\": \"x\", \"a\": 2}\n");
    expect(FIELDS_JSON, "aa", line, "{\"type\": \"x\", \"aa\": 1}\n");
    line = "{\"type\": \"x\", \"a\": 2, \"aa\": 1}\n";
    expect(FIELDS_JSON, "aa", line, "{\"type\": \"x\", \"aa\": 1}\n");
}

static void expect_value(const char *value)
{
    char line[200], want[200];
    snprintf(line, sizeof line, "{\"type\": \"x\", \"a\": %s, \"b\": 1}\n", value);
    snprintf(want, sizeof want, "{\"type\": \"x\", \"b\": 1, \"a\": %s}\n", value);
    expect(FIELDS_JSON, "b,a", line, want);
    snprintf(line, sizeof line, "{\"type\": \"x\", \"b\": 1, \"a\": %s}\n", value);
    expect(FIELDS_JSON, "b,a", line, want);
}

Test(field_filter, values_of_every_kind_are_passed_whole)
{
    static const char *const values[] = {"0",
                                         "-1.5e3",
                                         "true",
                                         "\"\"",
                                         "\", }] \\\" ,\"",
                                         "\"\\\\\"",
                                         "\"{\"",
                                         "[]",
                                         "{}",
                                         "[1, 2]",
                                         "[[1], [2, [3]]]",
                                         "{\"b\": 2, \"c\": [\"]\", \"}\"]}",
                                         "[{\"b\": {}}, {\"b\": \",\"}]",
                                         "{\"x\": {\"y\": {\"b\": 3}}}"};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        expect_value(values[i]);
    }
}

/* Modules and the schema are what other lines refer to. */
Test(field_filter, lines_about_modules_and_the_schema_stay)
{
    static const char *const lines[] = {
        "{\"type\": \"schema\", \"schema\": \"bufcheck.ops/1\", \"a\": 1}\n",
        "{\"type\": \"module\", \"name\": \"a.dll\"}\n", "{\"a\": 1}\n", "{}\n"};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        expect(FIELDS_JSON, "b", lines[i], lines[i]);
    }
    expect(FIELDS_JSON, "b", "{\"type\": \"modules\", \"a\": 1}\n", "{\"type\": \"modules\"}\n");
}

Test(field_filter, lines_come_in_any_portion)
{
    cr_assert(begin(FIELDS_JSON, "b"));
    pass("");
    pass("{\"type\": \"x\", \"b\": 1}\n{\"type\": \"x\", \"b\": 2}\n");
    pass("{\"type\": \"x\", \"b\": 3}\r\n");
    pass("{\"type\": \"x\", \"b\": 4}");
    end("{\"type\": \"x\", \"b\": 1}\n{\"type\": \"x\", \"b\": 2}\n{\"type\": \"x\", \"b\": 3}\n"
        "{\"type\": \"x\", \"b\": 4}\n");
}

/* ---- CSV ---- */

#define TABLE "a,b,last\r\n1,\"x, \"\"y\"\"\",3\r\n,\"\",\"\r\n4\r\n"

Test(field_filter, columns_come_in_the_order_asked_for)
{
    expect(FIELDS_CSV, "a", TABLE, "a\r\n1\r\n\r\n4\r\n");
    expect(FIELDS_CSV, "last,a", TABLE, "last,a\r\n3,1\r\n\",\r\n,4\r\n");
    expect(FIELDS_CSV, "b,b", TABLE,
           "b,b\r\n\"x, \"\"y\"\"\",\"x, \"\"y\"\"\"\r\n\"\",\"\"\r\n,\r\n");
}

Test(field_filter, text_has_tabs_and_no_quotes)
{
    expect(FIELDS_TEXT, "b", TABLE, "b\nx, \"y\"\n\n\n");
    expect(FIELDS_TEXT, "b,a", TABLE, "b\ta\nx, \"y\"\t1\n\t\n\t4\n");
    expect(FIELDS_TEXT, "last", TABLE, "last\n3\n\"\n\n");
    expect(FIELDS_TEXT, "a", "a\r\n\"\"\"\"\r\n\"b\"\r\n", "a\n\"\nb\n");
}

Test(field_filter, the_header_comes_once)
{
    cr_assert(begin(FIELDS_CSV, "b"));
    pass("a,b\r\n");
    pass("1,2\r\n");
    pass("a,b\r\n");
    end("b\r\n2\r\nb\r\n");
}

/* ---- mistakes ---- */

#define NAME_39 "abcdefghijklmnopqrstuvwxyzabcdefghijklm"
#define NAME_40 NAME_39 "n"

static void expect_message(const char *want)
{
    char text[2000];
    fflush(stderr);
    close(STDERR_FILENO);
    FILE *file = cr_get_redirected_stderr();
    size_t len = fread(text, 1, sizeof text - 1, file);
    text[len] = '\0';
    cr_expect(eq(str, text, (char *)want));
}

static void expect_begin(const char *fields, bool want)
{
    cr_expect(eq(int, begin(FIELDS_CSV, fields), want), "%s", fields);
    cr_expect(eq(int, filter.failed, !want), "%s", fields);
    end("");
}

Test(field_filter, names_have_commas_between, .init = cr_redirect_stderr)
{
    static const char *const wrong[] = {"", ",", "a,", ",a", "a,,b"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        expect_begin(wrong[i], false);
    }
    expect_begin(NAME_40, false);
    expect_begin(NAME_39, true);
    expect_message("bufcheck: --fields '': names with commas between are expected\n"
                   "bufcheck: --fields ',': names with commas between are expected\n"
                   "bufcheck: --fields 'a,': names with commas between are expected\n"
                   "bufcheck: --fields ',a': names with commas between are expected\n"
                   "bufcheck: --fields 'a,,b': names with commas between are expected\n"
                   "bufcheck: --fields '" NAME_40 "': names with commas between are expected\n");
}

/* Writes a name so many times, with commas between. */
static void repeat(char *text, size_t size, const char *name, size_t count)
{
    size_t len = 0;
    for (size_t i = 0; i < count; i++) {
        len += (size_t)snprintf(text + len, size - len, "%s%s", i > 0 ? "," : "", name);
    }
}

Test(field_filter, as_many_names_as_fit, .init = cr_redirect_stderr)
{
    char fields[2 * FIELDS_MAX + 2];
    repeat(fields, sizeof fields, "a", FIELDS_MAX);
    expect_begin(fields, true);
    repeat(fields, sizeof fields, "a", FIELDS_MAX + 1);
    expect_begin(fields, false);
}

Test(field_filter, a_member_that_there_is_not, .init = cr_redirect_stderr)
{
    cr_expect(not(begin(FIELDS_JSON, "a,zzzzzz,yyyyyy")));
    end("");
    expect_message("bufcheck: --fields 'zzzzzz': choose from a, aa, b, c, last\n");
}

Test(field_filter, a_member_that_is_nearly_there, .init = cr_redirect_stderr)
{
    cr_expect(not(begin(FIELDS_JSON, "lsat")));
    end("");
    expect_message("bufcheck: --fields 'lsat': did you mean 'last'?\n");
}

Test(field_filter, a_column_that_there_is_not, .init = cr_redirect_stderr)
{
    cr_assert(begin(FIELDS_CSV, "a,zzzzzz,b"));
    pass(TABLE);
    cr_expect(filter.failed);
    end("");
    expect_message("bufcheck: --fields 'zzzzzz': choose from a, b, last\n");
}

/* Headers are compared by as much as a name can have. */
Test(field_filter, a_column_with_a_long_name)
{
    expect(FIELDS_CSV, NAME_39, "x," NAME_39 "\r\n1,2\r\n", NAME_39 "\r\n2\r\n");
}

Test(field_filter, a_long_list_of_columns_is_cut, .init = cr_redirect_stderr)
{
    static const char begin_text[] = "bufcheck: --fields '0': choose from ";
    char header[20 * 40 + 1], want[sizeof begin_text + 600];
    repeat(header, sizeof header, NAME_39, 20);
    cr_assert(begin(FIELDS_CSV, "0"));
    pass(header);
    cr_expect(filter.failed);
    end("");
    size_t len = (size_t)snprintf(want, sizeof want, "%s", begin_text);
    for (int i = 0; len < sizeof want - 1; i++) {
        len += (size_t)snprintf(want + len, sizeof want - len, "%s%s", i > 0 ? ", " : "", NAME_39);
    }
    want[sizeof want - 2] = '\n';
    expect_message(want);
}
