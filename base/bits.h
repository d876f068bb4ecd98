/* SPDX-License-Identifier: Apache-2.0 */

#ifndef BASE_BITS_H
#define BASE_BITS_H

#include <stdint.h>

/* The index, from 0, of the lowest bit that is set in `bits`, which must not be 0. */
static inline unsigned lowest_bit(uint64_t bits)
{
#if defined(__GNUC__)
    return (unsigned)__builtin_ctzll(bits);
#else
    unsigned at = 0;

    while ((bits >> at & 1) == 0) {
        at++;
    }
    return at;
#endif
}

#endif
