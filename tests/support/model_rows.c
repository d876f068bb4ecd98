/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/support/model_rows.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/model_internal.h"

static void hit(struct model_rows *rows, unsigned long times, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Adds `times` to the row of that name, which comes into being on first use. */
static void hit(struct model_rows *rows, unsigned long times, const char *format, ...)
{
    char name[sizeof rows->rows[0].name];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(name, sizeof name, format, arguments);
    va_end(arguments);
    for (size_t i = 0; i < rows->count; i++) {
        if (strcmp(rows->rows[i].name, name) == 0) {
            rows->rows[i].hits += times;
            return;
        }
    }
    if (rows->count == rows->capacity) {
        rows->capacity = rows->capacity * 2 + 64;
        rows->rows = model_grow(rows->rows, rows->capacity, sizeof *rows->rows);
    }
    struct model_row *row = &rows->rows[rows->count++];
    memcpy(row->name, name, sizeof name);
    row->hits = times;
}

static const char *family_name(bool modern)
{
    return modern ? "modern" : "legacy";
}

static const char *direction_name(enum model_direction direction)
{
    return direction == MODEL_SEND ? "send" : "recv";
}

/* ---- rows that must be reached ---- */

#define COUNT(array) (sizeof array / sizeof array[0])

static void expect_ids(struct model_rows *rows, const char *format, const uint16_t *ids,
                       size_t count)
{
    for (size_t i = 0; i < count; i++) {
        hit(rows, 0, "%s %u", format, ids[i]);
    }
}

static void expect_ids_of_families(struct model_rows *rows, const char *what, const uint16_t *ids,
                                   size_t count)
{
    for (size_t i = 0; i < count; i++) {
        hit(rows, 0, "legacy %s %u", what, ids[i]);
        hit(rows, 0, "modern %s %u", what, ids[i]);
    }
}

static void expect_names(struct model_rows *rows, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        hit(rows, 0, "%s", names[i]);
    }
}

static void expect_operations(struct model_rows *rows)
{
    static const uint16_t posts[] = {18,   19,   20,   21,   22,   1003, 1004, 1005, 1006,
                                     1007, 1009, 1011, 1012, 1013, 1015, 1021, 1027};
    static const uint16_t ends[] = {23,   24,   25,   26,   27,   28,   1003, 1004, 1005, 1006,
                                    1007, 1009, 1011, 1012, 1013, 1015, 1020, 1021, 1026, 1027};
    static const uint16_t creates[] = {1, 1000};
    static const uint16_t closes[] = {13, 14, 1001, 1002};
    static const uint16_t aborts[] = {7, 8, 41, 1032, 3006};
    static const uint16_t failures[] = {9, 10, 11, 12, 1020, 1026};
    static const char *const others[] = {"orphan completion",
                                         "rejected post",
                                         "copy of AFD's own",
                                         "undecodable",
                                         "zero length",
                                         "invalid address",
                                         "chained",
                                         "capped",
                                         "ambiguous pairing",
                                         "failed",
                                         "returned",
                                         "implied",
                                         "superseded by request",
                                         "superseded by kernel address",
                                         "superseded: a continued operation's kernel address",
                                         "AcceptEx closed with its AcceptEndpoint",
                                         "closed by process end, kernel",
                                         "closed by process end, pid",
                                         "closed by process end, manifest",
                                         "closed by another process id",
                                         "end-ambiguous by an orphan, legacy",
                                         "end-ambiguous by an orphan, modern",
                                         "end-ambiguous by a request of another direction",
                                         "Exit with 0x103 that says nothing",
                                         "kept apart by header process id",
                                         "kept apart by header process id, attempt"};
    expect_ids(rows, "posted by", posts, COUNT(posts));
    expect_ids(rows, "ended by", ends, COUNT(ends));
    expect_ids_of_families(rows, "closed by", creates, COUNT(creates));
    expect_ids_of_families(rows, "closing by", closes, COUNT(closes));
    expect_ids_of_families(rows, "aborted by", aborts, COUNT(aborts));
    expect_ids(rows, "end-ambiguous by", failures, COUNT(failures));
    expect_names(rows, others, COUNT(others));
    for (unsigned rule = 1; rule <= 4; rule++) {
        hit(rows, 0, "matched by %u", rule);
        hit(rows, 0, "matched by %u, kept", rule);
        hit(rows, 0, "matched by %u, closing", rule);
    }
}

