/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>

#include "analyzer/cut/moved_memory.h"

#define GRANULE UINT64_C(0x10000)
#define SPACES 5

static const uint64_t space_first[SPACES] = {0, UINT64_C(0x80000000), UINT64_C(0x100000000),
                                             UINT64_C(0x800000000000),
                                             UINT64_C(0xFFFF800000000000)};
static const uint64_t space_last[SPACES] = {UINT64_C(0x7FFFFFFF), UINT64_C(0xFFFFFFFF),
                                            UINT64_C(0x7FFFFFFFFFFF), UINT64_C(0xFFFF7FFFFFFFFFFF),
                                            UINT64_MAX};

static struct moved_memory memory;

static void note(uint64_t first, uint64_t last)
{
    cr_assert(moved_memory_add(&memory, first, last));
}

static uint64_t place_of(uint64_t address)
{
    uint64_t to = 0;
    cr_assert(moved_memory_find(&memory, address, &to), "%llx", (unsigned long long)address);
    return to;
}

static bool is_moved(uint64_t address)
{
    uint64_t to;
    return moved_memory_find(&memory, address, &to);
}

Test(moved_memory, what_overlaps_or_shares_a_granule_moves_as_a_whole)
{
    note(UINT64_C(0x1a2b3c4010), UINT64_C(0x1a2b3c4fff));
    note(UINT64_C(0x1a2b3c5000), UINT64_C(0x1a2b3d0000));
    note(UINT64_C(0x1a2b300000), UINT64_C(0x1a2b300000));
    cr_assert(moved_memory_assign(&memory));
    uint64_t to = place_of(UINT64_C(0x1a2b3c4010));
    cr_assert_neq(to, UINT64_C(0x1a2b3c4010));
    cr_assert_eq(to % GRANULE, 0x4010, "an address keeps its place in its granule");
    cr_assert_eq(place_of(UINT64_C(0x1a2b3c5000)), to + 0xff0);
    cr_assert_eq(place_of(UINT64_C(0x1a2b3dffff)), to + 0x1bfef, "the whole of the last granule");
    cr_assert_eq(place_of(UINT64_C(0x1a2b3c0000)), to - 0x4010, "the whole of the first granule");
    cr_assert_not(is_moved(UINT64_C(0x1a2b3e0000)));
    cr_assert_not(is_moved(UINT64_C(0x1a2b3bffff)));
    cr_assert_eq(place_of(UINT64_C(0x1a2b300000)) % GRANULE, 0);
    moved_memory_finish(&memory);
}

static uint64_t random_state = 7;

static uint64_t draw(uint64_t below)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (random_state >> 20) % below;
}

struct noted {
    uint64_t first, last;
    unsigned space;
};

static bool in_noted(const struct noted *noted, size_t count, uint64_t address)
{
    for (size_t i = 0; i < count; i++) {
        if (address >= noted[i].first / GRANULE * GRANULE && address <= (noted[i].last | 0xFFFF)) {
            return true;
        }
    }
    return false;
}

#define NOTED 600

/* Ranges that collide, in each part of address space, beyond what is joined on the way. */
static size_t make_noted(struct noted noted[NOTED])
{
    for (size_t i = 0; i < NOTED; i++) {
        unsigned space = (unsigned)draw(SPACES);
        uint64_t first = space_first[space] + GRANULE + draw(300) * 0x7000;
        noted[i] = (struct noted){first, first + draw(3) * 0x9000 + draw(64), space};
        note(noted[i].first, noted[i].last);
    }
    return NOTED;
}

/* Two addresses of one range stay as far apart as they are; no address leaves its part of address
 * space, nor comes to where a noted range lies, nor to where another one came. */
Test(moved_memory, distances_stay_and_nothing_collides)
{
    static struct noted noted[NOTED];
    size_t count = make_noted(noted);
    cr_assert(moved_memory_assign(&memory));
    for (size_t i = 0; i < count; i++) {
        uint64_t first = place_of(noted[i].first), last = place_of(noted[i].last);
        cr_assert_eq(last - first, noted[i].last - noted[i].first);
        cr_assert_geq(first, space_first[noted[i].space]);
        cr_assert_leq(last, space_last[noted[i].space]);
        cr_assert_not(in_noted(noted, count, first), "%llx", (unsigned long long)first);
        cr_assert_not(in_noted(noted, count, last), "%llx", (unsigned long long)last);
        for (size_t j = 0; j < i; j++) {
            bool same = place_of(noted[j].first) / GRANULE == first / GRANULE;
            cr_assert_eq(same, noted[j].first / GRANULE == noted[i].first / GRANULE);
        }
    }
    moved_memory_finish(&memory);
}

