/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/support/model_internal.h"

#include <stdlib.h>
#include <string.h>

/*
 * Section 8: conflicts with the same process (the second's) and the same fingerprint are one
 * finding. Where a post has no frame of the program's own, two facts stand instead: whether both
 * posts are of one socket, and of one thread. The model knows no image, so no frame is the
 * program's own: a fingerprint is the rule, the API pair and these two facts.
 */
static bool same_finding(const struct model_run *run, const struct model_conflict *x,
                         const struct model_conflict *y)
{
    const struct model_operation *operations = run->result->operations;
    const struct model_event *x_first = model_run_post(run, x->first);
    const struct model_event *x_second = model_run_post(run, x->second);
    const struct model_event *y_first = model_run_post(run, y->first);
    const struct model_event *y_second = model_run_post(run, y->second);
    bool x_socket = x_first->endpoint == x_second->endpoint;
    bool y_socket = y_first->endpoint == y_second->endpoint;
    bool x_thread = x_first->tid == x_second->tid;
    bool y_thread = y_first->tid == y_second->tid;
    return x->rule == y->rule && x_second->process == y_second->process &&
           operations[x->second].process_life == operations[y->second].process_life &&
           strcmp(model_api_name(x_first->id), model_api_name(y_first->id)) == 0 &&
           strcmp(model_api_name(x_second->id), model_api_name(y_second->id)) == 0 &&
           x_socket == y_socket && x_thread == y_thread;
}

/* The rank of a conflict's harm: 2 some, 1 unknown, 0 none. */
static int harm_rank(const struct model_conflict *conflict)
{
    if (conflict->harm == MODEL_HARM_UNKNOWN) {
        return 1;
    }
    return conflict->harm == MODEL_HARM_KNOWN && conflict->harm_length > 0 ? 2 : 0;
}

/* Section 8: conflicts rank by level, then by harm, then by the second's post, then by the first's.
 */
static bool ranks_before(const struct model_conflict *x, const struct model_conflict *y)
{
    if (x->level != y->level) {
        return x->level > y->level;
    }
    if (harm_rank(x) != harm_rank(y)) {
        return harm_rank(x) > harm_rank(y);
    }
    return x->second != y->second ? x->second < y->second : x->first < y->first;
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

/* Adds `value` to the set unless it is there. */
static void add_distinct(uint64_t *set, size_t *count, uint64_t value)
{
    for (size_t i = 0; i < *count; i++) {
        if (set[i] == value) {
            return;
        }
    }
    set[(*count)++] = value;
}

/* Section 8: counts distinct second operations, endpoints and addresses. */
static void count_distinct(const struct model_run *run, struct model_finding *finding)
{
    uint64_t *endpoints = model_allocate(finding->count * 2, sizeof *endpoints);
    uint64_t *addresses = model_allocate(finding->count, sizeof *addresses);
    uint64_t *seconds = model_allocate(finding->count, sizeof *seconds);
    for (size_t i = 0; i < finding->count; i++) {
        const struct model_conflict *conflict = &run->result->conflicts[finding->conflicts[i]];
        add_distinct(endpoints, &finding->endpoints,
                     model_run_post(run, conflict->first)->endpoint);
        add_distinct(endpoints, &finding->endpoints,
                     model_run_post(run, conflict->second)->endpoint);
        add_distinct(addresses, &finding->addresses, conflict->start);
        add_distinct(seconds, &finding->posts, conflict->second);
    }
    free(endpoints);
    free(addresses);
    free(seconds);
}

/* Section 8: the others are up to eight, and each starts its overlap at an address at which none of
 * those before it does. */
static void pick_others(const struct model_run *run, struct model_finding *finding)
{
    const struct model_conflict *conflicts = run->result->conflicts;
    for (size_t i = 1; i < finding->count && finding->other_count < 8; i++) {
        uint64_t start = conflicts[finding->conflicts[i]].start;
        bool elsewhere = start != conflicts[finding->conflicts[0]].start;
        for (size_t j = 0; j < finding->other_count; j++) {
            elsewhere = elsewhere && start != conflicts[finding->others[j]].start;
        }
        if (elsewhere) {
            finding->others[finding->other_count++] = finding->conflicts[i];
        }
    }
}

/* Section 5: a finding one of whose operations reached a cap of conflicts has `count_is_minimum`.
 */
static bool reached_cap(const struct model_run *run, size_t operation)
{
    const struct model_operation *of = &run->result->operations[operation];
    return of->conflicts_with_recvs >= MODEL_CAP || of->conflicts_with_sends >= MODEL_CAP;
}

static void complete_finding(const struct model_run *run, struct model_finding *finding)
{
    for (size_t i = 0; i < finding->count; i++) {
        const struct model_conflict *conflict = &run->result->conflicts[finding->conflicts[i]];
        int64_t time = model_run_post(run, conflict->second)->time;
        if (i == 0 || time < finding->first_time) {
            finding->first_time = time;
        }
        if (i == 0 || time > finding->last_time) {
            finding->last_time = time;
        }
        finding->harmful += harm_rank(conflict) == 2;
        finding->count_is_minimum = finding->count_is_minimum ||
                                    reached_cap(run, conflict->first) ||
                                    reached_cap(run, conflict->second);
    }
    count_distinct(run, finding);
    pick_others(run, finding);
}

/* Findings come sorted by level, harm (some, unknown, none), severity and first time. */
static bool finding_before(const struct model_run *run, const struct model_finding *x,
                           const struct model_finding *y)
{
    const struct model_conflict *x_shown = &run->result->conflicts[x->conflicts[0]];
    const struct model_conflict *y_shown = &run->result->conflicts[y->conflicts[0]];
    if (x_shown->level != y_shown->level) {
        return x_shown->level > y_shown->level;
    }
    if (harm_rank(x_shown) != harm_rank(y_shown)) {
        return harm_rank(x_shown) > harm_rank(y_shown);
    }
    if (x_shown->severity != y_shown->severity) {
        return x_shown->severity > y_shown->severity;
    }
    return x->first_time < y->first_time;
}

static void sort_findings(struct model_run *run)
{
    struct model_finding *findings = run->result->findings;
    for (size_t i = 1; i < run->result->finding_count; i++) {
        for (size_t j = i; j > 0 && finding_before(run, &findings[j], &findings[j - 1]); j--) {
            struct model_finding swap = findings[j];
            findings[j] = findings[j - 1];
            findings[j - 1] = swap;
        }
    }
}

void model_fold(struct model_run *run)
{
    struct model_result *result = run->result;
    result->findings = model_allocate(result->conflict_count, sizeof *result->findings);
    for (size_t i = 0; i < result->conflict_count; i++) {
        size_t f = 0;
        while (f < result->finding_count &&
               !same_finding(run, &result->conflicts[result->findings[f].conflicts[0]],
                             &result->conflicts[i])) {
            f++;
        }
        if (f == result->finding_count) {
            result->finding_count++;
        }
        add_ranked(run, &result->findings[f], i);
    }
    for (size_t f = 0; f < result->finding_count; f++) {
        complete_finding(run, &result->findings[f]);
    }
    sort_findings(run);
}
