#ifndef BASE_VALUE_SET_H
#define BASE_VALUE_SET_H

/* Distinct 64-bit values, counted exactly up to a limit given at birth, then at that limit. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct value_set {
    uint64_t *slots; /* open addressing; 0 is an empty slot */
    size_t slot_count;
    uint32_t count, limit;
    uint64_t seed;
    unsigned shift; /* 64 less the bits of slot_count */
    bool has_zero;
};

void value_set_init(struct value_set *set, uint32_t limit);
void value_set_finish(struct value_set *set);

/* Nothing that is added changes it any more. */
static inline bool value_set_is_full(const struct value_set *set)
{
    return set->count >= set->limit;
}

/* Where the search for a value begins, if there are slots. Callers see no difference when the seed
 * differs. */
static inline size_t value_set_home(const struct value_set *set, uint64_t value)
{
    return (size_t)(((value ^ set->seed) * UINT64_C(0x9E3779B97F4A7C15)) >> set->shift);
}

bool value_set_insert(struct value_set *set, uint64_t value); /* what value_set_add() is for */

/* Whether it stands where its search begins, or in the next slot: as a rule one of both. */
static inline bool value_set_is_near(const struct value_set *set, uint64_t value)
{
    size_t home = value_set_home(set, value);

    return (set->slots[home] == value) | (set->slots[(home + 1) & (set->slot_count - 1)] == value);
}

/* False: no memory. */
static inline bool value_set_add(struct value_set *set, uint64_t value)
{
    if (value_set_is_full(set))
        return true;
    if (value != 0 && set->slots && value_set_is_near(set, value))
        return true; /* as a rule */
    return value_set_insert(set, value);
}

/* Adds every value of `from`. False: no memory. */
bool value_set_merge(struct value_set *set, const struct value_set *from);

#endif
