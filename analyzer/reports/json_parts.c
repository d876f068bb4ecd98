/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/reports/json_parts.h"

#include "analyzer/recording_mistake.h"
#include "analyzer/reports/known_words.h"
#include "analyzer/reports/parts.h"
#include "parsers/etl/etl_clock.h"

void json_schema_line(struct json_writer *json, const char *name)
{
    json_object_begin(json);
    json_field_str(json, "type", "schema");
    json_field_str(json, "schema", name);
    json_object_end(json);
    json_line_end(json);
}

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
    json_field_known(json, "gap_ns", gap_known, gap_ns);
    json_field_known(json, "exposed_ns", exposed_known, exposed_ns);
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
    for (uint32_t left = causes; left != 0;) {
        enum cause cause = cause_take(&left);
        json_str(json, cause_name(cause));
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
    for (uint32_t left = causes; left != 0;) {
        enum cause cause = cause_take(&left);
        part_cause_text(settings, input, cause, text);
        json_object_begin(json);
        json_field_str(json, "cause", cause_name(cause));
        json_field_str(json, "mistake", recording_mistake_name(recording_mistake_of(input, cause)));
        json_field_str(json, "text", text);
        json_object_end(json);
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
