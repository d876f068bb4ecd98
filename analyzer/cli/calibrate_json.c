/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cli/calibrate_formats.h"
#include "analyzer/cli/command_calibrate.h"

#include "analyzer/schemas.h"
#include "base/guid.h"
#include "base/json_writer.h"

static const char *space_name(const struct sighting *sighting)
{
    static const char *const names[] = {"none", "user", "kernel"};

    return names[sighting->space];
}

/* The kind of an event's ActivityId. */
static const char *activity_name(const struct sighting *sighting)
{
    static const struct guid none;

    if (guid_equal(&sighting->activity, &none)) {
        return "none";
    }
    return sighting->names_request ? "request" : "endpoint";
}

/* An event, or null. */
static void put_sighting(struct json_writer *json, const char *key, const struct sighting *sighting)
{
    if (sighting == NULL) {
        json_field_null(json, key);
        return;
    }
    json_field_object(json, key);
    json_field_u64(json, "event_id", sighting->layout->id);
    json_field_i64_string(json, "ticks", sighting->ticks);
    json_field_u64(json, "offset", sighting->offset);
    json_field_u64(json, "pid", sighting->pid);
    json_field_u64(json, "tid", sighting->tid);
    json_field_u64(json, "enter_exit", sighting->enter_exit);
    json_field_u64(json, "location", sighting->location);
    json_field_hex(json, "status", sighting->status);
    json_field_hex(json, "buffer", sighting->buffer);
    json_field_u64(json, "length", sighting->buffer_length);
    json_field_str(json, "address_kind", space_name(sighting));
    json_field_str(json, "activity_kind", activity_name(sighting));
    json_object_end(json);
}

static void put_relations(struct json_writer *json, unsigned relations)
{
    static const struct {
        enum end_relation bit;
        const char *name;
    } names[] = {{END_BY_ACTIVITY, "activity"},
                 {END_BY_REQUEST_ADDRESS, "request-address"},
                 {END_BY_USER_ADDRESS, "user-address"},
                 {END_BY_ENDPOINT, "endpoint"}};

    json_field_array(json, "end_by");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if ((relations & names[i].bit) != 0) {
            json_str(json, names[i].name);
        }
    }
    json_array_end(json);
}

static void put_call(struct json_writer *json, const struct lined_call *lined)
{
    json_object_begin(json);
    json_field_u64(json, "call", lined->call->number);
    json_field_str(json, "api", lined->call->api);
    json_field_bool(json, "found", lined->attempt != NULL || lined->request != NULL);
    put_sighting(json, "attempt", lined->attempt);
    put_sighting(json, "attempt_exit", lined->attempt_exit);
    put_sighting(json, "request", lined->request);
    put_sighting(json, "end", lined->end);
    put_relations(json, lined->end_relations);
    if (lined->op != 0) {
        json_field_u64(json, "op", lined->op);
        json_field_str(json, "op_end", op_end_name(lined->op_end));
        json_field_bool(json, "op_shows_memory", lined->op_shows_memory);
    } else {
        json_field_null(json, "op");
        json_field_null(json, "op_end");
        json_field_null(json, "op_shows_memory");
    }
    json_object_end(json);
}

static void put_defects(struct json_writer *json, const struct calibration *calibration,
                        const struct probe_scenario *scenario)
{
    const struct probe_log *log = &calibration->log;

    json_field_array(json, "defects");
    for (size_t i = scenario->first_defect; i != PROBE_NONE; i = log->defects[i].next) {
        const struct defect_trial *trial = &calibration->trials.defects[i];

        json_object_begin(json);
        json_field_str(json, "rule", log->defects[i].rule);
        json_field_u64(json, "first", log->calls[log->defects[i].first].number);
        json_field_u64(json, "second", log->calls[log->defects[i].second].number);
        json_field_bool(json, "found", trial->found);
        json_field_str(json, "found_by", trial->found ? trial->rule->name : NULL);
        json_field_str(json, "confidence",
                       trial->found ? confidence_name(trial->confidence) : NULL);
        json_object_end(json);
    }
    json_array_end(json);
}

static void put_scenario(struct json_writer *json, const struct calibration *calibration,
                         size_t index)
{
    const struct probe_scenario *scenario = &calibration->log.scenarios[index];
    struct calibrate_counts counts;

    calibrate_count(calibration, index, &counts);
    json_object_begin(json);
    json_field_str(json, "name", scenario->name);
    json_field_str(json, "outcome", scenario->outcome);
    json_field_str(json, "reason", scenario->reason);
    json_field_u64(json, "calls_found", counts.found);
    json_field_u64(json, "operations", counts.operations);
    json_field_u64(json, "matched", counts.matched);
    json_field_array(json, "calls");
    for (size_t i = 0; i < scenario->call_count; i++) {
        put_call(json, &calibration->line_up.calls[scenario->first_call + i]);
    }
    json_array_end(json);
    put_defects(json, calibration, scenario);
    json_object_end(json);
}

