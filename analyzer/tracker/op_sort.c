/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/tracker/op_sort.h"

#define SORTED_BY_INSERTION 32 /* operations; more are sorted by the bytes of their numbers */

static void sort_by_insertion(struct numbered_op *items, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        struct numbered_op item = items[i];
        uint32_t at = i;

        for (; at > 0 && items[at - 1].number > item.number; at--) {
            items[at] = items[at - 1];
        }
        items[at] = item;
    }
}

static uint64_t differing_bits(const struct numbered_op *items, uint32_t count)
{
    uint64_t bits = 0;

    for (uint32_t i = 1; i < count; i++) {
        bits |= items[i].number ^ items[0].number;
    }
    return bits;
}

/* Copies by one byte of the numbers. Those with equal bytes stay in their order. */
static void distribute(const struct numbered_op *from, struct numbered_op *to, uint32_t count,
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

void op_sort(struct numbered_op **items, struct numbered_op **spare, uint32_t count)
{
    if (count <= SORTED_BY_INSERTION) {
        sort_by_insertion(*items, count);
        return;
    }

    uint64_t bits = differing_bits(*items, count);

    for (unsigned shift = 0; shift < 64; shift += 8) {
        if ((bits >> shift & 0xFF) != 0) {
            struct numbered_op *sorted = *spare;

            distribute(*items, sorted, count, shift);
            *spare = *items;
            *items = sorted;
        }
    }
}
