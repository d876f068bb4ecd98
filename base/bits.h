#ifndef BASE_BITS_H
#define BASE_BITS_H

#include <stdint.h>

/* The place of the lowest bit that is set; one is. */
static inline unsigned lowest_bit(uint64_t bits)
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