Test(moved_memory, many_ranges_are_joined_on_the_way)
{
    for (uint64_t i = 0; i < 9000; i++) {
        note(UINT64_C(0x200000000) + i % 4500 * 2 * GRANULE,
             UINT64_C(0x200000000) + i % 4500 * 2 * GRANULE + i);
    }
    cr_assert_lt(memory.noted[0].count, 9000);
    cr_assert(moved_memory_assign(&memory));
    uint64_t to = place_of(UINT64_C(0x200000000));
    for (uint64_t i = 0; i < 4500; i++) {
        cr_assert_eq(place_of(UINT64_C(0x200000000) + i * 2 * GRANULE), to + i * GRANULE);
        cr_assert_not(is_moved(UINT64_C(0x200000000) + (2 * i + 1) * GRANULE));
    }
    moved_memory_finish(&memory);
}

/* A range of nearly all user memory of 32 bits finds no other place: its ends alone move. */
Test(moved_memory, what_finds_no_room_goes_by_its_ends)
{
    note(0x20000, 0x7FFD0000);
    note(UINT64_C(0x1a00000000), UINT64_C(0x1a00ff0000));
    cr_assert(moved_memory_assign(&memory));
    cr_assert_neq(place_of(0x20000), 0x20000);
    cr_assert_neq(place_of(0x7FFD0000), 0x7FFD0000);
    cr_assert_not(is_moved(0x40000000));
    cr_assert_eq(place_of(UINT64_C(0x1a00800000)) - place_of(UINT64_C(0x1a00000000)), 0x800000,
                 "ranges of other parts of address space are moved as a whole");
    moved_memory_finish(&memory);
}

/* Every granule of user memory of 32 bits is noted, so that none is free. */
Test(moved_memory, no_room_at_all_is_an_error)
{
    for (uint64_t at = 0; at <= UINT64_C(0x7FFFFFFF); at += GRANULE) {
        note(at, at);
    }
    cr_assert_not(moved_memory_assign(&memory));
    cr_assert(memory.no_room);
    moved_memory_finish(&memory);
}

Test(moved_memory, ranges_hold_their_granules)
{
    struct address_ranges ranges = {0};
    cr_assert_not(address_ranges_hold(&ranges, 0));
    cr_assert(address_ranges_add(&ranges, 0x51234, 0x61234));
    cr_assert(address_ranges_add(&ranges, 0x31234, 0x31234));
    cr_assert(address_ranges_add(&ranges, 0x35000, 0x36000));
    address_ranges_join(&ranges);
    cr_assert_eq(ranges.count, 2);
    cr_assert_not(address_ranges_hold(&ranges, 0x2ffff));
    cr_assert(address_ranges_hold(&ranges, 0x30000));
    cr_assert(address_ranges_hold(&ranges, 0x3ffff));
    cr_assert_not(address_ranges_hold(&ranges, 0x40000));
    cr_assert_not(address_ranges_hold(&ranges, 0x4ffff));
    cr_assert(address_ranges_hold(&ranges, 0x50000));
    cr_assert(address_ranges_hold(&ranges, 0x6ffff));
    cr_assert_not(address_ranges_hold(&ranges, 0x70000));
    address_ranges_finish(&ranges);
}

/* A hole of one granule takes a range of one: the search begins at 0x10000000. */
Test(moved_memory, a_hole_may_fit_exactly)
{
    note(0x10020000, 0x10020000);
    note(0x20000000, 0x20000000);
    note(0x30000000, 0x30010000);
    note(0x40000000, 0x40000000);
    cr_assert(moved_memory_assign(&memory));
    cr_assert_eq(place_of(0x10020000), 0x10000000);
    cr_assert_eq(place_of(0x20000000), 0x10010000);
    cr_assert_eq(place_of(0x30000000), 0x10030000);
    cr_assert_eq(place_of(0x40000000), 0x10050000);
    moved_memory_finish(&memory);
}

/* Behind a range that reaches the end of all memory there is no room, least of all at 0. */
Test(moved_memory, nothing_lies_behind_the_last_range)
{
    note(UINT64_C(0xFFFF8ADD00000000), UINT64_MAX);
    note(UINT64_C(0xFFFF800000000000), UINT64_C(0xFFFF800000000000));
    cr_assert(moved_memory_assign(&memory));
    cr_assert_eq(place_of(UINT64_C(0xFFFF800000000000)), UINT64_C(0xFFFF8ADD00010000));
    cr_assert_not(is_moved(UINT64_C(0xFFFF8ADD00020000)), "by its ends alone");
    moved_memory_finish(&memory);
}
