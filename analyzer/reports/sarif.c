/* SPDX-License-Identifier: Apache-2.0 */

/*
 * `sarif`: SARIF 2.1.0 for code scanning. GitHub rejects a whole file when one result has no
 * physical location with a line, so every location names a relative file and line 1; where in the
 * trace a record lies stands in properties.
 */

#include <inttypes.h>
#include <stdlib.h>

#include "analyzer/reports/formats.h"
#include "analyzer/reports/known_words.h"
#include "analyzer/reports/parts.h"
#include "analyzer/reports/sarif_parts.h"
#include "analyzer/reports/words.h"
#include "base/stack_store.h"
#include "parsers/afd/afd_decode.h"

#define RESULTS_MAX 5000 /* GitHub takes 25,000 results a run and shows the top 5,000 */
/* Frames of a stack and of all stacks: GitHub takes 10 MB compressed, a frame is 15 bytes then. */
#define STACK_FRAMES_MAX 100
#define FRAMES_MAX 400000

static void *sarif_create(struct out *out, const struct report_settings *settings)
{
    struct sarif *sarif = malloc(sizeof *sarif);
    if (sarif != NULL) {
        *sarif = (struct sarif){.out = out, .settings = settings};
    }
    return sarif;
}

/* A message of words composed in memory. */
static void message_words(struct sarif *sarif, struct out *words)
{
    char *text = words_take(words, sarif->out);
    json_field_object(&sarif->json, "message");
    sarif_quoted(sarif, "text", text != NULL ? text : "");
    json_object_end(&sarif->json);
    free(text);
}

/* --- locations -------------------------------------------------------------------------------- */

static void uri_field(struct sarif *sarif, struct out *words)
{
    char *uri = words_take(words, sarif->out);
    json_field_str(&sarif->json, "uri", uri != NULL ? uri : "");
    json_field_str(&sarif->json, "uriBaseId", "%SRCROOT%");
    free(uri);
}

/* A line of the user's repository. */
static void source_location(struct sarif *sarif, const struct part_source *source)
{
    struct json_writer *json = &sarif->json;
    struct out uri;
    words_begin(&uri);
    words_relative_uri(&uri, source->file.name);
    json_field_object(json, "physicalLocation");
    json_field_object(json, "artifactLocation");
    uri_field(sarif, &uri);
    json_object_end(json);
    json_field_object(json, "region");
    json_field_u64(json, "startLine", source->line);
    json_object_end(json);
    json_object_end(json);
}

static void physical_location(struct sarif *sarif, const struct report_input *input, size_t index,
                              bool anchored)
{
    struct json_writer *json = &sarif->json;
    struct out uri;
    uint64_t line = 1;
    words_begin(&uri);
    if (anchored) {
        line = words_anchor_uri(&uri, sarif->settings, input);
    } else {
        words_relative_uri(&uri, input->path);
    }
    json_field_object(json, "physicalLocation");
    json_field_object(json, "artifactLocation");
    uri_field(sarif, &uri);
    if (!anchored || sarif->settings->sarif_anchor == NULL) {
        json_field_u64(json, "index", index);
    }
    json_object_end(json);
    json_field_object(json, "region");
    json_field_u64(json, "startLine", line);
    json_object_end(json);
    json_object_end(json);
}

static void logical_location(struct json_writer *json, const char *name, const char *kind)
{
    json_object_begin(json);
    json_field_str(json, "fullyQualifiedName", name);
    json_field_str(json, "kind", kind);
    json_object_end(json);
}

static void logical_locations(struct sarif *sarif, const struct report_input *input,
                              const struct operation *op)
{
    char process[PART_PROCESS_LEN], socket[PART_SOCKET_LEN];
    part_process(input, op, process);
    part_socket(op, socket);
    json_field_array(&sarif->json, "logicalLocations");
    logical_location(&sarif->json, process, "process");
    logical_location(&sarif->json, socket, "socket");
    json_array_end(&sarif->json);
}

