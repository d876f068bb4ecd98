/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/support/generator.h"

#include <string.h>

#define MODE_CIRCULAR 2u
#define CLOCK_SYSTEM_TIME 2u
#define CLOCK_CYCLES 3u
#define DEFAULT_FREQUENCY 10000000
#define DEFAULT_MHZ 3000
#define HOOK_PROCESS_START 0x0301
#define HOOK_PROCESS_END 0x0302
#define ID_PROCESS_STOP 2
#define WIDE_TRACE_BUFFER 0x10000 /* bytes: room for SCENARIO_EVENTS_MAX events */
#define NO_LAYOUT_LEN 7           /* bytes that no event's payload has */

/* The header's trace buffer has a marker of its own: without another nothing is missing. */
static bool end_is_missing(const struct scenario *scenario)
{
    return scenario->end == SCENARIO_END_UNFINALISED ||
           (scenario->end == SCENARIO_END_UNMARKED && scenario->event_count > 0);
}

/* The ticks of the trace's clock that make a second. */
static int64_t ticks_per_second(const struct scenario *scenario)
{
    if (scenario->clock == CLOCK_CYCLES) {
        return (scenario->cpu_mhz ? scenario->cpu_mhz : DEFAULT_MHZ) * INT64_C(1000000);
    }
    if (scenario->clock == CLOCK_SYSTEM_TIME || scenario->frequency == 0) {
        return DEFAULT_FREQUENCY;
    }
    return (int64_t)scenario->frequency;
}

struct model_input scenario_input(const struct scenario *scenario)
{
    return (struct model_input){
        .pointer_size = scenario->pointer_size,
        .ticks_per_second = ticks_per_second(scenario),
        .closing_cap = scenario->closing_cap,
        .min_visible = scenario->min_visible,
        .events = scenario->events,
        .event_count = scenario->event_count,
        .flagged = scenario->flagged,
        .flagged_count = scenario->flagged_count,
        .last_dropped = scenario->last_dropped,
        .last_dropped_count = scenario->last_dropped_count,
        .header_loss = scenario->events_lost != 0 || scenario->buffers_lost != 0,
        .end_missing = end_is_missing(scenario),
    };
}

static void set_header(const struct scenario *scenario, struct trace_header *header)
{
    header->pointer_size = scenario->pointer_size;
    header->clock = scenario->clock ? scenario->clock : 1;
    header->frequency = scenario->frequency ? scenario->frequency : DEFAULT_FREQUENCY;
    header->cpu_mhz = scenario->cpu_mhz ? scenario->cpu_mhz : DEFAULT_MHZ;
    header->events_lost = scenario->events_lost;
    header->buffers_lost = scenario->buffers_lost;
    header->compression = scenario->compression;
    if (scenario->end == SCENARIO_END_UNFINALISED) {
        header->finalised = false;
    }
    if (scenario->end == SCENARIO_END_UNMARKED) {
        header->flush_marker = false;
    }
    if (scenario->rotate) {
        header->mode = MODE_CIRCULAR;
    }
    /* Flags are of trace buffers as the scenario numbers them: none may overflow into another. */
    if (scenario->flagged_count) {
        header->buffer_size = WIDE_TRACE_BUFFER;
    }
}

/* Breaks the processor's stream where the event begins a trace buffer, and flags that. */
static void begin_trace_buffer(const struct scenario *scenario, size_t index, struct trace *trace)
{
    const struct model_event *event = &scenario->events[index];
    size_t previous = index;
    while (previous > 0 && scenario->events[previous - 1].cpu != event->cpu) {
        previous--;
    }
    if (previous > 0 && scenario->events[previous - 1].trace_buffer == event->trace_buffer) {
        return;
    }
    if (previous > 0) {
        trace_flush(trace, event->cpu);
    }
    for (size_t i = 0; i < scenario->flagged_count; i++) {
        struct trace_mark mark = {
            .flags = scenario->flags[i], .type = TRACE_AUTO, .compression = TRACE_AUTO};
        if (scenario->flagged[i].cpu == event->cpu &&
            scenario->flagged[i].trace_buffer == event->trace_buffer) {
            trace_mark(trace, event->cpu, &mark);
        }
    }
}

