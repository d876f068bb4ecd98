/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/support/oracle_internal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/analysis.h"

static void analysis_operation(void *user, const struct report_input *input,
                               const struct operation *op)
{
    (void)input;
    oracle_take_operation(user, op);
}

static void analysis_conflict(void *user, const struct report_input *input,
                              const struct conflict *conflict)
{
    (void)input;
    oracle_take_conflict(user, conflict);
}

/* Writes a file that holds the trace, by the template in `path`, which becomes the file's path. */
static void write_image(const struct scenario *scenario, char *path)
{
    struct trace trace;
    struct trace_bytes image = {0};
    struct trace_errors errors;
    trace_init(&trace);
    scenario_trace(scenario, &trace);
    if (!trace_write(&trace, &image, &errors)) {
        fprintf(stderr, "a trace that can't be written: %s\n", errors.text);
        abort();
    }
    int file = mkstemp(path);
    if (file < 0 || write(file, image.data, image.len) != (ssize_t)image.len || close(file) != 0) {
        abort();
    }
    trace_bytes_finish(&image);
    trace_finish(&trace);
}

static struct oracle_finding finding_of(const struct finding *finding)
{
    struct oracle_finding out = {
        .shown = oracle_conflict_of(finding->examples[0]),
        .process = finding->process ? finding->process->address : 0,
        .count = finding->count,
        .posts = finding->posts,
        .harmful = finding->harmful,
        .count_is_minimum = finding->count_is_minimum,
        .first_time = finding->first_time.ticks,
        .last_time = finding->last_time.ticks,
        .endpoints = finding->endpoints,
        .addresses = finding->addresses,
        .other_count = finding->example_count - 1,
    };
    for (unsigned i = 1; i < finding->example_count; i++) {
        out.others[i - 1] = oracle_conflict_of(finding->examples[i]);
    }
    return out;
}

static void print_findings(const struct report_input *input, FILE *out)
{
    size_t count = findings_count(input->findings);
    struct oracle_finding *findings = calloc(count ? count : 1, sizeof *findings);
    if (findings == NULL) {
        abort();
    }
    for (size_t i = 0; i < count; i++) {
        findings[i] = finding_of(findings_at(input->findings, i));
    }
    oracle_print_findings(out, findings, count);
    free(findings);
}

static void print_verdict(const struct report_input *input, FILE *out)
{
    for (unsigned cause = 0; cause < CAUSE_COUNT; cause++) {
        if (input->causes & CAUSE_BIT(cause)) {
            fprintf(out, "cause %s\n", cause_name((enum cause)cause));
        }
    }
    if (no_posts_name(input->no_posts) != NULL) {
        fprintf(out, "no-posts: %s\n", no_posts_name(input->no_posts));
    }
    if (input->sure_conflicts > 0 && !input->any_long_exposure) {
        fprintf(out, "caveat brief-exposure\n");
    }
    fprintf(out, "verdict %s exit %d\n", verdict_name(input->verdict),
            verdict_exit(input->verdict));
}

/* Analyses the file, and returns what the run says in the end; the caller frees the text. */
static char *analyse(const char *path, const struct scenario *scenario,
                     const struct analysis_hooks *hooks)
{
    struct report_settings settings = {.fail_on = RULE_WARNING,
                                       .min_visible = scenario->min_visible};
    struct report_input input;
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    if (out == NULL) {
        abort();
    }
    for (size_t i = 0; i < RULE_COUNT; i++) {
        settings.rule_enabled[i] = true;
    }
    memset(&input, 0, sizeof input);
    struct analysis *analysis = analysis_run(&path, 1, &settings, hooks, &input);
    if (analysis == NULL || !input.opened || input.read_error) {
        fprintf(out, "the program can't read the trace\n");
    } else {
        struct model_coverage coverage = oracle_coverage_of(&input.coverage);
        oracle_print_coverage(out, &coverage);
        print_findings(&input, out);
        print_verdict(&input, out);
    }
    fclose(out);
    analysis_destroy(analysis);
    return text;
}

void oracle_run_program(const struct scenario *scenario, FILE *out)
{
    char path[64];
    const char *folder = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    snprintf(path, sizeof path, "%s/bufcheck-prove-XXXXXX", folder);
    write_image(scenario, path);

    struct oracle_sink sink;
    oracle_sink_open(&sink);
    const struct analysis_hooks hooks = {
        .user = &sink, .conflict = analysis_conflict, .operation = analysis_operation};
    char *text = analyse(path, scenario, &hooks);
    oracle_sink_close(&sink, out);
    fputs(text, out);
    free(text);
    unlink(path);
}
