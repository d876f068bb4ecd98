/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <stdlib.h>

#include "base/interval_index.h"

#define COUNT 2400 /* three levels of nodes */

static uint64_t next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 33;
}

struct model {
    struct interval intervals[COUNT];
    bool in[COUNT], open[COUNT][2];
};

static struct interval_hits found; /* by the last query */

/* `found` is what a list finds. */
static void check_hits(const struct model *model, unsigned direction, uint64_t start, uint64_t last)
{
    size_t expected = 0;

    for (size_t i = 0; i < COUNT; i++) {
        const struct interval *interval = &model->intervals[i];
        bool hit = model->in[i] && model->open[i][direction] && interval->start <= last &&
                   interval_last(interval) >= start;
        size_t times = 0;

        for (size_t k = 0; k < found.count; k++) {
            times += found.items[k] == interval;
        }
        cr_assert_eq(times, hit, "interval %zu [%llu, %llu] in query [%llu, %llu]: %zu times", i,
                     (unsigned long long)interval->start,
                     (unsigned long long)interval_last(interval), (unsigned long long)start,
                     (unsigned long long)last, times);
        expected += hit;
    }
    cr_assert_eq(found.count, expected);
}

static void check_query(const struct model *model, struct interval_index *index, unsigned direction,
                        uint64_t start, uint64_t last)
{
    found.count = 0;
    cr_assert(interval_find(index, direction, start, last, &found));
    check_hits(model, direction, start, last);
}

/* How many intervals open to direction 0 hold the byte at `at`. */
static void check_count(struct interval_index *index, uint64_t at, size_t expected)
{
    static struct interval_hits hits; /* sum over all queries */

    hits.count = 0;
    cr_assert(interval_find(index, 0, at, at, &hits));
    cr_assert_eq(hits.count, expected, "%llu", (unsigned long long)at);
}

static void step(struct model *model, struct interval_index *index, uint64_t *random,
                 uint64_t spread)
{
    size_t i = next_random(random) % COUNT;
    struct interval *interval = &model->intervals[i];

    if (!model->in[i]) {
        interval->start = 1 + next_random(random) % spread;
        interval->reach = (uint32_t)(next_random(random) % 40);
        if (next_random(random) % 2 == 0) {
            cr_assert(interval_insert(index, interval));
        } else {
            found.count = 0;
            cr_assert(interval_find_and_insert(index, i % 2, interval, &found));
            check_hits(model, i % 2, interval->start, interval_last(interval));
        }
        model->in[i] = model->open[i][0] = model->open[i][1] = true;
    } else if (next_random(random) % 3 == 0) {
        unsigned direction = next_random(random) % 2;

        interval_close(interval, direction);
        model->open[i][direction] = false;
    } else {
        interval_remove(interval);
        model->in[i] = false;
    }
}

static void agree_with_a_list(uint64_t spread)
{
    static struct model model;
    struct interval_nodes nodes;
    struct interval_index index;
    uint64_t random = spread;

    interval_nodes_init(&nodes);
    interval_index_init(&index, &nodes);
    for (int round = 0; round < 12000; round++) {
        step(&model, &index, &random, spread);
        if (round % 50 == 0) {
            uint64_t start = 1 + next_random(&random) % spread;

            check_query(&model, &index, round / 50 % 2, start, start + next_random(&random) % 60);
        }
    }
    for (size_t i = 0; i < COUNT; i++) {
        if (model.in[i]) {
            interval_remove(&model.intervals[i]);
        }
    }
    cr_assert_null(index.root);
    interval_nodes_finish(&nodes);
}

Test(interval_index, finds_what_a_list_finds)
{
    agree_with_a_list(2000);
}

Test(interval_index, finds_what_a_list_finds_when_little_overlaps)
{
    agree_with_a_list(200000);
}

Test(interval_index, finds_what_a_list_finds_when_everything_overlaps)
{
    agree_with_a_list(50);
}

