/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cli/command_info.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/analysis.h"
#include "analyzer/schemas.h"
#include "base/format_text.h"
#include "base/json_writer.h"
#include "analyzer/cli/message.h"
#include "analyzer/cli/progress.h"
#include "analyzer/provider_names.h"
#include "analyzer/cli/report_file.h"
#include "analyzer/reports/json_trace.h"
#include "analyzer/reports/parts.h"
#include "analyzer/reports/text_flow.h"
#include "analyzer/cli/trace_survey.h"
#include "analyzer/verdict.h"

#define PROVIDERS_SHOWN 20 /* most providers that the text shows without -v */
#define NOTES_SHOWN 10     /* most notes that the text shows without -v */

/* One trace, read to its end. */
struct info {
    const struct options *options;
    struct out *out;
    struct text_style style;
    struct json_writer json;
    struct report_settings settings; /* the run's, for one thread */
    struct trace_survey survey;
    struct trace_survey_provider *providers; /* owned */
    struct analysis *analysis;               /* owned; `shown` points into it */
    struct report_input shown;
    struct progress progress;
};

/* ---- reading ---- */

/* Trace buffers are walked from here as well, so progress is shown whatever the trace holds. */
static bool on_progress(void *user, uint64_t done, uint64_t total)
{
    struct info *info = user;
    progress_show(&info->progress, done, total);
    return true;
}

static void on_record(void *user, const struct etl_event *event)
{
    struct info *info = user;
    trace_survey_observe(&info->survey, event);
}

static void on_batch(void *user, const struct event_batch *batch)
{
    struct info *info = user;
    trace_survey_decoded(&info->survey, batch);
}

/* Calls are counted, and causes found, by the analysis that `check` prints. */
static bool read_input(struct info *info, const char *path)
{
    const struct analysis_hooks hooks = {
        .user = info, .record = on_record, .batch = on_batch, .progress = on_progress};
    const char *paths[] = {path};
    trace_survey_init(&info->survey);
    progress_file(&info->progress, path);
    info->analysis = analysis_run(paths, 1, &info->settings, &hooks, &info->shown);
    progress_clear(&info->progress);
    info->providers = trace_survey_providers(&info->survey);
    if (info->survey.no_memory || (info->providers == NULL && info->survey.provider_count > 0)) {
        error_chain_add(&info->shown.errors, ERROR_NO_OFFSET, "%s: out of memory", path);
        return false;
    }
    return info->shown.verdict != VERDICT_ERROR;
}

static void close_input(struct info *info)
{
    free(info->providers);
    info->providers = NULL;
    trace_survey_finish(&info->survey);
    analysis_destroy(info->analysis);
    info->analysis = NULL;
}

/* ---- JSON ---- */

static void json_providers(struct info *info)
{
    char guid[GUID_TEXT_LEN];
    json_field_array(&info->json, "providers");
    for (size_t i = 0; info->providers != NULL && i < info->survey.provider_count; i++) {
        guid_format(&info->providers[i].guid, guid);
        json_object_begin(&info->json);
        json_field_str(&info->json, "guid", guid);
        json_field_str(&info->json, "name", provider_name(&info->providers[i].guid));
        json_field_u64(&info->json, "records", info->providers[i].records);
        json_object_end(&info->json);
    }
    json_array_end(&info->json);
    json_field_u64(&info->json, "other_provider_records", info->survey.other_records);
}

static void json_winsock(struct info *info)
{
    const struct trace_survey *survey = &info->survey;
    struct json_writer *json = &info->json;
    json_field_object(json, "winsock");
    json_field_u64(json, "records", survey->winsock_records);
    json_field_u64(json, "legacy", survey->winsock_legacy);
    json_field_u64(json, "modern", survey->winsock_modern);
    json_field_u64(json, "undecodable", survey->winsock_undecodable);
    json_key(json, "level_max");
    if (survey->winsock_records > 0) {
        json_u64(json, survey->winsock_level_max);
    } else {
        json_null(json);
    }
    json_field_u64(json, "stacks", survey->winsock_stacks);
    json_field_u64(json, "posts", info->shown.coverage.posts);
    json_field_u64(json, "posts_user_address", info->shown.coverage.user_address_operations);
    json_object_end(json);
    json_field_u64(json, "process_records", survey->process_records);
    json_field_u64(json, "image_records", survey->image_records);
    json_field_array(json, "causes");
    for (uint32_t left = info->shown.causes; left != 0;) {
        enum cause cause = cause_take(&left);
        json_str(json, cause_name(cause));
    }
    json_array_end(json);
}