static void point_properties(struct json_writer *json, const struct op_point *point)
{
    json_field_object(json, "properties");
    json_field_u64(json, "traceFile", point->file);
    json_field_u64(json, "traceOffset", point->offset);
    json_field_u64(json, "eventId", point->event_id);
    json_field_u64(json, "processor", point->cpu);
    json_object_end(json);
}

static void post_words(struct out *text, const struct conflict *conflict,
                       const struct operation *op)
{
    out_str(text, op == conflict->first ? "First post: " : "Second post: ");
    words_operation(text, op);
    if (op->posted.tid != ETL_ID_UNKNOWN) {
        out_printf(text, " by thread %" PRIu32, op->posted.tid);
    }
}

static void end_words(struct out *text, const struct conflict *conflict, const struct operation *op)
{
    out_printf(text, "End of the %s: %s", op == conflict->first ? "first" : "second", part_end(op));
    if (op->ended->has_bytes) {
        out_printf(text, ", %" PRIu32 " byte%s", op->ended->bytes,
                   op->ended->bytes == 1 ? "" : "s");
    }
}

/* The line that posted where it is known, else the place in the trace. */
static void point_location(struct sarif *sarif, const struct report_input *input, size_t index,
                           const struct operation *op, const struct op_point *point,
                           struct out *words)
{
    struct part_source source;
    if (point == &op->posted && part_post_source(sarif->settings, input, op, &source)) {
        source_location(sarif, &source);
    } else {
        physical_location(sarif, input, index, false);
    }
    message_words(sarif, words);
    point_properties(&sarif->json, point);
}

/* --- stacks and the code flow ----------------------------------------------------------------- */

static void frame_object(struct sarif *sarif, const struct frame *frame,
                         const struct op_point *point)
{
    struct json_writer *json = &sarif->json;
    struct part_source source;
    char text[PART_FRAME_LEN];
    part_frame_text(frame, text);
    json_object_begin(json);
    json_field_object(json, "location");
    if (part_frame_source(sarif->settings, frame, &source)) {
        source_location(sarif, &source);
    }
    json_field_array(json, "logicalLocations");
    logical_location(json, text, "function");
    json_array_end(json);
    json_field_object(json, "message");
    sarif_quoted(sarif, "text", text);
    json_object_end(json);
    json_object_end(json);
    if (frame->place.module != NULL) {
        json_field_str(json, "module", frame->place.name);
    }
    if (point->tid != ETL_ID_UNKNOWN) {
        json_field_u64(json, "threadId", point->tid);
    }
    json_object_end(json);
}

static void stack_object(struct sarif *sarif, const struct report_input *input,
                         const struct conflict *conflict, const struct operation *op)
{
    const struct op_point *point;
    struct frame_walk walk;
    struct frame frame;
    struct out words;
    part_stack(op, &point);
    words_begin(&words);
    json_object_begin(&sarif->json);
    post_words(&words, conflict, op);
    message_words(sarif, &words);
    json_field_array(&sarif->json, "frames");
    frame_walk_init(&walk, &input->frames, op, point);
    for (uint32_t i = 0; i < sarif->stack_frames_max && frame_walk_next(&walk, &frame); i++) {
        frame_object(sarif, &frame, point);
    }
    json_array_end(&sarif->json);
    json_object_end(&sarif->json);
}

static void stacks(struct sarif *sarif, const struct report_input *input,
                   const struct conflict *conflict)
{
    const struct operation *posts[2] = {conflict->first, conflict->second};
    const struct op_point *point;
    if (part_stack(posts[0], &point) == NULL && part_stack(posts[1], &point) == NULL) {
        return;
    }
    json_field_array(&sarif->json, "stacks");
    for (int i = 0; i < 2; i++) {
        if (part_stack(posts[i], &point) != NULL) {
            stack_object(sarif, input, conflict, posts[i]);
        }
    }
    json_array_end(&sarif->json);
}

struct step {
    const struct operation *op;
    bool is_end;
};

static const struct op_point *step_point(const struct step *step)
{
    return step->is_end ? &step->op->ended->at : &step->op->posted;
}

