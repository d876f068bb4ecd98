/* SPDX-License-Identifier: Apache-2.0 */

#include "base/json_writer.h"

#include <assert.h>
#include <float.h>

#include "base/format_text.h"
#include "base/utf.h"

void json_init(struct json_writer *json, struct out *out, enum json_style style)
{
    json->out = out;
    json->style = style;
    json->depth = 0;
    json->have_key = false;
}

static void json_indent(struct json_writer *json)
{
    out_char(json->out, '\n');
    out_repeat(json->out, ' ', (size_t)json->depth * 2);
}

/* Writes whatever separates an item from the one before it, or from the bracket. */
static void json_begin_item(struct json_writer *json)
{
    bool *has_items = &json->has_items[json->depth - 1];
    if (json->style == JSON_PRETTY) {
        if (*has_items) {
            out_char(json->out, ',');
        }
        json_indent(json);
    } else if (*has_items) {
        out_write(json->out, ", ", 2);
    }
    *has_items = true;
}

static void json_begin_value(struct json_writer *json)
{
    if (json->have_key) {
        json->have_key = false;
        return;
    }
    if (json->depth > 0) {
        assert(!json->is_object[json->depth - 1]);
        json_begin_item(json);
    }
}

static void json_begin_container(struct json_writer *json, bool is_object)
{
    json_begin_value(json);
    assert(json->depth < JSON_DEPTH_MAX);
    json->is_object[json->depth] = is_object;
    json->has_items[json->depth] = false;
    json->depth++;
    out_char(json->out, is_object ? '{' : '[');
}

static void json_end_container(struct json_writer *json, bool is_object)
{
    assert(json->depth > 0 && json->is_object[json->depth - 1] == is_object && !json->have_key);
    json->depth--;
    if (json->style == JSON_PRETTY && json->has_items[json->depth]) {
        json_indent(json);
    }
    out_char(json->out, is_object ? '}' : ']');
}

void json_object_begin(struct json_writer *json)
{
    json_begin_container(json, true);
}

void json_object_end(struct json_writer *json)
{
    json_end_container(json, true);
}

void json_array_begin(struct json_writer *json)
{
    json_begin_container(json, false);
}

void json_array_end(struct json_writer *json)
{
    json_end_container(json, false);
}

void json_line_end(struct json_writer *json)
{
    assert(json->depth == 0 && !json->have_key);
    out_char(json->out, '\n');
}

/* Copies few bytes without a call, which would cost more than the copying. */
static inline void copy_short(char *to, const char *from, size_t len)
{
    if (len > 16) {
        memcpy(to, from, len);
    } else if (len >= 8) {
        memcpy(to + len - 8, from + len - 8, 8);
        memcpy(to, from, 8);
    } else if (len >= 4) {
        memcpy(to + len - 4, from + len - 4, 4);
        memcpy(to, from, 4);
    } else {
        for (size_t i = 0; i < len; i++) {
            to[i] = from[i];
        }
    }
}

/*
 * Writes separator, key and colon in one piece, since reports consist mostly of keys. Returns where
 * the value goes, with room for `value_len` bytes; json_end_value() ends the field. NULL after an
 * error.
 */
static inline char *json_begin_field(struct json_writer *json, const char *key, size_t key_len,
                                     size_t value_len)
{
    assert(json->depth > 0 && json->is_object[json->depth - 1] && !json->have_key);
    assert(key_len <= JSON_KEY_LEN_MAX);
    bool *has_items = &json->has_items[json->depth - 1];
    bool separated = *has_items && json->style == JSON_LINE;
    if (json->style == JSON_PRETTY) {
        json_begin_item(json);
    }
    *has_items = true;
    char *at = out_reserve(json->out, key_len + 6 + value_len);
    if (at == NULL) {
        return NULL;
    }
    memcpy(at, ", \"", 3);
    at += separated ? 3 : 1;
    at[-1] = '"';
    copy_short(at, key, key_len);
    memcpy(at + key_len, "\": ", 3);
    return at + key_len + 3;
}

static inline void json_end_value(struct json_writer *json, const char *end)
{
    out_advance(json->out, (size_t)(end - (json->out->bytes + json->out->len)));
}

