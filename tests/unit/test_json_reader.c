/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_reader.h"

struct fixture {
    struct json_reader reader;
    struct byte_source *source;
    struct error_chain errors;
};

static struct fixture *begin_len(const char *text, size_t len)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    cr_assert_not_null(fixture);
    error_chain_init(&fixture->errors);
    cr_assert_eq(byte_source_open_memory(text, len, &fixture->source, NULL), BYTE_SOURCE_OK);
    json_reader_init(&fixture->reader, fixture->source, &fixture->errors);
    return fixture;
}

static struct fixture *begin(const char *text)
{
    return begin_len(text, strlen(text));
}

static void end(struct fixture *fixture)
{
    byte_source_destroy(fixture->source);
    free(fixture);
}

/* Reads all tokens into a text: a letter each, and the texts of keys, strings and numbers. */
static void tokens_of(struct json_reader *reader, char *text, size_t size)
{
    static const char *const marks[] = {".", "{", "}", "[", "]", "k:", "s:", "n:", "T", "F", "0"};
    enum json_token token;
    size_t len = 0;
    text[0] = '\0';
    do {
        token = json_reader_next(reader);
        bool has_text = token >= JSON_TOKEN_KEY && token <= JSON_TOKEN_NUMBER;
        len += (size_t)snprintf(text + len, size - len, "%s%s ",
                                token == JSON_TOKEN_ERROR ? "!" : marks[token],
                                has_text ? reader->text : "");
    } while (token > JSON_TOKEN_END && len < size);
}

static void expect_tokens(const char *document, const char *want)
{
    char text[512];
    struct fixture *fixture = begin(document);
    tokens_of(&fixture->reader, text, sizeof text);
    cr_assert_str_eq(text, want, "%s: %s", document, text);
    cr_assert_eq(fixture->errors.count, 0);
    end(fixture);
}

static void expect_error_len(const char *document, size_t len, const char *want)
{
    char text[512];
    struct fixture *fixture = begin_len(document, len);
    tokens_of(&fixture->reader, text, sizeof text);
    cr_assert_eq(text[strlen(text) - 2], '!', "%s: %s", document, text);
    cr_assert_eq(fixture->errors.count, 1);
    cr_assert_str_eq(fixture->errors.causes[0].text, want);
    cr_assert_eq(json_reader_next(&fixture->reader), JSON_TOKEN_ERROR);
    end(fixture);
}

static void expect_error(const char *document, const char *want)
{
    expect_error_len(document, strlen(document), want);
}

Test(json_reader, reads_every_kind_of_value)
{
    expect_tokens("{\"a\": [1, -2.5e+3, \"x\"], \"b\": {}, \"c\": [], \"d\": [true, false, null]}",
                  "{ k:a [ n:1 n:-2.5e+3 s:x ] k:b { } k:c [ ] k:d [ T F 0 ] } . ");
    expect_tokens("  7\r\n", "n:7 . ");
    expect_tokens("\xEF\xBB\xBF\"bom\"", "s:bom . ");
}

Test(json_reader, unescapes_texts)
{
    expect_tokens("\"\\\"\\\\\\/\\u00e9\\u20AC\"", "s:\"\\/\xC3\xA9\xE2\x82\xAC . ");
    expect_tokens("\"\\ud83d\\ude00\"", "s:\xF0\x9F\x98\x80 . ");
    expect_tokens("\"\\ud83d\\n\"", "s:\xEF\xBF\xBD\n . ");
    expect_tokens("\"\\ud83dx\\ude00\"", "s:\xEF\xBF\xBDx\xEF\xBF\xBD . ");
    expect_tokens("\"\\ud83d\\ud83d\\ude00\"", "s:\xEF\xBF\xBD\xF0\x9F\x98\x80 . ");
}

