#include "tests/support/model_internal.h"

#include <stdlib.h>
#include <string.h>

static bool end_is_traced(const struct model_operation *operation)
{
    return operation->end == MODEL_COMPLETED || operation->end == MODEL_FAILED;
}

/* "a run makes at most sixteen conflicts an operation": one that reached either eight. */
static bool reached_cap(const struct model_operation *operation)
{
    return operation->conflicts_with_recvs >= MODEL_CAP ||
           operation->conflicts_with_sends >= MODEL_CAP;
}

static void cover_operation(const struct model_run *run, const struct model_operation *operation,
                            struct model_coverage *coverage)
{
    const struct model_event *post = model_run_event(run, operation->post);
    bool user = operation->space == MODEL_SPACE_USER;
    coverage->posts++;
    coverage->pending += operation->end == MODEL_PENDING;
    coverage->user_address_operations += user;
    coverage->user_address_ended += user && end_is_traced(operation);
    coverage->kernel_address_operations += operation->space == MODEL_SPACE_KERNEL;
    coverage->inferred_address_operations += operation->has_inferred;
    coverage->inferred_address_ended += operation->has_inferred && end_is_traced(operation);
    coverage->recvs += operation->direction == MODEL_RECV;
    coverage->recvs_user_address += operation->direction == MODEL_RECV && user;
    coverage->sends += operation->direction == MODEL_SEND;
    coverage->sends_user_address += operation->direction == MODEL_SEND && user;
    coverage->chained_operations += post->buffer_count > 1;
    coverage->zero_length_posts += post->buffer_length == 0;
    coverage->invalid_addresses += operation->invalid_address;
    coverage->capped_operations += reached_cap(operation);
}

/* What output.md calls COVERAGE; what only events tell is counted as they come. */
void model_verdict_cover(struct model_run *run)
{
    struct model_result *result = run->result;
    for (size_t i = 0; i < result->operation_count; i++)
        cover_operation(run, &result->operations[i], &result->coverage);
    result->coverage.conflicts = result->conflict_count;
}

/* "Conflicts with the same process (B's) and fingerprint are one finding." Without images and
 * stacks a fingerprint is the rule and the API pair. */
static bool same_finding(const struct model_run *run, const struct model_conflict *x,
                         const struct model_conflict *y)
{
    const struct model_operation *operations = run->result->operations;
    const struct model_event *x_first = model_run_post(run, x->first);
    const struct model_event *x_second = model_run_post(run, x->second);
    const struct model_event *y_first = model_run_post(run, y->first);
    const struct model_event *y_second = model_run_post(run, y->second);
    return x->rule == y->rule && x_second->process == y_second->process &&
           operations[x->second].process_life == operations[y->second].process_life &&
           strcmp(model_api_name(x_first->id), model_api_name(y_first->id)) == 0 &&
           strcmp(model_api_name(x_second->id), model_api_name(y_second->id)) == 0;
}

/* "Its conflicts rank by level, then B's post, then A's." */
static bool ranks_before(const struct model_conflict *x, const struct model_conflict *y)
{
    if (x->level != y->level)
        return x->level > y->level;
    if (x->second != y->second)
        return x->second < y->second;
    return x->first < y->first;
}

static void add_ranked(const struct model_run *run, struct model_finding *finding, size_t conflict)
{
    const struct model_conflict *conflicts = run->result->conflicts;
    size_t at = finding->count++;
    finding->conflicts = model_grow(finding->conflicts, finding->count, sizeof *finding->conflicts);
    while (at > 0 && ranks_before(&conflicts[conflict], &conflicts[finding->conflicts[at - 1]])) {
        finding->conflicts[at] = finding->conflicts[at - 1];
        at--;
    }
    finding->conflicts[at] = conflict;
}

