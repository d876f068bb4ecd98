/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/support/model_internal.h"

#include <stdlib.h>

/* Section 5, Rules: the last create of the endpoint (1, or 1000 with EnterExit 0) said SocketType
 * 2. */
static bool endpoint_is_datagram(const struct model_run *run, uint64_t endpoint)
{
    for (size_t i = run->step; i > 0; i--) {
        const struct model_event *event = model_run_event(run, run->result->order[i - 1]);
        if (model_event_is_create(event) && event->endpoint == endpoint) {
            return event->socket_type == MODEL_SOCKET_DATAGRAM;
        }
    }
    return false;
}

/* Section 5, Rules: a datagram by id (21, 22, 1005, 1007), by keyword 0x1 or by its endpoint, at
 * the present step. */
bool model_conflict_is_datagram(const struct model_run *run, const struct model_event *post)
{
    return post->id == 21 || post->id == 22 || post->id == 1005 || post->id == 1007 ||
           (post->keyword & MODEL_KEYWORD_DATAGRAM) || endpoint_is_datagram(run, post->endpoint);
}

/* ---- recording ---- */

/* The table of section 5 that names rules. The second operation decides what is a datagram. */
static enum model_rule rule_of(const struct model_run *run, const struct model_operation *first,
                               const struct model_operation *second, bool kernel)
{
    if (kernel) {
        return MODEL_KERNEL_ADDRESS_REPOSTED;
    }
    if (second->direction == MODEL_RECV) {
        return first->direction == MODEL_RECV ? MODEL_RECV_OVER_RECV : MODEL_RECV_OVER_SEND;
    }
    if (first->direction == MODEL_RECV) {
        return MODEL_SEND_OVER_RECV;
    }
    bool same_endpoint =
        model_run_event(run, first->post)->endpoint == model_run_event(run, second->post)->endpoint;
    return !same_endpoint || second->datagram ? MODEL_SHARED_SEND : MODEL_SEND_OVER_SEND;
}

/* The table of section 5 that names rules, column of severities. */
static enum model_level severity_of(enum model_rule rule, enum model_extent extent, bool modern)
{
    switch (rule) {
    case MODEL_RECV_OVER_RECV:
    case MODEL_RECV_OVER_SEND:
    case MODEL_SEND_OVER_RECV:
        return MODEL_ERROR;
    case MODEL_SEND_OVER_SEND:
        /* gathering sends share constant headers, and only the first buffer of one is known */
        return extent == MODEL_FIRST_BUFFER_ONLY ? MODEL_NOTE : MODEL_WARNING;
    case MODEL_KERNEL_ADDRESS_REPOSTED:
        return modern ? MODEL_NOTE : MODEL_WARNING;
    default:
        return MODEL_NOTE;
    }
}

/* Sections 3 and 5: a conflict with a suspended first exists only if the first goes on, a conflict
 * with a closing first only if a later completion ends the first. */
static enum model_condition condition_of(enum model_state first)
{
    switch (first) {
    case MODEL_SUSPENDED:
        return MODEL_IF_IT_GOES_ON;
    case MODEL_CLOSING:
        return MODEL_IF_COMPLETED;
    default:
        return MODEL_EXISTS;
    }
}

static void record_conflict(struct model_run *run, size_t first, size_t second,
                            const struct model_overlap *overlap)
{
    struct model_result *result = run->result;
    struct model_operation *a = &result->operations[first];
    const struct model_operation *b = &result->operations[second];
    if (result->conflict_count == run->conflict_capacity) {
        run->conflict_capacity = run->conflict_capacity * 2 + 16;
        result->conflicts =
            model_grow(result->conflicts, run->conflict_capacity, sizeof *result->conflicts);
    }
    enum model_rule rule = rule_of(run, a, b, overlap->kernel);
    result->conflicts[result->conflict_count++] = (struct model_conflict){
        .first = first,
        .second = second,
        .condition = condition_of(a->state),
        .rule = rule,
        .severity = severity_of(rule, overlap->extent, b->modern),
        .start = overlap->start,
        .length = overlap->length,
        .extent = overlap->extent,
        .unverified = overlap->unverified,
    };
    if (b->direction == MODEL_RECV) {
        a->conflicts_with_recvs++;
    } else {
        a->conflicts_with_sends++;
    }
}