static void expect_calls(struct model_rows *rows)
{
    static const char *const names[] = {"continued: recv after an error Exit",
                                        "continued: send after an error Exit",
                                        "continued: recv after Exit 0x103",
                                        "continued: send after Exit 0x103",
                                        "continued: recv without Exit",
                                        "continued: recv after a rejected Enter",
                                        "continued: send after a rejected Enter",
                                        "continued: stacks agree, same depth",
                                        "continued: stacks agree, one is deeper",
                                        "continued: one event holds no stack",
                                        "continued: exactly one second",
                                        "continued: another's event in between",
                                        "continued: over by a kept Exit",
                                        "continued: its end was kept",
                                        "continued: chained attempt",
                                        "continued: ended, showing the kernel address",
                                        "continued: ended, showing the user address",
                                        "continued: ended by request",
                                        "not continued: stacks differ",
                                        "not continued: more than one second",
                                        "not continued: another length",
                                        "not continued: end-ambiguous since the Enter",
                                        "not continued: another process, endpoint or direction",
                                        "not continued: a send without Exit may be AFD's copy",
                                        "suspension ended by an own event",
                                        "suspension ended by a close",
                                        "suspension ended by a create",
                                        "suspension ended by another process id",
                                        "suspension ended by the process' end",
                                        "suspension ended by time",
                                        "suspension ended by the trace's end"};
    static const char *const closings[] = {
        "closing left by a create",
        "closing left by another process id",
        "closing left by the process' end",
        "closing left by its request",
        "closing left by its kernel address",
        "closing left by time",
        "closing left by the cap",
        "closing left by the trace's end",
        "closing left by a completion",
        "closing left by a completion, after exactly sixty seconds",
        "closing left by a failure"};
    expect_names(rows, names, COUNT(names));
    expect_names(rows, closings, COUNT(closings));
}

/* Whether any trace can show the rule with that confidence. A kernel address that is posted again
 * ends the modern operation that had it, and belongs to no attempt; attempts are modern. */
static bool can_be(enum model_rule rule, bool modern, enum model_confidence confidence)
{
    if (confidence == MODEL_LIKELY) {
        return modern && rule != MODEL_KERNEL_ADDRESS_REPOSTED;
    }
    return confidence == MODEL_POSSIBLE || rule != MODEL_KERNEL_ADDRESS_REPOSTED || !modern;
}

static void expect_rules(struct model_rows *rows)
{
    for (int rule = 0; rule < MODEL_RULE_COUNT; rule++) {
        for (int confidence = 0; confidence <= MODEL_POSSIBLE; confidence++) {
            for (int modern = 0; modern < 2; modern++) {
                if (can_be((enum model_rule)rule, modern, (enum model_confidence)confidence)) {
                    hit(rows, 0, "%s %s %s", family_name(modern),
                        model_rule_name((enum model_rule)rule),
                        model_confidence_name((enum model_confidence)confidence));
                }
            }
        }
    }
    for (int bit = 0; bit < MODEL_REASON_COUNT; bit++) {
        hit(rows, 0, "reason %s", model_reason_name((unsigned)bit));
    }
    for (int extent = 0; extent <= MODEL_START_ONLY; extent++) {
        for (unsigned size = 4; size <= 8; size += 4) {
            hit(rows, 0, "extent %s, %u-bit", model_extent_name((enum model_extent)extent),
                size * 8);
        }
    }
}

static void expect_conflicts(struct model_rows *rows)
{
    static const char *const names[] = {"chained send over a send is a note",
                                        "suspended first that went on",
                                        "suspended first that did not go on",
                                        "second ended while the first was suspended",
                                        "closing first that was completed",
                                        "closing first that was not completed",
                                        "posted before the close, completed after it",
                                        "loss with a position",
                                        "pending: legacy recv, one step lower",
                                        "pending: modern recv, one step lower",
                                        "pending: legacy send, one step lower",
                                        "pending: modern send, one step lower",
                                        "pending: note, a modern fast-path operation",
                                        "pending: note, a datagram send",
                                        "pending: note, no completion shows such",
                                        "unsure: the first was pending",
                                        "unsure: the first's end was traced",
                                        "abort settled by a traced end",
                                        "doubt settled by a traced end",
                                        "inferred: the second's address",
                                        "inferred: the first's address"};
    static const char *const receives[] = {"one receive wrote no shared byte",
                                           "a receive's bytes are unknown", "both wrote"};
    static const char *const sends[] = {
        "the receive wrote no shared byte",         "the receive ended after the send",
        "an end of send or receive was not traced", "the send failed",
        "the receive's bytes are unknown",          "changed under the send"};
    expect_rules(rows);
    expect_names(rows, names, COUNT(names));
    for (size_t i = 0; i < COUNT(receives); i++) {
        hit(rows, 0, "harm of recv-over-recv: %s", receives[i]);
    }
    for (size_t i = 0; i < COUNT(sends); i++) {
        hit(rows, 0, "harm of recv-over-send: %s", sends[i]);
        hit(rows, 0, "harm of send-over-recv: %s", sends[i]);
    }
}

