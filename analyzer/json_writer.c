#include "analyzer/json_writer.h"

#include <assert.h>
#include <math.h>

#include "analyzer/format_text.h"

enum { KEY_LEN_MAX = 256 };

void json_init(struct json_writer *json, struct out *out, enum json_style style)
{
    json->out = out;
    json->style = style;
    json->depth = 0;
    json->have_key = false;
}

static void indent(struct json_writer *json)
{
    out_char(json->out, '\n');
    out_repeat(json->out, ' ', (size_t)json->depth * 2);
}

/* What separates an item from the one before it, or from its container's bracket. */
static void begin_item(struct json_writer *json)
{
    bool *has_items = &json->has_items[json->depth - 1];
    if (json->style == JSON_PRETTY) {
        if (*has_items)
            out_char(json->out, ',');
        indent(json);
    } else if (*has_items) {
        out_write(json->out, ", ", 2);
    }
    *has_items = true;
}

static void begin_value(struct json_writer *json)
{
    if (json->have_key) {
        json->have_key = false;
        return;
    }
    if (json->depth > 0) {
        assert(!json->is_object[json->depth - 1]);
        begin_item(json);
    }
}

static void begin_container(struct json_writer *json, bool is_object)
{
    begin_value(json);
    assert(json->depth < JSON_DEPTH_MAX);
    json->is_object[json->depth] = is_object;
    json->has_items[json->depth] = false;
    json->depth++;
    out_char(json->out, is_object ? '{' : '[');
}

static void end_container(struct json_writer *json, bool is_object)
{
    assert(json->depth > 0 && json->is_object[json->depth - 1] == is_object && !json->have_key);
    json->depth--;
    if (json->style == JSON_PRETTY && json->has_items[json->depth])
        indent(json);
    out_char(json->out, is_object ? '}' : ']');
}

void json_object_begin(struct json_writer *json)
{
    begin_container(json, true);
}

void json_object_end(struct json_writer *json)
{
    end_container(json, true);
}

void json_array_begin(struct json_writer *json)
{
    begin_container(json, false);
}

void json_array_end(struct json_writer *json)
{
    end_container(json, false);
}

void json_line_end(struct json_writer *json)
{
    assert(json->depth == 0 && !json->have_key);
    out_char(json->out, '\n');
}

/* Separator, key and colon in one piece: keys are most of what a report writes. */
void json_key(struct json_writer *json, const char *key)
{
    assert(json->depth > 0 && json->is_object[json->depth - 1] && !json->have_key);
    bool *has_items = &json->has_items[json->depth - 1];
    if (json->style == JSON_PRETTY)
        begin_item(json);
    size_t len = strlen(key);
    char *start = len < KEY_LEN_MAX ? out_reserve(json->out, len + 6) : NULL;
    json->have_key = true;
    assert(len < KEY_LEN_MAX);
    if (!start)
        return;
    char *at = start;
    if (json->style == JSON_LINE && *has_items) {
        *at++ = ',';
        *at++ = ' ';
    }
    *has_items = true;
    *at++ = '"';
    memcpy(at, key, len);
    memcpy(at + len, "\": ", 3);
    out_advance(json->out, (size_t)(at - start) + len + 3);
}

static void write_unicode_escape(struct out *out, uint32_t code_point)
{
    char text[6] = {'\\', 'u'};
    for (unsigned i = 0; i < 4; i++)
        text[2 + i] = "0123456789abcdef"[code_point >> (12 - 4 * i) & 15];
    out_write(out, text, sizeof(text));
}

static void write_escape(struct out *out, uint32_t code_point)
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
        write_unicode_escape(out, code_point);
    } else {
        char text[2] = {'\\', letter};
        out_write(out, text, sizeof(text));
    }
}

static bool plain(unsigned char c)
{
    return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

static void write_string(struct out *out, const char *text, size_t len)
{
    out_char(out, '"');
    size_t at = 0;
    while (at < len) {
        size_t end = at;
        while (end < len && plain((unsigned char)text[end]))
            end++;
        out_write(out, text + at, end - at);
        at = end;
        if (at == len)
            break;
        size_t used;
        uint32_t code_point = text_decode(text + at, len - at, &used);
        if (code_point == UINT32_MAX)
            out_write(out, "\xEF\xBF\xBD", 3);
        else if (code_point == '"' || code_point == '\\' || text_is_control(code_point))
            write_escape(out, code_point);
        else
            out_write(out, text + at, used);
        at += used;
    }
    out_char(out, '"');
}

void json_str_len(struct json_writer *json, const char *text, size_t len)
{
    begin_value(json);
    write_string(json->out, text, len);
}

void json_str(struct json_writer *json, const char *text)
{
    if (text)
        json_str_len(json, text, strlen(text));
    else
        json_null(json);
}

void json_u64(struct json_writer *json, uint64_t value)
{
    begin_value(json);
    out_u64(json->out, value);
}

void json_i64(struct json_writer *json, int64_t value)
{
    begin_value(json);
    out_i64(json->out, value);
}

void json_hex(struct json_writer *json, uint64_t value)
{
    begin_value(json);
    char *at = out_reserve(json->out, OUT_NUMBER_LEN + 2);
    if (!at)
        return;
    at[0] = '"';
    size_t len = out_format_hex(at + 1, value);
    at[1 + len] = '"';
    out_advance(json->out, len + 2);
}

void json_i64_string(struct json_writer *json, int64_t value)
{
    begin_value(json);
    out_char(json->out, '"');
    out_i64(json->out, value);
    out_char(json->out, '"');
}

void json_fixed(struct json_writer *json, double value, unsigned decimals)
{
    if (!isfinite(value)) {
        json_null(json);
        return;
    }
    begin_value(json);
    out_printf(json->out, "%.*f", (int)decimals, value);
}

void json_seconds(struct json_writer *json, uint64_t ns)
{
    begin_value(json);
    char *at = out_reserve(json->out, OUT_NUMBER_LEN + 10);
    if (!at)
        return;
    size_t len = out_format_u64(at, ns / 1000000000);
    uint64_t rest = ns % 1000000000;
    at[len] = '.';
    for (size_t i = 9; i > 0; i--) {
        at[len + i] = (char)('0' + rest % 10);
        rest /= 10;
    }
    out_advance(json->out, len + 10);
}

void json_bool(struct json_writer *json, bool value)
{
    begin_value(json);
    out_str(json->out, value ? "true" : "false");
}

void json_null(struct json_writer *json)
{
    begin_value(json);
    out_write(json->out, "null", 4);
}

void json_field_str(struct json_writer *json, const char *key, const char *text)
{
    json_key(json, key);
    json_str(json, text);
}

void json_field_u64(struct json_writer *json, const char *key, uint64_t value)
{
    json_key(json, key);
    json_u64(json, value);
}

void json_field_i64(struct json_writer *json, const char *key, int64_t value)
{
    json_key(json, key);
    json_i64(json, value);
}

void json_field_hex(struct json_writer *json, const char *key, uint64_t value)
{
    json_key(json, key);
    json_hex(json, value);
}

void json_field_i64_string(struct json_writer *json, const char *key, int64_t value)
{
    json_key(json, key);
    json_i64_string(json, value);
}

void json_field_seconds(struct json_writer *json, const char *key, uint64_t ns)
{
    json_key(json, key);
    json_seconds(json, ns);
}

void json_field_bool(struct json_writer *json, const char *key, bool value)
{
    json_key(json, key);
    json_bool(json, value);
}

void json_field_null(struct json_writer *json, const char *key)
{
    json_key(json, key);
    json_null(json);
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
