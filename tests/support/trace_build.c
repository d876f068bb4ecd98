/* SPDX-License-Identifier: Apache-2.0 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/trace_internal.h"

#define CHANNEL_MANIFEST 0x10
#define LEVEL_INFORMATION 4
#define HOOK_LAST_DROPPED 0x0052
#define VERSION_PROCESS 4
#define VERSION_IMAGE 3

/* The provider e53c6823-7bb8-44bb-90dc-3f86090d48a6 as its bytes lie on disk. */
static const struct guid winsock_afd = {{0x23, 0x68, 0x3C, 0xE5, 0xB8, 0x7B, 0xBB, 0x44, 0x90, 0xDC,
                                         0x3F, 0x86, 0x09, 0x0D, 0x48, 0xA6}};

unsigned event_pointer_size(enum etl_header_kind kind)
{
    switch (kind) {
    case ETL_HEADER_SYSTEM32:
    case ETL_HEADER_COMPACT32:
    case ETL_HEADER_FULL32:
    case ETL_HEADER_INSTANCE32:
    case ETL_HEADER_PERFINFO32:
    case ETL_HEADER_EVENT32:
        return 4;
    default:
        return 8;
    }
}

enum etl_header_kind event_kind(enum etl_header_kind kind64, unsigned pointer_size)
{
    bool paired = kind64 != ETL_HEADER_WPP && kind64 != ETL_HEADER_OTHER;
    if (!paired || pointer_size != 4 || event_pointer_size(kind64) == 4) {
        return kind64;
    }
    return (enum etl_header_kind)(kind64 - 1);
}

struct guid trace_activity(uint64_t number)
{
    struct guid guid = {{0}};
    number_store(guid.bytes, number, 8);
    return guid;
}

struct trace_event *trace_add_event(struct trace *trace, const struct trace_event *event,
                                    const void *payload, size_t payload_len)
{
    uint32_t offset = trace_store_bytes(trace, payload, payload_len);
    struct trace_item *item = trace_add_item(trace, TRACE_ITEM_EVENT);
    item->event = *event;
    item->event.payload_offset = offset;
    item->event.payload_len = (uint32_t)payload_len;
    return &item->event;
}

static struct trace_event event_at(const struct trace *trace, const struct trace_place *place,
                                   enum etl_header_kind kind64)
{
    return (struct trace_event){.kind = event_kind(kind64, trace->header.pointer_size),
                                .ticks = place->ticks,
                                .cpu = place->cpu,
                                .pid = place->pid,
                                .tid = place->tid};
}

struct trace_event *trace_add_afd(struct trace *trace, const struct trace_place *place,
                                  const struct trace_afd *afd)
{
    const struct afd_layout *layout = afd_layout_find(afd->id);
    if (layout == NULL) {
        abort(); /* the caller names an event of the table */
    }
    struct trace_event event = event_at(trace, place, ETL_HEADER_EVENT64);
    event.provider = winsock_afd;
    event.activity = place->activity;
    event.keyword = place->keyword | afd_default_keyword(afd->id);
    event.id = afd->id;
    event.channel = CHANNEL_MANIFEST;
    event.level = afd_default_level(afd->id);
    struct afd_values values;
    afd_values_from(afd, layout, &values);
    uint8_t room[512];
    struct trace_bytes payload = {.data = room, .capacity = sizeof room}; /* never outgrown */
    afd_values_encode(&values, event_pointer_size(event.kind), &payload);
    return trace_add_event(trace, &event, payload.data, payload.len);
}

static struct trace_event *kernel_add(struct trace *trace, const struct trace_event *event,
                                      const struct kernel_values *values)
{
    struct trace_bytes payload = {0};
    kernel_values_encode(values, event_pointer_size(event->kind), &payload);
    struct trace_event *added = trace_add_event(trace, event, payload.data, payload.len);
    trace_bytes_finish(&payload);
    return added;
}

struct trace_event *trace_add_kernel_process(struct trace *trace, const struct trace_place *place,
                                             uint16_t hook_id, uint64_t process, uint32_t pid,
                                             const char *image_name)
{
    struct kernel_values values = {.hook_id = hook_id,
                                   .version = VERSION_PROCESS,
                                   .process = process,
                                   .target = pid,
                                   .exit_status = 0x103};
    snprintf(values.image, sizeof values.image, "%s", image_name);
    struct trace_event event = event_at(trace, place, ETL_HEADER_SYSTEM64);
    event.hook_id = hook_id;
    event.record_version = VERSION_PROCESS;
    return kernel_add(trace, &event, &values);
}

struct trace_event *trace_add_image(struct trace *trace, const struct trace_place *place,
                                    uint16_t hook_id, uint32_t pid, uint64_t base, uint64_t size,
                                    const char *path)
{
    struct kernel_values values = {
        .hook_id = hook_id, .version = VERSION_IMAGE, .target = pid, .base = base, .size = size};
    snprintf(values.image, sizeof values.image, "%s", path);
    struct trace_event event = event_at(trace, place, ETL_HEADER_SYSTEM64);
    event.hook_id = hook_id;
    event.record_version = VERSION_IMAGE;
    return kernel_add(trace, &event, &values);
}

struct trace_event *trace_add_process_event(struct trace *trace, const struct trace_place *place,
                                            uint16_t id, uint32_t pid, const char *image_name)
{
    struct kernel_values values = {.event_id = id, .version = 1, .target = pid};
    snprintf(values.image, sizeof values.image, "%s", image_name);
    struct trace_event event = event_at(trace, place, ETL_HEADER_EVENT64);
    event.provider = kernel_process_guid;
    event.id = id;
    event.version = 1;
    event.channel = CHANNEL_MANIFEST;
    event.level = LEVEL_INFORMATION;
    event.keyword = UINT64_C(0x8000000000000010);
    return kernel_add(trace, &event, &values);
}

void trace_add_last_dropped(struct trace *trace, const int64_t *ticks, size_t count)
{
    struct trace_bytes payload = {0};
    bytes_number(&payload, count, 8);
    for (size_t i = 0; i < count; i++) {
        bytes_number(&payload, (uint64_t)ticks[i], 8);
    }
    struct trace_place place = {.ticks = trace->header.base_ticks};
    struct trace_event event = event_at(trace, &place, ETL_HEADER_SYSTEM64);
    event.hook_id = HOOK_LAST_DROPPED;
    event.record_version = 2;
    event.in_header = true;
    trace_add_event(trace, &event, payload.data, payload.len);
    trace_bytes_finish(&payload);
}

void trace_resize_payload(struct trace *trace, size_t payload_len)
{
    struct trace_event *event = trace_last_event(trace);
    if (payload_len > event->payload_len) {
        struct trace_bytes payload = {0};
        bytes_put(&payload, trace->bytes + event->payload_offset, event->payload_len);
        bytes_fill(&payload, 0, payload_len - event->payload_len);
        event->payload_offset = trace_store_bytes(trace, payload.data, payload.len);
        trace_bytes_finish(&payload);
    }
    event->payload_len = (uint32_t)payload_len;
}
