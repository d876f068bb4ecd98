/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
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

/* ---- fields ---- */

static void write_fields(struct json_writer *json)
{
    json_field_u64(json, "u", 7);
    json_field_i64(json, "i", -7);
    json_field_hex(json, "h", 0xABC);
    json_field_i64_string(json, "s", -12);
    json_field_seconds(json, "t", 1500000000);
    json_field_str(json, "x", "text");
    json_field_str(json, "q", "a\"b");
    json_field_str(json, "n", NULL);
    json_field_null(json, "o");
    json_field_bool(json, "b", true);
    json_field_bool(json, "f", false);
}

Test(json_writer, fields_of_each_kind)
{
    struct fixture fixture;
    begin(&fixture, JSON_LINE);
    json_object_begin(&fixture.json);
    write_fields(&fixture.json);
    json_object_end(&fixture.json);
    expect(&fixture, "{\"u\": 7, \"i\": -7, \"h\": \"0xabc\", \"s\": \"-12\", \"t\": 1.500000000, "
                     "\"x\": \"text\", \"q\": \"a\\\"b\", \"n\": null, \"o\": null, \"b\": true, "
                     "\"f\": false}");
    begin(&fixture, JSON_PRETTY);
    json_array_begin(&fixture.json);
    json_object_begin(&fixture.json);
    write_fields(&fixture.json);
    json_object_end(&fixture.json);
    json_array_end(&fixture.json);
    expect(&fixture, "[\n  {\n    \"u\": 7,\n    \"i\": -7,\n    \"h\": \"0xabc\",\n    \"s\": "
                     "\"-12\",\n    \"t\": 1.500000000,\n    \"x\": \"text\",\n    \"q\": "
                     "\"a\\\"b\",\n    \"n\": null,\n    \"o\": null,\n    \"b\": true,\n    "
                     "\"f\": false\n  }\n]");
}

/* The text of a field is written as the same text in an array is. */
static void expect_field(const char *key, const char *text)
{
    struct fixture fixture;
    size_t len;
    static char want[2000];
    begin(&fixture, JSON_LINE);
    json_str(&fixture.json, text);
    char *value = out_take(&fixture.out, &len);
    snprintf(want, sizeof want, "{\"%s\": %s, \"%s\": %s}", key, value, key, value);
    free(value);
    begin(&fixture, JSON_LINE);
    json_object_begin(&fixture.json);
    json_field_str(&fixture.json, key, text);
    json_field_str(&fixture.json, key, text);
    json_object_end(&fixture.json);
    expect(&fixture, want);
}

/* Lengths around those that are copied at once, and the longest ones that a key may have. */
Test(json_writer, keys_and_texts_of_each_length)
{
    static const size_t lens[] = {0,  1,  2,  3,  4,  5,  7,  8,   9,   12,  15,
                                  16, 17, 23, 24, 25, 32, 33, 254, 255, 256, 300};
    char key[301], text[301];
    for (size_t k = 0; k < sizeof lens / sizeof lens[0] && lens[k] <= JSON_KEY_LEN_MAX; k++) {
        for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++) {
            for (size_t at = 0; at < sizeof text; at++) {
                key[at] = (char)('a' + at % 26);
                text[at] = (char)('0' + at % 43);
            }
            key[lens[k]] = text[lens[i]] = '\0';
            expect_field(key, text);
        }
    }
}

/* Characters at both ends of the ranges that are not plain, at each place of a short text. */
Test(json_writer, fields_are_escaped_at_each_place)
{
    static const char *const others[] = {"\"", "\\", "\x1F", " ",  "!",    "#",        "[",
                                         "]",  "~",  "\x7F", "\n", "\x01", "\xC3\xA9", "\xFF"};
    char text[40];
    for (size_t len = 0; len <= 18; len++) {
        for (size_t at = 0; at <= len; at++) {
            for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
                snprintf(text, sizeof text, "%.*s%s%.*s", (int)at, "abcdefghijklmnopqrst",
                         others[i], (int)(len - at), "ABCDEFGHIJKLMNOPQRST");
                expect_field("k", text);
            }
        }
    }
}

