/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/support/model_internal.h"

static bool carries_no_buffer(const struct model_event *end)
{
    return end->id == 1020 || end->id == 1026;
}

/* Section 3, Matching, rule 1, by request: endpoint, direction and ActivityId are the same, and
 * both events name a request. */
static bool fits_by_request(const struct model_run *run, size_t operation,
                            const struct model_event *end)
{
    size_t request = run->result->operations[operation].request_event;
    return model_event_same_request(model_run_event(run, request), end);
}

/* Section 3, Matching, rule 2, by thread, for modern Exits on the fast path: a fast-path operation
 * of the same thread, process, endpoint and direction. The address in the Exit doesn't matter. */
static bool fits_by_thread(const struct model_run *run, size_t operation,
                           const struct model_event *end)
{
    const struct model_event *post = model_run_post(run, operation);
    return model_event_is_modern(end) && model_event_on_fast_path(end) &&
           run->result->operations[operation].fast_path && post->tid == end->tid &&
           post->process == end->process && post->endpoint == end->endpoint;
}

/* Section 3, Matching, rule 3, by address: process, endpoint, direction and buffer address are the
 * same. A continued operation has its kernel address and, for Exits without keyword 0x10, its user
 * address. 1020 and 1026 carry no buffer. */
static bool fits_by_address(const struct model_run *run, size_t operation,
                            const struct model_event *end)
{
    const struct model_operation *candidate = &run->result->operations[operation];
    const struct model_event *post = model_run_post(run, operation);
    if (carries_no_buffer(end) || post->process != end->process ||
        post->endpoint != end->endpoint) {
        return false;
    }
    if (!candidate->from_attempt) {
        return post->buffer == end->buffer;
    }
    return candidate->kernel_address == end->buffer ||
           (!model_event_on_fast_path(end) &&
            model_run_event(run, candidate->memory_event)->buffer == end->buffer);
}

/* Section 3, Matching, rule 4, by exclusion: 1020 ends the only ConnectEx operation of its
 * endpoint, 1026 the only AcceptEx operation. */
bool model_match_fits_by_kind(const struct model_event *post, const struct model_event *end)
{
    return carries_no_buffer(end) && post->endpoint == end->endpoint && post->id == end->id + 1;
}

static bool fits_by_kind(const struct model_run *run, size_t operation,
                         const struct model_event *end)
{
    return model_match_fits_by_kind(model_run_post(run, operation), end);
}

typedef bool fits_fn(const struct model_run *run, size_t operation, const struct model_event *end);

static fits_fn *const rules[] = {fits_by_request, fits_by_thread, fits_by_address, fits_by_kind};
#define RULE_ADDRESS 2
#define RULE_KIND 3
#define RULE_COUNT 4

/* Direction and family agree in every rule. */
static bool fits(const struct model_run *run, unsigned rule, size_t operation,
                 const struct model_event *end)
{
    const struct model_operation *candidate = &run->result->operations[operation];
    return candidate->modern == model_event_is_modern(end) &&
           candidate->direction == model_event_direction(end) && rules[rule](run, operation, end);
}

/* How many operations of that state fit by that rule, and the newest of them. No rule finds a
 * suspended operation, because nobody asks for that state. */
static size_t count_fitting(const struct model_run *run, unsigned rule, enum model_state state,
                            const struct model_event *end, size_t *newest)
{
    size_t count = 0;
    for (size_t i = 0; i < run->result->operation_count; i++) {
        if (run->result->operations[i].state == state && fits(run, rule, i, end)) {
            *newest = i;
            count++;
        }
    }
    return count;
}

/* The first rule that finds an operation wins. Of several under rule 3 the newest ends, marked
 * `ambiguous_pairing`. Of several under rule 4 none ends, and the completion is no orphan. */
static struct model_hit match_in_state(const struct model_run *run, enum model_state state,
                                       const struct model_event *end)
{
    for (unsigned rule = 0; rule < RULE_COUNT; rule++) {
        size_t newest = MODEL_NONE;
        size_t count = count_fitting(run, rule, state, end, &newest);
        if (count > 1 && rule == RULE_KIND) {
            return (struct model_hit){.operation = MODEL_NONE, .ambiguous = true};
        }
        if (count > 0) {
            return (struct model_hit){.operation = newest,
                                      .rule = rule + 1,
                                      .pairing = count > 1 && rule == RULE_ADDRESS};
        }
    }
    return (struct model_hit){.operation = MODEL_NONE};
}

/* Operations in flight come before closing ones: all four rules are tried on them first. */
struct model_hit model_match(const struct model_run *run, size_t completion)
{
    const struct model_event *end = model_run_event(run, completion);
    struct model_hit hit = match_in_state(run, MODEL_IN_FLIGHT, end);
    if (hit.operation == MODEL_NONE && !hit.ambiguous) {
        hit = match_in_state(run, MODEL_CLOSING, end);
    }
    return hit;
}

/* Section 2: whether the completion would match the operation, were that alone in flight. */
struct model_hit model_match_alone(const struct model_run *run, size_t completion, size_t operation)
{
    for (unsigned rule = 0; rule < RULE_COUNT; rule++) {
        if (model_run_in_flight(run, operation) &&
            fits(run, rule, operation, model_run_event(run, completion))) {
            return (struct model_hit){.operation = operation, .rule = rule + 1};
        }
    }
    return (struct model_hit){.operation = MODEL_NONE};
}

/* Section 3, Attempt: rule 2 finds the attempt that an Exit with 0x103 makes over. A closing
 * attempt can't go on, so that such an Exit tells nothing of it. */
size_t model_match_pending_exit(const struct model_run *run, size_t exit)
{
    size_t newest = MODEL_NONE;
    count_fitting(run, 1, MODEL_IN_FLIGHT, model_run_event(run, exit), &newest);
    if (newest == MODEL_NONE || !run->result->operations[newest].is_attempt) {
        return MODEL_NONE;
    }
    return newest;
}