Test(interval_index, finds_what_a_list_finds_on_one_start)
{
    agree_with_a_list(1);
}

static void put_back_where_many_have_gone(size_t gone, size_t step)
{
    static struct interval intervals[COUNT];
    struct interval_hits hits = {0};
    struct interval_nodes nodes;
    struct interval_index index;

    interval_nodes_init(&nodes);
    interval_index_init(&index, &nodes);
    for (size_t i = 0; i < COUNT; i++) {
        intervals[i] = (struct interval){.start = 100 * (i + 1), .reach = 9};
        cr_assert(interval_insert(&index, &intervals[i]));
    }
    for (size_t from = 0; from + gone <= COUNT; from += step) {
        struct interval back = intervals[from];

        hits.count = 0;
        for (size_t i = from; i < from + gone; i++) {
            interval_remove(&intervals[i]);
        }
        cr_assert(interval_insert(&index, &back));
        cr_assert(interval_find(&index, 1, back.start - 5, back.start, &hits));
        cr_assert_eq(hits.count, 1, "%zu", from);
        cr_assert_eq(hits.items[0], &back);
        interval_remove(&back);
        for (size_t i = from; i < from + gone; i++) {
            cr_assert(interval_insert(&index, &intervals[i]));
        }
    }
    interval_hits_finish(&hits);
    interval_nodes_finish(&nodes);
}

/* The intervals that come back begin before the child that follows. */
Test(interval_index, finds_what_begins_where_a_node_has_lost_its_first_child)
{
    put_back_where_many_have_gone(32, 1);
}

Test(interval_index, finds_what_begins_where_a_whole_node_is_gone)
{
    put_back_where_many_have_gone(1200, 13);
}

/* The test does as the tracker: intervals go in runs of neighbours, so that leaves are joined, left
 * empty and used again, and each query is followed by an insertion at the same start. */
Test(interval_index, finds_what_comes_back_after_runs_have_gone)
{
    static struct model model;
    struct interval_nodes nodes;
    struct interval_index index;
    uint64_t random = 5;

    interval_nodes_init(&nodes);
    interval_index_init(&index, &nodes);
    for (size_t i = 0; i < COUNT; i++) {
        model.intervals[i] = (struct interval){.start = 10 * (i + 1), .reach = 9};
    }
    for (size_t round = 0; round < 8000; round++) {
        size_t first = next_random(&random) % COUNT, run = next_random(&random) % 24;

        for (size_t i = first; i < first + run && i < COUNT; i++) {
            interval_remove(&model.intervals[i]);
            model.in[i] = false;
        }
        for (size_t i = 0; i < 16; i++) {
            size_t at = round % 3 != 0 ? (first + i) % COUNT : next_random(&random) % COUNT;

            check_count(&index, model.intervals[at].start, model.in[at]);
            if (!model.in[at]) {
                cr_assert(interval_insert(&index, &model.intervals[at]));
            }
            model.in[at] = model.open[at][0] = model.open[at][1] = true;
        }
        if (round % 100 == 0) {
            check_query(&model, &index, 1, 0, INT64_MAX);
        }
    }
    interval_nodes_finish(&nodes);
}

Test(interval_index, adds_to_what_was_found_before)
{
    static struct interval intervals[COUNT];
    struct interval_hits hits = {0};
    struct interval_nodes nodes;
    struct interval_index index;

    interval_nodes_init(&nodes);
    interval_index_init(&index, &nodes);
    for (size_t i = 0; i < COUNT; i++) {
        intervals[i] = (struct interval){.start = 10, .reach = 10};
        cr_assert(interval_insert(&index, &intervals[i]));
    }
    cr_assert(interval_find(&index, 0, 15, 15, &hits));
    cr_assert(interval_find(&index, 1, 20, 30, &hits));
    cr_assert_eq(hits.count, 2 * COUNT);
    interval_hits_finish(&hits);
    cr_assert_eq(hits.count, 0);
    cr_assert_null(hits.items);
    interval_nodes_finish(&nodes);
}

