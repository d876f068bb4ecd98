/* SPDX-License-Identifier: Apache-2.0 */

#include "base/utf.h"

#include <stdbool.h>

#include "base/least.h"
#include "base/load.h"

enum { REPLACEMENT = 0xFFFD };

/* Text that is being written. Once a character does not fit, none after it is taken. */
struct utf_text {
    char *text;
    size_t room; /* bytes, without the NUL */
    size_t len;
    bool full;
};

static struct utf_text utf_text_begin(char *text, size_t text_len)
{
    return (struct utf_text){
        .text = text, .room = text_len > 0 ? text_len - 1 : 0, .full = text_len == 0};
}

static void utf_text_end(struct utf_text *out, size_t text_len)
{
    if (text_len > 0) {
        out->text[out->len] = '\0';
    }
}

size_t utf_encode(uint32_t c, char bytes[4])
{
    if (c < 0x80) {
        bytes[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        bytes[0] = (char)(0xC0 | c >> 6);
        bytes[1] = (char)(0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        bytes[0] = (char)(0xE0 | c >> 12);
        bytes[1] = (char)(0x80 | (c >> 6 & 0x3F));
        bytes[2] = (char)(0x80 | (c & 0x3F));
        return 3;
    }
    bytes[0] = (char)(0xF0 | c >> 18);
    bytes[1] = (char)(0x80 | (c >> 12 & 0x3F));
    bytes[2] = (char)(0x80 | (c >> 6 & 0x3F));
    bytes[3] = (char)(0x80 | (c & 0x3F));
    return 4;
}

static void utf_text_add(struct utf_text *out, uint32_t c)
{
    char bytes[4];
    size_t len = utf_encode(c, bytes);
    if (out->full || len > out->room - out->len) {
        out->full = true;
        return;
    }
    for (size_t i = 0; i < len; i++) {
        out->text[out->len++] = bytes[i];
    }
}

/* Takes code units as long as they are characters of ASCII, which nearly all are, and fit. Returns
 * how many bytes of input that were. */
static size_t utf_text_add_ascii(struct utf_text *out, const uint8_t *bytes, size_t bytes_len)
{
    size_t room = out->full ? 0 : out->room - out->len;
    size_t most = least_size(bytes_len / 2, room);
    size_t count = 0;
    while (count < most) {
        uint16_t unit = load_u16(bytes + 2 * count);
        if (unit == 0 || unit >= 0x80) {
            break;
        }
        out->text[out->len + count++] = (char)unit;
    }
    out->len += count;
    return 2 * count;
}

static bool is_high_surrogate(uint16_t unit)
{
    return (unit & 0xFC00) == 0xD800;
}

static bool is_low_surrogate(uint16_t unit)
{
    return (unit & 0xFC00) == 0xDC00;
}

size_t utf_from_utf16le(const uint8_t *bytes, size_t bytes_len, char *text, size_t text_len)
{
    struct utf_text out = utf_text_begin(text, text_len);
    size_t at = utf_text_add_ascii(&out, bytes, bytes_len);
    while (bytes_len - at >= 2) {
        uint16_t unit = load_u16(bytes + at);
        at += 2;
        if (unit == 0) {
            utf_text_end(&out, text_len);
            return at;
        }
        uint16_t next = bytes_len - at >= 2 ? load_u16(bytes + at) : 0;
        if (is_high_surrogate(unit) && is_low_surrogate(next)) {
            at += 2;
            utf_text_add(&out, 0x10000 + ((uint32_t)(unit & 0x3FF) << 10 | (next & 0x3FF)));
        } else if (is_high_surrogate(unit) || is_low_surrogate(unit)) {
            utf_text_add(&out, REPLACEMENT);
        } else {
            utf_text_add(&out, unit);
        }
        at += utf_text_add_ascii(&out, bytes + at, bytes_len - at);
    }
    if (at < bytes_len) {
        utf_text_add(&out, REPLACEMENT); /* half a code unit */
        at = bytes_len;
    }
    utf_text_end(&out, text_len);
    return at;
}

uint32_t utf_decode(const char *text, size_t len, size_t *used)
{
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char first = (unsigned char)text[0];
    *used = 1;
    if (first < 0x80) {
        return first;
    }
    size_t count = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || count > len) {
        return UINT32_MAX;
    }
    uint32_t value = first & (0x7Fu >> count);
    for (size_t i = 1; i < count; i++) {
        unsigned char next = (unsigned char)text[i];
        if ((next & 0xC0) != 0x80) {
            return UINT32_MAX;
        }
        value = value << 6 | (next & 0x3F);
    }
    if (value < least[count] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) {
        return UINT32_MAX;
    }
    *used = count;
    return value;
}

size_t utf_from_bytes(const uint8_t *bytes, size_t bytes_len, char *text, size_t text_len)
{
    struct utf_text out = utf_text_begin(text, text_len);
    size_t at = 0;
    while (at < bytes_len) {
        if (bytes[at] == 0) {
            at++;
            break;
        }
        size_t used;
        uint32_t c = utf_decode((const char *)bytes + at, bytes_len - at, &used);
        /* A Latin-1 byte is the code point of its character. */
        utf_text_add(&out, c == UINT32_MAX ? bytes[at] : c);
        at += used;
    }
    utf_text_end(&out, text_len);
    return at;
}
