/* SPDX-License-Identifier: Apache-2.0 */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/reports/html_parts.h"
#include "analyzer/reports/html_source.h"
#include "analyzer/reports/html_text.h"
#include "analyzer/reports/json_parts.h"
#include "analyzer/reports/parts.h"
#include "analyzer/reports/words.h"
#include "analyzer/schemas.h"

struct data_writer {
    struct out *out;
    const struct report *report;
    const struct html_around *around;
    bool any; /* finding was written */
};

static void write_inputs(struct json_writer *json, const struct report *report)
{
    json_field_array(json, "inputs");
    for (size_t i = 0; i < report->input_count; i++) {
        json_object_begin(json);
        json_field_str(json, "path", report->inputs[i].path);
        json_verdict_members(json, report->settings, &report->inputs[i]);
        json_object_end(json);
    }
    json_array_end(json);
}

static void write_rules(struct json_writer *json, const struct report_settings *settings)
{
    json_field_array(json, "rules");
    for (size_t i = 0; i < RULE_COUNT; i++) {
        const struct rule *rule = rules_table[i];
        json_object_begin(json);
        json_field_str(json, "name", rule->name);
        json_field_str(json, "severity", rule_level_name(part_rule_severity(settings, i)));
        json_field_str(json, "headline", rule->headline);
        json_field_str(json, "summary", rule->summary);
        json_field_str(json, "why", rule->why);
        json_field_str(json, "fix", rule->fix);
        json_field_str(json, "false_alarm", rule->false_alarm);
        json_object_end(json);
    }
    json_array_end(json);
}

static void write_reasons(struct json_writer *json)
{
    json_field_object(json, "reasons");
    for (int i = 0; i < REASON_COUNT; i++) {
        enum conflict_reason reason = (enum conflict_reason)i;
        json_field_str(json, conflict_reason_name(reason), conflict_reason_text(reason));
    }
    json_object_end(json);
}

static void write_memory(struct json_writer *json, const struct conflict *conflict)
{
    const struct operation *const ops[] = {conflict->first, conflict->second};
    json_field_array(json, "memory");
    for (size_t i = 0; i < 2; i++) {
        struct part_memory memory;
        part_memory(ops[i], &memory);
        json_object_begin(json);
        json_field_hex(json, "start", memory.start);
        json_field_u64(json, "length", memory.len);
        json_field_bool(json, "chained", ops[i]->chained);
        json_field_bool(json, "inferred", ops[i]->address_from_attempt);
        json_object_end(json);
    }
    json_array_end(json);
}

/* Seconds from the first event, null where the clock went back. */
static void write_at(struct json_writer *json, const struct report_input *input,
                     const struct op_point *point)
{
    uint64_t at_ns = 0;
    if (part_at_ns(input, point, &at_ns)) {
        json_seconds(json, at_ns);
    } else {
        json_null(json);
    }
}

/* A row: operation, direction, api, start, length, post and end in seconds, end, endpoint,
 * thread. */
static void write_neighbour(struct json_writer *json, const struct report_input *input,
                            const struct html_neighbour *neighbour)
{
    json_array_begin(json);
    json_u64(json, neighbour->number);
    json_str(json, neighbour->direction == AFD_SEND ? "send" : "recv");
    json_str(json, neighbour->api);
    json_hex(json, neighbour->start);
    json_u64(json, neighbour->len);
    write_at(json, input, &neighbour->posted);
    if (neighbour->has_end) {
        write_at(json, input, &neighbour->ended);
    } else {
        json_null(json);
    }
    json_str(json, op_end_name((enum op_end)neighbour->end));
    json_hex(json, neighbour->endpoint);
    if (neighbour->posted.tid != ETL_ID_UNKNOWN) {
        json_u64(json, neighbour->posted.tid);
    } else {
        json_null(json);
    }
    json_array_end(json);
}

static void write_around(struct json_writer *json, const struct data_writer *data, size_t index,
                         const struct conflict *shown)
{
    size_t count;
    const struct html_neighbour *items = html_around_find(data->around, index, shown, &count);
    json_field_array(json, "around");
    for (size_t i = 0; i < count; i++) {
        write_neighbour(json, &data->report->inputs[index], &items[i]);
    }
    json_array_end(json);
}

