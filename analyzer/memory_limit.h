/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_MEMORY_LIMIT_H
#define ANALYZER_MEMORY_LIMIT_H

/*
 * The limit on what the analysis of one input may hold (--max-memory). Containers tell how much
 * they hold, and the sum is compared with the limit between events. Sums depend on the events alone
 * and not on threads, seeds or the allocator, so that a trace stops at the same event every time.
 *
 * Reading stops a sixteenth below the limit. The rest is for what the end of a trace needs: lists
 * of all that is pending, and findings of conflicts that waited for an end.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MEMORY_LIMIT_DEFAULT (UINT64_C(4) << 30) /* bytes */

enum memory_kind {
    MEMORY_READER,
    MEMORY_OPERATIONS,
    MEMORY_CONFLICTS,
    MEMORY_STACKS,
    MEMORY_PLACES,
    MEMORY_FINDINGS,
    MEMORY_NAMES,
    MEMORY_REPORTS,
    MEMORY_KIND_COUNT
};

struct memory_limit {
    uint64_t max;                     /* bytes */
    uint64_t held[MEMORY_KIND_COUNT]; /* bytes, when they were counted last */
    bool stopped; /* reading ended because of the limit; `held` is of that moment */
    bool full;    /* the end of the trace needed more, too: conflicts are missing */
};

/* `max`: bytes, 0 for MEMORY_LIMIT_DEFAULT. */
void memory_limit_init(struct memory_limit *limit, uint64_t max);

/* True if `held` leaves no room for further events. */
bool memory_limit_ends_reading(const struct memory_limit *limit);

/* True if `held` leaves no room at all. */
bool memory_limit_is_reached(const struct memory_limit *limit);

/* Puts a clause with the limit and the three largest kinds into `text`, with a NUL: "the limit of
 * 64.0 MiB was reached (--max-memory); operations took 50.3 MiB, ...". */
#define MEMORY_LIMIT_TEXT_LEN 256
void memory_limit_text(const struct memory_limit *limit, char text[MEMORY_LIMIT_TEXT_LEN]);

#endif
