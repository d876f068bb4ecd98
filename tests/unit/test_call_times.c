/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>

#include "analyzer/calibrate/call_times.h"

#define CALLS 60
#define STEPS 40
#define TICKS_MAX 50
#define THREADS 3

static struct probe_call calls[CALLS];
static struct probe_step steps[STEPS];
static const struct probe_log made_log = {
    .calls = calls, .call_count = CALLS, .steps = steps, .step_count = STEPS};

static unsigned random_state;

static unsigned draw(unsigned below)
{
    random_state = random_state * 1103515245u + 12345u;
    return (random_state >> 16) % below;
}

static void make_log(unsigned seed)
{
    random_state = seed;
    for (size_t i = 0; i < CALLS; i++) {
        calls[i].tid = draw(THREADS);
        calls[i].before = draw(TICKS_MAX);
        calls[i].after = calls[i].before + draw(4);
    }
    for (size_t i = 0; i < STEPS; i++) {
        steps[i].tid = draw(THREADS);
        steps[i].before = draw(TICKS_MAX);
        steps[i].after = steps[i].before + draw(4);
    }
}

/* The answers of a list: -1 stands for none. */
struct seen {
    int64_t ended, began;
};

static void look_at(struct seen *seen, int64_t ticks, bool instants, int64_t before, int64_t after)
{
    if (after <= ticks && after > seen->ended) {
        seen->ended = after;
    }
    bool counts = before > ticks || (before == ticks && (instants || after > ticks));
    if (counts && (seen->began == -1 || before < seen->began)) {
        seen->began = before;
    }
}

static struct seen look(uint32_t tid, int64_t ticks, bool instants)
{
    struct seen seen = {-1, -1};
    for (size_t i = 0; i < CALLS; i++) {
        if (calls[i].tid == tid) {
            look_at(&seen, ticks, instants, calls[i].before, calls[i].after);
        }
    }
    for (size_t i = 0; i < STEPS; i++) {
        if (steps[i].tid == tid) {
            look_at(&seen, ticks, instants, steps[i].before, steps[i].after);
        }
    }
    return seen;
}

Test(call_times, are_found_as_in_a_list)
{
    for (unsigned seed = 1; seed <= 20; seed++) {
        struct call_times times;
        make_log(seed);
        cr_assert(call_times_make(&times, &made_log));
        for (uint32_t i = 0; i < 2 * (THREADS + 1) * (TICKS_MAX + 6); i++) {
            uint32_t tid = i / 2 % (THREADS + 1);
            int64_t ticks = i / 2 / (THREADS + 1) - 1, ended = -1, began = -1;
            bool instants = i % 2 != 0;
            struct seen seen = look(tid, ticks, instants);
            cr_assert_eq(call_times_last_end(&times, tid, ticks, &ended), seen.ended != -1);
            cr_assert_eq(call_times_next_begin(&times, tid, ticks, instants, &began),
                         seen.began != -1);
            cr_assert(ended == seen.ended && began == seen.began, "thread %u, %lld", tid,
                      (long long)ticks);
        }
        call_times_free(&times);
    }
}

/* A log may say anything: a call that ends before it begins is one of no length. */
Test(call_times, calls_that_end_before_they_begin)
{
    struct probe_call odd = {.tid = 1, .before = 10, .after = 5};
    const struct probe_log log = {.calls = &odd, .call_count = 1};
    struct call_times times;
    int64_t ticks;
    cr_assert(call_times_make(&times, &log));
    cr_assert_not(call_times_last_end(&times, 1, 9, &ticks));
    cr_assert(call_times_last_end(&times, 1, 10, &ticks));
    cr_assert_eq(ticks, 10);
    cr_assert(call_times_next_begin(&times, 1, 10, true, &ticks));
    cr_assert_not(call_times_next_begin(&times, 1, 10, false, &ticks));
    call_times_free(&times);
}

Test(call_times, of_a_log_without_calls)
{
    static const struct probe_log empty;
    struct call_times times;
    int64_t ticks;
    cr_assert(call_times_make(&times, &empty));
    cr_assert_not(call_times_last_end(&times, 1, 9, &ticks));
    cr_assert_not(call_times_next_begin(&times, 1, 9, true, &ticks));
    call_times_free(&times);
}