static void flow_step(struct sarif *sarif, const struct report_input *input, size_t index,
                      const struct conflict *conflict, const struct step *step, unsigned number)
{
    struct json_writer *json = &sarif->json;
    const struct op_point *point = step_point(step);
    char time[ETL_TIME_TEXT_LEN];
    struct out words;
    words_begin(&words);
    if (step->is_end) {
        end_words(&words, conflict, step->op);
    } else {
        post_words(&words, conflict, step->op);
    }
    part_time(input, point, time);
    json_object_begin(json);
    json_field_object(json, "location");
    point_location(sarif, input, index, step->op, point, &words);
    logical_locations(sarif, input, step->op);
    json_object_end(json);
    json_field_u64(json, "executionOrder", number);
    json_field_str(json, "executionTimeUtc", time);
    json_field_str(json, "importance", step->is_end ? "important" : "essential");
    json_object_end(json);
}

static void code_flow(struct sarif *sarif, const struct report_input *input, size_t index,
                      const struct conflict *conflict)
{
    struct step steps[4] = {{conflict->first, false}, {conflict->second, false}};
    unsigned count = 2;
    if (conflict->first->ended != NULL) {
        steps[count++] = (struct step){conflict->first, true};
    }
    if (conflict->second->ended != NULL) {
        steps[count++] = (struct step){conflict->second, true};
    }
    if (count == 4 && conflict->second->ended->at.order < conflict->first->ended->at.order) {
        steps[2].op = conflict->second;
        steps[3].op = conflict->first;
    }
    json_field_array(&sarif->json, "codeFlows");
    json_object_begin(&sarif->json);
    json_field_array(&sarif->json, "threadFlows");
    json_object_begin(&sarif->json);
    json_field_array(&sarif->json, "locations");
    for (unsigned i = 0; i < count; i++) {
        flow_step(sarif, input, index, conflict, &steps[i], i + 1);
    }
    json_array_end(&sarif->json);
    json_object_end(&sarif->json);
    json_array_end(&sarif->json);
    json_object_end(&sarif->json);
    json_array_end(&sarif->json);
}

/* --- results ---------------------------------------------------------------------------------- */

static void harm_properties(struct json_writer *json, const struct finding *finding)
{
    const struct conflict *conflict = part_shown(finding);
    char harm[PART_HARM_LEN];
    part_harm_text(conflict, harm);
    json_field_str(json, "harm", harm);
    if (conflict->harm == HARM_KNOWN) {
        json_field_u64(json, "harmBytes", conflict->harm_len);
        json_field_hex(json, "harmStart", conflict->harm_start);
    }
    json_field_u64(json, "harmfulConflicts", finding->harmful);
}

/* Words for `bufcheck diff`, and the findings that may be the new one instead. */
static void known_properties(struct json_writer *json, const struct report_input *input,
                             const struct finding *finding)
{
    const struct conflict *conflict = part_shown(finding);
    const struct baseline_kind *kind = finding->kind;
    char first[PART_FRAME_LEN], second[PART_FRAME_LEN];
    part_call_site_text(input, conflict->first, first);
    part_call_site_text(input, conflict->second, second);
    char time[ETL_TIME_TEXT_LEN];
    part_time(input, &finding->first_time, time);
    json_field_str(json, "firstTime", time);
    json_field_str(json, "image", part_image(input, conflict->second));
    json_field_str(json, "firstCallSite", first);
    json_field_str(json, "secondCallSite", second);
    for (size_t i = 0; kind != NULL && i < kind->count; i++) {
        if (i == 0) {
            json_field_array(json, "baselineCandidates");
        }
        json_str(json, kind->fingerprints[i]);
    }
    if (kind != NULL) {
        json_array_end(json);
    }
}

