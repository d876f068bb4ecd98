/* SPDX-License-Identifier: Apache-2.0 */

#ifndef TESTS_UNIT_ETL_BYTES_H
#define TESTS_UNIT_ETL_BYTES_H

/* Trace files by hand, byte by byte, for the reader's unit tests. Independent of the parsers. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct etl_bytes {
    uint8_t *bytes;
    size_t len, capacity;
    uint32_t buffer_size; /* size of uncompressed trace buffers */
    size_t buffer_at;     /* begin of the open trace buffer */
    size_t header_at;     /* begin of the log-file header's payload */
};

#define ETL_BYTES_HEADER_TICKS 1000
#define ETL_BYTES_START INT64_C(129000000000000000)
#define ETL_BYTES_FREQUENCY 10000000

static inline void etl_bytes_put(struct etl_bytes *image, const void *bytes, size_t len)
{
    while (image->len + len > image->capacity) {
        image->capacity = image->capacity == 0 ? 4096 : image->capacity * 2;
        image->bytes = realloc(image->bytes, image->capacity);
        if (image->bytes == NULL) {
            abort();
        }
    }
    if (len > 0) {
        memcpy(image->bytes + image->len, bytes, len);
    }
    image->len += len;
}

static inline void etl_bytes_fill(struct etl_bytes *image, uint8_t value, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        etl_bytes_put(image, &value, 1);
    }
}

/* Little-endian value of `width` bytes at `at`. */
static inline void etl_bytes_set(struct etl_bytes *image, size_t at, uint64_t value, size_t width)
{
    for (size_t i = 0; i < width; i++) {
        image->bytes[at + i] = (uint8_t)(value >> (8 * i));
    }
}

static inline void etl_bytes_buffer(struct etl_bytes *image, unsigned cpu, int64_t sequence,
                                    unsigned flags, unsigned type)
{
    image->buffer_at = image->len;
    etl_bytes_fill(image, 0, 0x48);
    etl_bytes_set(image, image->buffer_at + 0x18, (uint64_t)sequence, 8);
    etl_bytes_set(image, image->buffer_at + 0x28, cpu, 2);
    etl_bytes_set(image, image->buffer_at + 0x34, flags | 0x20, 2);
    etl_bytes_set(image, image->buffer_at + 0x36, type, 2);
}

/* Ends the open trace buffer: sets its lengths and fills it up. */
static inline void etl_bytes_close(struct etl_bytes *image)
{
    size_t used = image->len - image->buffer_at;
    etl_bytes_set(image, image->buffer_at, image->buffer_size, 4);
    etl_bytes_set(image, image->buffer_at + 0x04, used, 4);
    etl_bytes_set(image, image->buffer_at + 0x30, used, 4);
    if (used < image->buffer_size) {
        etl_bytes_fill(image, 0xFF, image->buffer_size - used);
    }
}

/* Ends it compressed, as literals only. */
static inline void etl_bytes_close_compressed(struct etl_bytes *image)
{
    size_t used = image->len - image->buffer_at;
    size_t plain_len = used - 0x48;
    uint8_t *plain = malloc(plain_len + 1);
    memcpy(plain, image->bytes + image->buffer_at + 0x48, plain_len);
    image->len = image->buffer_at + 0x48;
    for (size_t i = 0; i < plain_len; i += 32) {
        size_t run = plain_len - i < 32 ? plain_len - i : 32;
        uint32_t flags = run == 32 ? 0 : UINT32_MAX >> run;
        size_t at = image->len;
        etl_bytes_fill(image, 0, 4);
        etl_bytes_set(image, at, flags, 4);
        etl_bytes_put(image, plain + i, run);
    }
    free(plain);
    unsigned flags = image->bytes[image->buffer_at + 0x34] | 0x40;
    etl_bytes_set(image, image->buffer_at + 0x34, flags, 2);
    etl_bytes_set(image, image->buffer_at, image->len - image->buffer_at, 4);
    etl_bytes_set(image, image->buffer_at + 0x04, used, 4);
    etl_bytes_set(image, image->buffer_at + 0x30, used, 4);
}

static inline void etl_bytes_pad(struct etl_bytes *image)
{
    /* Real padding holds stale data: an end marker would be noticed. */
    etl_bytes_fill(image, 0xA5, (8 - (image->len - image->buffer_at) % 8) % 8);
}

