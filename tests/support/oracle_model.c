/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/support/oracle_internal.h"

#include <stdlib.h>

#define HOOK_PROCESS_END 0x0302

struct side {
    const struct scenario *scenario;
    const struct model_result *result;
};

/* The id by which reports know the event that ended an operation. */
static unsigned end_id_of(const struct model_event *event)
{
    if (event->kind == MODEL_PROCESS_END) {
        return event->manifest_end ? 2 : HOOK_PROCESS_END;
    }
    return event->id;
}

static const char *path_of(const struct model_operation *operation)
{
    if (operation->from_attempt) {
        return "fast-then-slow";
    }
    return operation->fast_path ? "fast" : "slow";
}

/* Fills in the event that continued the operation after its post, and the one that ended it. */
static void set_later_points(const struct side *side, const struct model_operation *operation,
                             struct oracle_operation *out)
{
    const struct model_event *events = side->scenario->events;
    if (operation->continuation != MODEL_NONE) {
        out->continued_id = events[operation->continuation].id;
        out->continued_ticks = events[operation->continuation].time;
    }
    if (operation->end_event != MODEL_NONE) {
        out->end_id = end_id_of(&events[operation->end_event]);
        out->ended_ticks = events[operation->end_event].time;
    }
}

static struct oracle_operation operation_of(const struct side *side, size_t index)
{
    const struct model_operation *operation = &side->result->operations[index];
    const struct model_event *post = &side->scenario->events[operation->post];
    const struct model_event *shown = &side->scenario->events[operation->memory_event];
    bool ex = shown->id == 1021 || shown->id == 1027;
    struct oracle_operation out = {
        .number = index + 1,
        .process = post->process,
        .endpoint = post->endpoint,
        .buffer = shown->buffer,
        .kernel_buffer = operation->from_attempt ? operation->kernel_address : 0,
        .has_kernel_buffer = operation->from_attempt,
        .buffer_count = ex ? 1 : shown->buffer_count,
        .length = shown->buffer_length,
        .post_id = post->id,
        .cpu = post->cpu,
        .pid = post->pid,
        .tid = post->tid,
        .posted_ticks = post->time,
        .modern = operation->modern,
        .recv = operation->direction == MODEL_RECV,
        .address_from_attempt = operation->from_attempt,
        .ambiguous_pairing = operation->ambiguous_pairing,
        .api = model_api_name(post->id),
        .path = path_of(operation),
        .space = model_space_name(operation->space),
        .end = model_end_name(operation->end),
    };
    /* BufferCount is an i32 in one family and a u32 in the other. */
    if (operation->modern) {
        out.buffer_count = (uint32_t)out.buffer_count;
    }
    set_later_points(side, operation, &out);
    return out;
}

static struct oracle_conflict conflict_of(const struct side *side, size_t index)
{
    const struct model_conflict *conflict = &side->result->conflicts[index];
    return (struct oracle_conflict){
        .rule = model_rule_name(conflict->rule),
        .severity = model_level_name(conflict->severity),
        .level = model_level_name(conflict->level),
        .confidence = model_confidence_name(conflict->confidence),
        .extent = model_extent_name(conflict->extent),
        .first = conflict->first + 1,
        .second = conflict->second + 1,
        .start = conflict->start,
        .length = conflict->length,
        .reasons = conflict->reasons,
        .harm = conflict->harm,
        .harm_start = conflict->harm_start,
        .harm_length = conflict->harm_length,
    };
}

static struct oracle_finding finding_of(const struct side *side, size_t index)
{
    const struct model_finding *finding = &side->result->findings[index];
    const struct model_conflict *shown = &side->result->conflicts[finding->conflicts[0]];
    size_t post = side->result->operations[shown->second].post;
    struct oracle_finding out = {
        .shown = conflict_of(side, finding->conflicts[0]),
        .process = side->scenario->events[post].process,
        .count = finding->count,
        .posts = finding->posts,
        .harmful = finding->harmful,
        .count_is_minimum = finding->count_is_minimum,
        .first_time = finding->first_time,
        .last_time = finding->last_time,
        .endpoints = finding->endpoints,
        .addresses = finding->addresses,
        .other_count = (unsigned)finding->other_count,
    };
    for (size_t i = 0; i < finding->other_count; i++) {
        out.others[i] = conflict_of(side, finding->others[i]);
    }
    return out;
}

static void print_findings(const struct side *side, FILE *out)
{
    size_t count = side->result->finding_count;
    struct oracle_finding *findings = calloc(count ? count : 1, sizeof *findings);
    if (findings == NULL) {
        abort();
    }
    for (size_t i = 0; i < count; i++) {
        findings[i] = finding_of(side, i);
    }
    oracle_print_findings(out, findings, count);
    free(findings);
    for (unsigned bit = 0; bit < MODEL_CAUSE_COUNT; bit++) {
        if (side->result->causes & (1u << bit)) {
            fprintf(out, "cause %s\n", model_cause_name(bit));
        }
    }
    if (model_no_posts_name(side->result->no_posts) != NULL) {
        fprintf(out, "no-posts: %s\n", model_no_posts_name(side->result->no_posts));
    }
    if (side->result->brief_exposure) {
        fprintf(out, "caveat brief-exposure\n");
    }
    fprintf(out, "verdict %s exit %d\n", model_verdict_name(side->result->verdict),
            (int)side->result->verdict);
}

void oracle_run_model(const struct scenario *scenario, enum oracle_lane lane, FILE *out)
{
    struct model_input input = scenario_input(scenario);
    struct model_result result;
    if (lane == ORACLE_PROGRAM) {
        input.closing_cap = 0; /* users can't set it */
    }
    model_run(&input, &result);
    struct side side = {.scenario = scenario, .result = &result};
    for (size_t i = 0; i < result.ended_count; i++) {
        struct oracle_operation operation = operation_of(&side, result.ended[i]);
        oracle_print_operation(out, &operation);
    }
    for (size_t i = 0; i < result.conflict_count; i++) {
        struct oracle_conflict conflict = conflict_of(&side, i);
        oracle_print_conflict(out, &conflict);
    }
    oracle_print_coverage(out, &result.coverage);
    if (lane == ORACLE_PROGRAM) {
        print_findings(&side, out);
    }
    model_result_finish(&result);
}