static void expect_verdicts(struct model_rows *rows)
{
    static const char *const names[] = {"verdict clean",
                                        "verdict findings",
                                        "verdict inconclusive",
                                        "no user address: recv",
                                        "no user address: send",
                                        "exposure below 100 us in every case",
                                        "finding of several conflicts",
                                        "finding with fewer posts than conflicts",
                                        "finding with others",
                                        "finding with eight others",
                                        "finding with a minimum count",
                                        "finding with harm",
                                        "finding led by harm, not by the first post"};
    for (int bit = 0; bit < MODEL_CAUSE_COUNT; bit++) {
        hit(rows, 0, "cause %s", model_cause_name((unsigned)bit));
    }
    for (int kind = MODEL_NO_POSTS_PROVIDER; kind < MODEL_NO_POSTS_COUNT; kind++) {
        hit(rows, 0, "no posts: %s", model_no_posts_name((enum model_no_posts)kind));
    }
    expect_names(rows, names, COUNT(names));
}

void model_rows_init(struct model_rows *rows)
{
    memset(rows, 0, sizeof *rows);
    expect_operations(rows);
    expect_calls(rows);
    expect_conflicts(rows);
    expect_verdicts(rows);
}

/* ---- operations ---- */

static void add_traced_end(struct model_rows *rows, const struct model_input *input,
                           const struct model_operation *operation)
{
    const struct model_event *end = &input->events[operation->end_event];
    hit(rows, operation->end == MODEL_FAILED, "failed");
    hit(rows, 1, "ended by %u", end->id);
    hit(rows, 1, "matched by %u%s", operation->matched_by,
        operation->was_closing    ? ", closing"
        : operation->matched_kept ? ", kept"
                                  : "");
    if (operation->from_attempt && operation->matched_by == 1) {
        hit(rows, 1, "continued: ended by request");
    } else if (operation->from_attempt && operation->matched_by == 3) {
        hit(rows, 1, "continued: ended, showing the %s address",
            end->buffer == operation->kernel_address ? "kernel" : "user");
    }
}

static void add_closed(struct model_rows *rows, const struct model_input *input,
                       const struct model_operation *operation)
{
    const struct model_event *post = &input->events[operation->post];
    const struct model_event *end = &input->events[operation->end_event];
    if (operation->was_closing) {
        return;
    }
    if (end->kind == MODEL_PROCESS_END) {
        hit(rows, 1, "closed by process end, %s",
            end->manifest_end  ? "manifest"
            : end->process_key ? "kernel"
                               : "pid");
    } else if (end->endpoint == post->endpoint) {
        hit(rows, 1, "%s closed by %u", family_name(operation->modern), end->id);
    } else {
        hit(rows, 1, "closed by another process id");
    }
}

static void add_superseded(struct model_rows *rows, const struct model_input *input,
                           const struct model_operation *operation)
{
    const struct model_event *end = &input->events[operation->end_event];
    bool address = operation->has_kernel_address && operation->kernel_address == end->buffer;
    hit(rows, 1, "superseded by %s", address ? "kernel address" : "request");
    hit(rows, address && operation->from_attempt,
        "superseded: a continued operation's kernel address");
}

