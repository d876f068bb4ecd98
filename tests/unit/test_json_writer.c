/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_writer.h"

struct fixture {
    struct out out;
    struct json_writer json;
};

static void begin(struct fixture *fixture, enum json_style style)
{
    out_init_memory(&fixture->out, 1u << 20);
    json_init(&fixture->json, &fixture->out, style);
}

static void expect(struct fixture *fixture, const char *want)
{
    size_t len;
    char *text = out_take(&fixture->out, &len);
    cr_assert_not_null(text);
    cr_assert_str_eq(text, want);
    free(text);
}

static void write_sample(struct json_writer *json)
{
    json_object_begin(json);
    json_field_u64(json, "a", 1);
    json_field_array(json, "b");
    json_u64(json, 2);
    json_object_begin(json);
    json_object_end(json);
    json_str(json, "x");
    json_array_end(json);
    json_field_object(json, "c");
    json_field_array(json, "d");
    json_array_end(json);
    json_field_null(json, "e");
    json_object_end(json);
    json_object_end(json);
    json_line_end(json);
}

Test(json_writer, one_line)
{
    struct fixture fixture;
    begin(&fixture, JSON_LINE);
    write_sample(&fixture.json);
    expect(&fixture, "{\"a\": 1, \"b\": [2, {}, \"x\"], \"c\": {\"d\": [], \"e\": null}}\n");
}

Test(json_writer, pretty)
{
    struct fixture fixture;
    begin(&fixture, JSON_PRETTY);
    write_sample(&fixture.json);
    expect(&fixture, "{\n"
                     "  \"a\": 1,\n"
                     "  \"b\": [\n"
                     "    2,\n"
                     "    {},\n"
                     "    \"x\"\n"
                     "  ],\n"
                     "  \"c\": {\n"
                     "    \"d\": [],\n"
                     "    \"e\": null\n"
                     "  }\n"
                     "}\n");
}

Test(json_writer, values)
{
    struct fixture fixture;
    begin(&fixture, JSON_LINE);
    struct json_writer *json = &fixture.json;
    json_array_begin(json);
    json_u64(json, UINT64_MAX);
    json_i64(json, -5);
    json_hex(json, 0x7ffe01230000);
    json_hex(json, 0);
    json_bool(json, true);
    json_bool(json, false);
    json_null(json);
    json_str(json, NULL);
    json_fixed(json, 1.25, 3);
    json_fixed(json, (double)NAN, 3);
    json_fixed(json, (double)INFINITY, 3);
    json_seconds(json, 0);
    json_seconds(json, 12345678901);
    json_seconds(json, 1000000000);
    json_seconds(json, UINT64_MAX);
    json_array_end(json);
    expect(&fixture, "[18446744073709551615, -5, \"0x7ffe01230000\", \"0x0\", "
                     "true, false, null, null, 1.250, null, null, "
                     "0.000000000, 12.345678901, 1.000000000, 18446744073.709551615]");
}

static void check_string(const char *text, size_t len, const char *want)
{
    struct fixture fixture;
    begin(&fixture, JSON_LINE);
    json_str_len(&fixture.json, text, len);
    expect(&fixture, want);
}

#define CHECK(text, want) check_string(text, sizeof text - 1, "\"" want "\"")

Test(json_writer, strings_are_escaped)
{
    CHECK("", "");
    CHECK("plain /text~", "plain /text~");
    CHECK("a\"b\\c", "a\\\"b\\\\c");
    CHECK("a\nb\rc\td", "a\\nb\\rc\\td");
    CHECK("\x01\x1B[31m\x7F", "\\u0001\\u001b[31m\\u007f");
    CHECK("a\0b", "a\\u0000b");
    CHECK("\xC2\x85", "\\u0085");
    CHECK("\xE2\x80\xA8\xE2\x80\xA9", "\\u2028\\u2029");
    CHECK("\xE2\x80\xAE"
          "exe.txt",
          "\\u202eexe.txt");
    CHECK("\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80", "\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80");
}

#define R "\xEF\xBF\xBD"

Test(json_writer, what_is_not_utf8_is_replaced)
{
    CHECK("a\xFFz", "a" R "z");
    CHECK("\xC3", R);
    CHECK("\xC3z", R "z");
    CHECK("\xE2\x82", R R);
    CHECK("\xC0\x80", R R);
    CHECK("\xED\xA0\x80", R R R);
    CHECK("\xF4\x90\x80\x80", R R R R);
    CHECK("\xF4\x8F\xBF\xBF", "\xF4\x8F\xBF\xBF");
}

Test(json_writer, long_strings_pass_the_staging_area)
{
    static char text[200001];
    memset(text, 'q', 200000);
    text[100000] = '"';
    struct fixture fixture;
    begin(&fixture, JSON_LINE);
    json_str(&fixture.json, text);
    size_t len;
    char *written = out_take(&fixture.out, &len);
    cr_assert_eq(len, 200003);
    cr_assert(memcmp(written + 100000, "q\\\"q", 4) == 0);
    free(written);
}

Test(json_writer, failing_output_is_harmless)
{
    struct fixture fixture;
    out_init_memory(&fixture.out, 4);
    json_init(&fixture.json, &fixture.out, JSON_PRETTY);
    write_sample(&fixture.json);
    cr_assert_eq(out_finish(&fixture.out), OUT_TOO_LARGE);
}

Test(json_writer, value_without_key_is_a_bug, .signal = SIGABRT)
{
    struct fixture fixture;
    begin(&fixture, JSON_LINE);
    json_object_begin(&fixture.json);
    json_u64(&fixture.json, 1);
}

Test(json_writer, end_of_another_kind_is_a_bug, .signal = SIGABRT)
{
    struct fixture fixture;
    begin(&fixture, JSON_LINE);
    json_object_begin(&fixture.json);
    json_array_end(&fixture.json);
}

Test(json_writer, key_without_value_is_a_bug, .signal = SIGABRT)
{
    struct fixture fixture;
    begin(&fixture, JSON_LINE);
    json_object_begin(&fixture.json);
    json_key(&fixture.json, "a");
    json_object_end(&fixture.json);
}
