/* SPDX-License-Identifier: Apache-2.0 */

#include "base/jobs.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/least.h"
#include "base/platform.h"

#define THREADS_MAX 256 /* more would only cost memory */

struct jobs {
    jobs_run_fn *run;
    void *user;
    size_t count;
    pthread_mutex_t lock; /* guards the rest */
    pthread_cond_t changed;
    size_t next; /* index of the next task to begin */
    bool *done;  /* owned; of each task */
};

unsigned jobs_threads(unsigned wanted)
{
    if (wanted > 0) {
        return (unsigned)least_size(wanted, THREADS_MAX);
    }
    unsigned processors = platform_processors();
    return (unsigned)least_size(processors, THREADS_MAX);
}

unsigned jobs_within(unsigned threads, uint64_t memory, uint64_t each)
{
    uint64_t fit = each != 0 ? memory / each : threads;
    if (fit == 0) {
        return 1;
    }
    return (unsigned)least_u64(fit, threads);
}

static void *jobs_work(void *user)
{
    struct jobs *jobs = user;
    pthread_mutex_lock(&jobs->lock);
    while (jobs->next < jobs->count) {
        size_t index = jobs->next++;
        pthread_mutex_unlock(&jobs->lock);
        jobs->run(jobs->user, index);
        pthread_mutex_lock(&jobs->lock);
        jobs->done[index] = true;
        pthread_cond_signal(&jobs->changed);
    }
    pthread_mutex_unlock(&jobs->lock);
    return NULL;
}

static void jobs_run_alone(size_t count, jobs_run_fn *run, jobs_take_fn *take, void *user)
{
    for (size_t i = 0; i < count; i++) {
        run(user, i);
        take(user, i);
    }
}

/* The calling thread runs no task itself, so that no result waits for one before it is printed. */
static void jobs_take_all(struct jobs *jobs, jobs_take_fn *take)
{
    for (size_t i = 0; i < jobs->count; i++) {
        pthread_mutex_lock(&jobs->lock);
        while (!jobs->done[i]) {
            pthread_cond_wait(&jobs->changed, &jobs->lock);
        }
        pthread_mutex_unlock(&jobs->lock);
        take(jobs->user, i);
    }
}

void jobs_run(unsigned threads, size_t count, jobs_run_fn *run, jobs_take_fn *take, void *user)
{
    struct jobs jobs = {.run = run, .user = user, .count = count};
    if (threads > 1 && count > 1) {
        jobs.done = calloc(count, sizeof *jobs.done);
    }
    if (jobs.done == NULL) {
        jobs_run_alone(count, run, take, user);
        return;
    }
    pthread_mutex_init(&jobs.lock, NULL);
    pthread_cond_init(&jobs.changed, NULL);
    pthread_t workers[THREADS_MAX];
    size_t wanted = least_size(threads, THREADS_MAX);
    size_t started = 0;
    while (started < wanted && started < count &&
           pthread_create(&workers[started], NULL, jobs_work, &jobs) == 0) {
        started++;
    }
    if (started > 0) {
        jobs_take_all(&jobs, take);
    } else {
        jobs_run_alone(count, run, take, user);
    }
    for (size_t i = 0; i < started; i++) {
        pthread_join(workers[i], NULL);
    }
    pthread_cond_destroy(&jobs.changed);
    pthread_mutex_destroy(&jobs.lock);
    free(jobs.done);
}
