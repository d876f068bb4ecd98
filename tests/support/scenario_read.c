/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/support/generator.h"

#include <string.h>

#include "base/load.h"
#include "parsers/etl/etl_extended.h"
#include "parsers/kernel/kernel_events.h"

#define HOOK_LAST_DROPPED 0x0052
#define CPU_MAX 512
#define LOSS_FLAGS 0x6u /* 0x2 events lost, 0x4 trace buffer lost */

/* The trace buffer that each processor fills, and whether it holds anything yet. */
struct streams {
    uint32_t trace_buffer[CPU_MAX];
    bool filled[CPU_MAX];
};

static struct etl_event event_of(const struct trace *trace, const struct trace_event *recorded)
{
    return (struct etl_event){
        .ticks = recorded->ticks,
        .order = recorded->ticks,
        .pid = recorded->pid,
        .tid = recorded->tid,
        .cpu = recorded->cpu,
        .kind = recorded->kind,
        .pointer_size = (uint8_t)trace->header.pointer_size,
        .provider = recorded->provider,
        .activity = recorded->activity,
        .keyword = recorded->keyword,
        .id = recorded->hook_id ? recorded->hook_id : recorded->id,
        .version = recorded->hook_id ? (uint8_t)recorded->record_version : recorded->version,
        .opcode = recorded->opcode,
        .payload = trace->bytes + recorded->payload_offset,
        .payload_len = (uint16_t)recorded->payload_len,
        .extended = trace->bytes + recorded->extended_offset,
        .extended_len = (uint16_t)recorded->extended_len,
        .has_extended = recorded->extended_len > 0,
    };
}

/* The stack that the event holds itself. False if it has more frames than the model can hold. */
static bool read_stack(const struct etl_event *event, struct model_event *out)
{
    static struct etl_stack stack;
    if (!event->has_extended || !etl_extended_stack(event, &stack)) {
        return true;
    }
    if (stack.frame_count > MODEL_FRAMES_MAX) {
        return false;
    }
    out->has_stack = true;
    out->frame_count = stack.frame_count;
    memcpy(out->frames, stack.frames, stack.frame_count * sizeof out->frames[0]);
    return true;
}

/* False for an id that the provider does not have: the model knows none such. */
static bool read_afd(const struct etl_event *event, struct model_event *out)
{
    struct afd_event afd;
    enum afd_decode_status status = afd_decode(event, &afd);
    out->kind = MODEL_AFD;
    out->id = event->id;
    out->keyword = event->keyword;
    out->undecodable = status == AFD_DECODE_WRONG_LENGTH;
    memcpy(out->activity, event->activity.bytes, sizeof out->activity);
    if (!read_stack(event, out)) {
        return false;
    }
    if (status != AFD_DECODE_OK) {
        return status == AFD_DECODE_WRONG_LENGTH;
    }
    out->enter_exit = afd.enter_exit;
    out->process = afd.process;
    out->endpoint = afd.endpoint;
    out->accept_endpoint = afd.accept_endpoint;
    out->buffer = afd.buffer;
    out->buffer_length = afd.buffer_length;
    out->buffer_count = afd.buffer_count;
    out->status = afd.status;
    out->fast_path = afd.fast_path;
    out->create_pid = afd.pid;
    out->socket_type = afd.socket_type;
    return true;
}

static void read_kernel(const struct etl_event *event, struct model_event *out)
{
    static struct kernel_event kernel;
    out->kind = MODEL_OTHER;
    if (kernel_decode(event, &kernel) && kernel.kind == KERNEL_PROCESS_END) {
        out->kind = MODEL_PROCESS_END;
        out->process_key = kernel.process_key;
        out->ended_pid = kernel.pid;
        out->manifest_end = event->kind == ETL_HEADER_EVENT32 || event->kind == ETL_HEADER_EVENT64;
    }
}

