/* SPDX-License-Identifier: Apache-2.0 */

/*
 * `csv`: a row for each finding, RFC 4180, for spreadsheets. With --baseline or --suppressions the
 * last two columns say what is known of a finding.
 */

#include <stdlib.h>

#include "analyzer/reports/csv_cells.h"
#include "analyzer/reports/formats.h"
#include "analyzer/reports/known_words.h"
#include "analyzer/reports/parts.h"

struct csv {
    struct out *out;
    bool has_known; /* the columns `baseline` and `suppressed` */
};

static void *csv_create(struct out *out, const struct report_settings *settings)
{
    struct csv *csv = malloc(sizeof *csv);
    if (csv != NULL) {
        *csv = (struct csv){out, settings->known != NULL};
    }
    return csv;
}

static const char *const operation_columns[] = {
    "op",       "api",        "tid",          "endpoint",       "protocol",      "local",
    "remote",   "buffer",     "bytes_posted", "address_source", "kernel_buffer", "path",
    "memory",   "call_site",  "posted_at",    "posted_time",    "continued_at",  "continued_time",
    "ended_at", "ended_time", "end",          "bytes",          "status"};

static void write_header(const struct csv *csv)
{
    struct out *out = csv->out;
    out_str(out, "input,path,rule,severity,confidence,reasons,level,gates,in_image,count,posts,"
                 "harmful,count_is_minimum,first_time,last_time,endpoints,addresses,fingerprint,"
                 "fingerprint_scope,fingerprint_coarse,fingerprint_version,image,pid,gap_ns,"
                 "exposed_ns,same_thread,same_endpoint,overlap_start,overlap_length,extent,"
                 "harm_bytes,harm_start");
    static const char *const which[] = {"first", "second"};
    for (size_t i = 0; i < 2; i++) {
        for (size_t j = 0; j < sizeof operation_columns / sizeof operation_columns[0]; j++) {
            out_printf(out, ",%s_%s", which[i], operation_columns[j]);
        }
    }
    out_str(out, csv->has_known ? ",baseline,suppressed\r\n" : "\r\n");
}

static void write_reasons(struct out *out, const struct conflict *conflict)
{
    const char *separator = "";
    csv_next(out);
    for (int reason = 0; reason < REASON_COUNT; reason++) {
        if (conflict->reasons & REASON_BIT(reason)) {
            out_printf(out, "%s%s", separator, conflict_reason_name((enum conflict_reason)reason));
            separator = " ";
        }
    }
}

static void write_point_if(struct out *out, const struct report_input *input,
                           const struct op_point *point)
{
    if (point != NULL) {
        csv_at(out, input, point);
    } else {
        out_str(out, ",,");
    }
}

static void write_ending(struct out *out, const struct report_input *input,
                         const struct operation *op)
{
    const struct op_ending *ended = op->ended;
    write_point_if(out, input, ended != NULL ? &ended->at : NULL);
    csv_text(out, part_end(op));
    csv_number_if(out, ended != NULL && ended->has_bytes, ended != NULL ? ended->bytes : 0);
    csv_hex_if(out, ended != NULL && ended->has_status, ended != NULL ? ended->status : 0);
}

static void write_operation(struct out *out, const struct report_input *input,
                            const struct operation *op)
{
    const struct op_continuation *continued = op->continued;
    csv_number(out, op->number);
    csv_text(out, op_api(op));
    csv_id(out, op->posted.tid);
    csv_hex(out, op->socket->endpoint);
    csv_text(out, socket_protocol_name(op->socket));
    csv_address(out, &op->socket->local);
    csv_address(out, op_remote(op));
    csv_hex(out, op->buffer);
    csv_number(out, op->length);
    csv_text(out, op->address_from_attempt ? "attempt" : "event");
    csv_hex_if(out, continued != NULL, continued != NULL ? continued->kernel_buffer : 0);
    csv_text(out, op_path_name(op));
    csv_memory(out, input, op);
    csv_call_site(out, input, op);
    csv_at(out, input, &op->posted);
    write_point_if(out, input, part_continued(op) != NULL ? &continued->at : NULL);
    write_ending(out, input, op);
}

static void write_judgement(struct out *out, const struct finding *finding)
{
    const struct conflict *conflict = part_shown(finding);
    csv_text(out, finding->rule->name);
    csv_text(out, rule_level_name(finding->severity));
    csv_text(out, part_confidence(conflict));
    write_reasons(out, conflict);
    csv_text(out, rule_level_name(finding->level));
    csv_bool(out, finding->gates);
    csv_bool(out, finding->in_image);
    csv_number(out, finding->count);
    csv_number(out, finding->posts);
    csv_number(out, finding->harmful);
    csv_bool(out, finding->count_is_minimum);
}

static void write_pair(struct out *out, const struct report_input *input,
                       const struct conflict *conflict)
{
    uint64_t gap_ns = 0, exposed_ns = 0;
    bool same = false;
    bool harm_known = conflict->harm == HARM_KNOWN;
    bool gap_known = part_gap_ns(input, conflict, &gap_ns);
    bool exposed_known = part_exposed_ns(input, conflict, &exposed_ns);
    bool threads_known = part_same_thread(conflict, &same);
    csv_number_if(out, gap_known, gap_ns);
    csv_number_if(out, exposed_known, exposed_ns);
    csv_text(out, threads_known ? (same ? "true" : "false") : NULL);
    csv_bool(out, conflict_same_endpoint(conflict));
    csv_hex(out, conflict->overlap_start);
    csv_number(out, conflict->overlap_len);
    csv_text(out, conflict_extent_name(conflict->extent));
    csv_number_if(out, harm_known, conflict->harm_len);
    csv_hex_if(out, harm_known, conflict->harm_start);
}

static void write_time(struct out *out, const struct report_input *input,
                       const struct op_point *point)
{
    char time[ETL_TIME_TEXT_LEN];
    part_time(input, point, time);
    csv_text(out, time);
}

static void write_row(const struct csv *csv, size_t index, const struct report_input *input,
                      const struct finding *finding)
{
    struct out *out = csv->out;
    const struct conflict *conflict = part_shown(finding);
    out_u64(out, index);
    csv_text(out, input->path);
    write_judgement(out, finding);
    write_time(out, input, &finding->first_time);
    write_time(out, input, &finding->last_time);
    csv_number(out, finding->endpoints);
    csv_number(out, finding->addresses);
    csv_text(out, finding->fingerprint.text);
    csv_text(out, fingerprint_scope_name(finding->fingerprint.scope));
    csv_text(out, finding->fingerprint.coarse);
    csv_number(out, FINGERPRINT_VERSION);
    csv_text(out, part_image(input, conflict->second));
    csv_id(out, part_pid(input, conflict->second));
    write_pair(out, input, conflict);
    write_operation(out, input, conflict->first);
    write_operation(out, input, conflict->second);
    if (csv->has_known) {
        csv_text(out, known_baseline_name(finding));
        csv_text(out, finding->suppressed != NULL ? finding->suppressed->reason : NULL);
    }
    out_str(out, "\r\n");
}

static void csv_finish(void *user, const struct report *report)
{
    const struct csv *csv = user;
    struct part_cursor cursor;
    const struct finding *finding;
    part_cursor_init(&cursor, report);
    write_header(csv);
    while ((finding = part_next(&cursor)) != NULL) {
        write_row(csv, cursor.input_index, cursor.input, finding);
    }
}

const struct report_format report_csv = {
    .name = "csv",
    .help = "for spreadsheets: a row for each finding",
    .create = csv_create,
    .finish = csv_finish,
    .destroy = free,
};
