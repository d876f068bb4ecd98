/* SPDX-License-Identifier: Apache-2.0 */

#include "base/out.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

#include "base/least.h"
#include "base/platform.h"

void out_fail(struct out *out, enum out_status status, int error_number)
{
    if (out->status == OUT_OK) {
        out->status = status;
        out->error_number = error_number;
    }
    out->room = 0;
    out->len = 0;
}

void out_init_file(struct out *out, FILE *file)
{
    *out = (struct out){.file = file};
}

void out_init_memory(struct out *out, size_t cap)
{
    *out = (struct out){.cap = cap};
}

/* Writes to the file. stdio need not set errno when it fails, so error_number may become 0. */
static void out_write_file(struct out *out, const char *bytes, size_t len)
{
    errno = 0;
    if (len > 0 && fwrite(bytes, 1, len, out->file) != len) {
        out_fail(out, OUT_WRITE_ERROR, platform_stream_error());
    } else {
        out->flushed += len;
    }
}

static void out_drain(struct out *out)
{
    size_t len = out->len;
    out->len = 0;
    out_write_file(out, out->bytes, len);
}

/* Makes room for `len` more bytes in memory. Of a file the staging area is emptied, which is room
 * for OUT_STAGING_LEN bytes. */
static bool out_make_room(struct out *out, size_t len)
{
    if (out_failed(out)) {
        return false;
    }
    if (out->file != NULL && out->bytes != NULL) {
        out_drain(out);
        return !out_failed(out);
    }
    size_t wanted = OUT_STAGING_LEN;
    if (out->file == NULL) {
        if (len > out->cap - out->len) {
            out_fail(out, OUT_TOO_LARGE, 0);
            return false;
        }
        wanted = out->room > SIZE_MAX / 2 ? SIZE_MAX : out->room * 2;
        if (wanted < out->len + len) {
            wanted = out->len + len;
        }
        if (wanted < 256) {
            wanted = 256;
        }
        if (wanted > out->cap) {
            wanted = out->cap;
        }
    }
    char *bytes = realloc(out->bytes, wanted);
    if (bytes == NULL) {
        out_fail(out, OUT_NO_MEMORY, ENOMEM);
        return false;
    }
    out->bytes = bytes;
    out->room = wanted;
    return true;
}

char *out_reserve_slow(struct out *out, size_t len)
{
    if (!out_make_room(out, len)) {
        return NULL;
    }
    return len <= out->room - out->len ? out->bytes + out->len : NULL;
}

void out_write_slow(struct out *out, const void *bytes, size_t len)
{
    if (len == 0 || !out_make_room(out, len)) {
        return;
    }
    if (len > out->room - out->len) {
        out_write_file(out, bytes, len); /* longer than the staging area, which is empty now */
        return;
    }
    memcpy(out->bytes + out->len, bytes, len);
    out->len += len;
}

enum out_status out_flush(struct out *out)
{
    if (out->file == NULL || out_failed(out)) {
        return out->status;
    }
    out_drain(out);
    errno = 0;
    if (!out_failed(out) && fflush(out->file) != 0) {
        out_fail(out, OUT_WRITE_ERROR, platform_stream_error());
    }
    return out->status;
}

enum out_status out_finish(struct out *out)
{
    out_flush(out);
    free(out->bytes);
    out->bytes = NULL;
    out->len = 0;
    out->room = 0;
    out->cap = 0;
    return out->status;
}

char *out_take(struct out *out, size_t *len)
{
    char *text = NULL;
    *len = 0;
    if (!out_failed(out)) {
        text = realloc(out->bytes, out->len + 1);
        if (text == NULL) {
            out_fail(out, OUT_NO_MEMORY, ENOMEM);
        } else {
            *len = out->len;
            text[out->len] = '\0';
            out->bytes = NULL;
        }
    }
    out_finish(out);
    return text;
}

uint64_t out_written(const struct out *out)
{
    return out->flushed + out->len;
}

void out_repeat(struct out *out, char c, size_t count)
{
    while (count > 0) {
        size_t part = least_size(count, 256);
        char *at = out_reserve(out, part);
        if (at == NULL) {
            return;
        }
        memset(at, c, part);
        out_advance(out, part);
        count -= part;
    }
}

