/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Values that nobody wants. Most bytes of an earlier report are in such values, so they are passed
 * over eight bytes at a time, without a copy of their texts. What is accepted is the same as by
 * json_reader_next(): whatever is not plain (an escape, a character of several bytes, a token that
 * the window cuts, an error) is left to that function, from the token's first byte on.
 */

#include "base/json_reader.h"

#include <string.h>

#include "base/bits.h"
#include "base/load.h"

#define EIGHT(byte) (UINT64_C(0x0101010101010101) * (byte))
#define HIGH_BITS EIGHT(0x80)

/* A place among the bytes that were read. Columns are counted where they are asked for: all
 * characters since `mark` are of one byte. */
struct skim {
    const uint8_t *at, *end;
    const uint8_t *token; /* first byte of the last token */
    const uint8_t *mark;  /* a byte of the line that `at` is in */
    uint64_t mark_column;
    uint64_t line;
};

static void skim_begin(struct skim *skim, const struct json_reader *reader)
{
    skim->at = skim->token = skim->mark = reader->bytes + reader->at;
    skim->end = reader->bytes + reader->len;
    skim->mark_column = reader->here_column;
    skim->line = reader->here_line;
}

static uint64_t column_at(const struct skim *skim, const uint8_t *at)
{
    return skim->mark_column + (uint64_t)(at - skim->mark);
}

/* Gives the reader the place behind the last token. No token spans lines. */
static void skim_end(const struct skim *skim, struct json_reader *reader)
{
    reader->line = reader->here_line = skim->line;
    reader->column = column_at(skim, skim->token);
    reader->here_column = column_at(skim, skim->at);
    reader->at = (size_t)(skim->at - reader->bytes);
}

/* ---- characters ---- */

/* Passes over white space. False at the end of what was read. */
static bool skim_space(struct skim *skim)
{
    const uint8_t *at = skim->at, *end = skim->end;
    while (at < end && *at <= ' ') {
        if (*at == '\n') {
            skim->line++;
            skim->mark = at + 1;
            skim->mark_column = 1;
        } else if (*at != ' ' && *at != '\r' && *at != '\t') {
            break;
        }
        at++;
        while ((size_t)(end - at) >= 8) {
            uint64_t others = load_u64(at) ^ EIGHT(' ');
            if (others != 0) {
                at += lowest_bit(others) / 8;
                break;
            }
            at += 8;
        }
    }
    skim->at = at;
    return at < end;
}

/* A bit of each byte that is a quote, a backslash, a control character or beyond ASCII. Above the
 * lowest such byte others may be marked as well, because a subtraction borrows from them. */
static uint64_t marks_of(uint64_t bytes)
{
    uint64_t quotes = (bytes ^ EIGHT('"')) - EIGHT(1);
    uint64_t backslashes = (bytes ^ EIGHT('\\')) - EIGHT(1);
    uint64_t controls = bytes - EIGHT(0x20);
    return (quotes | backslashes | controls | bytes) & HIGH_BITS;
}

/* The byte behind a text whose quote is at `at`; NULL unless all of it is plain. */
static const uint8_t *text_end(const struct skim *skim, const uint8_t *at)
{
    const uint8_t *end = skim->end;
    for (at++; (size_t)(end - at) >= 8; at += 8) {
        uint64_t marks = marks_of(load_u64(at));
        if (marks != 0) {
            at += lowest_bit(marks) / 8;
            return *at == '"' ? at + 1 : NULL;
        }
    }
    while (at < end && *at >= 0x20 && *at < 0x80 && *at != '"' && *at != '\\') {
        at++;
    }
    return at < end && *at == '"' ? at + 1 : NULL;
}

static const uint8_t *digits_end(const struct skim *skim, const uint8_t *at)
{
    while (at < skim->end && *at >= '0' && *at <= '9') {
        at++;
    }
    return at;
}

