/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/analysis.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/analysis_parts.h"
#include "analyzer/event_feed.h"
#include "analyzer/process_coverage.h"
#include "analyzer/known/suppression_match.h"
#include "analyzer/settled_queue.h"
#include "analyzer/names_first.h"
#include "analyzer/twin_inputs.h"
#include "analyzer/tracker/call_stacks.h"
#include "analyzer/tracker/look_ahead.h"
#include "analyzer/tracker/tracker.h"
#include "analyzer/tracker/tracker_memory.h"
#include "base/byte_source.h"
#include "base/input_source.h"
#include "base/jobs.h"
#include "parsers/afd/afd_behavior.h"
#include "parsers/afd/afd_decode.h"
#include "parsers/afd/afd_schema.h"
#include "parsers/kernel/kernel_events.h"
#include "parsers/kernel/kernel_stacks.h"

#define READ_ERRORS_MAX 1000          /* unreadable places after which the rest is given up */
#define AHEAD_MIN (1u << 20)          /* bytes of trace for which a thread that reads ahead pays */
#define AHEAD_MEMORY_MIN (512u << 20) /* the least --max-memory with a thread that reads ahead */
#define PROGRESS_RECORDS 65536

void analysis_fail_memory(struct analysis *analysis)
{
    if (!analysis->no_memory) {
        error_chain_add(&analysis->input->errors, ERROR_NO_OFFSET, "%s: out of memory",
                        analysis->input->path);
    }
    analysis->no_memory = true;
}

/* ---- the limit on memory ---- */

#define FINDINGS_ASKED 16 /* conflicts after which findings are asked for their bytes again */
#define FINDINGS_STEP (256u << 10) /* bytes of findings after which all memory is weighed again */

static size_t held_by_reports(const struct analysis *analysis)
{
    const struct analysis_hooks *hooks = &analysis->hooks;
    return hooks->held != NULL ? hooks->held(hooks->user) : 0;
}

/* Asks all that grows how much it holds; `more` events are to come before the next time. */
static void weigh(struct analysis *analysis, size_t more)
{
    uint64_t *held = analysis->input->memory.held;
    struct tracker_memory tracker;
    tracker_memory_get(analysis->tracker, more, &tracker);
    held[MEMORY_OPERATIONS] = tracker.operations;
    held[MEMORY_CONFLICTS] = tracker.conflicts;
    held[MEMORY_STACKS] = tracker.stacks;
    held[MEMORY_PLACES] = tracker.places;
    held[MEMORY_FINDINGS] = findings_bytes(analysis->findings);
    held[MEMORY_NAMES] = names_bytes(analysis->names);
    held[MEMORY_REPORTS] = held_by_reports(analysis) - analysis->held_before;
    analysis->findings_weighed = findings_bytes(analysis->findings);
}

static void fail_limit(struct analysis *analysis)
{
    struct memory_limit *memory = &analysis->input->memory;
    char text[MEMORY_LIMIT_TEXT_LEN];
    if (!memory->stopped) {
        memory->stopped = true;
        memory_limit_text(memory, text);
        error_chain_add(&analysis->input->errors, ERROR_NO_OFFSET, "%s: %s", analysis->input->path,
                        text);
    }
}

/* Called between two batches of events. */
static void watch_reading(struct analysis *analysis, const struct event_batch *batch)
{
    struct memory_limit *memory = &analysis->input->memory;
    if (memory->stopped) {
        return;
    }
    memory->held[MEMORY_READER] = batch->held;
    weigh(analysis, 2 * EVENT_BATCH_MAX); /* an event adds to a table twice at most */
    if (memory_limit_ends_reading(memory)) {
        fail_limit(analysis);
    }
}

/* Any number of conflicts may be settled by one event, and by the end of the trace above all. True:
 * the findings must not grow any more. */
static bool watch_findings(struct analysis *analysis)
{
    struct memory_limit *memory = &analysis->input->memory;
    bool asks = analysis->conflicts_told++ % FINDINGS_ASKED == 0;
    if (asks && findings_bytes(analysis->findings) - analysis->findings_weighed >= FINDINGS_STEP) {
        struct memory_limit before = *memory;
        weigh(analysis, 0);
        memory->full = memory_limit_is_reached(memory);
        if (memory->full) {
            fail_limit(analysis);
        }
        if (before.stopped) {
            memcpy(memory->held, before.held, sizeof memory->held);
        }
    }
    return memory->full;
}