static void json_notes(struct info *info)
{
    json_field_array(&info->json, "notes");
    for (size_t i = 0; i < info->shown.note_count; i++) {
        json_str(&info->json, info->shown.notes[i]);
    }
    json_array_end(&info->json);
}

static void print_json(struct info *info)
{
    struct json_writer *json = &info->json;
    char error[ERROR_CAUSE_TEXT_MAX * 2];
    json_object_begin(json);
    json_field_str(json, "path", info->shown.path);
    json_trace_fields(json, &info->shown);
    if (info->shown.opened) {
        json_providers(info);
        json_winsock(info);
        json_notes(info);
    }
    if (info->shown.errors.count > 0) {
        error_chain_format(&info->shown.errors, error, sizeof error);
        json_field_str(json, "error", error);
    }
    json_object_end(json);
}

/* ---- text ---- */

static void row_format(struct info *info, const char *label, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void row_format(struct info *info, const char *label, const char *format, ...)
{
    char text[512];
    struct text_flow flow;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    text_row(&flow, &info->style, label);
    text_flow_words(&flow, text);
    text_flow_end(&flow);
}

static const char *clock_text(enum etl_clock_kind kind)
{
    switch (kind) {
    case ETL_CLOCK_QPC:
        return "performance counter";
    case ETL_CLOCK_SYSTEM_TIME:
        return "system time";
    case ETL_CLOCK_CPU_CYCLES:
        return "processor cycles";
    }
    return "unknown";
}

static void text_header(struct info *info)
{
    const struct etl_trace_info *trace = info->shown.traces;
    char size[TEXT_NUMBER_LEN], buffers[TEXT_NUMBER_LEN], each[TEXT_NUMBER_LEN];
    char compressed[TEXT_NUMBER_LEN], ticks[TEXT_NUMBER_LEN];
    text_format_grouped(trace->size, size);
    text_format_grouped(trace->buffers, buffers);
    text_format_grouped(trace->buffer_size, each);
    text_format_grouped(trace->compressed_buffers, compressed);
    text_format_grouped(trace->clock.frequency, ticks);
    row_format(info, "file", "%s bytes, %s trace buffer%s of %s bytes, %s of them compressed", size,
               buffers, trace->buffers == 1 ? "" : "s", each, compressed);
    row_format(info, "windows",
               "%" PRIu32 ".%" PRIu32 " build %" PRIu32 "%s, %" PRIu32 " processor%s (%" PRIu32
               " in the file)%s",
               trace->os_major, trace->os_minor, trace->os_build,
               part_windows_is_64_bit(info->shown.counts) ? ", 64-bit" : "", trace->processors,
               trace->processors == 1 ? "" : "s", trace->processors_seen,
               trace->pointer_size == 4 ? "; written by a 32-bit program" : "");
    row_format(info, "clock", "%s, %s ticks a second", clock_text(trace->clock.kind), ticks);
    if (trace->session_name[0] != '\0') {
        struct text_flow flow;
        text_row(&flow, &info->style, "session");
        text_flow_sentence(&flow, trace->session_name);
        text_flow_end(&flow);
    }
}

static void text_times(struct info *info)
{
    const struct etl_trace_info *trace = info->shown.traces;
    const struct etl_record_counts *counts = info->shown.counts;
    char first[ETL_TIME_TEXT_LEN], last[ETL_TIME_TEXT_LEN], duration[TEXT_NUMBER_LEN];
    etl_time_format(trace->start_filetime, first);
    row_format(info, "started", "%s", first);
    if (!counts->any_time) {
        row_format(info, "events", "none with a time");
        return;
    }
    etl_time_format(etl_clock_filetime(&trace->clock, counts->first_ticks), first);
    etl_time_format(etl_clock_filetime(&trace->clock, counts->last_ticks), last);
    text_format_duration(
        etl_clock_duration_ns(&trace->clock, counts->first_ticks, counts->last_ticks), duration);
    row_format(info, "events", "%s to %s, %s", first, last, duration);
}

static void text_health(struct info *info)
{
    const struct etl_trace_info *trace = info->shown.traces;
    bool whole = trace->damaged_buffers == 0 && trace->skipped_bytes == 0;
    size_t notes = info->shown.note_count;
    char events[TEXT_NUMBER_LEN], buffers[TEXT_NUMBER_LEN], skipped[TEXT_NUMBER_LEN];
    text_format_grouped(trace->events_lost, events);
    text_format_grouped(trace->buffers_lost, buffers);
    row_format(info, "lost", "%s events and %s trace buffers, by the header", events, buffers);
    row_format(info, "end", "%s", trace->end_missing ? trace->end_missing_why : "complete");
    if (whole) {
        row_format(info, "damage", "none");
    } else {
        text_format_grouped(trace->damaged_buffers, buffers);
        text_format_grouped(trace->skipped_bytes, skipped);
        row_format(info, "damage", "%s trace buffer%s, %s bytes skipped", buffers,
                   trace->damaged_buffers == 1 ? "" : "s", skipped);
    }
    for (size_t i = 0; i < notes; i++) {
        struct text_flow flow;
        if (i == NOTES_SHOWN && !info->options->settings.verbose) {
            row_format(info, "", "and %zu more note%s (-v prints all)", notes - i,
                       notes - i == 1 ? "" : "s");
            break;
        }
        text_row(&flow, &info->style, i == 0 ? "notes" : "");
        text_flow_sentence(&flow, info->shown.notes[i]);
        text_flow_end(&flow);
    }
}

static void text_count(struct info *info, uint64_t count)
{
    char number[TEXT_NUMBER_LEN];
    text_format_grouped(count, number);
    size_t len = strlen(number);
    out_repeat(info->out, ' ', len < 15 ? 15 - len : 0);
    out_str(info->out, number);
    out_str(info->out, "  ");
}

static void text_kinds(struct info *info)
{
    const struct etl_record_counts *counts = info->shown.counts;
    out_str(info->out, "\n  records\n");
    text_count(info, counts->total);
    out_str(info->out, "in all\n");
    for (int kind = 0; kind < ETL_HEADER_COUNT; kind++) {
        if (counts->by_kind[kind] == 0) {
            continue;
        }
        text_count(info, counts->by_kind[kind]);
        out_str(info->out, etl_header_kind_name((enum etl_header_kind)kind));
        out_char(info->out, '\n');
    }
}

static void text_providers(struct info *info)
{
    size_t count = info->providers != NULL ? info->survey.provider_count : 0;
    if (count == 0) {
        return;
    }
    out_str(info->out, "\n  providers\n");
    for (size_t i = 0; i < count; i++) {
        char guid[GUID_TEXT_LEN];
        if (i == PROVIDERS_SHOWN && !info->options->settings.verbose) {
            out_printf(info->out, "                 and %zu more (-v prints all)\n", count - i);
            break;
        }
        const char *name = provider_name(&info->providers[i].guid);
        guid_format(&info->providers[i].guid, guid);
        text_count(info, info->providers[i].records);
        out_str(info->out, name != NULL ? name : guid);
        out_char(info->out, '\n');
    }
    if (info->survey.other_records > 0) {
        text_count(info, info->survey.other_records);
        out_str(info->out, "of further providers\n");
    }
}

static void text_winsock(struct info *info)
{
    static const char *const names[2][2] = {
        {"none of processes and modules", "of modules, none of processes"},
        {"of processes, none of modules", "of processes and modules"}};
    const struct trace_survey *survey = &info->survey;
    const struct coverage *coverage = &info->shown.coverage;
    char records[TEXT_NUMBER_LEN], calls[TEXT_NUMBER_LEN], visible[TEXT_NUMBER_LEN];
    char stacks[TEXT_NUMBER_LEN], legacy[TEXT_NUMBER_LEN], modern[TEXT_NUMBER_LEN];
    text_format_grouped(survey->winsock_legacy, legacy);
    text_format_grouped(survey->winsock_modern, modern);
    text_format_grouped(coverage->stacks, stacks);
    text_format_grouped(survey->winsock_records, records);
    text_format_grouped(coverage->posts, calls);
    text_format_grouped(coverage->user_address_operations, visible);
    out_char(info->out, '\n');
    if (survey->winsock_records == 0) {
        row_format(info, "winsock", "no event of Microsoft-Windows-Winsock-AFD");
    } else {
        row_format(info, "winsock",
                   "%s events up to level %u, %s of the legacy family, %s of the modern one",
                   records, (unsigned)survey->winsock_level_max, legacy, modern);
        row_format(info, "calls",
                   "%s, %s of them with the application's own address, %s with a stack", calls,
                   visible, stacks);
        if (survey->winsock_modern == 0 && coverage->posts == 0) {
            row_format(info, "",
                       "the legacy family's posts and completions come at level 5: the trace was "
                       "recorded at a lower one, or there were none");
        }
    }
    row_format(info, "names", "%s", names[survey->process_records > 0][survey->image_records > 0]);
}

static void text_verdict(struct info *info)
{
    struct text_flow flow;
    text_row(&flow, &info->style, "verdict");
    if (info->shown.causes == 0) {
        text_flow_words(&flow, "nothing speaks against one: bufcheck check can judge this trace");
    } else {
        text_flow_words(&flow, "a clean one is impossible, check ends with exit status 3 where it "
                               "finds nothing:");
    }
    for (uint32_t left = info->shown.causes; left != 0;) {
        enum cause cause = cause_take(&left);
        char text[PART_CAUSE_LEN];
        part_cause_text(&info->settings, &info->shown, cause, text);
        text_flow_item(&flow);
        text_flow_format(&flow, "%s: ", cause_name(cause));
        text_flow_words(&flow, text);
    }
    text_flow_end(&flow);
}

static void print_text(struct info *info)
{
    text_color(&info->style, TEXT_BOLD);
    text_escape(info->out,
                strcmp(info->shown.path, "-") == 0 ? "standard input" : info->shown.path);
    text_color(&info->style, TEXT_PLAIN);
    out_char(info->out, '\n');
    if (!info->shown.opened) {
        row_format(info, "error", "could not be read");
        return;
    }
    text_header(info);
    text_times(info);
    text_health(info);
    text_winsock(info);
    text_verdict(info);
    text_kinds(info);
    text_providers(info);
}

/* ---- the whole ---- */

static bool print_input(struct info *info, size_t index, bool as_json)
{
    bool complete = read_input(info, info->options->paths[index]);
    if (as_json) {
        print_json(info);
    } else {
        print_text(info);
    }
    if (!as_json && index + 1 < info->options->path_count) {
        out_char(info->out, '\n');
    }
    message_print_chain(&info->shown.errors);
    progress_file_done(&info->progress, info->shown.path);
    close_input(info);
    return complete;
}

int command_info(const struct options *options)
{
    const struct options_output *output = &options->outputs[0];
    bool as_json = strcmp(output->format, "json") == 0, complete = true;
    struct info info = {.options = options, .settings = options->settings};
    struct report_file file;
    if (!report_file_open(&file, output->path)) {
        return EXIT_ERROR;
    }
    info.out = &file.out;
    info.style.out = &file.out;
    info.style.color = output->path == NULL && terminal_color(options->color);
    info.settings.jobs = 1;
    json_init(&info.json, &file.out, JSON_PRETTY);
    if (as_json) {
        json_object_begin(&info.json);
        json_field_str(&info.json, "schema", SCHEMA_INFO);
        json_field_array(&info.json, "inputs");
    }
    progress_begin(&info.progress, options);
    for (size_t i = 0; i < options->path_count && !out_failed(&file.out); i++) {
        complete = print_input(&info, i, as_json) && complete;
    }
    progress_clear(&info.progress);
    if (as_json) {
        json_array_end(&info.json);
        json_object_end(&info.json);
        json_line_end(&info.json);
    }
    return report_file_close(&file, true) && complete ? EXIT_OK : EXIT_ERROR;
}