static void result_properties(struct json_writer *json, const struct report_input *input,
                              const struct finding *finding)
{
    const struct conflict *conflict = part_shown(finding);
    uint64_t gap_ns = 0, exposed_ns = 0;
    json_field_object(json, "properties");
    json_field_str(json, "severity", rule_level_name(finding->severity));
    json_field_str(json, "confidence", part_confidence(conflict));
    json_field_array(json, "reasons");
    for (int reason = 0; reason < REASON_COUNT; reason++) {
        if (conflict->reasons & REASON_BIT(reason)) {
            json_str(json, conflict_reason_name((enum conflict_reason)reason));
        }
    }
    json_array_end(json);
    json_field_bool(json, "gates", finding->gates);
    json_field_bool(json, "inImage", finding->in_image);
    json_field_u64(json, "posts", finding->posts);
    json_field_bool(json, "countIsMinimum", finding->count_is_minimum);
    harm_properties(json, finding);
    json_field_str(json, "fingerprintScope", fingerprint_scope_name(finding->fingerprint.scope));
    json_field_str(json, "fingerprintCoarse", finding->fingerprint.coarse);
    json_field_u64(json, "fingerprintVersion", FINGERPRINT_VERSION);
    known_properties(json, input, finding);
    json_field_hex(json, "overlapStart", conflict->overlap_start);
    json_field_u64(json, "overlapLength", conflict->overlap_len);
    json_field_str(json, "overlapExtent", conflict_extent_name(conflict->extent));
    if (part_gap_ns(input, conflict, &gap_ns)) {
        json_field_u64(json, "gapNs", gap_ns);
    }
    if (part_exposed_ns(input, conflict, &exposed_ns)) {
        json_field_u64(json, "exposedNs", exposed_ns);
    }
    json_object_end(json);
}

static void related(struct sarif *sarif, const struct report_input *input, size_t index,
                    const struct conflict *conflict)
{
    struct out words;
    words_begin(&words);
    post_words(&words, conflict, conflict->first);
    json_field_array(&sarif->json, "relatedLocations");
    json_object_begin(&sarif->json);
    json_field_u64(&sarif->json, "id", 1);
    point_location(sarif, input, index, conflict->first, &conflict->first->posted, &words);
    logical_locations(sarif, input, conflict->first);
    json_object_end(&sarif->json);
    json_array_end(&sarif->json);
}

/* The text in full for those who don't know message strings, and its parts for those who do. */
static void result_message(struct sarif *sarif, const struct report_input *input,
                           const struct finding *finding)
{
    struct json_writer *json = &sarif->json;
    struct out words;
    words_begin(&words);
    words_headline(&words, finding);
    out_str(&words, ": ");
    size_t headline_len = (size_t)out_written(&words);
    words_sentence(&words, input, finding);
    size_t sentence_len = (size_t)out_written(&words) - headline_len;
    char *text = words_take(&words, sarif->out);
    json_field_object(json, "message");
    json_field_str(json, "id", sarif_message_id(finding));
    sarif_quoted(sarif, "text", text != NULL ? text : "");
    json_field_array(json, "arguments");
    if (text != NULL) { /* the message string has the full stop */
        json_str_len(json, text + headline_len, sentence_len - 1);
    }
    json_array_end(json);
    json_object_end(json);
    free(text);
}

/* An entry of a file is an external suppression, which was reviewed and accepted. */
static void suppressions(struct sarif *sarif, const struct suppression *entry)
{
    struct json_writer *json = &sarif->json;
    if (entry == NULL) {
        return;
    }
    json_field_array(json, "suppressions");
    json_object_begin(json);
    json_field_str(json, "kind", "external");
    json_field_str(json, "status", "accepted");
    json_field_str(json, "justification", entry->reason);
    json_object_end(json);
    json_array_end(json);
}

static void result(struct sarif *sarif, const struct report_input *input, size_t index,
                   const struct finding *finding)
{
    struct json_writer *json = &sarif->json;
    const struct conflict *conflict = part_shown(finding);
    struct part_source source;
    json_object_begin(json);
    json_field_str(json, "ruleId", finding->rule->name);
    json_field_u64(json, "ruleIndex", rules_index(finding->rule));
    json_field_str(json, "kind", "fail");
    json_field_str(json, "level", rule_level_name(finding->level));
    result_message(sarif, input, finding);
    json_field_array(json, "locations");
    json_object_begin(json);
    if (part_post_source(sarif->settings, input, conflict->second, &source)) {
        source_location(sarif, &source);
    } else {
        physical_location(sarif, input, index, true);
    }
    logical_locations(sarif, input, conflict->second);
    point_properties(json, &conflict->second->posted);
    json_object_end(json);
    json_array_end(json);
    json_field_object(json, "partialFingerprints");
    json_field_str(json, "primaryLocationLineHash", finding->fingerprint.text);
    json_field_str(json, "bufcheckCoarse/v1", finding->fingerprint.coarse);
    json_object_end(json);
    if (finding->baseline != FINDING_NOT_COMPARED) {
        json_field_str(json, "baselineState", known_baseline_name(finding));
    }
    suppressions(sarif, finding->suppressed);
    json_field_u64(json, "occurrenceCount", finding->count);
    related(sarif, input, index, conflict);
    code_flow(sarif, input, index, conflict);
    stacks(sarif, input, conflict);
    result_properties(json, input, finding);
    json_object_end(json);
}

