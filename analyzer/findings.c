#include "analyzer/findings.h"

#include <stdlib.h>

#include "analyzer/tracker/hash_table.h"
#include "analyzer/tracker/pool.h"
#include "analyzer/value_set.h"

/* What can be told apart before names are known; groups that get one fingerprint merge later. */
struct group_key {
    uint64_t process, first_process; /* serials */
    uint64_t rule, ids;
    uint64_t first_stack, second_stack; /* the store holds each distinct stack once */
};

struct group {
    struct group_key key;
    uint32_t tag;
    bool merged;     /* into another group */
    uint64_t second; /* number of the second operation of the last conflict that was found */
    struct value_set endpoints, addresses;
    /* What can still become an example, once there are as many as are kept. */
    enum rule_level bar_level;
    uint64_t bar_second;
    struct finding finding;
    struct group *next; /* by when a conflict of theirs was first settled */
    UT_hash_handle hh;
};

/* Groups that hold a conflict whose second operation may still reach its cap. */
struct watch {
    struct group *group;
    struct watch *next;
};

struct watched {
    uint64_t number; /* of the operation */
    struct watch *first;
    UT_hash_handle hh;
};

struct merge_key {
    uint64_t process;
    char fingerprint[FINGERPRINT_TEXT_LEN + 7]; /* a multiple of 8: no padding */
};

struct merge_entry {
    struct merge_key key;
    struct group *group;
    UT_hash_handle hh;
};

#define RECENT_GROUPS 64 /* a power of two */
#define MIXER UINT64_C(0x9E3779B97F4A7C15)

#define POST_GROUPS 16 /* likewise */

/* A group of conflicts whose second operation is the post at hand, by what tells the first apart.
 */
struct post_group {
    uint64_t second; /* number */
    const struct rule *rule;
    const struct process_info *process;
    const struct stack *stack;
    uint16_t id;
    struct group *group;
};

struct findings {
    struct tracker *tracker;                /* borrowed */
    struct post_group of_post[POST_GROUPS]; /* the one asked for last of those that hash there */
    struct group *groups;
    struct group *recent[RECENT_GROUPS]; /* of those that keys hash to: the one asked for last */
    struct group **tagged;               /* by tag; [0] is unused */
    uint32_t tag_count, tag_room;
    struct group *first_settled, **last_settled; /* the list by group->next */
    struct watched *watched;
    struct pool watch_pool, watched_pool;
    const struct finding **sorted; /* valid after findings_finish */
    size_t sorted_count;
};

struct findings *findings_create(struct tracker *tracker)
{
    struct findings *findings = calloc(1, sizeof(*findings));

    if (!findings)
        return NULL;
    findings->tracker = tracker;
    findings->last_settled = &findings->first_settled;
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

static bool give_tag(struct findings *findings, struct group *group)
{
    uint32_t room = findings->tag_room ? findings->tag_room * 2 : 16;
    struct group **tagged;

    if (findings->tag_count + 1 >= findings->tag_room) {
        tagged = room <= UINT32_MAX / 2 ? realloc(findings->tagged, room * sizeof(struct group *))
                                        : NULL;
        if (!tagged)
            return false;
        findings->tagged = tagged;
        findings->tag_room = room;
    }
    group->tag = ++findings->tag_count;
    findings->tagged[group->tag] = group;
    return true;
}

static struct group *add_group(struct findings *findings, const struct group_key *key,
                               const struct conflict *conflict)
{
    struct group *group = calloc(1, sizeof(*group));

    if (!group)
        return NULL;
    group->key = *key;
    group->finding.rule = conflict->rule;
    group->finding.process = conflict->second->process_info;
    value_set_init(&group->endpoints, FINDING_DISTINCT_MAX);
    value_set_init(&group->addresses, FINDING_DISTINCT_MAX);
    if (!give_tag(findings, group)) {
        free(group);
        return NULL;
    }
    HASH_ADD(hh, findings->groups, key, sizeof(group->key), group);
    if (!group->hh.tbl) {
        findings->tag_count--;
        free(group);
        return NULL;
    }
    return group;
}

/* Which of the recent groups a key may be. */
static inline unsigned recent_of(const struct group_key *key)
{
    uint64_t mixed = key->first_stack + 3 * key->second_stack + 5 * key->rule + key->ids +
                     (key->process << 7) + (key->first_process << 9);

    return (unsigned)((mixed * MIXER) >> 58) % RECENT_GROUPS;
}

static inline bool has_key(const struct group *group, const struct group_key *key)
{
    const struct group_key *own = &group->key;

    return ((own->process ^ key->process) | (own->first_process ^ key->first_process) |
            (own->rule ^ key->rule) | (own->ids ^ key->ids) |
            (own->first_stack ^ key->first_stack) | (own->second_stack ^ key->second_stack)) == 0;
}

static struct group *get_group(struct findings *findings, const struct conflict *conflict)
{
    const struct operation *a = conflict->first, *b = conflict->second;
    struct group_key key = {.process = b->process_info->serial,
                            .first_process = a->process_info->serial,
                            .rule = (uint64_t)(uintptr_t)conflict->rule,
                            .ids = (uint64_t)a->post_id << 16 | b->post_id,
                            .first_stack = (uint64_t)(uintptr_t)a->posted.stack,
                            .second_stack = (uint64_t)(uintptr_t)b->posted.stack};
    struct group **recent = &findings->recent[recent_of(&key)];
    struct group *group = *recent;

