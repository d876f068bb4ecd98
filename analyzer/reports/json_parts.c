/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/reports/json_parts.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "analyzer/recording_mistake.h"
#include "analyzer/reports/known_words.h"
#include "analyzer/reports/parts.h"
#include "base/stack_store.h"
#include "parsers/afd/afd_decode.h"
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

void json_schema_line(struct json_writer *json, const char *name)
{
    json_object_begin(json);
    json_field_str(json, "type", "schema");
    json_field_str(json, "schema", name);
    json_object_end(json);
    json_line_end(json);
}

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

/* ---- values that may be unknown ---- */

static void field_id(struct json_writer *json, const char *key, uint32_t id)
{
    if (id != ETL_ID_UNKNOWN) {
        json_field_u64(json, key, id);
    } else {
        json_field_null(json, key);
    }
}

static void field_ns(struct json_writer *json, const char *key, bool known, uint64_t ns)
{
    if (known) {
        json_field_u64(json, key, ns);
    } else {
        json_field_null(json, key);
    }
}

static void field_address(struct json_writer *json, const char *key,
                          const struct afd_address *address)
{
    char text[AFD_ADDRESS_TEXT_LEN] = "";
    afd_address_format(address, text);
    json_field_str(json, key, text[0] != '\0' ? text : NULL);
}

/* ---- frames ---- */

static void field_module_index(struct json_writer *json, const struct json_source *source,
                               const struct names_frame *frame)
{
    size_t index = json_modules_index(source->modules, source->index, frame);
    if (index != JSON_MODULE_NONE) {
        json_field_u64(json, "module_index", index);
    } else {
        json_field_null(json, "module_index");
    }
}

static void field_line(struct json_writer *json, uint64_t line)
{
    if (line != 0) {
        json_field_u64(json, "line", line);
    } else {
        json_field_null(json, "line");
    }
}

static void symbol_members(struct json_writer *json, const struct frame *frame)
{
    json_field_str(json, "function", frame->function);
    json_field_str(json, "file", frame->file);
    field_line(json, frame->line);
    json_field_bool(json, "inlined", frame->inlined);
}

/* For the HTML report, which holds thousands of frames: what is not known is left out. */
static void short_members(struct json_writer *json, const struct frame *frame)
{
    if (frame->function != NULL || frame->file != NULL) {
        symbol_members(json, frame);
    }
    if (frame->own) {
        json_field_bool(json, "own", true);
    }
}

void json_frame(struct json_writer *json, const struct json_source *source,
                const struct frame *frame)
{
    json_object_begin(json);
    json_field_hex(json, "address", frame->address);
    json_field_str(json, "module", frame->place.name);
    if (frame->place.module != NULL) {
        json_field_hex(json, "offset", frame->place.offset);
    } else {
        json_field_null(json, "offset");
    }
    if (source->modules != NULL) {
        field_module_index(json, source, &frame->place);
        symbol_members(json, frame);
    } else {
        short_members(json, frame);
    }
    json_object_end(json);
}

static void field_stack(struct json_writer *json, const struct json_source *source,
                        const struct operation *op, const struct op_point *point)
{
    json_key(json, "stack");
    if (stack_known(point->stack) == NULL) {
        json_null(json);
        return;
    }
    struct frame_walk walk;
    struct frame frame;
    json_array_begin(json);
    frame_walk_init(&walk, &source->input->frames, op, point);
    while (frame_walk_next(&walk, &frame)) {
        json_frame(json, source, &frame);
    }
    json_array_end(json);
}

static void field_call_site(struct json_writer *json, const struct json_source *source,
                            const struct operation *op)
{
    struct frame frame;
    json_key(json, "call_site");
    if (part_call_site(source->input, op, &frame)) {
        json_frame(json, source, &frame);
    } else {
        json_null(json);
    }
}

static void memory_image(struct json_writer *json, const struct json_source *source,
                         const struct names_frame *frame)
{
    json_object_begin(json);
    json_field_str(json, "kind", "image");
    json_field_str(json, "module", frame->name);
    json_field_hex(json, "offset", frame->offset);
    if (source->modules != NULL) {
        field_module_index(json, source, frame);
    }
    json_object_end(json);
}

