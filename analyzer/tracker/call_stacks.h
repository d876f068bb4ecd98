/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_TRACKER_CALL_STACKS_H
#define ANALYZER_TRACKER_CALL_STACKS_H

/*
 * Finds the call stacks of events, wherever a trace keeps them: in the event's extended data items,
 * whole, as a half or as a key; or in later records, which name the event by its time and thread or
 * by a MatchId. A stack that is not known yet is referred to like any other; its frames become
 * known later (base/stack_store.h). An event waits for its stack as long as half a second of trace
 * time, for the definition of a key up to the trace's end.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/stack_store.h"
#include "parsers/etl/etl_event.h"
#include "parsers/kernel/kernel_stacks.h"

struct call_stacks;

/* `second`: ticks in a second. `counted` is borrowed: it is raised for each call whose stack the
 * trace holds. NULL: there is no memory. */
struct call_stacks *call_stacks_create(int64_t second, uint64_t *counted);

/* Frees every stack, referred to or not. Takes NULL. */
void call_stacks_destroy(struct call_stacks *stacks);

/* Makes events without a stack of their own wait from now on for one in the kernel logger's
 * records. To be called once a trace is known to have such records. */
void call_stacks_expect(struct call_stacks *stacks);

/* The stack of an event, with a reference for the caller; NULL: it has none. `is_call`: the event
 * stands for a call, whose stack is counted; its `order` never goes back from call to call. */
struct stack *call_stacks_of(struct call_stacks *stacks, const struct etl_event *event,
                             bool is_call);

/* A record that tells of the stacks of events before it. */
void call_stacks_take(struct call_stacks *stacks, const struct etl_event *event,
                      const struct kernel_stack *record);

/* Time has come to `order`: events that have waited for half a second wait no more. */
void call_stacks_advance(struct call_stacks *stacks, int64_t order);

/* True if the trace holds something of the stack: frames, or a key, of one half at least. False for
 * NULL, and for an event that waits or has waited in vain. */
bool call_stacks_holds(const struct stack *stack);

/* The event of this stack waits no more. Takes NULL and any stack. */
void call_stacks_give_up(struct stack *stack);

/* The end of the trace: nobody waits any more, and a half that is alone is shown. */
void call_stacks_finish(struct call_stacks *stacks);

/* The bytes of all stacks, known or awaited. */
size_t call_stacks_bytes(const struct call_stacks *stacks);

/* True if the frames of some stack were not known when call_stacks_of() gave it: else no stack of
 * any operation waits for something, or changes. */
bool call_stacks_any_late(const struct call_stacks *stacks);

/* True if memory was missing for a stack at some time. */
bool call_stacks_no_memory(const struct call_stacks *stacks);

#endif