/* How many results of each level fit, the worst first, and how long their stacks may be. */
static void share_room(struct sarif *sarif, const struct report *report,
                       uint64_t room[RULE_ERROR + 1])
{
    uint64_t found[RULE_ERROR + 1] = {0};
    uint64_t left = RESULTS_MAX;
    struct part_cursor cursor;
    const struct finding *finding;
    part_cursor_init(&cursor, report);
    while ((finding = part_next(&cursor)) != NULL) {
        found[finding->level]++;
    }
    for (unsigned level = RULE_ERROR + 1; level-- > RULE_NOTE;) {
        room[level] = found[level] < left ? found[level] : left;
        left -= room[level];
    }
    uint64_t stacks = 2 * (RESULTS_MAX - left);
    sarif->stack_frames_max =
        stacks * STACK_FRAMES_MAX <= FRAMES_MAX ? STACK_FRAMES_MAX : FRAMES_MAX / stacks;
}

/* Returns how many were left out. */
static uint64_t results(struct sarif *sarif, const struct report *report)
{
    struct part_cursor cursor;
    const struct finding *finding;
    uint64_t omitted = 0;
    uint64_t room[RULE_ERROR + 1] = {0};
    share_room(sarif, report, room);
    part_cursor_init(&cursor, report);
    json_field_array(&sarif->json, "results");
    while ((finding = part_next(&cursor)) != NULL) {
        uint64_t *left = &room[finding->level];
        if (*left == 0) {
            omitted++;
            continue;
        }
        result(sarif, cursor.input, cursor.input_index, finding);
        --*left;
    }
    json_array_end(&sarif->json);
    return omitted + cursor.omitted;
}

/* --- invocation ------------------------------------------------------------------------------- */

/* `words` is ended by it. */
static void notify(struct sarif *sarif, const struct report_input *input, size_t index,
                   enum sarif_notification which, const char *level, struct out *words)
{
    struct json_writer *json = &sarif->json;
    json_object_begin(json);
    json_field_object(json, "descriptor");
    json_field_str(json, "id", sarif_notification_id(which));
    json_field_u64(json, "index", which);
    json_object_end(json);
    json_field_str(json, "level", level);
    message_words(sarif, words);
    if (input != NULL) {
        json_field_array(json, "locations");
        json_object_begin(json);
        physical_location(sarif, input, index, false);
        json_object_end(json);
        json_array_end(json);
    }
    json_object_end(json);
}

static void notify_text(struct sarif *sarif, const struct report_input *input, size_t index,
                        const char *level, const char *text)
{
    struct out words;
    words_begin(&words);
    out_str(&words, text);
    notify(sarif, input, index, SARIF_TRACE_HEALTH, level, &words);
}

static void notify_input(struct sarif *sarif, const struct report_input *input, size_t index)
{
    struct out words;
    if (input->verdict == VERDICT_ERROR || input->verdict == VERDICT_INCONCLUSIVE) {
        bool failed = input->verdict == VERDICT_ERROR;
        words_begin(&words);
        words_trouble(&words, sarif->settings, input);
        notify(sarif, input, index, failed ? SARIF_INPUT_FAILED : SARIF_INCONCLUSIVE,
               failed ? "error" : "warning", &words);
    }
    if (!input->opened) {
        return;
    }
    char visible[PART_VISIBLE_LEN];
    part_visible_text(&input->coverage, visible);
    words_begin(&words);
    out_str(&words, visible[0] != '\0' ? visible : "The trace holds no operation with memory.");
    notify(sarif, input, index, SARIF_TRACE_HEALTH, "note", &words);
    for (size_t i = 0; i < input->caveat_count; i++) {
        notify_text(sarif, input, index, "note", input->caveats[i]);
    }
    for (size_t i = 0; i < input->note_count; i++) {
        notify_text(sarif, input, index, "warning", input->notes[i]);
    }
}

