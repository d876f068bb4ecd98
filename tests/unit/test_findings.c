#include <criterion/criterion.h>
#include <string.h>

#include "analyzer/findings/findings.h"
#include "analyzer/tracker/owner.h"
#include "analyzer/tracker/pair.h"

/* What findings count, against flags: of few kinds, endpoints and addresses conflicts are added up
 * together, of many each is asked. */

#define FIRSTS 8000
#define POSTS 6000
#define ENDPOINTS_MAX 6000
#define STARTS_MAX 30000
#define NEVER_FREED 1000000

struct setting {
    unsigned ids, processes, endpoints, starts;
    bool one_rule_off; /* that of the commonest pair */
};

struct expected {
    uint64_t count;
    bool endpoints[ENDPOINTS_MAX], starts[STARTS_MAX];
};

static const struct {
    uint16_t id;
    uint8_t family, direction;
} kinds[] = {
    {18, AFD_FAMILY_LEGACY, OP_SEND},   {19, AFD_FAMILY_LEGACY, OP_RECV},
    {1003, AFD_FAMILY_MODERN, OP_SEND}, {1004, AFD_FAMILY_MODERN, OP_RECV},
    {20, AFD_FAMILY_LEGACY, OP_RECV},   {1009, AFD_FAMILY_MODERN, OP_RECV},
    {21, AFD_FAMILY_LEGACY, OP_SEND},   {1011, AFD_FAMILY_MODERN, OP_SEND},
};

#define KIND_RARE 7

/* Ids of one API make one finding. */
static const unsigned api_of[] = {0, 1, 0, 1, 2, 2, 3, 4};
#define API_COUNT 5
static const char *const apis[] = {"send", "recv", "recvfrom", "sendto", "sendmsg"};

static struct process_info owners[2] = {{.references = NEVER_FREED, .serial = 1, .pid = 10},
                                        {.references = NEVER_FREED, .serial = 2, .pid = 20}};
static struct operation firsts[FIRSTS], posts[POSTS];
static struct expected model[2][RULE_COUNT][API_COUNT]
                            [API_COUNT]; /* by owner, rule, API of either */

static uint32_t next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*state >> 33);
}

static void make(struct operation *op, const struct setting *setting, uint64_t *random,
                 uint64_t number)
{
    bool common = next_random(random) % 4 != 0;
    unsigned kind = common ? 0 : next_random(random) % setting->ids;
    unsigned owner = common ? 0 : next_random(random) % setting->processes;
    /* Some endpoints come up late, when the addresses are no longer counted. */
    uint32_t known =
        number < FIRSTS / 2 || number > FIRSTS ? (setting->endpoints + 1) / 2 : setting->endpoints;
    uint32_t endpoint = next_random(random) % known;
    uint64_t start = 1 + next_random(random) % setting->starts;

    *op = (struct operation){.number = number,
                             .post_id = kinds[kind].id,
                             .family = kinds[kind].family,
                             .direction = kinds[kind].direction,
                             .api = apis[api_of[kind]],
                             .process_info = &owners[owner],
                             .endpoint_number = endpoint,
                             .endpoint_address = 0x1000 + endpoint,
                             .memory = {.start = start, .reach = (uint32_t)(STARTS_MAX - start)},
                             .posted = {.ticks = (int64_t)number, .order = (int64_t)number},
                             .references = NEVER_FREED};
}

static unsigned kind_index(const struct operation *op)
{
    unsigned i = 0;

    while (kinds[i].id != op->post_id)
        i++;
    return i;
}

static struct expected *expected_of(const struct judgements *judgements,
                                    const struct operation *first, const struct operation *second)
{
    unsigned rule = judgements->of[pair_bits(first, second, false)].rule;

    return &model[second->process_info - owners][rule][api_of[kind_index(first)]]
                 [api_of[kind_index(second)]];
}

static void expect(const struct judgements *judgements, const struct operation *first,
                   const struct operation *second)
{
    struct expected *expected = expected_of(judgements, first, second);

    expected->count++;
    expected->endpoints[first->endpoint_number] = true;
    expected->endpoints[second->endpoint_number] = true;
    expected->starts[pair_overlap_start(first, second) - 1] = true;
}

static uint32_t at_most(const bool *flags, size_t count)
{
    uint32_t set = 0;

    for (size_t i = 0; i < count; i++)
        set += flags[i];
    return set < FINDING_DISTINCT_MAX ? set : FINDING_DISTINCT_MAX;
}

static void settle(struct findings *findings, const struct judgements *judgements,
                   const struct conflict_wanted *wanted, struct operation *second)
{
    struct judgement judgement = judgements->of[pair_bits(wanted->first, second, false)];
    struct conflict conflict = {.first = wanted->first,
                                .second = second,
                                .rule = rules_table[judgement.rule],
                                .overlap_start = pair_overlap_start(wanted->first, second),
                                .overlap_len = 1,
                                .tag = wanted->tag,
                                .severity = (enum rule_level)judgement.severity,
                                .level = (enum rule_level)judgement.severity};

    /* From the middle on counts are known to be minima: then most is not wanted any more. */
    wanted->first->capped = second->number > FIRSTS + POSTS / 2;
    cr_assert(findings_settled(findings, &conflict));
}

