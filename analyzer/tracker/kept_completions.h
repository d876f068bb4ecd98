#ifndef ANALYZER_TRACKER_KEPT_COMPLETIONS_H
#define ANALYZER_TRACKER_KEPT_COMPLETIONS_H

/*
 * Completions that matched nothing, kept until the time changes: at equal times the order of
 * events of different processors is not known, so a post of that time on another processor may
 * still turn out to be theirs (docs/provider.md, "Order").
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/tracker/operation.h"
#include "base/pool.h"

/* What of a completion decides which operations it fits. */
struct completion {
    uint64_t process, endpoint, buffer;
    struct guid activity;
    uint32_t tid;
    uint8_t family, direction;
    bool has_request;      /* modern, its ActivityId names a request */
    bool fast_path;        /* modern, keyword 0x10 */
    bool has_buffer;       /* shows an address; false for ConnectEx's and AcceptEx's ends */
    bool failed;           /* its status is an error */
    struct op_point point; /* its stack is owned by whoever holds the completion */
};

struct kept_node;
struct kept_queue;

struct kept_completions {
    struct kept_queue *queues;
    struct kept_node *first, *last; /* in order of arrival */
    struct pool nodes, queue_pool, link_pool;
    uint16_t *cpus; /* distinct processors of those kept */
    size_t cpu_count, cpu_room;
    uint64_t count; /* kept and not taken */
};

void kept_init(struct kept_completions *kept);
void kept_finish(struct kept_completions *kept);

/* Keeps a copy; takes over its stack. False: no memory (the stack is released). */
bool kept_add(struct kept_completions *kept, const struct completion *completion);

/* The first kept completion of another processor that would end `op`, were that alone in flight.
 * Taken out of those kept and copied to *completion, the stack with it. */
bool kept_take(struct kept_completions *kept, const struct operation *op,
               struct completion *completion);

/* Time has changed: forgets all; returns how many were left, the orphans. */
uint64_t kept_clear(struct kept_completions *kept);

#endif
