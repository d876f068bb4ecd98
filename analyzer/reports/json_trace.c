/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/reports/json_trace.h"

#include <inttypes.h>
#include <stdio.h>

#include "analyzer/reports/parts.h"
#include "parsers/etl/etl_clock.h"

/* LogFileMode bits, docs/format.md, "LogFileMode". */
static const struct mode_name {
    uint32_t bit;
    const char *name;
} mode_names[] = {
    {0x1, "sequential"},
    {0x2, "circular"},
    {0x4, "append"},
    {0x8, "newfile"},
    {0x10, "flush-timer-ms"},
    {0x20, "preallocate"},
    {0x80, "secure"},
    {0x100, "real-time"},
    {0x400, "buffering"},
    {0x800, "private"},
    {0x2000, "size-in-kb"},
    {0x4000, "global-sequence"},
    {0x8000, "local-sequence"},
    {0x10000, "relog"},
    {0x20000, "private-in-process"},
    {0x1000000, "paged-memory"},
    {0x2000000, "system"},
    {0x4000000, "compressed"},
    {0x8000000, "independent-session"},
    {0x10000000, "no-per-processor-buffering"},
    {0x20000000, "blocking"},
};

static const char *clock_name(enum etl_clock_kind kind)
{
    switch (kind) {
    case ETL_CLOCK_QPC:
        return "qpc";
    case ETL_CLOCK_SYSTEM_TIME:
        return "system-time";
    case ETL_CLOCK_CPU_CYCLES:
        return "cpu-cycles";
    }
    return NULL;
}

static void field_filetime(struct json_writer *json, const char *key, int64_t filetime)
{
    char text[ETL_TIME_TEXT_LEN];
    etl_time_format(filetime, text);
    json_field_str(json, key, text);
}

static void field_known_filetime(struct json_writer *json, const char *key, int64_t filetime)
{
    if (filetime != 0) {
        field_filetime(json, key, filetime);
    } else {
        json_field_null(json, key);
    }
}

static void field_pair(struct json_writer *json, const char *key, uint32_t major, uint32_t minor)
{
    char text[32];
    snprintf(text, sizeof text, "%" PRIu32 ".%" PRIu32, major, minor);
    json_field_str(json, key, text);
}

static void trace_modes(struct json_writer *json, uint32_t mode)
{
    json_field_hex(json, "mode", mode);
    json_field_array(json, "modes");
    for (size_t i = 0; i < sizeof mode_names / sizeof mode_names[0]; i++) {
        if (mode & mode_names[i].bit) {
            json_str(json, mode_names[i].name);
        }
    }
    json_array_end(json);
}

/* Pointer size of Windows, by 64-bit records: the header's is that of the program that wrote the
 * file. NULL: not read yet. */
static void field_windows_pointer_size(struct json_writer *json,
                                       const struct etl_record_counts *counts)
{
    if (counts != NULL && part_windows_is_64_bit(counts)) {
        json_field_u64(json, "windows_pointer_size", 8);
    } else {
        json_field_null(json, "windows_pointer_size");
    }
}

static void trace_layout_members(struct json_writer *json, const struct etl_trace_info *info,
                                 const struct etl_record_counts *counts)
{
    json_field_u64(json, "size", info->size);
    json_field_u64(json, "os_build", info->os_build);
    field_pair(json, "os_version", info->os_major, info->os_minor);
    field_pair(json, "layout", info->layout_major, info->layout_minor);
    json_field_u64(json, "pointer_size", info->pointer_size);
    field_windows_pointer_size(json, counts);
    json_field_u64(json, "processors", info->processors);
    json_field_u64(json, "processors_seen", info->processors_seen);
    json_field_u64(json, "buffer_size", info->buffer_size);
    json_field_u64(json, "buffers", info->buffers);
    json_field_u64(json, "compressed_buffers", info->compressed_buffers);
    json_field_u64(json, "damaged_buffers", info->damaged_buffers);
    json_field_u64(json, "skipped_bytes", info->skipped_bytes);
    trace_modes(json, info->mode);
    json_field_bool(json, "finalised", info->finalised);
    json_field_str(json, "clock", clock_name(info->clock.kind));
    json_field_u64(json, "frequency", info->clock.frequency);
    field_known_filetime(json, "start", info->start_filetime);
    field_known_filetime(json, "end", info->end_filetime);
}