/* The byte behind a number; NULL for one with an exponent, and for what is none. */
static const uint8_t *number_end(const struct skim *skim, const uint8_t *at)
{
    at += *at == '-';
    const uint8_t *digits = at;
    at = digits_end(skim, at);
    if (at == digits || (*digits == '0' && at - digits > 1)) {
        return NULL;
    }
    if (at < skim->end && *at == '.') {
        digits = ++at;
        at = digits_end(skim, at);
        if (at == digits) {
            return NULL;
        }
    }
    return at < skim->end && (*at | 0x20) != 'e' ? at : NULL;
}

static const uint8_t *word_end(const struct skim *skim, const uint8_t *at, const char *word)
{
    size_t len = strlen(word);
    return (size_t)(skim->end - at) >= len && memcmp(at, word, len) == 0 ? at + len : NULL;
}

static const uint8_t *scalar_end(const struct skim *skim, const uint8_t *at)
{
    switch (*at) {
    case '"':
        return text_end(skim, at);
    case 't':
        return word_end(skim, at, "true");
    case 'f':
        return word_end(skim, at, "false");
    case 'n':
        return word_end(skim, at, "null");
    default:
        return number_end(skim, at);
    }
}

/* ---- structure ---- */

static bool skim_value(struct skim *skim, struct json_reader *reader)
{
    const uint8_t *at = skim->at;
    skim->token = at;
    if (*at == '{' || *at == '[') {
        if (reader->depth == JSON_READER_DEPTH_MAX) {
            return false;
        }
        json_enter(reader, *at == '{');
        skim->at++;
        return true;
    }
    at = scalar_end(skim, at);
    if (at == NULL) {
        return false;
    }
    reader->value_due = false;
    reader->after_value = true;
    skim->at = at;
    return true;
}

/* A name and its colon. */
static bool skim_key(struct skim *skim)
{
    const uint8_t *at = *skim->at == '"' ? text_end(skim, skim->at) : NULL;
    if (at == NULL) {
        return false;
    }
    skim->at = at;
    if (!skim_space(skim) || *skim->at != ':') {
        return false;
    }
    skim->at++;
    return skim_space(skim);
}

/* The next value, with a comma and a name in front of it, or the next closing bracket. False:
 * something of it is not plain, and the reader is as it was. */
static bool skim_next(struct skim *skim, struct json_reader *reader)
{
    bool in_object = json_in_object(reader);
    if (!skim_space(skim)) {
        return false;
    }
    if (*skim->at == (in_object ? '}' : ']') && !reader->value_due) {
        skim->token = skim->at++;
        json_leave(reader);
        return true;
    }
    if (reader->after_value) {
        if (*skim->at != ',') {
            return false;
        }
        skim->at++;
        if (!skim_space(skim)) {
            return false;
        }
    }
    if (in_object && !reader->value_due && !skim_key(skim)) {
        return false;
    }
    return skim_value(skim, reader);
}

/* Passes over plain values up to the end of that depth, or of one value if a name was read. */
static void skim_values(struct json_reader *reader, unsigned outside)
{
    struct skim skim;
    skim_begin(&skim, reader);
    struct skim good = skim;
    while ((reader->depth > outside || reader->value_due) && skim_next(&skim, reader)) {
        good = skim;
    }
    if (good.at != reader->bytes + reader->at) {
        skim_end(&good, reader);
    }
}

bool json_reader_skip(struct json_reader *reader, enum json_token token)
{
    if (token == JSON_TOKEN_ERROR || reader->failed) {
        return false;
    }
    bool begun = token == JSON_TOKEN_OBJECT_BEGIN || token == JSON_TOKEN_ARRAY_BEGIN;
    if (!begun && token != JSON_TOKEN_KEY) {
        return true;
    }
    unsigned outside = reader->depth - begun;
    for (;;) {
        skim_values(reader, outside);
        if (reader->depth == outside && !reader->value_due) {
            return true;
        }
        if (json_reader_next(reader) == JSON_TOKEN_ERROR) {
            return false;
        }
    }
}
