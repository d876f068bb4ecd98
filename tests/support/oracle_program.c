#include "tests/support/oracle_internal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/analysis.h"
#include "analyzer/tracker/tracker.h"
#include "parsers/kernel/kernel_events.h"
#include "tests/support/model_internal.h"

/* Lines of operations and of conflicts, which come interleaved. */
struct sink {
    FILE *operations, *conflicts;
    char *operation_text, *conflict_text;
    size_t operation_len, conflict_len;
    struct model_run loss; /* the model's reading of what was lost */
};

static void sink_open(struct sink *sink)
{
    memset(sink, 0, sizeof *sink);
    sink->operations = open_memstream(&sink->operation_text, &sink->operation_len);
    sink->conflicts = open_memstream(&sink->conflict_text, &sink->conflict_len);
    if (!sink->operations || !sink->conflicts)
        abort();
}

static void sink_close(struct sink *sink, FILE *out)
{
    fclose(sink->operations);
    fclose(sink->conflicts);
    fputs(sink->operation_text, out);
    fputs(sink->conflict_text, out);
    free(sink->operation_text);
    free(sink->conflict_text);
}

static void on_operation(struct sink *sink, const struct operation *op)
{
    struct oracle_operation operation = {
        .number = op->number,
        .process = op->process,
        .endpoint = op->endpoint_address,
        .buffer = op->buffer,
        .inferred_buffer = op->has_inferred ? op->inferred_buffer : 0,
        .continues = op->continues,
        .buffer_count = op_buffer_count(op),
        .length = op->length,
        .post_id = op->post_id,
        .cpu = op->posted.cpu,
        .pid = op->posted.pid,
        .tid = op->posted.tid,
        .posted_ticks = op->posted.ticks,
        .modern = op->family == AFD_FAMILY_MODERN,
        .recv = op->direction == OP_RECV,
        .fast_path = op->fast_path,
        .has_inferred = op->has_inferred,
        .ambiguous_pairing = op->ambiguous_pairing,
        .api = op->api,
        .space = op_space_name((enum op_space)op->space),
        .end = op_end_name((enum op_end)op->end),
    };
    if (op->end != OP_IN_FLIGHT && op->end != OP_PENDING) {
        operation.end_id = op->ended.event_id;
        operation.ended_ticks = op->ended.ticks;
    }
    oracle_print_operation(sink->operations, &operation);
}

static unsigned reasons_of(const struct conflict *conflict)
{
    unsigned reasons = 0;
    for (unsigned bit = 0; bit < REASON_COUNT; bit++) {
        if (!(conflict->reasons & REASON_BIT(bit)))
            continue;
        const char *name = conflict_reason_name((enum conflict_reason)bit);
        for (unsigned ours = 0; ours < MODEL_REASON_COUNT; ours++)
            if (strcmp(name, model_reason_name(ours)) == 0)
                reasons |= 1u << ours;
    }
    return reasons;
}

static struct oracle_conflict conflict_of(const struct conflict *conflict)
{
    return (struct oracle_conflict){
        .rule = conflict->rule->name,
        .severity = rule_level_name(conflict->severity),
        .level = rule_level_name(conflict->level),
        .extent = conflict_extent_name(conflict->extent),
        .first = conflict->first->number,
        .second = conflict->second->number,
        .start = conflict->overlap_start,
        .length = conflict->overlap_len,
        .reasons = reasons_of(conflict),
    };
}

static void on_conflict(struct sink *sink, const struct conflict *conflict)
{
    struct oracle_conflict line = conflict_of(conflict);
    oracle_print_conflict(sink->conflicts, &line);
}

static struct model_coverage coverage_of(const struct coverage *c)
{
    return (struct model_coverage){
        .legacy = c->legacy_seen,
        .modern = c->modern_seen,
        .posts = c->posts,
        .completions = c->completions,
        .matched = c->matched,
        .orphan_completions = c->orphan_completions,
        .pending = c->pending,
        .user_address_operations = c->user_address_operations,
        .user_address_ended = c->user_address_ended,
        .kernel_address_operations = c->kernel_address_operations,
        .inferred_address_operations = c->inferred_address_operations,
        .inferred_address_ended = c->inferred_address_ended,
        .recvs = c->recvs,
        .recvs_user_address = c->recvs_user_address,
        .sends = c->sends,
        .sends_user_address = c->sends_user_address,
        .chained_operations = c->chained_operations,
        .zero_length_posts = c->zero_length_posts,
        .rejected_posts = c->rejected_posts,
        .buffered_ignored = c->buffered_ignored,
        .invalid_addresses = c->invalid_addresses,
        .undecodable = c->undecodable,
        .max_in_flight = c->max_in_flight,
        .capped_operations = c->capped_operations,
        .conflicts = c->conflicts,
    };
}

