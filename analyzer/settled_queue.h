/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_SETTLED_QUEUE_H
#define ANALYZER_SETTLED_QUEUE_H

/*
 * Operations that ended and conflicts that are settled, until their stacks are known: a stack may
 * come in a record half a second of trace time behind its event. What is told keeps its order, so
 * that everything behind one that waits waits as well. Where no stack is awaited nothing waits.
 */

#include <stdbool.h>
#include <stddef.h>

#include "analyzer/tracker/tracker.h"

/* Either may be NULL. What they are given is borrowed during the call. */
struct settled_hooks {
    void *user;
    void (*operation)(void *user, const struct operation *op);
    void (*conflict)(void *user, struct conflict *conflict);
};

struct settled_queue;

/* `tracker`, whose operations the queue keeps, is borrowed and must outlive the queue. NULL: there
 * is no memory. */
struct settled_queue *settled_queue_create(struct tracker *tracker,
                                           const struct settled_hooks *hooks);
void settled_queue_destroy(struct settled_queue *queue); /* takes NULL */

/* Tells of an operation or a conflict, now or later; a conflict is copied. False: there is no
 * memory, and it was told at once, before others and without what is awaited. */
bool settled_queue_operation(struct settled_queue *queue, struct operation *op);
bool settled_queue_conflict(struct settled_queue *queue, struct conflict *conflict);

bool settled_queue_is_empty(const struct settled_queue *queue);

/* Tells what waits no more. */
void settled_queue_drain(struct settled_queue *queue);

#endif