Test(json_reader, knows_every_escape)
{
    expect_tokens("\"\\b\\f\\n\\r\\t\\/\"", "s:\b\f\n\r\t/ . ");
    expect_tokens("\"\\u0041\\u007f\\u0080\\u07ff\\u0800\\uFFFF\"",
                  "s:A\x7f\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF . ");
    expect_tokens("\"\\uaAfF\"", "s:\xEA\xAB\xBF . ");
    expect_tokens("\"\\ud800\\udc00\\udbff\\udfff\"", "s:\xF0\x90\x80\x80\xF4\x8F\xBF\xBF . ");
    expect_tokens("\"\\ud7ff\\ue000\"", "s:\xED\x9F\xBF\xEE\x80\x80 . ");
}

/* Half of a pair counts as one character that is unknown, whatever follows. */
Test(json_reader, replaces_half_pairs)
{
    expect_tokens("\"\\ud83d\\u0041\"", "s:\xEF\xBF\xBD"
                                        "A . ");
    expect_tokens("\"\\ud83d\\ue000\"", "s:\xEF\xBF\xBD\xEE\x80\x80 . ");
    expect_tokens("\"\\ud83d\"", "s:\xEF\xBF\xBD . ");
    expect_tokens("\"\\ude00\\ud83d\"", "s:\xEF\xBF\xBD\xEF\xBF\xBD . ");
    expect_tokens("\"\\ud83d\\ud83d\\u0042\"", "s:\xEF\xBF\xBD\xEF\xBF\xBD"
                                               "B . ");
    expect_error("\"\\ud83d\\u12x4\"",
                 "line 1, column 12: a hexadecimal digit is expected, 'x' was found");
    expect_error("\"\\ud83d\\x\"", "line 1, column 9: an escape is expected, 'x' was found");
}

Test(json_reader, refuses_what_is_no_digit)
{
    static const char others[] = "/:@G`g";
    for (const char *other = others; *other != '\0'; other++) {
        char text[16], want[80];
        snprintf(text, sizeof text, "\"\\u000%c\"", *other);
        snprintf(want, sizeof want,
                 "line 1, column 7: a hexadecimal digit is expected, '%c' was found", *other);
        expect_error(text, want);
    }
    expect_error("\"\\u00",
                 "line 1, column 6: a hexadecimal digit is expected, the end of the file "
                 "was found");
}

Test(json_reader, keeps_characters_of_several_bytes)
{
    expect_tokens("\"\xC2\x80\xE0\xA0\x80\xF0\x90\x80\x80\xF4\x8F\xBF\xBF\"",
                  "s:\xC2\x80\xE0\xA0\x80\xF0\x90\x80\x80\xF4\x8F\xBF\xBF . ");
    static const char *const wrong[] = {"\"\x80\"",
                                        "\"\xC3\"",
                                        "\"\xC3",
                                        "\"\xE2\x82\"",
                                        "\"\xE2\x82x\"",
                                        "\"\xF0\x90\x80\"",
                                        "\"\xE0\x80\x80\"",
                                        "\"\xED\xA0\x80\"",
                                        "\"\xF8\x90\x80\x80\"",
                                        "\"\xF4\x90\x80\x80\""};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct fixture *fixture = begin(wrong[i]);
        cr_assert_eq(json_reader_next(&fixture->reader), JSON_TOKEN_ERROR, "%zu", i);
        cr_assert_not_null(strstr(fixture->errors.causes[0].text, "not valid UTF-8"));
        end(fixture);
    }
}

Test(json_reader, reads_every_form_of_number)
{
    expect_tokens("[0,-0,10,0.5,-1.25,1e5,1E5,1e+05,2E-7,-9.75e12]",
                  "[ n:0 n:-0 n:10 n:0.5 n:-1.25 n:1e5 n:1E5 n:1e+05 n:2E-7 n:-9.75e12 ] . ");
    static const char *const wrong[] = {"[1.]", "[1.e5]", "[1e]", "[1E+]",
                                        "[-]",  "[--1]",  "[.5]", "[+1]"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char text[64];
        struct fixture *fixture = begin(wrong[i]);
        tokens_of(&fixture->reader, text, sizeof text);
        cr_assert_eq(text[strlen(text) - 2], '!', "%s: %s", wrong[i], text);
        end(fixture);
    }
}

