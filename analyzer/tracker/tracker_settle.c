/* Operations that have ended are reported, and how sure their conflicts are is settled. */

#include "analyzer/tracker/confidence.h"
#include "analyzer/tracker/slot_table.h"
#include "analyzer/tracker/tracker_internal.h"

static int64_t second_order(const struct conflict_entry *entry, const struct conflict *conflict)
{
    if (entry->order_delta == UINT32_MAX)
        return conflict->second->posted.order;
    return conflict->first->posted.order + entry->order_delta;
}

/* `conflict` has its first operation. */
static void settle_one(struct tracker *tracker, const struct conflict_entry *entry,
                       const struct confidence *confidence, struct conflict *conflict)
{
    const struct operation *first = conflict->first;
    bool kernel = entry->extent == EXTENT_START_ONLY;

    conflict->second = entry->flags & ENTRY_HELD ? op_store_at(&tracker->ops, entry->second) : NULL;
    conflict->rule = rules_table[entry->rule];
    conflict->overlap_start = (kernel ? first->buffer : first->memory.start) + entry->overlap_from;
    conflict->overlap_len = entry->overlap_len;
    conflict->second_order = second_order(entry, conflict);
    conflict->tag = entry->tag;
    conflict->severity = (enum rule_level)entry->severity;
    conflict->extent = (enum conflict_extent)entry->extent;
    conflict->inferred = entry->flags & ENTRY_INFERRED;
    conflict->reasons = confidence_reasons(
        confidence, confidence->ended && confidence->ended_order == conflict->second_order,
        conflict->inferred, entry->flags & ENTRY_UNVERIFIED);
    conflict->level = confidence_level(confidence, conflict->reasons, conflict->severity);
    conflict->gates = false;
    tracker->hooks.conflict_settled(tracker->hooks.user, conflict);
}

static void settle(struct tracker *tracker, struct operation *op)
{
    const struct tracker_hooks *hooks = &tracker->hooks;
    int64_t end = op->end == OP_PENDING ? INT64_MAX : op->ended.order;
    struct conflict_entry *entries = op->conflicts;
    unsigned count = op_conflict_count(op);
    struct conflict conflict = {.first = op};
    struct confidence confidence;
    bool lost;

    if (!entries)
        return;
    lost = hooks->is_lost && hooks->is_lost(hooks->user, op->posted.order, end);
    confidence_of_first(op, lost, tracker->coverage.user_address_ended > 0, &confidence);
    op->conflicts = NULL;
    for (unsigned i = 0; i < count; i++) {
        const struct conflict_entry *entry = &entries[i];

        if (entry->flags & ENTRY_WANTED)
            settle_one(tracker, entry, &confidence, &conflict);
        if (entry->flags & ENTRY_HELD && held_table_release(&tracker->held, entry->second))
            operation_release(tracker, op_store_at(&tracker->ops, entry->second));
    }
    pool_put(&tracker->conflict_blocks, entries);
}

void tracker_close_event(struct tracker *tracker)
{
    struct op_list *ended = &tracker->ended;

    if (ended->count - tracker->ended_before > 1)
        op_list_sort(ended, tracker->ended_before);
    tracker->ended_before = ended->count;
}

/* Those that one event ended may be many, and in no cache. */
static void prefetch_op(const struct operation *op)
{
    slot_item_prefetch(op, OP_RARE_AT);
}

void tracker_settle(struct tracker *tracker)
{
    enum { BLOCK_AHEAD = 2, AHEAD = 6 };
    struct op_list *ended = &tracker->ended;

    for (size_t i = 0; i < ended->count; i++) {
        struct operation *op = ended->items[i];

        if (i + AHEAD < ended->count)
            prefetch_op(ended->items[i + AHEAD]);
        if (i + BLOCK_AHEAD < ended->count)
            slot_item_prefetch(ended->items[i + BLOCK_AHEAD]->conflicts,
                               sizeof(struct conflict_block));
        if (tracker->hooks.operation_ended)
            tracker->hooks.operation_ended(tracker->hooks.user, op);
        settle(tracker, op);
        operation_release(tracker, op);
    }
    ended->count = tracker->ended_before = 0;
}
