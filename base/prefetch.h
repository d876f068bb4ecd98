/* SPDX-License-Identifier: Apache-2.0 */

#ifndef BASE_PREFETCH_H
#define BASE_PREFETCH_H

#include <stddef.h>

#define CACHE_LINE_LEN 64 /* bytes; where lines are longer, some are asked for twice */

/* Asks the processor to load the `len` bytes at `item` into its cache and does not wait for them.
 * NULL is allowed. The call reads nothing and has no effect but on time. */
static inline void prefetch_item(const void *item, size_t len)
{
#if defined(__GNUC__)
    if (item != NULL) {
        for (size_t at = 0; at < len; at += CACHE_LINE_LEN) {
            __builtin_prefetch((const char *)item + at);
            /* Without a statement that must stay, gcc takes the function for one without any
             * effect and removes calls of it that it has not put inline yet. */
            __asm__ volatile("");
        }
    }
#else
    (void)item;
    (void)len;
#endif
}

#endif
