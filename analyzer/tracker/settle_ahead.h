/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_TRACKER_SETTLE_AHEAD_H
#define ANALYZER_TRACKER_SETTLE_AHEAD_H

/*
 * A second wall of speed, beside look_ahead.h: a conflict is told long after it was found, when its
 * operations and what hangs on them are in no cache of the processor. For those that are told next,
 * this asks for that memory, so that the waits overlap. Nothing is decided here: without the calls
 * every result is the same (docs/performance.md says what they give).
 */

#include "analyzer/tracker/late_list.h"
#include "base/prefetch.h"

/* Operations, or conflicts, from the asking to the use: an operation is asked for first, then what
 * it points to, and then what that points to. */
#define AHEAD_FIRST 8
#define AHEAD_SECOND 4
#define AHEAD_THIRD 2

static inline void ahead_ending(const struct tracked_op *op)
{
    prefetch_item(op->op.ended, sizeof(struct tracked_ending));
}

/* Before the operation at `i` of a run is told. */
static inline void ahead_of_telling(struct tracked_op *const *ops, size_t count, size_t i)
{
    if (i + AHEAD_FIRST < count) {
        prefetch_item(ops[i + AHEAD_FIRST], sizeof **ops);
        ahead_ending(ops[i + AHEAD_SECOND]);
        prefetch_item(ops[i + AHEAD_SECOND]->conflicts, sizeof(struct op_conflicts));
    }
}

/* Before conflicts are told or gathered that the operation at `i` of a run keeps. */
static inline void ahead_of_conflicts(struct tracked_op *const *ops, size_t count, size_t i)
{
    const struct op_conflicts *conflicts =
        i + AHEAD_THIRD < count ? ops[i + AHEAD_THIRD]->conflicts : NULL;

    if (conflicts != NULL) {
        prefetch_item(conflicts->as_first.first, sizeof(struct kept_block));
        prefetch_item(conflicts->as_second.first, sizeof(struct kept_block));
    }
}

/* Before the first conflict of a block, and for the other operation of each of them. */
static inline void ahead_of_block(const struct kept_block *block)
{
    prefetch_item(block->next, sizeof *block);
}

static inline void ahead_of_other(const struct tracked_op *other)
{
    prefetch_item(other, sizeof *other);
}

/* Before the conflict at `i` of a block with these other operations, each of which is told or keeps
 * the conflict. */
static inline void ahead_of_conflict(struct tracked_op *const others[], uint32_t count, uint32_t i)
{
    if (i + AHEAD_THIRD < count) {
        const struct tracked_op *op = others[i + AHEAD_THIRD];

        if (op->told) {
            ahead_ending(op);
        } else {
            prefetch_item(op->conflicts, sizeof *op->conflicts);
        }
    }
}

/* Before the late conflicts of the first at that place. */
static inline void ahead_of_first(const struct late_list *late, uint32_t at)
{
    if (at + AHEAD_SECOND < late->first_count) {
        prefetch_item(late->firsts[at + AHEAD_SECOND].op, sizeof(struct tracked_op));
        ahead_ending(late->firsts[at + AHEAD_THIRD].op);
    }
}

#endif
