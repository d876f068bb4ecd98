/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cli/event_lines.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/tracker/call_stacks.h"
#include "parsers/afd/afd_decode.h"
#include "parsers/kernel/kernel_stacks.h"

/* Events that wait at a time; then the first one is printed with what is known of its stack. */
#define ROOM 16384

struct held_event {
    struct event_decoding decoding;
    struct etl_event event; /* the payload lies in `bytes`; extended data items are not kept */
    struct stack *stack;    /* reference, or NULL */
    uint8_t *bytes;         /* owned */
};

struct event_lines {
    struct call_stacks *stacks;
    struct afd_schemas *schemas; /* borrowed */
    event_lines_fn *print;
    void *user;
    uint64_t counted;
    struct held_event *held; /* a ring of ROOM, made when the first event has to wait */
    size_t first, count;
};

struct event_lines *event_lines_create(int64_t second, struct afd_schemas *schemas,
                                       event_lines_fn *print, void *user)
{
    struct event_lines *lines = calloc(1, sizeof *lines);
    if (lines == NULL) {
        return NULL;
    }
    lines->print = print;
    lines->user = user;
    lines->schemas = schemas;
    lines->stacks = call_stacks_create(second, &lines->counted);
    if (lines->stacks != NULL) {
        return lines;
    }
    event_lines_destroy(lines);
    return NULL;
}

void event_lines_destroy(struct event_lines *lines)
{
    if (lines == NULL) {
        return;
    }
    for (size_t i = 0; i < lines->count; i++) {
        free(lines->held[(lines->first + i) % ROOM].bytes);
    }
    free(lines->held);
    call_stacks_destroy(lines->stacks);
    free(lines);
}

void event_lines_expect(struct event_lines *lines)
{
    call_stacks_expect(lines->stacks);
}

/* ---- printing ---- */

static void lines_print(const struct event_lines *lines, const struct etl_event *event,
                        const struct event_decoding *decoding, struct stack *stack)
{
    stack_refresh(stack);
    lines->print(lines->user, event, decoding, stack_known(stack));
    stack_release(stack);
}

static void lines_print_first(struct event_lines *lines)
{
    struct held_event held = lines->held[lines->first];
    lines->first = (lines->first + 1) % ROOM;
    lines->count--;
    call_stacks_give_up(held.stack);
    lines_print(lines, &held.event, &held.decoding, held.stack);
    free(held.bytes);
}

static bool is_awaited(const struct stack *stack)
{
    return stack != NULL && stack->awaited;
}

static void lines_drain(struct event_lines *lines)
{
    while (lines->count > 0 && !is_awaited(lines->held[lines->first].stack)) {
        lines_print_first(lines);
    }
}

/* ---- events ---- */

/* Keeps a copy, and takes over the stack. */
static bool lines_hold(struct event_lines *lines, const struct etl_event *event,
                       const struct event_decoding *decoding, struct stack *stack)
{
    if (lines->held == NULL) {
        lines->held = malloc(ROOM * sizeof *lines->held);
    }
    uint8_t *bytes = malloc(event->payload_len + (size_t)1);
    if (lines->held == NULL || bytes == NULL) {
        free(bytes);
        stack_release(stack);
        return false;
    }
    if (lines->count == ROOM) {
        lines_print_first(lines);
    }
    if (event->payload_len != 0) {
        memcpy(bytes, event->payload, event->payload_len);
    }
    struct held_event *held = &lines->held[(lines->first + lines->count++) % ROOM];
    *held =
        (struct held_event){.decoding = *decoding, .event = *event, .stack = stack, .bytes = bytes};
    held->event.payload = bytes;
    held->event.extended = NULL;
    held->event.extended_len = 0;
    held->event.has_extended = false;
    return true;
}

/* A record that is no Winsock event. False: there is no memory. */
static bool lines_learn(const struct event_lines *lines, const struct etl_event *event)
{
    struct kernel_stack record;
    if (afd_schema_is(event)) {
        return afd_schemas_add(lines->schemas, event);
    }
    if (kernel_stack_decode(event, &record)) {
        call_stacks_take(lines->stacks, event, &record);
    }
    return !call_stacks_no_memory(lines->stacks);
}

bool event_lines_take(struct event_lines *lines, const struct etl_event *event)
{
    struct event_decoding decoding;
    if (lines->count > 0) {
        call_stacks_advance(lines->stacks, event->order);
        lines_drain(lines);
    }
    if (!afd_is_event(event)) {
        return lines_learn(lines, event);
    }
    decoding.status = afd_schemas_decode(lines->schemas, event, &decoding.afd);
    struct stack *stack = call_stacks_of(lines->stacks, event, false);
    if (lines->count > 0 || is_awaited(stack)) {
        return lines_hold(lines, event, &decoding, stack);
    }
    lines_print(lines, event, &decoding, stack);
    return !call_stacks_no_memory(lines->stacks);
}

void event_lines_finish(struct event_lines *lines)
{
    call_stacks_finish(lines->stacks);
    lines_drain(lines);
}
