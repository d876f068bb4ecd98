/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/format_text.h"

static void check(void (*print)(struct out *, const char *), const char *text, const char *want)
{
    struct out out;
    size_t len;
    out_init_memory(&out, 4096);
    print(&out, text);
    char *got = out_take(&out, &len);
    cr_expect_str_eq(got, want);
    free(got);
}

Test(format_text, trace_text_stays_on_its_line_and_shows_what_it_is)
{
    check(text_escape, "C:\\a b\\app.exe", "C:\\a b\\app.exe");
    check(text_escape, "a\nb\tc\rd", "a\\nb\\tc\\rd");
    check(text_escape, "\x1B[31m\x7F", "\\x1b[31m\\x7f");
    check(text_escape, "\xC2\x9B", "\\x9b");
    check(text_escape, "\xD8\x9B\xD8\x9C\xD8\x9D", "\xD8\x9B\\u{061c}\xD8\x9D");
    check(text_escape, "\xE2\x80\x8D\xE2\x80\x8E\xE2\x80\x8F\xE2\x80\x90",
          "\xE2\x80\x8D\\u{200e}\\u{200f}\xE2\x80\x90");
    check(text_escape, "\xE2\x80\xA7\xE2\x80\xA8\xE2\x80\xAF", "\xE2\x80\xA7\\u{2028}\xE2\x80\xAF");
    check(text_escape, "\xE2\x81\xA5\xE2\x81\xA6\xE2\x81\xA9\xE2\x81\xAA",
          "\xE2\x81\xA5\\u{2066}\\u{2069}\xE2\x81\xAA");
    check(text_escape, "~\x7F\xC2\x80\xC2\x9F\xC2\xA0", "~\\x7f\\x80\\x9f\xC2\xA0");
    check(text_escape, "\x1F \t\r\n", "\\x1f \\t\\r\\n");
    check(text_escape, "\xE2\x80\xAE", "\\u{202e}");
    check(text_escape, "\xC3\xA4\xF0\x9F\x98\x80", "\xC3\xA4\xF0\x9F\x98\x80");
    check(text_escape, "a\xFF", "a\xEF\xBF\xBD");
    cr_assert_eq(text_escape_width("a\n\xC3\xA4\xFF"), 5);
}

Test(format_text, trace_text_is_no_command_of_a_log)
{
    check(text_escape, "::error::x", "\\x3a:error::x");
    check(text_escape, "a::b #1 # c:", "a::b #1 # c:");
    check(text_escape, "a ##vso[task.setvariable]", "a \\x23#vso[task.setvariable]");
    check(text_escape, "###", "\\x23\\x23#");
    check(text_escape, "::", "\\x3a:");
    check(text_escape, ":", ":");
    check(text_escape, "#", "#");
    check(text_escape, "a#", "a#");
    check(text_escape, "::::", "\\x3a:::");
    check(text_escape, "aa", "aa");
    cr_assert_eq(text_escape_width("##"), 5);
}

Test(format_text, csv_fields)
{
    check(text_csv, "plain", "plain");
    check(text_csv, "", "");
    check(text_csv, "a,b", "\"a,b\"");
    check(text_csv, "say \"x\"", "\"say \"\"x\"\"\"");
    check(text_csv, "a\r\nb", "a\\r\\nb");
    check(text_csv, " a", "\" a\"");
    check(text_csv, "=1+1", "'=1+1");
    check(text_csv, "@a,b", "\"'@a,b\"");
    check(text_csv, "-", "-");
    check(text_csv, "-17", "-17");
    check(text_csv, "a ", "\"a \"");
    check(text_csv, " ", "\" \"");
    check(text_csv, "a b", "a b");
    check(text_csv, "\"", "\"\"\"\"");
    check(text_csv, "+1.5", "+1.5");
    check(text_csv, "-1a", "'-1a");
    check(text_csv, "+a", "'+a");
    check(text_csv, "--", "'--");
    check(text_csv, "a=1", "a=1");
}

Test(format_text, numbers_for_people)
{
    char text[TEXT_NUMBER_LEN];
    static const struct {
        uint64_t value;
        const char *grouped, *duration;
    } numbers[] = {
        {0, "0", "0 ns"},
        {999, "999", "999 ns"},
        {1000, "1000", "1.0 us"},
        {9999, "9999", "9.9 us"},
        {10000, "10 000", "10.0 us"},
        {310850, "310 850", "310.8 us"},
        {999999, "999 999", "999.9 us"},
        {1000000, "1 000 000", "1.0 ms"},
        {310899, "310 899", "310.8 us"},
        {1234567890, "1 234 567 890", "1.2 s"},
        {1239999999, "1 239 999 999", "1.2 s"},
        {999999999999, "999 999 999 999", "999.9 s"},
        {1000000000000, "1 000 000 000 000", "1000 s"},
        {12345000000000, "12 345 000 000 000", "12 345 s"},
        {UINT64_MAX, "18 446 744 073 709 551 615", "18 446 744 073 s"},
    };
    for (unsigned i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        text_format_grouped(numbers[i].value, text);
        cr_expect_str_eq(text, numbers[i].grouped);
        text_format_duration(numbers[i].value, text);
        cr_expect_str_eq(text, numbers[i].duration);
    }
    text_format_seconds(UINT64_C(12004117399), 7, text);
    cr_expect_str_eq(text, "12.0041173");
    text_format_seconds(UINT64_C(12004117399), 0, text);
    cr_expect_str_eq(text, "12");
    text_format_seconds(UINT64_C(12004117399), 1, text);
    cr_expect_str_eq(text, "12.0");
    text_format_seconds(UINT64_C(999999999), 9, text);
    cr_expect_str_eq(text, "0.999999999");
    text_format_seconds(UINT64_C(1100000000), 1, text);
    cr_expect_str_eq(text, "1.1");
    text_format_seconds(UINT64_MAX, 12, text);
    cr_expect_str_eq(text, "18446744073.709551615");
}

Test(format_text, numbers_with_their_nouns)
{
    static const struct {
        uint64_t value;
        const char *want;
    } rows[] = {{0, "0 traces"}, {1, "1 trace"}, {2, "2 traces"}, {12345, "12 345 traces"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct out out;
        size_t len;
        out_init_memory(&out, 4096);
        text_plural(&out, rows[i].value, "trace");
        char *got = out_take(&out, &len);
        cr_expect_str_eq(got, rows[i].want);
        free(got);
    }
}
