/* SPDX-License-Identifier: Apache-2.0 */

#ifndef BASE_HASH_TABLE_H
#define BASE_HASH_TABLE_H

/*
 * uthash with the seeded hash of hash.h, and with allocations that may fail: an item that found no
 * memory is not in the table, and its handle's `tbl` is NULL. Keys must have no padding. For .c
 * files only, because uthash's macros are large.
 */

#include "base/hash.h"

#define HASH_NONFATAL_OOM 1
#define HASH_FUNCTION(keyptr, keylen, hashv) ((hashv) = (unsigned)hash_key((keyptr), (keylen)))
#include <uthash.h>

#define HASH_TABLE_SHARE 8 /* bytes that a table takes for an item, beside the item */

#endif
