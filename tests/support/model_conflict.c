#include "tests/support/model_internal.h"

#include <stdlib.h>

/* "an endpoint whose last 1, or 1000 with EnterExit 0, says SocketType 2" */
static bool endpoint_is_datagram(const struct model_run *run, uint64_t endpoint)
{
    for (size_t i = run->step; i > 0; i--) {
        const struct model_event *event = model_run_event(run, run->result->order[i - 1]);
        if (model_event_is_create(event) && event->endpoint == endpoint)
            return event->socket_type == MODEL_SOCKET_DATAGRAM;
    }
    return false;
}

/* "a datagram (ids 21 22 1005 1007, keyword 0x1, or an endpoint [...]; B decides)" */
static bool is_datagram(const struct model_run *run, const struct model_event *post)
{
    return post->id == 21 || post->id == 22 || post->id == 1005 || post->id == 1007 ||
           (post->keyword & MODEL_KEYWORD_DATAGRAM) || endpoint_is_datagram(run, post->endpoint);
}

/* The table of section 5, column `rule`. */
static enum model_rule judge(const struct model_run *run, const struct model_operation *a,
                             const struct model_operation *b, bool kernel)
{
    const struct model_event *a_post = model_run_event(run, a->post);
    const struct model_event *b_post = model_run_event(run, b->post);
    if (kernel)
        return MODEL_KERNEL_ADDRESS_REPOSTED;
    if (b->direction == MODEL_RECV)
        return a->direction == MODEL_RECV ? MODEL_RECV_OVER_RECV : MODEL_RECV_OVER_SEND;
    if (a->direction == MODEL_RECV)
        return MODEL_SEND_OVER_RECV;
    if (a_post->endpoint != b_post->endpoint || is_datagram(run, b_post))
        return MODEL_SHARED_SEND;
    return MODEL_SEND_OVER_SEND;
}

/* The table of section 5, column `severity`. */
static enum model_level severity_of(enum model_rule rule, bool modern)
{
    switch (rule) {
    case MODEL_RECV_OVER_RECV:
    case MODEL_RECV_OVER_SEND:
    case MODEL_SEND_OVER_RECV:
        return MODEL_ERROR;
    case MODEL_SEND_OVER_SEND:
        return MODEL_WARNING;
    case MODEL_KERNEL_ADDRESS_REPOSTED:
        return modern ? MODEL_NOTE : MODEL_WARNING;
    default:
        return MODEL_NOTE;
    }
}

static void add_conflict(struct model_run *run, size_t first, size_t second,
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
    struct model_conflict *conflict = &result->conflicts[result->conflict_count++];
    enum model_rule rule = judge(run, a, b, overlap->kernel);
    *conflict = (struct model_conflict){
        .first = first,
        .second = second,
        .rule = rule,
        .severity = severity_of(rule, b->modern),
        .start = overlap->start,
        .length = overlap->length,
        .extent = overlap->extent,
        .on_inferred = overlap->on_inferred,
        .unverified = overlap->unverified,
    };
    if (b->direction == MODEL_RECV)
        a->conflicts_with_recvs++;
    else
        a->conflicts_with_sends++;
}

/*
 * "At a post B, every operation A in flight that shares memory with B makes a conflict (A, B), in
 * order of A's post." "After eight conflicts with later receives an operation is no longer
 * compared with receives, after eight with later sends no longer with sends". "a post conflicts
 * with [...] only operations of its own family"
 */
void model_conflict_compare(struct model_run *run, size_t post)
{
    for (size_t i = 0; i < post; i++) {
        const struct model_operation *a = &run->result->operations[i];
        const struct model_operation *b = &run->result->operations[post];
        unsigned before =
            b->direction == MODEL_RECV ? a->conflicts_with_recvs : a->conflicts_with_sends;
        if (!model_run_in_flight(run, i) || a->modern != b->modern || before >= MODEL_CAP)
            continue;
        struct model_overlap overlap = model_memory_overlap(run, a, b);
        if (overlap.shares)
            add_conflict(run, i, post, &overlap);
    }
}

