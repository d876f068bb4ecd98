/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/calibrate/sightings.h"

#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "base/byte_source.h"
#include "base/input_source.h"
#include "parsers/afd/afd_decode.h"
#include "parsers/afd/afd_schema.h"
#include "parsers/afd/afd_events.h"
#include "parsers/etl/etl_reader.h"

/* Addresses of processes that events in the probe's calls name, and how often. */
#define CANDIDATES_MAX 16

struct candidates {
    uint64_t process[CANDIDATES_MAX];
    unsigned votes[CANDIDATES_MAX];
    size_t count;
};

struct pass {
    const struct probe_log *log;
    struct sightings *sightings;
    struct candidates candidates;
    struct afd_schemas *schemas; /* of this pass; owned */
    bool collects;               /* the second pass */
    bool no_memory;
};

bool sighting_is_post(const struct sighting *sighting)
{
    return sighting->act == AFD_ACT_POST || sighting->act == AFD_ACT_REJECTED;
}

bool sighting_is_end(const struct sighting *sighting)
{
    return sighting->act == AFD_ACT_END || sighting->act == AFD_ACT_FAIL;
}

/* ---- the probe's process ---- */

static void vote(struct candidates *candidates, uint64_t process)
{
    for (size_t i = 0; i < candidates->count; i++) {
        if (candidates->process[i] == process) {
            candidates->votes[i]++;
            return;
        }
    }
    if (candidates->count < CANDIDATES_MAX) {
        candidates->process[candidates->count] = process;
        candidates->votes[candidates->count++] = 1;
    }
}

static uint64_t elected(const struct candidates *candidates)
{
    uint64_t process = 0;
    unsigned most = 0;

    for (size_t i = 0; i < candidates->count; i++) {
        if (candidates->votes[i] > most) {
            most = candidates->votes[i];
            process = candidates->process[i];
        }
    }
    return process;
}

/* True if the thread was inside one of the log's calls at that time. */
static bool in_a_call(const struct probe_log *log, uint32_t tid, int64_t ticks)
{
    for (size_t i = 0; i < log->call_count; i++) {
        const struct probe_call *call = &log->calls[i];

        if (call->tid == tid && call->before <= ticks && ticks <= call->after) {
            return true;
        }
    }
    return false;
}

/* A creation names its process outright; other events vote for it by process id, thread and time of
 * a call. */
static void elect(struct pass *pass, const struct etl_event *event, const struct afd_event *decoded)
{
    bool creates = (decoded->has & AFD_HAS(AFD_ROLE_PID)) != 0 && decoded->pid == pass->log->pid;

    if (decoded->process != 0 && (creates || (event->pid == pass->log->pid &&
                                              in_a_call(pass->log, event->tid, event->ticks)))) {
        vote(&pass->candidates, decoded->process);
    }
}

/* ---- events of that process ---- */

static void fill(struct sighting *sighting, const struct etl_event *event,
                 const struct afd_event *decoded)
{
    struct afd_action action;
    bool invalid;

    afd_action_of(event, decoded, &action);
    *sighting = (struct sighting){.ticks = event->ticks,
                                  .offset = event->offset,
                                  .layout = afd_layout_find(event->id),
                                  .behavior = action.behavior,
                                  .process = decoded->process,
                                  .endpoint = decoded->endpoint,
                                  .accept_endpoint = decoded->accept_endpoint,
                                  .buffer = decoded->buffer,
                                  .owner_pid = decoded->pid,
                                  .activity = event->activity,
                                  .pid = event->pid,
                                  .tid = event->tid,
                                  .buffer_length = decoded->buffer_length,
                                  .buffer_count = (uint32_t)decoded->buffer_count,
                                  .enter_exit = decoded->enter_exit,
                                  .location = decoded->location,
                                  .status = decoded->status,
                                  .act = action.act,
                                  .direction = action.direction,
                                  .space = (uint8_t)afd_space_of(decoded, &invalid),
                                  .is_copy = action.is_copy,
                                  .fast_path = action.fast_path,
                                  .names_request = action.names_request,
                                  .failed = action.failed};
}

