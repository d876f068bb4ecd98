/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>

#include "parsers/etl/etl_loss.h"

Test(etl_loss, span_lasts_until_it_is_closed)
{
    struct etl_loss_spans spans = {0};
    cr_assert_not(etl_loss_spans_touch(&spans, INT64_MIN, INT64_MAX));
    cr_assert(etl_loss_spans_open(&spans, 100));
    cr_assert(etl_loss_spans_touch(&spans, 1000000, 1000001));
    cr_assert_not(etl_loss_spans_touch(&spans, 0, 99));
    etl_loss_spans_close(&spans, 200);
    cr_assert(etl_loss_spans_touch(&spans, 200, 300));
    cr_assert_not(etl_loss_spans_touch(&spans, 201, 300));
    cr_assert(etl_loss_spans_touch(&spans, 0, 100));
    cr_assert(etl_loss_spans_touch(&spans, 150, 150));
    cr_assert(etl_loss_spans_touch(&spans, 0, 1000));
    etl_loss_spans_finish(&spans);
}

Test(etl_loss, touching_spans_become_one)
{
    struct etl_loss_spans spans = {0};
    etl_loss_spans_open(&spans, 100);
    etl_loss_spans_close(&spans, 200);
    etl_loss_spans_open(&spans, 200);
    cr_assert_eq(spans.count, 1);
    etl_loss_spans_close(&spans, 250);
    etl_loss_spans_open(&spans, 251);
    etl_loss_spans_close(&spans, 260);
    cr_assert_eq(spans.count, 2);
    cr_assert_eq(spans.spans[0].from, 100);
    cr_assert_eq(spans.spans[0].to, 250);
    etl_loss_spans_finish(&spans);
}

Test(etl_loss, gaps_between_many_spans_are_no_loss)
{
    struct etl_loss_spans spans = {0};
    for (int64_t i = 0; i < 1000; i++) {
        cr_assert(etl_loss_spans_open(&spans, i * 10));
        etl_loss_spans_close(&spans, i * 10 + 3);
    }
    for (int64_t i = 0; i < 1000; i++) {
        cr_assert(etl_loss_spans_touch(&spans, i * 10 + 3, i * 10 + 9));
        cr_assert_not(etl_loss_spans_touch(&spans, i * 10 + 4, i * 10 + 9));
    }
    etl_loss_spans_finish(&spans);
}

Test(etl_loss, points_are_found_in_any_order_of_arrival)
{
    struct etl_loss_points points = {0};
    const int64_t times[] = {50, 10, 30, 10, 40};
    for (size_t i = 0; i < 5; i++) {
        cr_assert(etl_loss_points_add(&points, times[i]));
    }
    cr_assert_eq(points.count, 4);
    cr_assert(etl_loss_points_touch(&points, 10, 10));
    cr_assert(etl_loss_points_touch(&points, 45, 50));
    cr_assert_not(etl_loss_points_touch(&points, 11, 29));
    cr_assert_not(etl_loss_points_touch(&points, 51, INT64_MAX));
    etl_loss_points_finish(&points);
}

Test(etl_loss, too_many_points_lose_everything)
{
    struct etl_loss_points points = {0};
    for (int64_t i = 0; i <= ETL_LOSS_POINTS_MAX; i++) {
        cr_assert_not(points.overflowed);
        cr_assert(etl_loss_points_add(&points, i * 2));
    }
    cr_assert(points.overflowed);
    cr_assert_eq(points.count, ETL_LOSS_POINTS_MAX);
    cr_assert(etl_loss_points_touch(&points, 1, 1));
    etl_loss_points_finish(&points);
}

Test(etl_loss, gap_counts_once_all_streams_have_passed)
{
    struct etl_loss_gaps gaps;
    cr_assert(etl_loss_gaps_init(&gaps, 3, 2));
    cr_assert(etl_loss_gaps_pass(&gaps, 0, 1, 100, 900));
    cr_assert_not(etl_loss_spans_touch(&gaps.spans, INT64_MIN, INT64_MAX), "one is still before");
    cr_assert(etl_loss_gaps_pass(&gaps, 0, 2, 300, 1500));
    cr_assert_not(etl_loss_spans_touch(&gaps.spans, 200, 300),
                  "the other one had events until 300");
    cr_assert(etl_loss_spans_touch(&gaps.spans, 300, 301));
    cr_assert(etl_loss_spans_touch(&gaps.spans, 899, 900));
    cr_assert_not(etl_loss_spans_touch(&gaps.spans, 900, INT64_MAX),
                  "the second gap is not passed");
    cr_assert(etl_loss_gaps_pass(&gaps, 1, 2, 1000, INT64_MAX));
    cr_assert(etl_loss_spans_touch(&gaps.spans, 1001, 1001));
    cr_assert(etl_loss_spans_touch(&gaps.spans, 1499, 1499));
    cr_assert_not(etl_loss_spans_touch(&gaps.spans, 900, 1000));
    cr_assert_not(etl_loss_spans_touch(&gaps.spans, 1500, 2000));
    etl_loss_gaps_finish(&gaps);
}

