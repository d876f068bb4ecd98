#ifndef ANALYZER_VALUE_SET_H
#define ANALYZER_VALUE_SET_H

/* Distinct 64-bit values, counted exactly up to a limit given at birth, then at that limit. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct value_set {
    uint64_t *slots; /* open addressing; 0 is an empty slot */
    size_t slot_count;
    uint32_t count, limit;
    bool has_zero;
};

void value_set_init(struct value_set *set, uint32_t limit);
void value_set_finish(struct value_set *set);

/* Nothing that is added changes it any more. */
static inline bool value_set_is_full(const struct value_set *set)
{
    return set->count >= set->limit;
}

bool value_set_add(struct value_set *set, uint64_t value); /* false: no memory */

/* Adds every value of `from`. False: no memory. */
bool value_set_merge(struct value_set *set, const struct value_set *from);

#endif