static void collect(struct pass *pass, const struct etl_event *event,
                    const struct afd_event *decoded)
{
    struct sightings *sightings = pass->sightings;
    bool registered_io = afd_behavior_of(decoded->layout)->registered_io;

    if (decoded->process != sightings->process && !registered_io) {
        return;
    }
    if (sightings->count == SIGHTINGS_MAX) {
        sightings->full = true;
        return;
    }
    struct sighting *grown =
        grow_by_one(sightings->items, sightings->count, sizeof *sightings->items);
    if (grown == NULL) {
        pass->no_memory = true;
        return;
    }
    sightings->items = grown;
    fill(&grown[sightings->count++], event, decoded);
}

/* ---- reading ---- */

static void feed(struct pass *pass, const struct etl_event *event)
{
    struct afd_event decoded;

    if (afd_schema_is(event)) {
        pass->no_memory |= !afd_schemas_add(pass->schemas, event);
        return;
    }
    if (!afd_is_event(event) ||
        afd_schemas_decode(pass->schemas, event, &decoded) != AFD_DECODE_OK) {
        return;
    }
    if (pass->collects) {
        collect(pass, event, &decoded);
    } else {
        elect(pass, event, &decoded);
    }
}

/* Damage costs the events that it hides, and is a matter of `bufcheck info`. */
static bool read_events(struct pass *pass, struct etl_reader *reader, struct error_chain *errors)
{
    for (;;) {
        const struct etl_event *event;
        enum etl_status status = etl_reader_next(reader, &event, errors);

        if (status == ETL_END) {
            return true;
        }
        if (status != ETL_OK || pass->no_memory) {
            return false;
        }
        feed(pass, event);
    }
}

static bool read_pass(struct pass *pass, struct byte_source *source, const char *path,
                      struct error_chain *errors)
{
    const struct etl_reader_options options = {.filter = {.providers = &afd_provider,
                                                          .provider_count = 1,
                                                          .classes = &afd_schema_class,
                                                          .class_count = 1},
                                               .is_post = afd_is_post};
    struct etl_reader *reader;

    if (etl_reader_open(&source, &path, 1, &options, &reader, errors) != ETL_OK) {
        return false;
    }
    pass->sightings->info = *etl_reader_info(reader, 0);
    pass->schemas = afd_schemas_create();
    pass->no_memory |= pass->schemas == NULL;
    bool good = pass->schemas != NULL && read_events(pass, reader, errors);
    afd_schemas_destroy(pass->schemas);
    pass->schemas = NULL;
    etl_reader_destroy(reader);
    if (pass->no_memory) {
        error_chain_add(errors, ERROR_NO_OFFSET, "%s: out of memory", path);
    }
    return good;
}

static bool same_clock(const struct etl_clock *clock, const struct probe_log *log)
{
    return clock->kind == ETL_CLOCK_QPC && clock->frequency == log->frequency;
}

enum sightings_status sightings_read(const char *path, const struct probe_log *log,
                                     struct sightings *sightings, struct error_chain *errors)
{
    struct byte_source *source;
    struct pass pass = {.log = log, .sightings = sightings};

    *sightings = (struct sightings){0};
    if (input_source_open(path, etl_reader_check_start, &source, errors) != BYTE_SOURCE_OK) {
        error_chain_add(errors, ERROR_NO_OFFSET, "%s", path);
        return SIGHTINGS_ERROR;
    }
    enum sightings_status status = SIGHTINGS_ERROR;
    if (read_pass(&pass, source, path, errors)) {
        sightings->process = elected(&pass.candidates);
        pass.collects = true;
        if (!same_clock(&sightings->info.clock, log)) {
            status = SIGHTINGS_OTHER_CLOCK;
        } else if (sightings->process == 0 || read_pass(&pass, source, path, errors)) {
            status = SIGHTINGS_OK;
        }
    }
    byte_source_destroy(source);
    return status;
}

void sightings_free(struct sightings *sightings)
{
    free(sightings->items);
    *sightings = (struct sightings){0};
}