Test(etl_loss, one_session_has_no_gap)
{
    struct etl_loss_gaps gaps;
    cr_assert(etl_loss_gaps_init(&gaps, 1, 5));
    cr_assert(etl_loss_gaps_pass(&gaps, 0, 7, 1, 2));
    cr_assert_not(etl_loss_spans_touch(&gaps.spans, INT64_MIN, INT64_MAX));
    etl_loss_gaps_finish(&gaps);
}

Test(etl_loss, spans_of_two_streams_stand_in_one_tree)
{
    struct etl_loss_tree tree;
    etl_loss_tree_init(&tree);
    cr_assert_not(etl_loss_tree_touch(&tree, INT64_MIN, INT64_MAX));
    struct etl_loss_branch *one = etl_loss_tree_open(&tree, NULL, 100);
    struct etl_loss_branch *other = etl_loss_tree_open(&tree, NULL, 100);
    cr_assert_not_null(one);
    cr_assert_not_null(other);
    cr_assert_neq(one, other);
    etl_loss_tree_close(&tree, one, 200);
    cr_assert(etl_loss_tree_touch(&tree, 300, 400), "the other one is open");
    etl_loss_tree_close(&tree, other, 150);
    cr_assert(etl_loss_tree_touch(&tree, 200, 300));
    cr_assert_not(etl_loss_tree_touch(&tree, 201, 300));
    cr_assert_not(etl_loss_tree_touch(&tree, 0, 99));
    cr_assert(etl_loss_tree_touch(&tree, 0, 100));
    etl_loss_tree_finish(&tree);
}

Test(etl_loss, span_that_touches_the_streams_last_one_extends_it)
{
    struct etl_loss_tree tree;
    etl_loss_tree_init(&tree);
    struct etl_loss_branch *first = etl_loss_tree_open(&tree, NULL, -100);
    etl_loss_tree_close(&tree, first, 200);
    cr_assert_eq(etl_loss_tree_open(&tree, first, 200), first);
    cr_assert(etl_loss_tree_touch(&tree, 1000, 1000));
    etl_loss_tree_close(&tree, first, 250);
    struct etl_loss_branch *second = etl_loss_tree_open(&tree, first, 252);
    cr_assert_neq(second, first);
    etl_loss_tree_close(&tree, second, 240);
    cr_assert(etl_loss_tree_touch(&tree, -100, -100));
    cr_assert_not(etl_loss_tree_touch(&tree, 251, 251));
    cr_assert(etl_loss_tree_touch(&tree, 252, 252), "no span ends before it begins");
    cr_assert_not(etl_loss_tree_touch(&tree, 253, INT64_MAX));
    etl_loss_tree_finish(&tree);
}

/* Against a list that is scanned. */
Test(etl_loss, many_spans_in_any_order)
{
    enum { COUNT = 400, RANGE = 5000 };
    int64_t from[COUNT], to[COUNT];
    struct etl_loss_tree tree;
    uint32_t random = 1;
    etl_loss_tree_init(&tree);
    for (unsigned i = 0; i < COUNT; i++) {
        random = random * 1664525 + 1013904223;
        from[i] = (int64_t)(random >> 8) % RANGE - RANGE / 2;
        to[i] = from[i] + (int64_t)(random >> 3) % 7;
        etl_loss_tree_close(&tree, etl_loss_tree_open(&tree, NULL, from[i]), to[i]);
        for (int64_t at = -RANGE / 2 - 10; at < RANGE / 2 + 10; at += 3) {
            bool expected = false;
            for (unsigned j = 0; j <= i; j++) {
                expected = expected || (from[j] <= at + 1 && at <= to[j]);
            }
            cr_assert_eq(etl_loss_tree_touch(&tree, at, at + 1), expected, "%u at %d", i, (int)at);
        }
    }
    etl_loss_tree_finish(&tree);
}

