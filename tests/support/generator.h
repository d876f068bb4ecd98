/* SPDX-License-Identifier: Apache-2.0 */

#ifndef TESTS_SUPPORT_GENERATOR_H
#define TESTS_SUPPORT_GENERATOR_H

/*
 * Random traces for the model and the program to agree on: few addresses, endpoints, threads and
 * times, so that they collide all the time, and sequences as Windows writes them among the noise.
 * The same seed gives the same scenario, always.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/support/model.h"
#include "tests/support/trace.h"

#define SCENARIO_EVENTS_MAX 400
#define SCENARIO_FLAGGED_MAX 4
#define SCENARIO_DROPPED_MAX 4

enum scenario_end {
    SCENARIO_END_MARKED,      /* stopped cleanly */
    SCENARIO_END_UNFINALISED, /* EndTime and BuffersWritten are 0 */
    SCENARIO_END_UNMARKED,    /* no flush marker on the last trace buffer */
};

/* A trace in recorded form with what its container does to it. Plain data: copy it freely. */
struct scenario {
    uint64_t seed;
    unsigned pointer_size;
    struct model_event events[SCENARIO_EVENTS_MAX];
    size_t event_count;
    struct model_flagged_buffer flagged[SCENARIO_FLAGGED_MAX];
    uint16_t flags[SCENARIO_FLAGGED_MAX]; /* 0x2, 0x4 or both */
    size_t flagged_count;
    int64_t last_dropped[SCENARIO_DROPPED_MAX]; /* by processor; count 0: no such record */
    size_t last_dropped_count;
    uint32_t events_lost, buffers_lost; /* the header's */
    enum scenario_end end;
    enum trace_compression compression;
    unsigned clock;       /* 1 QPC, 2 system time, 3 CPU cycles; 0 is 1 */
    uint64_t frequency;   /* ticks of QPC in a second; 0: 10,000,000 */
    uint32_t cpu_mhz;     /* 0: 3000 */
    uint32_t rotate;      /* trace buffers that a wrapped circular file has in front */
    size_t closing_cap;   /* a setting of model and program; 0: the one that users get */
    unsigned min_visible; /* percent */
};

void generator_make(uint64_t seed, struct scenario *scenario);

/* The same as the model wants it; borrows from the scenario. */
struct model_input scenario_input(const struct scenario *scenario);

/* The same as a trace; *trace is cleared first. */
void scenario_trace(const struct scenario *scenario, struct trace *trace);

/* A trace as a scenario. False where the trace has what no scenario says: damage, appended sessions
 * and ids that the provider does not have. */
bool scenario_read(const struct trace *trace, struct scenario *scenario);

/* Drops an event; flags of a trace buffer that is empty then go with it. */
void scenario_drop(struct scenario *scenario, size_t event);

/* Reads bytes as a scenario: every input is one, so fuzzers can steer the tracker with them. */
void scenario_from_bytes(const uint8_t *data, size_t len, struct scenario *scenario);

#endif
