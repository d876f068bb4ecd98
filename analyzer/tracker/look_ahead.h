/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_TRACKER_LOOK_AHEAD_H
#define ANALYZER_TRACKER_LOOK_AHEAD_H

/*
 * The wall of speed: with thousands of operations in flight, what an event concerns is in no cache
 * of the processor. For a group of events, before the first of them is handed to the tracker, this
 * asks for the memory that they will touch, so that the waits overlap. Nothing is decided here:
 * without the calls, and with no hashes for tracker_afd(), every result is the same
 * (docs/performance.md says what they give).
 */

#include <stddef.h>
#include <stdint.h>

#include "analyzer/tracker/matching.h"
#include "analyzer/tracker/tracker.h"

#define LOOK_AHEAD_MAX 32 /* events of a group */

/* `statuses` are those of afd_decode(), or anything but AFD_DECODE_OK for events of others; `afd`
 * and `actions` are valid where they are AFD_DECODE_OK, and *hashes is filled for these. At most
 * LOOK_AHEAD_MAX events. */
void tracker_look_ahead(const struct tracker *tracker, const struct etl_event *events,
                        const struct afd_event *afd, const struct afd_action *actions,
                        const int8_t *statuses, size_t count, struct match_hashes *hashes);

#endif