Test(etl_loss, a_span_ends_no_earlier_than_it_begins)
{
    struct etl_loss_spans spans = {0};
    etl_loss_spans_close(&spans, 5);
    cr_assert_eq(spans.count, 0, "none is open");
    cr_assert(etl_loss_spans_open(&spans, 100));
    etl_loss_spans_close(&spans, 99);
    cr_assert(etl_loss_spans_touch(&spans, 100, 100));
    cr_assert_not(etl_loss_spans_touch(&spans, 101, INT64_MAX));
    cr_assert_not(etl_loss_spans_touch(&spans, INT64_MIN, 99));
    etl_loss_spans_close(&spans, 101);
    cr_assert(etl_loss_spans_touch(&spans, 101, 101));
    etl_loss_spans_finish(&spans);
    cr_assert_not(etl_loss_spans_touch(&spans, INT64_MIN, INT64_MAX));
}

/* The events at both ends of a gap were recorded, so only times between them are lost, unless there
 * are none. */
Test(etl_loss, a_gap_lies_between_two_events)
{
    static const struct {
        int64_t last, first, from, to;
    } rows[] = {{10, 13, 11, 12}, {10, 12, 11, 11}, {10, 11, 10, 11}, {10, 10, 10, 10},
                {12, 10, 12, 12}, {-5, 5, -4, 4},   {-1, 0, -1, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct etl_loss_gaps gaps;
        cr_assert(etl_loss_gaps_init(&gaps, 2, 1));
        cr_assert(etl_loss_gaps_pass(&gaps, 0, 1, rows[i].last, rows[i].first));
        cr_assert(etl_loss_spans_touch(&gaps.spans, rows[i].from, rows[i].from), "row %zu", i);
        cr_assert(etl_loss_spans_touch(&gaps.spans, rows[i].to, rows[i].to), "row %zu", i);
        cr_assert_not(etl_loss_spans_touch(&gaps.spans, INT64_MIN, rows[i].from - 1), "row %zu", i);
        cr_assert_not(etl_loss_spans_touch(&gaps.spans, rows[i].to + 1, INT64_MAX), "row %zu", i);
        etl_loss_gaps_finish(&gaps);
    }
}

/* Nothing comes before the first session's events, or behind those of the last one. */
Test(etl_loss, a_gap_at_the_ends_of_time)
{
    struct etl_loss_gaps gaps;
    cr_assert(etl_loss_gaps_init(&gaps, 2, 2));
    cr_assert(etl_loss_gaps_pass(&gaps, 0, 1, INT64_MIN, INT64_MAX));
    cr_assert(etl_loss_gaps_pass(&gaps, 0, 1, INT64_MIN, INT64_MAX));
    cr_assert(etl_loss_spans_touch(&gaps.spans, 0, 0));
    cr_assert_not(etl_loss_spans_touch(&gaps.spans, INT64_MIN, INT64_MIN));
    cr_assert_not(etl_loss_spans_touch(&gaps.spans, INT64_MAX, INT64_MAX));
    cr_assert(etl_loss_gaps_pass(&gaps, 0, 1, 5, 6), "more than there are streams");
    etl_loss_gaps_finish(&gaps);
    cr_assert(etl_loss_gaps_init(&gaps, 2, 0));
    cr_assert(etl_loss_gaps_pass(&gaps, 0, 0, 1, 2));
    cr_assert(etl_loss_spans_touch(&gaps.spans, 0, 0), "no stream is left to wait for");
    etl_loss_gaps_finish(&gaps);
    cr_assert(etl_loss_gaps_init(&gaps, 0, 1));
    etl_loss_gaps_finish(&gaps);
}

Test(etl_loss, points_at_the_ends_of_a_span)
{
    struct etl_loss_points points = {0};
    cr_assert_not(etl_loss_points_touch(&points, INT64_MIN, INT64_MAX));
    for (int64_t i = 40; i >= -40; i--) {
        cr_assert(etl_loss_points_add(&points, i * 10));
        cr_assert(etl_loss_points_add(&points, i * 10));
    }
    cr_assert_eq(points.count, 81);
    for (int64_t i = -40; i <= 40; i++) {
        cr_assert_eq(points.points[i + 40], i * 10);
        cr_assert(etl_loss_points_touch(&points, i * 10 - 1, i * 10));
        cr_assert(etl_loss_points_touch(&points, i * 10, i * 10 + 9));
        cr_assert_not(etl_loss_points_touch(&points, i * 10 + 1, i * 10 + 9));
    }
    etl_loss_points_finish(&points);
}