static void write_others(struct json_writer *json, const struct report_input *input,
                         const struct finding *finding)
{
    json_field_array(json, "others");
    for (unsigned i = 1; i < finding->example_count; i++) {
        const struct conflict *conflict = finding->examples[i];
        char socket[PART_SOCKET_LEN];
        part_socket(conflict->second, socket);
        json_object_begin(json);
        json_key(json, "overlap");
        json_overlap(json, conflict);
        json_field_u64(json, "first", conflict->first->number);
        json_field_u64(json, "second", conflict->second->number);
        json_key(json, "at");
        write_at(json, input, &conflict->second->posted);
        json_key(json, "harm");
        json_harm(json, conflict);
        json_field_str(json, "socket", socket);
        json_object_end(json);
    }
    json_array_end(json);
}

/* Words of a finding that the page shows as every other report has them. */
static void write_texts(struct json_writer *json, const struct report *report,
                        const struct report_input *input, const struct finding *finding)
{
    const struct conflict *shown = part_shown(finding);
    char headline[PART_HEADLINE_LEN], harm[PART_HARM_LEN], harm_short[PART_HARM_SHORT_LEN];
    char seen[PART_SEEN_LEN], next[PART_NEXT_LEN];
    part_headline(finding, headline);
    part_harm_text(shown, harm);
    part_harm_short(shown, harm_short);
    part_seen_text(finding, seen);
    part_next_step(input, finding, next);
    json_field_object(json, "words");
    json_field_str(json, "headline", headline);
    json_field_str(json, "harm", harm);
    json_field_str(json, "harm_short", harm_short);
    json_field_str(json, "seen", seen);
    json_field_str(json, "confidence", part_confidence_text(shown->confidence));
    json_field_str(json, "doubt", part_doubt_text(shown));
    json_field_str(json, "next", next);
    json_object_end(json);
    json_field_str(json, "command_line",
                   report->settings->verbose ? part_command_line(input, shown->second) : NULL);
}

/* Inputs that the cause occurred in: how many, the first and the last; null with one input. */
static void write_across(struct json_writer *json, const struct across_cause *cause)
{
    json_key(json, "across");
    if (cause == NULL) {
        json_null(json);
        return;
    }
    json_array_begin(json);
    json_u64(json, cause->inputs);
    json_u64(json, cause->first_input);
    json_u64(json, cause->last_input);
    json_array_end(json);
}

static void write_finding(struct json_writer *json, const struct data_writer *data, size_t index,
                          const struct finding *finding)
{
    const struct report_input *input = &data->report->inputs[index];
    const struct conflict *shown = part_shown(finding);
    const struct json_source source = {input, index, NULL};
    json_object_begin(json);
    json_finding_members(json, index, input, finding);
    write_across(json, finding->across);
    write_texts(json, data->report, input, finding);
    json_pair_members(json, &source, shown);
    write_memory(json, shown);
    html_sources(json, data->report->settings, input, shown);
    write_around(json, data, index, shown);
    write_others(json, input, finding);
    json_object_end(json);
}

/* Writes JSON that was gathered in `memory` into a script element, where '<' must not stand as
 * such. The last `leave` bytes, which must be there, are left out. */
static void emit(struct out *out, struct out *memory, size_t leave)
{
    char *text = words_take(memory, out);
    if (text != NULL) {
        html_json(out, text, strlen(text) - leave);
    }
    free(text);
}

static void emit_finding(struct data_writer *data, size_t index, const struct finding *finding)
{
    struct out memory;
    struct json_writer json;
    words_begin(&memory);
    json_init(&json, &memory, JSON_LINE);
    write_finding(&json, data, index, finding);
    out_str(data->out, data->any ? ",\n" : "\n");
    data->any = true;
    emit(data->out, &memory, 0);
}

/* The closing brace is left out: the findings follow. */
static void emit_head(struct data_writer *data)
{
    struct out memory;
    struct json_writer json;
    words_begin(&memory);
    json_init(&json, &memory, JSON_LINE);
    json_object_begin(&json);
    json_field_str(&json, "schema", SCHEMA_REPORT);
    json_field_str(&json, "verdict", verdict_name(data->report->verdict));
    json_field_i64(&json, "exit", data->report->exit_status);
    write_inputs(&json, data->report);
    write_rules(&json, data->report->settings);
    write_reasons(&json);
    json_object_end(&json);
    emit(data->out, &memory, 1);
}

void html_data(struct out *out, const struct report *report, const struct html_around *around)
{
    struct data_writer data = {.out = out, .report = report, .around = around};
    struct part_cursor cursor;
    const struct finding *finding;
    emit_head(&data);
    out_str(out, ", \"findings\": [");
    part_cursor_init(&cursor, report);
    while ((finding = part_next(&cursor)) != NULL) {
        emit_finding(&data, cursor.input_index, finding);
    }
    out_printf(out, "], \"omitted\": %" PRIu64 "}", cursor.omitted);
}