    if (group && has_key(group, &key))
        return group;
    HASH_FIND(hh, findings->groups, &key, sizeof(key), group);
    if (!group)
        group = add_group(findings, &key, conflict);
    *recent = group;
    return group;
}

/* A post meets operations of few kinds. */
static inline struct group *find_group(struct findings *findings, const struct conflict *conflict)
{
    const struct operation *a = conflict->first;
    const unsigned at = (unsigned)((uintptr_t)conflict->rule / 16 + a->post_id) % POST_GROUPS;
    struct post_group *of = &findings->of_post[at];

    if (of->second == conflict->second->number && of->rule == conflict->rule &&
        of->id == a->post_id && of->stack == a->posted.stack && of->process == a->process_info)
        return of->group;
    *of = (struct post_group){conflict->second->number, conflict->rule, a->process_info,
                              a->posted.stack,          a->post_id,     NULL};
    of->group = get_group(findings, conflict);
    if (!of->group)
        of->rule = NULL;
    return of->group;
}

/* Negative: a ranks before b. */
static int rank(const struct conflict *a, const struct conflict *b)
{
    if (a->level != b->level)
        return a->level > b->level ? -1 : 1;
    if (a->second->number != b->second->number)
        return a->second->number < b->second->number ? -1 : 1;
    return (a->first->number > b->first->number) - (a->first->number < b->first->number);
}

/* Takes over `example`: puts it in its place, or frees it when it ranks behind. Only the best of
 * those whose overlaps start at one address stays. */
static void place(struct findings *findings, struct finding *finding, struct conflict *example)
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
        if (rank(examples[at], example) <= 0) {
            free_example(findings, example);
            return;
        }
        free_example(findings, examples[at]);
    }
    for (; at > 0 && rank(example, examples[at - 1]) < 0; at--)
        examples[at] = examples[at - 1];
    examples[at] = example;
}

