#include <criterion/criterion.h>

#include "analyzer/verdict.h"

static const struct coverage healthy = {
    .posts = 10, .user_address_operations = 4, .user_address_ended = 4};

Test(verdict, no_posts_hides_the_two_causes_that_follow_from_it)
{
    struct coverage coverage = {0};

    cr_assert_eq(verdict_causes(&coverage, false, false), CAUSE_BIT(CAUSE_NO_POSTS));
}

Test(verdict, no_user_address)
{
    struct coverage coverage = {.posts = 3};

    cr_assert_eq(verdict_causes(&coverage, false, false), CAUSE_BIT(CAUSE_NO_USER_ADDRESS));
    coverage.inferred_address_operations = 1;
    cr_assert_eq(verdict_causes(&coverage, false, false), CAUSE_BIT(CAUSE_NO_USER_COMPLETION));
    coverage.inferred_address_ended = 1;
    cr_assert_eq(verdict_causes(&coverage, false, false), 0);
}

Test(verdict, loss_and_missing_end_are_two_causes)
{
    cr_assert_eq(verdict_causes(&healthy, true, false), CAUSE_BIT(CAUSE_EVENTS_LOST));
    cr_assert_eq(verdict_causes(&healthy, false, true), CAUSE_BIT(CAUSE_END_MISSING));
    cr_assert_eq(verdict_causes(&healthy, false, false), 0);
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

    for (int i = 0; i < 4; i++)
        for (int j = i; j < 4; j++) {
            cr_assert_eq(verdict_worse(worst_first[i], worst_first[j]), worst_first[i]);
            cr_assert_eq(verdict_worse(worst_first[j], worst_first[i]), worst_first[i]);
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
