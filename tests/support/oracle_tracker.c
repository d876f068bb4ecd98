/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/support/oracle_internal.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/tracker/look_ahead.h"
#include "analyzer/tracker/tracker.h"
#include "parsers/kernel/kernel_events.h"
#include "tests/support/model_internal.h"

/* ---- the program's results, in the words of the model ---- */

void oracle_sink_open(struct oracle_sink *sink)
{
    memset(sink, 0, sizeof *sink);
    sink->operations = open_memstream(&sink->operation_text, &sink->operation_len);
    sink->conflicts = open_memstream(&sink->conflict_text, &sink->conflict_len);
    if (sink->operations == NULL || sink->conflicts == NULL) {
        abort();
    }
}

void oracle_sink_close(struct oracle_sink *sink, FILE *out)
{
    fclose(sink->operations);
    fclose(sink->conflicts);
    fputs(sink->operation_text, out);
    fputs(sink->conflict_text, out);
    free(sink->operation_text);
    free(sink->conflict_text);
}

static const char *space_name(enum afd_space space)
{
    switch (space) {
    case AFD_SPACE_USER:
        return "user";
    case AFD_SPACE_KERNEL:
        return "kernel";
    default:
        return NULL;
    }
}

/* Fills in the events that continued and ended the operation. */
static void set_later_points(const struct operation *op, struct oracle_operation *out)
{
    if (op->continued != NULL) {
        out->kernel_buffer = op->continued->kernel_buffer;
        out->has_kernel_buffer = true;
        if (!op->continued->rejected) {
            out->continued_id = op->continued->at.event_id;
            out->continued_ticks = op->continued->at.ticks;
        }
    }
    if (op->ended != NULL) {
        out->end_id = op->ended->at.event_id;
        out->ended_ticks = op->ended->at.ticks;
    }
}

void oracle_take_operation(struct oracle_sink *sink, const struct operation *op)
{
    struct oracle_operation operation = {
        .number = op->number,
        .process = op->process->address,
        .endpoint = op->socket->endpoint,
        .buffer = op->buffer,
        .buffer_count = op_buffer_count(op),
        .length = op->length,
        .post_id = op->posted.event_id,
        .cpu = op->posted.cpu,
        .pid = op->posted.pid,
        .tid = op->posted.tid,
        .posted_ticks = op->posted.ticks,
        .modern = op->family == AFD_FAMILY_MODERN,
        .recv = op->direction == AFD_RECV,
        .address_from_attempt = op->address_from_attempt,
        .ambiguous_pairing = op->ambiguous_pairing,
        .api = op_api(op),
        .path = op_path_name(op),
        .space = space_name((enum afd_space)op->space),
        .end = op_end_name((enum op_end)op->end),
    };
    set_later_points(op, &operation);
    oracle_print_operation(sink->operations, &operation);
}

static unsigned reasons_of(const struct conflict *conflict)
{
    unsigned reasons = 0;
    for (unsigned bit = 0; bit < REASON_COUNT; bit++) {
        const char *name = conflict_reason_name((enum conflict_reason)bit);
        for (unsigned ours = 0; ours < MODEL_REASON_COUNT; ours++) {
            if ((conflict->reasons & REASON_BIT(bit)) &&
                strcmp(name, model_reason_name(ours)) == 0) {
                reasons |= 1u << ours;
            }
        }
    }
    return reasons;
}

static enum model_harm harm_of(const struct conflict *conflict)
{
    switch (conflict->harm) {
    case HARM_KNOWN:
        return MODEL_HARM_KNOWN;
    case HARM_UNKNOWN:
        return MODEL_HARM_UNKNOWN;
    default:
        return MODEL_HARM_NONE;
    }
}

struct oracle_conflict oracle_conflict_of(const struct conflict *conflict)
{
    return (struct oracle_conflict){
        .rule = conflict->rule->name,
        .severity = rule_level_name(conflict->severity),
        .level = rule_level_name(conflict->level),
        .confidence = confidence_name(conflict->confidence),
        .extent = conflict_extent_name(conflict->extent),
        .first = conflict->first->number,
        .second = conflict->second->number,
        .start = conflict->overlap_start,
        .length = conflict->overlap_len,
        .reasons = reasons_of(conflict),
        .harm = harm_of(conflict),
        .harm_start = conflict->harm_start,
        .harm_length = conflict->harm_len,
    };
}

void oracle_take_conflict(struct oracle_sink *sink, const struct conflict *conflict)
{
    struct oracle_conflict line = oracle_conflict_of(conflict);
    oracle_print_conflict(sink->conflicts, &line);
}

struct model_coverage oracle_coverage_of(const struct coverage *c)
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
        .recvs = c->recvs,
        .recvs_user_address = c->recvs_user_address,
        .sends = c->sends,
        .sends_user_address = c->sends_user_address,
        .attempts = c->attempts,
        .continued = c->continued,
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

static void tracker_operation(void *user, struct operation *op)
{
    oracle_take_operation(user, op);
}

static void tracker_conflict(void *user, struct conflict *conflict)
{
    oracle_take_conflict(user, conflict);
}

/* Finding loss is the reader's work; here the model tells what was lost. */
static bool tracker_is_lost(void *user, int64_t from, int64_t to)
{
    const struct oracle_sink *sink = user;
    return model_loss_touches(&sink->loss, from, to);
}

