/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The tracker: bytes become posts and ends, and the model says what they mean, of the tracker alone
 * and of the whole program, which gives it hints. Behind a first byte of 255 they are queries of an
 * index of memory instead, far more than a scenario has, and a list says what is found.
 */

#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <string.h>

#include "base/interval_index.h"
#include "tests/support/oracle.h"

static void check_scenario(const uint8_t *data, size_t len, enum oracle_lane lane)
{
    static struct scenario scenario;
    scenario_from_bytes(data, len, &scenario);
    char *difference = oracle_difference(&scenario, lane);
    if (difference != NULL) {
        oracle_shrink(&scenario, lane);
        char *text = oracle_trace_text(&scenario);
        fprintf(stderr, "%s%s", difference, text);
        abort();
    }
}

/* ---- memory in flight ---- */

#define INTERVALS_MAX 2048 /* three levels of nodes */
#define RUN_LEN 64
#define STARTS_MAX 8
#define STEP_LEN 5 /* bytes of input: what is done, to which, where it starts, how long it is */

struct lists {
    struct interval_index index;
    struct interval items[INTERVALS_MAX];
    bool in[INTERVALS_MAX], open[INTERVALS_MAX][2];
    uint64_t starts[STARTS_MAX]; /* values of some steps ago, to be asked for again */
    struct interval_hits hits;
};

/* `hits` are those that a list finds. */
static void check_hits(const struct lists *lists, unsigned direction, uint64_t start, uint64_t last)
{
    size_t expected = 0;
    bool is_hit[INTERVALS_MAX] = {false};
    for (size_t i = 0; i < lists->hits.count; i++) {
        size_t which = (size_t)(lists->hits.items[i] - lists->items);
        FUZZ_CHECK(which < INTERVALS_MAX && !is_hit[which]);
        is_hit[which] = true;
    }
    for (size_t i = 0; i < INTERVALS_MAX; i++) {
        bool hit = lists->in[i] && lists->open[i][direction] && lists->items[i].start <= last &&
                   interval_last(&lists->items[i]) >= start;
        FUZZ_CHECK(hit == is_hit[i]);
        expected += hit;
    }
    FUZZ_CHECK(lists->hits.count == expected);
}

static void query(struct lists *lists, unsigned direction, uint64_t start, uint64_t last)
{
    lists->hits.count = 0;
    FUZZ_CHECK(interval_find(&lists->index, direction, start, last, &lists->hits));
    check_hits(lists, direction, start, last);
}

static void put_in(struct lists *lists, size_t which, uint64_t start, uint64_t last)
{
    lists->items[which].start = start;
    lists->items[which].reach = (uint32_t)(last - start);
    FUZZ_CHECK(interval_insert(&lists->index, &lists->items[which]));
    lists->in[which] = lists->open[which][0] = lists->open[which][1] = true;
}

/* The way of a post: what shares memory is found as well. */
static void put_in_and_find(struct lists *lists, size_t which, unsigned direction, uint64_t start,
                            uint64_t last)
{
    lists->items[which].start = start;
    lists->items[which].reach = (uint32_t)(last - start);
    lists->hits.count = 0;
    FUZZ_CHECK(
        interval_find_and_insert(&lists->index, direction, &lists->items[which], &lists->hits));
    check_hits(lists, direction, start, last);
    lists->in[which] = lists->open[which][0] = lists->open[which][1] = true;
}

static void take_out(struct lists *lists, size_t which)
{
    interval_remove(&lists->items[which]);
    lists->in[which] = false;
}

static void step(struct lists *lists, const uint8_t *data)
{
    size_t which = data[1] * (INTERVALS_MAX / 256);
    uint64_t *again = &lists->starts[which % STARTS_MAX];
    uint64_t start = 1 + ((data[2] | (uint64_t)data[3] << 8) >> (data[0] >> 4));
    uint64_t last = start + (data[0] & 8 ? (uint64_t)data[4] << 12 : data[4]);
    unsigned direction = data[4] & 1;
    switch (data[0] & 7) {
    case 0:
        if (lists->in[which]) {
            interval_close(&lists->items[which], direction);
            lists->open[which][direction] = false;
        }
        break;
    case 1:
        *again = start;
        break;
    case 2:
        query(lists, direction, start, last);
        break;
    case 3:
        if (!lists->in[which] && *again > 0) {
            put_in_and_find(lists, which, direction, *again, *again + data[4]);
        } else {
            query(lists, direction, *again, *again + data[4]);
        }
        break;
    case 4:
    case 5:
        if (lists->in[which]) {
            take_out(lists, which);
        } else {
            put_in(lists, which, start, last);
        }
        break;
    case 6:
        for (size_t i = which; i < which + RUN_LEN && i < INTERVALS_MAX; i++) {
            if (!lists->in[i]) {
                put_in(lists, i, start + (i - which) * data[4], last + (i - which) * data[4]);
            }
        }
        break;
    default:
        for (size_t i = which; i < which + RUN_LEN && i < INTERVALS_MAX; i++) {
            if (lists->in[i]) {
                take_out(lists, i);
            }
        }
        break;
    }
}

static void check_intervals(const uint8_t *data, size_t len)
{
    static struct lists lists;
    struct interval_nodes nodes;
    lists = (struct lists){0};
    interval_nodes_init(&nodes);
    interval_index_init(&lists.index, &nodes);
    for (; len >= STEP_LEN; data += STEP_LEN, len -= STEP_LEN) {
        step(&lists, data);
    }
    query(&lists, 0, 0, INT64_MAX);
    query(&lists, 1, 0, INT64_MAX);
    for (size_t i = 0; i < INTERVALS_MAX; i++) {
        if (lists.in[i]) {
            interval_remove(&lists.items[i]);
        }
    }
    FUZZ_CHECK(lists.index.root == NULL);
    interval_hits_finish(&lists.hits);
    interval_nodes_finish(&nodes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len > 0 && data[0] == 255) {
        check_intervals(data + 1, len - 1);
    } else {
        check_scenario(data, len, ORACLE_TRACKER);
        check_scenario(data, len, ORACLE_PROGRAM);
    }
    return 0;
}
