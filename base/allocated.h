/* SPDX-License-Identifier: Apache-2.0 */

#ifndef BASE_ALLOCATED_H
#define BASE_ALLOCATED_H

/* The size that a small allocation really has, for containers that tell how much they hold. */

#include <stddef.h>

/* The bytes that malloc() takes for `len` bytes: usual allocators put a word before each piece and
 * round up to 16. */
static inline size_t allocated_len(size_t len)
{
    return (len + sizeof(size_t) + 15) / 16 * 16;
}

#endif
