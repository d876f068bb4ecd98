#ifndef ANALYZER_TRACKER_THREAD_TABLE_H
#define ANALYZER_TRACKER_THREAD_TABLE_H

/*
 * What a thread is in the middle of: a modern fast-path operation (a thread is in one call at a
 * time), or a fast-path attempt that has just failed and whose user address the next post may take
 * over. A thread that is in neither has no entry.
 */

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/tracker/operation.h"
#include "base/pool.h"

struct thread_attempt {
    bool valid;
    bool chained; /* its BufferCount was above 1 */
    bool ex;      /* it was ConnectEx's or AcceptEx's */
    uint8_t direction;
    uint32_t length;
    uint64_t process, endpoint, buffer;
    uint64_t op; /* its number; 0: it was rejected */
};

struct thread {
    uint32_t tid;
    struct operation *fast_ops; /* modern fast path, in flight; by thread_next; one a process */
    struct thread_attempt attempt;
};

struct thread_entry;

struct thread_table {
    struct thread_entry *entries;
    struct pool pool;
};

void thread_table_init(struct thread_table *table);
void thread_table_finish(struct thread_table *table);

static inline bool thread_table_is_empty(const struct thread_table *table)
{
    return table->entries == NULL;
}

struct thread *thread_table_find(struct thread_table *table, uint32_t tid); /* NULL if none */
struct thread *thread_table_get(struct thread_table *table, uint32_t tid);  /* NULL: no memory */

/* Drops the entry if it says nothing any more. */
void thread_table_settle(struct thread_table *table, struct thread *thread);

#endif
