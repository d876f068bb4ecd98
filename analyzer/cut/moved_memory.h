/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CUT_MOVED_MEMORY_H
#define ANALYZER_CUT_MOVED_MEMORY_H

/*
 * Memory whose addresses an anonymous trace must not hold, but where distances matter: buffers that
 * overlap, code in an image. Ranges are noted while a trace is read; moved_memory_assign() joins
 * those that touch one another and moves each of them as a whole, to addresses of the same part of
 * address space where no noted range lies.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct moved_range {
    uint64_t first, last; /* addresses of whole granules */
    uint64_t to;          /* where `first` lies in the anonymous trace */
};

struct address_ranges {
    struct moved_range *items; /* owned; sorted and apart once they are joined */
    size_t count, join_at;
};

void address_ranges_finish(struct address_ranges *ranges);

/* Adds the granules from an address to another one. False: no memory. */
bool address_ranges_add(struct address_ranges *ranges, uint64_t first, uint64_t last);

void address_ranges_join(struct address_ranges *ranges);

/* True if one of the ranges, which are joined, holds the address. */
bool address_ranges_hold(const struct address_ranges *ranges, uint64_t address);

#define MOVED_CLASSES 6 /* by length: 64 KiB, 16 times as much, ..., 64 GiB and more */

struct moved_memory {
    struct address_ranges noted[MOVED_CLASSES];
    struct address_ranges placed; /* apart, each with its place */
    bool no_room;                 /* moved_memory_assign() found none even for single granules */
};

void moved_memory_finish(struct moved_memory *memory);

/* Notes a range of addresses, `last` included. False: no memory. */
bool moved_memory_add(struct moved_memory *memory, uint64_t first, uint64_t last);

/* Decides where every noted range goes. Where they don't all find room, the longest of that part of
 * address space go by their first and last granules alone. False: no memory, or no room even
 * then, which `no_room` tells. */
bool moved_memory_assign(struct moved_memory *memory);

/* The address to which another one was moved. False: it lies in no range that was moved, as may an
 * address between the granules of a long one. */
bool moved_memory_find(const struct moved_memory *memory, uint64_t address, uint64_t *to);

#endif