static void add_end(struct model_rows *rows, const struct model_input *input,
                    const struct model_operation *operation)
{
    switch (operation->end) {
    case MODEL_FAILED:
    case MODEL_COMPLETED:
        add_traced_end(rows, input, operation);
        break;
    case MODEL_RETURNED:
        hit(rows, 1, "returned");
        break;
    case MODEL_IMPLIED:
        hit(rows, 1, "implied");
        break;
    case MODEL_SUPERSEDED:
        add_superseded(rows, input, operation);
        break;
    case MODEL_CLOSED:
        add_closed(rows, input, operation);
        break;
    default:
        break;
    }
}

static void add_closing(struct model_rows *rows, const struct model_input *input,
                        const struct model_operation *operation)
{
    const struct model_event *post = &input->events[operation->post];
    const struct model_event *close = &input->events[operation->close_event];
    if (close->endpoint == post->endpoint) {
        hit(rows, 1, "%s closing by %u", family_name(operation->modern), close->id);
    } else {
        hit(rows, 1, "AcceptEx closed with its AcceptEndpoint");
    }
    if (!model_end_is_traced(operation)) {
        hit(rows, 1, "closing left by %s", operation->left_by);
        return;
    }
    int64_t after = input->events[operation->end_event].time - close->time;
    hit(rows, 1, "closing left by a completion");
    hit(rows, operation->end == MODEL_FAILED, "closing left by a failure");
    hit(rows, after == MODEL_CLOSING_SECONDS * input->ticks_per_second,
        "closing left by a completion, after exactly sixty seconds");
}

static const char *how_over(const struct model_input *input,
                            const struct model_operation *operation)
{
    if (operation->continuation == MODEL_NONE) {
        return "after a rejected Enter";
    }
    if (operation->without_exit) {
        return "without Exit";
    }
    return input->events[operation->exit_event].status == MODEL_STATUS_PENDING
               ? "after Exit 0x103"
               : "after an error Exit";
}

static void add_continued(struct model_rows *rows, const struct model_input *input,
                          const struct model_operation *operation)
{
    const struct model_event *enter = &input->events[operation->memory_event];
    bool rejected = operation->continuation == MODEL_NONE;
    const struct model_event *slow =
        &input->events[rejected ? operation->post : operation->continuation];
    size_t over =
        rejected || operation->without_exit ? operation->memory_event : operation->over_event;
    hit(rows, 1, "continued: %s %s", direction_name(operation->direction),
        how_over(input, operation));
    if (enter->has_stack && slow->has_stack) {
        hit(rows, 1, "continued: stacks agree, %s",
            enter->frame_count == slow->frame_count ? "same depth" : "one is deeper");
    } else if (enter->has_stack || slow->has_stack) {
        hit(rows, 1, "continued: one event holds no stack");
    }
    hit(rows, slow->time - input->events[over].time == input->ticks_per_second,
        "continued: exactly one second");
    hit(rows, enter->buffer_count > 1, "continued: chained attempt");
}

#define BLURRED_BY_ORPHAN 1 /* as in model_effect.c */

static void add_doubt(struct model_rows *rows, const struct model_operation *operation)
{
    if (operation->aborted) {
        hit(rows, 1, "%s aborted by %u", family_name(operation->modern), operation->aborted_by);
    }
    if (!operation->end_ambiguous) {
        return;
    }
    uint16_t by = operation->end_ambiguous_by;
    if (by == BLURRED_BY_ORPHAN) {
        hit(rows, 1, "end-ambiguous by an orphan, %s", family_name(operation->modern));
    } else if ((by >= 9 && by <= 12) || by == 1020 || by == 1026) {
        hit(rows, 1, "end-ambiguous by %u", by);
    } else {
        hit(rows, 1, "end-ambiguous by a request of another direction");
    }
}

static void add_operation(struct model_rows *rows, const struct model_input *input,
                          const struct model_operation *operation)
{
    hit(rows, 1, "posted by %u", input->events[operation->post].id);
    add_end(rows, input, operation);
    add_doubt(rows, operation);
    hit(rows, operation->ambiguous_pairing, "ambiguous pairing");
    if (operation->was_closing) {
        add_closing(rows, input, operation);
    } else if (operation->left_by != NULL) {
        hit(rows, 1, "suspension ended by %s", operation->left_by);
    }
    if (operation->from_attempt) {
        add_continued(rows, input, operation);
    }
}

/* ---- conflicts ---- */

