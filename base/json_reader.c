/* SPDX-License-Identifier: Apache-2.0 */

#include "base/json_reader.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/least.h"
#include "base/utf.h"

#define END_OF_INPUT (-1)
#define MESSAGE_MAX 200

void json_reader_init(struct json_reader *reader, struct byte_source *source,
                      struct error_chain *errors)
{
    memset(reader, 0, offsetof(struct json_reader, text));
    reader->text[0] = '\0';
    reader->source = source;
    reader->errors = errors;
    reader->here_line = reader->here_column = 1;
    reader->line = reader->column = 1;
}

/* ---- errors ---- */

__attribute__((format(printf, 2, 0))) static void add_cause(struct json_reader *reader,
                                                            const char *format, va_list arguments)
{
    char message[MESSAGE_MAX];
    vsnprintf(message, sizeof message, format, arguments);
    if (!reader->failed) {
        error_chain_add(reader->errors, ERROR_NO_OFFSET, "line %" PRIu64 ", column %" PRIu64 ": %s",
                        reader->line, reader->column, message);
    }
    reader->failed = true;
}

void json_reader_fail(struct json_reader *reader, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add_cause(reader, format, arguments);
    va_end(arguments);
}

/* Fails where the next byte is, not where the token begins. */
static enum json_token fail_here(struct json_reader *reader, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static enum json_token fail_here(struct json_reader *reader, const char *format, ...)
{
    va_list arguments;
    reader->line = reader->here_line;
    reader->column = reader->here_column;
    va_start(arguments, format);
    add_cause(reader, format, arguments);
    va_end(arguments);
    return JSON_TOKEN_ERROR;
}

/* Writes what stands at the next byte, for a message. */
static const char *describe_byte(int byte, char text[16])
{
    if (byte == END_OF_INPUT) {
        return "the end of the file";
    }
    if (byte > 0x20 && byte < 0x7F) {
        snprintf(text, 16, "'%c'", byte);
    } else {
        snprintf(text, 16, "byte 0x%02x", (unsigned)byte);
    }
    return text;
}

static enum json_token fail_expected(struct json_reader *reader, const char *expected, int byte)
{
    char text[16];
    return fail_here(reader, "%s is expected, %s was found", expected, describe_byte(byte, text));
}

/* ---- bytes ---- */

static bool fill_bytes(struct json_reader *reader)
{
    uint64_t remaining = reader->source->size - reader->offset;
    size_t len = (size_t)least_u64(remaining, sizeof reader->bytes);
    if (reader->failed || len == 0) {
        return false;
    }
    if (byte_source_read(reader->source, reader->offset, reader->bytes, len, reader->errors)) {
        reader->failed = true;
        return false;
    }
    reader->offset += len;
    reader->at = 0;
    reader->len = len;
    return true;
}

/* The next byte, which stays; END_OF_INPUT after the last, and where reading fails. */
static int peek_byte(struct json_reader *reader)
{
    if (reader->at == reader->len && !fill_bytes(reader)) {
        return END_OF_INPUT;
    }
    return reader->bytes[reader->at];
}

/* Takes the byte that peek_byte() showed. Columns count characters. */
static void take_byte(struct json_reader *reader)
{
    uint8_t byte = reader->bytes[reader->at++];
    if (byte == '\n') {
        reader->here_line++;
        reader->here_column = 1;
    } else if ((byte & 0xC0) != 0x80) {
        reader->here_column++;
    }
}

/* Most bytes of an indented document are spaces: they are passed over without a call each. */
static int skip_space(struct json_reader *reader)
{
    for (;;) {
        size_t at = reader->at;
        while (at < reader->len && reader->bytes[at] == ' ') {
            at++;
        }
        reader->here_column += at - reader->at;
        reader->at = at;
        int byte = peek_byte(reader);
        if (byte != ' ' && byte != '\n' && byte != '\r' && byte != '\t') {
            return byte;
        }
        take_byte(reader);
    }
}

/* Windows PowerShell writes UTF-16 by default, and other programs a byte order mark. */
static bool take_byte_order_mark(struct json_reader *reader)
{
    static const uint8_t mark[] = {0xEF, 0xBB, 0xBF};
    int byte = peek_byte(reader);
    bool is_utf16 = byte == 0xFF || byte == 0xFE ||
                    (reader->len - reader->at >= 2 && reader->bytes[reader->at + 1] == 0);
    if (byte != END_OF_INPUT && is_utf16) {
        fail_here(reader, "the file is UTF-16, or no text; JSON is UTF-8");
        return false;
    }
    if (reader->len - reader->at >= sizeof mark &&
        memcmp(reader->bytes + reader->at, mark, sizeof mark) == 0) {
        reader->at += sizeof mark;
    }
    return true;
}

/* ---- texts ---- */

static void text_begin(struct json_reader *reader)
{
    reader->text_len = 0;
    reader->text_cut = false;
    reader->text[0] = '\0';
}

/* Keeps a whole character, or none of what comes from now on. */
static void text_add(struct json_reader *reader, const char *bytes, size_t len)
{
    if (reader->text_cut || len > JSON_READER_TEXT_MAX - reader->text_len) {
        reader->text_cut = true;
        return;
    }
    memcpy(reader->text + reader->text_len, bytes, len);
    reader->text_len += len;
    reader->text[reader->text_len] = '\0';
}

/* Takes the characters of one byte each that stand next in a text, as far as they were read. */
static void take_plain_run(struct json_reader *reader)
{
    const uint8_t *bytes = reader->bytes;
    size_t begin = reader->at, at = begin;
    while (at < reader->len && bytes[at] >= 0x20 && bytes[at] < 0x80 && bytes[at] != '"' &&
           bytes[at] != '\\') {
        at++;
    }
    size_t room = JSON_READER_TEXT_MAX - reader->text_len;
    size_t kept = reader->text_cut ? 0 : at - begin < room ? at - begin : room;
    memcpy(reader->text + reader->text_len, bytes + begin, kept);
    reader->text_len += kept;
    reader->text[reader->text_len] = '\0';
    reader->text_cut = reader->text_cut || kept < at - begin;
    reader->here_column += at - begin;
    reader->at = at;
}

static void text_add_code_point(struct json_reader *reader, uint32_t c)
{
    char bytes[4];
    text_add(reader, bytes, utf_encode(c, bytes));
}

static bool read_hex4(struct json_reader *reader, uint32_t *value)
{
    *value = 0;
    for (int i = 0; i < 4; i++) {
        int byte = peek_byte(reader);
        uint32_t digit = 16;
        if (byte >= '0' && byte <= '9') {
            digit = (uint32_t)(byte - '0');
        } else if ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'f') {
            digit = (uint32_t)((byte | 0x20) - 'a') + 10;
        }
        if (digit == 16) {
            fail_expected(reader, "a hexadecimal digit", byte);
            return false;
        }
        take_byte(reader);
        *value = *value << 4 | digit;
    }
    return true;
}

