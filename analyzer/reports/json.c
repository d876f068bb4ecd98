/* SPDX-License-Identifier: Apache-2.0 */

/* `json`: bufcheck.report/2, one object, findings folded. */

#include <stdlib.h>

#include "analyzer/reports/formats.h"
#include "analyzer/reports/json_parts.h"
#include "analyzer/reports/json_trace.h"
#include "analyzer/reports/json_sums.h"
#include "analyzer/reports/known_words.h"
#include "analyzer/reports/parts.h"
#include "analyzer/schemas.h"

struct json_report {
    struct out *out;
    const struct report_settings *settings;
    struct json_modules *modules;
};

static void *json_create(struct out *out, const struct report_settings *settings)
{
    struct json_report *report = malloc(sizeof *report);
    if (report == NULL) {
        return NULL;
    }
    *report = (struct json_report){out, settings, json_modules_create(out)};
    if (report->modules != NULL) {
        return report;
    }
    free(report);
    return NULL;
}

static void json_destroy(void *user)
{
    struct json_report *report = user;
    json_modules_destroy(report->modules);
    free(report);
}

static void write_input(struct json_writer *json, const struct report_settings *settings,
                        const struct report_input *input)
{
    json_object_begin(json);
    json_field_str(json, "path", input->path);
    json_trace_fields(json, input);
    json_key(json, "coverage");
    if (input->opened) {
        json_coverage(json, &input->coverage);
    } else {
        json_null(json);
    }
    json_verdict_members(json, settings, input);
    json_object_end(json);
}

static void write_rules(struct json_writer *json, const struct report_settings *settings)
{
    json_field_array(json, "rules");
    for (size_t i = 0; i < RULE_COUNT; i++) {
        const struct rule *rule = rules_table[i];
        json_object_begin(json);
        json_field_str(json, "name", rule->name);
        json_field_str(json, "severity", rule_level_name(part_rule_severity(settings, i)));
        json_field_str(json, "summary", rule->summary);
        json_field_bool(json, "enabled", settings->rule_enabled[i]);
        json_object_end(json);
    }
    json_array_end(json);
}

static void write_others(struct json_writer *json, const struct json_source *source,
                         const struct finding *finding)
{
    json_field_array(json, "others");
    for (unsigned i = 1; i < finding->example_count; i++) {
        json_object_begin(json);
        json_key(json, "overlap");
        json_overlap(json, finding->examples[i]);
        json_key(json, "harm");
        json_harm(json, finding->examples[i]);
        json_key(json, "first");
        json_operation(json, source, finding->examples[i]->first);
        json_key(json, "second");
        json_operation(json, source, finding->examples[i]->second);
        json_object_end(json);
    }
    json_array_end(json);
}

/* Returns how many findings the limit kept out. */
static uint64_t write_findings(struct json_writer *json, const struct json_report *state,
                               const struct report *report)
{
    struct part_cursor cursor;
    const struct finding *finding;
    part_cursor_init(&cursor, report);
    json_field_array(json, "findings");
    while ((finding = part_next(&cursor)) != NULL) {
        const struct json_source source = {cursor.input, cursor.input_index, state->modules};
        json_object_begin(json);
        json_finding_members(json, cursor.input_index, cursor.input, finding);
        json_pair_members(json, &source, part_shown(finding));
        write_others(json, &source, finding);
        json_object_end(json);
    }
    json_array_end(json);
    return cursor.omitted;
}

static void write_modules(struct json_writer *json, const struct json_modules *modules)
{
    json_field_array(json, "modules");
    for (size_t i = 0; i < json_modules_count(modules); i++) {
        json_object_begin(json);
        json_module_members(json, modules, i);
        json_object_end(json);
    }
    json_array_end(json);
}

static void write_absent(struct json_writer *json, const struct known *known)
{
    const struct baseline *baseline = known != NULL ? known->baseline : NULL;
    json_field_array(json, "absent");
    for (size_t i = 0; baseline != NULL && i < baseline_absent_count(baseline); i++) {
        json_str(json, baseline_absent(baseline, i));
    }
    json_array_end(json);
}

static void write_suppressions(struct json_writer *json, const struct known *known)
{
    const struct suppressions *all = known != NULL ? &known->suppressions : NULL;
    json_field_array(json, "suppressions");
    for (size_t i = 0; all != NULL && i < all->count; i++) {
        const struct suppression *entry = &all->entries[i];
        char until[KNOWN_DAY_LEN];
        json_object_begin(json);
        json_field_str(json, "path", entry->path);
        json_field_u64(json, "line", entry->line);
        json_field_str(json, "reason", entry->reason);
        known_day(entry->until, until);
        json_field_str(json, "until", entry->until != 0 ? until : NULL);
        json_field_str(json, "state", known_suppression_state(entry));
        json_field_u64(json, "findings", entry->findings);
        json_object_end(json);
    }
    json_array_end(json);
}

static void json_finish(void *user, const struct report *report)
{
    struct json_report *state = user;
    struct json_writer json;
    json_init(&json, state->out, JSON_PRETTY);
    json_object_begin(&json);
    json_field_str(&json, "schema", SCHEMA_REPORT);
    json_field_object(&json, "tool");
    json_field_str(&json, "name", "bufcheck");
    json_field_str(&json, "version", BUFCHECK_VERSION);
    json_object_end(&json);
    json_field_str(&json, "verdict", verdict_name(report->verdict));
    json_field_i64(&json, "exit", report->exit_status);
    json_field_array(&json, "inputs");
    for (size_t i = 0; i < report->input_count; i++) {
        write_input(&json, report->settings, &report->inputs[i]);
    }
    json_array_end(&json);
    write_rules(&json, report->settings);
    json_field_u64(&json, "findings_omitted", write_findings(&json, state, report));
    json_across(&json, report);
    json_who(&json, report, state->modules);
    write_modules(&json, state->modules);
    write_suppressions(&json, report->settings->known);
    write_absent(&json, report->settings->known);
    json_object_end(&json);
    json_line_end(&json);
}

const struct report_format report_json = {
    .name = "json",
    .help = "for programs: one object with everything",
    .create = json_create,
    .finish = json_finish,
    .destroy = json_destroy,
};
