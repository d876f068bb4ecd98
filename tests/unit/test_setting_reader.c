/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/setting_reader.h"

static struct setting_reader reader;
static struct byte_source *source;
static struct error_chain errors;

static void begin_len(const char *text, size_t len)
{
    error_chain_init(&errors);
    cr_assert_eq(byte_source_open_memory(text, len, &source, &errors), BYTE_SOURCE_OK);
    setting_reader_init(&reader, source, &errors);
}

static void expect_pair(const char *name, const char *value, uint64_t line, uint64_t name_column,
                        uint64_t value_column)
{
    cr_assert_eq(setting_reader_next(&reader), SETTING_PAIR, "%s", name);
    cr_assert_str_eq(reader.name, name);
    cr_assert_str_eq(reader.value, value, "%s: '%s'", name, reader.value);
    cr_assert_eq(reader.line, line, "%s", name);
    cr_assert_eq(reader.name_column, name_column, "%s", name);
    cr_assert_eq(reader.value_column, value_column, "%s", name);
}

static void end(void)
{
    cr_assert_eq(setting_reader_next(&reader), SETTING_END);
    cr_assert_eq(errors.count, 0);
    byte_source_destroy(source);
}

static void expect_error(const char *text, size_t len, const char *want)
{
    enum setting_status status;
    begin_len(text, len);
    do {
        status = setting_reader_next(&reader);
    } while (status > SETTING_END);
    cr_assert_eq(status, SETTING_ERROR, "%s", want);
    cr_assert_eq(errors.count, 1);
    cr_assert_str_eq(errors.causes[0].text, want, "%s", errors.causes[0].text);
    cr_assert_eq(setting_reader_next(&reader), SETTING_ERROR, "an error stays");
    cr_assert_eq(errors.count, 1);
    byte_source_destroy(source);
}

Test(setting_reader, names_have_values)
{
    static const char text[] = "a=1\n"
                               "\tname_1-Z \t= \t two words \t\n"
                               "z = \n"
                               "Aa09=\xC3\xA9 = x\r\n"
                               "# b = 2\n"
                               "  # c = 3\n"
                               "";
    begin_len(text, sizeof text - 1);
    expect_pair("a", "1", 1, 1, 3);
    expect_pair("name_1-Z", "two words", 2, 2, 16);
    expect_pair("z", "", 3, 1, 5);
    expect_pair("Aa09", "\xC3\xA9 = x", 4, 1, 6);
    end();
}

Test(setting_reader, blank_lines_are_told)
{
    static const char text[] = "\n \t\n\r\na=1\n\nb=2";
    begin_len(text, sizeof text - 1);
    for (uint64_t line = 1; line <= 3; line++) {
        cr_assert_eq(setting_reader_next(&reader), SETTING_BLANK);
        cr_assert_eq(reader.line, line);
    }
    expect_pair("a", "1", 4, 1, 3);
    cr_assert_eq(setting_reader_next(&reader), SETTING_BLANK);
    expect_pair("b", "2", 6, 1, 3);
    end();
}

Test(setting_reader, an_empty_file_has_none)
{
    begin_len("", 0);
    end();
    begin_len("#", 1);
    end();
}

Test(setting_reader, a_byte_order_mark_is_no_text)
{
    begin_len("\xEF\xBB\xBF"
              "a=1\n",
              7);
    expect_pair("a", "1", 1, 2, 4);
    end();
    begin_len("\xEF\xBB\xBF\n", 4);
    cr_assert_eq(setting_reader_next(&reader), SETTING_BLANK);
    end();
    expect_error("a=1\n\xEF\xBB\xBF"
                 "b=1",
                 10, "line 2, column 1: a name is expected, as in name = value");
}

Test(setting_reader, what_is_no_pair)
{
    expect_error("a 1", 3, "line 1, column 3: = is expected, as in name = value");
    expect_error("a", 1, "line 1, column 2: = is expected, as in name = value");
    expect_error("a=1\n  = 1", 9, "line 2, column 3: a name is expected, as in name = value");
    static const char others[] = "/:@[`{.+";
    for (const char *other = others; *other != '\0'; other++) {
        char text[8];
        snprintf(text, sizeof text, "x%c=1", *other);
        expect_error(text, 4, "line 1, column 2: = is expected, as in name = value");
        expect_error(text + 1, 3, "line 1, column 1: a name is expected, as in name = value");
    }
}

Test(setting_reader, what_is_no_text)
{
    expect_error("a=\x01", 3, "line 1, column 3: a character that no text has");
    expect_error("a=\x1f", 3, "line 1, column 3: a character that no text has");
    expect_error("\xC3\xA9=\x7f", 4, "line 1, column 3: a character that no text has");
    expect_error("a=b\rc", 5, "line 1, column 4: a character that no text has");
    expect_error("a=\xC3", 3, "line 1, column 3: a character that no text has");
    expect_error("a=1\n\xFF", 5, "line 2, column 1: a character that no text has");
    expect_error("a=1\n\0", 5, "line 2, column 1: a character that no text has");
    expect_error("# \xFF", 3, "line 1, column 3: a character that no text has");
}

Test(setting_reader, utf_16_is_told)
{
    static const char want[] = "line 1, column 1: the file is UTF-16, or no text; it must be UTF-8";
    expect_error("\xFF\xFE"
                 "a\0",
                 4, want);
    expect_error("\xFE\xFF\0a", 4, want);
    expect_error("\0a", 2, want);
    expect_error("a\0=\0", 4, "line 1, column 2: the file is UTF-16, or no text; it must be UTF-8");
    expect_error("ab\0", 3, "line 1, column 3: a character that no text has");
}

/* A line may have 4,096 bytes, of which a carriage return is one. */
Test(setting_reader, lines_have_a_limit)
{
    static char text[2 * SETTING_LINE_MAX + 20];
    for (size_t more = 0; more <= 1; more++) {
        size_t len = SETTING_LINE_MAX + more;
        memset(text, 'v', sizeof text);
        memcpy(text, "a=", 2);
        memcpy(text + len, "\nb=2\n", 5);
        if (more == 0) {
            begin_len(text, len + 5);
            cr_assert_eq(setting_reader_next(&reader), SETTING_PAIR);
            cr_assert_eq(strlen(reader.value), SETTING_LINE_MAX - 2);
            expect_pair("b", "2", 2, 1, 3);
            end();
        } else {
            expect_error(text, len + 5, "line 1, column 4097: the line is longer than 4096 bytes");
        }
    }
}
