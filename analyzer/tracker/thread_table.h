/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_TRACKER_THREAD_TABLE_H
#define ANALYZER_TRACKER_THREAD_TABLE_H

/*
 * Threads by the thread id of an event's header: whether a thread has posted anything yet, and
 * whether its last own event (docs/semantics.md, 3) left a call that a request may continue.
 * Entries stay; their number is that of the thread ids in the trace.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/id_table.h"
#include "base/pool.h"
#include "base/slab.h"

struct stack;

/* A fast-path attempt whose Enter was rejected, so that there is no operation of it. */
struct rejected_attempt {
    uint64_t process, endpoint, buffer;
    int64_t buffer_count;
    int64_t order;       /* the Enter's */
    struct stack *stack; /* owned reference; NULL: none */
    uint32_t length;
    uint32_t pid; /* the header's */
    uint8_t direction;
};

/* The thread's last own event, as far as the next one asks. */
enum thread_last {
    LAST_OTHER,
    LAST_ATTEMPT,  /* an attempt's Enter; the operation is in flight */
    LAST_OVER,     /* the event by which an attempt was over; the operation is suspended */
    LAST_REJECTED, /* an attempt's Enter that was rejected */
};

struct thread {
    uint64_t op_number; /* LAST_ATTEMPT, LAST_OVER: tells whether `op` still is that operation */
    uint32_t op;        /* id */
    uint32_t tid;
    struct rejected_attempt *rejected; /* LAST_REJECTED; owned */
    uint8_t last;                      /* enum thread_last */
    bool has_posted;                   /* a post of the thread was seen, rejected ones included */
};

struct thread_table {
    struct id_table ids;
    struct slab threads;
    struct pool rejected;
    struct thread *recent; /* the one that was found last, or NULL */
};

void thread_table_init(struct thread_table *table);

/* Forgets all threads, and releases the stacks of their rejected attempts. */
void thread_table_finish(struct thread_table *table);

/* Finds or adds. NULL: no memory. Stable until the table is finished. */
struct thread *thread_table_get(struct thread_table *table, uint32_t tid);

/* Gives a rejected attempt back with its stack. */
void thread_release_rejected(struct thread_table *table, struct rejected_attempt *rejected);

#endif
