/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/tracker/conflicts.h"

#include "analyzer/tracker/pair.h"

/* ---- memory ---- */

/* Kernel addresses as an interval_index takes them: below 2^63, never 0, and those of 32-bit
 * Windows apart from the others. */
static uint64_t kernel_place(const struct tracked_op *op)
{
    const uint64_t base32 = UINT64_C(1) << 62, base64 = UINT64_C(1) << 61;

    if (op->op.pointer_size == 4) {
        return base32 + op->op.buffer;
    }
    return base64 + (op->op.buffer & UINT64_C(0x00007FFFFFFFFFFF));
}

static void set_memory(struct tracked_op *op)
{
    uint64_t last;

    if (op->op.space == AFD_SPACE_USER) {
        last = afd_memory_last(op->op.buffer, op->op.length, op->op.pointer_size, op->op.chained);
        op->memory.start = op->op.buffer;
        op->memory.reach = (uint32_t)(last - op->op.buffer);
    } else {
        op->memory.start = kernel_place(op);
        op->memory.reach = 0;
    }
}

/* ---- one conflict ---- */

static enum conflict_extent extent_of(const struct tracked_op *first,
                                      const struct tracked_op *second)
{
    if (second->op.space != AFD_SPACE_USER) {
        return EXTENT_START_ONLY;
    }
    return first->op.chained || second->op.chained ? EXTENT_FIRST_BUFFER_ONLY : EXTENT_EXACT;
}

/* The conflict exists. */
static void count_conflict(struct tracker *tracker, const struct tracked_op *first)
{
    tracker->coverage.conflicts++;
    if (op_has_user_memory(first) && !(first->op.datagram && first->op.direction == AFD_SEND)) {
        tracker->coverage.end_due[first->op.direction] = true;
    }
}

void conflicts_append_first(struct op_conflicts *conflicts, struct kept_conflict *kept)
{
    kept->next_of_first = NULL;
    if (conflicts->as_first != NULL) {
        conflicts->as_first_last->next_of_first = kept;
    } else {
        conflicts->as_first = kept;
    }
    conflicts->as_first_last = kept;
}

static void append_as_second(struct op_conflicts *conflicts, struct kept_conflict *kept)
{
    if (conflicts->as_second != NULL) {
        conflicts->as_second_last->next_of_second = kept;
    } else {
        conflicts->as_second = kept;
    }
    conflicts->as_second_last = kept;
}

static void keep_conflict(struct tracker *tracker, struct tracked_op *first,
                          struct tracked_op *second, unsigned second_bits)
{
    struct op_conflicts *of_first = op_store_conflicts(&tracker->ops, first);
    struct op_conflicts *of_second = op_store_conflicts(&tracker->ops, second);
    struct kept_conflict *kept = pool_take(&tracker->kept_pool);
    struct judgement judgement;

    if (of_first == NULL || of_second == NULL || kept == NULL) {
        pool_put(&tracker->kept_pool, kept);
        tracker->no_memory = true;
        return;
    }
    judgement = tracker->judgements.of[pair_bits(&first->op, &second->op, second_bits)];
    *kept = (struct kept_conflict){.first = first,
                                   .second = second,
                                   .rule = judgement.rule,
                                   .severity = judgement.severity,
                                   .extent = (uint8_t)extent_of(first, second),
                                   .provisional = first->state != OP_FLYING};
    first->references++;
    second->references++;
    conflicts_append_first(of_first, kept);
    append_as_second(of_second, kept);
    if (!kept->provisional) {
        count_conflict(tracker, first);
    }
}

/* An operation that has reached a cap is no longer compared with posts of that direction. */
static void count_towards_cap(struct tracker *tracker, struct tracked_op *first, unsigned direction)
{
    first->conflicts_with[direction]++;
    if (!op_is_closed_to(first, direction)) {
        return;
    }
    tracker->coverage.capped_operations += !first->op.capped;
    first->op.capped = true;
    op_memory_close(first, direction);
}

void conflicts_confirm(struct tracker *tracker, struct tracked_op *first)
{
    struct kept_conflict *kept = first->conflicts != NULL ? first->conflicts->as_first : NULL;

    for (; kept != NULL; kept = kept->next_of_first) {
        if (kept->provisional) {
            kept->provisional = false;
            count_conflict(tracker, first);
        }
    }
}

void conflicts_void(struct tracked_op *first)
{
    struct kept_conflict *kept = first->conflicts != NULL ? first->conflicts->as_first : NULL;

    for (; kept != NULL; kept = kept->next_of_first) {
        kept->is_void |= kept->provisional;
    }
}

/* ---- all conflicts of a post ---- */

/* Operations whose memory was hit, in order of their posts. */
static bool pick_overlapped(struct tracker *tracker)
{
    const struct interval_hits *hits = &tracker->overlapped;

    for (size_t i = 0; i < hits->count; i++) {
        if (!op_list_add(&tracker->picked, op_store_at(&tracker->ops, hits->items[i]->owner_id))) {
            return false;
        }
    }
    op_list_sort(&tracker->picked, 0);
    return true;
}

/* Keeps the conflicts of a post with the operations picked. */
static void keep_picked(struct tracker *tracker, struct tracked_op *second)
{
    unsigned second_bits = pair_bits_of_second(&second->op);

    for (size_t i = 0; i < tracker->picked.count && !tracker->no_memory; i++) {
        struct tracked_op *first = tracker->picked.items[i];

        keep_conflict(tracker, first, second, second_bits);
        count_towards_cap(tracker, first, second->op.direction);
    }
}

/* Modern operations that show a kernel address are found by it: one owns it. */
static bool pick_owner(struct tracker *tracker, const struct tracked_op *op)
{
    struct tracked_op *first = matching_owner(&tracker->matching, op->op.buffer);

    return first == NULL || first->op.space != AFD_SPACE_KERNEL ||
           op_is_closed_to(first, op->op.direction) || op_list_add(&tracker->picked, first);
}

/* Takes the operation's memory, and finds whose memory that overlaps. False: no memory. */
static bool take_memory(struct tracker *tracker, struct tracked_op *op)
{
    struct interval_hits *hits = &tracker->overlapped;

    set_memory(op);
    hits->count = 0;
    if (op->op.space == AFD_SPACE_USER) {
        return user_memory_take(&tracker->memory, &op->op.process->process->memory, op, hits);
    }
    return interval_find_and_insert(&tracker->kernel_memory, op->op.direction, &op->memory, hits);
}

bool tracker_compare(struct tracker *tracker, struct tracked_op *op)
{
    bool ok = true;

    tracker->picked.count = 0;
    if (op->op.space == AFD_SPACE_NONE) {
        return true;
    }
    if (op->op.space == AFD_SPACE_KERNEL && op->op.family == AFD_FAMILY_MODERN) {
        ok = pick_owner(tracker, op);
    } else {
        ok = take_memory(tracker, op);
        ok = ok && (tracker->overlapped.count == 0 || pick_overlapped(tracker));
    }
    if (tracker->picked.count > 0) {
        keep_picked(tracker, op);
    }
    return ok;
}
