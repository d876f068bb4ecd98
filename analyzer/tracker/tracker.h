#ifndef ANALYZER_TRACKER_TRACKER_H
#define ANALYZER_TRACKER_TRACKER_H

/*
 * Follows every operation from post to end and finds conflicts (docs/provider.md says by which
 * rules). Costs O(log n) in the operations in flight for each event, whatever the trace does, and
 * allocates nothing in the steady state.
 */

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/tracker/coverage.h"
#include "base/interval_index.h"
#include "analyzer/tracker/operation.h"
#include "analyzer/tracker/owner.h"
#include "parsers/afd/afd_behavior.h"
#include "parsers/afd/afd_decode.h"
#include "parsers/etl/etl_event.h"
#include "rules/judgement.h"

struct tracker;

#define CONFLICTS_FOUND_MAX 32 /* of which the hooks hear at once */

/* A conflict that is to be told when it is settled. */
struct conflict_wanted {
    struct operation *first;
    uint32_t tag; /* the hook's: the conflict bears it then */
};

/* Any of them may be NULL. What they are given is borrowed during the call; operation_retain keeps
 * an operation longer. */
struct tracker_hooks {
    void *user;
    /* In the order in which operations end; those that one event ends by post. */
    void (*operation_ended)(void *user, const struct operation *op);
    /* At a post, some of its conflicts (up to CONFLICTS_FOUND_MAX), in any order, by their first
     * operations; `kernel`: what it shares with them is a kernel address. Those that are to be told
     * go to `wanted`, which has room for all, in the same order; returns how many. The others are
     * not kept, and conflict_settled is not called for them. The `kind` of the operations may be
     * set. NULL: all are told. */
    size_t (*conflicts_found)(void *user, struct operation *second, struct operation *const *first,
                              size_t count, bool kernel, struct conflict_wanted *wanted);
    /* Of what was wanted. In the order in which confidence is settled; ties by the first's post,
     * then the second's. Level, severity, reasons are set; `gates` is not. */
    void (*conflict_settled)(void *user, struct conflict *conflict);
    /* Whether a loss is recorded in [from, to], both included; INT64_MAX: the end of the trace. */
    bool (*is_lost)(void *user, int64_t from_order, int64_t to_order);
};

/* `severity`: NULL, or for each rule the severity that the user gave it, 0 where none.
 * NULL: no memory. */
struct tracker *tracker_create(const struct tracker_hooks *hooks, const enum rule_level *severity);
void tracker_destroy(struct tracker *tracker); /* takes NULL; operations kept longer go with it */

/* What it judges pairs by. */
const struct judgements *tracker_judgements(const struct tracker *tracker);

struct tracker_hint;

/* An event of the AFD provider, in time order. `hint` is tracker_look_ahead()'s, or NULL. False:
 * no memory; the event may have had only part of its effect, and the results are no longer
 * complete. */
bool tracker_afd(struct tracker *tracker, const struct etl_event *event,
                 const struct afd_event *afd, enum afd_decode_status status,
                 const struct tracker_hint *hint);

/* A process has ended. `process_key`: its EPROCESS address, 0 where the event has none; then its
 * pid counts. */
bool tracker_process_end(struct tracker *tracker, const struct etl_event *event,
                         uint64_t process_key, uint32_t pid);

/* The end of the trace: what is left is pending. */
bool tracker_finish(struct tracker *tracker);

/* After tracker_finish(). */
const struct coverage *tracker_coverage(const struct tracker *tracker);

struct operation *operation_retain(struct operation *op);
void operation_release(struct tracker *tracker, struct operation *op); /* takes NULL */

/*
 * Hints, which change nothing but the time that tracker_afd takes: with thousands of operations in
 * flight what an event concerns is in no cache. They are made for a group of events at once, before
 * the first of them is handed over, so that what they wait for overlaps.
 */
struct tracker_hint {
    struct afd_action action;          /* its `behavior` is NULL if the hint is not set */
    uint64_t endpoint_hash;            /* valid if the event has an endpoint */
    uint32_t match_hash, request_hash; /* valid if it has an address; if action.names_request */
    /* What it concerns, as far as could be told ahead of time. NULL: nothing, or not known. */
    struct endpoint *endpoint;
    struct operation *op;
};

static inline bool tracker_hint_is_set(const struct tracker_hint *hint)
{
    return hint->action.behavior != NULL;
}

#define TRACKER_AHEAD_MAX 32

/* Hints for up to TRACKER_AHEAD_MAX events that come next; set for those of which `statuses` says
 * AFD_DECODE_OK. */
void tracker_look_ahead(struct tracker *tracker, const struct etl_event *events,
                        const struct afd_event *afd, const int8_t *statuses, size_t count,
                        struct tracker_hint *hints);

#endif