/* ---- hooks of the queue, which tells what the tracker has told before ---- */

static bool rule_is_enabled(const struct analysis *analysis, const struct rule *rule)
{
    return analysis->all_rules || analysis->settings->rule_enabled[rules_index(rule)];
}

/* An end that is logged late would look like a short exposure: a caveat where all are short. */
static void note_exposure(struct report_input *input, const struct conflict *conflict)
{
    const struct op_ending *ended = conflict->first->ended;
    if (conflict->confidence == CONFIDENCE_POSSIBLE || ended == NULL) {
        return;
    }
    input->sure_conflicts++;
    input->any_long_exposure = input->any_long_exposure ||
                               etl_clock_duration_ns(input->clock, conflict->second->posted.ticks,
                                                     ended->at.ticks) >= REPORT_SHORT_EXPOSURE_NS;
}

static struct filter_scene scene_of(const struct analysis *analysis)
{
    const int64_t *from = analysis->hooks.filters_from;

    return (struct filter_scene){&analysis->settings->filter, analysis->all_names,
                                 analysis->input->clock,
                                 from != NULL ? *from : analysis->input->first_ticks};
}

/* Rules that are switched off count in coverage, too. */
static void count_selected(struct analysis *analysis, const struct conflict *conflict)
{
    if (!filter_has_process(&analysis->settings->filter)) {
        return;
    }
    const struct filter_scene scene = scene_of(analysis);
    const struct operation *op = conflict->second;
    if (filter_admits_process(&scene, op->process->address, op->process->pid, op->posted.order)) {
        process_coverage_conflict(&analysis->selected, conflict);
    }
}

static bool selects_conflict(const struct analysis *analysis, const struct conflict *conflict)
{
    if (!analysis->filters) {
        return true;
    }
    const struct filter_scene scene = scene_of(analysis);
    return filter_admits_conflict(&scene, conflict);
}

static void tell_conflict(void *user, struct conflict *conflict)
{
    struct analysis *analysis = user;
    const struct report_settings *settings = analysis->settings;
    if (watch_findings(analysis)) {
        return;
    }
    conflict->hidden = !selects_conflict(analysis, conflict);
    conflict->gates = !conflict->hidden && !settings->fail_never &&
                      conflict->level >= settings->fail_on &&
                      (settings->known == NULL ||
                       known_gates(settings->known, conflict, &analysis->input->frames));
    bool in_modules = analysis->modules.count == 0 ||
                      finding_in_modules(conflict, &analysis->input->frames, &analysis->modules);
    conflict->gates = conflict->gates && in_modules;
    if (!conflict->hidden) {
        note_exposure(analysis->input, conflict);
    }
    /* Unless names were read first, the record that names the module of a call site may still come.
     * The conflict is told then, and only its finding, at the end, is asked for its modules. */
    bool is_told = !conflict->hidden && (in_modules || !analysis->hooks.names_first);
    if (is_told && analysis->hooks.conflict != NULL) {
        analysis->hooks.conflict(analysis->hooks.user, analysis->input, conflict);
    }
    if (!findings_settled(analysis->findings, conflict)) {
        analysis_fail_memory(analysis);
    }
}

static void tell_operation(void *user, const struct operation *op)
{
    struct analysis *analysis = user;
    const struct filter_scene scene = scene_of(analysis);
    if (filter_has_process(scene.filter) &&
        filter_admits_process(&scene, op->process->address, op->process->pid, op->posted.order)) {
        process_coverage_operation(&analysis->selected, op);
    }
    if (analysis->filters && !filter_admits_operation(&scene, op)) {
        return;
    }
    analysis->any_selected = true;
    if (analysis->hooks.operation != NULL) {
        analysis->hooks.operation(analysis->hooks.user, analysis->input, op);
    }
}

/* ---- hooks of the tracker ---- */

static void on_settled(void *user, struct conflict *conflict)
{
    struct analysis *analysis = user;
    count_selected(analysis, conflict);
    if (rule_is_enabled(analysis, conflict->rule) &&
        !settled_queue_conflict(analysis->settled, conflict)) {
        analysis_fail_memory(analysis);
    }
}

static void on_operation(void *user, struct operation *op)
{
    struct analysis *analysis = user;
    if (!settled_queue_operation(analysis->settled, op)) {
        analysis_fail_memory(analysis);
    }
}

