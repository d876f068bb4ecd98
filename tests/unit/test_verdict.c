/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>

#include "analyzer/verdict.h"
#include "parsers/afd/afd_behavior.h"

static const struct coverage healthy = {
    .posts = 10, .recvs = 6, .recvs_user_address = 4, .sends = 4, .sends_user_address = 4};
static const struct verdict_trace whole = {0};

static uint32_t causes_of(const struct coverage *coverage)
{
    return verdict_causes(coverage, &whole, 0);
}

Test(verdict, no_posts_hides_the_causes_that_follow_from_it)
{
    struct coverage coverage = {.end_due = {true, true}};
    cr_assert_eq(verdict_causes(&coverage, &whole, 50), CAUSE_BIT(CAUSE_NO_POSTS));
}

Test(verdict, kinds_of_no_posts_in_their_order)
{
    struct coverage coverage = {0};
    cr_assert_eq(verdict_no_posts(&coverage), NO_POSTS_PROVIDER);
    coverage.events = 9;
    coverage.modern_seen = true;
    coverage.family_level_max[AFD_FAMILY_MODERN] = 4;
    coverage.keywords = 0x8000000000000006;
    cr_assert_eq(verdict_no_posts(&coverage), NO_POSTS_NONE, "binds alone are of no kind");
    coverage.sockets_opened = 1;
    cr_assert_eq(verdict_no_posts(&coverage), NO_POSTS_NO_TRAFFIC);
    coverage.rejected_posts = 1;
    cr_assert_eq(verdict_no_posts(&coverage), NO_POSTS_REJECTED);
    coverage.rejected_posts = 0;
    coverage.keywords = 0x8000000000000008;
    cr_assert_eq(verdict_no_posts(&coverage), NO_POSTS_KEYWORDS);
    coverage.family_level_max[AFD_FAMILY_MODERN] = 3;
    cr_assert_eq(verdict_no_posts(&coverage), NO_POSTS_LEVEL);
    coverage.registered_io_events = 5;
    cr_assert_eq(verdict_no_posts(&coverage), NO_POSTS_REGISTERED_IO);
    coverage.posts = 1;
    cr_assert_eq(verdict_no_posts(&coverage), NO_POSTS_NONE);
}

Test(verdict, the_legacy_family_needs_level_five_and_no_keyword)
{
    struct coverage coverage = {.events = 9, .sockets_opened = 1};
    coverage.legacy_seen = true;
    coverage.family_level_max[AFD_FAMILY_LEGACY] = 4;
    cr_assert_eq(verdict_no_posts(&coverage), NO_POSTS_LEVEL);
    coverage.family_level_max[AFD_FAMILY_LEGACY] = 5;
    cr_assert_eq(verdict_no_posts(&coverage), NO_POSTS_NO_TRAFFIC);
}

Test(verdict, no_user_address_by_direction)
{
    struct coverage coverage = healthy;
    cr_assert_eq(causes_of(&coverage), 0);
    coverage.recvs_user_address = 0;
    cr_assert_eq(causes_of(&coverage), CAUSE_BIT(CAUSE_NO_USER_ADDRESS));
    cr_assert(verdict_no_user_address(&coverage).recvs);
    cr_assert_not(verdict_no_user_address(&coverage).sends);
    coverage.recvs = 0;
    cr_assert_eq(causes_of(&coverage), 0);
    coverage.sends_user_address = 0;
    cr_assert(verdict_no_user_address(&coverage).sends);
    cr_assert_not(verdict_no_user_address(&coverage).recvs);
}

Test(verdict, few_user_addresses_as_asked_for)
{
    struct coverage coverage = healthy; /* visible: 66.7 % of the receives */
    cr_assert_eq(verdict_causes(&coverage, &whole, 66), 0);
    cr_assert_eq(verdict_causes(&coverage, &whole, 67), CAUSE_BIT(CAUSE_FEW_USER_ADDRESSES));
    cr_assert(verdict_few_user_addresses(&coverage, 67).recvs);
    cr_assert_not(verdict_few_user_addresses(&coverage, 100).sends);
    coverage.recvs = coverage.recvs_user_address = 0;
    cr_assert_eq(verdict_causes(&coverage, &whole, 100), 0);
}

