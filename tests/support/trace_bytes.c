/* SPDX-License-Identifier: Apache-2.0 */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/trace_internal.h"

void bytes_reserve(struct trace_bytes *bytes, size_t extra)
{
    if (extra <= bytes->capacity - bytes->len) {
        return;
    }
    size_t capacity = (bytes->len + extra) * 2 + 64;
    uint8_t *data = realloc(bytes->data, capacity);
    if (data == NULL) {
        abort();
    }
    bytes->data = data;
    bytes->capacity = capacity;
}

void bytes_put(struct trace_bytes *bytes, const void *data, size_t len)
{
    bytes_reserve(bytes, len);
    if (len > 0) {
        memcpy(bytes->data + bytes->len, data, len);
        bytes->len += len;
    }
}

void bytes_fill(struct trace_bytes *bytes, uint8_t value, size_t len)
{
    bytes_reserve(bytes, len);
    if (len > 0) {
        memset(bytes->data + bytes->len, value, len);
        bytes->len += len;
    }
}

void number_store(uint8_t *at, uint64_t value, unsigned width)
{
    for (unsigned i = 0; i < width; i++) {
        at[i] = (uint8_t)(value >> (8 * i));
    }
}

uint64_t number_load(const uint8_t *at, unsigned width)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < width; i++) {
        value |= (uint64_t)at[i] << (8 * i);
    }
    return value;
}

void bytes_number(struct trace_bytes *bytes, uint64_t value, unsigned width)
{
    uint8_t at[8];
    number_store(at, value, width);
    bytes_put(bytes, at, width);
}

/* Decodes one character of UTF-8. An invalid byte stands for the character of its value. */
static uint32_t character_next(const uint8_t **text)
{
    const uint8_t *at = *text;
    unsigned more = at[0] >= 0xF0 ? 3 : at[0] >= 0xE0 ? 2 : at[0] >= 0xC0 ? 1 : 0;
    uint32_t value = more == 0 ? at[0] : (uint32_t)(at[0] & (0x3F >> more));
    for (unsigned i = 1; i <= more; i++) {
        if ((at[i] & 0xC0) != 0x80) {
            *text = at + 1;
            return at[0];
        }
        value = value << 6 | (at[i] & 0x3F);
    }
    *text = at + 1 + more;
    return value;
}

void bytes_utf16(struct trace_bytes *bytes, const char *text)
{
    const uint8_t *at = (const uint8_t *)text;
    while (*at != 0) {
        uint32_t value = character_next(&at);
        if (value >= 0x10000) {
            bytes_number(bytes, 0xD800 + ((value - 0x10000) >> 10), 2);
            bytes_number(bytes, 0xDC00 + ((value - 0x10000) & 0x3FF), 2);
        } else {
            bytes_number(bytes, value, 2);
        }
    }
    bytes_number(bytes, 0, 2);
}

void bytes_print(struct trace_bytes *bytes, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (len < 0) {
        abort();
    }
    bytes_reserve(bytes, (size_t)len + 1);
    va_start(arguments, format);
    vsnprintf((char *)bytes->data + bytes->len, (size_t)len + 1, format, arguments);
    va_end(arguments);
    bytes->len += (size_t)len;
}

void trace_bytes_finish(struct trace_bytes *bytes)
{
    free(bytes->data);
    *bytes = (struct trace_bytes){0};
}
