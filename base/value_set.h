/* SPDX-License-Identifier: Apache-2.0 */

#ifndef BASE_VALUE_SET_H
#define BASE_VALUE_SET_H

/*
 * A set of 64-bit values that only counts: how many distinct values were added, exactly up to a
 * limit, and the limit beyond it. Memory is bounded by the limit, about 16 to 64 bytes a value.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"

/* Callers read `count` and leave the rest alone. */
struct value_set {
    uint64_t *slots; /* owned; open addressing, 0 where a slot is empty; NULL before the first */
    size_t slot_count;
    uint32_t count, limit; /* distinct values; `count` never passes `limit` */
    unsigned shift;        /* 64 less the bits of slot_count */
    bool has_zero;         /* 0 is in the set */
};

/* An empty set; allocates nothing. */
void value_set_init(struct value_set *set, uint32_t limit);

/* Frees what the set holds and leaves it empty, with a limit of 0. */
void value_set_finish(struct value_set *set);

/* True once the count has reached the limit: no value changes the set any more. */
static inline bool value_set_is_full(const struct value_set *set)
{
    return set->count >= set->limit;
}

/* The bytes that the set has allocated. */
static inline size_t value_set_bytes(const struct value_set *set)
{
    return set->slot_count * sizeof *set->slots;
}

/* Index of the slot at which the search for a value begins, if there are slots. */
static inline size_t value_set_home(const struct value_set *set, uint64_t value)
{
    return (size_t)(hash_mix(value ^ hash_seed, hash_seed_2) >> set->shift);
}

/* The part of value_set_add() that is not inline. */
bool value_set_insert(struct value_set *set, uint64_t value);

/* True if a value, not 0, is in the first or the second slot of its search. */
static inline bool value_set_is_near(const struct value_set *set, uint64_t value)
{
    size_t home = value_set_home(set, value);

    return (set->slots[home] == value) | (set->slots[(home + 1) & (set->slot_count - 1)] == value);
}

/* True if adding the value surely changes nothing. */
static inline bool value_set_knows(const struct value_set *set, uint64_t value)
{
    return value_set_is_full(set) ||
           (value != 0 && set->slots != NULL && value_set_is_near(set, value));
}

/* Adds a value that may be in the set already. False: there is no memory, and the set is as
 * before. */
static inline bool value_set_add(struct value_set *set, uint64_t value)
{
    return value_set_knows(set, value) || value_set_insert(set, value);
}

/* Adds every value of `from`, which stays as it is. False: there is no memory, and some values are
 * missing. */
bool value_set_merge(struct value_set *set, const struct value_set *from);

#endif
