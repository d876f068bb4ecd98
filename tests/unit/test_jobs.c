/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <time.h>

#include "base/jobs.h"
#include "base/platform.h"

Test(jobs, tasks_at_once_fit_into_memory)
{
    const uint64_t gibibyte = UINT64_C(1) << 30;
    cr_expect_eq(jobs_within(8, 16 * gibibyte, 4 * gibibyte), 4);
    cr_expect_eq(jobs_within(2, 16 * gibibyte, 4 * gibibyte), 2);
    cr_expect_eq(jobs_within(8, 16 * gibibyte - 1, 4 * gibibyte), 3);
    cr_expect_eq(jobs_within(8, gibibyte, 4 * gibibyte), 1);
    cr_expect_eq(jobs_within(8, UINT64_MAX, 1), 8);
    cr_expect_eq(jobs_within(8, gibibyte, 0), 8);
}

Test(jobs, the_machine_has_memory)
{
    cr_expect(ge(u64, platform_memory(), UINT64_C(1) << 24));
}

Test(jobs, threads_are_as_many_as_is_wanted)
{
    static const unsigned rows[][2] = {{1, 1}, {2, 2}, {255, 255}, {256, 256}, {257, 256}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cr_expect_eq(jobs_threads(rows[i][0]), rows[i][1], "%u", rows[i][0]);
    }
    unsigned processors = platform_processors();
    cr_expect_eq(jobs_threads(0), processors < 256 ? processors : 256);
}

enum { TASKS_MAX = 600 };

struct work {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_t caller;
    unsigned running, running_most, arrived, wanted;
    size_t taken;
    unsigned runs[TASKS_MAX];
};

static void work_begin(struct work *work, unsigned wanted)
{
    *work = (struct work){.caller = pthread_self(), .wanted = wanted};
    pthread_mutex_init(&work->lock, NULL);
    pthread_cond_init(&work->changed, NULL);
}

static void run_task(void *user, size_t index)
{
    struct work *work = user;
    pthread_mutex_lock(&work->lock);
    work->runs[index]++;
    work->running++;
    work->running_most = work->running > work->running_most ? work->running : work->running_most;
    pthread_mutex_unlock(&work->lock);
    sched_yield();
    pthread_mutex_lock(&work->lock);
    work->running--;
    pthread_mutex_unlock(&work->lock);
}

/* Results come in order, each after its task, on the thread that asked for them. */
static void take_result(void *user, size_t index)
{
    struct work *work = user;
    pthread_mutex_lock(&work->lock);
    cr_assert_eq(index, work->taken);
    cr_assert_eq(work->runs[index], 1);
    cr_assert(pthread_equal(pthread_self(), work->caller));
    work->taken++;
    pthread_mutex_unlock(&work->lock);
}

Test(jobs, each_task_is_run_once_and_taken_in_order)
{
    static const unsigned threads[] = {0, 1, 2, 3, 8, 300};
    static const size_t counts[] = {0, 1, 2, 3, 50, TASKS_MAX};
    static struct work work;
    for (size_t t = 0; t < sizeof threads / sizeof threads[0]; t++) {
        for (size_t c = 0; c < sizeof counts / sizeof counts[0]; c++) {
            work_begin(&work, 0);
            jobs_run(threads[t], counts[c], run_task, take_result, &work);
            cr_assert_eq(work.taken, counts[c], "%u threads", threads[t]);
            cr_assert_eq(work.running, 0);
            cr_assert_leq(work.running_most, threads[t] > 1 ? threads[t] : 1);
            for (size_t i = 0; i < counts[c]; i++) {
                cr_assert_eq(work.runs[i], 1);
            }
        }
    }
}

/* Waits, at most 20 seconds, for as many tasks as there are threads. */
static void meet_others(void *user, size_t index)
{
    struct work *work = user;
    struct timespec until = {.tv_sec = time(NULL) + 20};
    int status = 0;
    pthread_mutex_lock(&work->lock);
    work->runs[index]++;
    work->arrived++;
    pthread_cond_broadcast(&work->changed);
    while (work->arrived < work->wanted && status == 0) {
        status = pthread_cond_timedwait(&work->changed, &work->lock, &until);
    }
    pthread_mutex_unlock(&work->lock);
}

Test(jobs, tasks_run_at_the_same_time)
{
    static struct work work;
    for (unsigned count = 2; count <= 6; count += 2) {
        time_t start = time(NULL);
        work_begin(&work, count);
        jobs_run(count, count, meet_others, take_result, &work);
        cr_assert_eq(work.taken, count);
        cr_assert_lt(time(NULL) - start, 15);
    }
}
