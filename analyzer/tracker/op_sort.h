/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_TRACKER_OP_SORT_H
#define ANALYZER_TRACKER_OP_SORT_H

/* Sorts operations by the numbers of their posts, in linear time. */

#include <stdint.h>

#include "analyzer/tracker/tracked_op.h"

struct numbered_op {
    uint64_t number; /* of the operation's post: beside it, because sorting asks for it often */
    struct tracked_op *op;
};

/* Sorts `count` operations whose numbers differ. Every byte in which the numbers differ takes a
 * pass. `*items` and `*spare`, which have room for as many, may be exchanged: the result is in
 * `*items`. */
void op_sort(struct numbered_op **items, struct numbered_op **spare, uint32_t count);

#endif