/* Whether place() would keep it: spares the copy of what ranks behind, as most do. */
static bool ranks(const struct finding *finding, const struct conflict *conflict)
{
    for (unsigned i = 0; i < finding->example_count; i++)
        if (finding->examples[i]->overlap_start == conflict->overlap_start)
            return rank(conflict, finding->examples[i]) < 0;
    return finding->example_count < FINDING_EXAMPLES_MAX ||
           rank(conflict, finding->examples[FINDING_EXAMPLES_MAX - 1]) < 0;
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
    place(findings, finding, copy);
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

static void widen(struct finding *finding, int64_t ticks, int64_t order)
{
    const struct op_point point = {.ticks = ticks, .order = order};

    if (finding->count == 0 || order < finding->first_time.order)
        finding->first_time = point;
    if (finding->count == 0 || order > finding->last_time.order)
        finding->last_time = point;
}

/* Whether it may rank before what is kept when it is settled: its level will not be above its
 * severity, and what is kept only gets better. */
static bool may_rank(const struct group *group, const struct conflict *conflict)
{
    const struct finding *finding = &group->finding;
    uint64_t number = conflict->second->number;

    if (conflict->severity < group->bar_level ||
        (conflict->severity == group->bar_level && number > group->bar_second))
        return false;
    for (unsigned i = 0; i < finding->example_count; i++) {
        const struct conflict *example = finding->examples[i];

        if (example->overlap_start == conflict->overlap_start)
            return conflict->severity > example->level || number <= example->second->number;
    }
    return true;
}

bool findings_found(struct findings *findings, struct conflict *conflict, bool *shown)
{
    const struct operation *second = conflict->second;
    struct group *group = find_group(findings, conflict);

    if (!group)
        return false;
    conflict->tag = group->tag;
    *shown = !group->finding.count_is_minimum || may_rank(group, conflict);
    if (group->second != second->number) {
        group->second = second->number;
        if (!value_set_add(&group->endpoints, second->endpoint_address))
            return false;
    }
    return value_set_add(&group->endpoints, conflict->first->endpoint_address) &&
           value_set_add(&group->addresses, conflict->overlap_start);
}

static void count(struct findings *findings, struct group *group, uint64_t conflicts)
{
    if (group->finding.count == 0) {
        *findings->last_settled = group;
        findings->last_settled = &group->next;
    }
    group->finding.count += conflicts;
}

void findings_counted(struct findings *findings, const struct conflict_sum *sum)
{
    struct group *group = findings->tagged[sum->tag];

    widen(&group->finding, sum->first_order, sum->first_order);
    count(findings, group, sum->count);
    widen(&group->finding, sum->last_order, sum->last_order);
}

bool findings_settled(struct findings *findings, const struct conflict *conflict)
{
    struct group *group = findings->tagged[conflict->tag];
    struct finding *finding = &group->finding;

    widen(finding, conflict->second->posted.ticks, conflict->second_order);
    count(findings, group, 1);
    if (!finding->count_is_minimum) {
        finding->count_is_minimum = conflict->first->capped || conflict->second->capped;
        if (!watch_second(findings, group, conflict->second))
            return false;
    }
    return add_example(findings, group, conflict);
}

/* Folds `from` into `into`, which has the same process and fingerprint. */
static bool merge_groups(struct findings *findings, struct group *into, struct group *from)
{
    struct finding *to = &into->finding, *source = &from->finding;

    widen(to, source->first_time.ticks, source->first_time.order);
    widen(to, source->last_time.ticks, source->last_time.order);
    to->count += source->count;
    to->count_is_minimum |= source->count_is_minimum;
    for (unsigned i = 0; i < source->example_count; i++)
        place(findings, to, source->examples[i]);
    source->example_count = 0;
    from->merged = true;
    return value_set_merge(&into->endpoints, &from->endpoints) &&
           value_set_merge(&into->addresses, &from->addresses);
}

static void free_entries(struct merge_entry *entries)
{
    struct merge_entry *entry = entries;

    HASH_CLEAR(hh, entries); /* the table; the entries stay linked */
    while (entry) {
        struct merge_entry *next = entry->hh.next;

        free(entry);
        entry = next;
    }
}

static bool merge_all(struct findings *findings, const struct names *names)
{
    struct merge_entry *entries = NULL, *entry;
    bool ok = true;

    for (struct group *group = findings->first_settled; group; group = group->next) {
        struct finding *finding = &group->finding;
        struct merge_key key = {.process = finding->process->serial};

        if (finding->example_count == 0)
            continue; /* memory ran out before it had one */
        fingerprint_conflict(finding->examples[0], names, finding->fingerprint, &finding->scope);
        memcpy(key.fingerprint, finding->fingerprint, sizeof(finding->fingerprint));
        HASH_FIND(hh, entries, &key, sizeof(key), entry);
        if (entry) {
            ok = merge_groups(findings, entry->group, group) && ok;
            continue;
        }
        entry = calloc(1, sizeof(*entry));
        if (entry) {
            entry->key = key;
            entry->group = group;
            HASH_ADD(hh, entries, key, sizeof(entry->key), entry);
        }
        if (!entry || !entry->hh.tbl) {
            free(entry);
            ok = false;
            break;
        }
    }
    free_entries(entries);
    return ok;
}

static int by_importance(const void *a, const void *b)
{
    const struct finding *x = *(const struct finding *const *)a;
    const struct finding *y = *(const struct finding *const *)b;
    const struct conflict *p = x->examples[0], *q = y->examples[0];
    int order;

    if (p->level != q->level)
        return p->level > q->level ? -1 : 1;
    if (p->severity != q->severity)
        return p->severity > q->severity ? -1 : 1;
    if (x->first_time.order != y->first_time.order)
        return x->first_time.order < y->first_time.order ? -1 : 1;
    order = rank(p, q);
    return order ? order : strcmp(x->fingerprint, y->fingerprint);
}

bool findings_finish(struct findings *findings, const struct names *names)
{
    bool ok = merge_all(findings, names);
    size_t room = HASH_COUNT(findings->groups);

    findings->sorted = calloc(room ? room : 1, sizeof(struct finding *));
    if (!findings->sorted)
        return false;
    for (struct group *group = findings->first_settled; group; group = group->next) {
        struct finding *finding = &group->finding;

        if (group->merged || finding->example_count == 0)
            continue;
        finding->endpoints = group->endpoints.count;
        finding->addresses = group->addresses.count;
        finding->gates = finding->examples[0]->gates;
        findings->sorted[findings->sorted_count++] = finding;
    }
    qsort(findings->sorted, findings->sorted_count, sizeof(struct finding *), by_importance);
    return ok;
}

size_t findings_count(const struct findings *findings)
{
    return findings->sorted_count;
}

const struct finding *findings_at(const struct findings *findings, size_t index)
{
    return findings->sorted[index];
}
