#include "analyzer/tracker/thread_table.h"

#include "base/hash_table.h"

struct thread_entry {
    struct thread thread; /* first: a thread is its entry */
    UT_hash_handle hh;
};

void thread_table_init(struct thread_table *table)
{
    table->entries = NULL;
    pool_init(&table->pool, sizeof(struct thread_entry));
}

void thread_table_finish(struct thread_table *table)
{
    HASH_CLEAR(hh, table->entries);
    pool_finish(&table->pool);
}

struct thread *thread_table_find(struct thread_table *table, uint32_t tid)
{
    struct thread_entry *entry;

    HASH_FIND(hh, table->entries, &tid, sizeof(tid), entry);
    return entry ? &entry->thread : NULL;
}

struct thread *thread_table_get(struct thread_table *table, uint32_t tid)
{
    struct thread *thread = thread_table_find(table, tid);
    struct thread_entry *entry;

    if (thread)
        return thread;
    entry = pool_get(&table->pool);
    if (!entry)
        return NULL;
    entry->thread.tid = tid;
    HASH_ADD(hh, table->entries, thread.tid, sizeof(tid), entry);
    if (!entry->hh.tbl) {
        pool_put(&table->pool, entry);
        return NULL;
    }
    return &entry->thread;
}

void thread_table_settle(struct thread_table *table, struct thread *thread)
{
    struct thread_entry *entry = (struct thread_entry *)thread;

    if (!thread || thread->fast_ops || thread->attempt.valid)
        return;
    HASH_DELETE(hh, table->entries, entry);
    pool_put(&table->pool, entry);
}