static void read_last_dropped(const struct etl_event *event, struct scenario *scenario)
{
    for (size_t i = 0; i < SCENARIO_DROPPED_MAX && 8 * (i + 2) <= event->payload_len; i++) {
        scenario->last_dropped[i] = (int64_t)load_u64(event->payload + 8 * (i + 1));
        scenario->last_dropped_count = i + 1;
    }
}

static bool read_event(const struct trace *trace, const struct trace_event *recorded,
                       struct streams *streams, struct scenario *scenario)
{
    struct etl_event event = event_of(trace, recorded);
    if (recorded->in_header) {
        if (recorded->hook_id == HOOK_LAST_DROPPED) {
            read_last_dropped(&event, scenario);
        }
        return true;
    }
    if (scenario->event_count == SCENARIO_EVENTS_MAX || recorded->cpu >= CPU_MAX ||
        recorded->size_override) {
        return false;
    }
    struct model_event *out = &scenario->events[scenario->event_count++];
    *out = (struct model_event){.time = recorded->ticks,
                                .cpu = recorded->cpu,
                                .trace_buffer = streams->trace_buffer[recorded->cpu],
                                .tid = recorded->tid,
                                .pid = recorded->pid};
    streams->filled[recorded->cpu] = true;
    if (memcmp(&event.provider, &afd_provider, sizeof afd_provider) == 0) {
        return read_afd(&event, out);
    }
    read_kernel(&event, out);
    return true;
}

static void flush(uint32_t cpu, struct streams *streams)
{
    if (streams->filled[cpu]) {
        streams->trace_buffer[cpu]++;
    }
    streams->filled[cpu] = false;
}

static bool read_mark(const struct trace_item *item, const struct streams *streams,
                      struct scenario *scenario)
{
    if (item->mark.flags == 0 && item->mark.type == TRACE_AUTO) {
        return true; /* how the trace buffer is compressed is all that the mark says */
    }
    if (item->cpu >= CPU_MAX || scenario->flagged_count == SCENARIO_FLAGGED_MAX ||
        (item->mark.flags & ~LOSS_FLAGS) || item->mark.type != TRACE_AUTO) {
        return false;
    }
    scenario->flags[scenario->flagged_count] = item->mark.flags;
    scenario->flagged[scenario->flagged_count++] =
        (struct model_flagged_buffer){item->cpu, streams->trace_buffer[item->cpu]};
    return true;
}

static bool read_item(const struct trace *trace, const struct trace_item *item,
                      struct streams *streams, struct scenario *scenario)
{
    switch (item->kind) {
    case TRACE_ITEM_EVENT:
        return read_event(trace, &item->event, streams, scenario);
    case TRACE_ITEM_MARK:
        return read_mark(item, streams, scenario);
    case TRACE_ITEM_FLUSH:
        for (uint32_t cpu = 0; cpu < CPU_MAX; cpu++) {
            if (item->cpu == cpu || item->cpu == TRACE_ALL_CPUS) {
                flush(cpu, streams);
            }
        }
        return !item->force;
    default:
        return false;
    }
}

bool scenario_read(const struct trace *trace, struct scenario *scenario)
{
    static struct streams streams;
    const struct trace_header *header = &trace->header;
    memset(&streams, 0, sizeof streams);
    memset(scenario, 0, sizeof *scenario);
    scenario->pointer_size = header->pointer_size;
    scenario->clock = header->clock;
    scenario->frequency = header->frequency;
    scenario->cpu_mhz = header->cpu_mhz;
    scenario->events_lost = header->events_lost;
    scenario->buffers_lost = header->buffers_lost;
    scenario->compression = header->compression;
    if (!header->finalised) {
        scenario->end = SCENARIO_END_UNFINALISED;
    } else if (!header->flush_marker) {
        scenario->end = SCENARIO_END_UNMARKED;
    }
    for (size_t i = 0; i < trace->item_count; i++) {
        if (!read_item(trace, &trace->items[i], &streams, scenario)) {
            return false;
        }
    }
    return trace->edit_count == 0;
}
