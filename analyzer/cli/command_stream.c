/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cli/command_stream.h"

#include <assert.h>
#include <string.h>

#include "analyzer/analysis.h"
#include "analyzer/cli/command_events.h"
#include "analyzer/cli/command_ops.h"
#include "analyzer/cli/event_selection.h"
#include "analyzer/cli/field_filter.h"
#include "analyzer/cli/message.h"
#include "analyzer/cli/progress.h"
#include "analyzer/cli/report_file.h"
#include "analyzer/cli/symbol_options.h"
#include "analyzer/cli/trace_input.h"
#include "base/format_text.h"
#include "parsers/afd/afd_behavior.h"
#include "parsers/afd/afd_decode.h"
#include "parsers/afd/afd_schema.h"
#include "parsers/kernel/kernel_stacks.h"

/* How many files make one input, and how many inputs there are. */
static size_t paths_at_once(const struct options *options)
{
    return options->one_timeline ? options->path_count : 1;
}

/* Prints the name with which each of several inputs begins in text. */
static void print_name(const struct options *options, size_t first, struct out *out)
{
    if (strcmp(options->outputs[0].format, "text") != 0 ||
        paths_at_once(options) == options->path_count) {
        return;
    }
    out_str(out, first > 0 ? "\n" : "");
    text_escape(out, options->paths[first]);
    out_char(out, '\n');
}

/* ---- columns ---- */

/* The writer of one output: of whole lines, or of some of their columns. */
struct lines {
    struct out *out; /* written to */
    const char *format;
    uint64_t passed; /* lines, heads among them */
    bool filtered;
    struct field_filter filter;
};

static bool lines_begin(struct lines *lines, const struct options *options, struct out *out,
                        const char *const *members)
{
    const char *format = options->outputs[0].format;
    bool text = strcmp(format, "text") == 0;
    *lines = (struct lines){.out = out, .format = format, .filtered = options->fields != NULL};
    if (!lines->filtered) {
        return true;
    }
    lines->out = &lines->filter.memory;
    lines->format = text ? "csv" : format; /* text has the columns of csv then */
    enum field_kind kind = text                         ? FIELDS_TEXT
                           : strcmp(format, "csv") == 0 ? FIELDS_CSV
                                                        : FIELDS_JSON;
    return field_filter_begin(&lines->filter, out, kind, options->fields, members);
}

static void lines_pass(void *user)
{
    struct lines *lines = user;
    lines->passed++;
    if (lines->filtered) {
        field_filter_flush(&lines->filter);
    }
}

static bool lines_failed(const struct lines *lines)
{
    return lines->filtered && (lines->filter.failed || out_failed(lines->filter.out));
}

static void lines_finish(struct lines *lines)
{
    if (lines->filtered) {
        field_filter_finish(&lines->filter);
    }
}

/* A person who typed no filter is told where it stands. */
static void tell_narrowed(const struct options *options, const char *path, const char *what)
{
    if (options->settings.narrowed_by != NULL) {
        message_print("%s: no %s is shown; %s", path, what, options->settings.narrowed_by);
    }
}

/* ---- events ---- */

#define CLASSES_MAX 8 /* more than there are classes of stacks */

static void on_events_progress(void *user, uint64_t done, uint64_t total)
{
    progress_show(user, done, total);
}

/* Says where events were decoded by the trace's own schemas, as the notes of `check` do. */
static void tell_schemas(const char *path, const struct afd_schemas *schemas)
{
    for (size_t i = 0; schemas != NULL && i < afd_schemas_note_count(schemas); i++) {
        message_print("%s: %s", path, afd_schemas_note(schemas, i));
    }
}

/* Prints the events of an input that is open. */
static bool print_opened(const struct options *options, size_t first, struct trace_input *input,
                         struct command_events_options *events, struct out *out,
                         struct error_chain *errors)
{
    struct event_selection *selection = NULL;
    if (filter_is_on(&options->settings.filter)) {
        selection = event_selection_create(&options->settings.filter, input->sources,
                                           options->paths + first, input->source_count, errors);
        if (selection == NULL) {
            return false;
        }
    }
    events->selection = selection;
    events->schemas = afd_schemas_create();
    if (events->schemas == NULL) {
        error_chain_add(errors, ERROR_NO_OFFSET, "out of memory for the trace's schemas");
    }
    bool complete = events->schemas != NULL &&
                    command_events_run(input->reader, events, out, errors) == COMMAND_EVENTS_OK;
    event_selection_destroy(selection);
    return complete;
}

