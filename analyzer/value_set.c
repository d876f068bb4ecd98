#include "analyzer/value_set.h"

#include <stdlib.h>

#include "analyzer/tracker/hash_table.h"

#define SLOTS_FIRST 8
#define MIXER UINT64_C(0xE7037ED1A0B428DB)

void value_set_init(struct value_set *set, uint32_t limit)
{
    *set = (struct value_set){.limit = limit};
}

void value_set_finish(struct value_set *set)
{
    free(set->slots);
    *set = (struct value_set){0};
}

/* The slot that holds `value`, or the empty one where it belongs. */
static uint64_t *slot_of(uint64_t *slots, size_t slot_count, uint64_t value)
{
    size_t at = (size_t)hash_mix(value ^ hash_seed, MIXER) & (slot_count - 1);

    while (slots[at] != 0 && slots[at] != value)
        at = (at + 1) & (slot_count - 1);
    return &slots[at];
}

static bool grow(struct value_set *set)
{
    size_t slot_count = set->slot_count ? set->slot_count * 2 : SLOTS_FIRST;
    uint64_t *slots = calloc(slot_count, sizeof(*slots));

    if (!slots)
        return false;
    for (size_t i = 0; i < set->slot_count; i++)
        if (set->slots[i] != 0)
            *slot_of(slots, slot_count, set->slots[i]) = set->slots[i];
    free(set->slots);
    set->slots = slots;
    set->slot_count = slot_count;
    return true;
}

bool value_set_add(struct value_set *set, uint64_t value)
{
    uint64_t *slot;

    if (set->count >= set->limit)
        return true;
    if (value == 0) {
        set->count += !set->has_zero;
        set->has_zero = true;
        return true;
    }
    if ((set->count + 1) * (size_t)2 > set->slot_count && !grow(set))
        return false;
    slot = slot_of(set->slots, set->slot_count, value);
    set->count += *slot == 0;
    *slot = value;
    return true;
}

bool value_set_merge(struct value_set *set, const struct value_set *from)
{
    if (from->has_zero && !value_set_add(set, 0))
        return false;
    for (size_t i = 0; i < from->slot_count; i++)
        if (from->slots[i] != 0 && !value_set_add(set, from->slots[i]))
            return false;
    return true;
}
