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
#include "analyzer/tracker/interval_index.h"
#include "analyzer/tracker/operation.h"
#include "analyzer/tracker/owner.h"
#include "parsers/afd_decode.h"
#include "parsers/etl_event.h"

struct tracker;

enum conflict_interest {
    CONFLICT_SHOWN,
    CONFLICT_COUNTED, /* may be told as part of a sum; its second operation is not kept for it */
    CONFLICT_IGNORED, /* need not be told when it is settled */
};

/* A conflict at its second's post. */
struct conflict_found {
    struct operation *first;
    uint64_t overlap_start;
    uint32_t tag;     /* the hook's: the conflict bears it when it is settled */
    uint8_t rule;     /* index in rules_table */
    uint8_t severity; /* enum rule_level */
    uint8_t interest; /* enum conflict_interest, the hook's; SHOWN before */
    bool kernel;      /* what the operations share is a kernel address */
};

/* Any of them may be NULL. What they are given is borrowed during the call; operation_retain keeps
 * an operation longer. */
struct tracker_hooks {
    void *user;
    /* In the order in which operations end; those that one event ends by post. */
    void (*operation_ended)(void *user, const struct operation *op);
    /* At a post, some of its conflicts in any order; `tag` and `interest` are to be set. Those of
     * one tag have one rule and severity. NULL: all are shown. */
    void (*conflicts_found)(void *user, const struct operation *second,
                            struct conflict_found *found, size_t count);
    /* In the order in which confidence is settled; ties by the first's post, then the second's.
     * Level, severity, reasons are set; `gates` is not. */
    void (*conflict_settled)(void *user, struct conflict *conflict);
    /* Those that were to be counted, before or after the others of their first operation. */
    void (*conflicts_counted)(void *user, const struct conflict_sum *sum);
    /* Whether a loss is recorded in [from, to], both included; INT64_MAX: the end of the trace. */
    bool (*is_lost)(void *user, int64_t from_order, int64_t to_order);
};

/* `severity`: NULL, or for each rule the severity that the user gave it, 0 where none.
 * NULL: no memory. */
struct tracker *tracker_create(const struct tracker_hooks *hooks, const enum rule_level *severity);
void tracker_destroy(struct tracker *tracker); /* takes NULL; operations kept longer go with it */

struct tracker_hint;

/* An event of the AFD provider, in time order. `hint` is what announcing it gave, or NULL. False:
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

const struct coverage *tracker_coverage(const struct tracker *tracker);

struct operation *operation_retain(struct operation *op);
void operation_release(struct tracker *tracker, struct operation *op); /* takes NULL */

/*
 * Hints, which change nothing but the time that tracker_afd takes: with thousands of operations in
 * flight what an event concerns is in no cache. An event that has been decoded and will follow in
 * about eight is announced, in about four approached, in about two reached; `hint` is the caller's
 * memory.
 */
struct tracker_hint {
    const struct afd_meaning *meaning;
    uint64_t endpoint_hash;            /* valid if the event has an endpoint */
    uint32_t match_hash, request_hash; /* valid if it has an address; if has_request */
    bool has_request;
    uint8_t effect; /* enum afd_act; never DATA or EX_DONE, but what they come to */
    /* What it concerns, as far as could be told ahead of time. NULL: nothing, or not known. */
    struct endpoint *endpoint;
    struct operation *op;
    struct interval_place place; /* of a post's memory; index NULL if not known */
};
/* A hint of nothing. */
static inline void tracker_hint_clear(struct tracker_hint *hint)
{
    hint->meaning = NULL;
}

static inline bool tracker_hint_is_set(const struct tracker_hint *hint)
{
    return hint->meaning != NULL;
}

void tracker_announce(struct tracker *tracker, const struct etl_event *event,
                      const struct afd_event *afd, struct tracker_hint *hint);
void tracker_approach(struct tracker *tracker, struct tracker_hint *hint);
void tracker_reach(struct tracker *tracker, const struct afd_event *afd, struct tracker_hint *hint);

#endif
