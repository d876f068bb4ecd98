/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <string.h>

#include "base/hash.h"
#include "base/stack_store.h"

Test(stack_store, keeps_each_distinct_stack_once)
{
    static const uint64_t one[] = {1, 2, 3}, other[] = {1, 2, 4};
    struct stack_store *store = stack_store_create();
    struct stack *a = stack_store_get(store, one, 3);
    struct stack *b = stack_store_get(store, one, 3);
    struct stack *c = stack_store_get(store, other, 3);
    struct stack *d = stack_store_get(store, one, 2);

    cr_assert_eq(a, b);
    cr_assert_neq(a, c);
    cr_assert_neq(a, d);
    cr_assert_eq(a->same, a);
    cr_assert_eq(stack_known(a), a);
    cr_assert_eq(c->frames[2], 4);
    cr_assert_eq(d->frame_count, 2);
    stack_release(a);
    stack_release(b);
    stack_release(c);
    stack_release(d);
    stack_store_destroy(store);
}

/* The seeds are constants in a test: a last frame that cancels one of them makes equal hashes. */
Test(stack_store, tells_stacks_of_one_hash_apart)
{
    const uint64_t one[] = {1, hash_seed_2}, other[] = {2, hash_seed_2};
    struct stack_store *store = stack_store_create();
    struct stack *a = stack_store_get(store, one, 2);
    struct stack *b = stack_store_get(store, other, 2);

    cr_assert_eq(hash_words(one, 2), hash_words(other, 2));
    cr_assert_neq(a, b);
    cr_assert_eq(a->frames[0], 1);
    cr_assert_eq(b->frames[0], 2);
    cr_assert_eq(stack_store_get(store, one, 2), a);
    stack_release(a);
    stack_release(a);
    cr_assert_eq(stack_store_get(store, other, 2), b);
    stack_release(b);
    stack_release(b);
    stack_store_destroy(store);
}

Test(stack_store, finds_all_after_growing_and_frees_what_is_released)
{
    enum { COUNT = 2000 };
    static struct stack *stacks[COUNT];
    struct stack_store *store = stack_store_create();

    for (uint64_t i = 0; i < COUNT; i++) {
        stacks[i] = stack_store_get(store, &i, 1);
    }
    for (uint64_t i = 0; i < COUNT; i++) {
        struct stack *again = stack_store_get(store, &i, 1);

        cr_assert_eq(again, stacks[i]);
        stack_release(again);
        stack_release(stacks[i]);
    }
    stack_store_destroy(store);
}

/* Stacks that differ only in frames that do not choose the place among the recent ones. */
Test(stack_store, tells_stacks_apart_that_meet_among_the_recent_ones)
{
    static const uint64_t one[] = {1, 2, 3, 4, 5}, other[] = {1, 9, 3, 9, 5};
    struct stack_store *store = stack_store_create();
    for (unsigned i = 0; i < 100; i++) {
        struct stack *a = stack_store_get(store, one, 5);
        struct stack *b = stack_store_get(store, other, 5);
        cr_assert_neq(a, b);
        cr_assert_eq(a->frames[1], 2);
        cr_assert_eq(b->frames[1], 9);
        stack_release(a);
        stack_release(b);
    }
    stack_store_destroy(store);
}

/* A cause that shows at every post must not be allocated and freed at each. */
Test(stack_store, keeps_what_was_asked_for_lately)
{
    static const uint64_t one[] = {1, 2, 3};
    struct stack_store *store = stack_store_create();
    struct stack *before = stack_store_get(store, one, 3);
    stack_release(before);
    cr_assert_eq(stack_store_get(store, one, 3), before);
    stack_store_destroy(store);
}

Test(stack_store, takes_frames_at_any_alignment)
{
    char bytes[1 + 2 * sizeof(uint64_t)];
    uint64_t frames[2] = {7, 8};
    memcpy(bytes + 1, frames, sizeof frames);
    struct stack_store *store = stack_store_create();
    cr_assert_eq(stack_store_get(store, bytes + 1, 2), stack_store_get(store, frames, 2));
    stack_store_destroy(store);
}

/* Each stack costs what its frames take, until nobody has it, and nobody asked for it lately. */
Test(stack_store, counts_its_memory)
{
    static const uint64_t frames[64];
    struct stack_store *store = stack_store_create();
    size_t empty = stack_store_bytes(store);
    cr_assert_gt(empty, (256 + 2048) * sizeof(void *));
    cr_assert_lt(empty, (256 + 2048) * sizeof(void *) + 200);
    struct stack *few = stack_store_get(store, frames, 8),
                 *many = stack_store_get(store, frames, 64);
    size_t both = stack_store_bytes(store);
    cr_assert_geq(both, empty + (8 + 64) * sizeof(uint64_t));
    cr_assert_leq(both, empty + (8 + 64) * sizeof(uint64_t) + 300);
    stack_release(many);
    stack_release(few);
    cr_assert_eq(stack_store_bytes(store), both, "they are among the recent ones");
    stack_store_forget_recent(store);
    cr_assert_eq(stack_store_bytes(store), empty - 2048 * sizeof(void *));
    stack_store_forget_recent(store);
    few = stack_store_get(store, frames, 8);
    cr_assert_eq(few->frame_count, 8);
    cr_assert_gt(stack_store_bytes(store), empty - 2048 * sizeof(void *));
    stack_release(few);
    cr_assert_eq(stack_store_bytes(store), empty - 2048 * sizeof(void *));
    stack_store_destroy(store);
}

/* A stack may have no frames, or one. */
Test(stack_store, keeps_stacks_of_any_length)
{
    enum { MOST = 40 };
    static uint64_t frames[MOST];
    struct stack *stacks[MOST + 1];
    struct stack_store *store = stack_store_create();
    for (size_t i = 0; i < MOST; i++) {
        frames[i] = 1000 + i;
    }
    for (size_t count = 0; count <= MOST; count++) {
        stacks[count] = stack_store_get(store, frames, count);
        cr_assert_eq(stacks[count]->frame_count, count);
        cr_assert_eq(memcmp(stacks[count]->frames, frames, count * sizeof *frames), 0);
    }
    for (size_t count = 0; count <= MOST; count++) {
        cr_assert_eq(stack_store_get(store, frames, count), stacks[count], "%zu", count);
        stack_release(stacks[count]);
        stack_release(stacks[count]);
    }
    stack_store_destroy(store);
}

Test(stack_store, takes_null)
{
    stack_release(NULL);
    stack_refresh(NULL);
    cr_assert_null(stack_known(NULL));
    stack_store_destroy(NULL);
}