static void expect_u64(const char *document, uint64_t want)
{
    uint64_t value = 77;
    struct fixture *fixture = begin(document);
    cr_assert(json_reader_u64(&fixture->reader, &value), "%s", document);
    cr_assert_eq(value, want, "%s: %llu", document, (unsigned long long)value);
    cr_assert_eq(json_reader_next(&fixture->reader), JSON_TOKEN_END);
    cr_assert_eq(json_reader_next(&fixture->reader), JSON_TOKEN_END, "again");
    end(fixture);
}

/* Any other value counts as 0, and is passed over. */
Test(json_reader, counts_with_whole_numbers)
{
    expect_u64("0", 0);
    expect_u64("1907", 1907);
    expect_u64("18446744073709551599", UINT64_C(18446744073709551599));
    expect_u64("18446744073709551615", UINT64_MAX);
    expect_u64("18446744073709551616", 0);
    expect_u64("18446744073709551620", 0);
    expect_u64("184467440737095516150", 0);
    expect_u64("99999999999999999999", 0);
    expect_u64("-1", 0);
    expect_u64("1.5", 0);
    expect_u64("1e3", 0);
    expect_u64("\"5\"", 0);
    expect_u64("{\"a\":[5]}", 0);
    expect_u64("null", 0);
}

Test(json_reader, takes_a_text_or_passes_over)
{
    struct fixture *fixture = begin("[\"a\", 5, [\"b\"], \"c\", }");
    cr_assert_eq(json_reader_next(&fixture->reader), JSON_TOKEN_ARRAY_BEGIN);
    static const char *const want[] = {"a", "", "", "c"};
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        cr_assert(json_reader_string(&fixture->reader));
        cr_assert_str_eq(fixture->reader.text, want[i]);
    }
    cr_assert_not(json_reader_string(&fixture->reader));
    cr_assert_str_eq(fixture->reader.text, "");
    end(fixture);
}

Test(json_reader, names_line_and_column)
{
    expect_error("", "line 1, column 1: a value is expected, the end of the file was found");
    expect_error("{\n  \"\xC3\xA9\": x}", "line 2, column 8: a value is expected, 'x' was found");
    expect_error("[1 2]", "line 1, column 4: a comma or ] is expected, '2' was found");
    expect_error("[1,]", "line 1, column 4: a value is expected, ']' was found");
    expect_error("{\"a\":1,}", "line 1, column 8: a name in quotes is expected, '}' was found");
    expect_error("{\"a\" 1}", "line 1, column 6: a colon is expected, '1' was found");
    expect_error("{1}", "line 1, column 2: a name in quotes is expected, '1' was found");
    expect_error("1 2", "line 1, column 3: the end of the file is expected, '2' was found");
    expect_error("\"a\nb\"",
                 "line 1, column 3: the rest of a text is expected, byte 0x0a was found");
    expect_error("\"\\x\"", "line 1, column 3: an escape is expected, 'x' was found");
    expect_error("\"\\u12g4\"", "line 1, column 6: a hexadecimal digit is expected, 'g' was found");
    expect_error("tru", "line 1, column 4: true is expected, the end of the file was found");
    expect_error("-", "line 1, column 2: a digit is expected, the end of the file was found");
    expect_error("01", "line 1, column 2: the end of the file is expected, '1' was found");
    expect_error("\"\xC3(\"", "line 1, column 3: the text is not valid UTF-8");
}

