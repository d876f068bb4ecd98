/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/findings/post_set.h"

#include <stdlib.h>

#include "base/bits.h"
#include "base/hash_table.h"
#include "base/rare.h"

#define SLOTS_FIRST 4u
#define NUMBERS 64u /* post numbers that a slot tells apart */

/* Keys that follow each other have slots side by side, four in a cache line. */
#define SLOTS_ADJACENT 4u

/* The slot that holds `key`, or the empty one where it belongs. */
static struct post_slot *slot_of(const struct post_set *set, uint64_t key)
{
    uint64_t line = hash_of_2(key / SLOTS_ADJACENT, set->slot_count);
    size_t at = (size_t)(line * SLOTS_ADJACENT + key % SLOTS_ADJACENT) & (set->slot_count - 1);
    while (set->slots[at].key != 0 && set->slots[at].key != key) {
        at = (at + 1) & (set->slot_count - 1);
    }
    return &set->slots[at];
}

static bool grow(struct post_set *set, size_t slot_count)
{
    struct post_set larger = *set;
    larger.slot_count = slot_count;
    larger.slots = calloc(slot_count, sizeof *larger.slots);
    if (larger.slots == NULL) {
        return false;
    }
    for (size_t i = 0; i < set->slot_count; i++) {
        if (set->slots[i].key != 0) {
            *slot_of(&larger, set->slots[i].key) = set->slots[i];
        }
    }
    free(set->slots);
    *set = larger;
    return true;
}

/* True: there is an empty slot for one more, or none may be had (*full). False: no memory. */
static bool make_room(struct post_set *set, uint64_t *room, bool *full)
{
    *full = false;
    if ((set->used + 1) * 2 <= set->slot_count) {
        return true;
    }
    size_t slot_count = set->slot_count == 0 ? SLOTS_FIRST : set->slot_count * 2;
    uint64_t more = slot_count - set->slot_count;
    if (more > *room) {
        *full = true;
        return true;
    }
    if (!grow(set, slot_count)) {
        return false;
    }
    *room -= more;
    return true;
}

/* The slot of a key; NULL: it has none yet. Numbers that follow each other are often near each
 * other. */
static struct post_slot *find_slot(struct post_set *set, uint64_t key)
{
    struct post_slot *slot;

    if (set->slot_count == 0) {
        return NULL;
    }
    slot = &set->slots[set->recent];
    if (slot->key != key) {
        slot = slot_of(set, key);
        set->recent = (size_t)(slot - set->slots);
    }
    return slot->key == key ? slot : NULL;
}

/* Adds a number whose key has no slot yet. False: no memory. */
RARE static bool add_slot(struct post_set *set, uint64_t key, uint64_t bit, uint64_t *room)
{
    bool full;

    if (!make_room(set, room, &full)) {
        return false;
    }
    set->count++;
    if (!full) {
        *slot_of(set, key) = (struct post_slot){key, bit};
        set->used++;
    }
    return true;
}

bool post_set_add(struct post_set *set, uint64_t number, uint64_t *room)
{
    uint64_t key = number / NUMBERS + 1;
    uint64_t bit = UINT64_C(1) << number % NUMBERS;
    struct post_slot *slot;

    if (number == set->last) {
        return true;
    }
    slot = find_slot(set, key);
    if (slot == NULL) {
        if (!add_slot(set, key, bit, room)) {
            return false;
        }
    } else {
        set->count += (slot->bits & bit) == 0;
        slot->bits |= bit;
    }
    set->last = number;
    return true;
}

bool post_set_merge(struct post_set *set, const struct post_set *from, uint64_t *room)
{
    uint64_t known = 0;
    for (size_t i = 0; i < from->slot_count; i++) {
        uint64_t bits = from->slots[i].bits;
        for (; bits != 0; bits &= bits - 1) {
            uint64_t number = (from->slots[i].key - 1) * NUMBERS + lowest_bit(bits);
            if (!post_set_add(set, number, room)) {
                return false;
            }
            known++;
        }
    }
    set->count += from->count - known; /* posts that no slot could be had for */
    return true;
}

void post_set_finish(struct post_set *set)
{
    free(set->slots);
    *set = (struct post_set){0};
}