static void trace_loss_members(struct json_writer *json, const struct etl_trace_info *info)
{
    json_field_u64(json, "events_lost", info->events_lost);
    json_field_u64(json, "buffers_lost", info->buffers_lost);
}

void json_trace_head_members(struct json_writer *json, const struct etl_trace_info *info)
{
    trace_layout_members(json, info, NULL);
    trace_loss_members(json, info);
}

static void trace_records(struct json_writer *json, const struct etl_record_counts *counts)
{
    json_field_object(json, "records");
    json_field_u64(json, "total", counts->total);
    json_field_object(json, "by_header");
    for (int kind = 0; kind < ETL_HEADER_COUNT; kind++) {
        if (counts->by_kind[kind] != 0) {
            json_field_u64(json, etl_header_kind_name((enum etl_header_kind)kind),
                           counts->by_kind[kind]);
        }
    }
    json_object_end(json);
    json_object_end(json);
}

void json_trace(struct json_writer *json, const struct report_input *input, size_t trace)
{
    const struct etl_trace_info *info = &input->traces[trace];
    const struct etl_record_counts *counts = &input->counts[trace];
    json_object_begin(json);
    trace_layout_members(json, info, counts);
    if (counts->any_time) {
        field_filetime(json, "first_event", etl_clock_filetime(&info->clock, counts->first_ticks));
        field_filetime(json, "last_event", etl_clock_filetime(&info->clock, counts->last_ticks));
    } else {
        json_field_null(json, "first_event");
        json_field_null(json, "last_event");
    }
    trace_loss_members(json, info);
    trace_records(json, counts);
    json_object_end(json);
}

void json_trace_fields(struct json_writer *json, const struct report_input *input)
{
    json_key(json, "trace");
    if (!input->opened || input->trace_count == 0) {
        json_null(json);
        return;
    }
    json_trace(json, input, 0);
    if (input->trace_count < 2) {
        return;
    }
    json_field_array(json, "parts");
    for (size_t i = 0; i < input->trace_count; i++) {
        json_trace(json, input, i);
    }
    json_array_end(json);
}

static const char *family_name(const struct coverage *coverage)
{
    if (coverage->legacy_seen && coverage->modern_seen) {
        return "both";
    }
    if (coverage->legacy_seen) {
        return "legacy";
    }
    return coverage->modern_seen ? "modern" : NULL;
}

void json_coverage(struct json_writer *json, const struct coverage *coverage)
{
    json_object_begin(json);
    json_field_str(json, "family", family_name(coverage));
    json_field_u64(json, "posts", coverage->posts);
    json_field_u64(json, "completions", coverage->completions);
    json_field_u64(json, "matched", coverage->matched);
    json_field_u64(json, "orphan_completions", coverage->orphan_completions);
    json_field_u64(json, "pending", coverage->pending);
    json_field_u64(json, "user_address_operations", coverage->user_address_operations);
    json_field_u64(json, "user_address_ended", coverage->user_address_ended);
    json_field_u64(json, "kernel_address_operations", coverage->kernel_address_operations);
    json_field_u64(json, "inferred_address_operations", coverage->inferred_address_operations);
    json_field_u64(json, "recvs", coverage->recvs);
    json_field_u64(json, "recvs_user_address", coverage->recvs_user_address);
    json_field_u64(json, "sends", coverage->sends);
    json_field_u64(json, "sends_user_address", coverage->sends_user_address);
    json_field_u64(json, "attempts", coverage->attempts);
    json_field_u64(json, "continued", coverage->continued);
    json_field_u64(json, "chained_operations", coverage->chained_operations);
    json_field_u64(json, "zero_length_posts", coverage->zero_length_posts);
    json_field_u64(json, "rejected_posts", coverage->rejected_posts);
    json_field_u64(json, "buffered_ignored", coverage->buffered_ignored);
    json_field_u64(json, "invalid_addresses", coverage->invalid_addresses);
    json_field_u64(json, "undecodable", coverage->undecodable);
    json_field_u64(json, "max_in_flight", coverage->max_in_flight);
    json_field_u64(json, "capped_operations", coverage->capped_operations);
    json_field_u64(json, "conflicts", coverage->conflicts);
    json_field_u64(json, "stacks", coverage->stacks);
    json_field_u64(json, "registered_io_events", coverage->registered_io_events);
    json_object_end(json);
}
