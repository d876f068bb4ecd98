/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/tracker/settle.h"

#include "analyzer/tracker/confidence.h"
#include "analyzer/tracker/conflicts.h"
#include "analyzer/tracker/harm.h"

void tracker_close_event(struct tracker *tracker)
{
    if (tracker->ended.count - tracker->ended_before > 1) {
        op_list_sort(&tracker->ended, tracker->ended_before);
    }
    tracker->ended_before = tracker->ended.count;
}

/* ---- one conflict ---- */

static bool untraced_end_counts(const struct tracker *tracker, const struct operation *first)
{
    if (op_end_is_traced(first)) {
        return false;
    }

    unsigned path = first->family == AFD_FAMILY_LEGACY && first->fast_path;

    return tracker->ends_traced[first->family][first->direction][path];
}

static void set_overlap(const struct kept_conflict *kept, struct conflict *conflict)
{
    const struct interval *a = &kept->first->memory, *b = &kept->second->memory;
    uint64_t a_last = interval_last(a), b_last = interval_last(b);

    if (kept->extent == EXTENT_START_ONLY) {
        conflict->overlap_start = kept->second->op.buffer;
        conflict->overlap_len = 1;
        return;
    }
    conflict->overlap_start = a->start > b->start ? a->start : b->start;
    conflict->overlap_len = (a_last < b_last ? a_last : b_last) - conflict->overlap_start + 1;
}

static void tell_conflict(struct tracker *tracker, const struct kept_conflict *kept)
{
    const struct tracked_op *first = kept->first;
    struct conflict conflict = {.first = &kept->first->op,
                                .second = &kept->second->op,
                                .rule = rules_table[kept->rule],
                                .severity = (enum rule_level)kept->severity,
                                .extent = (enum conflict_extent)kept->extent};
    const struct confidence_facts facts = {.first = first,
                                           .second = kept->second,
                                           .of_kernel_address = kept->extent == EXTENT_START_ONLY,
                                           .lost = first->lost,
                                           .untraced_end_counts =
                                               untraced_end_counts(tracker, &first->op)};

    set_overlap(kept, &conflict);
    confidence_settle(&facts, &conflict);
    harm_settle(&conflict);
    tracker->hooks.conflict_settled(tracker->hooks.user, &conflict);
}

/* ---- a run of operations that ended together ---- */

/* Tells a conflict, unless it does not exist, and forgets it. */
static void tell_kept(struct tracker *tracker, struct kept_conflict *kept)
{
    if (!kept->provisional && tracker->hooks.conflict_settled != NULL) {
        tell_conflict(tracker, kept);
    }
    operation_release(tracker, &kept->first->op);
    operation_release(tracker, &kept->second->op);
    pool_put(&tracker->kept_pool, kept);
}

/* Takes the conflicts off an operation that hang on it as their first. */
static struct kept_conflict *take_as_first(struct tracked_op *op)
{
    struct kept_conflict *kept = op->conflicts->as_first;

    op->conflicts->as_first = NULL;
    return kept;
}

/* Hangs conflicts whose second is told now, and whose first was told before, on their firsts again,
 * each of which then stands once in tracker->late. */
static void gather_late(struct tracker *tracker, struct tracked_op *second)
{
    struct kept_conflict *kept = second->conflicts->as_second, *next;

    second->conflicts->as_second = NULL;
    for (; kept != NULL; kept = next) {
        struct tracked_op *first = kept->first;

        next = kept->next;
        if (first->conflicts->as_first == NULL && !op_list_add(&tracker->late, first)) {
            tracker->no_memory = true;
        }
        conflicts_append_first(first->conflicts, kept);
    }
}

/* Tells what hangs on an operation again, which may be gone afterwards. */
static void tell_late(struct tracker *tracker, struct tracked_op *first)
{
    struct kept_conflict *kept = take_as_first(first), *next;

    for (; kept != NULL; kept = next) {
        next = kept->next;
        tell_kept(tracker, kept);
    }
}

/* Tells the conflicts of an operation as their first. Those whose second is not told wait for it.
 */
static void tell_as_first(struct tracker *tracker, struct tracked_op *first)
{
    struct kept_conflict *kept = take_as_first(first), *next;

    for (; kept != NULL; kept = next) {
        next = kept->next;
        if (kept->second->told) {
            tell_kept(tracker, kept);
        } else {
            kept->next = kept->second->conflicts->as_second;
            kept->second->conflicts->as_second = kept;
        }
    }
}

/* Tells the conflicts that a run of operations settles, by the first's post, then the second's. The
 * operations are in the order of their posts, and so are the seconds that hang on each first. */
static void tell_conflicts(struct tracker *tracker, struct tracked_op *const *ops, size_t count)
{
    struct op_list *late = &tracker->late;
    size_t at = 0;

    for (size_t i = 0; i < count; i++) {
        if (ops[i]->conflicts != NULL) {
            gather_late(tracker, ops[i]);
        }
    }
    op_list_sort(late, 0);
    for (size_t i = 0; i < count; i++) {
        while (at < late->count && late->items[at]->op.number < ops[i]->op.number) {
            tell_late(tracker, late->items[at++]);
        }
        if (ops[i]->conflicts != NULL) {
            tell_as_first(tracker, ops[i]);
        }
    }
    late->count = 0;
}

static void tell_op(struct tracker *tracker, struct tracked_op *op)
{
    const struct tracker_hooks *hooks = &tracker->hooks;
    int64_t end = op->op.ended != NULL ? op->op.ended->at.order : INT64_MAX;

    if (hooks->operation_ended != NULL) {
        hooks->operation_ended(hooks->user, &op->op);
    }
    if (op->conflicts != NULL && op->conflicts->as_first != NULL && hooks->is_lost != NULL) {
        op->lost = hooks->is_lost(hooks->user, op->op.posted.order, end);
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
        tell_op(tracker, ops[i]);
        ops[i]->told = true;
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
