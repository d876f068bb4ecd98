#include "analyzer/findings.h"

#include <stdlib.h>

#include "analyzer/tracker/bits.h"
#include "analyzer/tracker/hash_table.h"
#include "analyzer/tracker/pair.h"
#include "analyzer/tracker/pool.h"
#include "analyzer/value_set.h"

/* What can be told apart before names are known; groups that get one fingerprint merge later. */
struct group_key {
    uint64_t process, first_process; /* serials */
    uint64_t rule, ids;
    uint64_t first_stack, second_stack; /* the store holds each distinct stack once */
};

#define NUMBERED 1024u /* endpoints of a trace */

struct group {
    struct group_key key;
    uint64_t second; /* number of the second operation of the last conflict that was found */
    bool shut;       /* no conflict of that operation can become an example */
    bool unselected; /* none can at all */
    bool merged;     /* into another group */
    uint8_t severity;
    uint32_t tag;
    uint64_t numbered[NUMBERED / 64]; /* endpoints: a bit for each of the first ones there are */
    struct value_set endpoints;       /* addresses of the others */
    struct value_set addresses;
    /* What can still become an example, once there are as many as are kept. */
    enum rule_level bar_level;
    uint64_t bar_second;
    struct finding finding;
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

#define MIXER UINT64_C(0x9E3779B97F4A7C15)

#define KINDS 64
#define PAIRS 256
#define SPREAD 41u   /* where one kind's pairs begin behind those of the kind before it */
#define KIND_BITS 28 /* of two kinds, a pair's bits and one more in one word */
#define KIND_MAX ((UINT32_C(1) << KIND_BITS) - 1)

/*
 * What tells operations apart, as far as groups do; each that had a conflict bears its kind.
 * Processes and stacks are told by where they are: a group's are held by its conflicts in waiting,
 * then by its examples. A kind without a group may be somebody else's by now: no pair knows it, or
 * one of a rule that is not selected, where nothing is held and nothing shown.
 */
struct kind {
    const struct process_info *process;
    const struct stack *stack;
    uint32_t kind; /* a new one for each that takes the place of another; 0: none */
    uint16_t id;
};

struct pair {
    uint64_t key; /* the second's kind, its bits, the first's kind, whether of one endpoint */
    struct group *group;
};

_Static_assert(2 * KIND_BITS + PAIR_WIDTH + 1 < 64, "fits in a pair's key");

struct findings {
    struct tracker *tracker; /* borrowed */
    struct findings_options options;
    uint64_t open_to; /* number of the last operation of which some conflict may be shown */
    /* Those asked for last of what hashes there. */
    struct kind kinds[KINDS];
    struct pair pairs[PAIRS];
    uint32_t last_kind;
    struct group *groups;
    struct group **tagged; /* by tag; [0] is unused */
    uint32_t tag_count, tag_room;
    struct watched *watched;
    struct pool watch_pool, watched_pool;
    const struct finding **sorted; /* valid after findings_finish */
    size_t sorted_count;
};

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

static struct op_point time_of(const struct operation *op)
{
    return (struct op_point){.ticks = op->posted.ticks, .order = op->posted.order};
}

static struct group *add_group(struct findings *findings, const struct group_key *key,
                               const struct operation *second, unsigned severity)
{
    const bool *enabled = findings->options.rule_enabled;
    struct group *group = calloc(1, sizeof(*group));

    if (!group)
        return NULL;
    group->key = *key;
    group->severity = (uint8_t)severity;
    group->unselected = enabled && !enabled[key->rule];
    group->finding.rule = rules_table[key->rule];
    group->finding.process = second->process_info;
    group->finding.first_time = group->finding.last_time = time_of(second);
    value_set_init(&group->endpoints, group->unselected ? 0 : FINDING_DISTINCT_MAX);
    value_set_init(&group->addresses, group->unselected ? 0 : FINDING_DISTINCT_MAX);
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

static struct group *search_group(struct findings *findings, const struct operation *a,
                                  const struct operation *b, bool kernel)
{
    const struct judgement *judgement = &findings->options.judgements->of[pair_bits(a, b, kernel)];
    struct group_key key = {.process = b->process_info->serial,
                            .first_process = a->process_info->serial,
                            .rule = judgement->rule,
                            .ids = (uint64_t)a->post_id << 16 | b->post_id,
                            .first_stack = (uint64_t)(uintptr_t)a->posted.stack,
                            .second_stack = (uint64_t)(uintptr_t)b->posted.stack};
    struct group *group;

    HASH_FIND(hh, findings->groups, &key, sizeof(key), group);
    if (!group)
        group = add_group(findings, &key, b, judgement->severity);
    return group;
}

/* 0: there are no more. */
static uint32_t new_kind(struct findings *findings, const struct operation *op)
{
    const struct process_info *process = op->process_info;
    const struct stack *stack = op->posted.stack;
    uint64_t mixed = (uintptr_t)process + 3 * (uint64_t)(uintptr_t)stack + op->post_id;
    struct kind *kind = &findings->kinds[(mixed * MIXER >> 32) % KINDS];

    if (kind->id == op->post_id && kind->stack == stack && kind->process == process)
        return kind->kind;
    if (findings->last_kind == KIND_MAX)
        return 0;
    *kind = (struct kind){process, stack, ++findings->last_kind, op->post_id};
    return kind->kind;
}

static inline uint32_t kind_of(struct findings *findings, struct operation *op)
{
    if (op->kind == 0)
        op->kind = new_kind(findings, op);
    return op->kind;
}

/* The post at hand, as far as all its conflicts have it in common. */
struct latest {
    struct operation *op;
    bool kernel;   /* what it shares with them is a kernel address */
    uint64_t key;  /* its part of a pair's */
    unsigned from; /* where its pairs begin */
};

static void begin_latest(struct findings *findings, struct latest *latest, struct operation *op,
                         bool kernel)
{
    uint64_t kind = kind_of(findings, op);

    latest->op = op;
    latest->kernel = kernel;
    latest->key = (kind << PAIR_WIDTH | pair_bits_of_second(op, kernel)) << (KIND_BITS + 1);
    latest->from = (unsigned)kind * SPREAD;
}

/* What the first adds to a pair's key. */
static inline uint64_t first_part(const struct latest *latest, const struct operation *first)
{
    return (uint64_t)first->kind * 2 + pair_same_endpoint(first, latest->op);
}

static struct group *get_group(struct findings *findings, const struct latest *latest,
                               struct operation *first)
{
    struct group *group = search_group(findings, first, latest->op, latest->kernel);

    if (kind_of(findings, first) != 0 && latest->op->kind != 0) {
        uint64_t low = first_part(latest, first);

        findings->pairs[(latest->from + low) % PAIRS] = (struct pair){latest->key + low, group};
    }
    return group;
}

/* NULL: it is not known. `low`: what the first adds to the pair's key. */
static inline struct group *known_group(const struct findings *findings,
                                        const struct latest *latest, uint64_t low)
{
    const struct pair *pair = &findings->pairs[(latest->from + low) % PAIRS];

    return pair->key == latest->key + low ? pair->group : NULL;
}

/* Operations are of few kinds. */
static inline struct group *find_group(struct findings *findings, const struct latest *latest,
                                       struct operation *first)
{
    struct group *group = known_group(findings, latest, first_part(latest, first));

    return group ? group : get_group(findings, latest, first);
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

/* Whether no conflict of `second` can rank before what is kept when it is settled: its level will
 * not be above its severity, and what is kept only gets better. Until the count is known to be a
 * minimum all are wanted: by those that are settled it is found out whether an operation has
 * reached its cap. */
static bool is_shut(const struct findings *findings, const struct group *group,
                    const struct operation *second)
{
    if (group->unselected)
        return true;
    if (findings->options.keep_all || !group->finding.count_is_minimum)
        return false;
    return group->severity < group->bar_level ||
           (group->severity == group->bar_level && second->number > group->bar_second);
}

/* The same, as far as the example of the same address says. */
static bool is_outranked(const struct findings *findings, const struct group *group, uint64_t start,
                         uint64_t number)
{
    const struct finding *finding = &group->finding;

    if (findings->options.keep_all || !finding->count_is_minimum)
        return false;
    for (unsigned i = 0; i < finding->example_count; i++) {
        const struct conflict *example = finding->examples[i];

        if (example->overlap_start == start)
            return group->severity < example->level ||
                   (group->severity == example->level && number > example->second->number);
    }
    return false;
}

/* False: no memory. */
static inline bool add_endpoint(struct group *group, const struct operation *op)
{
    uint32_t number = op->endpoint_number;

    if (number >= NUMBERED)
        return value_set_add(&group->endpoints, op->endpoint_address);
    group->numbered[number / 64] |= UINT64_C(1) << number % 64;
    return true;
}

static uint32_t count_endpoints(const struct group *group)
{
    uint32_t count = group->endpoints.count;

    for (uint32_t i = 0; i < NUMBERED; i++)
        count += group->numbered[i / 64] >> i % 64 & 1;
    return count < FINDING_DISTINCT_MAX ? count : FINDING_DISTINCT_MAX;
}

static void widen(struct finding *finding, const struct op_point *first,
                  const struct op_point *last)
{
    if (first->ticks < finding->first_time.ticks)
        finding->first_time = *first;
    if (last->ticks > finding->last_time.ticks)
        finding->last_time = *last;
}

/* The group has a conflict of this post. Once for all of them is enough, and twice does no harm. */
static bool begin_second(struct findings *findings, struct group *group,
                         const struct operation *second)
{
    const struct op_point time = time_of(second);

    widen(&group->finding, &time, &time);
    group->second = second->number;
    group->shut = is_shut(findings, group, second);
    if (!group->shut)
        findings->open_to = second->number;
    return add_endpoint(group, second);
}

static uint64_t overlap_start(const struct latest *latest, const struct operation *first)
{
    return latest->kernel ? latest->op->buffer : pair_overlap_start(first, latest->op);
}

static inline bool add_address(struct group *group, const struct latest *latest,
                               const struct operation *first)
{
    return value_set_is_full(&group->addresses) ||
           value_set_add(&group->addresses, overlap_start(latest, first));
}

/* ---- a post's conflicts ---- */

#define SORTS 16u /* of first operations: small kinds, of the post's endpoint or of another one */

/* A post's conflicts, added up by sort before their groups are asked. */
struct tally {
    uint8_t count[SORTS];
    uint64_t numbered[SORTS]; /* endpoints: bits of their numbers */
    uint32_t sorts;           /* bits of those that there are */
    bool exact;               /* kinds and endpoints were small enough */
};

_Static_assert(CONFLICTS_FOUND_MAX <= 32, "can be counted, and a bit for each");

static void tally_all(struct tally *tally, const struct latest *latest,
                      struct operation *const *first, size_t count)
{
    uint64_t too_large = 0;
    uint32_t sorts = 0;

    memset(tally->count, 0, sizeof(tally->count));
    memset(tally->numbered, 0, sizeof(tally->numbered));
    for (size_t i = 0; i < count; i++) {
        uint64_t sort = first_part(latest, first[i]);
        uint32_t number = first[i]->endpoint_number;

        too_large |= (sort / SORTS) | (number / 64);
        tally->count[sort % SORTS]++;
        tally->numbered[sort % SORTS] |= UINT64_C(1) << number % 64;
        sorts |= 1u << sort % SORTS;
    }
    tally->sorts = sorts;
    tally->exact = too_large == 0;
}

/* Adds what only has to be counted, and returns the sorts that are left: with those each conflict
 * has to be asked for something. */
static uint32_t add_tally(struct findings *findings, const struct latest *latest,
                          const struct tally *tally, bool *complete)
{
    uint32_t left = 0;

    for (uint32_t sorts = tally->sorts; sorts; sorts &= sorts - 1) {
        unsigned sort = lowest_bit(sorts);
        struct group *group = known_group(findings, latest, sort);

        if (!group || !value_set_is_full(&group->addresses)) {
            left |= 1u << sort;
            continue;
        }
        group->finding.count += tally->count[sort];
        group->numbered[0] |= tally->numbered[sort];
        *complete &= begin_second(findings, group, latest->op);
    }
    return left;
}

/* *counted: it is. False: no memory. */
static bool add_one(struct findings *findings, const struct latest *latest, struct operation *first,
                    bool *counted)
{
    struct group *group = find_group(findings, latest, first);

    *counted = group && add_endpoint(group, first) && add_address(group, latest, first);
    if (!*counted)
        return false;
    group->finding.count++;
    return group->second == latest->op->number || begin_second(findings, group, latest->op);
}

/* Those that may be shown. `uncounted`: a bit for each that was not counted. */
static size_t choose(struct findings *findings, const struct latest *latest,
                     struct operation *const *first, size_t count, uint32_t uncounted,
                     struct conflict_wanted *wanted)
{
    struct conflict_wanted *next = wanted;

    for (size_t i = 0; i < count; i++) {
        const struct group *group =
            uncounted >> i & 1 ? NULL : find_group(findings, latest, first[i]);

        if (group && !group->shut &&
            !is_outranked(findings, group, overlap_start(latest, first[i]), latest->op->number))
            *next++ = (struct conflict_wanted){first[i], group->tag};
    }
    return (size_t)(next - wanted);
}

size_t findings_found(struct findings *findings, struct operation *second,
                      struct operation *const *first, size_t count, bool kernel,
                      struct conflict_wanted *wanted, bool *complete)
{
    struct latest latest;
    struct tally tally;
    uint32_t left = UINT32_MAX, uncounted = 0;

    *complete = true;
    begin_latest(findings, &latest, second, kernel);
    tally_all(&tally, &latest, first, count);
    if (tally.exact)
        left = add_tally(findings, &latest, &tally, complete);
    for (size_t i = 0; left != 0 && i < count; i++) {
        bool counted = true;

        if (left >> first_part(&latest, first[i]) % SORTS & 1)
            *complete &= add_one(findings, &latest, first[i], &counted);
        uncounted |= (uint32_t)!counted << i;
    }
    return findings->open_to == second->number
               ? choose(findings, &latest, first, count, uncounted, wanted)
               : 0;
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

/* Folds `from` into `into`, which has the same process and fingerprint. */
static bool merge_groups(struct findings *findings, struct group *into, struct group *from)
{
    struct finding *to = &into->finding, *source = &from->finding;

    widen(to, &source->first_time, &source->last_time);
    to->count += source->count;
    to->count_is_minimum |= source->count_is_minimum;
    for (unsigned i = 0; i < source->example_count; i++)
        place(findings, to, source->examples[i]);
    source->example_count = 0;
    from->merged = true;
    for (size_t i = 0; i < NUMBERED / 64; i++)
        into->numbered[i] |= from->numbered[i];
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

    for (struct group *group = findings->groups; group; group = group->hh.next) {
        struct finding *finding = &group->finding;
        struct merge_key key = {0};

        if (finding->example_count == 0)
            continue; /* memory ran out before it had one */
        key.process = finding->process->serial;
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
    if (x->first_time.ticks != y->first_time.ticks)
        return x->first_time.ticks < y->first_time.ticks ? -1 : 1;
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
    for (struct group *group = findings->groups; group; group = group->hh.next) {
        struct finding *finding = &group->finding;

        if (group->merged || finding->example_count == 0)
            continue;
        finding->endpoints = count_endpoints(group);
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