static void field_memory(struct json_writer *json, const struct json_source *source,
                         const struct operation *op)
{
    struct names_frame frame;
    uint32_t tid = part_memory_thread(source->input, op);
    json_key(json, "memory");
    if (part_memory_image(source->input, op, &frame)) {
        memory_image(json, source, &frame);
    } else if (tid != ETL_ID_UNKNOWN) {
        json_object_begin(json);
        json_field_str(json, "kind", "stack");
        json_field_u64(json, "tid", tid);
        json_object_end(json);
    } else {
        json_null(json);
    }
}

static void stack_modules(const struct json_source *source, const struct operation *op,
                          const struct op_point *point)
{
    struct frame_walk walk;
    struct frame frame;
    frame_walk_init(&walk, &source->input->frames, op, point);
    while (frame_walk_next(&walk, &frame)) {
        json_modules_index(source->modules, source->index, &frame.place);
    }
}

static void operation_modules(const struct json_source *source, const struct operation *op)
{
    struct names_frame frame;
    if (part_memory_image(source->input, op, &frame)) {
        json_modules_index(source->modules, source->index, &frame);
    }
    stack_modules(source, op, &op->posted);
    if (part_continued(op) != NULL) {
        stack_modules(source, op, &op->continued->at);
    }
    if (op->ended != NULL) {
        stack_modules(source, op, &op->ended->at);
    }
}

/* Lines are written while the trace is read, so what they show is resolved for each of them. */
static void resolve(struct json_writer *json, const struct json_source *source,
                    const struct operation *op)
{
    if (!frames_resolve_operation(&source->input->frames, op)) {
        out_fail(json->out, OUT_NO_MEMORY, ENOMEM);
    }
}

void json_module_lines(struct json_writer *json, const struct json_source *source,
                       const struct operation *op, const struct operation *other)
{
    size_t known = json_modules_count(source->modules);
    resolve(json, source, op);
    if (other != NULL) {
        resolve(json, source, other);
    }
    operation_modules(source, op);
    if (other != NULL) {
        operation_modules(source, other);
    }
    for (size_t i = known; i < json_modules_count(source->modules); i++) {
        json_object_begin(json);
        json_field_str(json, "type", "module");
        json_field_u64(json, "index", i);
        json_module_members(json, source->modules, i);
        json_object_end(json);
        json_line_end(json);
    }
}

/* ---- operations ---- */

/* The members that posts, continuations and ends share. */
static void point_members(struct json_writer *json, const struct json_source *source,
                          const struct operation *op, const struct op_point *point)
{
    char time[ETL_TIME_TEXT_LEN];
    uint64_t at_ns = 0;
    part_time(source->input, point, time);
    json_field_i64_string(json, "ticks", point->ticks);
    json_field_str(json, "time", time);
    if (part_at_ns(source->input, point, &at_ns)) {
        json_field_seconds(json, "at", at_ns);
    } else {
        json_field_null(json, "at");
    }
    json_field_u64(json, "cpu", point->cpu);
    field_id(json, "pid", point->pid);
    field_id(json, "tid", point->tid);
    json_field_str(json, "thread_name", part_thread_name(source->input, point));
    json_field_u64(json, "event_id", point->event_id);
    json_field_u64(json, "file", point->file);
    json_field_u64(json, "offset", point->offset);
    field_stack(json, source, op, point);
}

static void field_continued(struct json_writer *json, const struct json_source *source,
                            const struct operation *op)
{
    const struct op_continuation *continued = part_continued(op);
    json_key(json, "continued");
    if (continued == NULL) {
        json_null(json);
        return;
    }
    json_object_begin(json);
    point_members(json, source, op, &continued->at);
    json_object_end(json);
}

static void field_ended(struct json_writer *json, const struct json_source *source,
                        const struct operation *op)
{
    const struct op_ending *ended = op->ended;
    json_key(json, "ended");
    if (ended == NULL) {
        json_null(json);
        return;
    }
    json_object_begin(json);
    point_members(json, source, op, &ended->at);
    if (ended->has_bytes) {
        json_field_u64(json, "bytes", ended->bytes);
    } else {
        json_field_null(json, "bytes");
    }
    if (ended->has_status) {
        json_field_hex(json, "status", ended->status);
    } else {
        json_field_null(json, "status");
    }
    json_object_end(json);
}

static const char *op_family_name(const struct operation *op)
{
    return op->family == AFD_FAMILY_LEGACY ? "legacy" : "modern";
}