static void on_rejected(void *user, const struct process_info *process, int64_t order)
{
    struct analysis *analysis = user;
    const struct filter_scene scene = scene_of(analysis);
    if (filter_admits_process(&scene, process->address, process->pid, order)) {
        process_coverage_rejected(&analysis->selected);
    }
}

static bool is_lost(void *user, int64_t from_order, int64_t to_order)
{
    struct analysis *analysis = user;
    if (analysis->input->memory.stopped && to_order == INT64_MAX) {
        return true; /* the end was not looked for */
    }
    if (analysis->batch != NULL && !analysis->batch->any_loss) {
        return false;
    }
    return etl_reader_loss(analysis->reader, from_order, to_order) != ETL_LOSS_NONE;
}

/* Traces without an event that is wanted are long, too. */
static void on_record(void *user, const struct etl_event *event)
{
    struct analysis *analysis = user;
    const struct analysis_hooks *hooks = &analysis->hooks;
    hooks->record(hooks->user, event);
    if (++analysis->records % PROGRESS_RECORDS == 0 && hooks->progress != NULL &&
        analysis->reader != NULL) {
        uint64_t done, total;
        etl_reader_progress(analysis->reader, &done, &total);
        hooks->progress(hooks->user, done, total);
    }
}

/* ---- parts ---- */

static bool open_sources(struct analysis *analysis, const char *const *paths)
{
    if (analysis->hooks.source != NULL) {
        assert(analysis->source_count == 1);
        analysis->sources[0] = analysis->hooks.source;
        return true;
    }
    for (size_t i = 0; i < analysis->source_count; i++) {
        if (input_source_open(paths[i], etl_reader_check_start, &analysis->sources[i],
                              &analysis->input->errors)) {
            error_chain_add(&analysis->input->errors, ERROR_NO_OFFSET, "%s", paths[i]);
            return false;
        }
    }
    return twin_inputs_check(analysis->sources, paths, analysis->source_count,
                             &analysis->input->errors);
}

#define WANTED_MAX 64 /* more than both kinds of kernel records have */

/* Copies two lists behind each other. */
static size_t wanted_join(void *wanted, size_t item_len, const void *a, size_t a_count,
                          const void *b, size_t b_count)
{
    assert(a_count + b_count <= WANTED_MAX);
    memcpy(wanted, a, a_count * item_len);
    memcpy((char *)wanted + a_count * item_len, b, b_count * item_len);
    return a_count + b_count;
}

static bool open_reader(struct analysis *analysis, const char *const *paths)
{
    const struct guid providers[] = {afd_provider, kernel_process_provider,
                                     kernel_tracing_provider};
    struct guid classes[WANTED_MAX + 1];
    uint16_t hook_ids[WANTED_MAX];
    size_t class_count = wanted_join(classes, sizeof classes[0], kernel_classes, kernel_class_count,
                                     kernel_stack_classes, kernel_stack_class_count);
    classes[class_count++] = afd_schema_class;
    struct etl_reader_options options = {
        .observe = analysis->hooks.record != NULL ? on_record : NULL,
        .observe_user = analysis,
        .filter = {.providers = providers,
                   .provider_count = sizeof providers / sizeof providers[0],
                   .classes = classes,
                   .class_count = class_count,
                   .hook_ids = hook_ids,
                   .hook_id_count = wanted_join(hook_ids, sizeof hook_ids[0], kernel_hook_ids,
                                                kernel_hook_id_count, kernel_stack_hook_ids,
                                                kernel_stack_hook_id_count)},
        .is_post = afd_is_post};

    return etl_reader_open(analysis->sources, paths, analysis->source_count, &options,
                           &analysis->reader, &analysis->input->errors) == ETL_OK;
}

/* Names and ids of processes may come last in a trace, but --process and --pid ask at every
 * operation. */
static bool collect_names(struct analysis *analysis, const char *const *paths)
{
    if (!filter_has_process(&analysis->settings->filter)) {
        return true;
    }
    analysis->all_names = names_create();
    if (analysis->all_names == NULL ||
        !names_first_read(analysis->all_names, analysis->sources, paths, analysis->source_count)) {
        analysis_fail_memory(analysis);
        return false;
    }
    return true;
}

