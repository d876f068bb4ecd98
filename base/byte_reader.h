/* SPDX-License-Identifier: Apache-2.0 */

#ifndef BASE_BYTE_READER_H
#define BASE_BYTE_READER_H

/*
 * The one cursor over untrusted bytes. Reads little-endian values. An overrun sticks: from then on
 * every read gives 0 and `overrun` stays true, so that a parser checks once, at its end.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/load.h"

struct byte_reader {
    const uint8_t *next; /* borrowed */
    size_t left;         /* bytes */
    bool overrun;
};

static inline void byte_reader_init(struct byte_reader *reader, const uint8_t *bytes, size_t len)
{
    reader->next = bytes;
    reader->left = len;
    reader->overrun = false;
}

/* Returns the next `len` bytes and steps over them; NULL, and an overrun, if there are fewer. */
static inline const uint8_t *byte_reader_take(struct byte_reader *reader, size_t len)
{
    if (reader->overrun || len > reader->left) {
        reader->overrun = true;
        reader->left = 0;
        return NULL;
    }
    const uint8_t *at = reader->next;
    reader->next += len;
    reader->left -= len;
    return at;
}

static inline void byte_reader_skip(struct byte_reader *reader, size_t len)
{
    (void)byte_reader_take(reader, len);
}

static inline uint8_t byte_reader_u8(struct byte_reader *reader)
{
    const uint8_t *at = byte_reader_take(reader, 1);
    return at == NULL ? 0 : at[0];
}

static inline uint16_t byte_reader_u16(struct byte_reader *reader)
{
    const uint8_t *at = byte_reader_take(reader, 2);
    return at == NULL ? 0 : load_u16(at);
}

static inline uint32_t byte_reader_u32(struct byte_reader *reader)
{
    const uint8_t *at = byte_reader_take(reader, 4);
    return at == NULL ? 0 : load_u32(at);
}

static inline uint64_t byte_reader_u64(struct byte_reader *reader)
{
    const uint8_t *at = byte_reader_take(reader, 8);
    return at == NULL ? 0 : load_u64(at);
}

static inline int64_t byte_reader_i64(struct byte_reader *reader)
{
    return (int64_t)byte_reader_u64(reader);
}

/* Reads a pointer of 4 or 8 bytes. */
static inline uint64_t byte_reader_pointer(struct byte_reader *reader, unsigned pointer_size)
{
    return pointer_size == 4 ? byte_reader_u32(reader) : byte_reader_u64(reader);
}

#endif
