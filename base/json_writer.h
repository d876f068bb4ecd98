/* SPDX-License-Identifier: Apache-2.0 */

#ifndef BASE_JSON_WRITER_H
#define BASE_JSON_WRITER_H

/*
 * Writes JSON as a stream to a struct out. Misuse (a value without a key in an object, ends that
 * don't match) is a bug of ours and asserted. The output is valid UTF-8 JSON whatever the texts
 * hold: invalid UTF-8 becomes U+FFFD; control characters (C0, DEL, C1), U+2028, U+2029 and the
 * bidirectional controls are escaped.
 *
 *     struct json_writer json;
 *     json_init(&json, out, JSON_LINE);
 *     json_object_begin(&json);
 *     json_key(&json, "pid");
 *     json_u64(&json, 4);
 *     json_object_end(&json);
 *     json_line_end(&json);
 *
 * The json_field functions write a key and its value.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/out.h"

enum json_style {
    JSON_LINE,   /* one line: {"a": 1, "b": [2]} */
    JSON_PRETTY, /* one item a line, indented by two spaces a level; {} and [] if empty */
};

#define JSON_DEPTH_MAX 32 /* our reports nest to less than half of that */

struct json_writer {
    struct out *out;
    enum json_style style;
    unsigned depth;
    bool have_key; /* a key was written, its value is due */
    bool is_object[JSON_DEPTH_MAX];
    bool has_items[JSON_DEPTH_MAX];
};

void json_init(struct json_writer *json, struct out *out, enum json_style style);

void json_object_begin(struct json_writer *json);
void json_object_end(struct json_writer *json);
void json_array_begin(struct json_writer *json);
void json_array_end(struct json_writer *json);

/* Writes the newline that ends a document, or a line of JSON Lines. Only at depth 0. */
void json_line_end(struct json_writer *json);

#define JSON_KEY_LEN_MAX 255

/*
 * `key` is one of our own names: printable ASCII without quote and backslash, at most
 * JSON_KEY_LEN_MAX bytes. The functions whose names end in _len are for the inline functions, which
 * let the compiler count the characters of a literal.
 */
void json_key_len(struct json_writer *json, const char *key, size_t key_len);

static inline void json_key(struct json_writer *json, const char *key)
{
    json_key_len(json, key, strlen(key));
}

void json_str(struct json_writer *json, const char *text); /* NULL: null */
void json_str_len(struct json_writer *json, const char *text, size_t len);
void json_u64(struct json_writer *json, uint64_t value);
void json_i64(struct json_writer *json, int64_t value);
void json_hex(struct json_writer *json, uint64_t value);                    /* "0x1f" */
void json_fixed(struct json_writer *json, double value, unsigned decimals); /* not finite: null */
void json_seconds(struct json_writer *json, uint64_t ns); /* 12.345678901, exact */
void json_bool(struct json_writer *json, bool value);
void json_null(struct json_writer *json);

void json_field_str_len(struct json_writer *json, const char *key, size_t key_len,
                        const char *text);
void json_field_u64_len(struct json_writer *json, const char *key, size_t key_len, uint64_t value);
void json_field_i64_len(struct json_writer *json, const char *key, size_t key_len, int64_t value);
void json_field_hex_len(struct json_writer *json, const char *key, size_t key_len, uint64_t value);
void json_field_i64_string_len(struct json_writer *json, const char *key, size_t key_len,
                               int64_t value);
void json_field_seconds_len(struct json_writer *json, const char *key, size_t key_len, uint64_t ns);
void json_field_null_len(struct json_writer *json, const char *key, size_t key_len);

/* Writes null for NULL. */
static inline void json_field_str(struct json_writer *json, const char *key, const char *text)
{
    json_field_str_len(json, key, strlen(key), text);
}

static inline void json_field_u64(struct json_writer *json, const char *key, uint64_t value)
{
    json_field_u64_len(json, key, strlen(key), value);
}

static inline void json_field_i64(struct json_writer *json, const char *key, int64_t value)
{
    json_field_i64_len(json, key, strlen(key), value);
}

static inline void json_field_hex(struct json_writer *json, const char *key, uint64_t value)
{
    json_field_hex_len(json, key, strlen(key), value);
}

/* Writes a number as a string, "-12", because a JSON number is exact only up to 2^53. */
static inline void json_field_i64_string(struct json_writer *json, const char *key, int64_t value)
{
    json_field_i64_string_len(json, key, strlen(key), value);
}

/* Writes nanoseconds as exact seconds: 12.345678901. */
static inline void json_field_seconds(struct json_writer *json, const char *key, uint64_t ns)
{
    json_field_seconds_len(json, key, strlen(key), ns);
}

static inline void json_field_null(struct json_writer *json, const char *key)
{
    json_field_null_len(json, key, strlen(key));
}

void json_field_bool(struct json_writer *json, const char *key, bool value);
void json_field_object(struct json_writer *json, const char *key); /* begins the object */
void json_field_array(struct json_writer *json, const char *key);  /* begins the array */

#endif