static void conflict_with(struct findings *findings, const struct judgements *judgements,
                          struct operation *second, struct operation *const *found, size_t count)
{
    struct conflict_wanted wanted[CONFLICTS_FOUND_MAX];
    size_t wanted_count;
    bool complete;

    for (size_t i = 0; i < count; i++)
        expect(judgements, found[i], second);
    wanted_count = findings_found(findings, second, found, count, false, wanted, &complete);
    cr_assert(complete);
    for (size_t i = 0; i < wanted_count; i++)
        settle(findings, judgements, &wanted[i], second);
    findings_operation_ended(findings, second);
}

static void post(struct findings *findings, const struct judgements *judgements,
                 struct operation *second, uint64_t *random)
{
    struct operation *found[CONFLICTS_FOUND_MAX];
    size_t count = 1 + next_random(random) % CONFLICTS_FOUND_MAX;
    size_t from = (second->number - FIRSTS) * FIRSTS / POSTS + next_random(random) % 500;

    for (size_t i = 0; i < count; i++) /* different ones */
        found[i] = &firsts[(from + i * 7) % FIRSTS];
    conflict_with(findings, judgements, second, found, count);
}

/* So that it is known what `op` is when it becomes the first of others. */
static void introduce(struct findings *findings, const struct judgements *judgements,
                      struct operation *op)
{
    static struct operation others[FIRSTS];
    struct operation *other = &others[op - firsts];

    *other = *op;
    other->post_id = kinds[KIND_RARE].id;
    other->family = kinds[KIND_RARE].family;
    other->direction = kinds[KIND_RARE].direction;
    other->api = apis[api_of[KIND_RARE]];
    conflict_with(findings, judgements, op, &other, 1);
}

static void check(const struct findings *findings, const struct judgements *judgements,
                  const bool *enabled)
{
    uint64_t seen = 0, wanted = 0;

    for (size_t i = 0; i < findings_count(findings); i++) {
        const struct finding *finding = findings_at(findings, i);
        const struct conflict *example = finding->examples[0];
        const struct expected *expected = expected_of(judgements, example->first, example->second);

        cr_assert(enabled[judgements->of[pair_bits(example->first, example->second, false)].rule]);
        cr_assert_eq(finding->count, expected->count, "finding %zu", i);
        cr_assert_eq(finding->endpoints, at_most(expected->endpoints, ENDPOINTS_MAX));
        cr_assert_eq(finding->addresses, at_most(expected->starts, STARTS_MAX));
        seen += finding->count;
    }
    for (size_t owner = 0; owner < 2; owner++)
        for (size_t rule = 0; rule < RULE_COUNT; rule++)
            for (size_t apis_of_both = 0; enabled[rule] && apis_of_both < API_COUNT * API_COUNT;
                 apis_of_both++)
                wanted +=
                    model[owner][rule][apis_of_both / API_COUNT][apis_of_both % API_COUNT].count;
    cr_assert_eq(seen, wanted);
}

static void count_all(const struct setting *setting)
{
    const struct tracker_hooks hooks = {.user = NULL};
    struct tracker *tracker = tracker_create(&hooks, NULL);
    const struct judgements *judgements = tracker_judgements(tracker);
    bool enabled[RULE_COUNT];
    const struct findings_options options = {.judgements = judgements, .rule_enabled = enabled};
    struct findings *findings = findings_create(tracker, &options);
    struct names *names = names_create();
    uint64_t random = setting->endpoints + setting->starts;

    for (size_t i = 0; i < RULE_COUNT; i++)
        enabled[i] = !setting->one_rule_off || i != judgements->of[0].rule;
    memset(model, 0, sizeof(model));
    for (uint64_t i = 0; i < FIRSTS; i++) {
        make(&firsts[i], setting, &random, i + 1);
        introduce(findings, judgements, &firsts[i]);
    }
    for (uint64_t i = 0; i < POSTS; i++) {
        make(&posts[i], setting, &random, FIRSTS + i + 1);
        post(findings, judgements, &posts[i], &random);
    }
    cr_assert(findings_finish(findings, names));
    check(findings, judgements, enabled);
    findings_destroy(findings);
    names_destroy(names);
    tracker_destroy(tracker);
}

Test(findings, count_few_endpoints_and_many_addresses)
{
    count_all(&(struct setting){2, 1, 16, STARTS_MAX, false});
}

Test(findings, count_few_addresses)
{
    count_all(&(struct setting){2, 1, 16, 20, false});
}

Test(findings, count_more_endpoints_than_are_added_up)
{
    count_all(&(struct setting){2, 1, 100, STARTS_MAX, false});
}

Test(findings, count_more_endpoints_than_have_a_bit)
{
    count_all(&(struct setting){2, 1, 3000, STARTS_MAX, false});
}

Test(findings, count_endpoints_up_to_their_limit)
{
    count_all(&(struct setting){2, 1, ENDPOINTS_MAX, STARTS_MAX, false});
}

Test(findings, count_many_kinds)
{
    count_all(&(struct setting){8, 2, 16, STARTS_MAX, false});
}

Test(findings, count_many_kinds_of_many_endpoints)
{
    count_all(&(struct setting){8, 2, 2000, STARTS_MAX, false});
}

Test(findings, count_nothing_of_a_rule_that_is_off)
{
    count_all(&(struct setting){8, 2, 16, STARTS_MAX, true});
}
