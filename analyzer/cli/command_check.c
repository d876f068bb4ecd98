/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cli/command_check.h"

#include <inttypes.h>
#include <stdlib.h>

#include "analyzer/analysis.h"
#include "base/jobs.h"
#include "base/platform.h"
#include "analyzer/cli/message.h"
#include "analyzer/cli/progress.h"
#include "analyzer/cli/report_file.h"
#include "analyzer/reports/suppression_format.h"
#include "analyzer/cli/symbol_options.h"

/* One report that is being written. */
struct channel {
    const struct report_format *format;
    struct report_settings settings; /* the run's, with this channel's colour */
    struct report_file file;
    void *user; /* the format's own; NULL once it failed to start */
};

struct check {
    const struct options *options;
    struct report_settings settings; /* the options', with what is known */
    struct known known;
    struct channel channels[OPTIONS_OUTPUTS_MAX];
    size_t channel_count;
    struct report_input *inputs;
    struct analysis **analyses; /* one for each input: the input points into it */
    size_t input_count;
    size_t current;          /* index of the input that is being analysed */
    bool begun;              /* the formats know of it */
    struct symbols *symbols; /* NULL: nobody asked for functions and lines */
    struct across *across;   /* NULL: one input */
    struct progress progress;
};

/* ---- outputs ---- */

/* True if whoever reads standard output reads the messages on standard error, too. */
static bool messages_are_beside(void)
{
    struct platform_status out, error;
    if (platform_is_terminal(stdout) && platform_is_terminal(stderr)) {
        return true;
    }
    return platform_status_of_descriptor(platform_descriptor(stdout), &out) &&
           platform_status_of_descriptor(platform_descriptor(stderr), &error) &&
           platform_same_file(&out, &error);
}

static bool open_channel(struct check *check, const struct options_output *output)
{
    const struct options *options = check->options;
    struct channel *channel = &check->channels[check->channel_count];
    if (!report_file_open(&channel->file, output->path)) {
        return false;
    }
    check->channel_count++;
    channel->format = check->options->gen_suppressions ? &report_suppressions
                                                       : report_format_find(output->format);
    channel->settings = check->settings;
    bool shown = channel->format->colored && output->path == NULL;
    channel->settings.color = shown && terminal_color(options->color);
    channel->settings.errors_told = shown && messages_are_beside();
    channel->user = channel->format->create(&channel->file.out, &channel->settings);
    if (channel->user == NULL) {
        message_print("%s: out of memory", output_file_name(&channel->file.file));
    }
    return channel->user != NULL;
}

static bool open_channels(struct check *check)
{
    for (size_t i = 0; i < check->options->output_count; i++) {
        if (!open_channel(check, &check->options->outputs[i])) {
            return false;
        }
    }
    return true;
}

static bool close_channels(struct check *check, bool keep)
{
    bool written = true;
    for (size_t i = 0; i < check->channel_count; i++) {
        struct channel *channel = &check->channels[i];
        if (channel->user != NULL) {
            channel->format->destroy(channel->user);
        }
        written = report_file_close(&channel->file, keep) && written;
    }
    return written;
}

/* ---- inputs ---- */

static void on_begin(void *user, const struct report_input *input)
{
    struct check *check = user;
    check->begun = true;
    for (size_t i = 0; i < check->channel_count; i++) {
        const struct channel *channel = &check->channels[i];
        if (channel->format->begin_input != NULL) {
            channel->format->begin_input(channel->user, check->current, input);
        }
    }
}

static void on_conflict(void *user, const struct report_input *input,
                        const struct conflict *conflict)
{
    struct check *check = user;
    for (size_t i = 0; i < check->channel_count; i++) {
        const struct channel *channel = &check->channels[i];
        if (channel->format->conflict != NULL) {
            channel->format->conflict(channel->user, check->current, input, conflict);
        }
    }
}

