/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CUT_ALIASES_H
#define ANALYZER_CUT_ALIASES_H

/*
 * Aliases: each value that an anonymous trace must not hold has another one that stands for it
 * everywhere, so that what was equal stays equal. Values are noted while a trace is read; then
 * aliases_assign() gives each an alias, in the order in which they were noted, and none that is
 * itself a noted value of that kind. Of texts and SIDs only the number is given here, at once,
 * because the length of the alias depends on it: the alias may be a value that is noted later.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum alias_kind {
    ALIAS_ADDRESS,  /* of the kernel: 8 bytes, little-endian; so are the aliases */
    ALIAS_NOWHERE,  /* an address in no address space: 8 bytes */
    ALIAS_ACTIVITY, /* 16 bytes that are no address */
    ALIAS_IPV4,     /* 4 bytes: 10.0.0.1, ... */
    ALIAS_IPV6,     /* 16 bytes: fd00::1, ... */
    ALIAS_SID,      /* any bytes; of this kind and the kinds below only the number counts */
    ALIAS_COMMAND,
    ALIAS_FOLDER,
    ALIAS_IMAGE,
    ALIAS_PDB,
    ALIAS_THREAD,
    ALIAS_KINDS
};

#define ALIASES_BYTES_MAX (UINT64_C(4) << 30) /* for the values of one trace */
#define ALIAS_LEN 16                          /* bytes of the longest alias */

struct alias {
    uint32_t number; /* counts the values of a kind from 1 */
    uint8_t value[ALIAS_LEN];
};

struct aliases;

/* `bytes_max`: for all noted values, mostly ALIASES_BYTES_MAX. NULL: no memory. */
struct aliases *aliases_create(uint64_t bytes_max);
void aliases_destroy(struct aliases *aliases); /* takes NULL */

/* The alias of a value of `len` bytes, which is noted if it is new. The value of an alias is zeros
 * until aliases_assign(), its number is there at once. Borrowed until aliases_destroy(). NULL: no
 * memory, or more than the limit; aliases_wanted() tells which. */
const struct alias *aliases_of(struct aliases *aliases, enum alias_kind kind, const void *value,
                               size_t len);

/* The bytes, above the limit, that the first refused value would have led to; 0: none was refused
 * for the limit. */
uint64_t aliases_wanted(const struct aliases *aliases);

/* True if a value was noted. */
bool aliases_noted(const struct aliases *aliases, enum alias_kind kind, const void *value,
                   size_t len);

/* Gives every noted value its alias. What is noted afterwards has none until the next call. */
void aliases_assign(struct aliases *aliases);

/* The alias of an address, or of a number that stands for one. An address below 2^32 has an alias
 * below 2^32, in the kernel's half of a 32-bit address space; 0 is its own alias. *no_memory is set
 * where there is none. */
uint64_t aliases_address(struct aliases *aliases, enum alias_kind kind, uint64_t address,
                         bool *no_memory);

#endif
