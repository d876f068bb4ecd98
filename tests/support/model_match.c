#include "tests/support/model_internal.h"

#include <string.h>

/* "1. modern: same endpoint and same ActivityId, where that names a request" */
static bool fits_by_activity(const struct model_event *post, const struct model_event *end)
{
    return model_event_names_request(post) && model_event_names_request(end) &&
           post->endpoint == end->endpoint &&
           memcmp(post->activity, end->activity, sizeof post->activity) == 0;
}

/* "2. modern Exit on the fast path: the fast-path operation of the same thread, process, endpoint
 * and direction, whatever address the Exit shows" */
static bool fits_by_thread(const struct model_event *post, const struct model_event *end)
{
    return model_event_is_modern(end) && model_event_on_fast_path(end) &&
           model_event_on_fast_path(post) && post->tid == end->tid &&
           post->process == end->process && post->endpoint == end->endpoint &&
           model_event_direction(post) == model_event_direction(end);
}

static bool carries_no_buffer(const struct model_event *end)
{
    return end->id == 1020 || end->id == 1026;
}

/* "3. same process, endpoint, direction and buffer address" */
static bool fits_by_address(const struct model_event *post, const struct model_event *end)
{
    return !carries_no_buffer(end) && post->process == end->process &&
           post->endpoint == end->endpoint && post->buffer == end->buffer &&
           model_event_direction(post) == model_event_direction(end);
}

/* "4. 1020 and 1026, which carry no buffer: the only ConnectEx (1020) or AcceptEx (1026) operation
 * of that endpoint" */
static bool fits_by_kind(const struct model_event *post, const struct model_event *end)
{
    return carries_no_buffer(end) && post->endpoint == end->endpoint && post->id == end->id + 1;
}

typedef bool fits_fn(const struct model_event *post, const struct model_event *end);

/* How many operations in flight, of the completion's family, fit; the newest of them. */
static size_t count_fitting(const struct model_run *run, const struct model_event *end, size_t only,
                            fits_fn *fits, size_t *newest)
{
    size_t count = 0;
    for (size_t i = 0; i < run->result->operation_count; i++) {
        const struct model_event *post = model_run_post(run, i);
        if (!model_run_in_flight(run, i) || (only != MODEL_NONE && only != i))
            continue;
        if (model_event_is_modern(post) != model_event_is_modern(end) || !fits(post, end))
            continue;
        *newest = i;
        count++;
    }
    return count;
}

/* "with several none ends, all of them get the reason `end-ambiguous`, and the completion is no
 * orphan" */
static void blur_all(struct model_run *run, const struct model_event *end)
{
    for (size_t i = 0; i < run->result->operation_count; i++)
        if (model_run_in_flight(run, i) && fits_by_kind(model_run_post(run, i), end)) {
            run->result->operations[i].end_ambiguous = true;
            run->result->operations[i].end_ambiguous_by = end->id;
        }
}

/* "Matching a completion to the operation that it ends, first hit wins" */
size_t model_match(struct model_run *run, size_t completion, size_t only, bool *ambiguous)
{
    static fits_fn *const rules[] = {fits_by_activity, fits_by_thread, fits_by_address,
                                     fits_by_kind};
    const struct model_event *end = model_run_event(run, completion);
    *ambiguous = false;
    for (unsigned rule = 0; rule < 4; rule++) {
        size_t hit = MODEL_NONE;
        size_t count = count_fitting(run, end, only, rules[rule], &hit);
        if (count == 0)
            continue;
        if (rules[rule] == fits_by_kind && count > 1) {
            blur_all(run, end);
            *ambiguous = true;
            return MODEL_NONE;
        }
        /* "among several, the newest [...] (the ended one is marked `ambiguous_pairing`)" */
        run->result->operations[hit].ambiguous_pairing =
            rules[rule] == fits_by_address && count > 1;
        run->result->operations[hit].matched_by = rule + 1;
        return hit;
    }
    return MODEL_NONE;
}