static void operation_socket_members(struct json_writer *json, const struct report_input *input,
                                     const struct operation *op)
{
    json_field_hex(json, "process", op->process->address);
    field_id(json, "pid", part_pid(input, op));
    json_field_str(json, "image", part_image(input, op));
    json_field_hex(json, "endpoint", op->socket->endpoint);
    json_field_str(json, "protocol", socket_protocol_name(op->socket));
    field_address(json, "local", &op->socket->local);
    field_address(json, "remote", op_remote(op));
}

static void operation_memory_members(struct json_writer *json, const struct json_source *source,
                                     const struct operation *op)
{
    json_field_hex(json, "buffer", op->buffer);
    json_field_u64(json, "length", op->length);
    json_field_i64(json, "buffer_count", op_buffer_count(op));
    json_field_str(json, "address_space", part_address_space(op));
    json_field_str(json, "address_source", op->address_from_attempt ? "attempt" : "event");
    if (op->continued != NULL) {
        json_field_hex(json, "kernel_buffer", op->continued->kernel_buffer);
    } else {
        json_field_null(json, "kernel_buffer");
    }
    json_field_str(json, "path", op_path_name(op));
    json_field_bool(json, "ambiguous_pairing", op->ambiguous_pairing);
    field_memory(json, source, op);
    field_call_site(json, source, op);
}

void json_operation(struct json_writer *json, const struct json_source *source,
                    const struct operation *op)
{
    uint64_t duration_ns = 0;
    json_object_begin(json);
    json_field_str(json, "type", "operation");
    json_field_u64(json, "op", op->number);
    json_field_str(json, "direction", part_direction(op));
    json_field_str(json, "api", op_api(op));
    json_field_str(json, "family", op_family_name(op));
    operation_socket_members(json, source->input, op);
    operation_memory_members(json, source, op);
    json_field_object(json, "posted");
    point_members(json, source, op, &op->posted);
    json_object_end(json);
    field_continued(json, source, op);
    field_ended(json, source, op);
    json_field_str(json, "end", op_end_name((enum op_end)op->end));
    bool duration_known = part_duration_ns(source->input, op, &duration_ns);
    field_ns(json, "duration_ns", duration_known, duration_ns);
    json_object_end(json);
}

/* ---- conflicts and findings ---- */

void json_overlap(struct json_writer *json, const struct conflict *conflict)
{
    json_object_begin(json);
    json_field_hex(json, "start", conflict->overlap_start);
    json_field_u64(json, "length", conflict->overlap_len);
    json_field_str(json, "extent", conflict_extent_name(conflict->extent));
    json_object_end(json);
}

void json_harm(struct json_writer *json, const struct conflict *conflict)
{
    if (conflict->harm != HARM_KNOWN) {
        json_null(json);
        return;
    }
    json_object_begin(json);
    json_field_u64(json, "bytes", conflict->harm_len);
    json_field_hex(json, "start", conflict->harm_start);
    json_object_end(json);
}

void json_judgement_members(struct json_writer *json, const struct conflict *conflict,
                            enum rule_level severity, enum rule_level level)
{
    json_field_str(json, "rule", conflict->rule->name);
    json_field_str(json, "severity", rule_level_name(severity));
    json_field_str(json, "confidence", part_confidence(conflict));
    json_field_array(json, "reasons");
    for (int reason = 0; reason < REASON_COUNT; reason++) {
        if (conflict->reasons & REASON_BIT(reason)) {
            json_str(json, conflict_reason_name((enum conflict_reason)reason));
        }
    }
    json_array_end(json);
    json_field_str(json, "level", rule_level_name(level));
}

void json_pair_members(struct json_writer *json, const struct json_source *source,
                       const struct conflict *conflict)
{
    uint64_t gap_ns = 0, exposed_ns = 0;
    bool same_thread = false;
    bool gap_known = part_gap_ns(source->input, conflict, &gap_ns);
    bool exposed_known = part_exposed_ns(source->input, conflict, &exposed_ns);
    field_ns(json, "gap_ns", gap_known, gap_ns);
    field_ns(json, "exposed_ns", exposed_known, exposed_ns);
    if (part_same_thread(conflict, &same_thread)) {
        json_field_bool(json, "same_thread", same_thread);
    } else {
        json_field_null(json, "same_thread");
    }
    json_field_bool(json, "same_endpoint", conflict_same_endpoint(conflict));
    json_key(json, "overlap");
    json_overlap(json, conflict);
    json_key(json, "harm");
    json_harm(json, conflict);
    json_key(json, "first");
    json_operation(json, source, conflict->first);
    json_key(json, "second");
    json_operation(json, source, conflict->second);
}

