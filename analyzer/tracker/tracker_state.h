/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_TRACKER_TRACKER_STATE_H
#define ANALYZER_TRACKER_TRACKER_STATE_H

/*
 * The state of a tracker, and the event at hand. The files that work on it stand on one another,
 * from the bottom up:
 *
 *     tracker_state.c  where an event was recorded
 *     conflicts.c      which operations a post conflicts with
 *     settle.c         conflicts whose operations have ended are judged and told
 *     ending.c         what every end of an operation does
 *     suspension.c     attempts that may go on
 *     closing.c        operations whose socket was closed
 *     completion.c     ends that Windows logged
 *     calls.c          which thread is in which call
 *     posts.c          a post becomes an operation, or goes on with one
 *     context.c        what events tell of processes and sockets
 *     tracker.c        an event's way through all of them, and the order of its effects
 */

#include "analyzer/tracker/call_stacks.h"
#include "analyzer/tracker/confidence.h"
#include "analyzer/tracker/coverage.h"
#include "analyzer/tracker/early_ends.h"
#include "analyzer/tracker/endpoint_table.h"
#include "analyzer/tracker/late_list.h"
#include "analyzer/tracker/matching.h"
#include "analyzer/tracker/op_list.h"
#include "analyzer/tracker/op_queue.h"
#include "analyzer/tracker/op_store.h"
#include "analyzer/tracker/process_table.h"
#include "analyzer/tracker/thread_table.h"
#include "analyzer/tracker/tracker_hooks.h"
#include "analyzer/tracker/user_memory.h"
#include "base/stack_store.h"
#include "rules/judgement.h"

#define CLOSING_MAX 65536

/* Decoded events with one id. */
struct id_count {
    uint64_t events;
    uint32_t level_max;
};

struct tracker {
    struct tracker_hooks hooks;
    struct tracker_options options;
    struct judgements judgements;
    struct confidence_facts facts;
    uint8_t names_request[2]; /* by direction: 1 if an ActivityId may name a request */
    struct coverage coverage; /* complete once the counts below were added */
    struct id_count id_counts[AFD_ROW_COUNT]; /* by the row of their layout */
    uint64_t post_counts[AFD_SPACES][2];      /* posts, by space and direction */
    struct endpoint_table endpoints;
    struct process_table processes;
    struct user_memory memory;
    struct thread_table threads;
    struct op_store ops;
    struct matching matching;
    struct early_ends early;
    struct call_stacks *stacks;
    struct interval_index kernel_memory; /* legacy operations, by kernel address */
    struct op_queue suspended, closing;
    struct op_list ended;            /* not told yet, in the order in which that was known */
    size_t ended_before;             /* how many of them earlier events ended */
    struct op_list picked;           /* operations that one event concerns */
    struct late_list late;           /* used while conflicts are told */
    struct interval_hits overlapped; /* memory that the post at hand overlaps */
    uint64_t last_number, in_flight;
    uint64_t event; /* serial number of the event at hand, from 1 */
    int64_t now;    /* the order of the event at hand */
    bool no_memory;
};

/* The event at hand. */
struct tracker_event {
    const struct etl_event *event;
    const struct afd_event *afd;
    const struct afd_action *action;
    const struct match_hashes *hashes;
    struct endpoint *endpoint; /* NULL if it names none */
    struct process *process;
    struct thread *thread; /* set if the event is its thread's own, as every post is; else NULL */
    uint8_t space;         /* enum afd_space of Buffer; set for posts, rejected ones included */
    bool invalid_address;  /* the same; Buffer lies in no address space */
    bool names_request;    /* the ActivityId is believed to be a request's */
};

static inline bool tracker_believes(const struct tracker *tracker, enum afd_belief_id id)
{
    return tracker->facts.beliefs.holds[id];
}

/* Fills the place at which the event was recorded, without a stack. */
void tracker_place(const struct etl_event *event, struct op_point *point);

/* The same, with its stack, which may become known later. Without memory for the stack there is
 * none. */
void tracker_point(struct tracker *tracker, const struct etl_event *event, struct op_point *point);

/* The same for a call's post, whose stack is counted. */
void tracker_post_point(struct tracker *tracker, const struct etl_event *event,
                        struct op_point *point);

/* Drops a reference to an operation; the last one takes its stacks, process and socket with it.
 * Takes NULL. */
void operation_release(struct tracker *tracker, struct operation *op);

#endif
