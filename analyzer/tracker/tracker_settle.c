/* Operations that have ended are reported, and how sure their conflicts are is settled. */

#include "analyzer/tracker/slot_table.h"
#include "analyzer/tracker/tracker_internal.h"

/* What settling a conflict reads and changes of its second operation. */
static void prefetch_second(const struct conflict *conflict)
{
    const struct operation *second = conflict->second;

    slot_item_prefetch(&second->number, 1);
    slot_item_prefetch(&second->posted.order, 1);
}

static void settle(struct tracker *tracker, struct operation *op)
{
    enum { AHEAD = 4 };
    const struct tracker_hooks *hooks = &tracker->hooks;
    int64_t end = op->end == OP_PENDING ? INT64_MAX : op->ended.order;
    struct conflict *first = op->conflicts, *last = op->last_conflict;
    bool lost;

    if (!first)
        return;
    lost = hooks->is_lost && hooks->is_lost(hooks->user, op->posted.order, end);
    op->conflicts = op->last_conflict = NULL;
    for (struct conflict *c = first; c <= last && c < first + AHEAD; c++)
        prefetch_second(c);
    for (struct conflict *c = first; c <= last; c++) {
        if (last - c >= AHEAD)
            prefetch_second(c + AHEAD);
        c->next = NULL;
        c->reasons = confidence_reasons(c, lost);
        c->level = confidence_level(c, tracker->coverage.user_address_ended > 0);
        if (hooks->conflict_settled)
            hooks->conflict_settled(hooks->user, c);
        operation_release(tracker, c->second);
    }
    pool_put(&tracker->conflict_blocks, first);
}

void tracker_close_event(struct tracker *tracker)
{
    struct op_list *ended = &tracker->ended;

    if (ended->count - tracker->ended_before > 1)
        op_list_sort(ended, tracker->ended_before);
    tracker->ended_before = ended->count;
}

void tracker_settle(struct tracker *tracker)
{
    struct op_list *ended = &tracker->ended;

    for (size_t i = 0; i < ended->count; i++) {
        struct operation *op = ended->items[i];

        if (tracker->hooks.operation_ended)
            tracker->hooks.operation_ended(tracker->hooks.user, op);
        settle(tracker, op);
        operation_release(tracker, op);
    }
    ended->count = tracker->ended_before = 0;
}
