/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_TRACKER_TRACKER_MEMORY_H
#define ANALYZER_TRACKER_TRACKER_MEMORY_H

/* Says how many bytes a tracker holds, for an owner who keeps an analysis within a limit. */

#include <stddef.h>

struct tracker;

struct tracker_memory {
    size_t operations; /* operations with all by which they are found again */
    size_t conflicts;  /* conflicts that wait until both operations have ended */
    size_t stacks;     /* distinct call stacks */
    size_t places;     /* sockets, processes and threads that the trace names */
};

/* Tells what the tracker holds now, and will hold until `more` further events have had their
 * effect, as far as tables that grow by doubling are concerned. The answer depends on the events
 * alone: on neither threads nor seeds. */
void tracker_memory_get(const struct tracker *tracker, size_t more, struct tracker_memory *memory);

#endif