/* An event as the tracker is given it. */
struct fed {
    struct etl_event event;
    struct afd_event afd;
    struct afd_action action;
    int8_t status; /* enum afd_decode_status */
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
        .version = recorded->hook_id ? (uint8_t)recorded->record_version : recorded->version,
        .opcode = recorded->opcode,
        .level = recorded->level,
        .payload = trace->bytes + recorded->payload_offset,
        .payload_len = (uint16_t)recorded->payload_len,
        .extended = trace->bytes + recorded->extended_offset,
        .extended_len = (uint16_t)recorded->extended_len,
        .has_extended = recorded->extended_len > 0,
    };
    fed->winsock = memcmp(&fed->event.provider, &afd_provider, sizeof afd_provider) == 0;
    fed->status = AFD_DECODE_UNKNOWN_ID;
    if (fed->winsock) {
        fed->status = (int8_t)afd_decode(&fed->event, &fed->afd);
    }
    if (fed->status == AFD_DECODE_OK) {
        afd_action_of(&fed->event, &fed->afd, &fed->action);
    }
}

static void feed(struct tracker *tracker, const struct fed *fed, const struct match_hashes *hashes)
{
    struct kernel_event kernel;
    bool ok = true;
    if (fed->winsock && fed->status == AFD_DECODE_OK) {
        ok = tracker_afd(tracker, &fed->event, &fed->afd, &fed->action, hashes);
    } else if (fed->winsock) {
        ok = tracker_afd_undecoded(tracker, &fed->event);
    } else if (kernel_decode(&fed->event, &kernel) && kernel.kind == KERNEL_PROCESS_END) {
        ok = tracker_process_end(tracker, &fed->event, kernel.process_key, kernel.pid);
    }
    if (!ok) {
        abort();
    }
}

/* Looking ahead must change nothing, for groups of any size, or (size 1) not at all. */
static void feed_group(struct tracker *tracker, const struct fed *group, size_t count)
{
    static struct etl_event events[LOOK_AHEAD_MAX];
    static struct afd_event afd[LOOK_AHEAD_MAX];
    static struct afd_action actions[LOOK_AHEAD_MAX];
    struct match_hashes hashes[LOOK_AHEAD_MAX];
    int8_t statuses[LOOK_AHEAD_MAX];
    for (size_t i = 0; i < count; i++) {
        events[i] = group[i].event;
        afd[i] = group[i].afd;
        actions[i] = group[i].action;
        statuses[i] = group[i].status;
    }
    if (count > 1) {
        tracker_look_ahead(tracker, events, afd, actions, statuses, count, hashes);
    }
    for (size_t i = 0; i < count; i++) {
        feed(tracker, &group[i], count > 1 ? &hashes[i] : NULL);
    }
}

static void feed_all(struct tracker *tracker, const struct trace *trace,
                     const struct trace_event **events, const struct model_result *result)
{
    static const size_t sizes[] = {5, 1, 2, 11, 3, LOOK_AHEAD_MAX};
    static struct fed group[LOOK_AHEAD_MAX];
    size_t size_at = result->order_count;
    for (size_t i = 0; i < result->order_count;) {
        size_t count = sizes[size_at++ % (sizeof sizes / sizeof sizes[0])];
        size_t n = 0;
        for (; n < count && i < result->order_count; n++, i++) {
            decode(trace, events[result->order[i]], &group[n]);
        }
        feed_group(tracker, group, n);
    }
}

/* The trace's events are those of the scenario, one for one; flushes and marks lie between. */
static const struct trace_event **events_of(const struct trace *trace, size_t count)
{
    const struct trace_event **events = calloc(count + 1, sizeof *events);
    size_t n = 0;
    if (events == NULL) {
        abort();
    }
    for (size_t i = 0; i < trace->item_count; i++) {
        if (trace->items[i].kind == TRACE_ITEM_EVENT && !trace->items[i].event.in_header) {
            events[n++] = &trace->items[i].event;
        }
    }
    if (n != count) {
        abort();
    }
    return events;
}

static struct tracker *create_tracker(struct oracle_sink *sink, const struct model_input *input)
{
    struct tracker_hooks hooks = {.user = sink,
                                  .operation_ended = tracker_operation,
                                  .conflict_settled = tracker_conflict,
                                  .is_lost = tracker_is_lost};
    struct tracker_options options = {.second = input->ticks_per_second,
                                      .closing_max = (uint32_t)input->closing_cap};
    struct tracker *tracker = tracker_create(&hooks, &options);
    if (tracker == NULL) {
        abort();
    }
    return tracker;
}

void oracle_run_tracker(const struct scenario *scenario, FILE *out)
{
    struct trace trace;
    struct oracle_sink sink;
    struct model_input input = scenario_input(scenario);
    struct model_result result;
    trace_init(&trace);
    scenario_trace(scenario, &trace);
    oracle_sink_open(&sink);
    sink.loss.input = &input;
    model_loss_find(&sink.loss);
    struct tracker *tracker = create_tracker(&sink, &input);
    model_run(&input, &result); /* for its order */
    const struct trace_event **events = events_of(&trace, scenario->event_count);
    feed_all(tracker, &trace, events, &result);
    tracker_finish(tracker);
    struct model_coverage coverage = oracle_coverage_of(tracker_coverage(tracker));
    oracle_sink_close(&sink, out);
    oracle_print_coverage(out, &coverage);
    tracker_destroy(tracker);
    free(events);
    free(sink.loss.spans);
    model_result_finish(&result);
    trace_finish(&trace);
}
