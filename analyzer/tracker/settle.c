#include "analyzer/tracker/settle.h"

#include <stdlib.h>

#include "analyzer/tracker/confidence.h"
#include "analyzer/tracker/harm.h"

void tracker_close_event(struct tracker *tracker)
{
    op_list_sort(&tracker->ended, tracker->ended_before);
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

/* Adds the conflicts of an operation whose other operation was told before. */
static void gather_conflicts(struct tracker *tracker, struct tracked_op *op)
{
    struct kept_conflict *kept, *next;
    bool ok = true;

    if (op->conflicts == NULL) {
        return;
    }
    for (kept = op->conflicts->as_second; kept != NULL; kept = next) {
        next = kept->next_of_second;
        kept->second_told = true;
        ok &= !kept->first_told || add_settled(&tracker->settled, kept);
    }
    for (kept = op->conflicts->as_first; kept != NULL; kept = next) {
        next = kept->next_of_first;
        kept->first_told = true;
        ok &= !kept->second_told || add_settled(&tracker->settled, kept);
    }
    op->conflicts->as_first = op->conflicts->as_second = NULL;
    tracker->no_memory |= !ok;
}

static int by_posts(const void *a, const void *b)
{
    const struct kept_conflict *x = *(struct kept_conflict *const *)a;
    const struct kept_conflict *y = *(struct kept_conflict *const *)b;

    if (x->first != y->first) {
        return x->first->op.number < y->first->op.number ? -1 : 1;
    }
    return (x->second->op.number > y->second->op.number) -
           (x->second->op.number < y->second->op.number);
}

/* Tells what gather_conflicts() has gathered, and forgets it. */
static void tell_settled(struct tracker *tracker)
{
    struct conflict_list *list = &tracker->settled;

    if (list->count > 1) {
        qsort(list->items, list->count, sizeof(struct kept_conflict *), by_posts);
    }
    for (size_t i = 0; i < list->count; i++) {
        struct kept_conflict *kept = list->items[i];

        if (!kept->is_void && tracker->hooks.conflict_settled != NULL) {
            tell_conflict(tracker, kept);
        }
        operation_release(tracker, &kept->first->op);
        operation_release(tracker, &kept->second->op);
        pool_put(&tracker->kept_pool, kept);
    }
    list->count = 0;
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

void tracker_settle(struct tracker *tracker)
{
    struct op_list *ended = &tracker->ended;

    for (size_t from = 0, to; from < ended->count; from = to) {
        for (to = from;
             to < ended->count && known_event(ended->items[to]) == known_event(ended->items[from]);
             to++) {
            tell_op(tracker, ended->items[to]);
        }
        for (size_t i = from; i < to; i++) {
            gather_conflicts(tracker, ended->items[i]);
        }
        tell_settled(tracker);
        for (size_t i = from; i < to; i++) {
            operation_release(tracker, &ended->items[i]->op);
        }
    }
    ended->count = tracker->ended_before = 0;
}
