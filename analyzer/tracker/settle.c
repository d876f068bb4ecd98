/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/tracker/settle.h"

#include "analyzer/tracker/conflicts.h"
#include "analyzer/tracker/harm.h"
#include "analyzer/tracker/settle_ahead.h"

void tracker_close_event(struct tracker *tracker)
{
    if (tracker->ended.count - tracker->ended_before > 1 &&
        !op_list_sort(&tracker->ended, tracker->ended_before)) {
        tracker->no_memory = true;
    }
    tracker->ended_before = tracker->ended.count;
}

/* ---- one conflict ---- */

static void set_overlap(const struct tracked_op *first, const struct tracked_op *second,
                        struct conflict *conflict)
{
    const struct interval *a = &first->memory, *b = &second->memory;
    uint64_t a_last = interval_last(a), b_last = interval_last(b);

    if (conflict->extent == EXTENT_START_ONLY) {
        conflict->overlap_start = second->op.buffer;
        conflict->overlap_len = 1;
        return;
    }
    conflict->overlap_start = a->start > b->start ? a->start : b->start;
    conflict->overlap_len = (a_last < b_last ? a_last : b_last) - conflict->overlap_start + 1;
}

static void tell_conflict(struct tracker *tracker, struct tracked_op *first,
                          struct tracked_op *second, const struct kept_conflict *kept)
{
    struct conflict conflict = {.first = &first->op,
                                .second = &second->op,
                                .rule = rules_table[kept->rule],
                                .severity = (enum rule_level)kept->severity,
                                .extent = (enum conflict_extent)kept->extent};

    set_overlap(first, second, &conflict);
    confidence_settle(&tracker->facts, &conflict);
    harm_settle(&conflict);
    tracker->hooks.conflict_settled(tracker->hooks.user, &conflict);
}

/* ---- a run of operations that ended together ---- */

/* Drops a reference to an operation, which is looked at only if that was the last reference. */
static void let_go(struct tracker *tracker, struct tracked_op *op)
{
    if (op->references > 1) {
        op->references--;
    } else {
        operation_release(tracker, &op->op);
    }
}

/* Tells a conflict, unless it does not exist, and forgets it. Either operation may be gone
 * afterwards. */
static void tell_settled(struct tracker *tracker, struct tracked_op *first,
                         struct tracked_op *second, const struct kept_conflict *kept)
{
    if (!kept->provisional && tracker->hooks.conflict_settled != NULL) {
        tell_conflict(tracker, first, second, kept);
    }
    let_go(tracker, first);
    let_go(tracker, second);
}

/* Lets an operation keep a conflict with another one. Without memory the conflict is lost. */
static void keep(struct tracker *tracker, struct kept_conflicts *list, struct kept_conflict *kept,
                 const struct tracked_op *other)
{
    kept->other = op_id(other);
    if (!op_store_keep(&tracker->ops, list, kept)) {
        tracker->no_memory = true;
    }
}

/* Finds the other operation of each conflict in a block. */
static void others_of(const struct op_store *store, const struct kept_block *block,
                      struct tracked_op *others[])
{
    for (uint32_t i = 0; i < block->count; i++) {
        others[i] = op_store_at(store, block->items[i].other);
        ahead_of_other(others[i]);
    }
}

/* Does something with each conflict of one of an operation's lists, which is empty afterwards. The
 * operation may be gone then, unless the caller has a reference to it. `visit` may change `kept`.
 */
static void empty_list(struct tracker *tracker, struct tracked_op *op, struct kept_conflicts *list,
                       void (*visit)(struct tracker *tracker, struct tracked_op *op,
                                     struct tracked_op *other, struct kept_conflict *kept))
{
    struct kept_conflicts taken = *list;
    struct tracked_op *others[KEPT_IN_BLOCK];

    *list = (struct kept_conflicts){NULL, NULL};
    for (struct kept_block *block = taken.first; block != NULL; block = block->next) {
        ahead_of_block(block);
        others_of(&tracker->ops, block, others);
        for (uint32_t i = 0; i < block->count; i++) {
            ahead_of_conflict(others, block->count, i);
            visit(tracker, op, others[i], &block->items[i]);
        }
    }
    op_store_drop_kept(&tracker->ops, &taken);
}

/* Tells a conflict whose first is told, or lets it wait for its second. */
static void tell_or_wait(struct tracker *tracker, struct tracked_op *first,
                         struct tracked_op *second, struct kept_conflict *kept)
{
    if (second->told) {
        tell_settled(tracker, first, second, kept);
        return;
    }

