/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CALIBRATE_SIGHTINGS_H
#define ANALYZER_CALIBRATE_SIGHTINGS_H

/* The Winsock events of the probe's process in a trace, in the order of time. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/calibrate/probe_log.h"
#include "base/error_chain.h"
#include "parsers/afd/afd_behavior.h"
#include "parsers/etl/etl_trace.h"

struct sighting {
    int64_t ticks;                       /* as recorded */
    uint64_t offset;                     /* bytes, see etl_event */
    const struct afd_layout *layout;     /* static */
    const struct afd_behavior *behavior; /* static */
    uint64_t process, endpoint, accept_endpoint, buffer, owner_pid;
    struct guid activity;
    uint32_t pid, tid; /* the header's */
    uint32_t buffer_length, buffer_count, enter_exit, location, status;
    uint8_t act;       /* enum afd_act */
    uint8_t direction; /* enum afd_direction */
    uint8_t space;     /* enum afd_space */
    bool is_copy, fast_path, names_request, failed;
    bool taken; /* by the line-up: a call's */
};

#define SIGHTINGS_MAX 1000000 /* 160 MB; the probe makes some thousand */

struct sightings {
    struct sighting *items; /* owned */
    size_t count;
    struct etl_trace_info info; /* of the trace */
    uint64_t process;           /* address of the probe's process; 0: it was not found */
    bool full;                  /* there were more than SIGHTINGS_MAX */
};

enum sightings_status {
    SIGHTINGS_OK = 0,
    SIGHTINGS_OTHER_CLOCK = 1, /* the trace's clock is not the performance counter */
    SIGHTINGS_ERROR = -1,      /* causes were appended */
};

/* Reads the trace at `path` twice: which process is the probe's, then its events. The caller gives
 * *sightings to sightings_free() whatever the status. */
enum sightings_status sightings_read(const char *path, const struct probe_log *log,
                                     struct sightings *sightings, struct error_chain *errors);
void sightings_free(struct sightings *sightings);

/* True for events that begin or end a send or receive of the program's. */
bool sighting_is_post(const struct sighting *sighting);
bool sighting_is_end(const struct sighting *sighting);

#endif