/* Known findings that did not occur: they have no place in the traces, so they are no results. */
static void notify_known(struct sarif *sarif)
{
    struct out words;
    words_begin(&words);
    known_words_run(&words, sarif->settings);
    if (out_written(&words) != 0) {
        notify(sarif, NULL, 0, SARIF_TRACE_HEALTH, "note", &words);
    } else {
        out_finish(&words);
    }
}

static void invocation(struct sarif *sarif, const struct report *report, uint64_t omitted)
{
    struct json_writer *json = &sarif->json;
    json_field_array(json, "invocations");
    json_object_begin(json);
    json_field_bool(json, "executionSuccessful", report->verdict != VERDICT_ERROR);
    json_field_i64(json, "exitCode", report->exit_status);
    json_field_array(json, "toolExecutionNotifications");
    for (size_t i = 0; i < report->input_count; i++) {
        notify_input(sarif, &report->inputs[i], i);
    }
    notify_known(sarif);
    if (omitted != 0) {
        struct out words;
        words_begin(&words);
        out_printf(&words,
                   "%" PRIu64 " finding%s not in this file, the least severe: --max-findings and "
                   "the 5,000 results that code scanning shows limit it.",
                   omitted, omitted == 1 ? " is" : "s are");
        notify(sarif, NULL, 0, SARIF_RESULTS_OMITTED, "warning", &words);
    }
    json_array_end(json);
    json_object_end(json);
    json_array_end(json);
}

static void artifacts(struct sarif *sarif, const struct report *report)
{
    struct json_writer *json = &sarif->json;
    json_field_array(json, "artifacts");
    for (size_t i = 0; i < report->input_count; i++) {
        const struct report_input *input = &report->inputs[i];
        struct out uri;
        words_begin(&uri);
        words_relative_uri(&uri, input->path);
        json_object_begin(json);
        json_field_object(json, "location");
        uri_field(sarif, &uri);
        json_object_end(json);
        json_field_array(json, "roles");
        json_str(json, "analysisTarget");
        json_array_end(json);
        if (input->opened && input->trace_count == 1) {
            json_field_u64(json, "length", input->traces[0].size);
        }
        json_object_end(json);
    }
    json_array_end(json);
}

static void source_root(struct json_writer *json)
{
    json_field_object(json, "originalUriBaseIds");
    json_field_object(json, "%SRCROOT%");
    sarif_message(json, "description", "The root of the repository, or the folder of the traces.");
    json_object_end(json);
    json_object_end(json);
}

static void sarif_finish(void *user, const struct report *report)
{
    struct sarif *sarif = user;
    struct json_writer *json = &sarif->json;
    json_init(json, sarif->out, JSON_LINE); /* indentation would be more than half of it */
    json_object_begin(json);
    json_field_str(json, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
    json_field_str(json, "version", "2.1.0");
    json_field_array(json, "runs");
    json_object_begin(json);
    sarif_tool(sarif);
    json_field_object(json, "automationDetails");
    json_field_str(json, "id", "bufcheck/");
    json_object_end(json);
    source_root(json);
    artifacts(sarif, report);
    uint64_t omitted = results(sarif, report);
    invocation(sarif, report, omitted);
    json_field_str(json, "columnKind", "utf16CodeUnits");
    json_field_object(json, "properties");
    json_field_u64(json, "findingsOmitted", omitted);
    json_object_end(json);
    json_object_end(json);
    json_array_end(json);
    json_object_end(json);
    json_line_end(json);
}

const struct report_format report_sarif = {
    .name = "sarif",
    .help = "for code scanning: SARIF 2.1.0",
    .create = sarif_create,
    .finish = sarif_finish,
    .destroy = free,
};
