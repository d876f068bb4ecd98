/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/reports/json_operation.h"

#include <errno.h>

#include "analyzer/reports/parts.h"
#include "base/stack_store.h"
#include "parsers/afd/afd_decode.h"

/* ---- values that may be unknown ---- */

static void field_id(struct json_writer *json, const char *key, uint32_t id)
{
    if (id != ETL_ID_UNKNOWN) {
        json_field_u64(json, key, id);
    } else {
        json_field_null(json, key);
    }
}

void json_field_known(struct json_writer *json, const char *key, bool known, uint64_t value)
{
    if (known) {
        json_field_u64(json, key, value);
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

/* Members of a frame in the HTML report, which holds thousands of frames: members that are not
 * known are left out. */
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
    json_field_known(json, "duration_ns", duration_known, duration_ns);
    json_object_end(json);
}
