/* SPDX-License-Identifier: Apache-2.0 */

#ifndef BASE_LEAST_H
#define BASE_LEAST_H

/* The smaller and the greater one of two numbers. */

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

#endif