/* The first trace buffer, left open for more records: close it. */
static inline void etl_bytes_begin(struct etl_bytes *image, uint32_t buffer_size, uint32_t mode)
{
    memset(image, 0, sizeof *image);
    image->buffer_size = buffer_size;
    etl_bytes_buffer(image, 0, 0, 0x01, 4);
    size_t record = image->len;
    size_t size = 0x20 + 0x118 + 2 * sizeof "Session" + 2 * sizeof "file.etl";
    etl_bytes_fill(image, 0, size);
    etl_bytes_set(image, record, 0xC0020002, 4);
    etl_bytes_set(image, record + 4, size, 2);
    etl_bytes_set(image, record + 0x10, ETL_BYTES_HEADER_TICKS, 8);
    size_t header = record + 0x20;
    image->header_at = header;
    etl_bytes_set(image, header, buffer_size, 4);
    image->bytes[header + 0x04] = 10;
    image->bytes[header + 0x05] = 0;
    image->bytes[header + 0x06] = 1;
    image->bytes[header + 0x07] = 5;
    etl_bytes_set(image, header + 0x08, 19041, 4);
    etl_bytes_set(image, header + 0x0C, 4, 4);
    etl_bytes_set(image, header + 0x10, (uint64_t)ETL_BYTES_START + 100000000, 8);
    etl_bytes_set(image, header + 0x20, mode, 4);
    etl_bytes_set(image, header + 0x24, 1, 4);
    etl_bytes_set(image, header + 0x2C, 8, 4);
    etl_bytes_set(image, header + 0x34, 2400, 4);
    etl_bytes_set(image, header + 0x100, ETL_BYTES_FREQUENCY, 8);
    etl_bytes_set(image, header + 0x108, (uint64_t)ETL_BYTES_START, 8);
    etl_bytes_set(image, header + 0x110, 1, 4);
    for (size_t i = 0; i < sizeof "Session"; i++) {
        image->bytes[header + 0x118 + 2 * i] = (uint8_t) "Session"[i];
    }
    for (size_t i = 0; i < sizeof "file.etl"; i++) {
        image->bytes[header + 0x118 + 2 * sizeof "Session" + 2 * i] = (uint8_t) "file.etl"[i];
    }
    etl_bytes_pad(image);
}

/* An EVENT64 record of provider {first byte}, payload_len bytes of payload. */
static inline size_t etl_bytes_event(struct etl_bytes *image, int64_t ticks, uint8_t provider,
                                     unsigned id, size_t payload_len)
{
    size_t at = image->len;
    etl_bytes_fill(image, 0, 0x50);
    etl_bytes_fill(image, (uint8_t)id, payload_len);
    etl_bytes_set(image, at, 0x50 + payload_len, 2);
    etl_bytes_set(image, at + 2, 0xC013, 2);
    etl_bytes_set(image, at + 0x08, 77, 4);
    etl_bytes_set(image, at + 0x0C, 66, 4);
    etl_bytes_set(image, at + 0x10, (uint64_t)ticks, 8);
    image->bytes[at + 0x18] = provider;
    etl_bytes_set(image, at + 0x28, id, 2);
    etl_bytes_pad(image);
    return at;
}

/* A record of a SYSTEM-like header: type 1 to 4, 0x10 or 0x11. */
static inline size_t etl_bytes_system(struct etl_bytes *image, unsigned type, int64_t ticks,
                                      unsigned hook_id, const void *payload, size_t payload_len)
{
    size_t at = image->len;
    size_t header_len = type >= 0x10 ? 0x10 : type >= 3 ? 0x18 : 0x20;
    etl_bytes_fill(image, 0, header_len);
    etl_bytes_put(image, payload, payload_len);
    etl_bytes_set(image, at, 0xC0000000 | type << 16 | 4, 4);
    etl_bytes_set(image, at + 4, header_len + payload_len, 2);
    etl_bytes_set(image, at + 6, hook_id, 2);
    if (type < 0x10) {
        etl_bytes_set(image, at + 0x08, 77, 4);
        etl_bytes_set(image, at + 0x0C, 66, 4);
    }
    etl_bytes_set(image, at + (type >= 0x10 ? 0x08 : 0x10), (uint64_t)ticks, 8);
    etl_bytes_pad(image);
    return at;
}

/* Says in the log-file header how many trace buffers there are. */
static inline void etl_bytes_written(struct etl_bytes *image, uint32_t count)
{
    etl_bytes_set(image, image->header_at + 0x24, count, 4);
}

static inline void etl_bytes_free(struct etl_bytes *image)
{
    free(image->bytes);
    memset(image, 0, sizeof *image);
}

#endif
