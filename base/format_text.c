/* SPDX-License-Identifier: Apache-2.0 */

#include "base/format_text.h"

#include <string.h>

#include "base/utf.h"

bool text_is_control(uint32_t c)
{
    if (c < 0x20 || (c >= 0x7F && c < 0xA0)) {
        return true;
    }
    return c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x2028 && c <= 0x202E) ||
           (c >= 0x2066 && c <= 0x2069);
}

enum { ESCAPE_LEN = 12 };

static size_t escape_format(uint32_t c, char text[ESCAPE_LEN])
{
    static const char hex[] = "0123456789abcdef";
    text[0] = '\\';
    if (c == '\n' || c == '\r' || c == '\t') {
        text[1] = c == '\n' ? 'n' : c == '\r' ? 'r' : 't';
        return 2;
    }
    if (c < 0x100) {
        text[1] = 'x';
        text[2] = hex[c >> 4];
        text[3] = hex[c & 15];
        return 4;
    }
    text[1] = 'u';
    text[2] = '{';
    for (unsigned i = 0; i < 4; i++) {
        text[3 + i] = hex[c >> (12 - 4 * i) & 15];
    }
    text[7] = '}';
    return 8;
}

/* CI systems execute lines of a log: GitHub those that begin with "::", Azure "##vso[" anywhere. */
static bool is_log_command(const char *text, size_t len, size_t at)
{
    if (at + 1 >= len || text[at] != text[at + 1]) {
        return false;
    }
    return text[at] == '#' || (text[at] == ':' && at == 0);
}

/* Writes text escaped, unless `out` is NULL, and returns its columns. The character `doubled` is
 * written twice. */
static size_t text_write_escaped(struct out *out, const char *text, size_t len, char doubled)
{
    size_t columns = 0;
    for (size_t at = 0, used; at < len; at += used) {
        uint32_t c = utf_decode(text + at, len - at, &used);
        char escaped[ESCAPE_LEN];
        const char *bytes = text + at;
        size_t bytes_len = used;
        size_t width = 1;
        if (c == UINT32_MAX) {
            bytes = "\xEF\xBF\xBD";
            bytes_len = 3;
        } else if (text_is_control(c) || is_log_command(text, len, at)) {
            width = escape_format(c, escaped);
            bytes_len = width;
            bytes = escaped;
        } else if (doubled != '\0' && text[at] == doubled) {
            escaped[0] = doubled;
            escaped[1] = doubled;
            width = 2;
            bytes_len = 2;
            bytes = escaped;
        }
        columns += width;
        if (out != NULL) {
            out_write(out, bytes, bytes_len);
        }
    }
    return columns;
}

void text_escape_len(struct out *out, const char *text, size_t len)
{
    (void)text_write_escaped(out, text, len, '\0');
}

void text_escape(struct out *out, const char *text)
{
    text_escape_len(out, text, strlen(text));
}

size_t text_escape_width(const char *text)
{
    return text_write_escaped(NULL, text, strlen(text), '\0');
}

/* True if a spreadsheet would take the text for a formula: a number or a lone sign is none. */
static bool is_formula(const char *text)
{
    if (text[0] == '\0' || strchr("=+-@", text[0]) == NULL) {
        return false;
    }
    return text[1 + strspn(text + 1, "0123456789.")] != '\0';
}

void text_csv(struct out *out, const char *text)
{
    bool quoted = strpbrk(text, ",\"") != NULL || text[0] == ' ' ||
                  (text[0] != '\0' && text[strlen(text) - 1] == ' ');
    bool formula = is_formula(text);
    if (quoted) {
        out_char(out, '"');
    }
    if (formula) {
        out_char(out, '\'');
    }
    (void)text_write_escaped(out, text, strlen(text), '"');
    if (quoted) {
        out_char(out, '"');
    }
}

#define GROUPED_DIGITS_MIN 5

void text_format_grouped(uint64_t value, char text[TEXT_NUMBER_LEN])
{
    char digits[OUT_NUMBER_LEN];
    size_t count = out_format_u64(digits, value);
    char *at = text;
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && count >= GROUPED_DIGITS_MIN && (count - i) % 3 == 0) {
            *at++ = ' ';
        }
        *at++ = digits[i];
    }
    *at = '\0';
}

void text_grouped(struct out *out, uint64_t value)
{
    char text[TEXT_NUMBER_LEN];
    text_format_grouped(value, text);
    out_str(out, text);
}

void text_plural(struct out *out, uint64_t value, const char *noun)
{
    text_grouped(out, value);
    out_printf(out, " %s%s", noun, value == 1 ? "" : "s");
}

void text_format_seconds(uint64_t ns, unsigned decimals, char text[TEXT_NUMBER_LEN])
{
    size_t len = out_format_u64(text, ns / 1000000000);
    uint32_t rest = (uint32_t)(ns % 1000000000);
    if (decimals > 9) {
        decimals = 9;
    }
    if (decimals > 0) {
        text[len++] = '.';
    }
    for (unsigned i = 0; i < decimals; i++) {
        text[len++] = (char)('0' + rest / 100000000);
        rest = rest % 100000000 * 10;
    }
    text[len] = '\0';
}

void text_format_duration(uint64_t ns, char text[TEXT_NUMBER_LEN])
{
    static const struct {
        uint64_t ns;
        const char *name;
    } units[] = {{1000000000, " s"}, {1000000, " ms"}, {1000, " us"}};
    size_t len = 0;
    const char *name = " ns";
    for (size_t i = 0; i < sizeof units / sizeof units[0] && len == 0; i++) {
        if (ns < units[i].ns) {
            continue;
        }
        name = units[i].name;
        text_format_grouped(ns / units[i].ns, text);
        len = strlen(text);
        if (ns / units[i].ns < 1000) {
            text[len++] = '.';
            text[len++] = (char)('0' + ns % units[i].ns / (units[i].ns / 10));
        }
    }
    if (len == 0) {
        len = out_format_u64(text, ns);
    }
    memcpy(text + len, name, strlen(name) + 1);
}