static void count_distinct(const struct model_run *run, struct model_finding *finding)
{
    uint64_t *endpoints = model_allocate(finding->count * 2, sizeof *endpoints);
    uint64_t *addresses = model_allocate(finding->count, sizeof *addresses);
    for (size_t i = 0; i < finding->count; i++) {
        const struct model_conflict *conflict = &run->result->conflicts[finding->conflicts[i]];
        uint64_t of_pair[2] = {model_run_post(run, conflict->first)->endpoint,
                               model_run_post(run, conflict->second)->endpoint};
        for (int side = 0; side < 2; side++) {
            size_t j = 0;
            while (j < finding->endpoints && endpoints[j] != of_pair[side])
                j++;
            if (j == finding->endpoints)
                endpoints[finding->endpoints++] = of_pair[side];
        }
        size_t j = 0;
        while (j < finding->addresses && addresses[j] != conflict->start)
            j++;
        if (j == finding->addresses)
            addresses[finding->addresses++] = conflict->start;
    }
    free(endpoints);
    free(addresses);
}

/* "A finding shows the first in full, the next up to eight whose overlaps start elsewhere" */
static void pick_others(const struct model_run *run, struct model_finding *finding)
{
    const struct model_conflict *conflicts = run->result->conflicts;
    for (size_t i = 1; i < finding->count && finding->other_count < 8; i++) {
        uint64_t start = conflicts[finding->conflicts[i]].start;
        bool elsewhere = start != conflicts[finding->conflicts[0]].start;
        for (size_t j = 0; j < finding->other_count; j++)
            elsewhere = elsewhere && start != conflicts[finding->others[j]].start;
        if (elsewhere)
            finding->others[finding->other_count++] = finding->conflicts[i];
    }
}

static void complete_finding(const struct model_run *run, struct model_finding *finding)
{
    const struct model_result *result = run->result;
    for (size_t i = 0; i < finding->count; i++) {
        const struct model_conflict *conflict = &result->conflicts[finding->conflicts[i]];
        int64_t time = model_run_post(run, conflict->second)->time;
        if (i == 0 || time < finding->first_time)
            finding->first_time = time;
        if (i == 0 || time > finding->last_time)
            finding->last_time = time;
        /* "A finding one of whose operations reached that has `count_is_minimum`." */
        finding->count_is_minimum = finding->count_is_minimum ||
                                    reached_cap(&result->operations[conflict->first]) ||
                                    reached_cap(&result->operations[conflict->second]);
    }
    count_distinct(run, finding);
    pick_others(run, finding);
}

/* "Findings come sorted by level, severity, first time." */
static bool finding_before(const struct model_run *run, const struct model_finding *x,
                           const struct model_finding *y)
{
    const struct model_conflict *x_shown = &run->result->conflicts[x->conflicts[0]];
    const struct model_conflict *y_shown = &run->result->conflicts[y->conflicts[0]];
    if (x_shown->level != y_shown->level)
        return x_shown->level > y_shown->level;
    if (x_shown->severity != y_shown->severity)
        return x_shown->severity > y_shown->severity;
    return x->first_time < y->first_time;
}

static void sort_findings(struct model_run *run)
{
    struct model_finding *findings = run->result->findings;
    for (size_t i = 1; i < run->result->finding_count; i++)
        for (size_t j = i; j > 0 && finding_before(run, &findings[j], &findings[j - 1]); j--) {
            struct model_finding swap = findings[j];
            findings[j] = findings[j - 1];
            findings[j - 1] = swap;
        }
}

void model_verdict_fold(struct model_run *run)
{
    struct model_result *result = run->result;
    result->findings = model_allocate(result->conflict_count, sizeof *result->findings);
    for (size_t i = 0; i < result->conflict_count; i++) {
        size_t f = 0;
        while (f < result->finding_count &&
               !same_finding(run, &result->conflicts[result->findings[f].conflicts[0]],
                             &result->conflicts[i]))
            f++;
        if (f == result->finding_count)
            result->finding_count++;
        add_ranked(run, &result->findings[f], i);
    }
    for (size_t f = 0; f < result->finding_count; f++)
        complete_finding(run, &result->findings[f]);
    sort_findings(run);
}

