/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/settled_queue.h"

#include <stdlib.h>

#include "analyzer/tracker/call_stacks.h"
#include "analyzer/tracker/confidence.h"

#define ROOM_FIRST 64
/* Entries that wait at a time, each of which keeps two operations; then the first one is told with
 * the stacks that are known. */
#define ROOM_MAX 16384

struct settled_entry {
    struct conflict conflict; /* holds references to its operations */
    bool is_operation;        /* only conflict.first is there */
};

struct settled_queue {
    struct tracker *tracker;
    struct settled_hooks hooks;
    struct settled_entry *entries; /* a ring */
    size_t first, count, room;
};

struct settled_queue *settled_queue_create(struct tracker *tracker,
                                           const struct settled_hooks *hooks)
{
    struct settled_queue *queue = calloc(1, sizeof *queue);
    if (queue != NULL) {
        queue->tracker = tracker;
        queue->hooks = *hooks;
    }
    return queue;
}

static void entry_release(const struct settled_queue *queue, const struct settled_entry *entry)
{
    operation_release(queue->tracker, entry->conflict.first);
    operation_release(queue->tracker, entry->conflict.second);
}

void settled_queue_destroy(struct settled_queue *queue)
{
    if (queue == NULL) {
        return;
    }
    for (size_t i = 0; i < queue->count; i++) {
        entry_release(queue, &queue->entries[(queue->first + i) % queue->room]);
    }
    free(queue->entries);
    free(queue);
}

static bool entry_is_awaited(const struct settled_entry *entry)
{
    const struct operation *second = entry->conflict.second;
    return op_awaits_stack(entry->conflict.first) || (second != NULL && op_awaits_stack(second));
}

/* ---- telling ---- */

/* Tells with the stacks that are known by now. A stack that is still awaited is given up, because
 * conflicts fold by their stacks, which must not change afterwards. */
static void entry_tell(const struct settled_queue *queue, struct settled_entry *entry)
{
    struct operation *ops[] = {entry->conflict.first, entry->conflict.second};
    for (size_t i = 0; i < 2 && ops[i] != NULL; i++) {
        op_give_up_stacks(ops[i]);
        op_refresh_stacks(ops[i]);
    }
    if (!entry->is_operation) {
        confidence_compare_stacks(&entry->conflict);
        queue->hooks.conflict(queue->hooks.user, &entry->conflict);
    } else {
        queue->hooks.operation(queue->hooks.user, ops[0]);
    }
}

static void queue_tell_first(struct settled_queue *queue)
{
    struct settled_entry entry = queue->entries[queue->first];
    queue->first = (queue->first + 1) % queue->room;
    queue->count--;
    entry_tell(queue, &entry);
    entry_release(queue, &entry);
}

bool settled_queue_is_empty(const struct settled_queue *queue)
{
    return queue->count == 0;
}

void settled_queue_drain(struct settled_queue *queue)
{
    while (queue->count > 0 && !entry_is_awaited(&queue->entries[queue->first])) {
        queue_tell_first(queue);
    }
}

/* ---- waiting ---- */

static bool queue_grow(struct settled_queue *queue)
{
    size_t room = queue->room != 0 ? 2 * queue->room : ROOM_FIRST;
    struct settled_entry *entries = malloc(room * sizeof *entries);
    if (entries == NULL) {
        return false;
    }
    for (size_t i = 0; i < queue->count; i++) {
        entries[i] = queue->entries[(queue->first + i) % queue->room];
    }
    free(queue->entries);
    queue->entries = entries;
    queue->first = 0;
    queue->room = room;
    return true;
}

static bool queue_add(struct settled_queue *queue, struct settled_entry *entry)
{
    if (queue->count == 0 && !entry_is_awaited(entry)) {
        entry_tell(queue, entry);
        return true;
    }
    if (queue->count == ROOM_MAX) {
        queue_tell_first(queue);
    }
    if (queue->count == queue->room && !queue_grow(queue)) {
        entry_tell(queue, entry);
        return false;
    }
    operation_retain(entry->conflict.first);
    if (entry->conflict.second != NULL) {
        operation_retain(entry->conflict.second);
    }
    queue->entries[(queue->first + queue->count++) % queue->room] = *entry;
    return true;
}

bool settled_queue_operation(struct settled_queue *queue, struct operation *op)
{
    struct settled_entry entry = {.conflict = {.first = op}, .is_operation = true};
    return queue_add(queue, &entry);
}

bool settled_queue_conflict(struct settled_queue *queue, struct conflict *conflict)
{
    if (!call_stacks_any_late(tracker_stacks(queue->tracker))) {
        queue->hooks.conflict(queue->hooks.user, conflict); /* nothing waits, or ever did */
        return true;
    }
    struct settled_entry entry = {.conflict = *conflict};
    return queue_add(queue, &entry);
}
