#include "analyzer/findings/findings.h"

#include <stdlib.h>

#include "analyzer/findings/findings_internal.h"

struct findings *findings_create(struct tracker *tracker, const struct findings_options *options)
{
    struct findings *findings = calloc(1, sizeof(*findings));

    if (!findings)
        return NULL;
    findings->tracker = tracker;
    findings->options = *options;
    pool_init(&findings->watch_pool, sizeof(struct watch));
    pool_init(&findings->watched_pool, sizeof(struct watched));
    return findings;
}

static void free_example(struct findings *findings, struct conflict *example)
{
    operation_release(findings->tracker, example->first);
    operation_release(findings->tracker, example->second);
    free(example);
}

static void free_group(struct findings *findings, struct group *group)
{
    for (unsigned i = 0; i < group->finding.example_count; i++)
        free_example(findings, group->finding.examples[i]);
    value_set_finish(&group->endpoints);
    value_set_finish(&group->addresses);
    free(group);
}

void findings_destroy(struct findings *findings)
{
    struct group *group, *next;

    if (!findings)
        return;
    HASH_ITER(hh, findings->groups, group, next)
    {
        HASH_DELETE(hh, findings->groups, group);
        free_group(findings, group);
    }
    HASH_CLEAR(hh, findings->watched);
    pool_finish(&findings->watch_pool);
    pool_finish(&findings->watched_pool);
    free(findings->tagged);
    free(findings->sorted);
    free(findings);
}

int findings_rank(const struct conflict *a, const struct conflict *b)
{
    if (a->level != b->level)
        return a->level > b->level ? -1 : 1;
    if (a->second->number != b->second->number)
        return a->second->number < b->second->number ? -1 : 1;
    return (a->first->number > b->first->number) - (a->first->number < b->first->number);
}

void findings_place(struct findings *findings, struct finding *finding, struct conflict *example)
{
    struct conflict **examples = finding->examples;
    unsigned at = 0;

    while (at < finding->example_count && examples[at]->overlap_start != example->overlap_start)
        at++;
    if (at == finding->example_count && at < FINDING_EXAMPLES_MAX) {
        finding->example_count++;
    } else {
        if (at == FINDING_EXAMPLES_MAX)
            at--;
        if (findings_rank(examples[at], example) <= 0) {
            free_example(findings, example);
            return;
        }
        free_example(findings, examples[at]);
    }
    for (; at > 0 && findings_rank(example, examples[at - 1]) < 0; at--)
        examples[at] = examples[at - 1];
    examples[at] = example;
}

/* Whether findings_place() would keep it: spares the copy of what ranks behind, as most do. */
static bool ranks(const struct finding *finding, const struct conflict *conflict)
{
    for (unsigned i = 0; i < finding->example_count; i++)
        if (finding->examples[i]->overlap_start == conflict->overlap_start)
            return findings_rank(conflict, finding->examples[i]) < 0;
    return finding->example_count < FINDING_EXAMPLES_MAX ||
           findings_rank(conflict, finding->examples[FINDING_EXAMPLES_MAX - 1]) < 0;
}

/* Whether it surely ranks behind what is kept. Its second operation was posted after its first, and
 * is not asked: it is in no cache. */
static bool is_behind(const struct group *group, const struct conflict *conflict)
{
    return conflict->level < group->bar_level ||
           (conflict->level == group->bar_level && conflict->first->number >= group->bar_second);
}

static void raise_bar(struct group *group)
{
    const struct finding *finding = &group->finding;
    const struct conflict *worst = finding->examples[FINDING_EXAMPLES_MAX - 1];

    if (finding->example_count < FINDING_EXAMPLES_MAX)
        return;
    group->bar_level = worst->level;
    group->bar_second = worst->second->number;
}

static bool add_example(struct findings *findings, struct group *group,
                        const struct conflict *conflict)
{
    struct finding *finding = &group->finding;
    struct conflict *copy;

    if (is_behind(group, conflict) || !ranks(finding, conflict))
        return true;
    copy = malloc(sizeof(*copy));
    if (!copy)
        return false;
    *copy = *conflict;
    operation_retain(copy->first);
    operation_retain(copy->second);
    findings_place(findings, finding, copy);
    raise_bar(group);
    return true;
}

static bool watch_second(struct findings *findings, struct group *group, const struct operation *op)
{
    struct watched *watched;
    struct watch *watch;

    if (group->finding.count_is_minimum || op->end != OP_IN_FLIGHT)
        return true;
    HASH_FIND(hh, findings->watched, &op->number, sizeof(op->number), watched);
    if (watched && watched->first->group == group)
        return true;
    watch = pool_get(&findings->watch_pool);
    if (!watch)
        return false;
    watch->group = group;
    if (!watched) {
        watched = pool_get(&findings->watched_pool);
        if (watched) {
            watched->number = op->number;
            HASH_ADD(hh, findings->watched, number, sizeof(watched->number), watched);
        }
        if (!watched || !watched->hh.tbl) {
            pool_put(&findings->watched_pool, watched);
            pool_put(&findings->watch_pool, watch);
            return false;
        }
    }
    watch->next = watched->first;
    watched->first = watch;
    return true;
}

void findings_operation_ended(struct findings *findings, const struct operation *op)
{
    struct watched *watched;

    if (!findings->watched)
        return;
    HASH_FIND(hh, findings->watched, &op->number, sizeof(op->number), watched);
    if (!watched)
        return;
    for (struct watch *watch = watched->first; watch;) {
        struct watch *next = watch->next;

        watch->group->finding.count_is_minimum |= op->capped;
        pool_put(&findings->watch_pool, watch);
        watch = next;
    }
    HASH_DELETE(hh, findings->watched, watched);
    pool_put(&findings->watched_pool, watched);
}

bool findings_settled(struct findings *findings, const struct conflict *conflict)
{
    struct group *group = findings->tagged[conflict->tag];
    struct finding *finding = &group->finding;

    if (!finding->count_is_minimum) {
        finding->count_is_minimum = conflict->first->capped || conflict->second->capped;
        if (!watch_second(findings, group, conflict->second))
            return false;
    }
    return add_example(findings, group, conflict);
}

size_t findings_count(const struct findings *findings)
{
    return findings->sorted_count;
}

const struct finding *findings_at(const struct findings *findings, size_t index)
{
    return findings->sorted[index];
}
