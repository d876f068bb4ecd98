/* SPDX-License-Identifier: Apache-2.0 */

#ifndef PARSERS_KERNEL_KERNEL_STACKS_H
#define PARSERS_KERNEL_KERNEL_STACKS_H

/*
 * Decodes records that tell of the call stacks of other events: the kernel logger's stack walks,
 * its stack keys and what they stand for, and events of Kernel-EventTracing with the other half of
 * a stack. The layouts stand in docs/format.md, "Stacks".
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/guid.h"
#include "parsers/etl/etl_event.h"
#include "parsers/etl/etl_extended.h"

/* Microsoft-Windows-Kernel-EventTracing, b675ec37-bdb6-4648-bc92-f3fdc74d3ca2. */
extern const struct guid kernel_tracing_provider;

#define KERNEL_STACK_GROUP 0x18 /* of the hook ids below */

/* Hook ids and classes to ask the reader for, beside that provider. */
extern const uint16_t kernel_stack_hook_ids[];
extern const size_t kernel_stack_hook_id_count;
extern const struct guid kernel_stack_classes[];
extern const size_t kernel_stack_class_count;

enum kernel_stack_kind {
    KERNEL_STACK_NONE,       /* any other event, or one that is cut before its frames */
    KERNEL_STACK_WALK,       /* the kernel's or the user's half of an event's stack, or all of it */
    KERNEL_STACK_KERNEL_KEY, /* the same, but a key stands for the kernel's half */
    KERNEL_STACK_USER_KEY,
    KERNEL_STACK_DEFINITION, /* the frames that a key stood for until now */
    KERNEL_STACK_HALF,       /* the event's extended data items hold other halves, by MatchId */
};

struct kernel_stack {
    enum kernel_stack_kind kind;
    int64_t event_ticks; /* raw clock value of the event whose stack it is; walks and keys */
    uint32_t tid;        /* thread of that event */
    uint64_t key;
    struct etl_frames frames; /* walks and definitions; may be none */
};

/* Decodes an event; reads at most payload_len bytes of its payload. False, and KERNEL_STACK_NONE,
 * for an event of no other kind. The frames are borrowed as long as the payload. */
bool kernel_stack_decode(const struct etl_event *event, struct kernel_stack *out);

#endif