static struct tracker *create_tracker(struct analysis *analysis)
{
    bool wants_operations = analysis->hooks.operation != NULL || analysis->filters;
    bool selects = filter_has_process(&analysis->settings->filter);
    const struct tracker_hooks hooks = {.user = analysis,
                                        .operation_ended = wants_operations ? on_operation : NULL,
                                        .attempt_rejected = selects ? on_rejected : NULL,
                                        .conflict_settled = on_settled,
                                        .is_lost = is_lost};
    struct afd_beliefs beliefs;
    afd_beliefs_of(etl_windows_build(etl_reader_info(analysis->reader, 0), analysis->source_count),
                   &beliefs);
    uint64_t second = etl_reader_info(analysis->reader, 0)->clock.frequency;
    const struct tracker_options options = {.beliefs = &beliefs,
                                            .severity = analysis->severity,
                                            .second =
                                                second < INT64_MAX ? (int64_t)second : INT64_MAX};
    return tracker_create(&hooks, &options);
}

static uint64_t tags_of(void *user, const struct conflict *conflict)
{
    const struct analysis *analysis = user;
    return suppression_tags(&analysis->settings->known->suppressions, conflict);
}

static bool any_remote(const struct report_settings *settings)
{
    return settings->known != NULL && settings->known->suppressions.remote_count != 0;
}

static struct settled_queue *create_settled(struct analysis *analysis)
{
    const struct settled_hooks hooks = {
        .user = analysis, .operation = tell_operation, .conflict = tell_conflict};
    return settled_queue_create(analysis->tracker, &hooks);
}

static struct findings *create_findings(struct analysis *analysis)
{
    const struct report_settings *settings = analysis->settings;
    const struct findings_options options = {
        .keeps_hidden = settings->known != NULL || analysis->hooks.keeps_hidden,
        .severity = analysis->severity,
        .gates_from = settings->fail_never ? 0 : settings->fail_on,
        .modules = &analysis->modules,
        .tags = any_remote(settings) ? tags_of : NULL,
        .user = analysis,
    };
    return findings_create(analysis->tracker, &options);
}

static bool create_parts(struct analysis *analysis)
{
    for (size_t i = 0; i < RULE_COUNT; i++) {
        if (analysis->settings->has_override[i]) {
            analysis->severity[i] = analysis->settings->severity_override[i];
        }
    }
    analysis->tracker = create_tracker(analysis);
    analysis->names = names_create();
    analysis->schemas = afd_schemas_create();
    if (analysis->tracker != NULL) {
        analysis->findings = create_findings(analysis);
        analysis->settled = create_settled(analysis);
    }
    if (analysis->findings != NULL && analysis->settled != NULL && analysis->names != NULL &&
        analysis->schemas != NULL) {
        return true;
    }
    analysis_fail_memory(analysis);
    return false;
}

/* Copies of what the reader says now: reports read them after the reader has gone on. */
void analysis_refresh_input(struct analysis *analysis)
{
    struct report_input *input = analysis->input;
    bool any_time = false;
    for (size_t i = 0; i < analysis->source_count; i++) {
        const struct etl_record_counts *counts = etl_reader_counts(analysis->reader, i);
        analysis->traces[i] = *etl_reader_info(analysis->reader, i);
        analysis->counts[i] = *counts;
        if (counts->any_start && (!any_time || counts->start_ticks < input->first_ticks)) {
            input->first_ticks = counts->start_ticks;
            any_time = true;
        }
    }
    input->traces = analysis->traces;
    input->counts = analysis->counts;
    input->trace_count = analysis->source_count;
    input->clock = &analysis->traces[0].clock;
    if (!any_time) {
        input->first_ticks = input->clock->base_ticks;
    }
    input->names = analysis->names;
    input->frames.names = analysis->names;
    input->frames.own = &analysis->own_code;
    input->frames.symbols = analysis->hooks.symbols;
}

static bool feed_stack(struct analysis *analysis, const struct etl_event *event,
                       const struct kernel_stack *record)
{
    struct call_stacks *stacks = tracker_stacks(analysis->tracker);
    if (record->kind != KERNEL_STACK_HALF) {
        call_stacks_expect(stacks); /* where no hook id told of them before */
    }
    call_stacks_take(stacks, event, record);
    return !call_stacks_no_memory(stacks);
}

static bool feed_kernel(struct analysis *analysis, const struct etl_event *event)
{
    struct kernel_event kernel;
    struct kernel_stack stack;
    if (kernel_stack_decode(event, &stack)) {
        return feed_stack(analysis, event, &stack);
    }
    if (!kernel_decode(event, &kernel)) {
        return true;
    }
    if (!analysis->hooks.names_first && !names_add(analysis->names, &kernel, event->order)) {
        return false;
    }
    return analysis->input->memory.stopped || kernel.kind != KERNEL_PROCESS_END ||
           tracker_process_end(analysis->tracker, event, kernel.process_key, kernel.pid);
}

