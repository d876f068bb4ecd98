/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/calibrate/line_up.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/calibrate/call_times.h"

/* The times of a thread that belong to one call, both included. */
struct span {
    int64_t from, to;
};

struct lining {
    const struct probe_log *log;
    struct sightings *sightings;
    struct line_up *line_up;
    struct call_times times;
    uint64_t *endpoints; /* by socket number; 0: unknown */
    size_t endpoint_count;
    int64_t slack; /* ticks */
};

#define SLACKS_A_SECOND 1000

/* ---- time ---- */

/* The middle between a call and its neighbour in the thread is the border between them. */
static struct span span_of(const struct lining *lining, uint32_t tid, int64_t before, int64_t after)
{
    struct span span = {before - lining->slack, after + lining->slack};
    int64_t ended, began;

    if (call_times_last_end(&lining->times, tid, before, &ended)) {
        int64_t middle = ended + (before - ended) / 2;
        span.from = span.from > middle ? span.from : middle;
    }
    if (call_times_next_begin(&lining->times, tid, after, before < after, &began)) {
        int64_t middle = after + (began - after) / 2;
        span.to = span.to < middle ? span.to : middle;
    }
    return span;
}

/* Index of the first sighting at or after a time. */
static size_t first_at(const struct sightings *sightings, int64_t ticks)
{
    size_t from = 0, to = sightings->count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;

        if (sightings->items[middle].ticks < ticks) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    return from;
}

/* The next sighting of the thread in the span, from *at on, or NULL. */
static struct sighting *next_of(struct sightings *sightings, uint32_t tid, const struct span *span,
                                size_t *at)
{
    while (*at < sightings->count && sightings->items[*at].ticks <= span->to) {
        struct sighting *sighting = &sightings->items[(*at)++];

        if (sighting->tid == tid) {
            return sighting;
        }
    }
    return NULL;
}

/* ---- sockets ---- */

static uint64_t *endpoint_of(const struct lining *lining, uint32_t socket)
{
    return socket < lining->endpoint_count ? &lining->endpoints[socket] : NULL;
}

/* A socket is created inside socket(), ahead of accept(), or by it. */
static void learn_endpoint(const struct lining *lining, const struct probe_step *step)
{
    uint64_t *endpoint = endpoint_of(lining, step->socket);
    struct span span = span_of(lining, step->tid, step->before, step->after);
    size_t at = first_at(lining->sightings, span.from);
    bool accepts = strcmp(step->what, "accept") == 0;
    const struct sighting *sighting;

    if (endpoint == NULL || (!accepts && strcmp(step->what, "socket") != 0)) {
        return;
    }
    while ((sighting = next_of(lining->sightings, step->tid, &span, &at)) != NULL) {
        if (accepts && sighting->accept_endpoint != 0) {
            *endpoint = sighting->accept_endpoint;
            return;
        }
        if (sighting->act == AFD_ACT_CREATE) {
            *endpoint = sighting->endpoint;
        }
    }
}

static bool make_endpoints(struct lining *lining)
{
    const struct probe_log *log = lining->log;
    uint32_t most = 0;

    for (size_t i = 0; i < log->step_count; i++) {
        most = log->steps[i].socket > most ? log->steps[i].socket : most;
    }
    for (size_t i = 0; i < log->call_count; i++) {
        most = log->calls[i].socket > most ? log->calls[i].socket : most;
    }
    if (most > SIGHTINGS_MAX) {
        most = 0; /* no log has so many sockets: none is looked up by number */
    }
    lining->endpoint_count = (size_t)most + 1;
    lining->endpoints = calloc(lining->endpoint_count, sizeof *lining->endpoints);
    return lining->endpoints != NULL;
}

/* ---- calls ---- */

static enum afd_direction direction_of(const struct probe_call *call)
{
    return call->is_send ? AFD_SEND : AFD_RECV;
}

/* True if the event is of the call's direction, and of its socket as far as that is known. */
static bool concerns(const struct lined_call *lined, const struct sighting *sighting)
{
    return sighting->direction == direction_of(lined->call) && !sighting->is_copy &&
           (lined->endpoint == 0 || lined->endpoint == sighting->endpoint);
}

static void take_post(struct lined_call *lined, struct sighting *sighting)
{
    if (sighting->fast_path) {
        lined->enters_on++;
        lined->attempt = lined->attempt != NULL ? lined->attempt : sighting;
    } else {
        lined->enters_off++;
        lined->request = lined->request != NULL ? lined->request : sighting;
    }
    lined->endpoint = sighting->endpoint;
    sighting->taken = true;
}

/* The events inside of the call. */
static void line_up_posts(const struct lining *lining, struct lined_call *lined)
{
    const struct probe_call *call = lined->call;
    struct span span = span_of(lining, call->tid, call->before, call->after);
    size_t at = first_at(lining->sightings, span.from);
    struct sighting *sighting;

    while ((sighting = next_of(lining->sightings, call->tid, &span, &at)) != NULL) {
        if (sighting->taken || !concerns(lined, sighting)) {
            continue;
        }
        if (sighting_is_post(sighting)) {
            take_post(lined, sighting);
        } else if (sighting_is_end(sighting) && sighting->fast_path && lined->attempt != NULL &&
                   lined->attempt_exit == NULL) {
            lined->attempt_exit = sighting;
            sighting->taken = true;
        }
    }
    uint64_t *endpoint = endpoint_of(lining, call->socket);
    if (endpoint != NULL && *endpoint == 0) {
        *endpoint = lined->endpoint;
    }
}

