/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/tracker/late_list.h"

#include <stdlib.h>

#include "base/rare.h"

#define ROOM_FIRST 64
#define SORTED_BY_INSERTION                                                                        \
    32 /* operations; more of them are sorted by the bytes of their numbers */

/* ---- adding ---- */

RARE static bool grow(struct late_list *list)
{
    uint32_t room = list->room != 0 ? list->room * 2 : ROOM_FIRST;
    struct late_conflict *items = NULL;

    if (room > list->room) {
        items = realloc(list->items, room * sizeof *items);
    }
    if (items == NULL) {
        return false;
    }
    list->items = items;
    list->room = room;
    return true;
}

RARE static bool grow_firsts(struct late_list *list)
{
    uint32_t room = list->first_room != 0 ? list->first_room * 2 : ROOM_FIRST;
    struct late_first *firsts = NULL, *spare = NULL;

    if (room > list->first_room) {
        firsts = realloc(list->firsts, room * sizeof *firsts);
    }
    if (firsts != NULL) {
        list->firsts = firsts;
        spare = realloc(list->spare, room * sizeof *spare);
    }
    if (spare == NULL) {
        return false;
    }
    list->spare = spare;
    list->first_room = room;
    return true;
}

static bool add_first(struct late_list *list, struct tracked_op *op)
{
    if (list->first_count == list->first_room && !grow_firsts(list)) {
        return false;
    }
    list->firsts[list->first_count++] = (struct late_first){op->op.number, op};
    return true;
}

bool late_list_add(struct late_list *list, struct tracked_op *first,
                   const struct kept_conflict *kept)
{
    if (list->count == list->room && !grow(list)) {
        return false;
    }
    if (first->late.first == 0) {
        if (!add_first(list, first)) {
            return false;
        }
        first->late.first = list->count + 1;
    } else {
        list->items[first->late.last - 1].next = list->count + 1;
    }
    list->items[list->count++] = (struct late_conflict){.kept = *kept};
    first->late.last = list->count;
    return true;
}

/* ---- sorting ---- */

static void sort_by_insertion(struct late_first *firsts, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        struct late_first first = firsts[i];
        uint32_t at = i;

        for (; at > 0 && firsts[at - 1].number > first.number; at--) {
            firsts[at] = firsts[at - 1];
        }
        firsts[at] = first;
    }
}

static uint64_t differing_bits(const struct late_first *firsts, uint32_t count)
{
    uint64_t bits = 0;

    for (uint32_t i = 1; i < count; i++) {
        bits |= firsts[i].number ^ firsts[0].number;
    }
    return bits;
}

/* Copies by one byte of the numbers. Those with equal bytes stay in their order. */
static void distribute(const struct late_first *from, struct late_first *to, uint32_t count,
                       unsigned shift)
{
    uint32_t places[256] = {0}, place = 0;

    for (uint32_t i = 0; i < count; i++) {
        places[from[i].number >> shift & 0xFF]++;
    }
    for (unsigned byte = 0; byte < 256; byte++) {
        uint32_t with_byte = places[byte];

        places[byte] = place;
        place += with_byte;
    }
    for (uint32_t i = 0; i < count; i++) {
        to[places[from[i].number >> shift & 0xFF]++] = from[i];
    }
}

void late_list_sort(struct late_list *list)
{
    if (list->first_count <= SORTED_BY_INSERTION) {
        sort_by_insertion(list->firsts, list->first_count);
        return;
    }

    uint64_t bits = differing_bits(list->firsts, list->first_count);

    for (unsigned shift = 0; shift < 64; shift += 8) {
        if ((bits >> shift & 0xFF) != 0) {
            struct late_first *firsts = list->firsts;

            distribute(firsts, list->spare, list->first_count, shift);
            list->firsts = list->spare;
            list->spare = firsts;
        }
    }
}

/* ---- room ---- */

void late_list_clear(struct late_list *list)
{
    list->first_count = list->count = 0;
}

void late_list_finish(struct late_list *list)
{
    free(list->firsts);
    free(list->spare);
    free(list->items);
    *list = (struct late_list){.items = NULL};
}
