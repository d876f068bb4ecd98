/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>

#include "analyzer/findings/origins.h"
#include "base/stack_store.h"

static struct process_info app = {.serial = 1}, other_app = {.serial = 2};
static struct stack stack_a = {.same = &stack_a}, stack_b = {.same = &stack_b};

static struct operation post(struct process_info *process, struct stack *stack, uint16_t event_id)
{
    return (struct operation){.process = process, .posted = {.stack = stack, .event_id = event_id}};
}

Test(origins, posts_of_one_place_have_one_number)
{
    struct origins origins = {.by_key = NULL};
    struct operation one = post(&app, &stack_a, 19), same = post(&app, &stack_a, 19);
    struct operation between = post(&app, &stack_b, 19);
    uint32_t number = origins_number(&origins, &one);

    cr_assert_eq(number, 1);
    cr_assert_eq(one.origin, number);
    cr_assert_eq(origins_number(&origins, &same), number);
    cr_assert_eq(origins_number(&origins, &between), 2);
    same.origin = 0;
    cr_assert_eq(origins_number(&origins, &same), number, "found again behind another one");
    cr_assert_eq(same.origin, number);
    origins_finish(&origins);
}

Test(origins, process_stack_and_call_tell_posts_apart)
{
    struct origins origins = {.by_key = NULL};
    struct operation ops[] = {post(&app, &stack_a, 19), post(&other_app, &stack_a, 19),
                              post(&app, &stack_b, 19), post(&app, NULL, 19),
                              post(&app, &stack_a, 20), post(&other_app, NULL, 20)};
    const uint32_t count = sizeof ops / sizeof ops[0];

    for (unsigned round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < count; i++) {
            cr_assert_eq(origins_number(&origins, &ops[i]), i + 1);
        }
    }
    origins_finish(&origins);
    cr_assert_eq(origins_bytes(&origins), 0);
}

Test(origins, bytes_grow_with_each_origin)
{
    struct origins origins = {.by_key = NULL};
    struct operation one = post(&app, NULL, 19), two = post(&other_app, NULL, 19);

    cr_assert_eq(origins_bytes(&origins), 0);
    origins_number(&origins, &one);
    size_t bytes = origins_bytes(&origins);
    cr_assert_geq(bytes, sizeof(struct origin));
    origins_number(&origins, &two);
    cr_assert_eq(origins_bytes(&origins), 2 * bytes);
    origins_finish(&origins);
}
