#include "tests/support/oracle_internal.h"

#include <stdlib.h>

#define HOOK_PROCESS_END 0x0302

struct side {
    const struct scenario *scenario;
    const struct model_result *result;
};

static unsigned end_id_of(const struct model_event *event)
{
    if (event->kind == MODEL_PROCESS_END)
        return event->manifest_end ? 2 : HOOK_PROCESS_END;
    return event->id;
}

static struct oracle_operation operation_of(const struct side *side, size_t index)
{
    const struct model_operation *operation = &side->result->operations[index];
    const struct model_event *post = &side->scenario->events[operation->post];
    struct oracle_operation out = {
        .number = index + 1,
        .process = post->process,
        .endpoint = post->endpoint,
        .buffer = post->buffer,
        .inferred_buffer = operation->inferred_buffer,
        .continues = operation->continues == MODEL_NONE ? 0 : operation->continues + 1,
        .buffer_count = post->id == 1021 || post->id == 1027 ? 1 : post->buffer_count,
        .length = post->buffer_length,
        .post_id = post->id,
        .cpu = post->cpu,
        .pid = post->pid,
        .tid = post->tid,
        .posted_ticks = post->time,
        .modern = operation->modern,
        .recv = operation->direction == MODEL_RECV,
        .fast_path = operation->fast_path,
        .has_inferred = operation->has_inferred,
        .ambiguous_pairing = operation->ambiguous_pairing,
        .api = model_api_name(post->id),
        .space = model_space_name(operation->space),
        .end = model_end_name(operation->end),
    };
    /* A count is an i32 in one family and a u32 in the other. */
    if (operation->modern)
        out.buffer_count = (uint32_t)out.buffer_count;
    if (operation->end_event != MODEL_NONE) {
        const struct model_event *end = &side->scenario->events[operation->end_event];
        out.end_id = end_id_of(end);
        out.ended_ticks = end->time;
    }
    return out;
}

static struct oracle_conflict conflict_of(const struct side *side, size_t index)
{
    const struct model_conflict *conflict = &side->result->conflicts[index];
    return (struct oracle_conflict){
        .rule = model_rule_name(conflict->rule),
        .severity = model_level_name(conflict->severity),
        .level = model_level_name(conflict->level),
        .extent = model_extent_name(conflict->extent),
        .first = conflict->first + 1,
        .second = conflict->second + 1,
        .start = conflict->start,
        .length = conflict->length,
        .reasons = conflict->reasons,
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
        .count_is_minimum = finding->count_is_minimum,
        .first_time = finding->first_time,
        .last_time = finding->last_time,
        .endpoints = finding->endpoints,
        .addresses = finding->addresses,
        .other_count = (unsigned)finding->other_count,
    };
    for (size_t i = 0; i < finding->other_count; i++)
        out.others[i] = conflict_of(side, finding->others[i]);
    return out;
}

static void print_findings(const struct side *side, FILE *out)
{
    size_t count = side->result->finding_count;
    struct oracle_finding *findings = calloc(count ? count : 1, sizeof *findings);
    if (!findings)
        abort();
    for (size_t i = 0; i < count; i++)
        findings[i] = finding_of(side, i);
    oracle_print_findings(out, findings, count);
    free(findings);
    for (unsigned bit = 0; bit < MODEL_CAUSE_COUNT; bit++)
        if (side->result->causes & (1u << bit))
            fprintf(out, "cause %s\n", model_cause_name(bit));
    fprintf(out, "verdict %s exit %d\n", model_verdict_name(side->result->verdict),
            (int)side->result->verdict);
}

void oracle_run_model(const struct scenario *scenario, enum oracle_lane lane, FILE *out)
{
    struct model_input input = scenario_input(scenario);
    struct model_result result;
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
    if (lane == ORACLE_PROGRAM)
        print_findings(&side, out);
    model_result_finish(&result);
}
