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

/* A post whose conflicts are looked for. */
struct compared {
    struct tracked_op *op;
    unsigned bits; /* pair_bits_of_second() */
};

static struct compared compared_of(struct tracked_op *op)
{
    return (struct compared){op, pair_bits_of_second(&op->op)};
}

static void keep_conflict(struct tracker *tracker, struct tracked_op *first,
                          const struct compared *second)
{
    struct op_conflicts *of_first = op_store_conflicts(&tracker->ops, first);
    struct judgement judgement =
        tracker->judgements.of[pair_bits(&first->op, &second->op->op, second->bits)];
    struct kept_conflict kept = {.other = op_id(second->op),
                                 .rule = judgement.rule,
                                 .severity = judgement.severity,
                                 .extent = (uint8_t)extent_of(first, second->op),
                                 .provisional = first->state != OP_FLYING};

    if (of_first == NULL || !op_store_keep(&tracker->ops, &of_first->as_first, &kept)) {
        tracker->no_memory = true;
        return;
    }
    first->references++;
    second->op->references++;
    if (!kept.provisional) {
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

static void confirm(struct tracker *tracker, const struct tracked_op *first,
                    struct kept_conflict *kept)
{
    if (kept->provisional) {
        kept->provisional = false;
        count_conflict(tracker, first);
    }
}

void conflicts_confirm(struct tracker *tracker, struct tracked_op *first)
{
    if (first->conflicts == NULL) {
        return;
    }

    for (struct kept_block *block = first->conflicts->as_first.first; block != NULL;
         block = block->next) {
        for (uint32_t i = 0; i < block->count; i++) {
            confirm(tracker, first, &block->items[i]);
        }
    }
}

/* ---- all conflicts of a post ---- */

static void keep_pair(struct tracker *tracker, struct tracked_op *first,
                      const struct compared *second)
{
    keep_conflict(tracker, first, second);
    count_towards_cap(tracker, first, second->op->op.direction);
}

/* Keeps the conflicts of a post with all operations whose memory it hit, in no order: conflicts get
 * into order when they are settled. */
static void keep_hits(struct tracker *tracker, struct tracked_op *op)
{
    const struct interval_hits *hits = &tracker->overlapped;
    const struct compared second = compared_of(op);

    for (size_t i = 0; i < hits->count && !tracker->no_memory; i++) {
        keep_pair(tracker, op_store_at(&tracker->ops, hits->items[i]->owner_id), &second);
    }
}

/* Modern operations that show a kernel address are found by it: one owns it. */
static void keep_owner(struct tracker *tracker, struct tracked_op *op)
{
    struct tracked_op *first = matching_owner(&tracker->matching, op->op.buffer);
    struct compared second;

    if (first != NULL && first->op.space == AFD_SPACE_KERNEL &&
        !op_is_closed_to(first, op->op.direction)) {
        second = compared_of(op);
        keep_pair(tracker, first, &second);
    }
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
    if (op->op.space == AFD_SPACE_NONE) {
        return true;
    }
    if (op->op.space == AFD_SPACE_KERNEL && op->op.family == AFD_FAMILY_MODERN) {
        keep_owner(tracker, op);
        return true;
    }
    if (!take_memory(tracker, op)) {
        return false;
    }
    if (tracker->overlapped.count > 0) {
        keep_hits(tracker, op);
    }
    return true;
}