static void add_pending(struct model_rows *rows, const struct model_conflict *conflict,
                        const struct model_operation *first)
{
    if (conflict->reasons != MODEL_COMPLETION_NOT_SEEN || conflict->severity != MODEL_ERROR) {
        hit(rows, conflict->reasons & MODEL_INFERENCE_UNSURE ? 1 : 0,
            "unsure: the first was pending");
        return;
    }
    if (conflict->level == MODEL_WARNING) {
        hit(rows, 1, "pending: %s %s, one step lower", family_name(first->modern),
            direction_name(first->direction));
    } else if (first->modern && first->fast_path) {
        hit(rows, 1, "pending: note, a modern fast-path operation");
    } else if (first->direction == MODEL_SEND && first->datagram) {
        hit(rows, 1, "pending: note, a datagram send");
    } else {
        hit(rows, 1, "pending: note, no completion shows such");
    }
}

static void add_condition(struct model_rows *rows, const struct model_result *result,
                          const struct model_conflict *conflict)
{
    const struct model_operation *first = &result->operations[conflict->first];
    const struct model_operation *second = &result->operations[conflict->second];
    if (conflict->condition == MODEL_IF_IT_GOES_ON) {
        hit(rows, 1, "suspended first that went on");
        hit(rows, second->end_step < first->continued_step,
            "second ended while the first was suspended");
    }
    if (conflict->condition == MODEL_IF_COMPLETED) {
        hit(rows, 1, "closing first that was completed");
    } else {
        hit(rows, first->was_closing && model_end_is_traced(first),
            "posted before the close, completed after it");
    }
}

static void add_reasons(struct model_rows *rows, const struct model_input *input,
                        const struct model_result *result, const struct model_conflict *conflict)
{
    const struct model_operation *first = &result->operations[conflict->first];
    const struct model_operation *second = &result->operations[conflict->second];
    bool traced = model_end_is_traced(first);
    for (unsigned bit = 0; bit < MODEL_REASON_COUNT; bit++) {
        hit(rows, (conflict->reasons >> bit) & 1, "reason %s", model_reason_name(bit));
    }
    hit(rows, conflict->reasons & MODEL_EVENTS_LOST && !input->header_loss && !input->end_missing,
        "loss with a position");
    hit(rows, conflict->reasons & MODEL_INFERENCE_UNSURE && traced,
        "unsure: the first's end was traced");
    hit(rows, traced && first->aborted, "abort settled by a traced end");
    hit(rows, traced && first->end_ambiguous, "doubt settled by a traced end");
    if (conflict->reasons & MODEL_INFERRED_ADDRESS) {
        hit(rows, first->from_attempt && first->inferred_from <= second->post_step,
            "inferred: the first's address");
        hit(rows, second->from_attempt && second->inferred_from <= second->post_step,
            "inferred: the second's address");
    }
}

static void add_conflict(struct model_rows *rows, const struct model_input *input,
                         const struct model_result *result, const struct model_conflict *conflict)
{
    const struct model_operation *first = &result->operations[conflict->first];
    hit(rows, 1, "%s %s %s", family_name(first->modern), model_rule_name(conflict->rule),
        model_confidence_name(conflict->confidence));
    hit(rows, 1, "extent %s, %u-bit", model_extent_name(conflict->extent), input->pointer_size * 8);
    hit(rows, conflict->rule == MODEL_SEND_OVER_SEND && conflict->severity == MODEL_NOTE,
        "chained send over a send is a note");
    if (first->end == MODEL_PENDING) {
        add_pending(rows, conflict, first);
    }
    add_condition(rows, result, conflict);
    add_reasons(rows, input, result, conflict);
    if (conflict->harm != MODEL_HARM_NONE) {
        hit(rows, 1, "harm of %s: %s", model_rule_name(conflict->rule), conflict->harm_why);
    }
}

/* ---- findings and the whole ---- */

static void add_finding(struct model_rows *rows, const struct model_result *result,
                        const struct model_finding *finding)
{
    const struct model_conflict *shown = &result->conflicts[finding->conflicts[0]];
    bool led_by_harm = false;
    for (size_t i = 1; i < finding->count; i++) {
        const struct model_conflict *other = &result->conflicts[finding->conflicts[i]];
        led_by_harm =
            led_by_harm || (other->level == shown->level && other->second < shown->second);
    }
    hit(rows, finding->count > 1, "finding of several conflicts");
    hit(rows, finding->posts < finding->count, "finding with fewer posts than conflicts");
    hit(rows, finding->other_count > 0, "finding with others");
    hit(rows, finding->other_count == 8, "finding with eight others");
    hit(rows, finding->count_is_minimum, "finding with a minimum count");
    hit(rows, finding->harmful > 0, "finding with harm");
    hit(rows, led_by_harm, "finding led by harm, not by the first post");
}