static void on_operation(void *user, const struct report_input *input, const struct operation *op)
{
    struct check *check = user;
    for (size_t i = 0; i < check->channel_count; i++) {
        const struct channel *channel = &check->channels[i];
        if (channel->format->operation != NULL) {
            channel->format->operation(channel->user, check->current, input, op);
        }
    }
}

static bool wants_names_first(const struct check *check)
{
    for (size_t i = 0; i < check->channel_count; i++) {
        if (check->channels[i].format->names_first) {
            return true;
        }
    }
    return false;
}

/* The hooks cost a call for every conflict and operation of the trace. */
static bool wants_conflicts(const struct check *check)
{
    for (size_t i = 0; i < check->channel_count; i++) {
        if (check->channels[i].format->conflict != NULL) {
            return true;
        }
    }
    return false;
}

static bool wants_operations(const struct check *check)
{
    for (size_t i = 0; i < check->channel_count; i++) {
        if (check->channels[i].format->operation != NULL) {
            return true;
        }
    }
    return false;
}

/* True while some report can still be written. */
static bool is_report_wanted(const struct check *check)
{
    for (size_t i = 0; i < check->channel_count; i++) {
        if (!out_failed(&check->channels[i].file.out)) {
            return true;
        }
    }
    return false;
}

static bool on_progress(void *user, uint64_t done, uint64_t total)
{
    struct check *check = user;
    progress_show(&check->progress, done, total);
    return is_report_wanted(check);
}

static void end_input(struct check *check, const struct report_input *input)
{
    for (size_t i = 0; i < check->channel_count; i++) {
        const struct channel *channel = &check->channels[i];
        if (channel->format->end_input != NULL) {
            channel->format->end_input(channel->user, check->current, input);
        }
    }
}

static bool follows_inputs(const struct check *check);

/* A format that follows the inputs prints an input's end before the others are read. */
static void name_early(struct check *check, size_t index)
{
    struct analysis *analysis = check->analyses[index];
    if (check->symbols == NULL || analysis == NULL || !follows_inputs(check)) {
        return;
    }
    analysis_resolve(analysis, check->symbols, &check->options->settings);
    if (!symbols_are_late(check->symbols)) {
        analysis_use_functions(analysis);
    }
}

static size_t on_held(void *user)
{
    const struct check *check = user;
    size_t held = 0;
    for (size_t i = 0; i < check->channel_count; i++) {
        const struct channel *channel = &check->channels[i];
        held += channel->format->held != NULL ? channel->format->held(channel->user) : 0;
    }
    return held;
}

static void analyse_input(struct check *check, size_t index, const char *const *paths, size_t count)
{
    struct analysis_hooks hooks = {
        .user = check, .begin = on_begin, .held = on_held, .progress = on_progress};
    if (follows_inputs(check)) {
        hooks.symbols = check->symbols;
    }
    hooks.names_first = wants_names_first(check);
    if (wants_conflicts(check)) {
        hooks.conflict = on_conflict;
    }
    if (wants_operations(check)) {
        hooks.operation = on_operation;
    }
    struct report_input *input = &check->inputs[index];
    check->current = index;
    check->begun = false;
    progress_file(&check->progress, paths[0]);
    check->analyses[index] = analysis_run(paths, count, &check->settings, &hooks, input);
    if (input->errors.count > 0) {
        progress_clear(&check->progress);
    }
    if (!check->begun) {
        on_begin(check, input);
    }
    name_early(check, index);
    end_input(check, input);
    message_print_chain(&input->errors);
    progress_file_done(&check->progress, paths[0]);
}

/* True if a format wants to see an input while it is analysed: then inputs go one by one. */
static bool follows_inputs(const struct check *check)
{
    for (size_t i = 0; i < check->channel_count; i++) {
        const struct report_format *format = check->channels[i].format;
        if (format->begin_input != NULL || format->conflict != NULL || format->operation != NULL) {
            return true;
        }
    }
    return false;
}

