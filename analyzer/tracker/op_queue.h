/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_TRACKER_OP_QUEUE_H
#define ANALYZER_TRACKER_OP_QUEUE_H

/* Operations that wait for time to pass, those that have waited longest first. Links stand in their
 * endings, so that an operation is in one queue at most. */

#include "analyzer/tracker/op_store.h"

struct op_queue {
    uint32_t first, last; /* ids; 0: none */
    uint32_t count;
};

/* Puts an operation, which has an ending, behind the others. */
void op_queue_push(struct op_queue *queue, const struct op_store *store, struct tracked_op *op);

/* Takes an operation of the queue out, wherever it stands. */
void op_queue_remove(struct op_queue *queue, const struct op_store *store, struct tracked_op *op);

#endif