static void add_counts(struct model_rows *rows, const struct model_result *result)
{
    const struct model_coverage *coverage = &result->coverage;
    hit(rows, coverage->orphan_completions, "orphan completion");
    hit(rows, coverage->rejected_posts, "rejected post");
    hit(rows, coverage->buffered_ignored, "copy of AFD's own");
    hit(rows, coverage->undecodable, "undecodable");
    hit(rows, coverage->zero_length_posts, "zero length");
    hit(rows, coverage->invalid_addresses, "invalid address");
    hit(rows, coverage->chained_operations, "chained");
    hit(rows, coverage->capped_operations, "capped");
    hit(rows, result->vanished[MODEL_IF_IT_GOES_ON], "suspended first that did not go on");
    hit(rows, result->vanished[MODEL_IF_COMPLETED], "closing first that was not completed");
}

static void add_seen(struct model_rows *rows, const struct model_seen *seen)
{
    hit(rows, seen->refused_by_stack, "not continued: stacks differ");
    hit(rows, seen->refused_by_time, "not continued: more than one second");
    hit(rows, seen->refused_by_length, "not continued: another length");
    hit(rows, seen->refused_by_blur, "not continued: end-ambiguous since the Enter");
    hit(rows, seen->refused_by_owner, "not continued: another process, endpoint or direction");
    hit(rows, seen->refused_send_without_exit,
        "not continued: a send without Exit may be AFD's copy");
    hit(rows, seen->passed_over_foreign_event, "continued: another's event in between");
    hit(rows, seen->over_by_kept_exit, "continued: over by a kept Exit");
    hit(rows, seen->continued_by_kept_end, "continued: its end was kept");
    hit(rows, seen->ignored_pending_exit, "Exit with 0x103 that says nothing");
    hit(rows, seen->apart_by_pid, "kept apart by header process id");
    hit(rows, seen->apart_by_pid_of_attempt, "kept apart by header process id, attempt");
}

static void add_verdict(struct model_rows *rows, const struct model_result *result)
{
    const struct model_coverage *coverage = &result->coverage;
    for (unsigned bit = 0; bit < MODEL_CAUSE_COUNT; bit++) {
        hit(rows, (result->causes >> bit) & 1, "cause %s", model_cause_name(bit));
    }
    if (result->no_posts != MODEL_NO_POSTS_NONE) {
        hit(rows, 1, "no posts: %s", model_no_posts_name(result->no_posts));
    }
    hit(rows, coverage->recvs > 0 && coverage->recvs_user_address == 0, "no user address: recv");
    hit(rows, coverage->sends > 0 && coverage->sends_user_address == 0, "no user address: send");
    hit(rows, result->brief_exposure, "exposure below 100 us in every case");
    hit(rows, 1, "verdict %s", model_verdict_name(result->verdict));
}

void model_rows_add(struct model_rows *rows, const struct model_input *input,
                    const struct model_result *result)
{
    add_counts(rows, result);
    add_seen(rows, &result->seen);
    for (size_t i = 0; i < result->operation_count; i++) {
        add_operation(rows, input, &result->operations[i]);
    }
    for (size_t i = 0; i < result->conflict_count; i++) {
        add_conflict(rows, input, result, &result->conflicts[i]);
    }
    for (size_t i = 0; i < result->finding_count; i++) {
        add_finding(rows, result, &result->findings[i]);
    }
    add_verdict(rows, result);
}

void model_rows_print(const struct model_rows *rows, FILE *out)
{
    for (size_t i = 0; i < rows->count; i++) {
        fprintf(out, "%12lu  %s\n", rows->rows[i].hits, rows->rows[i].name);
    }
}

size_t model_rows_missing(const struct model_rows *rows)
{
    size_t missing = 0;
    for (size_t i = 0; i < rows->count; i++) {
        missing += rows->rows[i].hits == 0;
    }
    return missing;
}

void model_rows_finish(struct model_rows *rows)
{
    free(rows->rows);
    memset(rows, 0, sizeof *rows);
}
