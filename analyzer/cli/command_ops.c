#include "analyzer/cli/command_ops.h"

#include <inttypes.h>
#include <string.h>

#include "base/format_text.h"
#include "analyzer/reports/json_parts.h"
#include "analyzer/reports/parts.h"
#include "base/stack_store.h"
#include "parsers/afd/afd_decode.h"

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
    ops->out = out;
    ops->format = format;
    json_init(&ops->json, out, JSON_LINE);
    if (format == COMMAND_OPS_CSV) {
        out_str(out, "op,direction,api,family,process,pid,image,endpoint,protocol,local,remote,"
                     "buffer,length,buffer_count,address_space,inferred_buffer,continues,fast_path,"
                     "ambiguous_pairing,posted_at,posted_time,posted_tid,posted_event_id,"
                     "posted_file,posted_offset,posted_stack,ended_at,ended_time,ended_tid,"
                     "ended_event_id,ended_offset,bytes,status,end,duration_ns\r\n");
    } else if (format == COMMAND_OPS_TEXT) {
        out_str(out, "      op  posted [s]           thread api         bytes  memory"
                     "               end          in flight  process, socket\n");
    }
}

/* --- CSV -------------------------------------------------------------------------------------- */

static void csv_next(struct out *out)
{
    out_char(out, ',');
}

static void csv_text(struct out *out, const char *text)
{
    csv_next(out);
    if (text != NULL) {
        text_csv(out, text);
    }
}

static void csv_number(struct out *out, uint64_t value)
{
    csv_next(out);
    out_u64(out, value);
}

static void csv_hex(struct out *out, uint64_t value)
{
    csv_next(out);
    out_hex(out, value);
}

static void csv_id(struct out *out, uint32_t id)
{
    csv_next(out);
    if (id != ETL_ID_UNKNOWN) {
        out_u64(out, id);
    }
}

static void csv_bool(struct out *out, bool value)
{
    csv_text(out, value ? "true" : "false");
}

static void csv_address(struct out *out, const struct afd_address *address)
{
    char text[AFD_ADDRESS_TEXT_LEN] = "";
    if (address != NULL) {
        afd_address_format(address, text);
    }
    csv_text(out, text);
}

static void csv_at(struct out *out, const struct report_input *input, const struct op_point *point)
{
    char time[ETL_TIME_TEXT_LEN];
    uint64_t at_ns = part_at_ns(input, point);
    part_time(input, point, time);
    csv_next(out);
    out_printf(out, "%" PRIu64 ".%09" PRIu64, at_ns / 1000000000u, at_ns % 1000000000u);
    csv_text(out, time);
}

static void csv_operation_head(struct out *out, const struct report_input *input,
                               const struct operation *op)
{
    const struct socket_info *socket = op->socket;
    out_u64(out, op->number);
    csv_text(out, op_direction_name((enum op_direction)op->direction));
    csv_text(out, op->api);
    csv_text(out, op->family == AFD_FAMILY_LEGACY ? "legacy" : "modern");
    csv_hex(out, op->process);
    csv_id(out, part_pid(op));
    csv_text(out, part_image(input, op));
    csv_hex(out, op->endpoint_address);
    csv_text(out, socket != NULL ? socket_protocol_name(socket) : NULL);
    csv_address(out, socket != NULL ? &socket->local : NULL);
    csv_address(out, socket != NULL ? &socket->remote : NULL);
}

static void csv_operation_memory(struct out *out, const struct operation *op)
{
    csv_hex(out, op->buffer);
    csv_number(out, op->length);
    csv_next(out);
    out_i64(out, op_buffer_count(op));
    csv_text(out, op_space_name((enum op_space)op->space));
    if (op->has_inferred) {
        csv_hex(out, op->inferred_buffer);
    } else {
        csv_next(out);
    }
    if (op->continues != 0) {
        csv_number(out, op->continues);
    } else {
        csv_next(out);
    }
    csv_bool(out, op->fast_path);
    csv_bool(out, op->ambiguous_pairing);
}

