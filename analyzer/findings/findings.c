/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/findings/findings.h"

#include <stdlib.h>

#include "analyzer/findings/findings_internal.h"
#include "base/allocated.h"
#include "base/least.h"
#include "base/stack_store.h"

#define EXAMPLE_LEN allocated_len(sizeof(struct conflict))

/* The bytes of a group without its examples and sets, and of what joins it at the end. */
static size_t group_len(const struct findings *findings)
{
    return allocated_len(sizeof(struct group)) + HASH_TABLE_SHARE +
           allocated_len(sizeof(struct join_entry)) + HASH_TABLE_SHARE + sizeof *findings->sorted;
}

struct findings *findings_create(struct tracker *tracker, const struct findings_options *options)
{
    struct findings *findings = calloc(1, sizeof *findings);
    if (findings == NULL) {
        return NULL;
    }
    findings->tracker = tracker;
    findings->options = *options;
    findings->post_room = POST_SLOTS_MAX;
    return findings;
}

static void free_example(struct findings *findings, struct conflict *example)
{
    operation_release(findings->tracker, example->first);
    operation_release(findings->tracker, example->second);
    findings->bytes -= EXAMPLE_LEN;
    free(example);
}

static void free_group(struct findings *findings, struct group *group)
{
    for (unsigned i = 0; i < group->finding.example_count; i++) {
        free_example(findings, group->finding.examples[i]);
    }
    post_set_finish(&group->posts);
    value_set_finish(&group->endpoints);
    value_set_finish(&group->addresses);
    free(group);
}

void findings_destroy(struct findings *findings)
{
    if (findings == NULL) {
        return;
    }
    struct group *group, *next;
    HASH_ITER(hh, findings->groups, group, next)
    {
        HASH_DELETE(hh, findings->groups, group);
        free_group(findings, group);
    }
    origins_finish(&findings->origins);
    free(findings->sorted);
    free(findings);
}

int finding_rank(const struct conflict *a, const struct conflict *b)
{
    int order = order_u64(b->level, a->level);
    order = order != 0 ? order : order_u64(finding_harm_rank(b), finding_harm_rank(a));
    order = order != 0 ? order : order_u64(a->second->number, b->second->number);
    return order != 0 ? order : order_u64(a->first->number, b->first->number);
}

/* ---- groups ---- */

struct post_origin post_origin_of(const struct operation *op)
{
    const struct stack *stack = op->posted.stack;
    return (struct post_origin){.process = op->process->serial,
                                .stack = stack != NULL ? (uint64_t)(uintptr_t)stack->same : 0,
                                .call = op_call_row(op)};
}

uint64_t finding_relation(const struct conflict *conflict)
{
    return (uint64_t)conflict->hidden << 2 | (uint64_t)conflict_same_endpoint(conflict) << 1 |
           (uint64_t)conflict_same_thread(conflict);
}

void finding_key_init(struct finding_key *key, const struct conflict *conflict)
{
    *key = (struct finding_key){.first = post_origin_of(conflict->first),
                                .second = post_origin_of(conflict->second),
                                .rule = (uint64_t)(uintptr_t)conflict->rule,
                                .relation = finding_relation(conflict)};
}

/* The number of an operation's origin; 0: no memory. */
static uint32_t number_of(struct findings *findings, struct operation *op)
{
    return op->origin != 0 ? op->origin : origins_number(&findings->origins, op);
}

/* False: no memory. */
static bool group_key_init(struct group_key *key, struct findings *findings,
                           const struct conflict *conflict)
{
    uint32_t first = number_of(findings, conflict->first);
    uint32_t second = number_of(findings, conflict->second);
    *key = (struct group_key){.origins = (uint64_t)first << 32 | second,
                              .rule = (uint64_t)(uintptr_t)conflict->rule,
                              .relation = finding_relation(conflict)};
    return first != 0 && second != 0;
}

static struct group *add_group(struct findings *findings, const struct group_key *key,
                               const struct conflict *conflict)
{
    struct group *group = calloc(1, sizeof *group);
    if (group == NULL) {
        return NULL;
    }
    group->key = *key;
    group->hidden = conflict->hidden;
    group->finding.rule = conflict->rule;
    group->finding.process = conflict->second->process;
    group->finding.first_time = group->finding.last_time = conflict->second->posted;
    value_set_init(&group->endpoints, FINDING_DISTINCT_MAX);
    value_set_init(&group->addresses, FINDING_DISTINCT_MAX);
    HASH_ADD(hh, findings->groups, key, sizeof group->key, group);
    if (group->hh.tbl == NULL) {
        free(group);
        return NULL;
    }
    findings->bytes += group_len(findings);
    return group;
}

static bool keys_equal(const struct group_key *a, const struct group_key *b)
{
    return a->origins == b->origins && a->rule == b->rule && a->relation == b->relation;
}

/* The place of a key among the recent groups, made of what differs between the causes of one
 * program: where posts come from, and how they are related. */
static size_t recent_place(const struct group_key *key)
{
    uint64_t mixed = key->origins ^ key->relation << 8;

    return mixed * UINT64_C(0x9E3779B97F4A7C15) >> (64 - GROUPS_RECENT_BITS);
}

static struct group *group_of(struct findings *findings, const struct conflict *conflict)
{
    struct group_key key;
    if (!group_key_init(&key, findings, conflict)) {
        return NULL;
    }
    struct group **recent = &findings->recent[recent_place(&key)];
    if (*recent != NULL && keys_equal(&(*recent)->key, &key)) {
        return *recent;
    }
    struct group *group;
    HASH_FIND(hh, findings->groups, &key, sizeof key, group);
    if (group == NULL) {
        group = add_group(findings, &key, conflict);
    }
    *recent = group;
    return group;
}

