/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cut/moved_memory.h"

#include <stdlib.h>

#include "base/grow.h"
#include "base/least.h"

/* Windows hands out memory in such steps. An address keeps its place in its granule. */
#define GRANULE UINT64_C(0x10000)
#define JOIN_AT_LEAST 4096 /* ranges */

/* The parts of address space: no range moves from one into another. */
static const struct space {
    uint64_t first, last; /* the addresses in it */
    uint64_t free;        /* the first address that is tried */
} spaces[] = {
    {0, 0x7FFFFFFF, 0x10000000},
    {0x80000000, 0xFFFFFFFF, 0xA0000000},
    {UINT64_C(0x100000000), UINT64_C(0x7FFFFFFFFFFF), UINT64_C(0x4ADD00000000)},
    {UINT64_C(0x800000000000), UINT64_C(0xFFFF7FFFFFFFFFFF), UINT64_C(0x14ADD0000000000)},
    {UINT64_C(0xFFFF800000000000), UINT64_MAX, UINT64_C(0xFFFF8ADD00000000)},
};
#define SPACE_COUNT (sizeof spaces / sizeof spaces[0])

static size_t space_of(uint64_t address)
{
    size_t at = 0;

    while (address > spaces[at].last) {
        at++;
    }
    return at;
}

/* ---- ranges ---- */

void address_ranges_finish(struct address_ranges *ranges)
{
    free(ranges->items);
    *ranges = (struct address_ranges){0};
}

static int compare(const void *a, const void *b)
{
    const struct moved_range *left = a, *right = b;

    return order_u64(left->first, right->first);
}

/* Ranges that share a granule become one. */
void address_ranges_join(struct address_ranges *ranges)
{
    size_t kept = 0;

    if (ranges->count == 0) {
        return;
    }
    qsort(ranges->items, ranges->count, sizeof *ranges->items, compare);
    for (size_t i = 1; i < ranges->count; i++) {
        struct moved_range *last = &ranges->items[kept];
        const struct moved_range *next = &ranges->items[i];

        if (next->first > last->last) {
            ranges->items[++kept] = *next;
        } else if (next->last > last->last) {
            last->last = next->last;
        }
    }
    ranges->count = kept + 1;
}

bool address_ranges_add(struct address_ranges *ranges, uint64_t first, uint64_t last)
{
    const struct moved_range range = {first & ~(GRANULE - 1), last | (GRANULE - 1), 0};

    if (ranges->count > 0) {
        const struct moved_range *before = &ranges->items[ranges->count - 1];
        if (range.first >= before->first && range.last <= before->last) {
            return true;
        }
    }
    if (ranges->count >= JOIN_AT_LEAST && ranges->count >= ranges->join_at) {
        address_ranges_join(ranges);
        ranges->join_at = 2 * ranges->count;
    }
    struct moved_range *grown = grow_by_one(ranges->items, ranges->count, sizeof *ranges->items);
    if (grown == NULL) {
        return false;
    }
    ranges->items = grown;
    ranges->items[ranges->count++] = range;
    return true;
}

/* The last range that begins at or before an address; `count`: there is none. */
static size_t range_before(const struct address_ranges *ranges, uint64_t address)
{
    size_t low = 0, high = ranges->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ranges->items[middle].first <= address) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low > 0 ? low - 1 : ranges->count;
}

bool address_ranges_hold(const struct address_ranges *ranges, uint64_t address)
{
    size_t at = range_before(ranges, address);

    return at < ranges->count && address <= ranges->items[at].last;
}

/* ---- noting ---- */

void moved_memory_finish(struct moved_memory *memory)
{
    for (size_t i = 0; i < MOVED_CLASSES; i++) {
        address_ranges_finish(&memory->noted[i]);
    }
    address_ranges_finish(&memory->placed);
}

static size_t class_of(uint64_t first, uint64_t last)
{
    uint64_t granules = last / GRANULE - first / GRANULE;
    size_t length = 0;

    for (uint64_t most = 0; length + 1 < MOVED_CLASSES && granules > most; length++) {
        most = 16 * most + 15;
    }
    return length;
}

bool moved_memory_add(struct moved_memory *memory, uint64_t first, uint64_t last)
{
    struct address_ranges *granules = &memory->noted[0];
    size_t length = class_of(first, last);

    return (length == 0 || address_ranges_add(&memory->noted[length], first, last)) &&
           address_ranges_add(granules, first, first) && address_ranges_add(granules, last, last);
}

/* ---- moving ---- */

/* The first address from `at` on behind which `len` bytes are in no range. False: the space ends
 * before. The last granule of a space is never free: memory may be cut there. */
static bool find_room(const struct address_ranges *ranges, const struct space *space, uint64_t len,
                      uint64_t *at)
{
    for (;;) {
        if (*at > space->last || len > space->last - *at) {
            return false;
        }
        size_t before = range_before(ranges, *at + (len - 1));
        if (before == ranges->count || ranges->items[before].last < *at) {
            return true;
        }
        if (ranges->items[before].last >= space->last) {
            return false;
        }
        *at = ranges->items[before].last + 1;
    }
}

/* Gives every range its place. Returns the space in which one found none, or SPACE_COUNT. */
static size_t place(struct moved_memory *memory)
{
    struct address_ranges *ranges = &memory->placed;
    uint64_t free_at[SPACE_COUNT];

    for (size_t i = 0; i < SPACE_COUNT; i++) {
        free_at[i] = spaces[i].free;
    }
    for (size_t i = 0; i < ranges->count; i++) {
        struct moved_range *range = &ranges->items[i];
        size_t at = space_of(range->first);
        uint64_t len = range->last - range->first + 1;
        uint64_t to = free_at[at];

        if (len == 0 || !find_room(ranges, &spaces[at], len, &to)) {
            return at;
        }
        range->to = to;
        free_at[at] = to + len;
    }
    return SPACE_COUNT;
}

/* Collects the ranges that are to be moved: in each space those up to a class of length. */
static bool collect(struct moved_memory *memory, const size_t longest[SPACE_COUNT])
{
    memory->placed.count = 0;
    for (size_t length = 0; length < MOVED_CLASSES; length++) {
        const struct address_ranges *noted = &memory->noted[length];

        for (size_t i = 0; i < noted->count; i++) {
            const struct moved_range *range = &noted->items[i];
            if (length <= longest[space_of(range->first)] &&
                !address_ranges_add(&memory->placed, range->first, range->last)) {
                return false;
            }
        }
    }
    address_ranges_join(&memory->placed);
    return true;
}

bool moved_memory_assign(struct moved_memory *memory)
{
    size_t longest[SPACE_COUNT];

    for (size_t i = 0; i < MOVED_CLASSES; i++) {
        address_ranges_join(&memory->noted[i]);
    }
    for (size_t i = 0; i < SPACE_COUNT; i++) {
        longest[i] = MOVED_CLASSES - 1;
    }
    for (;;) {
        if (!collect(memory, longest)) {
            return false;
        }
        size_t full = place(memory);
        if (full == SPACE_COUNT) {
            return true;
        }
        if (longest[full] == 0) {
            memory->no_room = true;
            return false;
        }
        longest[full]--;
    }
}

bool moved_memory_find(const struct moved_memory *memory, uint64_t address, uint64_t *to)
{
    size_t at = range_before(&memory->placed, address);

    if (at == memory->placed.count || address > memory->placed.items[at].last) {
        return false;
    }
    *to = memory->placed.items[at].to + (address - memory->placed.items[at].first);
    return true;
}
