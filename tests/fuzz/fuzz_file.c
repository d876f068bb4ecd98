/* A whole trace file: headers, index, every record kind, decoder and tracker behind them; then all
 * of the program but its command line, with every report. */

#define _GNU_SOURCE /* memfd_create */

#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "analyzer/analysis.h"

#define FORMATS_MAX 32
#define REPORT_LEN_MAX (8u << 20)

/* Every report of one run. */
struct reports {
    struct out outs[FORMATS_MAX];
    void *users[FORMATS_MAX];
    uint64_t conflicts, operations;
};

static void begin(void *user, const struct report_input *input)
{
    struct reports *reports = user;
    for (size_t i = 0; i < report_format_count; i++)
        if (report_formats[i]->begin_input)
            report_formats[i]->begin_input(reports->users[i], 0, input);
}

static void on_conflict(void *user, const struct report_input *input,
                        const struct conflict *conflict)
{
    struct reports *reports = user;
    reports->conflicts++;
    for (size_t i = 0; i < report_format_count; i++)
        if (report_formats[i]->conflict)
            report_formats[i]->conflict(reports->users[i], 0, input, conflict);
}

static void on_operation(void *user, const struct report_input *input, const struct operation *op)
{
    struct reports *reports = user;
    reports->operations++;
    for (size_t i = 0; i < report_format_count; i++)
        if (report_formats[i]->operation)
            report_formats[i]->operation(reports->users[i], 0, input, op);
}

static void reports_create(struct reports *reports, const struct report_settings *settings)
{
    *reports = (struct reports){0};
    FUZZ_CHECK(report_format_count <= FORMATS_MAX);
    for (size_t i = 0; i < report_format_count; i++) {
        out_init_memory(&reports->outs[i], REPORT_LEN_MAX);
        reports->users[i] = report_formats[i]->create(&reports->outs[i], settings);
        FUZZ_CHECK(reports->users[i] != NULL);
    }
}

static void reports_finish(struct reports *reports, const struct report *report)
{
    for (size_t i = 0; i < report_format_count; i++) {
        const struct report_format *format = report_formats[i];
        size_t len = 0;
        if (format->end_input)
            format->end_input(reports->users[i], 0, report->inputs);
        if (format->finish)
            format->finish(reports->users[i], report);
        format->destroy(reports->users[i]);
        char *text = out_take(&reports->outs[i], &len);
        if (text) /* or it is too large */
            fuzz_check_utf8(text, len);
        free(text);
    }
}

/* The program's result must be that of its parts, which see the same events without hints and
 * batches. */
static void run_program(const char *path, const struct fuzz_outcome *outcome, bool verbose)
{
    struct report_settings settings = {
        .fail_on = RULE_WARNING, .verbose = verbose, .color = verbose, .jobs = 1};
    struct analysis_hooks hooks = {
        .begin = begin, .conflict = on_conflict, .operation = on_operation};
    struct report_input input;
    struct reports reports;
    for (size_t i = 0; i < RULE_COUNT; i++)
        settings.rule_enabled[i] = true;
    reports_create(&reports, &settings);
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
    fuzz_image(data, len, &outcome);
    if (outcome.complete)
        run_program(file_of(data, len), &outcome, len > 0 && data[len - 1] & 1);
    return 0;
}
