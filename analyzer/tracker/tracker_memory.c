/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/tracker/tracker_memory.h"

#include "analyzer/tracker/tracker_state.h"

static size_t matching_bytes(const struct matching *matching, size_t more)
{
    return id_table_bytes(&matching->requests, more) + id_table_bytes(&matching->calls, more) +
           id_table_bytes(&matching->addresses, more) + id_table_bytes(&matching->owners, more) +
           id_table_bytes(&matching->closing_calls, more);
}

static size_t op_store_bytes(const struct op_store *store)
{
    return slab_bytes(&store->ops) + pool_bytes(&store->endings) +
           pool_bytes(&store->continuations) + pool_bytes(&store->details) + store->set_bytes;
}

static size_t user_memory_bytes(const struct user_memory *memory, size_t more)
{
    return interval_nodes_bytes(&memory->nodes) + slab_bytes(&memory->spaces) +
           id_table_bytes(&memory->ids, more);
}

/* Lists keep their room, of which only the part that was once in use takes memory. */
static size_t list_bytes(const struct tracker *tracker)
{
    size_t pointers =
        tracker->ended.room / 2 + tracker->picked.room / 2 + tracker->overlapped.room / 2;

    return pointers * sizeof(void *) + tracker->late.room / 2 * sizeof(struct late_conflict) +
           tracker->late.first_room * sizeof(struct numbered_op);
}

static size_t places_bytes(const struct tracker *tracker, size_t more)
{
    const struct endpoint_table *endpoints = &tracker->endpoints;
    const struct process_table *processes = &tracker->processes;
    const struct thread_table *threads = &tracker->threads;
    return id_table_bytes(&endpoints->ids, more) + slab_bytes(&endpoints->endpoints) +
           pool_bytes(&endpoints->sockets) + id_table_bytes(&processes->ids, more) +
           slab_bytes(&processes->processes) + pool_bytes(&processes->pid_pool) +
           pool_bytes(&processes->infos) + id_table_bytes(&threads->ids, more) +
           slab_bytes(&threads->threads) + pool_bytes(&threads->rejected);
}

void tracker_memory_get(const struct tracker *tracker, size_t more, struct tracker_memory *memory)
{
    const struct op_store *store = &tracker->ops;
    memory->operations = op_store_bytes(store) + matching_bytes(&tracker->matching, more) +
                         user_memory_bytes(&tracker->memory, more) +
                         early_ends_bytes(&tracker->early) + list_bytes(tracker);
    memory->conflicts = pool_bytes(&store->kept) + pool_bytes(&store->conflicts);
    memory->stacks = call_stacks_bytes(tracker->stacks);
    memory->places = places_bytes(tracker, more);
}
