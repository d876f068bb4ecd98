/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/tracker/settle.h"

#include <stdlib.h>

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
    unsigned path = first->family == AFD_FAMILY_LEGACY && first->fast_path;

    return tracker->ends_traced[first->family][first->direction][path];
}

static void set_overlap(const struct kept_conflict *kept, struct conflict *conflict)
{
    const struct interval *a = &kept->first->memory, *b = &kept->second->memory;
    uint64_t a_last = a->start + a->reach, b_last = b->start + b->reach;

    conflict->extent = (enum conflict_extent)kept->extent;
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
    struct conflict conflict = {.first = &kept->first->op,
                                .second = &kept->second->op,
                                .rule = rules_table[kept->rule],
                                .severity = (enum rule_level)kept->severity};
    const struct confidence_facts facts = {.first = kept->first,
                                           .second = kept->second,
                                           .of_kernel_address = kept->extent == EXTENT_START_ONLY,
                                           .lost = kept->first->lost,
                                           .untraced_end_counts =
                                               untraced_end_counts(tracker, &kept->first->op)};

    set_overlap(kept, &conflict);
    confidence_settle(&facts, &conflict);
    harm_settle(&conflict);
    tracker->hooks.conflict_settled(tracker->hooks.user, &conflict);
}

/* ---- a run of operations that ended together ---- */

static bool add_settled(struct conflict_list *list, struct kept_conflict *kept)
{
    if (list->count == list->room) {
        size_t room = list->room != 0 ? list->room * 2 : 64;
        struct kept_conflict **items = realloc(list->items, room * sizeof *items);

        if (items == NULL) {
            return false;
        }
        list->items = items;
        list->room = room;
    }
    list->items[list->count++] = kept;
    return true;
}

/* Gathers the conflicts that have the operation as their second, and whose first was told with an
 * earlier run. They hang on their firsts, each of which stands once in tracker->late. */
static bool gather_as_second(struct tracker *tracker, struct tracked_op *op)
{
    struct kept_conflict *kept, *next;
    bool ok = true;

    for (kept = op->conflicts->as_second; kept != NULL; kept = next) {
        next = kept->next_of_second;
        kept->second_told = true;
        if (!kept->first_told) {
            continue;
        }
        if (kept->first->conflicts->as_first == NULL) {
            ok &= op_list_add(&tracker->late, kept->first);
        }
        conflicts_append_first(kept->first->conflicts, kept);
    }
    op->conflicts->as_second = NULL;
    return ok;
}

/* Adds the conflicts that have the operation as their first, and whose second is told, which
 * gather_as_second() has noted for the whole run. */
static bool gather_as_first(struct tracker *tracker, struct tracked_op *op)
{
    struct kept_conflict *kept, *next;
    bool ok = true;

    for (kept = op->conflicts->as_first; kept != NULL; kept = next) {
        next = kept->next_of_first;
        kept->first_told = true;
        ok &= !kept->second_told || add_settled(&tracker->settled, kept);
    }
    op->conflicts->as_first = NULL;
    return ok;
}

/* Gathers the conflicts that a run of operations settles. The operations are in the order of their
 * posts, so that seconds come up in that order as well: tracker->settled gets into the order in
 * which conflicts are told (by the first's post, then the second's), and so do the conflicts that
 * hang on each operation of tracker->late. */
static void gather_conflicts(struct tracker *tracker, struct tracked_op *const *ops, size_t count)
{
    bool ok = true;

    for (size_t i = 0; i < count; i++) {
        ok &= ops[i]->conflicts == NULL || gather_as_second(tracker, ops[i]);
    }
    for (size_t i = 0; i < count; i++) {
        ok &= ops[i]->conflicts == NULL || gather_as_first(tracker, ops[i]);
    }
    tracker->no_memory |= !ok;
}

/* Tells a settled conflict, unless it does not exist, and forgets it. */
static void tell_kept(struct tracker *tracker, struct kept_conflict *kept)
{
    if (!kept->is_void && tracker->hooks.conflict_settled != NULL) {
        tell_conflict(tracker, kept);
    }
    operation_release(tracker, &kept->first->op);
    operation_release(tracker, &kept->second->op);
    pool_put(&tracker->kept_pool, kept);
}

/* Tells what hangs on an operation, which may be gone afterwards. */
static void tell_late(struct tracker *tracker, struct tracked_op *first)
{
    struct kept_conflict *kept = first->conflicts->as_first, *next;

    first->conflicts->as_first = NULL;
    for (; kept != NULL; kept = next) {
        next = kept->next_of_first;
        tell_kept(tracker, kept);
    }
}

/* Tells what gather_conflicts() has gathered, and forgets it. */
static void tell_settled(struct tracker *tracker)
{
    struct conflict_list *list = &tracker->settled;
    struct op_list *late = &tracker->late;
    size_t at = 0;

    op_list_sort(late, 0);
    for (size_t i = 0; i < late->count; i++) {
        struct tracked_op *first = late->items[i];

        while (at < list->count && list->items[at]->first->op.number < first->op.number) {
            tell_kept(tracker, list->items[at++]);
        }
        tell_late(tracker, first);
    }
    while (at < list->count) {
        tell_kept(tracker, list->items[at++]);
    }
    list->count = late->count = 0;
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
        conflicts |= ops[i]->conflicts != NULL;
    }
    if (conflicts) {
        gather_conflicts(tracker, ops, count);
        tell_settled(tracker);
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