static bool read_escape(struct json_reader *reader);

/* Half of a surrogate pair without the other one becomes U+FFFD. */
static bool read_escaped_unit(struct json_reader *reader)
{
    uint32_t c;
    if (!read_hex4(reader, &c)) {
        return false;
    }
    while (c >= 0xD800 && c < 0xDC00 && peek_byte(reader) == '\\') {
        uint32_t low;
        take_byte(reader);
        if (peek_byte(reader) != 'u') {
            text_add_code_point(reader, 0xFFFD);
            return read_escape(reader); /* the backslash begins another one */
        }
        take_byte(reader);
        if (!read_hex4(reader, &low)) {
            return false;
        }
        if (low >= 0xDC00 && low < 0xE000) {
            c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
        } else {
            text_add_code_point(reader, 0xFFFD);
            c = low;
        }
    }
    text_add_code_point(reader, c >= 0xD800 && c < 0xE000 ? 0xFFFD : c);
    return true;
}

static bool read_escape(struct json_reader *reader)
{
    static const char names[] = "\"\\/bfnrt";
    static const char meant[] = "\"\\/\b\f\n\r\t";
    int byte = peek_byte(reader);
    const char *name = byte > 0 ? strchr(names, byte) : NULL;
    if (byte == 'u') {
        take_byte(reader);
        return read_escaped_unit(reader);
    }
    if (name == NULL) {
        fail_expected(reader, "an escape", byte);
        return false;
    }
    take_byte(reader);
    text_add(reader, &meant[name - names], 1);
    return true;
}