/* "`no-posts` (no operation at all; then neither of the next two), `no-user-address` (no operation
 * has a user address, inferred ones included), `no-user-completion` (such operations exist and not
 * one end of theirs was traced), `events-lost`, `end-missing`" */
static unsigned causes_of(const struct model_run *run)
{
    const struct model_coverage *coverage = &run->result->coverage;
    unsigned causes = 0;
    if (coverage->posts == 0)
        causes |= MODEL_NO_POSTS;
    else if (coverage->user_address_operations + coverage->inferred_address_operations == 0)
        causes |= MODEL_NO_USER_ADDRESS;
    else if (coverage->user_address_ended + coverage->inferred_address_ended == 0)
        causes |= MODEL_NO_USER_COMPLETION;
    if (model_loss_any(run))
        causes |= MODEL_CAUSE_EVENTS_LOST;
    if (run->input->end_missing)
        causes |= MODEL_CAUSE_END_MISSING;
    return causes;
}

/* "clean | no such finding whose level is at or above `--fail-on` (default `warning`), and the
 * trace can carry a verdict"; "findings | at least one"; "inconclusive | otherwise clean" */
void model_verdict_decide(struct model_run *run)
{
    struct model_result *result = run->result;
    result->causes = causes_of(run);
    result->verdict = result->causes ? MODEL_INCONCLUSIVE : MODEL_CLEAN;
    for (size_t i = 0; i < result->conflict_count; i++)
        if (result->conflicts[i].level >= MODEL_WARNING)
            result->verdict = MODEL_FINDINGS;
}

/* ---- names ---- */

const char *model_rule_name(enum model_rule rule)
{
    static const char *const names[MODEL_RULE_COUNT] = {
        "recv-over-recv", "recv-over-send", "send-over-recv",
        "send-over-send", "shared-send",    "kernel-address-reposted"};
    return names[rule];
}

const char *model_level_name(enum model_level level)
{
    static const char *const names[] = {"note", "warning", "error"};
    return names[level];
}

const char *model_extent_name(enum model_extent extent)
{
    static const char *const names[] = {"exact", "first-buffer-only", "start-only"};
    return names[extent];
}

const char *model_end_name(enum model_end end)
{
    static const char *const names[] = {"pending", "completed",  "failed",
                                        "closed",  "superseded", "returned"};
    return names[end];
}

const char *model_space_name(enum model_space space)
{
    static const char *const names[] = {NULL, "user", "kernel"};
    return names[space];
}

const char *model_verdict_name(enum model_verdict verdict)
{
    static const char *const names[] = {"clean", "findings", "error", "inconclusive"};
    return names[verdict];
}

const char *model_reason_name(unsigned bit)
{
    static const char *const names[MODEL_REASON_COUNT] = {
        "completion-not-seen", "aborted",  "end-ambiguous", "closed",
        "superseded",          "returned", "events-lost",   "inferred-address",
        "unverified-field",    "same-time"};
    return names[bit];
}

const char *model_cause_name(unsigned bit)
{
    static const char *const names[MODEL_CAUSE_COUNT] = {
        "no-posts", "no-user-address", "no-user-completion", "events-lost", "end-missing"};
    return names[bit];
}

const char *model_api_name(uint16_t post_id)
{
    switch (post_id) {
    case 18:
    case 1003:
        return "send";
    case 19:
    case 1004:
        return "recv";
    case 20:
    case 1006:
    case 1009:
        return "recvfrom";
    case 21:
    case 22:
    case 1005:
    case 1007:
        return "sendto";
    case 1011:
    case 1013:
        return "sendmsg";
    case 1012:
    case 1015:
        return "recvmsg";
    case 1021:
        return "ConnectEx";
    case 1027:
        return "AcceptEx";
    default:
        return "";
    }
}
