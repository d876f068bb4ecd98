/* SPDX-License-Identifier: Apache-2.0 */

#ifndef BASE_JOBS_H
#define BASE_JOBS_H

/* Runs independent tasks on several threads, and takes their results in order. */

#include <stddef.h>
#include <stdint.h>

/* Runs task `index`: called once for each index, on any thread. */
typedef void jobs_run_fn(void *user, size_t index);
/* Takes the result of task `index`: called on the thread that called jobs_run(), in order of index,
 * each after its task. */
typedef void jobs_take_fn(void *user, size_t index);

/* Runs `count` tasks, at most `threads` at a time, or one after the other if no thread can be
 * started. Returns when the last result is taken. */
void jobs_run(unsigned threads, size_t count, jobs_run_fn *run, jobs_take_fn *take, void *user);

/* The number of threads for `jobs_run()`: `wanted`, or for 0 the number of processors; at least 1.
 */
unsigned jobs_threads(unsigned wanted);

/* The number of threads, `threads` at most and 1 at least, whose tasks fit into `memory` bytes if
 * each takes up to `each` bytes. */
unsigned jobs_within(unsigned threads, uint64_t memory, uint64_t each);

#endif