static void csv_posted(struct out *out, const struct report_input *input,
                       const struct op_point *point)
{
    csv_at(out, input, point);
    csv_id(out, point->tid);
    csv_number(out, point->event_id);
    csv_number(out, point->file);
    csv_number(out, point->offset);
    csv_next(out);
    for (uint32_t i = 0; point->stack != NULL && i < point->stack->frame_count; i++) {
        char frame[PART_FRAME_LEN];
        part_frame(input, point, point->stack->frames[i], frame);
        if (i != 0) {
            out_char(out, ' ');
        }
        /* Spaces part the frames, and quotes would have to enclose the whole field. */
        for (char *at = frame; *at != '\0'; at++) {
            if (*at == ' ' || *at == ',' || *at == '"') {
                *at = '_';
            }
        }
        if (i == 0) {
            text_csv(out, frame); /* with an apostrophe before what would be calculated */
        } else {
            text_escape(out, frame);
        }
    }
}

static void csv_ended(struct out *out, const struct report_input *input, const struct operation *op)
{
    const struct op_point *point = &op->ended;
    if (!part_has_end(op)) {
        out_repeat(out, ',', 7);
        return;
    }
    csv_at(out, input, point);
    csv_id(out, point->tid);
    csv_number(out, point->event_id);
    csv_number(out, point->offset);
    csv_next(out);
    if (point->has_bytes) {
        out_u64(out, point->bytes);
    }
    csv_next(out);
    if (point->has_status) {
        out_hex(out, point->status);
    }
}

static void print_csv(struct out *out, const struct report_input *input, const struct operation *op)
{
    uint64_t duration_ns = 0;
    csv_operation_head(out, input, op);
    csv_operation_memory(out, op);
    csv_posted(out, input, &op->posted);
    csv_ended(out, input, op);
    csv_text(out, op_end_name((enum op_end)op->end));
    csv_next(out);
    if (part_duration_ns(input, op, &duration_ns)) {
        out_u64(out, duration_ns);
    }
    out_str(out, "\r\n");
}

/* --- text ------------------------------------------------------------------------------------- */

static void print_text(struct out *out, const struct report_input *input,
                       const struct operation *op)
{
    char at[TEXT_NUMBER_LEN], duration[TEXT_NUMBER_LEN] = "";
    char process[PART_PROCESS_LEN], socket[PART_SOCKET_LEN];
    char memory[OUT_NUMBER_LEN + 1], thread[OUT_NUMBER_LEN + 1];
    uint64_t duration_ns = 0;

    text_format_seconds(part_at_ns(input, &op->posted), 7, at);
    if (part_duration_ns(input, op, &duration_ns)) {
        text_format_duration(duration_ns, duration);
    }
    part_process(input, op, process);
    part_socket(op, socket);
    memory[out_format_hex(memory, op->has_inferred ? op->inferred_buffer : op->buffer)] = '\0';
    thread[out_format_u64(thread, op->posted.tid)] = '\0';
    out_printf(out, "%8" PRIu64 "  %-18s %8s %-9s %7" PRIu32 "  %-20s %-11s %10s  ", op->number, at,
               op->posted.tid != ETL_ID_UNKNOWN ? thread : "-", op->api, op->length, memory,
               part_end(op), duration);
    text_escape(out, process);
    out_printf(out, ", %s\n", socket);
}

void command_ops_print(void *user, const struct report_input *input, const struct operation *op)
{
    struct command_ops *ops = user;
    switch (ops->format) {
    case COMMAND_OPS_JSONL:
        json_operation(&ops->json, input, op);
        json_line_end(&ops->json);
        break;
    case COMMAND_OPS_CSV:
        print_csv(ops->out, input, op);
        break;
    case COMMAND_OPS_TEXT:
        print_text(ops->out, input, op);
        break;
    }
}