static void add_afd(const struct model_event *event, struct trace *trace)
{
    struct trace_place place = {.ticks = event->time,
                                .cpu = (uint16_t)event->cpu,
                                .pid = event->pid,
                                .tid = event->tid,
                                .keyword = event->keyword};
    struct trace_afd afd = {
        .id = event->id,
        .enter_exit = event->enter_exit,
        .location = 3000,
        .process = event->process,
        .endpoint = event->endpoint,
        .accept_endpoint = event->accept_endpoint,
        .buffer = event->buffer,
        .buffer_length = event->buffer_length,
        .buffer_count = event->buffer_count,
        .status = event->status,
        .pid = event->create_pid,
        .address_family = 2,
        .socket_type = event->socket_type,
        .fast_path = event->fast_path,
    };
    memcpy(place.activity.bytes, event->activity, sizeof event->activity);
    if (event->buffer_length & 0x18) {
        afd.address = (struct afd_address){.family = 2, .port = 443, .bytes = {10, 0, 0, 1}};
    }
    struct trace_event *added = trace_add_afd(trace, &place, &afd);
    if (event->undecodable) {
        trace_resize_payload(trace, event->tid & 1 ? NO_LAYOUT_LEN : added->payload_len + 1u);
    }
    if (event->has_stack) {
        trace_extend_stack(trace, 0, event->frames, event->frame_count);
    }
}

static void add_process(const struct model_event *event, struct trace *trace)
{
    struct trace_place place = {
        .ticks = event->time, .cpu = (uint16_t)event->cpu, .pid = event->pid, .tid = event->tid};
    if (event->kind == MODEL_OTHER) {
        trace_add_kernel_process(trace, &place, HOOK_PROCESS_START, 0, 9999, "");
    } else if (event->manifest_end) {
        trace_add_process_event(trace, &place, ID_PROCESS_STOP, event->ended_pid, "");
    } else {
        trace_add_kernel_process(trace, &place, HOOK_PROCESS_END, event->process_key,
                                 event->ended_pid, "");
    }
}

/* Trace buffers that hold events; those that hold none are not written. */
static uint32_t count_trace_buffers(const struct scenario *scenario)
{
    uint32_t count = 0;
    for (size_t i = 0; i < scenario->event_count; i++) {
        const struct model_event *event = &scenario->events[i];
        size_t j = 0;
        while (j < i && (scenario->events[j].cpu != event->cpu ||
                         scenario->events[j].trace_buffer != event->trace_buffer)) {
            j++;
        }
        count += j == i;
    }
    return count;
}

void scenario_trace(const struct scenario *scenario, struct trace *trace)
{
    trace_clear(trace);
    set_header(scenario, &trace->header);
    if (scenario->last_dropped_count) {
        trace_add_last_dropped(trace, scenario->last_dropped, scenario->last_dropped_count);
    }
    for (size_t i = 0; i < scenario->event_count; i++) {
        begin_trace_buffer(scenario, i, trace);
        if (scenario->events[i].kind == MODEL_AFD) {
            add_afd(&scenario->events[i], trace);
        } else {
            add_process(&scenario->events[i], trace);
        }
    }
    uint32_t buffers = count_trace_buffers(scenario);
    if (scenario->rotate && buffers) {
        trace_edit(trace, TRACE_EDIT_ROTATE, TRACE_NO_BUFFER, scenario->rotate % buffers, NULL, 0);
    }
}

static bool has_events(const struct scenario *scenario, const struct model_flagged_buffer *where)
{
    for (size_t i = 0; i < scenario->event_count; i++) {
        if (scenario->events[i].cpu == where->cpu &&
            scenario->events[i].trace_buffer == where->trace_buffer) {
            return true;
        }
    }
    return false;
}

void scenario_drop(struct scenario *scenario, size_t event)
{
    memmove(&scenario->events[event], &scenario->events[event + 1],
            (scenario->event_count - event - 1) * sizeof scenario->events[0]);
    scenario->event_count--;
    size_t kept = 0;
    for (size_t i = 0; i < scenario->flagged_count; i++) {
        if (!has_events(scenario, &scenario->flagged[i])) {
            continue;
        }
        scenario->flags[kept] = scenario->flags[i];
        scenario->flagged[kept++] = scenario->flagged[i];
    }
    scenario->flagged_count = kept;
}