/*
 * Section 5: the post makes a conflict with each operation of its family that is in flight and
 * shares memory with it, in the order of the first's post. An operation with eight conflicts with
 * later receives is no longer compared with receives, one with eight with later sends no longer
 * with sends. Suspended and closing operations are compared as well.
 */
void model_conflict_compare(struct model_run *run, size_t post)
{
    const struct model_operation *second = &run->result->operations[post];
    for (size_t i = 0; i < post; i++) {
        const struct model_operation *first = &run->result->operations[i];
        unsigned before = second->direction == MODEL_RECV ? first->conflicts_with_recvs
                                                          : first->conflicts_with_sends;
        if (first->state == MODEL_ENDED || first->modern != second->modern || before >= MODEL_CAP) {
            continue;
        }
        struct model_overlap overlap = model_memory_overlap(run, first, second);
        if (overlap.shares) {
            record_conflict(run, i, post, &overlap);
        }
    }
}

/* ---- settling, when the trace has ended ---- */

static bool conflict_exists(const struct model_run *run, const struct model_conflict *conflict)
{
    const struct model_operation *first = &run->result->operations[conflict->first];
    switch (conflict->condition) {
    case MODEL_IF_IT_GOES_ON:
        return first->from_attempt;
    case MODEL_IF_COMPLETED:
        return model_end_is_traced(first);
    default:
        return true;
    }
}

static void drop_those_that_do_not_exist(struct model_run *run)
{
    struct model_result *result = run->result;
    size_t kept = 0;
    for (size_t i = 0; i < result->conflict_count; i++) {
        if (conflict_exists(run, &result->conflicts[i])) {
            result->conflicts[kept++] = result->conflicts[i];
        } else {
            result->vanished[result->conflicts[i].condition]++;
        }
    }
    result->conflict_count = kept;
}

/* Section 3, Inferred address: whether the address was inferred at the second's post, by what was
 * known when the first's end became known. A continuation that comes after that changes nothing. */
static bool was_inferred(const struct model_run *run, size_t operation,
                         const struct model_conflict *conflict)
{
    const struct model_operation *of = &run->result->operations[operation];
    const struct model_operation *first = &run->result->operations[conflict->first];
    return of->from_attempt && of->continued_step <= first->known_step &&
           of->inferred_from <= run->result->operations[conflict->second].post_step;
}

/* Section 5, `inference-unsure`: the first's process posted a receive that proves that not every
 * call begins with an attempt, before the event that ended the first, or before the trace's end. */
static bool inference_is_unsure(const struct model_run *run, const struct model_operation *first)
{
    uint64_t process = model_run_event(run, first->post)->process;
    for (size_t i = 0; i < run->witness_count; i++) {
        const struct model_witness *witness = &run->witnesses[i];
        if (witness->process == process && witness->life == first->process_life &&
            witness->step < first->end_step) {
            return true;
        }
    }
    return false;
}

/* Section 5, the reasons of an untraced end. A traced end settles all that had become doubtful
 * before it. */
static unsigned reasons_of_untraced_end(const struct model_operation *first)
{
    unsigned reasons = MODEL_COMPLETION_NOT_SEEN;
    reasons |= first->aborted ? MODEL_REASON_ABORTED : 0;
    reasons |= first->end_ambiguous ? MODEL_REASON_END_AMBIGUOUS : 0;
    reasons |= first->end == MODEL_CLOSED ? MODEL_REASON_CLOSED : 0;
    reasons |= first->end == MODEL_SUPERSEDED ? MODEL_REASON_SUPERSEDED : 0;
    reasons |= first->end == MODEL_RETURNED ? MODEL_REASON_RETURNED : 0;
    reasons |= first->end == MODEL_IMPLIED ? MODEL_REASON_IMPLIED : 0;
    return reasons;
}

