/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cli/command_ops.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "analyzer/reports/csv_cells.h"
#include "analyzer/reports/json_parts.h"
#include "analyzer/reports/parts.h"
#include "analyzer/schemas.h"
#include "base/format_text.h"

bool command_ops_format_parse(const char *text, enum command_ops_format *format)
{
    static const char *const names[] = {
        [COMMAND_OPS_JSONL] = "jsonl", [COMMAND_OPS_CSV] = "csv", [COMMAND_OPS_TEXT] = "text"};
    for (int i = 0; i < (int)(sizeof names / sizeof names[0]); i++) {
        if (strcmp(text, names[i]) == 0) {
            *format = (enum command_ops_format)i;
            return true;
        }
    }
    return false;
}

void command_ops_init(struct command_ops *ops, struct out *out, enum command_ops_format format)
{
    *ops = (struct command_ops){.out = out, .format = format};
    json_init(&ops->json, out, JSON_LINE);
    switch (format) {
    case COMMAND_OPS_JSONL:
        ops->modules = json_modules_create(out);
        if (ops->modules == NULL) {
            out_fail(out, OUT_NO_MEMORY, ENOMEM);
        }
        json_schema_line(&ops->json, SCHEMA_OPS);
        break;
    case COMMAND_OPS_CSV:
        out_str(out, "op,direction,api,family,process,pid,image,endpoint,protocol,local,remote,"
                     "buffer,length,buffer_count,address_space,address_source,kernel_buffer,path,"
                     "ambiguous_pairing,memory,call_site,posted_at,posted_time,posted_tid,"
                     "posted_event_id,posted_file,posted_offset,posted_stack,continued_at,"
                     "continued_time,continued_event_id,continued_offset,ended_at,ended_time,"
                     "ended_tid,ended_event_id,ended_offset,bytes,status,end,duration_ns\r\n");
        break;
    case COMMAND_OPS_TEXT:
        out_str(out, "      op  posted [s]           thread api         bytes  memory"
                     "               end          in flight  process, socket\n");
        break;
    }
}

void command_ops_finish(struct command_ops *ops)
{
    json_modules_destroy(ops->modules);
    ops->modules = NULL;
}

/* --- CSV -------------------------------------------------------------------------------------- */

static void csv_operation_head(struct out *out, const struct report_input *input,
                               const struct operation *op)
{
    out_u64(out, op->number);
    csv_text(out, part_direction(op));
    csv_text(out, op_api(op));
    csv_text(out, op->family == AFD_FAMILY_LEGACY ? "legacy" : "modern");
    csv_hex(out, op->process->address);
    csv_id(out, part_pid(input, op));
    csv_text(out, part_image(input, op));
    csv_hex(out, op->socket->endpoint);
    csv_text(out, socket_protocol_name(op->socket));
    csv_address(out, &op->socket->local);
    csv_address(out, op_remote(op));
}

static void csv_operation_memory(struct out *out, const struct report_input *input,
                                 const struct operation *op)
{
    const struct op_continuation *continued = op->continued;
    csv_hex(out, op->buffer);
    csv_number(out, op->length);
    csv_next(out);
    out_i64(out, op_buffer_count(op));
    csv_text(out, part_address_space(op));
    csv_text(out, op->address_from_attempt ? "attempt" : "event");
    csv_hex_if(out, continued != NULL, continued != NULL ? continued->kernel_buffer : 0);
    csv_text(out, op_path_name(op));
    csv_bool(out, op->ambiguous_pairing);
    csv_memory(out, input, op);
    csv_call_site(out, input, op);
}

static void csv_posted(struct out *out, const struct report_input *input,
                       const struct operation *op)
{
    const struct op_point *point = &op->posted;
    csv_at(out, input, point);
    csv_id(out, point->tid);
    csv_number(out, point->event_id);
    csv_number(out, point->file);
    csv_number(out, point->offset);
    csv_stack(out, input, op, point);
}

static void csv_continued(struct out *out, const struct report_input *input,
                          const struct operation *op)
{
    const struct op_continuation *continued = part_continued(op);
    if (continued == NULL) {
        out_repeat(out, ',', 4);
        return;
    }
    csv_at(out, input, &continued->at);
    csv_number(out, continued->at.event_id);
    csv_number(out, continued->at.offset);
}

static void csv_ended(struct out *out, const struct report_input *input, const struct operation *op)
{
    const struct op_ending *ended = op->ended;
    if (ended == NULL) {
        out_repeat(out, ',', 7);
        return;
    }
    csv_at(out, input, &ended->at);
    csv_id(out, ended->at.tid);
    csv_number(out, ended->at.event_id);
    csv_number(out, ended->at.offset);
    csv_number_if(out, ended->has_bytes, ended->bytes);
    csv_hex_if(out, ended->has_status, ended->status);
}

static void print_csv(struct out *out, const struct report_input *input, const struct operation *op)
{
    uint64_t duration_ns = 0;
    csv_operation_head(out, input, op);
    csv_operation_memory(out, input, op);
    csv_posted(out, input, op);
    csv_continued(out, input, op);
    csv_ended(out, input, op);
    csv_text(out, op_end_name((enum op_end)op->end));
    bool known = part_duration_ns(input, op, &duration_ns);
    csv_number_if(out, known, duration_ns);
    out_str(out, "\r\n");
}

/* --- text ------------------------------------------------------------------------------------- */

static void print_text(struct out *out, const struct report_input *input,
                       const struct operation *op)
{
    char at[TEXT_NUMBER_LEN] = "-", duration[TEXT_NUMBER_LEN] = "";
    char process[PART_PROCESS_LEN], socket[PART_SOCKET_LEN];
    char memory[OUT_NUMBER_LEN + 1], thread[OUT_NUMBER_LEN + 1];
    uint64_t at_ns = 0, duration_ns = 0;
    if (part_at_ns(input, &op->posted, &at_ns)) {
        text_format_seconds(at_ns, 7, at);
    }
    if (part_duration_ns(input, op, &duration_ns)) {
        text_format_duration(duration_ns, duration);
    }
    part_process(input, op, process);
    part_socket(op, socket);
    memory[out_format_hex(memory, op->buffer)] = '\0';
    thread[out_format_u64(thread, op->posted.tid)] = '\0';
    out_printf(out, "%8" PRIu64 "  %-18s %8s %-9s %7" PRIu32 "  %-20s %-11s %10s  ", op->number, at,
               op->posted.tid != ETL_ID_UNKNOWN ? thread : "-", op_api(op), op->length, memory,
               part_end(op), duration);
    text_escape(out, process);
    out_printf(out, ", %s\n", socket);
}

/* --- JSON Lines ------------------------------------------------------------------------------- */

static void print_json(struct command_ops *ops, const struct report_input *input,
                       const struct operation *op)
{
    const struct json_source source = {input, ops->input, ops->modules};
    json_module_lines(&ops->json, &source, op, NULL);
    json_operation(&ops->json, &source, op);
    json_line_end(&ops->json);
}

void command_ops_print(void *user, const struct report_input *input, const struct operation *op)
{
    struct command_ops *ops = user;
    if (!frames_resolve_operation(&input->frames, op)) {
        out_fail(ops->out, OUT_NO_MEMORY, ENOMEM);
    }
    switch (ops->format) {
    case COMMAND_OPS_JSONL:
        print_json(ops, input, op);
        break;
    case COMMAND_OPS_CSV:
        print_csv(ops->out, input, op);
        break;
    case COMMAND_OPS_TEXT:
        print_text(ops->out, input, op);
        break;
    }
}
