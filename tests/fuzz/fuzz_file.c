/* SPDX-License-Identifier: Apache-2.0 */

/* A whole trace file: headers, index, every record kind, decoder and tracker behind them; then all
 * commands that read traces, with every report and format that they have. */

#define _GNU_SOURCE /* memfd_create */

#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "analyzer/analysis.h"
#include "analyzer/cli/command_events.h"
#include "analyzer/cli/command_info.h"
#include "analyzer/cli/command_ops.h"
#include "parsers/afd/afd_behavior.h"
#include "parsers/afd/afd_decode.h"
#include "base/byte_source.h"

#define FORMATS_MAX 32
#define REPORT_LEN_MAX (8u << 20)

/* Every report of one run. */
struct reports {
    struct out outs[FORMATS_MAX];
    void *users[FORMATS_MAX];
    struct out ops_out;
    struct command_ops ops; /* prints operations as `bufcheck ops` does */
    uint64_t conflicts, operations;
};

static void begin(void *user, const struct report_input *input)
{
    struct reports *reports = user;
    for (size_t i = 0; i < report_format_count; i++) {
        if (report_formats[i]->begin_input != NULL) {
            report_formats[i]->begin_input(reports->users[i], 0, input);
        }
    }
}

static void on_conflict(void *user, const struct report_input *input,
                        const struct conflict *conflict)
{
    struct reports *reports = user;
    reports->conflicts++;
    for (size_t i = 0; i < report_format_count; i++) {
        if (report_formats[i]->conflict != NULL) {
            report_formats[i]->conflict(reports->users[i], 0, input, conflict);
        }
    }
}

static void on_operation(void *user, const struct report_input *input, const struct operation *op)
{
    struct reports *reports = user;
    reports->operations++;
    command_ops_print(&reports->ops, input, op);
    for (size_t i = 0; i < report_format_count; i++) {
        if (report_formats[i]->operation != NULL) {
            report_formats[i]->operation(reports->users[i], 0, input, op);
        }
    }
}

static void check_text(struct out *out)
{
    size_t len = 0;
    char *text = out_take(out, &len);
    if (text != NULL) { /* the other reason is a size that is too large */
        fuzz_check_utf8(text, len);
    }
    free(text);
}

static void reports_create(struct reports *reports, const struct report_settings *settings,
                           enum command_ops_format format)
{
    *reports = (struct reports){0};
    FUZZ_CHECK(report_format_count <= FORMATS_MAX);
    for (size_t i = 0; i < report_format_count; i++) {
        out_init_memory(&reports->outs[i], REPORT_LEN_MAX);
        reports->users[i] = report_formats[i]->create(&reports->outs[i], settings);
        FUZZ_CHECK(reports->users[i] != NULL);
    }
    out_init_memory(&reports->ops_out, REPORT_LEN_MAX);
    command_ops_init(&reports->ops, &reports->ops_out, format);
}

static void reports_finish(struct reports *reports, const struct report *report)
{
    for (size_t i = 0; i < report_format_count; i++) {
        const struct report_format *format = report_formats[i];
        if (format->end_input != NULL) {
            format->end_input(reports->users[i], 0, report->inputs);
        }
        if (format->finish != NULL) {
            format->finish(reports->users[i], report);
        }
        format->destroy(reports->users[i]);
        check_text(&reports->outs[i]);
    }
    command_ops_finish(&reports->ops);
    check_text(&reports->ops_out);
}

/* The program's result must be that of its parts, which see the same events without hints and
 * batches. */
static void run_check(const char *path, const struct fuzz_outcome *outcome, unsigned variant)
{
    bool verbose = variant & 1;
    struct report_settings settings = {
        .fail_on = RULE_WARNING, .verbose = verbose, .color = verbose, .jobs = 1};
    struct analysis_hooks hooks = {
        .begin = begin, .conflict = on_conflict, .operation = on_operation};
    struct report_input input;
    struct reports reports;
    for (size_t i = 0; i < RULE_COUNT; i++) {
        settings.rule_enabled[i] = true;
    }
    reports_create(&reports, &settings, (enum command_ops_format)(variant % 3));
    hooks.user = &reports;
    struct analysis *analysis = analysis_run(&path, 1, &settings, &hooks, &input);
    FUZZ_CHECK(analysis != NULL && input.opened == outcome->opened);
    struct report report = {.settings = &settings,
                            .inputs = &input,
                            .input_count = 1,
                            .verdict = input.verdict,
                            .exit_status = verdict_exit(input.verdict)};
    if (input.opened) {
        const struct coverage *coverage = &input.coverage;
        FUZZ_CHECK(!input.read_error);
        FUZZ_CHECK(coverage->events == outcome->coverage.events);
        FUZZ_CHECK(coverage->posts == outcome->coverage.posts);
        FUZZ_CHECK(coverage->matched == outcome->coverage.matched);
        FUZZ_CHECK(coverage->pending == outcome->coverage.pending);
        FUZZ_CHECK(coverage->orphan_completions == outcome->coverage.orphan_completions);
        FUZZ_CHECK(coverage->max_in_flight == outcome->coverage.max_in_flight);
        FUZZ_CHECK(coverage->conflicts == outcome->coverage.conflicts);
        FUZZ_CHECK(reports.operations == coverage->posts);
        FUZZ_CHECK(reports.conflicts <= coverage->conflicts);
    } else {
        FUZZ_CHECK(input.errors.count > 0 && input.verdict == VERDICT_ERROR);
        begin(&reports, &input);
    }
    reports_finish(&reports, &report);
    analysis_destroy(analysis);
}

