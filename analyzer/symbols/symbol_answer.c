/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/symbols/symbol_answer.h"

#include <string.h>

/* A copy of the text that was read last. NULL: it says nothing, or does not fit. */
static const char *keep_text(struct symbol_answer *answer, const struct json_reader *reader)
{
    size_t len = strlen(reader->text); /* a NUL in the text ends it */
    if (len == 0 || strcmp(reader->text, "??") == 0 ||
        len >= sizeof answer->texts - answer->texts_len) {
        return NULL;
    }
    char *copy = answer->texts + answer->texts_len;
    memcpy(copy, reader->text, len + 1);
    answer->texts_len += len + 1;
    return copy;
}

/* Reads a value that may be a text. */
static void take_text(struct json_reader *reader, struct symbol_answer *answer, const char **text)
{
    *text = json_reader_string(reader) ? keep_text(answer, reader) : NULL;
}

static bool parse_hex(const char *text, uint64_t *number)
{
    uint64_t value = 0;
    const char *at = text[0] == '0' && (text[1] == 'x' || text[1] == 'X') ? text + 2 : "";
    if (*at == '\0' || strlen(at) > 16) {
        return false;
    }
    for (; *at != '\0'; at++) {
        unsigned digit = *at >= '0' && *at <= '9' ? (unsigned)(*at - '0')
                         : (*at | 0x20) >= 'a' && (*at | 0x20) <= 'f'
                             ? (unsigned)((*at | 0x20) - 'a' + 10)
                             : 16u;
        if (digit == 16) {
            return false;
        }
        value = value << 4 | digit;
    }
    *number = value;
    return true;
}

/* ---- places ---- */

/* A reader that has failed gives no further token, so that each loop below ends, and the line is no
 * answer. */
static void take_place_member(struct json_reader *reader, struct symbol_answer *answer,
                              struct symbol_place *place)
{
    if (strcmp(reader->text, "FunctionName") == 0) {
        take_text(reader, answer, &place->function);
    } else if (strcmp(reader->text, "FileName") == 0) {
        take_text(reader, answer, &place->file);
    } else if (strcmp(reader->text, "Line") == 0) {
        (void)json_reader_u64(reader, &place->line);
    } else {
        (void)json_reader_skip(reader, JSON_TOKEN_KEY);
    }
}

static void take_place(struct json_reader *reader, struct symbol_answer *answer)
{
    struct symbol_place place = {0};
    while (json_reader_next(reader) == JSON_TOKEN_KEY) {
        take_place_member(reader, answer, &place);
    }
    bool known = place.function != NULL || place.file != NULL;
    if (known && answer->place_count < SYMBOL_PLACES_MAX) {
        answer->places[answer->place_count++] = place;
    }
}

static void take_places(struct json_reader *reader, struct symbol_answer *answer)
{
    enum json_token token = json_reader_next(reader);
    if (token != JSON_TOKEN_ARRAY_BEGIN) {
        (void)json_reader_skip(reader, token);
        return;
    }
    for (token = json_reader_next(reader); token > JSON_TOKEN_END && token != JSON_TOKEN_ARRAY_END;
         token = json_reader_next(reader)) {
        if (token == JSON_TOKEN_OBJECT_BEGIN) {
            take_place(reader, answer);
        } else {
            (void)json_reader_skip(reader, token);
        }
    }
}

/* ---- answers ---- */

static void take_member(struct json_reader *reader, struct symbol_answer *answer)
{
    if (strcmp(reader->text, "Address") == 0) {
        answer->has_address =
            json_reader_string(reader) && parse_hex(reader->text, &answer->address);
    } else if (strcmp(reader->text, "ModuleName") == 0) {
        take_text(reader, answer, &answer->module);
    } else if (strcmp(reader->text, "Symbol") == 0) {
        take_places(reader, answer);
    } else {
        (void)json_reader_skip(reader, JSON_TOKEN_KEY);
    }
}

static bool take_answer(struct json_reader *reader, struct symbol_answer *answer)
{
    enum json_token token = json_reader_next(reader);
    if (token != JSON_TOKEN_OBJECT_BEGIN) {
        return false;
    }
    for (token = json_reader_next(reader); token == JSON_TOKEN_KEY;
         token = json_reader_next(reader)) {
        take_member(reader, answer);
    }
    return token == JSON_TOKEN_OBJECT_END && json_reader_next(reader) == JSON_TOKEN_END;
}

enum symbol_answer_status symbol_answer_parse(struct json_reader *reader, const char *line,
                                              size_t len, struct symbol_answer *answer)
{
    struct byte_source *source;
    answer->has_address = false;
    answer->module = NULL;
    answer->place_count = answer->texts_len = 0;
    if (byte_source_open_memory(line, len, &source, NULL) != BYTE_SOURCE_OK) {
        return SYMBOL_ANSWER_NO_MEMORY;
    }
    json_reader_init(reader, source, NULL);
    bool read = take_answer(reader, answer);
    byte_source_destroy(source);
    return read ? SYMBOL_ANSWER_OK : SYMBOL_ANSWER_NONE;
}