/* The first and last values of each kind of byte. */
Test(json_reader, names_what_was_found)
{
    expect_error("tru ", "line 1, column 4: true is expected, byte 0x20 was found");
    expect_error("fals!", "line 1, column 5: false is expected, '!' was found");
    expect_error("nul~", "line 1, column 4: null is expected, '~' was found");
    expect_error("nul\x7f", "line 1, column 4: null is expected, byte 0x7f was found");
    expect_error("-/", "line 1, column 2: a digit is expected, '/' was found");
    expect_error("-:", "line 1, column 2: a digit is expected, ':' was found");
    expect_error("/", "line 1, column 1: a value is expected, '/' was found");
    expect_error(":", "line 1, column 1: a value is expected, ':' was found");
    expect_error("[9 :", "line 1, column 4: a comma or ] is expected, ':' was found");
    expect_error("{\"a\":9 ]", "line 1, column 8: a comma or } is expected, ']' was found");
    expect_error("[\t\r\n \t\v]", "line 2, column 3: a value is expected, byte 0x0b was found");
    expect_error("\"\x1f\"",
                 "line 1, column 2: the rest of a text is expected, byte 0x1f was found");
    expect_error_len("\"\\\0\"", 4, "line 1, column 3: an escape is expected, byte 0x00 was found");
    expect_tokens("\"\x20\x7f\"", "s:\x20\x7f . ");
    expect_error("{\"a\":}", "line 1, column 6: a value is expected, '}' was found");
    expect_error("[}", "line 1, column 2: a value is expected, '}' was found");
    expect_error("{]", "line 1, column 2: a name in quotes is expected, ']' was found");
}

Test(json_reader, says_that_a_file_is_utf_16)
{
    static const char texts[][7] = {"\xFF\xFE{\0}\0", "\xFE\xFF\0{\0}", "{\0}\0  ", "\xFF{}",
                                    "\xFE{}"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct fixture *fixture = begin_len(texts[i], 6);
        cr_assert_eq(json_reader_next(&fixture->reader), JSON_TOKEN_ERROR, "%zu", i);
        cr_assert_not_null(strstr(fixture->errors.causes[0].text, "UTF-16"), "%zu", i);
        end(fixture);
    }
    expect_error_len("1\0", 2, "line 1, column 1: the file is UTF-16, or no text; JSON is UTF-8");
    expect_tokens("\xEF\xBB\xBF{}", "{ } . ");
    expect_error("\xEF\xBB\xBF",
                 "line 1, column 1: a value is expected, the end of the file was found");
    expect_error("\xEF\xBB{}", "line 1, column 1: a value is expected, byte 0xef was found");
    expect_error("\xEF\xBB", "line 1, column 1: a value is expected, byte 0xef was found");
}

Test(json_reader, bounds_the_depth)
{
    char deep[JSON_READER_DEPTH_MAX + 2];
    memset(deep, '[', sizeof deep);
    struct fixture *fixture = begin_len(deep, sizeof deep);
    for (int i = 0; i < JSON_READER_DEPTH_MAX; i++) {
        cr_assert_eq(json_reader_next(&fixture->reader), JSON_TOKEN_ARRAY_BEGIN);
    }
    cr_assert_eq(json_reader_next(&fixture->reader), JSON_TOKEN_ERROR);
    cr_assert_str_eq(fixture->errors.causes[0].text, "line 1, column 257: nested deeper than 256");
    end(fixture);
}

/* Texts, escapes and characters that lie across two reads of the source are whole. */
Test(json_reader, reads_across_its_window)
{
    enum { LEN = JSON_READER_BYTES_LEN };
    char *text = malloc(LEN + 64);
    for (size_t before = 1; before <= 14; before++) {
        size_t space = LEN - before;
        memset(text, ' ', space);
        const char *value = "\"\\ud83d\\ude00\xE2\x82\xAC\"";
        memcpy(text + space, value, strlen(value));
        struct fixture *fixture = begin_len(text, space + strlen(value));
        cr_assert_eq(json_reader_next(&fixture->reader), JSON_TOKEN_STRING);
        cr_assert_str_eq(fixture->reader.text, "\xF0\x9F\x98\x80\xE2\x82\xAC");
        cr_assert_eq(json_reader_next(&fixture->reader), JSON_TOKEN_END);
        end(fixture);
    }
    free(text);
}