/* Prints the output of `bufcheck events`. */
static void run_events(const char *path, const struct fuzz_outcome *outcome, unsigned variant)
{
    struct afd_schemas *schemas = afd_schemas_create();
    struct command_events_options options = {.format = (enum command_events_format)(variant % 3),
                                             .schemas = schemas};
    struct etl_reader_options reader_options = {.filter = {.providers = &afd_provider,
                                                           .provider_count = 1,
                                                           .classes = &afd_schema_class,
                                                           .class_count = 1},
                                                .is_post = afd_is_post};
    FUZZ_CHECK(schemas != NULL);
    struct byte_source *source;
    struct etl_reader *reader;
    struct error_chain errors;
    struct out out;
    error_chain_init(&errors);
    FUZZ_CHECK(byte_source_open_file(path, NULL, &source, &errors) == BYTE_SOURCE_OK);
    enum etl_status status = etl_reader_open(&source, &path, 1, &reader_options, &reader, &errors);
    FUZZ_CHECK((status == ETL_OK) == outcome->opened);
    out_init_memory(&out, REPORT_LEN_MAX);
    if (status == ETL_OK) {
        FUZZ_CHECK(command_events_run(reader, &options, &out, &errors) !=
                   COMMAND_EVENTS_READ_ERROR);
    }
    check_text(&out);
    etl_reader_destroy(reader);
    byte_source_destroy(source);
    afd_schemas_destroy(schemas);
}

/* Runs `bufcheck info`, whose standard output is a file of ours meanwhile. */
static void run_info(const char *path, unsigned variant)
{
    static int own = -1, shown = -1;
    static char text[REPORT_LEN_MAX];
    struct options options = {.command = COMMAND_INFO,
                              .settings = {.verbose = variant & 1, .quiet = true},
                              .outputs = {{.path = NULL}},
                              .output_count = 1,
                              .paths = &path,
                              .path_count = 1,
                              .color = variant & 1 ? WHEN_ALWAYS : WHEN_NEVER,
                              .progress = WHEN_NEVER};
    snprintf(options.outputs[0].format, sizeof options.outputs[0].format, "%s",
             variant & 2 ? "json" : "text");
    if (own < 0) {
        own = memfd_create("output", 0);
        fflush(stdout);
        shown = dup(STDOUT_FILENO);
        FUZZ_CHECK(own >= 0 && shown >= 0);
    }
    FUZZ_CHECK(ftruncate(own, 0) == 0 && lseek(own, 0, SEEK_SET) == 0);
    FUZZ_CHECK(dup2(own, STDOUT_FILENO) >= 0);
    FUZZ_CHECK(command_info(&options) == 0);
    FUZZ_CHECK(dup2(shown, STDOUT_FILENO) >= 0);
    ssize_t len = pread(own, text, sizeof text, 0);
    FUZZ_CHECK(len > 0);
    if ((size_t)len < sizeof text) {
        fuzz_check_utf8(text, (size_t)len);
    }
}

/* One file for all inputs: only its bytes change. */
static const char *file_of(const uint8_t *data, size_t len)
{
    static char path[64];
    static int file = -1;
    if (file < 0) {
        file = memfd_create("input", 0);
        FUZZ_CHECK(file >= 0);
        snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    }
    FUZZ_CHECK(ftruncate(file, (off_t)len) == 0);
    FUZZ_CHECK(pwrite(file, data, len, 0) == (ssize_t)len);
    return path;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct fuzz_outcome outcome;
    unsigned variant = len > 0 ? data[len - 1] : 0;
    fuzz_image(data, len, &outcome);
    if (!outcome.complete) {
        return 0;
    }
    const char *path = file_of(data, len);
    run_check(path, &outcome, variant);
    run_events(path, &outcome, variant);
    if (outcome.opened) { /* else it only says so, on standard error */
        run_info(path, variant);
    }
    return 0;
}
