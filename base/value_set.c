/* SPDX-License-Identifier: Apache-2.0 */

#include "base/value_set.h"

#include <assert.h>
#include <stdlib.h>

#define SLOTS_FIRST_BITS 3
#define SLOTS_FIRST (1u << SLOTS_FIRST_BITS)
#define SLOTS_MANY 512 /* 4 KiB of them: memory counts more than a short search */

void value_set_init(struct value_set *set, uint32_t limit)
{
    *set = (struct value_set){.limit = limit};
}

void value_set_finish(struct value_set *set)
{
    free(set->slots);
    *set = (struct value_set){0};
}

/* The slot that holds `value`, which is not 0, or the empty one where it belongs. */
static uint64_t *slot_of(const struct value_set *set, uint64_t value)
{
    size_t at = value_set_home(set, value);

    assert(set->slots != NULL);
    while (set->slots[at] != 0 && set->slots[at] != value) {
        at = (at + 1) & (set->slot_count - 1);
    }
    return &set->slots[at];
}

static bool set_grow(struct value_set *set)
{
    struct value_set larger = *set;

    assert(set->slots != NULL || set->slot_count == 0);
    larger.slot_count = set->slot_count > 0 ? set->slot_count * 2 : SLOTS_FIRST;
    larger.shift = set->slot_count > 0 ? set->shift - 1 : 64 - SLOTS_FIRST_BITS;
    larger.slots = calloc(larger.slot_count, sizeof *larger.slots);
    if (larger.slots == NULL) {
        return false;
    }
    for (size_t i = 0; i < set->slot_count; i++) {
        if (set->slots[i] != 0) {
            *slot_of(&larger, set->slots[i]) = set->slots[i];
        }
    }
    free(set->slots);
    *set = larger;
    return true;
}

/* Few values may fill an eighth of the slots, many values half of them. */
static bool set_is_crowded(const struct value_set *set)
{
    size_t share = set->slot_count < SLOTS_MANY ? 8 : 2;

    return (set->count + 1) * share > set->slot_count;
}

bool value_set_insert(struct value_set *set, uint64_t value)
{
    uint64_t *slot;

    if (value == 0) {
        set->count += !set->has_zero;
        set->has_zero = true;
        return true;
    }
    if (set_is_crowded(set) && !set_grow(set)) {
        return false;
    }
    slot = slot_of(set, value);
    set->count += *slot == 0;
    *slot = value;
    return true;
}

bool value_set_merge(struct value_set *set, const struct value_set *from)
{
    if (from->has_zero && !value_set_add(set, 0)) {
        return false;
    }
    for (size_t i = 0; i < from->slot_count; i++) {
        if (from->slots[i] != 0 && !value_set_add(set, from->slots[i])) {
            return false;
        }
    }
    return true;
}
