/* `csv`: a row for each finding, RFC 4180, for spreadsheets. */

#include <inttypes.h>
#include <stdlib.h>

#include "base/format_text.h"
#include "analyzer/reports/formats.h"
#include "analyzer/reports/parts.h"
#include "parsers/afd/afd_decode.h"

struct csv {
    struct out *out;
};

static void *csv_create(struct out *out, const struct report_settings *settings)
{
    (void)settings;
    struct csv *csv = malloc(sizeof *csv);
    if (csv != NULL)
        csv->out = out;
    return csv;
}

static void next(struct out *out)
{
    out_char(out, ',');
}

static void text(struct out *out, const char *value)
{
    next(out);
    if (value != NULL)
        text_csv(out, value);
}

static void number(struct out *out, uint64_t value)
{
    next(out);
    out_u64(out, value);
}

static void hex(struct out *out, uint64_t value)
{
    next(out);
    out_hex(out, value);
}

static void id(struct out *out, uint32_t value)
{
    next(out);
    if (value != ETL_ID_UNKNOWN)
        out_u64(out, value);
}

static void yes_no(struct out *out, bool known, bool value)
{
    text(out, known ? (value ? "true" : "false") : NULL);
}

static void seconds(struct out *out, uint64_t ns)
{
    out_printf(out, ",%" PRIu64 ".%09" PRIu64, ns / 1000000000u, ns % 1000000000u);
}

static void address(struct out *out, const struct afd_address *value)
{
    char formatted[AFD_ADDRESS_TEXT_LEN] = "";
    if (value != NULL)
        afd_address_format(value, formatted);
    text(out, formatted);
}

static void time_of(struct out *out, const struct report_input *input, const struct op_point *point)
{
    char formatted[ETL_TIME_TEXT_LEN];
    part_time(input, point, formatted);
    text(out, formatted);
}

static const char *const operation_columns[] = {
    "op",           "api",       "tid",         "endpoint", "protocol", "local", "remote", "buffer",
    "bytes_posted", "posted_at", "posted_time", "ended_at", "end",      "bytes", "status"};

static void header(struct out *out)
{
    out_str(out, "input,path,rule,severity,confidence,reasons,level,gates,count,count_is_minimum,"
                 "first_time,last_time,endpoints,addresses,fingerprint,fingerprint_scope,image,pid,"
                 "gap_ns,exposed_ns,same_thread,same_endpoint,overlap_start,overlap_length,extent");
    static const char *const which[] = {"second", "first"};
    for (size_t i = 0; i < 2; i++) {
        for (size_t j = 0; j < sizeof operation_columns / sizeof operation_columns[0]; j++)
            out_printf(out, ",%s_%s", which[i], operation_columns[j]);
    }
    out_str(out, "\r\n");
}

static void reasons(struct out *out, const struct conflict *conflict)
{
    const char *separator = "";
    next(out);
    for (int reason = 0; reason < REASON_COUNT; reason++) {
        if (!(conflict->reasons & REASON_BIT(reason)))
            continue;
        out_printf(out, "%s%s", separator, conflict_reason_name((enum conflict_reason)reason));
        separator = " ";
    }
}

static void ending(struct out *out, const struct report_input *input, const struct operation *op)
{
    if (part_has_end(op))
        seconds(out, part_at_ns(input, &op->ended));
    else
        next(out);
    text(out, part_end(op));
    next(out);
    if (part_has_end(op) && op->ended.has_bytes)
        out_u64(out, op->ended.bytes);
    next(out);
    if (part_has_end(op) && op->ended.has_status)
        out_hex(out, op->ended.status);
}

static void operation(struct out *out, const struct report_input *input,
                      const struct conflict *conflict, const struct operation *op)
{
    const struct socket_info *socket = op->socket;
    struct part_memory memory;
    part_memory(conflict, op, &memory);
    number(out, op->number);
    text(out, op->api);
    id(out, op->posted.tid);
    hex(out, op->endpoint_address);
    text(out, socket != NULL ? socket_protocol_name(socket) : NULL);
    address(out, socket != NULL ? &socket->local : NULL);
    address(out, socket != NULL ? &socket->remote : NULL);
    hex(out, memory.start);
    number(out, op->length);
    seconds(out, part_at_ns(input, &op->posted));
    time_of(out, input, &op->posted);
    ending(out, input, op);
}

static void judgement(struct out *out, const struct finding *finding)
{
    const struct conflict *conflict = part_shown(finding);
    text(out, finding->rule->name);
    text(out, rule_level_name(conflict->severity));
    text(out, part_confidence(conflict));
    reasons(out, conflict);
    text(out, rule_level_name(conflict->level));
    yes_no(out, true, finding->gates);
    number(out, finding->count);
    yes_no(out, true, finding->count_is_minimum);
}

static void pair(struct out *out, const struct report_input *input, const struct conflict *conflict)
{
    uint64_t exposed_ns = 0;
    bool same = false;
    bool known = part_same_thread(conflict, &same);
    number(out, part_gap_ns(input, conflict));
    next(out);
    if (part_exposed_ns(input, conflict, &exposed_ns))
        out_u64(out, exposed_ns);
    yes_no(out, known, same);
    yes_no(out, true, part_same_endpoint(conflict));
    hex(out, conflict->overlap_start);
    number(out, conflict->overlap_len);
    text(out, conflict_extent_name(conflict->extent));
}

static void row(struct out *out, size_t index, const struct report_input *input,
                const struct finding *finding)
{
    const struct conflict *conflict = part_shown(finding);
    out_u64(out, index);
    text(out, input->path);
    judgement(out, finding);
    time_of(out, input, &finding->first_time);
    time_of(out, input, &finding->last_time);
    number(out, finding->endpoints);
    number(out, finding->addresses);
    text(out, finding->fingerprint);
    text(out, fingerprint_scope_name(finding->scope));
    text(out, part_image(input, conflict->second));
    id(out, part_pid(conflict->second));
    pair(out, input, conflict);
    operation(out, input, conflict, conflict->second);
    operation(out, input, conflict, conflict->first);
    out_str(out, "\r\n");
}

static void csv_finish(void *user, const struct report *report)
{
    struct out *out = ((struct csv *)user)->out;
    struct part_cursor cursor;
    const struct finding *finding;
    part_cursor_init(&cursor, report);
    header(out);
    while ((finding = part_next(&cursor)) != NULL)
        row(out, cursor.input_index, cursor.input, finding);
}

const struct report_format report_csv = {
    .name = "csv",
    .help = "for spreadsheets: a row for each finding",
    .create = csv_create,
    .finish = csv_finish,
    .destroy = free,
};