/* ---- events ---- */

static bool feed_event(struct analysis *analysis, const struct event_batch *batch, size_t at,
                       const struct match_hashes *hashes)
{
    const struct etl_event *event = &batch->events[at];
    switch (batch->statuses[at]) {
    case FEED_OTHER:
        return feed_kernel(analysis, event);
    case AFD_DECODE_OK:
        return tracker_afd(analysis->tracker, event, &batch->afd[at], &batch->actions[at], hashes);
    default:
        return tracker_afd_undecoded(analysis->tracker, event);
    }
}

/* Time has come to `order`: what has waited long enough for its stacks is told. */
static void tell_settled(struct analysis *analysis, int64_t order)
{
    if (!settled_queue_is_empty(analysis->settled)) {
        call_stacks_advance(tracker_stacks(analysis->tracker), order);
        settled_queue_drain(analysis->settled);
    }
}

/* Names may come last, and what was found is easier to understand with them: they are taken while
 * there is room. */
static void feed_names(struct analysis *analysis, const struct event_batch *batch)
{
    struct memory_limit *memory = &analysis->input->memory;
    struct memory_limit now = *memory;
    now.held[MEMORY_NAMES] = names_bytes(analysis->names);
    if (memory_limit_is_reached(&now)) {
        return;
    }
    for (size_t i = 0; i < batch->count && !analysis->no_memory; i++) {
        if (batch->statuses[i] == FEED_OTHER && !feed_kernel(analysis, &batch->events[i])) {
            analysis_fail_memory(analysis);
        }
    }
}

static void feed_batch(struct analysis *analysis, const struct event_batch *batch)
{
    struct match_hashes hashes[LOOK_AHEAD_MAX];

    if (batch->any_stacks) {
        call_stacks_expect(tracker_stacks(analysis->tracker));
    }
    for (size_t from = 0; from < batch->count && !analysis->no_memory; from += LOOK_AHEAD_MAX) {
        size_t left = batch->count - from;
        size_t count = left < LOOK_AHEAD_MAX ? left : LOOK_AHEAD_MAX;
        tracker_look_ahead(analysis->tracker, batch->events + from, batch->afd + from,
                           batch->actions + from, batch->statuses + from, count, hashes);
        for (size_t i = 0; i < count && !analysis->no_memory; i++) {
            tell_settled(analysis, batch->events[from + i].order);
            if (!feed_event(analysis, batch, from + i, &hashes[i])) {
                analysis_fail_memory(analysis);
            }
        }
    }
}

static bool still_wanted(const struct analysis *analysis, const struct event_batch *batch)
{
    const struct analysis_hooks *hooks = &analysis->hooks;
    return hooks->progress == NULL || hooks->progress(hooks->user, batch->done, batch->total);
}

/* False: there are no more events. */
static bool take_batch(struct analysis *analysis, const struct event_batch *batch)
{
    if (batch == NULL) {
        analysis_fail_memory(analysis);
        return false;
    }
    analysis->batch = batch;
    if (analysis->hooks.batch != NULL) {
        analysis->hooks.batch(analysis->hooks.user, batch);
    }
    if (analysis->input->memory.stopped) {
        feed_names(analysis, batch);
    } else {
        feed_batch(analysis, batch);
        watch_reading(analysis, batch);
    }
    analysis->unwanted = !still_wanted(analysis, batch);
    /* Several places may be unreadable: the first is told. */
    bool tell = analysis->input->errors.count == 0 || batch->status == ETL_NO_MEMORY;
    for (unsigned i = 0; tell && i < batch->errors.count; i++) {
        error_chain_add(&analysis->input->errors, batch->errors.causes[i].offset, "%s",
                        batch->errors.causes[i].text);
    }
    if (batch->status == ETL_NO_MEMORY) {
        analysis->no_memory = true;
    }
    if (batch->status < ETL_OK) {
        analysis->input->read_error = true;
    }
    return !analysis->no_memory && !analysis->unwanted &&
           (batch->status == ETL_OK ||
            (batch->status == ETL_READ_ERROR && ++analysis->read_errors < READ_ERRORS_MAX));
}

/* Buffers for reading ahead are not counted, so they must be little beside the limit. */
static bool reads_ahead(const struct analysis *analysis)
{
    uint64_t done, total;
    etl_reader_progress(analysis->reader, &done, &total);
    return jobs_threads(analysis->settings->jobs) > 1 && total >= AHEAD_MIN &&
           analysis->input->memory.max >= AHEAD_MEMORY_MIN;
}