/* A character of several bytes. */
static bool read_wide_character(struct json_reader *reader, int lead)
{
    char bytes[4];
    size_t len = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    size_t have = 0, used = 0;
    for (; have < len; have++) {
        int byte = peek_byte(reader);
        if (have > 0 && (byte & 0xC0) != 0x80) {
            break;
        }
        bytes[have] = (char)byte;
        take_byte(reader);
    }
    if (utf_decode(bytes, have, &used) == UINT32_MAX) {
        fail_here(reader, "the text is not valid UTF-8");
        return false;
    }
    text_add(reader, bytes, have);
    return true;
}

/* The rest of a text whose quote was taken. */
static bool read_text(struct json_reader *reader)
{
    text_begin(reader);
    for (;;) {
        take_plain_run(reader);
        int byte = peek_byte(reader);
        if (byte == '"') {
            take_byte(reader);
            return true;
        }
        if (byte >= 0x80) {
            if (!read_wide_character(reader, byte)) {
                return false;
            }
            continue;
        }
        if (byte >= 0x20 && byte != '\\') {
            continue; /* the next window begins with it */
        }
        if (byte != '\\') {
            fail_expected(reader, "the rest of a text", byte);
            return false;
        }
        take_byte(reader);
        if (!read_escape(reader)) {
            return false;
        }
    }
}

/* ---- numbers and words ---- */

static void take_into_text(struct json_reader *reader, int byte)
{
    char c = (char)byte;
    take_byte(reader);
    text_add(reader, &c, 1);
}

static bool read_digits(struct json_reader *reader)
{
    int byte = peek_byte(reader);
    if (byte < '0' || byte > '9') {
        fail_expected(reader, "a digit", byte);
        return false;
    }
    for (; byte >= '0' && byte <= '9'; byte = peek_byte(reader)) {
        take_into_text(reader, byte);
    }
    return true;
}

static enum json_token read_number(struct json_reader *reader)
{
    text_begin(reader);
    int byte = peek_byte(reader);
    if (byte == '-') {
        take_into_text(reader, byte);
        byte = peek_byte(reader);
    }
    if (byte == '0') {
        take_into_text(reader, byte);
    } else if (!read_digits(reader)) {
        return JSON_TOKEN_ERROR;
    }
    byte = peek_byte(reader);
    if (byte == '.') {
        take_into_text(reader, byte);
        if (!read_digits(reader)) {
            return JSON_TOKEN_ERROR;
        }
        byte = peek_byte(reader);
    }
    if (byte == 'e' || byte == 'E') {
        take_into_text(reader, byte);
        byte = peek_byte(reader);
        if (byte == '+' || byte == '-') {
            take_into_text(reader, byte);
        }
        if (!read_digits(reader)) {
            return JSON_TOKEN_ERROR;
        }
    }
    return JSON_TOKEN_NUMBER;
}

static enum json_token read_word(struct json_reader *reader, const char *word,
                                 enum json_token token)
{
    for (const char *at = word; *at != '\0'; at++) {
        int byte = peek_byte(reader);
        if (byte != *at) {
            return fail_expected(reader, word, byte);
        }
        take_byte(reader);
    }
    return token;
}

/* ---- structure ---- */

static enum json_token begin_container(struct json_reader *reader, bool is_object)
{
    if (reader->depth == JSON_READER_DEPTH_MAX) {
        return fail_here(reader, "nested deeper than %d", JSON_READER_DEPTH_MAX);
    }
    take_byte(reader);
    json_enter(reader, is_object);
    return is_object ? JSON_TOKEN_OBJECT_BEGIN : JSON_TOKEN_ARRAY_BEGIN;
}

static enum json_token end_container(struct json_reader *reader)
{
    enum json_token token = json_in_object(reader) ? JSON_TOKEN_OBJECT_END : JSON_TOKEN_ARRAY_END;
    take_byte(reader);
    json_leave(reader);
    return token;
}

