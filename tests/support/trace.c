/* SPDX-License-Identifier: Apache-2.0 */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/trace_internal.h"

/* Offsets in a trace buffer (docs/format.md). Names with "log." are fields of the log-file header
 * that lie at the same offset in 32- and 64-bit traces. */
const struct trace_field trace_fields[] = {
    {"BufferSize", 0x00, 4},
    {"SavedOffset", 0x04, 4},
    {"CurrentOffset", 0x08, 4},
    {"ReferenceCount", 0x0C, 4},
    {"TimeStamp", 0x10, 8},
    {"SequenceNumber", 0x18, 8},
    {"ClockType", 0x20, 8},
    {"ProcessorIndex", 0x28, 2},
    {"ProcessorNumber", 0x28, 1},
    {"Alignment", 0x29, 1},
    {"LoggerId", 0x2A, 2},
    {"State", 0x2C, 4},
    {"Offset", 0x30, 4},
    {"BufferFlag", 0x34, 2},
    {"BufferType", 0x36, 2},
    {"log.BufferSize", 0x68, 4},
    {"log.Version", 0x6C, 4},
    {"log.ProviderVersion", 0x70, 4},
    {"log.NumberOfProcessors", 0x74, 4},
    {"log.EndTime", 0x78, 8},
    {"log.LogFileMode", 0x88, 4},
    {"log.BuffersWritten", 0x8C, 4},
    {"log.PointerSize", 0x94, 4},
    {"log.EventsLost", 0x98, 4},
    {"log.CpuSpeedInMHz", 0x9C, 4},
};
const size_t trace_field_count = sizeof trace_fields / sizeof trace_fields[0];

const char *trace_field_name(uint32_t index)
{
    return index < trace_field_count ? trace_fields[index].name : NULL;
}

static void header_init(struct trace_header *header)
{
    const int64_t start = INT64_C(134117966450000000); /* 2026-01-02T03:04:05Z */
    *header = (struct trace_header){
        .pointer_size = 8,
        .clock = 1,
        .frequency = 10000000,
        .cpu_mhz = 3000,
        .buffer_size = 4096,
        .build = 19041,
        .os_major = 10,
        .mode = 1,
        .base_ticks = TRACE_BASE_TICKS,
        .start_filetime = start,
        .boot_filetime = start - 3600 * FILETIME_SECOND,
        .end_filetime = TRACE_AUTO,
        .timer_resolution = 156250,
        .finalised = true,
        .flush_marker = true,
        .processor_index = TRACE_AUTO,
        .sequence = 1,
        .session_name = "made",
        .file_name = "C:\\made.etl",
    };
}

void trace_init(struct trace *trace)
{
    *trace = (struct trace){0};
    header_init(&trace->header);
    trace_store_bytes(trace, "", 1); /* payloads of length 0 need memory to point into */
    trace->bytes_len = 0;
}

void trace_clear(struct trace *trace)
{
    header_init(&trace->header);
    trace->item_count = 0;
    trace->edit_count = 0;
    trace->bytes_len = 0;
}

void trace_finish(struct trace *trace)
{
    free(trace->items);
    free(trace->edits);
    free(trace->bytes);
    *trace = (struct trace){0};
}

uint64_t trace_rate(const struct trace_header *header)
{
    uint64_t rate = header->frequency;
    if (header->clock == 2) {
        rate = FILETIME_SECOND;
    } else if (header->clock == 3) {
        rate = (uint64_t)header->cpu_mhz * 1000000;
    }
    return rate != 0 ? rate : FILETIME_SECOND;
}

/* Makes room for one more element, doubling the array when it is full. */
static void *grow(void *array, size_t count, size_t *capacity, size_t element_len)
{
    if (count < *capacity) {
        return array;
    }
    *capacity = count * 2 + 16;
    array = realloc(array, *capacity * element_len);
    if (array == NULL) {
        abort();
    }
    return array;
}

uint32_t trace_store_bytes(struct trace *trace, const void *data, size_t len)
{
    struct trace_bytes bytes = {trace->bytes, trace->bytes_len, trace->bytes_capacity};
    uint32_t offset = (uint32_t)bytes.len;
    bytes_put(&bytes, data, len);
    trace->bytes = bytes.data;
    trace->bytes_len = bytes.len;
    trace->bytes_capacity = bytes.capacity;
    return offset;
}

struct trace_item *trace_add_item(struct trace *trace, enum trace_item_kind kind)
{
    trace->items =
        grow(trace->items, trace->item_count, &trace->item_capacity, sizeof *trace->items);
    struct trace_item *item = &trace->items[trace->item_count++];
    *item = (struct trace_item){.kind = kind, .cpu = TRACE_ALL_CPUS};
    item->mark.type = TRACE_AUTO;
    item->mark.compression = TRACE_AUTO;
    return item;
}

struct trace_event *trace_last_event(struct trace *trace)
{
    for (size_t i = trace->item_count; i-- > 0;) {
        if (trace->items[i].kind == TRACE_ITEM_EVENT) {
            return &trace->items[i].event;
        }
    }
    abort(); /* the caller extends an event before adding one */
}

void trace_flush(struct trace *trace, uint32_t cpu)
{
    trace_add_item(trace, TRACE_ITEM_FLUSH)->cpu = cpu;
}

void trace_mark(struct trace *trace, uint32_t cpu, const struct trace_mark *mark)
{
    struct trace_item *item = trace_add_item(trace, TRACE_ITEM_MARK);
    item->cpu = cpu;
    item->mark = *mark;
}

void trace_session(struct trace *trace)
{
    trace_add_item(trace, TRACE_ITEM_SESSION);
}

void trace_edit(struct trace *trace, enum trace_edit_kind kind, uint32_t buffer, uint64_t value,
                const void *bytes, size_t len)
{
    trace->edits =
        grow(trace->edits, trace->edit_count, &trace->edit_capacity, sizeof *trace->edits);
    trace->edits[trace->edit_count++] =
        (struct trace_edit){.kind = kind,
                            .buffer = buffer,
                            .value = value,
                            .bytes_offset = trace_store_bytes(trace, bytes, len),
                            .bytes_len = (uint32_t)len};
}

bool trace_patch(struct trace *trace, uint32_t buffer, const char *field, uint64_t value)
{
    for (uint32_t i = 0; i < trace_field_count; i++) {
        if (strcmp(trace_fields[i].name, field) == 0) {
            trace_edit(trace, TRACE_EDIT_FIELD, buffer, value, NULL, 0);
            trace->edits[trace->edit_count - 1].field = i;
            return true;
        }
    }
    return false;
}

bool errors_set(struct trace_errors *errors, unsigned line, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    errors->line = line;
    vsnprintf(errors->text, sizeof errors->text, format, arguments);
    va_end(arguments);
    return false;
}
