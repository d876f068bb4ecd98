#include "base/jobs.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#define THREADS_MAX 256 /* more would only cost memory */

struct jobs {
    jobs_run_fn *run;
    void *user;
    size_t count;
    pthread_mutex_t lock; /* guards the rest */
    pthread_cond_t changed;
    size_t next; /* to be begun */
    bool *done;  /* by index */
};

unsigned jobs_threads(unsigned wanted)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);

    if (wanted > 0)
        return wanted < THREADS_MAX ? wanted : THREADS_MAX;
    if (processors < 1)
        return 1;
    return processors < THREADS_MAX ? (unsigned)processors : THREADS_MAX;
}

static void *work(void *user)
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

static void run_alone(size_t count, jobs_run_fn *run, jobs_take_fn *take, void *user)
{
    for (size_t i = 0; i < count; i++) {
        run(user, i);
        take(user, i);
    }
}

/* The caller only waits and takes, so that nothing it prints is held up by a task. */
static void take_all(struct jobs *jobs, jobs_take_fn *take)
{
    for (size_t i = 0; i < jobs->count; i++) {
        pthread_mutex_lock(&jobs->lock);
        while (!jobs->done[i])
            pthread_cond_wait(&jobs->changed, &jobs->lock);
        pthread_mutex_unlock(&jobs->lock);
        take(jobs->user, i);
    }
}

void jobs_run(unsigned threads, size_t count, jobs_run_fn *run, jobs_take_fn *take, void *user)
{
    struct jobs jobs = {.run = run, .user = user, .count = count};
    pthread_t workers[THREADS_MAX];
    size_t wanted = threads < THREADS_MAX ? threads : THREADS_MAX;
    size_t started = 0;

    if (threads > 1 && count > 1)
        jobs.done = calloc(count, sizeof(bool));
    if (!jobs.done) {
        run_alone(count, run, take, user);
        return;
    }
    pthread_mutex_init(&jobs.lock, NULL);
    pthread_cond_init(&jobs.changed, NULL);
    while (started < wanted && started < count &&
           pthread_create(&workers[started], NULL, work, &jobs) == 0)
        started++;
    if (started > 0)
        take_all(&jobs, take);
    else
        run_alone(count, run, take, user);
    for (size_t i = 0; i < started; i++)
        pthread_join(workers[i], NULL);
    pthread_cond_destroy(&jobs.changed);
    pthread_mutex_destroy(&jobs.lock);
    free(jobs.done);
}