static const char digit_pairs[] = "00010203040506070809101112131415161718192021222324"
                                  "25262728293031323334353637383940414243444546474849"
                                  "50515253545556575859606162636465666768697071727374"
                                  "75767778798081828384858687888990919293949596979899";

static size_t digit_count(uint64_t value)
{
    size_t count = 1;
    for (; value >= 10000; value /= 10000) {
        count += 4;
    }
    return count + (value >= 10) + (value >= 100) + (value >= 1000);
}

void out_format_digits(char *text, size_t count, uint64_t value)
{
    for (; count >= 2; count -= 2) {
        memcpy(text + count - 2, &digit_pairs[value % 100 * 2], 2);
        value /= 100;
    }
    if (count > 0) {
        text[0] = (char)('0' + value % 10);
    }
}

size_t out_format_u64(char *text, uint64_t value)
{
    if (value < 10) { /* most flags, counts and processor numbers */
        text[0] = (char)('0' + value);
        return 1;
    }
    size_t count = digit_count(value);
    out_format_digits(text, count, value);
    return count;
}

size_t out_format_i64(char *text, int64_t value)
{
    if (value >= 0) {
        return out_format_u64(text, (uint64_t)value);
    }
    text[0] = '-';
    return 1 + out_format_u64(text + 1, 0 - (uint64_t)value);
}

/* Eight hexadecimal digits, the first one in the highest byte. */
static uint64_t hex_digits(uint32_t value)
{
    uint64_t x = value;
    x = (x << 16 | x) & UINT64_C(0x0000FFFF0000FFFF);
    x = (x << 8 | x) & UINT64_C(0x00FF00FF00FF00FF);
    x = (x << 4 | x) & UINT64_C(0x0F0F0F0F0F0F0F0F);
    uint64_t letters = (x + UINT64_C(0x0606060606060606)) >> 4 & UINT64_C(0x0101010101010101);
    return x + UINT64_C(0x3030303030303030) + letters * ('a' - '0' - 10);
}

/* Stores eight digits, the one in the highest byte first. */
static void store_digits(char *text, uint64_t digits)
{
    for (unsigned i = 0; i < 8; i++) {
        text[i] = (char)(digits >> (56 - 8 * i));
    }
}

size_t out_format_hex(char *text, uint64_t value)
{
    uint64_t low = hex_digits((uint32_t)value);
    uint32_t high = (uint32_t)(value >> 32);
    size_t count =
        1; /* digits in front of the last eight; if there are eight at most, all digits */
    for (uint32_t rest = (high != 0 ? high : (uint32_t)value) >> 4; rest != 0; rest >>= 4) {
        count++;
    }
    text[0] = '0';
    text[1] = 'x';
    if (high == 0) {
        store_digits(text + 2, low << (64 - 8 * count));
        return 2 + count;
    }
    store_digits(text + 2, hex_digits(high) << (64 - 8 * count));
    store_digits(text + 2 + count, low);
    return 2 + count + 8;
}

void out_u64(struct out *out, uint64_t value)
{
    char *at = out_reserve(out, OUT_NUMBER_LEN);
    if (at != NULL) {
        out_advance(out, out_format_u64(at, value));
    }
}

void out_i64(struct out *out, int64_t value)
{
    char *at = out_reserve(out, OUT_NUMBER_LEN);
    if (at != NULL) {
        out_advance(out, out_format_i64(at, value));
    }
}

void out_hex(struct out *out, uint64_t value)
{
    char *at = out_reserve(out, OUT_NUMBER_LEN);
    if (at != NULL) {
        out_advance(out, out_format_hex(at, value));
    }
}

void out_printf(struct out *out, const char *format, ...)
{
    char text[512];
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(text, sizeof text, format, args);
    if (len < 0) {
        out_fail(out, OUT_WRITE_ERROR, errno);
    } else if ((size_t)len < sizeof text) {
        out_write(out, text, (size_t)len);
    } else if (!out_failed(out)) {
        char *longer = malloc((size_t)len + 1);
        if (longer != NULL) {
            (void)vsnprintf(longer, (size_t)len + 1, format, again);
            out_write(out, longer, (size_t)len);
            free(longer);
        } else {
            out_fail(out, OUT_NO_MEMORY, ENOMEM);
        }
    }
    va_end(again);
    va_end(args);
}
