/* Operations that have ended are reported, and how sure their conflicts are is settled. */

#include "analyzer/tracker/confidence.h"
#include "base/prefetch.h"
#include "analyzer/tracker/tracker_internal.h"

/* What the conflicts of one operation, the first of them, have in common. */
struct settling {
    struct operation *first;
    struct confidence confidence;
    struct conflict conflict;
};

static uint32_t reasons_at(const struct settling *settling, const struct conflict_entry *entry,
                           bool same_time)
{
    return confidence_reasons(&settling->confidence, same_time, entry->flags & MEMORY_INFERRED,
                              entry->flags & MEMORY_UNVERIFIED);
}

static bool is_end_at(const struct settling *settling, int64_t order)
{
    return settling->confidence.ended && settling->confidence.ended_order == order;
}

static void settle_conflict(struct tracker *tracker, struct settling *settling,
                            const struct conflict_entry *entry)
{
    const struct operation *first = settling->first;
    struct conflict *conflict = &settling->conflict;
    bool kernel = entry->extent == EXTENT_START_ONLY;
    uint64_t start = kernel ? first->buffer : first->memory.start;

    conflict->second = op_store_at(&tracker->ops, entry->second);
    conflict->rule = rules_table[entry->rule];
    conflict->overlap_start = start + entry->overlap_from;
    conflict->overlap_len = entry->overlap_len;
    conflict->second_order = entry->order_delta == UINT32_MAX
                                 ? conflict->second->posted.order
                                 : first->posted.order + entry->order_delta;
    conflict->tag = entry->tag;
    conflict->severity = (enum rule_level)entry->severity;
    conflict->extent = (enum conflict_extent)entry->extent;
    conflict->inferred = entry->flags & MEMORY_INFERRED;
    conflict->reasons = reasons_at(settling, entry, is_end_at(settling, conflict->second_order));
    conflict->level =
        confidence_level(&settling->confidence, conflict->reasons, conflict->severity);
    conflict->gates = false;
    tracker->hooks.conflict_settled(tracker->hooks.user, conflict);
}

/* There is one at least. */
static void settle_conflicts(struct tracker *tracker, struct operation *op)
{
    const struct tracker_hooks *hooks = &tracker->hooks;
    int64_t end = op->end == OP_PENDING ? INT64_MAX : op->ended.order;
    struct settling settling = {.first = op, .conflict = {.first = op}};
    bool lost = hooks->is_lost && hooks->is_lost(hooks->user, op->posted.order, end);

    confidence_of_first(op, lost, tracker->coverage.user_address_ended > 0, &settling.confidence);
    for (unsigned i = 0; i < op->conflict_entries; i++) {
        const struct conflict_entry *entry = &op->conflicts[i];

        if (!(entry->flags & ENTRY_SILENT))
            settle_conflict(tracker, &settling, entry);
        if (held_table_release(&tracker->held, entry->second))
            operation_release(tracker, op_store_at(&tracker->ops, entry->second));
    }
    pool_put(&tracker->conflict_blocks, op->conflicts);
    op->conflicts = NULL;
    op->conflict_entries = 0;
}

void tracker_order_ended(struct tracker *tracker)
{
    op_list_sort(&tracker->ended, tracker->ended_before);
}

/* Those that one event ended may be many, and in no cache. */
static void prefetch_op(const struct operation *op)
{
    prefetch_item(op, OP_RARE_AT);
}

void tracker_settle(struct tracker *tracker)
{
    enum { BLOCK_AHEAD = 2, AHEAD = 6 };
    struct op_list *ended = &tracker->ended;

    for (size_t i = 0; i < ended->count; i++) {
        struct operation *op = ended->items[i].op;

        if (i + AHEAD < ended->count)
            prefetch_op(ended->items[i + AHEAD].op);
        if (i + BLOCK_AHEAD < ended->count)
            prefetch_item(ended->items[i + BLOCK_AHEAD].op->conflicts,
                          sizeof(struct conflict_block));
        if (tracker->hooks.operation_ended)
            tracker->hooks.operation_ended(tracker->hooks.user, op);
        if (op->conflicts)
            settle_conflicts(tracker, op);
        operation_release(tracker, op);
    }
    ended->count = tracker->ended_before = 0;
}
