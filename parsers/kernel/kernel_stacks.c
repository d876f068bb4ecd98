/* SPDX-License-Identifier: Apache-2.0 */

#include "parsers/kernel/kernel_stacks.h"

#include "base/byte_reader.h"

const struct guid kernel_tracing_provider = {{0x37, 0xEC, 0x75, 0xB6, 0xB6, 0xBD, 0x48, 0x46, 0xBC,
                                              0x92, 0xF3, 0xFD, 0xC7, 0x4D, 0x3C, 0xA2}};

enum {
    HOOK_WALK = 0x1820,
    HOOK_KEY_DELETE = 0x1823,
    HOOK_KEY_RUNDOWN = 0x1824,
    HOOK_KERNEL_KEY = 0x1825,
    HOOK_USER_KEY = 0x1826,
};

/* A key's creation, 1822, tells nothing that its deletion or rundown does not tell. */
const uint16_t kernel_stack_hook_ids[] = {HOOK_WALK, HOOK_KEY_DELETE, HOOK_KEY_RUNDOWN,
                                          HOOK_KERNEL_KEY, HOOK_USER_KEY};
const size_t kernel_stack_hook_id_count =
    sizeof kernel_stack_hook_ids / sizeof kernel_stack_hook_ids[0];

/* StackWalk, def2fe46-7bd6-4b80-bd94-f57fe20d0ce3: the class whose opcodes are the hooks' low
 * bytes. */
const struct guid kernel_stack_classes[] = {{{0x46, 0xFE, 0xF2, 0xDE, 0xD6, 0x7B, 0x80, 0x4B, 0xBD,
                                              0x94, 0xF5, 0x7F, 0xE2, 0x0D, 0x0C, 0xE3}}};
const size_t kernel_stack_class_count =
    sizeof kernel_stack_classes / sizeof kernel_stack_classes[0];

static unsigned event_hook(const struct etl_event *event)
{
    switch (event->kind) {
    case ETL_HEADER_SYSTEM32:
    case ETL_HEADER_SYSTEM64:
    case ETL_HEADER_COMPACT32:
    case ETL_HEADER_COMPACT64:
    case ETL_HEADER_PERFINFO32:
    case ETL_HEADER_PERFINFO64:
        return event->id;
    case ETL_HEADER_FULL32:
    case ETL_HEADER_FULL64:
    case ETL_HEADER_INSTANCE32:
    case ETL_HEADER_INSTANCE64:
        return guid_equal(&event->provider, &kernel_stack_classes[0])
                   ? (unsigned)KERNEL_STACK_GROUP << 8 | event->opcode
                   : 0;
    default:
        return 0;
    }
}

static enum kernel_stack_kind kind_of_hook(unsigned hook)
{
    switch (hook) {
    case HOOK_WALK:
        return KERNEL_STACK_WALK;
    case HOOK_KEY_DELETE:
    case HOOK_KEY_RUNDOWN:
        return KERNEL_STACK_DEFINITION;
    case HOOK_KERNEL_KEY:
        return KERNEL_STACK_KERNEL_KEY;
    case HOOK_USER_KEY:
        return KERNEL_STACK_USER_KEY;
    default:
        return KERNEL_STACK_NONE;
    }
}

static bool is_half(const struct etl_event *event)
{
    return (event->kind == ETL_HEADER_EVENT64 || event->kind == ETL_HEADER_EVENT32) &&
           event->has_extended && guid_equal(&event->provider, &kernel_tracing_provider);
}

bool kernel_stack_decode(const struct etl_event *event, struct kernel_stack *out)
{
    *out = (struct kernel_stack){.kind = kind_of_hook(event_hook(event))};
    if (out->kind == KERNEL_STACK_NONE) {
        out->kind = is_half(event) ? KERNEL_STACK_HALF : KERNEL_STACK_NONE;
        return out->kind == KERNEL_STACK_HALF;
    }
    unsigned pointer_size = event->pointer_size == 4 ? 4 : 8;
    struct byte_reader reader;
    byte_reader_init(&reader, event->payload, event->payload_len);
    if (out->kind != KERNEL_STACK_DEFINITION) {
        out->event_ticks = byte_reader_i64(&reader);
        byte_reader_skip(&reader, 4); /* process id */
        out->tid = byte_reader_u32(&reader);
    }
    if (out->kind != KERNEL_STACK_WALK) {
        out->key = byte_reader_pointer(&reader, pointer_size);
    }
    if (reader.overrun) {
        out->kind = KERNEL_STACK_NONE;
        return false;
    }
    out->frames = etl_frames_of(reader.next, reader.left, pointer_size);
    return true;
}
