/* SPDX-License-Identifier: Apache-2.0 */

#ifndef TESTS_BENCH_BENCH_BYTES_H
#define TESTS_BENCH_BENCH_BYTES_H

/* Little-endian stores at any alignment, and the seeded numbers of made traces. */

#include <stdint.h>

static inline void store_u16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
}

static inline void store_u32(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
    at[2] = (uint8_t)(value >> 16);
    at[3] = (uint8_t)(value >> 24);
}

static inline void store_u64(uint8_t *at, uint64_t value)
{
    store_u32(at, (uint32_t)value);
    store_u32(at + 4, (uint32_t)(value >> 32));
}

/* splitmix64: the same numbers on every machine. */
static inline uint64_t random_next(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

/* `bits` holds at least 32 random bits, from the lowest; the result is below `below`. */
static inline uint32_t random_below(uint64_t bits, uint32_t below)
{
    return (uint32_t)(((bits & 0xFFFFFFFFu) * below) >> 32);
}

#endif