static void cause_names(struct json_writer *json, const char *key, uint32_t causes)
{
    json_field_array(json, key);
    for (int cause = 0; cause < CAUSE_COUNT; cause++) {
        if (causes & CAUSE_BIT(cause)) {
            json_str(json, cause_name((enum cause)cause));
        }
    }
    json_array_end(json);
}

/* Each cause in the words of reports for people, with the mistake of the recording that it looks
 * like. Left out where no cause holds, as in most traces. */
static void cause_details(struct json_writer *json, const struct report_settings *settings,
                          const struct report_input *input)
{
    char text[PART_CAUSE_LEN];
    uint32_t causes = input->causes | input->accepted_causes;
    if (causes == 0) {
        return;
    }
    json_field_array(json, "cause_details");
    for (int cause = 0; cause < CAUSE_COUNT; cause++) {
        if (causes & CAUSE_BIT(cause)) {
            part_cause_text(settings, input, (enum cause)cause, text);
            json_object_begin(json);
            json_field_str(json, "cause", cause_name((enum cause)cause));
            json_field_str(json, "mistake",
                           recording_mistake_name(recording_mistake_of(input, (enum cause)cause)));
            json_field_str(json, "text", text);
            json_object_end(json);
        }
    }
    json_array_end(json);
}

static void sentences(struct json_writer *json, const char *key, const char *const *texts,
                      size_t count)
{
    json_field_array(json, key);
    for (size_t i = 0; i < count; i++) {
        json_str(json, texts[i]);
    }
    json_array_end(json);
}

void json_verdict_members(struct json_writer *json, const struct report_settings *settings,
                          const struct report_input *input)
{
    char error[PART_ERROR_LEN];
    part_errors(input, error);
    json_field_str(json, "verdict", verdict_name(input->verdict));
    json_field_i64(json, "exit", verdict_exit(input->verdict));
    cause_names(json, "causes", input->causes);
    cause_names(json, "accepted_causes", input->accepted_causes);
    json_field_str(json, "no_posts", input->opened ? no_posts_name(input->no_posts) : NULL);
    cause_details(json, settings, input);
    sentences(json, "caveats", input->caveats, input->caveat_count);
    sentences(json, "notes", input->notes, input->note_count);
    json_field_str(json, "error", error[0] != '\0' ? error : NULL);
}

static void field_time(struct json_writer *json, const char *key, const struct report_input *input,
                       const struct op_point *point)
{
    char time[ETL_TIME_TEXT_LEN];
    part_time(input, point, time);
    json_field_str(json, key, time);
}

/* Fingerprints of a kind of which more occur than the baseline knows. */
static void candidates_member(struct json_writer *json, const struct baseline_kind *kind)
{
    if (kind == NULL) {
        json_field_null(json, "baseline_candidates");
        return;
    }
    json_field_array(json, "baseline_candidates");
    for (size_t i = 0; i < kind->count; i++) {
        json_str(json, kind->fingerprints[i]);
    }
    json_array_end(json);
}

void json_finding_members(struct json_writer *json, size_t index, const struct report_input *input,
                          const struct finding *finding)
{
    json_field_u64(json, "input", index);
    json_judgement_members(json, part_shown(finding), finding->severity, finding->level);
    json_field_bool(json, "gates", finding->gates);
    json_field_bool(json, "in_image", finding->in_image);
    json_field_u64(json, "count", finding->count);
    json_field_u64(json, "posts", finding->posts);
    json_field_u64(json, "harmful", finding->harmful);
    json_field_bool(json, "count_is_minimum", finding->count_is_minimum);
    field_time(json, "first_time", input, &finding->first_time);
    field_time(json, "last_time", input, &finding->last_time);
    json_field_u64(json, "endpoints", finding->endpoints);
    json_field_u64(json, "addresses", finding->addresses);
    json_field_str(json, "fingerprint", finding->fingerprint.text);
    json_field_str(json, "fingerprint_scope", fingerprint_scope_name(finding->fingerprint.scope));
    json_field_str(json, "fingerprint_coarse", finding->fingerprint.coarse);
    json_field_u64(json, "fingerprint_version", FINGERPRINT_VERSION);
    json_field_str(json, "baseline", known_baseline_name(finding));
    candidates_member(json, finding->kind);
    json_field_str(json, "suppressed",
                   finding->suppressed != NULL ? finding->suppressed->reason : NULL);
}