Test(verdict, no_user_completion_where_one_was_due)
{
    struct coverage coverage = healthy;
    coverage.end_due[AFD_RECV] = true;
    cr_assert_eq(causes_of(&coverage), CAUSE_BIT(CAUSE_NO_USER_COMPLETION));
    cr_assert(verdict_no_user_completion(&coverage).recvs);
    cr_assert_not(verdict_no_user_completion(&coverage).sends);
    coverage.end_traced[AFD_SEND] = true;
    cr_assert_eq(causes_of(&coverage), CAUSE_BIT(CAUSE_NO_USER_COMPLETION));
    coverage.end_traced[AFD_RECV] = true;
    cr_assert_eq(causes_of(&coverage), 0);
}

Test(verdict, loss_and_missing_end_are_two_causes)
{
    const struct verdict_trace lossy = {.loss = true}, cut = {.end_missing = true};
    cr_assert_eq(verdict_causes(&healthy, &lossy, 0), CAUSE_BIT(CAUSE_EVENTS_LOST));
    cr_assert_eq(verdict_causes(&healthy, &cut, 0), CAUSE_BIT(CAUSE_END_MISSING));
}

Test(verdict, the_limit_on_memory_is_a_cause_that_nobody_can_accept)
{
    const struct verdict_trace stopped = {.end_missing = true, .memory_limit = true};
    cr_assert_eq(verdict_causes(&healthy, &stopped, 0),
                 CAUSE_BIT(CAUSE_END_MISSING) | CAUSE_BIT(CAUSE_MEMORY_LIMIT));
    cr_assert_eq(CAUSES_ALL & CAUSE_BIT(CAUSE_MEMORY_LIMIT), 0);
}

Test(verdict, findings_win_over_causes_and_causes_can_be_accepted)
{
    uint32_t lost = CAUSE_BIT(CAUSE_EVENTS_LOST);

    cr_assert_eq(verdict_decide(true, lost, 0), VERDICT_FINDINGS);
    cr_assert_eq(verdict_decide(false, lost, 0), VERDICT_INCONCLUSIVE);
    cr_assert_eq(verdict_decide(false, lost, lost), VERDICT_CLEAN);
    cr_assert_eq(verdict_decide(false, lost, CAUSE_BIT(CAUSE_END_MISSING)), VERDICT_INCONCLUSIVE);
    cr_assert_eq(verdict_decide(false, 0, 0), VERDICT_CLEAN);
}

Test(verdict, the_worst_of_several_inputs_wins)
{
    static const enum verdict worst_first[] = {VERDICT_ERROR, VERDICT_FINDINGS,
                                               VERDICT_INCONCLUSIVE, VERDICT_CLEAN};

    for (int i = 0; i < 4; i++) {
        for (int j = i; j < 4; j++) {
            cr_assert_eq(verdict_worse(worst_first[i], worst_first[j]), worst_first[i]);
            cr_assert_eq(verdict_worse(worst_first[j], worst_first[i]), worst_first[i]);
        }
    }
}

Test(verdict, exit_statuses)
{
    cr_assert_eq(verdict_exit(VERDICT_CLEAN), 0);
    cr_assert_eq(verdict_exit(VERDICT_FINDINGS), 1);
    cr_assert_eq(verdict_exit(VERDICT_ERROR), 2);
    cr_assert_eq(verdict_exit(VERDICT_INCONCLUSIVE), 3);
}

Test(verdict, causes_are_found_by_name)
{
    enum cause cause;

    for (int i = 0; i < CAUSE_COUNT; i++) {
        cr_assert(cause_parse(cause_name((enum cause)i), &cause));
        cr_assert_eq((int)cause, i);
    }
    cr_assert_not(cause_parse("no-such-cause", &cause));
}

Test(verdict, causes_are_taken_out_of_a_set_in_their_order)
{
    uint32_t left = CAUSE_BIT(CAUSE_EVENTS_LOST) | CAUSE_BIT(CAUSE_NO_POSTS);

    cr_assert_eq(cause_take(&left), CAUSE_NO_POSTS);
    cr_assert_eq(left, CAUSE_BIT(CAUSE_EVENTS_LOST));
    cr_assert_eq(cause_take(&left), CAUSE_EVENTS_LOST);
    cr_assert_eq(left, 0);
}