    struct op_conflicts *conflicts = op_store_conflicts(&tracker->ops, second);

    if (conflicts == NULL) {
        tracker->no_memory = true;
    } else {
        keep(tracker, &conflicts->as_second, kept, first);
    }
}

/* Gathers a conflict whose second is told now, and whose first was told before. */
static void gather_late(struct tracker *tracker, struct tracked_op *second,
                        struct tracked_op *first, struct kept_conflict *kept)
{
    kept->other = op_id(second);
    if (!late_list_add(&tracker->late, first, kept)) {
        tracker->no_memory = true;
    }
}

/* Tells late conflicts, from the first with that place on, whose first operations were posted
 * before one with that number. Returns the place of the first that comes next. */
static uint32_t tell_late(struct tracker *tracker, uint32_t at, uint64_t number)
{
    const struct late_list *late = &tracker->late;

    for (; at < late->first_count && late->firsts[at].number < number; at++) {
        struct tracked_op *first = late->firsts[at].op;
        uint32_t place = first->late.first;

        ahead_of_first(late, at);
        first->late.first = 0;
        while (place != 0) {
            const struct late_conflict *item = &late->items[place - 1];
            struct tracked_op *second = op_store_at(&tracker->ops, item->kept.other);

            place = item->next;
            tell_settled(tracker, first, second, &item->kept);
        }
    }
    return at;
}

/* Tells the conflicts that a run of operations settles, by the first's post, then the second's. The
 * operations are in the order of their posts, and so are the seconds that each first keeps. */
static void tell_conflicts(struct tracker *tracker, struct tracked_op *const *ops, size_t count)
{
    uint32_t at = 0;

    late_list_clear(&tracker->late);
    for (size_t i = 0; i < count; i++) {
        ahead_of_conflicts(ops, count, i);
        if (ops[i]->conflicts != NULL) {
            empty_list(tracker, ops[i], &ops[i]->conflicts->as_second, gather_late);
        }
    }
    late_list_sort(&tracker->late);
    for (size_t i = 0; i < count; i++) {
        ahead_of_conflicts(ops, count, i);
        at = tell_late(tracker, at, ops[i]->op.number);
        if (ops[i]->conflicts != NULL) {
            empty_list(tracker, ops[i], &ops[i]->conflicts->as_first, tell_or_wait);
        }
    }
}

static void tell_op(struct tracker *tracker, struct tracked_op *op)
{
    const struct tracker_hooks *hooks = &tracker->hooks;
    int64_t end = op->op.ended != NULL ? op->op.ended->at.order : INT64_MAX;

    if (hooks->operation_ended != NULL) {
        hooks->operation_ended(hooks->user, &op->op);
    }
    op->unverified = confidence_is_unverified(&tracker->facts, op);
    if (op->conflicts != NULL && op->conflicts->as_first.first != NULL) {
        bool lost = hooks->is_lost != NULL && hooks->is_lost(hooks->user, op->op.posted.order, end);

        op->reasons = (uint16_t)confidence_of_first(op, lost);
    }
}

/* The serial number of the event by which an end became known; of pending ones the last of all. */
static uint64_t known_event(const struct tracked_op *op)
{
    return op->op.ended != NULL ? op_ending(op)->known_event : UINT64_MAX;
}

/* Tells a run of operations, and what is settled by it. */
static void settle_run(struct tracker *tracker, struct tracked_op *const *ops, size_t count)
{
    bool conflicts = false;

    for (size_t i = 0; i < count; i++) {
        ahead_of_telling(ops, count, i);
        tell_op(tracker, ops[i]);
        ops[i]->told = true;
        ops[i]->late.first = 0;
        conflicts |= ops[i]->conflicts != NULL;
    }
    if (conflicts) {
        tell_conflicts(tracker, ops, count);
    }
    for (size_t i = 0; i < count; i++) {
        operation_release(tracker, &ops[i]->op);
    }
}

void tracker_settle(struct tracker *tracker)
{
    struct op_list *ended = &tracker->ended;

    for (size_t from = 0, to; from < ended->count; from = to) {
        uint64_t event = known_event(ended->items[from]);

        for (to = from + 1; to < ended->count && known_event(ended->items[to]) == event;) {
            to++;
        }
        settle_run(tracker, &ended->items[from], to - from);
    }
    ended->count = tracker->ended_before = 0;
}
