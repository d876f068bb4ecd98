/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CLI_EVENT_LINES_H
#define ANALYZER_CLI_EVENT_LINES_H

/*
 * Winsock events, decoded as `check` decodes them, until their stacks are known, for `events`: a
 * stack may come in a record half a second of trace time behind its event. Events keep their order,
 * so that everything behind one that waits waits as well. Where no stack is awaited nothing waits.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/stack_store.h"
#include "parsers/afd/afd_schema.h"
#include "parsers/etl/etl_event.h"

struct event_decoding {
    enum afd_decode_status status;
    struct afd_event afd;
};

/* Prints an event; all is borrowed during the call. `stack`: NULL where none is known. */
typedef void event_lines_fn(void *user, const struct etl_event *event,
                            const struct event_decoding *decoding, const struct stack *stack);

struct event_lines;

/* `second`: ticks in a second. `schemas` is borrowed: the trace's own schemas are added to it.
 * NULL: there is no memory. */
struct event_lines *event_lines_create(int64_t second, struct afd_schemas *schemas,
                                       event_lines_fn *print, void *user);
void event_lines_destroy(struct event_lines *lines); /* takes NULL */

/* The trace has records of stacks (call_stacks_expect()). */
void event_lines_expect(struct event_lines *lines);

/* Takes the next event of the trace: prints a Winsock event, now or later, and learns from a record
 * that tells of stacks or is a schema. False: there is no memory. */
bool event_lines_take(struct event_lines *lines, const struct etl_event *event);

/* The end of the trace: prints what waits. */
void event_lines_finish(struct event_lines *lines);

#endif