void json_key_len(struct json_writer *json, const char *key, size_t key_len)
{
    char *at = json_begin_field(json, key, key_len, 0);
    if (at != NULL) {
        json_end_value(json, at);
    }
    json->have_key = true;
}

static void json_write_unicode_escape(struct out *out, uint32_t code_point)
{
    char text[6] = {'\\', 'u'};
    for (unsigned i = 0; i < 4; i++) {
        text[2 + i] = "0123456789abcdef"[code_point >> (12 - 4 * i) & 15];
    }
    out_write(out, text, sizeof text);
}

static void json_write_escape(struct out *out, uint32_t code_point)
{
    char letter = 0;
    switch (code_point) {
    case '"':
    case '\\':
        letter = (char)code_point;
        break;
    case '\n':
        letter = 'n';
        break;
    case '\r':
        letter = 'r';
        break;
    case '\t':
        letter = 't';
        break;
    default:
        break;
    }
    if (letter == 0) {
        json_write_unicode_escape(out, code_point);
    } else {
        char text[2] = {'\\', letter};
        out_write(out, text, sizeof text);
    }
}

static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* True if all of eight characters are plain. In `found` the highest bit of a byte says that the
 * character there is not. */
static inline bool are_eight_plain(uint64_t x)
{
    uint64_t quote = x ^ EACH('"');
    uint64_t backslash = x ^ EACH('\\');
    uint64_t del = x ^ EACH(0x7F);
    uint64_t found = x | ((x - EACH(0x20)) & ~x) | ((quote - EACH(1)) & ~quote) |
                     ((backslash - EACH(1)) & ~backslash) | ((del - EACH(1)) & ~del);
    return (found & EACH(0x80)) == 0;
}

static bool are_all_plain(const char *text, size_t len)
{
    uint64_t eight;
    if (len < sizeof(uint32_t)) {
        bool all = true;
        for (size_t i = 0; i < len; i++) {
            all &= is_plain((unsigned char)text[i]);
        }
        return all;
    }
    if (len < sizeof eight) {
        uint32_t first, last;
        memcpy(&first, text, sizeof first);
        memcpy(&last, text + len - sizeof last, sizeof last);
        return are_eight_plain(first | (uint64_t)last << 32);
    }
    for (size_t at = 0; at < len - sizeof eight; at += sizeof eight) {
        memcpy(&eight, text + at, sizeof eight);
        if (!are_eight_plain(eight)) {
            return false;
        }
    }
    memcpy(&eight, text + len - sizeof eight, sizeof eight);
    return are_eight_plain(eight);
}

static void json_write_string(struct out *out, const char *text, size_t len)
{
    out_char(out, '"');
    size_t at = 0;
    while (at < len) {
        size_t end = at;
        while (end < len && is_plain((unsigned char)text[end])) {
            end++;
        }
        out_write(out, text + at, end - at);
        at = end;
        if (at == len) {
            break;
        }
        size_t used;
        uint32_t code_point = utf_decode(text + at, len - at, &used);
        if (code_point == UINT32_MAX) {
            out_write(out, "\xEF\xBF\xBD", 3);
        } else if (code_point == '"' || code_point == '\\' || text_is_control(code_point)) {
            json_write_escape(out, code_point);
        } else {
            out_write(out, text + at, used);
        }
        at += used;
    }
    out_char(out, '"');
}

void json_str_len(struct json_writer *json, const char *text, size_t len)
{
    json_begin_value(json);
    json_write_string(json->out, text, len);
}

void json_str(struct json_writer *json, const char *text)
{
    if (text != NULL) {
        json_str_len(json, text, strlen(text));
    } else {
        json_null(json);
    }
}

void json_u64(struct json_writer *json, uint64_t value)
{
    json_begin_value(json);
    out_u64(json->out, value);
}

void json_i64(struct json_writer *json, int64_t value)
{
    json_begin_value(json);
    out_i64(json->out, value);
}

static char *json_format_hex(char *at, uint64_t value)
{
    *at++ = '"';
    at += out_format_hex(at, value);
    *at++ = '"';
    return at;
}

static char *json_format_i64_string(char *at, int64_t value)
{
    *at++ = '"';
    at += out_format_i64(at, value);
    *at++ = '"';
    return at;
}