Test(interval_index, includes_both_ends)
{
    struct interval a = {.start = 10, .reach = 10};
    struct interval_hits hits = {0};
    struct interval_nodes nodes;
    struct interval_index index;

    interval_nodes_init(&nodes);
    interval_index_init(&index, &nodes);
    interval_insert(&index, &a);
    interval_find(&index, 0, 21, 30, &hits);
    interval_find(&index, 0, 1, 9, &hits);
    cr_assert_eq(hits.count, 0);
    interval_find(&index, 0, 20, 30, &hits);
    cr_assert_eq(hits.count, 1);
    hits.count = 0;
    interval_find(&index, 0, 1, 10, &hits);
    cr_assert_eq(hits.count, 1);
    interval_hits_finish(&hits);
    interval_nodes_finish(&nodes);
}

Test(interval_index, reaches_the_top_of_the_address_space)
{
    struct interval a = {.start = INT64_MAX - 1, .reach = 1};
    struct interval_hits hits = {0};
    struct interval_nodes nodes;
    struct interval_index index;

    interval_nodes_init(&nodes);
    interval_index_init(&index, &nodes);
    interval_insert(&index, &a);
    interval_find(&index, 1, INT64_MAX, INT64_MAX, &hits);
    cr_assert_eq(hits.count, 1);
    interval_remove(&a);
    cr_assert_null(index.root);
    interval_hits_finish(&hits);
    interval_nodes_finish(&nodes);
}

/* Lengths and addresses at the ends of what there may be, each against each, at each place of a
 * leaf: those in front are closed to the query. */
Test(interval_index, compares_the_least_and_the_greatest)
{
    static const uint64_t edges[] = {0,
                                     1,
                                     UINT32_MAX - UINT64_C(1),
                                     UINT32_MAX,
                                     UINT64_C(0x100000000),
                                     UINT64_C(0x7fff00000000),
                                     UINT64_C(0x7fffffffffff),
                                     INT64_MAX - UINT64_C(0xffffffff),
                                     INT64_MAX - UINT64_C(1),
                                     INT64_MAX};
    enum { EDGES = sizeof edges / sizeof edges[0] };
    struct interval in_front[7];
    struct interval_nodes nodes;
    struct interval_index index;
    struct interval_hits hits = {0};

    interval_nodes_init(&nodes);
    for (size_t i = 0; i < EDGES * EDGES; i++) {
        uint64_t first_byte = edges[i / EDGES], last_byte = edges[i % EDGES];
        struct interval interval = {.start = first_byte,
                                    .reach = (uint32_t)(last_byte - first_byte)};

        if (last_byte < first_byte || last_byte == 0 || last_byte - first_byte > UINT32_MAX) {
            continue;
        }
        interval_index_init(&index, &nodes);
        for (size_t j = 0; j < i % 8; j++) {
            in_front[j] = (struct interval){.start = 0, .reach = 5};
            cr_assert(interval_insert(&index, &in_front[j]));
            interval_close(&in_front[j], 0);
        }
        cr_assert(interval_insert(&index, &interval));
        for (size_t j = 0; j < EDGES * EDGES; j++) {
            uint64_t start = edges[j / EDGES], last = edges[j % EDGES];

            hits.count = 0;
            if (last < start) {
                continue;
            }
            cr_assert(interval_find(&index, 0, start, last, &hits));
            cr_assert_eq(hits.count, first_byte <= last && last_byte >= start,
                         "[%llx, %llx] in query [%llx, %llx]", (unsigned long long)first_byte,
                         (unsigned long long)last_byte, (unsigned long long)start,
                         (unsigned long long)last);
        }
        interval_remove(&interval);
        for (size_t j = 0; j < i % 8; j++) {
            interval_remove(&in_front[j]);
        }
    }
    interval_hits_finish(&hits);
    interval_nodes_finish(&nodes);
}
