/* SPDX-License-Identifier: Apache-2.0 */

#include <stdlib.h>
#include <string.h>

#include "tests/support/trace_internal.h"

/*
 * Compresses as Plain XPRESS LZ77 (MS-XCA 2.3). Flag words of 32 bits are read from the most
 * significant bit; a bit of 0 stands for a literal byte, a bit of 1 for a match of at least 3 bytes
 * that begins up to 8192 bytes back.
 */

#define WINDOW_LEN 8192
#define MATCH_MIN 3
#define GREEDY_MATCH_MAX 280 /* enough for the nibble and the byte form of a length */
#define HASH_COUNT 4096

struct compressor {
    struct trace_bytes *out;
    size_t flags_at; /* where the flag word lies that is being filled */
    uint32_t flags;
    unsigned flag_count;
    size_t nibble_at; /* where a byte lies whose high nibble is free; 0: nowhere */
};

static void flags_begin(struct compressor *c)
{
    c->flags_at = c->out->len;
    c->flags = 0;
    c->flag_count = 0;
    bytes_number(c->out, 0, 4);
}

/* Writes the next flag word as soon as one is full, because a decoder reads a flag word before the
 * item that its first bit describes. */
static void flag_put(struct compressor *c, unsigned bit)
{
    if (c->flag_count == 32) {
        number_store(c->out->data + c->flags_at, c->flags, 4);
        flags_begin(c);
    }
    c->flags = c->flags << 1 | bit;
    c->flag_count++;
}

static void nibble_put(struct compressor *c, unsigned nibble)
{
    if (c->nibble_at != 0) {
        c->out->data[c->nibble_at] |= (uint8_t)(nibble << 4);
        c->nibble_at = 0;
    } else {
        c->nibble_at = c->out->len;
        bytes_number(c->out, nibble, 1);
    }
}

static void match_put(struct compressor *c, size_t distance, size_t len)
{
    uint64_t rest = len - MATCH_MIN;
    flag_put(c, 1);
    bytes_number(c->out, (distance - 1) << 3 | (rest < 7 ? rest : 7), 2);
    if (rest < 7) {
        return;
    }
    nibble_put(c, rest - 7 < 15 ? (unsigned)(rest - 7) : 15);
    if (rest - 7 < 15) {
        return;
    }
    if (rest - 22 < 255) {
        bytes_number(c->out, rest - 22, 1);
    } else if (rest <= 0xFFFF) {
        bytes_number(c->out, 255, 1);
        bytes_number(c->out, rest, 2);
    } else {
        bytes_number(c->out, 255, 1);
        bytes_number(c->out, 0, 2);
        bytes_number(c->out, rest, 4);
    }
}

static unsigned hash_of(const uint8_t *at)
{
    uint32_t value = (uint32_t)at[0] << 16 | (uint32_t)at[1] << 8 | at[2];
    return (value * 2654435761u) >> 20; /* 12 bits: HASH_COUNT */
}

/* The length of the match between the bytes at `at` and those `distance` before. */
static size_t match_len(const uint8_t *data, size_t at, size_t distance, size_t len, size_t max)
{
    size_t n = 0;
    while (n < max && at + n < len && data[at + n] == data[at + n - distance]) {
        n++;
    }
    return n;
}

static void compress_matches(struct compressor *c, const uint8_t *data, size_t len, size_t max)
{
    size_t *last = calloc(HASH_COUNT, sizeof *last); /* position + 1 */
    if (last == NULL) {
        abort();
    }
    for (size_t at = 0; at < len;) {
        size_t n = 0;
        size_t distance = 0;
        if (len - at >= MATCH_MIN) {
            size_t *seen = &last[hash_of(data + at)];
            if (*seen != 0 && at - (*seen - 1) <= WINDOW_LEN) {
                distance = at - (*seen - 1);
                n = match_len(data, at, distance, len, max);
            }
            *seen = at + 1;
        }
        if (n >= MATCH_MIN) {
            match_put(c, distance, n);
            at += n;
        } else {
            flag_put(c, 0);
            bytes_number(c->out, data[at], 1);
            at++;
        }
    }
    free(last);
}

void trace_compress(enum trace_compression how, const uint8_t *data, size_t len,
                    struct trace_bytes *out)
{
    struct compressor c = {.out = out};
    flags_begin(&c);
    if (how == TRACE_COMPRESS_LITERAL) {
        for (size_t at = 0; at < len; at++) {
            flag_put(&c, 0);
            bytes_number(out, data[at], 1);
        }
    } else {
        compress_matches(&c, data, len, how == TRACE_COMPRESS_LONG ? len : GREEDY_MATCH_MAX);
    }
    /* Unused bits are ones, so that a decoder asks for a match there and finds the input exhausted.
     */
    uint32_t flags = c.flags;
    for (unsigned i = c.flag_count; i < 32; i++) {
        flags = flags << 1 | 1;
    }
    number_store(out->data + c.flags_at, flags, 4);
}
