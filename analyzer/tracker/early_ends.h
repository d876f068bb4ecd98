/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_TRACKER_EARLY_ENDS_H
#define ANALYZER_TRACKER_EARLY_ENDS_H

/*
 * Ends that matched nothing, kept until the time changes: their post may stand at the same time on
 * another processor and come later in the order (docs/semantics.md, 2). The keys are those of
 * matching.h. Keeping, taking and forgetting cost O(1) amortised, whatever is kept.
 */

#include "analyzer/tracker/matching.h"
#include "base/pool.h"

struct early_end {
    struct op_ending ending; /* a copy with its stack's reference */
    struct endpoint *endpoint;
    uint8_t family;    /* enum afd_family */
    uint8_t direction; /* enum afd_direction */
    bool failed;       /* the status is an error */
};

struct early_node;
struct early_queue;

struct early_ends {
    struct early_queue *queues;
    struct early_node *first, *last; /* the first and the last that arrived */
    struct pool nodes, queue_pool, run_pool, link_pool;
    uint64_t count;            /* kept and not taken */
    bool thread_wants_address; /* MATCH_THREAD only where the end shows the operation's address */
};

void early_ends_init(struct early_ends *early);

/* The bytes that hold what is kept now, and room for as many as were ever kept. */
size_t early_ends_bytes(const struct early_ends *early);

/* Forgets all without telling anybody. */
void early_ends_finish(struct early_ends *early);

/* Keeps a copy of an end, to be found by what the event shows, and takes over its stack. False: no
 * memory; the stack is released. */
bool early_ends_keep(struct early_ends *early, const struct match_end *shown,
                     const struct early_end *end);

/* The first kept end of another processor than `cpu` that would end `op`, were that alone in
 * flight: copied to *end with its stack, and no longer kept. `op` has all its keys; for a continued
 * operation these are the continuation's. *rule says by which rule it fits best. */
bool early_ends_take(struct early_ends *early, const struct tracked_op *op, uint16_t cpu,
                     struct early_end *end, enum match_rule *rule);

/* The time has changed: forgets all, and calls `orphan` for each that nobody has taken, in order of
 * arrival. */
typedef void early_orphan_fn(void *user, const struct early_end *end);
void early_ends_clear(struct early_ends *early, early_orphan_fn *orphan, void *user);

#endif
