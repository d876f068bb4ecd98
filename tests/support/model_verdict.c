/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/support/model_internal.h"

/* ---- coverage (output.md) ---- */

/* Section 5: an operation that reached either cap, of eight conflicts with later receives or eight
 * with later sends. */
static bool is_capped(const struct model_operation *operation)
{
    return operation->conflicts_with_recvs >= MODEL_CAP ||
           operation->conflicts_with_sends >= MODEL_CAP;
}

/* Counts one operation. A continued one counts once, and its address is visible; receives and sends
 * count where they have memory. */
static void cover_operation(const struct model_run *run, const struct model_operation *operation,
                            struct model_coverage *coverage)
{
    const struct model_event *shown = model_run_event(run, operation->memory_event);
    bool user = operation->space == MODEL_SPACE_USER;
    bool memory = operation->space != MODEL_SPACE_NONE;
    bool recv = operation->direction == MODEL_RECV;
    coverage->posts++;
    coverage->matched += model_end_is_traced(operation);
    coverage->pending += operation->end == MODEL_PENDING;
    coverage->user_address_operations += user;
    coverage->user_address_ended += user && model_end_is_traced(operation);
    coverage->kernel_address_operations += operation->space == MODEL_SPACE_KERNEL;
    coverage->inferred_address_operations += operation->from_attempt;
    coverage->continued += operation->from_attempt;
    coverage->recvs += recv && memory;
    coverage->recvs_user_address += recv && user;
    coverage->sends += !recv && memory;
    coverage->sends_user_address += !recv && user;
    coverage->chained_operations += shown->buffer_count > 1;
    coverage->zero_length_posts += shown->buffer_length == 0;
    coverage->invalid_addresses += operation->invalid_address;
    coverage->capped_operations += is_capped(operation);
}

/* Counts what operations tell. `completions` are the ends that calls had, and those that no
 * operation took: an attempt's Exit is none where the call went on. */
void model_verdict_cover(struct model_run *run)
{
    struct model_result *result = run->result;
    struct model_coverage *coverage = &result->coverage;
    for (size_t i = 0; i < result->operation_count; i++) {
        cover_operation(run, &result->operations[i], coverage);
    }
    coverage->completions =
        coverage->matched + coverage->orphan_completions + run->ambiguous_completions;
    coverage->conflicts = result->conflict_count;
}

/* ---- causes of an inconclusive result ---- */

static bool is_first_of_a_conflict(const struct model_run *run, size_t operation)
{
    for (size_t i = 0; i < run->result->conflict_count; i++) {
        if (run->result->conflicts[i].first == operation) {
            return true;
        }
    }
    return false;
}

/* Section 7, `no-user-completion`: an end was due if an operation with user memory is the first of
 * a conflict, has `end-ambiguous`, or ended `returned` or `superseded`. Datagram sends don't count,
 * because their end is optional. */
static bool end_was_due(const struct model_run *run, size_t index)
{
    const struct model_operation *operation = &run->result->operations[index];
    if (operation->direction == MODEL_SEND && operation->datagram) {
        return false;
    }
    return is_first_of_a_conflict(run, index) || operation->end_ambiguous ||
           operation->end == MODEL_RETURNED || operation->end == MODEL_SUPERSEDED;
}

/* Section 7, `no-user-completion`: an end was due in that direction, and not one operation of that
 * direction with user memory has a traced end. */
static bool no_end_was_traced(const struct model_run *run, enum model_direction direction)
{
    bool due = false;
    for (size_t i = 0; i < run->result->operation_count; i++) {
        const struct model_operation *operation = &run->result->operations[i];
        if (operation->direction != direction || operation->space != MODEL_SPACE_USER) {
            continue;
        }
        if (model_end_is_traced(operation)) {
            return false;
        }
        due = due || end_was_due(run, i);
    }
    return due;
}

/* The causes that concern one direction, of whose operations with memory `visible` of `count` have
 * user memory. */
static unsigned causes_of_direction(const struct model_run *run, enum model_direction direction,
                                    uint64_t visible, uint64_t count)
{
    unsigned causes = 0;
    /* operations with memory were posted in this direction, and none has user memory */
    if (count > 0 && visible == 0) {
        causes |= MODEL_NO_USER_ADDRESS;
    }
    /* a smaller share of the operations with memory has user memory than asked for */
    if (count > 0 && visible * 100 < count * run->input->min_visible) {
        causes |= MODEL_FEW_USER_ADDRESSES;
    }
    if (no_end_was_traced(run, direction)) {
        causes |= MODEL_NO_USER_COMPLETION;
    }
    return causes;
}

static unsigned causes_of(const struct model_run *run)
{
    const struct model_coverage *coverage = &run->result->coverage;
    unsigned causes = 0;
    if (coverage->posts == 0) {
        causes |= MODEL_NO_POSTS; /* none of the next three then */
    } else {
        causes |=
            causes_of_direction(run, MODEL_RECV, coverage->recvs_user_address, coverage->recvs);
        causes |=
            causes_of_direction(run, MODEL_SEND, coverage->sends_user_address, coverage->sends);
    }
    if (model_loss_any(run)) {
        causes |= MODEL_CAUSE_EVENTS_LOST;
    }
    if (run->input->end_missing) {
        causes |= MODEL_CAUSE_END_MISSING;
    }
    return causes;
}

