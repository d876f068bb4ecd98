/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/tracker/thread_table.h"

#include <string.h>

#include "base/hash_table.h"
#include "base/rare.h"
#include "base/stack_store.h"

void thread_table_init(struct thread_table *table)
{
    id_table_init(&table->ids);
    slab_init(&table->threads, sizeof(struct thread));
    pool_init(&table->rejected, sizeof(struct rejected_attempt));
    table->recent = NULL;
}

void thread_table_finish(struct thread_table *table)
{
    for (uint32_t id = 1; id <= table->ids.count; id++) { /* threads are never put back */
        const struct thread *thread = slab_at(&table->threads, id);
        if (thread->rejected != NULL) {
            stack_release(thread->rejected->stack);
        }
    }
    id_table_finish(&table->ids);
    slab_finish(&table->threads);
    pool_finish(&table->rejected);
    table->recent = NULL;
}

static uint32_t hash_tid(uint32_t tid)
{
    return (uint32_t)hash_of_2(tid, 2);
}

static struct thread *find_thread(struct thread_table *table, uint32_t tid, uint32_t hash)
{
    struct id_search search = id_table_begin(&table->ids, hash);
    uint32_t id;

    while ((id = id_table_next(&table->ids, &search)) != 0) {
        struct thread *thread = slab_at(&table->threads, id);

        if (thread->tid == tid) {
            return thread;
        }
    }
    return NULL;
}

RARE static struct thread *add_thread(struct thread_table *table, uint32_t tid, uint32_t hash)
{
    uint32_t id;
    struct thread *thread = slab_take(&table->threads, &id);

    if (thread == NULL) {
        return NULL;
    }
    memset(thread, 0, sizeof *thread);
    thread->tid = tid;
    if (!id_table_add(&table->ids, hash, id)) {
        slab_put(&table->threads, id);
        return NULL;
    }
    return thread;
}

struct thread *thread_table_get(struct thread_table *table, uint32_t tid)
{
    struct thread *thread = table->recent;
    uint32_t hash;

    if (thread != NULL && thread->tid == tid) {
        return thread;
    }
    hash = hash_tid(tid);
    thread = find_thread(table, tid, hash);
    if (thread == NULL) {
        thread = add_thread(table, tid, hash);
    }
    table->recent = thread;
    return thread;
}

void thread_release_rejected(struct thread_table *table, struct rejected_attempt *rejected)
{
    stack_release(rejected->stack);
    pool_put(&table->rejected, rejected);
}
