/* SPDX-License-Identifier: Apache-2.0 */

#ifndef BASE_JSON_READER_H
#define BASE_JSON_READER_H

/*
 * Reads JSON (RFC 8259) as a stream of tokens from a byte source, in constant memory: documents
 * that other programs wrote may be large, deep, or no JSON at all. Errors name line and column.
 *
 *     struct json_reader reader;
 *     json_reader_init(&reader, source, &errors);
 *     while ((token = json_reader_next(&reader)) > JSON_TOKEN_END) {
 *         ... reader.text, reader.text_len for keys, strings and numbers ...
 *     }
 *     ... token is JSON_TOKEN_END or JSON_TOKEN_ERROR ...
 *
 * A document is one value, with white space around it; a UTF-8 byte order mark may stand in front.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/byte_source.h"

enum json_token {
    JSON_TOKEN_ERROR = -1, /* a cause was appended; every further call gives this again */
    JSON_TOKEN_END = 0,    /* the document is complete and nothing follows it */
    JSON_TOKEN_OBJECT_BEGIN,
    JSON_TOKEN_OBJECT_END,
    JSON_TOKEN_ARRAY_BEGIN,
    JSON_TOKEN_ARRAY_END,
    JSON_TOKEN_KEY,    /* the value comes next */
    JSON_TOKEN_STRING, /* unescaped, UTF-8 */
    JSON_TOKEN_NUMBER, /* `text` is the number as it stands there */
    JSON_TOKEN_TRUE,
    JSON_TOKEN_FALSE,
    JSON_TOKEN_NULL
};

#define JSON_READER_DEPTH_MAX 256   /* our own documents nest to less than a tenth of that */
#define JSON_READER_TEXT_MAX 4096   /* bytes of a text that are kept; what follows is passed over */
#define JSON_READER_BYTES_LEN 65536 /* bytes that are read from the source at once */

/* Callers read `text`, `text_len`, `text_cut`, `line`, `column`, and leave the rest alone. */
struct json_reader {
    struct byte_source *source; /* borrowed */
    struct error_chain *errors; /* borrowed; NULL: nobody wants the causes */
    uint64_t offset;            /* bytes of the source that were read so far */
    size_t at, len;             /* of `bytes` */
    uint64_t line, column;      /* of the last token's first character, from 1; in characters */
    uint64_t here_line, here_column; /* of the next byte */
    unsigned depth;
    bool failed, begun, done;
    bool value_due;   /* a key was read */
    bool after_value; /* a comma or an end must come next */
    uint8_t is_object[JSON_READER_DEPTH_MAX / 8];
    size_t text_len;                     /* bytes without the NUL */
    bool text_cut;                       /* the text is longer than what is kept */
    char text[JSON_READER_TEXT_MAX + 1]; /* with a NUL; may hold further ones */
    uint8_t bytes[JSON_READER_BYTES_LEN];
};

/* Both are borrowed until the last call. */
void json_reader_init(struct json_reader *reader, struct byte_source *source,
                      struct error_chain *errors);

enum json_token json_reader_next(struct json_reader *reader);

/* Passes over the rest of the value that `token`, the last one, begins: an object or array to its
 * end, nothing of other values. Of a key the value that follows. False: JSON_TOKEN_ERROR. */
bool json_reader_skip(struct json_reader *reader, enum json_token token);

/* Reads one value, and passes over it unless it is a string: then its text stands in `text`, else
 * that is empty. False: JSON_TOKEN_ERROR. */
bool json_reader_string(struct json_reader *reader);

/* The same for a whole number up to UINT64_MAX, without a sign, a fraction or an exponent; *value
 * is 0 for what is none. */
bool json_reader_u64(struct json_reader *reader, uint64_t *value);

/* Appends a cause with the line and column of the last token, which the reader's caller found
 * wrong, and makes every further token JSON_TOKEN_ERROR. */
void json_reader_fail(struct json_reader *reader, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* ---- objects and arrays around the next token, for json_reader.c and json_skip.c alone ---- */

/* True if the innermost one is an object; false outside of all. */
static inline bool json_in_object(const struct json_reader *reader)
{
    unsigned level = reader->depth - 1;
    return reader->depth != 0 && (reader->is_object[level / 8] >> level % 8 & 1) != 0;
}

/* Enters an object or array, whose bracket the caller takes. The depth must be below
 * JSON_READER_DEPTH_MAX. */
static inline void json_enter(struct json_reader *reader, bool is_object)
{
    unsigned level = reader->depth++;
    uint8_t bit = (uint8_t)(1u << level % 8);
    reader->is_object[level / 8] =
        (uint8_t)(is_object ? reader->is_object[level / 8] | bit
                            : reader->is_object[level / 8] & (uint8_t)~bit);
    reader->after_value = reader->value_due = false;
}

/* Leaves the innermost object or array, whose bracket the caller takes. */
static inline void json_leave(struct json_reader *reader)
{
    reader->depth--;
    reader->after_value = true;
}

#endif
