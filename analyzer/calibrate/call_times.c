/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/calibrate/call_times.h"

#include <stdlib.h>
#include <string.h>

#include "base/least.h"

/* The sign of (a, a2, a3) less (b, b2, b3). */
static int compare(const struct call_time *a, int64_t a2, int64_t a3, const struct call_time *b,
                   int64_t b2, int64_t b3)
{
    int order = order_u64(a->tid, b->tid);
    order = order != 0 ? order : order_i64(a2, b2);
    return order != 0 ? order : order_i64(a3, b3);
}

static int compare_begins(const void *left, const void *right)
{
    const struct call_time *a = left, *b = right;

    return compare(a, a->before, a->after, b, b->before, b->after);
}

static int compare_ends(const void *left, const void *right)
{
    const struct call_time *a = left, *b = right;

    return compare(a, a->after, a->before, b, b->after, b->before);
}

static void add(struct call_times *times, uint32_t tid, int64_t before, int64_t after)
{
    times->begins[times->count++] =
        (struct call_time){.tid = tid, .before = before, .after = after > before ? after : before};
}

bool call_times_make(struct call_times *times, const struct probe_log *log)
{
    size_t count = log->call_count + log->step_count;

    *times = (struct call_times){.begins = calloc(count + 1, sizeof *times->begins),
                                 .ends = calloc(count + 1, sizeof *times->ends)};
    if (times->begins == NULL || times->ends == NULL) {
        return false;
    }
    for (size_t i = 0; i < log->call_count; i++) {
        add(times, log->calls[i].tid, log->calls[i].before, log->calls[i].after);
    }
    for (size_t i = 0; i < log->step_count; i++) {
        add(times, log->steps[i].tid, log->steps[i].before, log->steps[i].after);
    }
    memcpy(times->ends, times->begins, count * sizeof *times->ends);
    qsort(times->begins, count, sizeof *times->begins, compare_begins);
    qsort(times->ends, count, sizeof *times->ends, compare_ends);
    return true;
}

void call_times_free(struct call_times *times)
{
    free(times->begins);
    free(times->ends);
    *times = (struct call_times){0};
}

/* Index of the first item that is not less than `key`. */
static size_t first_not_less(const struct call_time *items, size_t count,
                             const struct call_time *key,
                             int (*compare_items)(const void *, const void *))
{
    size_t from = 0, to = count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;

        if (compare_items(&items[middle], key) < 0) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    return from;
}

bool call_times_last_end(const struct call_times *times, uint32_t tid, int64_t ticks,
                         int64_t *ended)
{
    const struct call_time key = {.tid = tid, .before = INT64_MIN, .after = ticks + 1};
    size_t at = first_not_less(times->ends, times->count, &key, compare_ends);

    if (at == 0 || times->ends[at - 1].tid != tid) {
        return false;
    }
    *ended = times->ends[at - 1].after;
    return true;
}

bool call_times_next_begin(const struct call_times *times, uint32_t tid, int64_t ticks,
                           bool instants, int64_t *began)
{
    const struct call_time key = {
        .tid = tid, .before = ticks, .after = instants ? ticks : ticks + 1};
    size_t at = first_not_less(times->begins, times->count, &key, compare_begins);

    if (at == times->count || times->begins[at].tid != tid) {
        return false;
    }
    *began = times->begins[at].before;
    return true;
}