/* Runs on a thread of its own, and touches nothing that another input's analysis does. */
static void run_input(void *user, size_t index)
{
    struct check *check = user;
    struct report_settings settings = check->settings;
    settings.jobs = 1;
    check->analyses[index] =
        analysis_run(&check->options->paths[index], 1, &settings, NULL, &check->inputs[index]);
}

static void take_input(void *user, size_t index)
{
    struct check *check = user;
    check->current = index;
    end_input(check, &check->inputs[index]);
    if (check->inputs[index].errors.count > 0) {
        progress_clear(&check->progress);
    }
    message_print_chain(&check->inputs[index].errors);
    progress_file_done(&check->progress, check->options->paths[index]);
}

static void analyse_all(struct check *check)
{
    const struct options *options = check->options;
    unsigned threads = jobs_threads(options->settings.jobs);
    progress_begin(&check->progress, options);
    if (options->one_timeline) {
        analyse_input(check, 0, options->paths, options->path_count);
    } else if (check->input_count > 1 && threads > 1 && !follows_inputs(check)) {
        uint64_t each = options->settings.max_memory;
        jobs_run(jobs_within(threads, platform_memory(), each), check->input_count, run_input,
                 take_input, check);
    } else {
        for (size_t i = 0; i < check->input_count && is_report_wanted(check); i++) {
            analyse_input(check, i, &options->paths[i], 1);
        }
    }
    progress_clear(&check->progress);
}

/* ---- known findings ---- */

static bool open_baseline(struct check *check)
{
    const char *baseline = check->options->baseline;
    struct error_chain errors;
    error_chain_init(&errors);
    if (baseline == NULL) {
        return true;
    }
    if (!baseline_open(&check->known.baseline, baseline, &errors)) {
        message_print_chain(&errors);
        return false;
    }
    uint64_t omitted = baseline_omitted(check->known.baseline);
    if (omitted != 0) {
        message_print("%s: the report left out %" PRIu64 " findings, which will look new; write it "
                      "with --max-findings 0",
                      baseline, omitted);
    }
    return true;
}

static bool open_suppressions(struct check *check)
{
    const struct options *options = check->options;
    struct error_chain errors;
    uint32_t today = 0;
    error_chain_init(&errors);
    if (!suppressions_today(getenv("SOURCE_DATE_EPOCH"), &today)) {
        message_print("SOURCE_DATE_EPOCH is '%.60s', no number of seconds",
                      getenv("SOURCE_DATE_EPOCH"));
        return false;
    }
    suppressions_init(&check->known.suppressions, today);
    for (size_t i = 0; i < options->suppression_count; i++) {
        if (!suppressions_open(&check->known.suppressions, options->suppressions[i], &errors)) {
            message_print_chain(&errors);
            return false;
        }
    }
    return true;
}

static bool open_known(struct check *check)
{
    const struct options *options = check->options;
    check->settings = options->settings;
    if (options->baseline == NULL && options->suppression_count == 0) {
        return true;
    }
    check->settings.known = &check->known;
    return open_baseline(check) && (options->suppression_count == 0 || open_suppressions(check));
}

/* Only when all inputs are read it is known which findings are new. */
static bool apply_known(struct check *check)
{
    struct known_input *inputs = calloc(check->input_count, sizeof *inputs);
    bool good = inputs != NULL;
    for (size_t i = 0; good && i < check->input_count; i++) {
        const struct report_input *input = &check->inputs[i];
        inputs[i] = (struct known_input){input->findings, &input->frames, input->clock};
    }
    good = good &&
           known_apply(&check->known, inputs, check->input_count, check->settings.rule_enabled);
    free(inputs);
    for (size_t i = 0; i < check->input_count; i++) {
        struct report_input *input = &check->inputs[i];
        if (input->verdict != VERDICT_ERROR) {
            input->verdict = verdict_decide(findings_gate(input->findings), input->causes, 0);
        }
    }
    if (!good) {
        message_print("out of memory");
    }
    return good;
}

/* ---- functions ---- */

static void resolve_input(const struct check *check, struct analysis *analysis)
{
    analysis_resolve(analysis, check->symbols, &check->options->settings);
}