Test(json_reader, cuts_long_texts_at_a_character)
{
    enum { LEN = JSON_READER_TEXT_MAX + 100 };
    char text[LEN + 2];
    text[0] = text[LEN + 1] = '"';
    memset(text + 1, 'a', LEN);
    memcpy(text + JSON_READER_TEXT_MAX, "\xC3\xA9", 2);
    struct fixture *fixture = begin_len(text, sizeof text);
    cr_assert_eq(json_reader_next(&fixture->reader), JSON_TOKEN_STRING);
    cr_assert(fixture->reader.text_cut);
    cr_assert_eq(fixture->reader.text_len, JSON_READER_TEXT_MAX - 1);
    cr_assert_eq(json_reader_next(&fixture->reader), JSON_TOKEN_END);
    end(fixture);
}

/* A text of `count` times 'a' with `rest` behind it: what is kept, and whether it is cut. */
static void expect_kept(size_t count, const char *rest, size_t kept, bool cut)
{
    char text[JSON_READER_TEXT_MAX + 64];
    text[0] = '"';
    memset(text + 1, 'a', count);
    size_t len = 1 + count + (size_t)snprintf(text + 1 + count, 32, "%s\"", rest);
    struct fixture *fixture = begin_len(text, len);
    cr_assert_eq(json_reader_next(&fixture->reader), JSON_TOKEN_STRING);
    cr_assert_eq(fixture->reader.text_len, kept, "%zu and %s: %zu", count, rest,
                 fixture->reader.text_len);
    cr_assert_eq(strlen(fixture->reader.text), kept);
    cr_assert_eq(fixture->reader.text_cut, cut, "%zu and %s", count, rest);
    cr_assert_eq(json_reader_next(&fixture->reader), JSON_TOKEN_END);
    end(fixture);
}

/* Once a character has no room, none behind it is kept either. */
Test(json_reader, keeps_as_much_of_a_text_as_there_is_room_for)
{
    enum { MAX = JSON_READER_TEXT_MAX };
    expect_kept(MAX, "", MAX, false);
    expect_kept(MAX + 1, "", MAX, true);
    expect_kept(MAX + 1, "\\nb", MAX, true);
    expect_kept(MAX - 1, "\\n", MAX, false);
    expect_kept(MAX - 1, "\\nb", MAX, true);
    expect_kept(MAX - 2, "\xC3\xA9", MAX, false);
    expect_kept(MAX - 1, "\xC3\xA9", MAX - 1, true);
    expect_kept(MAX - 1, "\xC3\xA9\\n", MAX - 1, true);
    expect_kept(MAX - 1,
                "\xC3\xA9"
                "b",
                MAX - 1, true);
    expect_kept(MAX - 3, "\\uFFFF", MAX, false);
    expect_kept(MAX - 2, "\\uFFFF", MAX - 2, true);
}

/* ---- a source that can't be read ---- */

static enum byte_source_status read_but_the_end(struct byte_source *source, uint64_t offset,
                                                void *dst, size_t len, struct error_chain *chain)
{
    if (offset + len > JSON_READER_BYTES_LEN) {
        error_chain_add(chain, offset, "no more");
        return BYTE_SOURCE_ERROR;
    }
    memset(dst, ' ', len);
    memcpy(dst, source->size % 2 == 0 ? "[ " : "7 ", 2);
    return BYTE_SOURCE_OK;
}

