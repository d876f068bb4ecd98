/* SPDX-License-Identifier: Apache-2.0 */

#include "base/setting_reader.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/least.h"
#include "base/utf.h"

#define MESSAGE_MAX 240

void setting_reader_init(struct setting_reader *reader, struct byte_source *source,
                         struct error_chain *errors)
{
    memset(reader, 0, offsetof(struct setting_reader, text));
    reader->text[0] = '\0';
    reader->source = source;
    reader->errors = errors;
}

enum setting_status setting_reader_fail(struct setting_reader *reader, uint64_t line,
                                        uint64_t column, const char *format, ...)
{
    char message[MESSAGE_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    if (!reader->failed) {
        error_chain_add(reader->errors, ERROR_NO_OFFSET, "line %" PRIu64 ", column %" PRIu64 ": %s",
                        line, column, message);
    }
    reader->failed = true;
    return SETTING_ERROR;
}

static bool fill_bytes(struct setting_reader *reader)
{
    uint64_t remaining = reader->source->size - reader->offset;
    size_t len = (size_t)least_u64(remaining, sizeof reader->bytes);
    if (len == 0) {
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

/* Characters of text[0..len); invalid bytes count as one each. */
static uint64_t count_characters(const char *text, size_t len)
{
    uint64_t count = 0;
    size_t used;
    for (size_t i = 0; i < len; i += used) {
        used = 1;
        utf_decode(text + i, len - i, &used);
        count++;
    }
    return count;
}

/* Reads a line into `text`, without its end. False: there is none, or an error. */
static bool read_line(struct setting_reader *reader, size_t *len)
{
    bool any = false;
    *len = 0;
    for (;;) {
        if (reader->at == reader->len && !fill_bytes(reader)) {
            break;
        }
        any = true;
        char c = (char)reader->bytes[reader->at++];
        if (c == '\n') {
            break;
        }
        if (*len == SETTING_LINE_MAX) {
            reader->line++;
            setting_reader_fail(reader, reader->line, count_characters(reader->text, *len) + 1,
                                "the line is longer than %d bytes", SETTING_LINE_MAX);
            return false;
        }
        reader->text[(*len)++] = c;
    }
    reader->line += any ? 1 : 0;
    if (*len != 0 && reader->text[*len - 1] == '\r') {
        --*len;
    }
    reader->text[*len] = '\0';
    return any && !reader->failed;
}

/* A line holds UTF-8 without control characters but tabs. */
static bool check_line(struct setting_reader *reader, size_t len)
{
    size_t used;
    for (size_t i = 0; i < len; i += used) {
        used = 1;
        uint32_t c = utf_decode(reader->text + i, len - i, &used);
        bool is_utf16 = reader->line == 1 && i <= 1 && (c == UINT32_MAX || c == 0);
        if (c == UINT32_MAX || (c < 0x20 && c != '\t') || c == 0x7F) {
            setting_reader_fail(reader, reader->line, count_characters(reader->text, i) + 1,
                                is_utf16 ? "the file is UTF-16, or no text; it must be UTF-8"
                                         : "a character that no text has");
            return false;
        }
    }
    return true;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

static size_t skip_spaces(const char *text, size_t at)
{
    while (is_space(text[at])) {
        at++;
    }
    return at;
}

static bool is_name_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
}

static enum setting_status split_line(struct setting_reader *reader, size_t begin, size_t len)
{
    char *text = reader->text;
    size_t end = begin;
    while (is_name_character(text[end])) {
        end++;
    }
    reader->name_column = count_characters(text, begin) + 1;
    size_t equals = skip_spaces(text, end);
    if (end == begin || text[equals] != '=') {
        return setting_reader_fail(reader, reader->line, count_characters(text, equals) + 1,
                                   end == begin ? "a name is expected, as in name = value"
                                                : "= is expected, as in name = value");
    }
    size_t value = skip_spaces(text, equals + 1);
    while (len > value && is_space(text[len - 1])) {
        len--;
    }
    reader->value_column = count_characters(text, value) + 1;
    text[end] = text[len] = '\0';
    reader->name = text + begin;
    reader->value = text + value;
    return SETTING_PAIR;
}

enum setting_status setting_reader_next(struct setting_reader *reader)
{
    static const char mark[] = "\xEF\xBB\xBF";
    size_t len;
    for (;;) {
        if (reader->failed || !read_line(reader, &len)) {
            return reader->failed ? SETTING_ERROR : SETTING_END;
        }
        if (!check_line(reader, len)) {
            return SETTING_ERROR;
        }
        size_t begin = reader->line == 1 && strncmp(reader->text, mark, 3) == 0 ? 3 : 0;
        begin = skip_spaces(reader->text, begin);
        if (begin == len) {
            return SETTING_BLANK;
        }
        if (reader->text[begin] != '#') {
            return split_line(reader, begin, len);
        }
    }
}