static void use_functions(const struct check *check, struct analysis *analysis)
{
    (void)check;
    analysis_use_functions(analysis);
}

/* Errors of an input were printed when it had been read: one that comes later is printed here. */
static void name_later(const struct check *check, size_t index,
                       void (*step)(const struct check *check, struct analysis *analysis))
{
    const struct error_chain *errors = &check->inputs[index].errors;
    size_t before = errors->count;
    step(check, check->analyses[index]);
    if (errors->count > before) {
        message_print("%s: out of memory", check->inputs[index].path);
    }
}

/* Fingerprints hold functions in a whole run or not at all: those of a run that was too slow would
 * differ from those of the next. */
static void name_all(struct check *check)
{
    if (check->symbols == NULL) {
        return;
    }
    for (size_t i = 0; i < check->input_count; i++) {
        if (check->analyses[i] != NULL) {
            name_later(check, i, resolve_input);
        }
    }
    for (size_t i = 0; i < check->input_count && !symbols_are_late(check->symbols); i++) {
        if (check->analyses[i] != NULL) {
            name_later(check, i, use_functions);
        }
    }
}

/* ---- causes ---- */

/* Fingerprints are final when functions are known. */
static bool find_causes(struct check *check)
{
    if (check->input_count < 2) {
        return true;
    }
    struct across_input *inputs = calloc(check->input_count, sizeof *inputs);
    for (size_t i = 0; inputs != NULL && i < check->input_count; i++) {
        inputs[i] = (struct across_input){check->inputs[i].findings, check->inputs[i].path};
    }
    check->across = inputs != NULL ? across_create(inputs, check->input_count) : NULL;
    free(inputs);
    if (check->across == NULL) {
        message_print("out of memory");
    }
    return check->across != NULL;
}

/* ---- the whole ---- */

static int finish_reports(struct check *check)
{
    struct report report = {
        .inputs = check->inputs, .input_count = check->input_count, .across = check->across};
    report.verdict = check->inputs[0].verdict;
    for (size_t i = 1; i < check->input_count; i++) {
        report.verdict = verdict_worse(report.verdict, check->inputs[i].verdict);
    }
    report.exit_status = verdict_exit(report.verdict);
    for (size_t i = 0; i < check->channel_count; i++) {
        const struct channel *channel = &check->channels[i];
        report.settings = &channel->settings;
        if (channel->format->finish != NULL) {
            channel->format->finish(channel->user, &report);
        }
    }
    return report.exit_status;
}

static bool allocate_inputs(struct check *check)
{
    check->input_count = check->options->one_timeline ? 1 : check->options->path_count;
    check->inputs = calloc(check->input_count, sizeof *check->inputs);
    check->analyses = calloc(check->input_count, sizeof *check->analyses);
    if (check->inputs != NULL && check->analyses != NULL) {
        return true;
    }
    message_print("no memory for %zu inputs", check->input_count);
    return false;
}

int command_check(const struct options *options)
{
    struct check check = {.options = options};
    int status = verdict_exit(VERDICT_ERROR);
    bool complete = open_known(&check) && allocate_inputs(&check) &&
                    symbol_options_create(options, &check.symbols) && open_channels(&check);
    if (complete) {
        analyse_all(&check);
        name_all(&check);
        complete = check.settings.known == NULL || apply_known(&check);
    }
    /* Inputs may have been left out where no report is wanted any more. */
    if (complete && is_report_wanted(&check)) {
        complete = find_causes(&check);
        status = complete ? finish_reports(&check) : status;
    }
    if (!close_channels(&check, complete)) {
        status = verdict_exit(VERDICT_ERROR);
    }
    across_destroy(check.across);
    for (size_t i = 0; check.analyses != NULL && i < check.input_count; i++) {
        analysis_destroy(check.analyses[i]);
    }
    symbols_destroy(check.symbols);
    free(check.analyses);
    free(check.inputs);
    known_finish(&check.known);
    return status;
}
