/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/bench/bench_compress.h"

#include <stdbool.h>
#include <string.h>

#include "tests/bench/bench_bytes.h"

#define WINDOW_LEN 8192u
#define MATCH_MIN 4u
#define FORMAT_MATCH_MIN 3u
#define HASH_BITS 12

struct encoder {
    uint8_t *at;       /* next byte of output */
    uint8_t *flags_at; /* place of the flag word that is being filled */
    uint32_t flags;
    unsigned flag_count;
    uint8_t *nibble_at; /* a byte whose high nibble is free, or NULL */
};

static void flag_put(struct encoder *e, uint32_t bit)
{
    if (e->flag_count == 32) {
        store_u32(e->flags_at, e->flags);
        e->flags_at = e->at;
        e->at += 4;
        e->flag_count = 0;
    }
    e->flags = e->flags << 1 | bit;
    e->flag_count++;
}

static void nibble_put(struct encoder *e, uint8_t nibble)
{
    if (e->nibble_at != NULL) {
        *e->nibble_at |= (uint8_t)(nibble << 4);
        e->nibble_at = NULL;
    } else {
        e->nibble_at = e->at;
        *e->at++ = nibble;
    }
}

static void match_put(struct encoder *e, size_t distance, size_t len)
{
    size_t rest = len - FORMAT_MATCH_MIN;
    flag_put(e, 1);
    store_u16(e->at, (uint16_t)((distance - 1) << 3 | (rest < 7 ? rest : 7)));
    e->at += 2;
    if (rest < 7) {
        return;
    }
    nibble_put(e, rest < 22 ? (uint8_t)(rest - 7) : 15);
    if (rest < 22) {
        return;
    }
    if (rest - 22 < 255) {
        *e->at++ = (uint8_t)(rest - 22);
        return;
    }
    *e->at++ = 255;
    if (rest <= 0xFFFF) {
        store_u16(e->at, (uint16_t)rest);
        e->at += 2;
    } else {
        store_u16(e->at, 0);
        store_u32(e->at + 2, (uint32_t)rest);
        e->at += 6;
    }
}

static uint32_t load_u32(const uint8_t *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static bool same_eight(const uint8_t *a, const uint8_t *b)
{
    return memcmp(a, b, 8) == 0;
}

static size_t match_len(const uint8_t *from, const uint8_t *at, const uint8_t *end)
{
    const uint8_t *start = at;
    while (end - at >= 8 && same_eight(from, at)) {
        from += 8;
        at += 8;
    }
    while (at < end && *from == *at) {
        from++;
        at++;
    }
    return (size_t)(at - start);
}

size_t bench_compress(const uint8_t *data, size_t len, uint8_t *out)
{
    static uint32_t seen[1u << HASH_BITS]; /* position + 1 */
    struct encoder e = {.at = out + 4, .flags_at = out};
    const uint8_t *end = data + len;
    memset(seen, 0, sizeof seen);
    for (size_t at = 0; at < len;) {
        size_t n = 0;
        size_t distance = 0;
        if (len - at >= MATCH_MIN) {
            uint32_t word = load_u32(data + at);
            uint32_t *slot = &seen[(word * 2654435761u) >> (32 - HASH_BITS)];
            distance = at + 1 - *slot;
            if (*slot != 0 && distance <= WINDOW_LEN && load_u32(data + *slot - 1) == word) {
                n = match_len(data + *slot - 1, data + at, end);
            }
            *slot = (uint32_t)at + 1;
        }
        if (n >= MATCH_MIN) {
            match_put(&e, distance, n);
            at += n;
        } else {
            flag_put(&e, 0);
            *e.at++ = data[at++];
        }
    }
    /* Unused bits are ones: a decoder that asks for a match there finds the input exhausted. */
    while (e.flag_count < 32) {
        flag_put(&e, 1);
    }
    store_u32(e.flags_at, e.flags);
    return (size_t)(e.at - out);
}
