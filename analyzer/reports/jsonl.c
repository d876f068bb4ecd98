/* SPDX-License-Identifier: Apache-2.0 */

/* `jsonl`: one object a line, conflicts unfolded and as they are settled. */

#include <stdlib.h>

#include "analyzer/schemas.h"
#include "analyzer/reports/formats.h"
#include "analyzer/reports/json_parts.h"
#include "analyzer/reports/json_trace.h"
#include "analyzer/reports/parts.h"

struct jsonl {
    struct json_writer json;
    const struct report_settings *settings;
    struct json_modules *modules;
};

static void *jsonl_create(struct out *out, const struct report_settings *settings)
{
    struct jsonl *jsonl = malloc(sizeof *jsonl);
    if (jsonl == NULL) {
        return NULL;
    }
    jsonl->settings = settings;
    json_init(&jsonl->json, out, JSON_LINE);
    jsonl->modules = json_modules_create(out);
    if (jsonl->modules != NULL) {
        return jsonl;
    }
    free(jsonl);
    return NULL;
}

static void jsonl_destroy(void *user)
{
    struct jsonl *jsonl = user;
    json_modules_destroy(jsonl->modules);
    free(jsonl);
}

static void begin_line(struct json_writer *json, const char *type, size_t index)
{
    json_object_begin(json);
    json_field_str(json, "type", type);
    json_field_u64(json, "input", index);
}

static void end_line(struct json_writer *json)
{
    json_object_end(json);
    json_line_end(json);
}

static void jsonl_begin_input(void *user, size_t index, const struct report_input *input)
{
    struct json_writer *json = &((struct jsonl *)user)->json;
    json_object_begin(json);
    json_field_str(json, "type", "trace");
    json_field_str(json, "schema", SCHEMA_JSONL);
    json_field_u64(json, "input", index);
    json_field_str(json, "path", input->path);
    if (input->opened && input->trace_count != 0) {
        json_trace_head_members(json, &input->traces[0]);
    }
    if (input->opened && input->trace_count > 1) {
        json_field_array(json, "parts");
        for (size_t i = 0; i < input->trace_count; i++) {
            json_object_begin(json);
            json_trace_head_members(json, &input->traces[i]);
            json_object_end(json);
        }
        json_array_end(json);
    }
    end_line(json);
}

/* `fingerprint` is null: it is a finding's, made of names that may come after the conflict. */
static void jsonl_conflict(void *user, size_t index, const struct report_input *input,
                           const struct conflict *conflict)
{
    struct jsonl *jsonl = user;
    struct json_writer *json = &jsonl->json;
    const struct json_source source = {input, index, jsonl->modules};
    json_module_lines(json, &source, conflict->first, conflict->second);
    begin_line(json, "conflict", index);
    json_judgement_members(json, conflict, conflict->severity, conflict->level);
    json_field_bool(json, "gates", conflict->gates);
    json_field_null(json, "fingerprint");
    json_pair_members(json, &source, conflict);
    end_line(json);
}

static void write_summary(struct jsonl *jsonl, size_t index, const struct report_input *input)
{
    struct json_writer *json = &jsonl->json;
    begin_line(json, "summary", index);
    json_verdict_members(json, jsonl->settings, input);
    json_trace_fields(json, input);
    json_key(json, "coverage");
    if (input->opened) {
        json_coverage(json, &input->coverage);
    } else {
        json_null(json);
    }
    end_line(json);
}

/* The verdict of an input depends on all inputs where there is a baseline. */
static void jsonl_end_input(void *user, size_t index, const struct report_input *input)
{
    struct jsonl *jsonl = user;
    if (jsonl->settings->known == NULL) {
        write_summary(jsonl, index, input);
    }
}

static void jsonl_finish(void *user, const struct report *report)
{
    struct jsonl *jsonl = user;
    for (size_t i = 0; jsonl->settings->known != NULL && i < report->input_count; i++) {
        write_summary(jsonl, i, &report->inputs[i]);
    }
}

const struct report_format report_jsonl = {
    .name = "jsonl",
    .help = "for programs: every conflict as it is settled, an object a line",
    .create = jsonl_create,
    .begin_input = jsonl_begin_input,
    .names_first = true,
    .conflict = jsonl_conflict,
    .end_input = jsonl_end_input,
    .finish = jsonl_finish,
    .destroy = jsonl_destroy,
};
