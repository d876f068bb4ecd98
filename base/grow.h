/* SPDX-License-Identifier: Apache-2.0 */

#ifndef BASE_GROW_H
#define BASE_GROW_H

/* Arrays that grow by an item at a time. */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Makes room for one more item behind `count` of them and clears it. Returns the array, which may
 * have moved, or NULL where there is no memory: then the old one is unchanged. The room doubles
 * whenever `count` is a power of two. */
static inline void *grow_by_one(void *items, size_t count, size_t item_len)
{
    if (items == NULL || (count & (count - 1)) == 0) {
        size_t room = count == 0 ? 1 : 2 * count;
        void *grown = room <= SIZE_MAX / item_len ? realloc(items, room * item_len) : NULL;

        if (grown == NULL) {
            return NULL;
        }
        items = grown;
    }
    memset((char *)items + count * item_len, 0, item_len);
    return items;
}

#endif