/* ---- the tracker alone ---- */

static void tracker_operation(void *user, const struct operation *op)
{
    on_operation(user, op);
}

static void tracker_conflict(void *user, struct conflict *conflict)
{
    on_conflict(user, conflict);
}

/* Loss is the reader's to find; here the model tells. */
static bool tracker_is_lost(void *user, int64_t from, int64_t to)
{
    const struct sink *sink = user;
    return model_loss_touches(&sink->loss, from, to);
}

struct fed {
    struct etl_event event;
    struct afd_event afd;
    enum afd_decode_status status;
    bool winsock;
};

static void decode(const struct trace *trace, const struct trace_event *recorded, struct fed *fed)
{
    fed->event = (struct etl_event){
        .ticks = recorded->ticks,
        .order = recorded->ticks,
        .pid = recorded->pid,
        .tid = recorded->tid,
        .cpu = recorded->cpu,
        .kind = recorded->kind,
        .pointer_size = (uint8_t)trace->header.pointer_size,
        .provider = recorded->provider,
        .activity = recorded->activity,
        .keyword = recorded->keyword,
        .id = recorded->hook_id ? recorded->hook_id : recorded->id,
        .version = recorded->version,
        .opcode = recorded->opcode,
        .payload = trace->bytes + recorded->payload_offset,
        .payload_len = (uint16_t)recorded->payload_len,
    };
    if (recorded->hook_id)
        fed->event.version = (uint8_t)recorded->record_version;
    fed->winsock = memcmp(&fed->event.provider, &afd_provider, sizeof afd_provider) == 0;
    if (fed->winsock)
        fed->status = afd_decode(&fed->event, &fed->afd);
}

static void feed(struct tracker *tracker, const struct fed *fed, const struct tracker_hint *hint)
{
    struct kernel_event kernel;
    bool ok = true;
    if (fed->winsock)
        ok = tracker_afd(tracker, &fed->event, &fed->afd, fed->status, hint);
    else if (kernel_decode(&fed->event, &kernel) && kernel.kind == KERNEL_PROCESS_END)
        ok = tracker_process_end(tracker, &fed->event, kernel.process_key, kernel.pid);
    if (!ok)
        abort();
}

#define GROUP_MAX TRACKER_AHEAD_MAX

/* Hints must change nothing, however old they are: for `count` events at once, or (1) none. */
static void feed_group(struct tracker *tracker, struct fed *group, size_t count)
{
    static struct etl_event events[GROUP_MAX];
    static struct afd_event afd[GROUP_MAX];
    static struct tracker_hint hints[GROUP_MAX];
    int8_t statuses[GROUP_MAX];
    for (size_t i = 0; i < count; i++) {
        events[i] = group[i].event;
        afd[i] = group[i].afd;
        statuses[i] = group[i].winsock ? (int8_t)group[i].status : AFD_DECODE_UNKNOWN_ID;
    }
    if (count > 1)
        tracker_look_ahead(tracker, events, afd, statuses, count, hints);
    for (size_t i = 0; i < count; i++)
        feed(tracker, &group[i], count > 1 && tracker_hint_is_set(&hints[i]) ? &hints[i] : NULL);
}

static void feed_all(struct tracker *tracker, const struct trace *trace,
                     const struct trace_event **events, const struct model_result *result)
{
    static const size_t sizes[] = {5, 1, 2, 11, 3, GROUP_MAX};
    static struct fed group[GROUP_MAX];
    size_t size_at = result->order_count;
    for (size_t i = 0; i < result->order_count;) {
        size_t count = sizes[size_at++ % (sizeof sizes / sizeof sizes[0])];
        size_t n = 0;
        for (; n < count && i < result->order_count; n++, i++)
            decode(trace, events[result->order[i]], &group[n]);
        feed_group(tracker, group, n);
    }
}

/* The trace's events are those of the scenario, one for one; flushes and marks lie between. */
static const struct trace_event **events_of(const struct trace *trace, size_t count)
{
    const struct trace_event **events = calloc(count + 1, sizeof *events);
    size_t n = 0;
    if (!events)
        abort();
    for (size_t i = 0; i < trace->item_count; i++)
        if (trace->items[i].kind == TRACE_ITEM_EVENT && !trace->items[i].event.in_header)
            events[n++] = &trace->items[i].event;
    if (n != count)
        abort();
    return events;
}

