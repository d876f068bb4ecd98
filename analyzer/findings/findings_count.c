/* Counting: which group a conflict belongs to, and whether it may be shown. */

#include <stdlib.h>
#include <string.h>

#include "analyzer/findings/findings_internal.h"
#include "base/bits.h"
#include "analyzer/tracker/pair.h"

#define MIXER UINT64_C(0x9E3779B97F4A7C15)
#define SPREAD 41u   /* where one kind's pairs begin behind those of the kind before it */
#define KIND_BITS 28 /* of two kinds, a pair's bits and one more in one word */
#define KIND_MAX ((UINT32_C(1) << KIND_BITS) - 1)

_Static_assert(2 * KIND_BITS + PAIR_WIDTH + 1 < 64, "fits in a pair's key");

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

void finding_widen(struct finding *finding, const struct op_point *first,
                   const struct op_point *last)
{
    if (first->ticks < finding->first_time.ticks)
        finding->first_time = *first;
    if (last->ticks > finding->last_time.ticks)
        finding->last_time = *last;
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

/* The group has a conflict of this post. Once for all of them is enough, and twice does no harm. */
static bool begin_second(struct findings *findings, struct group *group,
                         const struct operation *second)
{
    const struct op_point time = time_of(second);

    finding_widen(&group->finding, &time, &time);
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