static bool end_is_traced(const struct model_operation *operation)
{
    return operation->end == MODEL_COMPLETED || operation->end == MODEL_FAILED;
}

/* "anything else, with every reason that applies" */
static unsigned reasons_of(const struct model_run *run, const struct model_conflict *conflict)
{
    const struct model_operation *a = &run->result->operations[conflict->first];
    const struct model_operation *b = &run->result->operations[conflict->second];
    int64_t a_posted = model_run_event(run, a->post)->time;
    int64_t b_posted = model_run_event(run, b->post)->time;
    int64_t a_ended =
        a->end == MODEL_PENDING ? INT64_MAX : model_run_event(run, a->end_event)->time;
    unsigned reasons = 0;
    if (!end_is_traced(a))
        reasons |= MODEL_COMPLETION_NOT_SEEN;
    if (a->aborted)
        reasons |= MODEL_REASON_ABORTED;
    if (a->end_ambiguous)
        reasons |= MODEL_REASON_END_AMBIGUOUS;
    if (a->end == MODEL_CLOSED)
        reasons |= MODEL_REASON_CLOSED;
    if (a->end == MODEL_SUPERSEDED)
        reasons |= MODEL_REASON_SUPERSEDED;
    if (a->end == MODEL_RETURNED)
        reasons |= MODEL_REASON_RETURNED;
    /* "no loss is recorded from A's post to A's end, both included" */
    if (model_loss_touches(run, a_posted, a_ended))
        reasons |= MODEL_EVENTS_LOST;
    if (conflict->on_inferred)
        reasons |= MODEL_INFERRED_ADDRESS;
    if (conflict->unverified)
        reasons |= MODEL_UNVERIFIED_FIELD;
    if (end_is_traced(a) && a_ended == b_posted)
        reasons |= MODEL_SAME_TIME;
    return reasons;
}

/* The list under "`level` is what gates and what sorts". */
static enum model_level level_of(const struct model_run *run, const struct model_conflict *conflict)
{
    const struct model_operation *a = &run->result->operations[conflict->first];
    if (conflict->reasons == 0)
        return conflict->severity;
    /* "A's end traced after B's post": in the order of section 2, so a `same-time` end, too. */
    bool lower = end_is_traced(a);
    /* "or no reason but `completion-not-seen`, A no modern fast-path operation [...] and some
     * operation with a user address ended traced" */
    if (conflict->reasons == MODEL_COMPLETION_NOT_SEEN && !(a->modern && a->fast_path) &&
        run->result->coverage.user_address_ended > 0)
        lower = true;
    if (lower && conflict->severity == MODEL_ERROR)
        return MODEL_WARNING;
    return MODEL_NOTE;
}

/* "in the order in which confidence was settled, ties by the first operation's post, then the
 * second's" */
static int compare_settled(const void *left, const void *right)
{
    const struct model_conflict *a = left, *b = right;
    if (a->settled_at != b->settled_at)
        return a->settled_at < b->settled_at ? -1 : 1;
    if (a->first != b->first)
        return a->first < b->first ? -1 : 1;
    return a->second < b->second ? -1 : a->second > b->second;
}

/* "Confidence is settled when A ends or the trace does" */
void model_conflict_settle(struct model_run *run)
{
    struct model_result *result = run->result;
    for (size_t i = 0; i < result->conflict_count; i++) {
        struct model_conflict *conflict = &result->conflicts[i];
        conflict->reasons = reasons_of(run, conflict);
        conflict->level = level_of(run, conflict);
        conflict->settled_at = run->ended_at[conflict->first];
    }
    if (result->conflict_count)
        qsort(result->conflicts, result->conflict_count, sizeof *result->conflicts,
              compare_settled);
}