static void put_records(struct json_writer *json, const char *key,
                        const struct trial_record *records, unsigned count)
{
    json_field_array(json, key);
    for (unsigned i = 0; i < count && i < TRIAL_RECORDS_MAX; i++) {
        json_object_begin(json);
        if (records[i].call != 0) {
            json_field_u64(json, "call", records[i].call);
        } else {
            json_field_null(json, "call");
        }
        json_field_u64(json, "offset", records[i].offset);
        json_object_end(json);
    }
    json_array_end(json);
}

static void put_beliefs(struct json_writer *json, const struct calibration *calibration)
{
    json_field_array(json, "beliefs");
    for (size_t i = 0; i < AFD_BELIEF_COUNT; i++) {
        const struct trial *trial = &calibration->trials.beliefs[i];
        const uint32_t build = calibration->sightings.info.os_build;
        const struct afd_belief *belief = afd_belief_of((enum afd_belief_id)i);
        char row[TRIAL_ROW_LEN];
        bool has_row = trial_row(trial, (enum afd_belief_id)i, build, row);

        json_object_begin(json);
        json_field_str(json, "name", belief->name);
        json_field_str(json, "text", belief->text);
        json_field_bool(json, "holds", trial->holds);
        json_field_str(json, "source", afd_belief_row_of((enum afd_belief_id)i, build)->source);
        json_field_str(json, "verdict", trial_verdict_name(trial->verdict));
        json_field_u64(json, "for", trial->pro);
        json_field_u64(json, "against", trial->contra);
        put_records(json, "records_for", trial->pro_records, trial->pro);
        put_records(json, "records_against", trial->contra_records, trial->contra);
        json_field_str(json, "row", has_row ? row : NULL);
        json_object_end(json);
    }
    json_array_end(json);
    json_field_array(json, "events");
    for (size_t i = 0; i < afd_layout_count(); i++) {
        const struct afd_layout *layout = afd_layout_at(i);
        const struct row_trial *row = &calibration->trials.rows[layout->row];

        if (row->verdict != TRIAL_NOT_EXERCISED) {
            json_object_begin(json);
            json_field_u64(json, "id", layout->id);
            json_field_str(json, "name", layout->name);
            json_field_str(json, "source", afd_behavior_of(layout)->source);
            json_field_str(json, "verdict", trial_verdict_name(row->verdict));
            json_field_u64(json, "explained", row->explained);
            json_field_u64(json, "unexplained", row->unexplained);
            json_object_end(json);
        }
    }
    json_array_end(json);
}

static void put_head(struct json_writer *json, const struct calibration *calibration)
{
    const struct etl_trace_info *info = &calibration->sightings.info;
    const struct probe_log *log = &calibration->log;

    json_field_object(json, "trace");
    json_field_str(json, "path", calibration->trace_path);
    json_field_u64(json, "os_build", info->os_build);
    json_field_bool(json, "lost", calibration->trials.lost);
    json_object_end(json);
    json_field_object(json, "probe");
    json_field_str(json, "path", calibration->log_path);
    json_field_str(json, "version", log->version);
    json_field_u64(json, "os_build", log->os_build);
    json_field_bool(json, "wine", log->wine);
    json_field_u64(json, "pid", log->pid);
    json_object_end(json);
}

static void put_line_up(struct json_writer *json, const struct calibration *calibration)
{
    const struct line_up *line_up = &calibration->line_up;
    char answer[300];

    json_field_object(json, "lined_up");
    json_field_u64(json, "calls", line_up->count);
    json_field_u64(json, "calls_found", line_up->found);
    json_field_u64(json, "sockets", line_up->sockets);
    json_field_u64(json, "sockets_found", line_up->sockets_found);
    json_object_end(json);
    json_field_u64(json, "pending_receives", calibration->trials.waiting);
    json_field_u64(json, "pending_receives_visible", calibration->trials.waiting_visible);
    json_field_u64(json, "false_conflicts", calibration->trials.false_conflicts);
    calibration_answer(calibration, answer, sizeof answer);
    json_field_str(json, "answer", answer);
}

void calibrate_json(const struct calibration *calibration, int exit_status, struct out *out)
{
    struct json_writer json;
    bool lined = calibration->why[0] == '\0';

    json_init(&json, out, JSON_PRETTY);
    json_object_begin(&json);
    json_field_str(&json, "schema", SCHEMA_CALIBRATE);
    json_field_i64(&json, "exit", exit_status);
    put_head(&json, calibration);
    json_field_str(&json, "why_nothing", lined ? NULL : calibration->why);
    if (lined) {
        put_line_up(&json, calibration);
        json_field_array(&json, "scenarios");
        for (size_t i = 0; i < calibration->log.scenario_count; i++) {
            put_scenario(&json, calibration, i);
        }
        json_array_end(&json);
        put_beliefs(&json, calibration);
    }
    json_object_end(&json);
    json_line_end(&json);
}
