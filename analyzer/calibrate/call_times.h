/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CALIBRATE_CALL_TIMES_H
#define ANALYZER_CALIBRATE_CALL_TIMES_H

/* When the threads of the probe were in a call, whether of memory or of a socket: what came last
 * before a time and what came first after it, each in O(log n). */

#include "analyzer/calibrate/probe_log.h"

struct call_time {
    uint32_t tid;
    int64_t before, after; /* ticks; after >= before */
};

struct call_times {
    struct call_time *begins, *ends; /* owned; ordered by thread, then by begin or end */
    size_t count;
};

/* False: no memory. call_times_free() in any case. */
bool call_times_make(struct call_times *times, const struct probe_log *log);
void call_times_free(struct call_times *times);

/* Sets *ended to the latest end, among the thread's calls, that is not later than `ticks`. False:
 * no call had ended. */
bool call_times_last_end(const struct call_times *times, uint32_t tid, int64_t ticks,
                         int64_t *ended);

/* Sets *began to the earliest begin, among the thread's calls, that is not earlier than `ticks`.
 * Calls that both begin and end at `ticks` count where `instants` says so. False: no call began. */
bool call_times_next_begin(const struct call_times *times, uint32_t tid, int64_t ticks,
                           bool instants, int64_t *began);

#endif