/* The first event is fetched before the hooks see the trace: only then its time is known. */
static void read_events(struct analysis *analysis)
{
    struct event_feed *events = event_feed_create(analysis->reader);
    if (events != NULL) {
        event_feed_decode_by(events, analysis->schemas);
    }
    if (events != NULL && reads_ahead(analysis)) {
        event_feed_read_ahead(events);
    }
    const struct event_batch *batch = events != NULL ? event_feed_next(events, 1) : NULL;
    analysis_refresh_input(analysis);
    if (analysis->hooks.begin != NULL) {
        analysis->hooks.begin(analysis->hooks.user, analysis->input);
    }
    while (take_batch(analysis, batch)) {
        batch = event_feed_next(events, 0);
    }
    analysis->batch = NULL;
    event_feed_destroy(events);
}

/* Reports come when all inputs are read: until then only what they show is kept, no open file. */
static void close_inputs(struct analysis *analysis)
{
    etl_reader_destroy(analysis->reader);
    analysis->reader = NULL;
    for (size_t i = 0; analysis->sources != NULL && i < analysis->source_count; i++) {
        if (analysis->hooks.source == NULL) {
            byte_source_destroy(analysis->sources[i]);
        }
    }
    free(analysis->sources);
    analysis->sources = NULL;
}

static void run(struct analysis *analysis, const char *const *paths)
{
    if (!open_sources(analysis, paths) || !collect_names(analysis, paths) ||
        !open_reader(analysis, paths) || !create_parts(analysis)) {
        return;
    }
    analysis->input->opened = true;
    if (analysis->hooks.names_first &&
        !names_first_read(analysis->names, analysis->sources, paths, analysis->source_count)) {
        analysis_fail_memory(analysis);
    }
    read_events(analysis);
    analysis_conclude(analysis);
    if (analysis->input->no_posts == NO_POSTS_PROVIDER && !analysis->input->memory.stopped &&
        !recorded_providers_read(&analysis->input->recorded, analysis->sources, paths,
                                 analysis->source_count)) {
        analysis_fail_memory(analysis);
        analysis_decide(analysis);
    }
    analysis_drop_unseen(analysis);
}

struct analysis *analysis_run(const char *const *paths, size_t path_count,
                              const struct report_settings *settings,
                              const struct analysis_hooks *hooks, struct report_input *input)
{
    struct analysis *analysis = calloc(1, sizeof *analysis);
    *input = (struct report_input){.path = paths[0], .verdict = VERDICT_ERROR};
    error_chain_init(&input->errors);
    memory_limit_init(&input->memory, settings->max_memory);
    if (analysis == NULL) {
        error_chain_add(&input->errors, ERROR_NO_OFFSET, "%s: out of memory", paths[0]);
        return NULL;
    }
    analysis->settings = settings;
    analysis->filters = filter_is_on(&settings->filter);
    analysis->all_rules = memchr(settings->rule_enabled, false, RULE_COUNT) == NULL;
    analysis->own_code = settings->own_code;
    analysis->modules = settings->modules;
    analysis->input = input;
    analysis->source_count = path_count;
    if (hooks != NULL) {
        analysis->hooks = *hooks;
    }
    analysis->held_before = held_by_reports(analysis);
    analysis->sources = calloc(path_count, sizeof *analysis->sources);
    analysis->traces = calloc(path_count, sizeof *analysis->traces);
    analysis->counts = calloc(path_count, sizeof *analysis->counts);
    if (analysis->sources != NULL && analysis->traces != NULL && analysis->counts != NULL) {
        run(analysis, paths);
    } else {
        analysis_fail_memory(analysis);
    }
    close_inputs(analysis);
    return analysis;
}

void analysis_destroy(struct analysis *analysis)
{
    if (analysis == NULL) {
        return;
    }
    findings_destroy(analysis->findings);
    settled_queue_destroy(analysis->settled);
    tracker_destroy(analysis->tracker);
    names_destroy(analysis->names);
    afd_schemas_destroy(analysis->schemas);
    names_destroy(analysis->all_names);
    analysis_free_texts(analysis->notes, analysis->note_count);
    analysis_free_texts(analysis->caveats, analysis->caveat_count);
    free(analysis->traces);
    free(analysis->counts);
    free(analysis);
}
