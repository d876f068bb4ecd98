/* SPDX-License-Identifier: Apache-2.0 */

#ifndef BASE_LOAD_H
#define BASE_LOAD_H

/* Little-endian loads from unaligned bytes, as shifts that compilers turn into one load. The caller
 * has checked that the bytes are there. */

#include <stdint.h>

static inline uint16_t load_u16(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] | bytes[1] << 8);
}

static inline uint32_t load_u32(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
           (uint32_t)bytes[3] << 24;
}

static inline uint64_t load_u64(const uint8_t *bytes)
{
    return (uint64_t)load_u32(bytes) | (uint64_t)load_u32(bytes + 4) << 32;
}

/* Loads in network byte order. */
static inline uint16_t load_u16_be(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

#endif
