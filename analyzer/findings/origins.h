/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_FINDINGS_ORIGINS_H
#define ANALYZER_FINDINGS_ORIGINS_H

/* Numbers the places that posts come from, so that conflicts compare numbers: an operation is in up
 * to sixteen conflicts. Includes uthash: for .c files only. */

#include "analyzer/findings/finding.h"
#include "base/hash_table.h"

struct origin {
    struct post_origin key;
    uint32_t number;
    UT_hash_handle hh;
};

/* All bytes 0: none yet. */
struct origins {
    struct origin *by_key; /* owned */
    struct origin *recent; /* found last; NULL: none yet */
    uint32_t count;
};

/* The number of an operation's origin, from 1 on, which `op->origin` keeps. 0: no memory. While
 * operations with a stack are numbered, somebody must hold the stacks of all that were. */
uint32_t origins_number(struct origins *origins, struct operation *op);

size_t origins_bytes(const struct origins *origins); /* allocated */
void origins_finish(struct origins *origins);        /* leaves none */

#endif