/* Section 5, Confidence: every reason that applies; none for a confirmed conflict. */
static unsigned reasons_of(const struct model_run *run, const struct model_conflict *conflict)
{
    const struct model_operation *first = &run->result->operations[conflict->first];
    const struct model_operation *second = &run->result->operations[conflict->second];
    int64_t first_posted = run->order_time[first->post];
    int64_t second_posted = run->order_time[second->post];
    bool pending = first->end == MODEL_PENDING;
    int64_t first_ended = pending ? INT64_MAX : run->order_time[first->end_event];
    bool traced = model_end_is_traced(first);
    unsigned reasons = traced ? 0 : reasons_of_untraced_end(first);
    /* loss counts from the first's post to its end, both included */
    if (model_loss_touches(run, first_posted, first_ended)) {
        reasons |= MODEL_EVENTS_LOST;
    }
    if (was_inferred(run, conflict->first, conflict) ||
        was_inferred(run, conflict->second, conflict)) {
        reasons |= MODEL_INFERRED_ADDRESS;
        reasons |= inference_is_unsure(run, first) ? MODEL_INFERENCE_UNSURE : 0;
    }
    if (conflict->unverified) {
        reasons |= MODEL_UNVERIFIED_FIELD;
    }
    /* the first's traced end bears the time of the second's post */
    if (traced && first_ended == second_posted) {
        reasons |= MODEL_SAME_TIME;
    }
    return reasons;
}

static enum model_confidence confidence_of(unsigned reasons)
{
    if (reasons == 0) {
        return MODEL_CONFIRMED;
    }
    return reasons == MODEL_INFERRED_ADDRESS ? MODEL_LIKELY : MODEL_POSSIBLE;
}

/* Section 5, Level: the path is `FastPath` for legacy operations; for modern ones it means not on
 * the fast path. */
static bool same_path(const struct model_operation *first, const struct model_operation *other)
{
    return first->modern ? !other->fast_path : other->fast_path == first->fast_path;
}

/* Section 5, Level: some operation of the first's family, direction and path, with user memory that
 * is not inferred, has an end that was traced by a completion with its user address or by its
 * request. Else completions perhaps never show such operations in this trace. */
static bool completions_show_such(const struct model_run *run, const struct model_operation *first)
{
    for (size_t i = 0; i < run->result->operation_count; i++) {
        const struct model_operation *other = &run->result->operations[i];
        if (other->modern == first->modern && other->direction == first->direction &&
            same_path(first, other) && other->space == MODEL_SPACE_USER && !other->from_attempt &&
            model_end_is_traced(other) &&
            (other->end_shows_user_address || other->matched_by == 1)) {
            return true;
        }
    }
    return false;
}

/* Section 5, Level: the first is no modern fast-path operation, whose Exit may be the last event of
 * its thread, and no datagram send, whose end is optional. */
static bool end_was_due(const struct model_operation *first)
{
    bool fast = first->modern && first->fast_path;
    return !fast && !(first->direction == MODEL_SEND && first->datagram);
}

/* The table of section 5, Level. */
static enum model_level level_of(const struct model_run *run, const struct model_conflict *conflict)
{
    const struct model_operation *first = &run->result->operations[conflict->first];
    if (conflict->confidence != MODEL_POSSIBLE) {
        return conflict->severity;
    }
    if (conflict->reasons & MODEL_INFERENCE_UNSURE) {
        return MODEL_NOTE;
    }
    bool step_lower =
        model_end_is_traced(first) || (conflict->reasons == MODEL_COMPLETION_NOT_SEEN &&
                                       end_was_due(first) && completions_show_such(run, first));
    return step_lower && conflict->severity == MODEL_ERROR ? MODEL_WARNING : MODEL_NOTE;
}

static size_t later(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* Orders conflicts as they are told: when both operations had ended, or the trace, then by the
 * first's post, then by the second's. */
static int compare_known(const void *left, const void *right)
{
    const struct model_conflict *a = left;
    const struct model_conflict *b = right;
    if (a->known_step != b->known_step) {
        return a->known_step < b->known_step ? -1 : 1;
    }
    if (a->first != b->first) {
        return a->first < b->first ? -1 : 1;
    }
    return a->second < b->second ? -1 : a->second > b->second;
}

void model_conflict_settle(struct model_run *run)
{
    struct model_result *result = run->result;
    drop_those_that_do_not_exist(run);
    for (size_t i = 0; i < result->conflict_count; i++) {
        struct model_conflict *conflict = &result->conflicts[i];
        conflict->reasons = reasons_of(run, conflict);
        conflict->confidence = confidence_of(conflict->reasons);
        conflict->level = level_of(run, conflict);
        model_harm_find(run, conflict);
        conflict->known_step = later(result->operations[conflict->first].known_step,
                                     result->operations[conflict->second].known_step);
    }
    if (result->conflict_count) {
        qsort(result->conflicts, result->conflict_count, sizeof *result->conflicts, compare_known);
    }
}