/* ---- ends ---- */

static unsigned relations(const struct lined_call *lined, const struct sighting *end)
{
    const struct sighting *request = lined->request;
    unsigned relations = 0;

    if (request->names_request && end->names_request &&
        memcmp(&request->activity, &end->activity, sizeof end->activity) == 0) {
        relations |= END_BY_ACTIVITY;
    }
    if (end->behavior->hides_address) {
        return relations | END_BY_ENDPOINT;
    }
    if (end->buffer != 0 && end->buffer == request->buffer) {
        relations |= END_BY_REQUEST_ADDRESS;
    }
    if (end->buffer != 0 && end->buffer == lined->call->address) {
        relations |= END_BY_USER_ADDRESS;
    }
    return relations;
}

/* The relations that tell more win; among equals the earlier end. */
static unsigned weight(unsigned relations)
{
    unsigned sum = relations != 0;

    sum += (relations & END_BY_REQUEST_ADDRESS) != 0 ? 2 : 0;
    sum += (relations & END_BY_ACTIVITY) != 0 ? 4 : 0;
    return sum;
}

static void line_up_end(const struct lining *lining, struct lined_call *lined)
{
    const struct probe_call *call = lined->call;
    struct sighting *best = NULL;
    int64_t limit = call->ended ? call->ended_at + lining->slack : INT64_MAX;

    if (lined->request == NULL) {
        return;
    }
    for (size_t i = first_at(lining->sightings, lined->request->ticks);
         i < lining->sightings->count && lining->sightings->items[i].ticks <= limit; i++) {
        struct sighting *end = &lining->sightings->items[i];

        if (end->taken || !sighting_is_end(end) || end->fast_path || !concerns(lined, end)) {
            continue;
        }
        unsigned found = relations(lined, end);
        if (weight(found) > weight(lined->end_relations)) {
            best = end;
            lined->end_relations = found;
        }
    }
    if (best != NULL) {
        best->taken = true;
        lined->end = best;
    }
}

/* ---- the whole ---- */

static void count_found(const struct lining *lining)
{
    struct line_up *line_up = lining->line_up;

    for (size_t i = 0; i < line_up->count; i++) {
        line_up->found += line_up->calls[i].attempt != NULL || line_up->calls[i].request != NULL;
    }
    for (size_t i = 1; i < lining->endpoint_count; i++) {
        line_up->sockets++;
        line_up->sockets_found += lining->endpoints[i] != 0;
    }
}

static void line_up_all(struct lining *lining)
{
    const struct probe_log *log = lining->log;
    struct line_up *line_up = lining->line_up;

    for (size_t i = 0; i < log->step_count; i++) {
        learn_endpoint(lining, &log->steps[i]);
    }
    for (size_t i = 0; i < line_up->count; i++) {
        struct lined_call *lined = &line_up->calls[i];
        const uint64_t *endpoint = endpoint_of(lining, log->calls[i].socket);

        lined->call = &log->calls[i];
        lined->endpoint = endpoint != NULL ? *endpoint : 0;
        line_up_posts(lining, lined);
    }
    for (size_t i = 0; i < line_up->count; i++) {
        line_up_end(lining, &line_up->calls[i]);
    }
    count_found(lining);
}

bool line_up_make(struct line_up *line_up, const struct probe_log *log, struct sightings *sightings)
{
    struct lining lining = {.log = log,
                            .sightings = sightings,
                            .line_up = line_up,
                            .slack = (int64_t)(log->frequency / SLACKS_A_SECOND)};

    *line_up = (struct line_up){.count = log->call_count};
    line_up->calls = calloc(log->call_count + 1, sizeof *line_up->calls);
    bool good =
        line_up->calls != NULL && make_endpoints(&lining) && call_times_make(&lining.times, log);
    if (good) {
        line_up_all(&lining);
    }
    call_times_free(&lining.times);
    free(lining.endpoints);
    return good;
}

void line_up_free(struct line_up *line_up)
{
    free(line_up->calls);
    *line_up = (struct line_up){0};
}

static bool posted_by(const struct operation *op, const struct sighting *sighting)
{
    return sighting != NULL && sighting->offset == op->posted.offset &&
           sighting->ticks == op->posted.ticks;
}

struct lined_call *line_up_call_of(struct line_up *line_up, const struct operation *op)
{
    for (size_t i = 0; i < line_up->count; i++) {
        struct lined_call *lined = &line_up->calls[i];

        if (posted_by(op, lined->attempt) || posted_by(op, lined->request)) {
            return lined;
        }
    }
    return NULL;
}

void line_up_add_operation(struct line_up *line_up, const struct operation *op)
{
    struct lined_call *lined = line_up_call_of(line_up, op);

    if (lined == NULL) {
        return;
    }
    if (lined->op != 0) {
        lined->second_op = op->number;
        return;
    }
    lined->op = op->number;
    lined->op_shows_memory = op->space == AFD_SPACE_USER;
    lined->op_end = op->end;
}
