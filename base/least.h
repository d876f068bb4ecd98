/* SPDX-License-Identifier: Apache-2.0 */

#ifndef BASE_LEAST_H
#define BASE_LEAST_H

/* The smaller and the greater one of two numbers, and their order. */

#include <stddef.h>
#include <stdint.h>

static inline size_t least_size(size_t a, size_t b)
{
    return a < b ? a : b;
}

static inline size_t greatest_size(size_t a, size_t b)
{
    return a > b ? a : b;
}

static inline uint64_t least_u64(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static inline int64_t least_i64(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static inline int64_t greatest_i64(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* 1, 0 or -1: the sign of a less b. */
static inline int order_u64(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static inline int order_i64(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

#endif