/* The cause is named once, and a document that is whole so far is no whole one. */
Test(json_reader, ends_where_the_source_can_not_be_read)
{
    static const struct byte_source_ops ops = {.read = read_but_the_end};
    static struct json_reader reader;
    for (unsigned odd = 0; odd < 2; odd++) {
        struct byte_source source = {.ops = &ops, .size = 2 * JSON_READER_BYTES_LEN + odd};
        struct error_chain errors;
        error_chain_init(&errors);
        json_reader_init(&reader, &source, &errors);
        cr_assert_eq(json_reader_next(&reader), odd ? JSON_TOKEN_NUMBER : JSON_TOKEN_ARRAY_BEGIN);
        cr_assert_eq(json_reader_next(&reader), JSON_TOKEN_ERROR);
        cr_assert_eq(json_reader_next(&reader), JSON_TOKEN_ERROR);
        cr_assert_not(json_reader_string(&reader));
        cr_assert_not(json_reader_skip(&reader, JSON_TOKEN_ARRAY_BEGIN));
        cr_assert_eq(errors.count, 1);
        cr_assert_str_eq(errors.causes[0].text, "no more");
    }
}

/* A cause of the caller has the place of the last token. */
Test(json_reader, fails_where_its_caller_says)
{
    struct fixture *fixture = begin("{\n \"a\": 5}");
    struct json_reader *reader = &fixture->reader;
    cr_assert_eq(json_reader_next(reader), JSON_TOKEN_OBJECT_BEGIN);
    cr_assert_eq(json_reader_next(reader), JSON_TOKEN_KEY);
    json_reader_fail(reader, "%s is no good", reader->text);
    json_reader_fail(reader, "nothing is");
    cr_assert_eq(fixture->errors.count, 1);
    cr_assert_str_eq(fixture->errors.causes[0].text, "line 2, column 2: a is no good");
    cr_assert_eq(json_reader_next(reader), JSON_TOKEN_ERROR);
    cr_assert_not(json_reader_skip(reader, JSON_TOKEN_KEY));
    cr_assert_not(json_reader_skip(reader, JSON_TOKEN_NUMBER));
    end(fixture);
    fixture = begin("x");
    json_reader_fail(&fixture->reader, "before the first token");
    cr_assert_eq(json_reader_next(&fixture->reader), JSON_TOKEN_ERROR);
    cr_assert_eq(fixture->errors.count, 1);
    end(fixture);
}

Test(json_reader, passes_over_what_nobody_wants)
{
    struct fixture *fixture =
        begin("{\"a\": {\"b\": [1, {}]}, \"c\": 5, \"d\": [\"x\"], \"e\": -1}");
    struct json_reader *reader = &fixture->reader;
    uint64_t value = 9;
    cr_assert_eq(json_reader_next(reader), JSON_TOKEN_OBJECT_BEGIN);
    cr_assert_eq(json_reader_next(reader), JSON_TOKEN_KEY);
    cr_assert(json_reader_skip(reader, JSON_TOKEN_KEY));
    cr_assert_eq(json_reader_next(reader), JSON_TOKEN_KEY);
    cr_assert_str_eq(reader->text, "c");
    cr_assert(json_reader_u64(reader, &value));
    cr_assert_eq(value, 5);
    cr_assert_eq(json_reader_next(reader), JSON_TOKEN_KEY);
    cr_assert(json_reader_string(reader));
    cr_assert_str_eq(reader->text, "");
    cr_assert_eq(json_reader_next(reader), JSON_TOKEN_KEY);
    cr_assert(json_reader_u64(reader, &value));
    cr_assert_eq(value, 0);
    cr_assert_eq(json_reader_next(reader), JSON_TOKEN_OBJECT_END);
    cr_assert_eq(json_reader_next(reader), JSON_TOKEN_END);
    end(fixture);
}

/* ---- values that are passed over ---- */

/* The first value of a document, token by token; false after an error. */
static bool read_first(struct json_reader *reader)
{
    enum json_token token = json_reader_next(reader);
    while (token > JSON_TOKEN_END && reader->depth != 0) {
        token = json_reader_next(reader);
    }
    return token != JSON_TOKEN_ERROR;
}