void finding_widen(struct finding *finding, const struct op_point *first,
                   const struct op_point *last)
{
    if (first->ticks < finding->first_time.ticks) {
        finding->first_time = *first;
    }
    if (last->ticks > finding->last_time.ticks) {
        finding->last_time = *last;
    }
}

static bool add_value(struct findings *findings, struct value_set *set, uint64_t value)
{
    if (value_set_knows(set, value)) {
        return true;
    }
    size_t before = value_set_bytes(set);
    bool ok = value_set_add(set, value);
    findings->bytes += value_set_bytes(set) - before;
    return ok;
}

/* Adds what a conflict shows to the sets. Conflicts that follow each other often have one first,
 * and a second that was counted before has its socket in the set. */
static bool add_to_sets(struct findings *findings, struct group *group,
                        const struct conflict *conflict)
{
    const struct operation *first = conflict->first, *second = conflict->second;
    uint64_t posts = group->posts.count;
    bool ok = post_set_add(&group->posts, second->number, &findings->post_room) &&
              add_value(findings, &group->addresses, conflict->overlap_start);
    if (group->posts.count != posts) {
        ok = ok && add_value(findings, &group->endpoints, second->socket->endpoint);
    }
    if (first->number != group->last_first) {
        ok = ok && add_value(findings, &group->endpoints, first->socket->endpoint);
        group->last_first = first->number;
    }
    return ok;
}

static bool count_conflict(struct findings *findings, struct group *group,
                           const struct conflict *conflict)
{
    struct finding *finding = &group->finding;
    const struct operation *first = conflict->first, *second = conflict->second;
    if (findings->options.tags != NULL) {
        uint64_t tags = findings->options.tags(findings->options.user, conflict);
        finding->tags = finding->count == 0 ? tags : finding->tags & tags;
    }
    finding->count++;
    finding->harmful += finding_harm_rank(conflict) == 2;
    finding->count_is_minimum |= first->capped || second->capped;
    finding_widen(finding, &second->posted, &second->posted);
    return add_to_sets(findings, group, conflict);
}

/* ---- examples ---- */

void findings_place(struct findings *findings, struct finding *finding, struct conflict *example)
{
    struct conflict **examples = finding->examples;
    unsigned at = 0;
    while (at < finding->example_count && examples[at]->overlap_start != example->overlap_start) {
        at++;
    }
    if (at == finding->example_count && at < FINDING_EXAMPLES_MAX) {
        finding->example_count++;
    } else {
        if (at == FINDING_EXAMPLES_MAX) {
            at--;
        }
        if (finding_rank(examples[at], example) <= 0) {
            free_example(findings, example);
            return;
        }
        free_example(findings, examples[at]);
    }
    for (; at > 0 && finding_rank(example, examples[at - 1]) < 0; at--) {
        examples[at] = examples[at - 1];
    }
    examples[at] = example;
}

/* True if findings_place() would keep the conflict: spares the copy of what ranks behind, as most
 * do. */
static bool ranks_among_examples(const struct finding *finding, const struct conflict *conflict)
{
    if (finding->example_count == FINDING_EXAMPLES_MAX &&
        finding_rank(conflict, finding->examples[FINDING_EXAMPLES_MAX - 1]) >= 0) {
        return false; /* behind all of them */
    }
    for (unsigned i = 0; i < finding->example_count; i++) {
        if (finding->examples[i]->overlap_start == conflict->overlap_start) {
            return finding_rank(conflict, finding->examples[i]) < 0;
        }
    }
    return true;
}

static bool keep_example(struct findings *findings, struct finding *finding,
                         const struct conflict *conflict)
{
    if (!ranks_among_examples(finding, conflict)) {
        return true;
    }
    struct conflict *copy = malloc(sizeof *copy);
    if (copy == NULL) {
        return false;
    }
    findings->bytes += EXAMPLE_LEN;
    *copy = *conflict;
    operation_retain(copy->first);
    operation_retain(copy->second);
    findings_place(findings, finding, copy);
    return true;
}

bool findings_settled(struct findings *findings, const struct conflict *conflict)
{
    if (conflict->hidden && !findings->options.keeps_hidden) {
        return true;
    }
    struct group *group = group_of(findings, conflict);
    return group != NULL && keep_example(findings, &group->finding, conflict) &&
           count_conflict(findings, group, conflict);
}

size_t findings_bytes(const struct findings *findings)
{
    uint64_t post_slots = POST_SLOTS_MAX - findings->post_room;
    return findings->bytes + (size_t)post_slots * sizeof(struct post_slot) +
           origins_bytes(&findings->origins);
}

/* ---- results ---- */

size_t findings_count(const struct findings *findings)
{
    return findings->sorted_count;
}

const struct finding *findings_at(const struct findings *findings, size_t index)
{
    return findings->sorted[index];
}

size_t findings_hidden_count(const struct findings *findings)
{
    return findings->hidden_count;
}

const struct finding *findings_hidden_at(const struct findings *findings, size_t index)
{
    return findings->sorted[findings->sorted_count + index];
}

struct finding *findings_edit(struct findings *findings, size_t index)
{
    return findings->sorted[index];
}

bool findings_gate(const struct findings *findings)
{
    for (size_t i = 0; i < findings->sorted_count; i++) {
        if (findings->sorted[i]->gates) {
            return true;
        }
    }
    return false;
}
