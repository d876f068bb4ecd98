/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CUT_MOVED_MEMORY_H
#define ANALYZER_CUT_MOVED_MEMORY_H

/*
 * Memory whose addresses an anonymous trace must not hold, but where distances matter: buffers that
 * overlap, code in an image. Ranges are noted while a trace is read; moved_memory_assign() joins
 * those that touch one another and moves each of them as a whole, to addresses of the same half of
 * the same address space where no noted range lies.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct moved_range {
    uint64_t first, last; /* addresses; whole granules once they are joined */
    uint64_t to;          /* where `first` lies in the anonymous trace */
};

struct moved_memory {
    struct moved_range *ranges; /* owned; sorted and apart once they are joined */
    size_t count, join_at;
};

void moved_memory_finish(struct moved_memory *memory);

/* Notes a range of addresses, `last` included. False: no memory. */
bool moved_memory_add(struct moved_memory *memory, uint64_t first, uint64_t last);

/* Decides where every noted range goes. A range at the top of its address space, and one that finds
 * no room, stays. */
void moved_memory_assign(struct moved_memory *memory);

/* The address to which another one was moved. False: it lies in no range. */
bool moved_memory_find(const struct moved_memory *memory, uint64_t address, uint64_t *to);

#endif
