/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/findings/origins.h"

#include <stdlib.h>

#include "base/allocated.h"

/* NULL: no memory. */
static struct origin *add(struct origins *origins, const struct post_origin *key)
{
    struct origin *origin = origins->count < UINT32_MAX ? malloc(sizeof *origin) : NULL;

    if (origin == NULL) {
        return NULL;
    }
    origin->key = *key;
    origin->number = origins->count + 1;
    HASH_ADD(hh, origins->by_key, key, sizeof origin->key, origin);
    if (origin->hh.tbl == NULL) {
        free(origin);
        return NULL;
    }
    origins->count++;
    return origin;
}

static bool is_of(const struct origin *origin, const struct post_origin *key)
{
    return origin->key.process == key->process && origin->key.stack == key->stack &&
           origin->key.call == key->call;
}

uint32_t origins_number(struct origins *origins, struct operation *op)
{
    struct post_origin key = post_origin_of(op);
    struct origin *origin = origins->recent;

    if (origin == NULL || !is_of(origin, &key)) {
        HASH_FIND(hh, origins->by_key, &key, sizeof key, origin);
        if (origin == NULL) {
            origin = add(origins, &key);
        }
        if (origin == NULL) {
            return 0;
        }
        origins->recent = origin;
    }
    op->origin = origin->number;
    return origin->number;
}

size_t origins_bytes(const struct origins *origins)
{
    return origins->count * (allocated_len(sizeof(struct origin)) + HASH_TABLE_SHARE);
}

void origins_finish(struct origins *origins)
{
    struct origin *origin = origins->by_key, *next;

    HASH_CLEAR(hh, origins->by_key); /* frees the table; the items stay linked */
    for (; origin != NULL; origin = next) {
        next = origin->hh.next;
        free(origin);
    }
    *origins = (struct origins){.by_key = NULL};
}