static enum json_token read_key(struct json_reader *reader, int byte)
{
    if (byte != '"') {
        return fail_expected(reader, "a name in quotes", byte);
    }
    take_byte(reader);
    if (!read_text(reader)) {
        return JSON_TOKEN_ERROR;
    }
    byte = skip_space(reader);
    if (byte != ':') {
        return fail_expected(reader, "a colon", byte);
    }
    take_byte(reader);
    reader->value_due = true;
    return JSON_TOKEN_KEY;
}

static enum json_token read_value(struct json_reader *reader, int byte)
{
    if (byte == '{' || byte == '[') {
        return begin_container(reader, byte == '{');
    }
    reader->value_due = false;
    reader->after_value = true;
    switch (byte) {
    case '"':
        take_byte(reader);
        return read_text(reader) ? JSON_TOKEN_STRING : JSON_TOKEN_ERROR;
    case 't':
        return read_word(reader, "true", JSON_TOKEN_TRUE);
    case 'f':
        return read_word(reader, "false", JSON_TOKEN_FALSE);
    case 'n':
        return read_word(reader, "null", JSON_TOKEN_NULL);
    default:
        if (byte == '-' || (byte >= '0' && byte <= '9')) {
            return read_number(reader);
        }
        return fail_expected(reader, "a value", byte);
    }
}

/* A comma, or the end of the container; *byte is what comes next then. */
static bool take_comma(struct json_reader *reader, int *byte)
{
    if (*byte != ',') {
        fail_expected(reader, json_in_object(reader) ? "a comma or }" : "a comma or ]", *byte);
        return false;
    }
    take_byte(reader);
    reader->after_value = false;
    *byte = skip_space(reader);
    return true;
}

static enum json_token read_token(struct json_reader *reader)
{
    int byte = skip_space(reader);
    reader->line = reader->here_line;
    reader->column = reader->here_column;
    if (reader->depth == 0 && reader->after_value) {
        reader->done = byte == END_OF_INPUT && !reader->failed;
        return reader->done ? JSON_TOKEN_END : fail_expected(reader, "the end of the file", byte);
    }
    bool object = json_in_object(reader);
    bool may_end = reader->depth != 0 && !reader->value_due;
    if (may_end && byte == (object ? '}' : ']')) {
        return end_container(reader);
    }
    if (reader->after_value) {
        if (!take_comma(reader, &byte)) {
            return JSON_TOKEN_ERROR;
        }
        reader->line = reader->here_line;
        reader->column = reader->here_column;
    }
    return object && !reader->value_due ? read_key(reader, byte) : read_value(reader, byte);
}

enum json_token json_reader_next(struct json_reader *reader)
{
    if (!reader->failed && !reader->begun) {
        reader->begun = true;
        if (!take_byte_order_mark(reader)) {
            return JSON_TOKEN_ERROR;
        }
    }
    if (reader->failed) {
        return JSON_TOKEN_ERROR;
    }
    if (reader->done) {
        return JSON_TOKEN_END;
    }
    enum json_token token = read_token(reader);
    return reader->failed ? JSON_TOKEN_ERROR : token;
}

bool json_reader_string(struct json_reader *reader)
{
    enum json_token token = json_reader_next(reader);
    if (token == JSON_TOKEN_STRING) {
        return true;
    }
    bool good = json_reader_skip(reader, token);
    text_begin(reader);
    return good;
}

bool json_reader_u64(struct json_reader *reader, uint64_t *value)
{
    enum json_token token = json_reader_next(reader);
    *value = 0;
    if (token != JSON_TOKEN_NUMBER) {
        return json_reader_skip(reader, token);
    }
    uint64_t number = 0;
    for (const char *at = reader->text; *at != '\0'; at++) {
        if (*at < '0' || *at > '9') {
            return true;
        }
        uint64_t digit = (uint64_t)(*at - '0');
        if (number > (UINT64_MAX - digit) / 10) {
            return true; /* the number is too large for *value */
        }
        number = number * 10 + digit;
    }
    *value = number;
    return true;
}
