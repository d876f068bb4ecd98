/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cut/moved_memory.h"

#include <stdlib.h>

#include "base/grow.h"

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

void moved_memory_finish(struct moved_memory *memory)
{
    free(memory->ranges);
    *memory = (struct moved_memory){0};
}

static int compare(const void *a, const void *b)
{
    const struct moved_range *left = a, *right = b;

    return (left->first > right->first) - (left->first < right->first);
}

/* Ranges that share a granule become one. */
static void join(struct moved_memory *memory)
{
    size_t kept = 0;

    if (memory->count == 0) {
        return;
    }
    qsort(memory->ranges, memory->count, sizeof *memory->ranges, compare);
    for (size_t i = 1; i < memory->count; i++) {
        struct moved_range *last = &memory->ranges[kept];
        const struct moved_range *next = &memory->ranges[i];

        if (next->first > last->last) {
            memory->ranges[++kept] = *next;
        } else if (next->last > last->last) {
            last->last = next->last;
        }
    }
    memory->count = kept + 1;
}

bool moved_memory_add(struct moved_memory *memory, uint64_t first, uint64_t last)
{
    const struct moved_range range = {first & ~(GRANULE - 1), last | (GRANULE - 1), 0};

    if (memory->count > 0) {
        const struct moved_range *before = &memory->ranges[memory->count - 1];
        if (range.first >= before->first && range.last <= before->last) {
            return true;
        }
    }
    if (memory->count >= JOIN_AT_LEAST && memory->count >= memory->join_at) {
        join(memory);
        memory->join_at = 2 * memory->count;
    }
    struct moved_range *grown = grow_by_one(memory->ranges, memory->count, sizeof *memory->ranges);
    if (grown == NULL) {
        return false;
    }
    memory->ranges = grown;
    memory->ranges[memory->count++] = range;
    return true;
}

/* The last range that begins at or before an address; `count`: there is none. */
static size_t range_before(const struct moved_memory *memory, uint64_t address)
{
    size_t low = 0, high = memory->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (memory->ranges[middle].first <= address) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low > 0 ? low - 1 : memory->count;
}

/* The first address from `at` on behind which `len` bytes are in no range. False: the space ends
 * before. */
static bool find_room(const struct moved_memory *memory, const struct space *space, uint64_t len,
                      uint64_t *at)
{
    for (;;) {
        if (*at > space->last || len > space->last - *at) {
            return false;
        }
        size_t before = range_before(memory, *at + (len - 1));
        if (before == memory->count || memory->ranges[before].last < *at) {
            return true;
        }
        if (memory->ranges[before].last >= space->last) {
            return false;
        }
        *at = memory->ranges[before].last + 1;
    }
}

void moved_memory_assign(struct moved_memory *memory)
{
    uint64_t free_at[SPACE_COUNT];

    join(memory);
    for (size_t i = 0; i < SPACE_COUNT; i++) {
        free_at[i] = spaces[i].free;
    }
    for (size_t i = 0; i < memory->count; i++) {
        struct moved_range *range = &memory->ranges[i];
        size_t at = space_of(range->first);
        uint64_t len = range->last - range->first + 1;

        range->to = range->first;
        if (range->last < spaces[at].last && find_room(memory, &spaces[at], len, &free_at[at])) {
            range->to = free_at[at];
            free_at[at] += len;
        }
    }
}

bool moved_memory_find(const struct moved_memory *memory, uint64_t address, uint64_t *to)
{
    size_t at = range_before(memory, address);

    if (at == memory->count || address > memory->ranges[at].last) {
        return false;
    }
    *to = memory->ranges[at].to + (address - memory->ranges[at].first);
    return true;
}
