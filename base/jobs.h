#ifndef BASE_JOBS_H
#define BASE_JOBS_H

/* Independent tasks on several threads, their results taken in order. */

#include <stddef.h>

/* On any thread, once for each index. */
typedef void jobs_run_fn(void *user, size_t index);
/* On the caller's thread, in order of index, after run(index). */
typedef void jobs_take_fn(void *user, size_t index);

/* Runs `count` tasks, at most `threads` at a time; one after the other where threads can't be
 * had. Returns when the last one is taken. */
void jobs_run(unsigned threads, size_t count, jobs_run_fn *run, jobs_take_fn *take, void *user);

/* `wanted`, or the number of processors for 0; at least 1. */
unsigned jobs_threads(unsigned wanted);

#endif