void oracle_run_tracker(const struct scenario *scenario, FILE *out)
{
    struct trace trace;
    struct sink sink;
    struct model_input input = scenario_input(scenario);
    struct model_result result;
    trace_init(&trace);
    scenario_trace(scenario, &trace);
    sink_open(&sink);
    sink.loss.input = &input;
    model_loss_find(&sink.loss);
    struct tracker_hooks hooks = {.user = &sink,
                                  .operation_ended = tracker_operation,
                                  .conflict_settled = tracker_conflict,
                                  .is_lost = tracker_is_lost};
    struct tracker *tracker = tracker_create(&hooks, NULL);
    if (!tracker)
        abort();
    model_run(&input, &result); /* for its order */
    const struct trace_event **events = events_of(&trace, scenario->event_count);
    feed_all(tracker, &trace, events, &result);
    tracker_finish(tracker);
    struct model_coverage coverage = coverage_of(tracker_coverage(tracker));
    sink_close(&sink, out);
    oracle_print_coverage(out, &coverage);
    tracker_destroy(tracker);
    free(events);
    free(sink.loss.spans);
    model_result_finish(&result);
    trace_finish(&trace);
}

/* ---- the whole program ---- */

static void analysis_operation(void *user, const struct report_input *input,
                               const struct operation *op)
{
    (void)input;
    on_operation(user, op);
}

static void analysis_conflict(void *user, const struct report_input *input,
                              const struct conflict *conflict)
{
    (void)input;
    on_conflict(user, conflict);
}

/* A file that holds the trace; the path is written to `path`. */
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
    if (file < 0 || write(file, image.data, image.len) != (ssize_t)image.len || close(file) != 0)
        abort();
    trace_bytes_finish(&image);
    trace_finish(&trace);
}

static struct oracle_finding finding_of(const struct finding *finding)
{
    struct oracle_finding out = {
        .shown = conflict_of(finding->examples[0]),
        .process = finding->process ? finding->process->address : 0,
        .count = finding->count,
        .count_is_minimum = finding->count_is_minimum,
        .first_time = finding->first_time.ticks,
        .last_time = finding->last_time.ticks,
        .endpoints = finding->endpoints,
        .addresses = finding->addresses,
        .other_count = finding->example_count - 1,
    };
    for (unsigned i = 1; i < finding->example_count; i++)
        out.others[i - 1] = conflict_of(finding->examples[i]);
    return out;
}

static void print_findings(const struct report_input *input, FILE *out)
{
    size_t count = findings_count(input->findings);
    struct oracle_finding *findings = calloc(count ? count : 1, sizeof *findings);
    if (!findings)
        abort();
    for (size_t i = 0; i < count; i++)
        findings[i] = finding_of(findings_at(input->findings, i));
    oracle_print_findings(out, findings, count);
    free(findings);
    for (unsigned cause = 0; cause < CAUSE_COUNT; cause++)
        if (input->causes & CAUSE_BIT(cause))
            fprintf(out, "cause %s\n", cause_name((enum cause)cause));
    fprintf(out, "verdict %s exit %d\n", verdict_name(input->verdict),
            verdict_exit(input->verdict));
}

/* What a run says in the end. */
static char *analyse(const char *path, const struct analysis_hooks *hooks)
{
    struct report_settings settings = {.fail_on = RULE_WARNING};
    for (size_t i = 0; i < RULE_COUNT; i++)
        settings.rule_enabled[i] = true;
    struct report_input input;
    memset(&input, 0, sizeof input);
    struct analysis *analysis = analysis_run(&path, 1, &settings, hooks, &input);
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    if (!out)
        abort();
    if (!analysis || !input.opened || input.read_error) {
        fprintf(out, "the program can't read the trace\n");
    } else {
        struct model_coverage coverage = coverage_of(&input.coverage);
        oracle_print_coverage(out, &coverage);
        print_findings(&input, out);
    }
    fclose(out);
    analysis_destroy(analysis);
    return text;
}

/* Twice: whoever does not look at every conflict gets the same findings, though most are then
 * counted and not kept. */
void oracle_run_program(const struct scenario *scenario, FILE *out)
{
    char path[64];
    const char *folder = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    snprintf(path, sizeof path, "%s/bufcheck-prove-XXXXXX", folder);
    write_image(scenario, path);

    struct sink sink;
    sink_open(&sink);
    const struct analysis_hooks hooks = {
        .user = &sink, .conflict = analysis_conflict, .operation = analysis_operation};
    const struct analysis_hooks no_hooks = {0};
    char *looked_at = analyse(path, &hooks);
    char *counted = analyse(path, &no_hooks);
    sink_close(&sink, out);
    fputs(looked_at, out);
    if (strcmp(looked_at, counted) != 0)
        fprintf(out, "when conflicts are only counted\n%s", counted);
    free(looked_at);
    free(counted);
    unlink(path);
}
