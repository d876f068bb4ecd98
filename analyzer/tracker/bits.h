#ifndef ANALYZER_TRACKER_BITS_H
#define ANALYZER_TRACKER_BITS_H

#include <stdint.h>

/* The place of the lowest bit that is set; one is. */
static inline unsigned lowest_bit(uint32_t bits)
{
#if defined(__GNUC__)
    return (unsigned)__builtin_ctz(bits);
#else
    unsigned at = 0;

    while (!(bits >> at & 1))
        at++;
    return at;
#endif
}

static inline unsigned lowest_bit_64(uint64_t bits)
{
#if defined(__GNUC__)
    return (unsigned)__builtin_ctzll(bits);
#else
    unsigned at = 0;

    while (!(bits >> at & 1))
        at++;
    return at;
#endif
}

#endif