/* Whoever passes over a value accepts what whoever reads it accepts, and stands at the same place
 * afterwards; errors are the same. */
static void expect_same_skip(const char *text, size_t len)
{
    struct fixture *read = begin_len(text, len), *skipped = begin_len(text, len);
    bool good = read_first(&read->reader);
    cr_assert_eq(json_reader_skip(&skipped->reader, json_reader_next(&skipped->reader)), good,
                 "%.*s", (int)len, text);
    cr_assert_eq(read->reader.line, skipped->reader.line, "%.*s", (int)len, text);
    cr_assert_eq(read->reader.column, skipped->reader.column, "%.*s", (int)len, text);
    cr_assert_eq(json_reader_next(&read->reader), json_reader_next(&skipped->reader));
    cr_assert_eq(read->errors.count, skipped->errors.count);
    if (read->errors.count != 0) {
        cr_assert_str_eq(read->errors.causes[0].text, skipped->errors.causes[0].text);
    }
    end(read);
    end(skipped);
}

static const char skipped_document[] =
    "{\n  \"a\": [1, -2.5, 0.25, 1e9, {}],\r\n\t\"a longer name\": \"\\u00e9 \xC3\xA9 "
    "plain\",\n            \"b\": {\"c\": [[], true, false, null], \"d\": \"0x7ffe01230000\"}\n}";

/* Each byte of a document is replaced by each of these, and the document cut there. */
Test(json_reader, passes_over_what_it_accepts_and_nothing_else)
{
    static const char others[] = "{}[]:,\"\\-.e0/9 \t\n\v\x01\x1F\x7F\x80\xFFxt";
    static const char *const documents[] = {skipped_document, "[\"abcd\"]", "{\"a\":\"b\"}",
                                            "[9.09]",         "[0]",        "[[],[1]]"};
    char text[sizeof skipped_document];
    for (size_t document = 0; document < sizeof documents / sizeof documents[0]; document++) {
        size_t len = strlen(documents[document]);
        expect_same_skip(documents[document], len);
        for (size_t at = 0; at < len; at++) {
            memcpy(text, documents[document], len + 1);
            expect_same_skip(text, at);
            for (size_t i = 0; i < sizeof others - 1; i++) {
                text[at] = others[i];
                expect_same_skip(text, len);
            }
        }
    }
}

/* The same where any byte of the document is the first of a window. */
Test(json_reader, passes_over_values_across_its_window)
{
    enum { LEN = JSON_READER_BYTES_LEN };
    size_t document_len = sizeof skipped_document - 1;
    char *text = malloc(LEN + document_len);
    memset(text, ' ', LEN);
    for (size_t before = 0; before <= document_len; before++) {
        memcpy(text + LEN - before, skipped_document, document_len);
        expect_same_skip(text, LEN - before + document_len);
    }
    free(text);
}

/* Objects in arrays in objects, as deep as is allowed, and one deeper. */
Test(json_reader, bounds_the_depth_of_what_it_passes_over)
{
    char text[JSON_READER_DEPTH_MAX * 8], deep[JSON_READER_DEPTH_MAX + 2];
    memset(deep, '[', sizeof deep);
    expect_same_skip(deep, sizeof deep);
    for (unsigned depth = JSON_READER_DEPTH_MAX; depth <= JSON_READER_DEPTH_MAX + 1; depth++) {
        size_t len = 0;
        for (unsigned i = 0; i < depth; i++) {
            len += (size_t)snprintf(text + len, sizeof text - len, i % 2 == 0 ? "[" : "{\"a\":");
        }
        text[len++] = '0';
        for (unsigned i = depth; i-- > 0;) {
            text[len++] = i % 2 == 0 ? ']' : '}';
        }
        struct fixture *fixture = begin_len(text, len);
        cr_assert_eq(read_first(&fixture->reader), depth == JSON_READER_DEPTH_MAX);
        end(fixture);
        expect_same_skip(text, len);
    }
}