void json_hex(struct json_writer *json, uint64_t value)
{
    json_begin_value(json);
    char *at = out_reserve(json->out, OUT_NUMBER_LEN + 2);
    if (at != NULL) {
        json_end_value(json, json_format_hex(at, value));
    }
}

void json_fixed(struct json_writer *json, double value, unsigned decimals)
{
    if (!(value >= -DBL_MAX && value <= DBL_MAX)) { /* infinite, or no number */
        json_null(json);
        return;
    }
    json_begin_value(json);
    out_printf(json->out, "%.*f", (int)decimals, value);
}

void json_bool(struct json_writer *json, bool value)
{
    json_begin_value(json);
    out_str(json->out, value ? "true" : "false");
}

void json_null(struct json_writer *json)
{
    json_begin_value(json);
    out_write(json->out, "null", 4);
}

void json_field_str_len(struct json_writer *json, const char *key, size_t key_len, const char *text)
{
    size_t len = text != NULL ? strlen(text) : 0;
    bool simple = text != NULL && len <= JSON_KEY_LEN_MAX && are_all_plain(text, len);
    char *at = json_begin_field(json, key, key_len, simple ? len + 2 : 4);
    if (at == NULL) {
        return;
    }
    if (simple) {
        *at++ = '"';
        copy_short(at, text, len);
        at += len;
        *at++ = '"';
    } else if (text == NULL) {
        memcpy(at, "null", 4);
        at += 4;
    }
    json_end_value(json, at);
    if (text != NULL && !simple) {
        json_write_string(json->out, text, len);
    }
}

void json_field_u64_len(struct json_writer *json, const char *key, size_t key_len, uint64_t value)
{
    char *at = json_begin_field(json, key, key_len, OUT_NUMBER_LEN);
    if (at != NULL) {
        json_end_value(json, at + out_format_u64(at, value));
    }
}

void json_field_i64_len(struct json_writer *json, const char *key, size_t key_len, int64_t value)
{
    char *at = json_begin_field(json, key, key_len, OUT_NUMBER_LEN);
    if (at != NULL) {
        json_end_value(json, at + out_format_i64(at, value));
    }
}

void json_field_hex_len(struct json_writer *json, const char *key, size_t key_len, uint64_t value)
{
    char *at = json_begin_field(json, key, key_len, OUT_NUMBER_LEN + 2);
    if (at != NULL) {
        json_end_value(json, json_format_hex(at, value));
    }
}

void json_field_i64_string_len(struct json_writer *json, const char *key, size_t key_len,
                               int64_t value)
{
    char *at = json_begin_field(json, key, key_len, OUT_NUMBER_LEN + 2);
    if (at != NULL) {
        json_end_value(json, json_format_i64_string(at, value));
    }
}

enum { DECIMALS = 9 };

static char *json_format_seconds(char *at, uint64_t ns)
{
    at += out_format_u64(at, ns / 1000000000);
    *at++ = '.';
    out_format_digits(at, DECIMALS, ns % 1000000000);
    return at + DECIMALS;
}

void json_seconds(struct json_writer *json, uint64_t ns)
{
    json_begin_value(json);
    char *at = out_reserve(json->out, OUT_NUMBER_LEN + 1 + DECIMALS);
    if (at != NULL) {
        json_end_value(json, json_format_seconds(at, ns));
    }
}

void json_field_seconds_len(struct json_writer *json, const char *key, size_t key_len, uint64_t ns)
{
    char *at = json_begin_field(json, key, key_len, OUT_NUMBER_LEN + 1 + DECIMALS);
    if (at != NULL) {
        json_end_value(json, json_format_seconds(at, ns));
    }
}

void json_field_bool(struct json_writer *json, const char *key, bool value)
{
    json_key(json, key);
    json_bool(json, value);
}

void json_field_null_len(struct json_writer *json, const char *key, size_t key_len)
{
    json_field_str_len(json, key, key_len, NULL);
}

void json_field_object(struct json_writer *json, const char *key)
{
    json_key(json, key);
    json_object_begin(json);
}

void json_field_array(struct json_writer *json, const char *key)
{
    json_key(json, key);
    json_array_begin(json);
}