static bool print_events(const struct options *options, size_t first, struct lines *lines,
                         struct progress *progress)
{
    const struct guid providers[] = {afd_provider, kernel_tracing_provider};
    struct guid classes[CLASSES_MAX];
    struct etl_reader_options reader_options = {
        .filter = {.providers = providers,
                   .provider_count = sizeof providers / sizeof providers[0],
                   .classes = classes,
                   .class_count = kernel_stack_class_count + 1,
                   .hook_ids = kernel_stack_hook_ids,
                   .hook_id_count = kernel_stack_hook_id_count},
        .is_post = afd_is_post};
    struct command_events_options events = {.no_header = first > 0,
                                            .printed = lines_pass,
                                            .printed_user = lines,
                                            .progress = on_events_progress,
                                            .progress_user = progress};
    struct trace_input input;
    struct error_chain errors;
    error_chain_init(&errors);
    assert(kernel_stack_class_count < CLASSES_MAX);
    memcpy(classes, kernel_stack_classes, kernel_stack_class_count * sizeof classes[0]);
    classes[kernel_stack_class_count] = afd_schema_class;
    command_events_format_parse(lines->format, &events.format);
    progress_file(progress, options->paths[first]);
    uint64_t passed_before = lines->passed + 1; /* the head */
    bool complete = trace_input_open(&input, options->paths + first, paths_at_once(options),
                                     &reader_options, &errors) &&
                    print_opened(options, first, &input, &events, lines->out, &errors);
    trace_input_close(&input);
    if (errors.count > 0 ||
        (events.schemas != NULL && afd_schemas_note_count(events.schemas) > 0)) {
        progress_clear(progress);
    }
    message_print_chain(&errors);
    if (complete && lines->passed == passed_before) {
        tell_narrowed(options, options->paths[first], "event");
    }
    tell_schemas(options->paths[first], events.schemas);
    afd_schemas_destroy(events.schemas);
    progress_file_done(progress, options->paths[first]);
    return complete;
}

int command_stream_events(const struct options *options)
{
    struct report_file file;
    struct progress progress;
    struct lines lines;
    bool complete = true;
    if (!report_file_open(&file, options->outputs[0].path)) {
        return EXIT_ERROR;
    }
    complete = lines_begin(&lines, options, &file.out, field_filter_events);
    progress_begin(&progress, options);
    for (size_t i = 0; i < options->path_count && !lines_failed(&lines);
         i += paths_at_once(options)) {
        print_name(options, i, &file.out);
        complete = print_events(options, i, &lines, &progress) && complete;
        if (out_failed(&file.out)) {
            break;
        }
    }
    complete = complete && !lines_failed(&lines);
    progress_clear(&progress);
    lines_finish(&lines);
    return report_file_close(&file, true) && complete ? EXIT_OK : EXIT_ERROR;
}

/* ---- operations ---- */

struct ops {
    struct command_ops printer;
    struct lines lines;
    struct symbols *symbols;
    struct progress progress;
};

static void on_operation(void *user, const struct report_input *input, const struct operation *op)
{
    struct ops *ops = user;
    command_ops_print(&ops->printer, input, op);
    lines_pass(&ops->lines);
}

static bool on_progress(void *user, uint64_t done, uint64_t total)
{
    struct ops *ops = user;
    progress_show(&ops->progress, done, total);
    return !out_failed(ops->printer.out) && !lines_failed(&ops->lines);
}

static bool print_operations(const struct options *options, size_t first, struct ops *ops)
{
    struct analysis_hooks hooks = {.user = ops,
                                   .symbols = ops->symbols,
                                   .operation = on_operation,
                                   .progress = on_progress,
                                   .names_first = true};
    struct report_input input;
    uint64_t passed_before = ops->lines.passed;
    progress_file(&ops->progress, options->paths[first]);
    struct analysis *analysis = analysis_run(options->paths + first, paths_at_once(options),
                                             &options->settings, &hooks, &input);
    if (input.errors.count > 0) {
        progress_clear(&ops->progress);
    }
    message_print_chain(&input.errors);
    progress_file_done(&ops->progress, options->paths[first]);
    bool complete = input.opened && !input.read_error && input.verdict != VERDICT_ERROR;
    if (complete && ops->lines.passed == passed_before) {
        tell_narrowed(options, options->paths[first], "operation");
    }
    analysis_destroy(analysis);
    return complete;
}

int command_stream_ops(const struct options *options)
{
    struct report_file file;
    struct ops ops;
    enum command_ops_format format = COMMAND_OPS_JSONL;
    bool complete = true;
    if (!symbol_options_create(options, &ops.symbols)) {
        return EXIT_ERROR;
    }
    if (!report_file_open(&file, options->outputs[0].path)) {
        symbols_destroy(ops.symbols);
        return EXIT_ERROR;
    }
    complete = lines_begin(&ops.lines, options, &file.out, field_filter_ops);
    command_ops_format_parse(ops.lines.format, &format);
    command_ops_init(&ops.printer, ops.lines.out, format);
    if (complete) {
        lines_pass(&ops.lines);
    }
    progress_begin(&ops.progress, options);
    for (size_t i = 0; i < options->path_count && !lines_failed(&ops.lines);
         i += paths_at_once(options)) {
        print_name(options, i, &file.out);
        complete = print_operations(options, i, &ops) && complete;
        ops.printer.input++;
        if (out_failed(&file.out)) {
            break;
        }
    }
    progress_clear(&ops.progress);
    complete = complete && !lines_failed(&ops.lines);
    command_ops_finish(&ops.printer);
    lines_finish(&ops.lines);
    symbols_destroy(ops.symbols);
    return report_file_close(&file, true) && complete ? EXIT_OK : EXIT_ERROR;
}