Test(json_writer, numbers_that_are_not_finite_are_null)
{
    struct fixture fixture;
    begin(&fixture, JSON_LINE);
    json_array_begin(&fixture.json);
    json_fixed(&fixture.json, -(double)INFINITY, 0);
    json_fixed(&fixture.json, -0.75, 1);
    json_fixed(&fixture.json, 2, 0);
    json_array_end(&fixture.json);
    expect(&fixture, "[null, -0.8, 2]");
    for (int sign = -1; sign <= 1; sign += 2) {
        size_t len;
        begin(&fixture, JSON_LINE);
        json_fixed(&fixture.json, sign * DBL_MAX, 0);
        char *text = out_take(&fixture.out, &len);
        cr_assert_eq(len, sign < 0 ? 310 : 309);
        free(text);
    }
}

static enum out_status write_into(size_t cap, uint64_t *written)
{
    struct fixture fixture;
    out_init_memory(&fixture.out, cap);
    json_init(&fixture.json, &fixture.out, JSON_LINE);
    json_object_begin(&fixture.json);
    write_fields(&fixture.json);
    json_key(&fixture.json, "y");
    json_hex(&fixture.json, 1);
    json_key(&fixture.json, "z");
    json_seconds(&fixture.json, 1);
    json_object_end(&fixture.json);
    json_line_end(&fixture.json);
    *written = out_written(&fixture.out);
    return out_finish(&fixture.out);
}

/* Room that is too small for the document, by however much, is an error; a number asks for as much
 * as the longest one takes. */
Test(json_writer, an_output_that_is_full_is_an_error)
{
    uint64_t len, written;
    cr_assert_eq(write_into(1000, &len), OUT_OK);
    cr_assert_gt(len, 100);
    for (size_t cap = 0; cap < len; cap++) {
        cr_assert_eq(write_into(cap, &written), OUT_TOO_LARGE, "%zu", cap);
    }
    for (size_t cap = len + OUT_NUMBER_LEN + 16; cap < len + 100; cap++) {
        cr_assert_eq(write_into(cap, &written), OUT_OK, "%zu", cap);
    }
}

/* ---- misuse ---- */

static void nest(struct json_writer *json, unsigned depth)
{
    for (unsigned i = 0; i < depth; i++) {
        json_array_begin(json);
    }
}

Test(json_writer, nests_as_deep_as_is_allowed)
{
    struct fixture fixture;
    char want[2 * JSON_DEPTH_MAX + 1] = "";
    begin(&fixture, JSON_LINE);
    nest(&fixture.json, JSON_DEPTH_MAX);
    for (unsigned i = 0; i < JSON_DEPTH_MAX; i++) {
        json_array_end(&fixture.json);
        want[i] = '[';
        want[JSON_DEPTH_MAX + i] = ']';
    }
    expect(&fixture, want);
}

Test(json_writer, nesting_deeper_is_a_bug, .signal = SIGABRT)
{
    struct fixture fixture;
    begin(&fixture, JSON_LINE);
    nest(&fixture.json, JSON_DEPTH_MAX + 1);
}

Test(json_writer, a_line_that_ends_inside_is_a_bug, .signal = SIGABRT)
{
    struct fixture fixture;
    begin(&fixture, JSON_LINE);
    json_array_begin(&fixture.json);
    json_line_end(&fixture.json);
}

Test(json_writer, a_key_in_an_array_is_a_bug, .signal = SIGABRT)
{
    struct fixture fixture;
    begin(&fixture, JSON_LINE);
    json_array_begin(&fixture.json);
    json_field_u64(&fixture.json, "a", 1);
}

Test(json_writer, a_key_behind_a_key_is_a_bug, .signal = SIGABRT)
{
    struct fixture fixture;
    begin(&fixture, JSON_LINE);
    json_object_begin(&fixture.json);
    json_key(&fixture.json, "a");
    json_key(&fixture.json, "b");
}

Test(json_writer, an_end_without_a_beginning_is_a_bug, .signal = SIGABRT)
{
    struct fixture fixture;
    begin(&fixture, JSON_LINE);
    json_array_end(&fixture.json);
}

Test(json_writer, a_key_that_is_too_long_is_a_bug, .signal = SIGABRT)
{
    struct fixture fixture;
    char key[JSON_KEY_LEN_MAX + 2];
    memset(key, 'k', sizeof key - 1);
    key[sizeof key - 1] = '\0';
    begin(&fixture, JSON_LINE);
    json_object_begin(&fixture.json);
    json_field_u64(&fixture.json, key, 1);
}