/* ---- the kinds of `no-posts` ---- */

/* The levels of the manifest: 5 for posts, completions and what surrounds them in the legacy
 * family, 2 for aborts and drops of the modern one, else 4. */
static unsigned level_of_id(uint16_t id)
{
    bool verbose = (id >= 18 && id <= 39) || id == 41;
    if (id == 1032 || id == 1033) {
        return 2;
    }
    return verbose ? 5 : 4;
}

/* The ids with keyword 0x40. */
static bool is_registered_io(uint16_t id)
{
    return (id >= 4000 && id <= 4015) || id == 4018 || id == 4020;
}

struct survey {
    bool any, registered_io, data;
    bool legacy, modern;                 /* families seen, in AFD's own copies, too */
    unsigned legacy_level, modern_level; /* the highest seen */
    bool winsock_source;                 /* an event of 1000-1037, which have keyword 0x4 */
    bool created;
};

static void survey_event(const struct model_event *event, struct survey *survey)
{
    unsigned level = level_of_id(event->id);
    survey->any = true;
    if (event->undecodable) {
        return; /* shows no family, as in COVERAGE */
    }
    survey->registered_io = survey->registered_io || is_registered_io(event->id);
    survey->data = survey->data || model_event_is_post(event) || model_event_is_completion(event);
    survey->created = survey->created || model_event_is_create(event);
    if (event->id < 1000) {
        survey->legacy = true;
        survey->legacy_level = level > survey->legacy_level ? level : survey->legacy_level;
    } else if (event->id < 4000) {
        survey->modern = true;
        survey->modern_level = level > survey->modern_level ? level : survey->modern_level;
        survey->winsock_source = survey->winsock_source || event->id < 3000;
    }
}

static struct survey survey_events(const struct model_run *run)
{
    struct survey survey = {0};
    for (size_t i = 0; i < run->input->event_count; i++) {
        if (model_event_is_winsock(&run->input->events[i])) {
            survey_event(&run->input->events[i], &survey);
        }
    }
    return survey;
}

/* Whether the recorded level leaves out the posts of the family that is there. */
static bool level_leaves_posts_out(const struct survey *survey)
{
    if (survey->modern) {
        return survey->modern_level < 4;
    }
    return survey->legacy && survey->legacy_level < 5;
}

/* Section 7, kinds of `no-posts`: the first that holds is named. The highest level and the keywords
 * that were recorded tell what the session left out: posts of the modern family have level 4 and
 * keyword 0x4, legacy ones level 5. */
static enum model_no_posts no_posts_kind(const struct model_run *run)
{
    struct survey survey = survey_events(run);
    if (!survey.any) {
        return MODEL_NO_POSTS_PROVIDER;
    }
    if (survey.registered_io && !survey.data) {
        return MODEL_NO_POSTS_REGISTERED_IO;
    }
    if (level_leaves_posts_out(&survey)) {
        return MODEL_NO_POSTS_LEVEL;
    }
    if (survey.modern && !survey.winsock_source) {
        return MODEL_NO_POSTS_KEYWORDS;
    }
    if (run->result->coverage.rejected_posts > 0) {
        return MODEL_NO_POSTS_REJECTED;
    }
    return survey.created ? MODEL_NO_POSTS_NO_TRAFFIC : MODEL_NO_POSTS_NONE;
}

/* ---- verdict ---- */

#define BRIEF_PER_SECOND 10000 /* 100 us is a second divided by this */

/* Section 6: the caveat about confirmed or likely conflicts whose exposure, from the second's post
 * to the first's end, is below 100 us in every case. */
static bool exposure_is_brief(const struct model_run *run)
{
    bool any = false;
    for (size_t i = 0; i < run->result->conflict_count; i++) {
        const struct model_conflict *conflict = &run->result->conflicts[i];
        const struct model_operation *first = &run->result->operations[conflict->first];
        if (conflict->confidence == MODEL_POSSIBLE) {
            continue;
        }
        int64_t ended = model_run_event(run, first->end_event)->time;
        int64_t posted = model_run_post(run, conflict->second)->time;
        if ((ended - posted) * BRIEF_PER_SECOND >= model_run_seconds(run, 1)) {
            return false;
        }
        any = true;
    }
    return any;
}

/* Section 7: findings if one has a level at or above --fail-on (the default, warning), else
 * inconclusive if a cause holds, else clean. */
void model_verdict_decide(struct model_run *run)
{
    struct model_result *result = run->result;
    result->causes = causes_of(run);
    if (result->causes & MODEL_NO_POSTS) {
        result->no_posts = no_posts_kind(run);
    }
    result->brief_exposure = exposure_is_brief(run);
    result->verdict = result->causes ? MODEL_INCONCLUSIVE : MODEL_CLEAN;
    for (size_t i = 0; i < result->finding_count; i++) {
        if (result->conflicts[result->findings[i].conflicts[0]].level >= MODEL_WARNING) {
            result->verdict = MODEL_FINDINGS;
        }
    }
}
