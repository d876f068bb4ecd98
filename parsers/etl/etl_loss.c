/* SPDX-License-Identifier: Apache-2.0 */

#include "parsers/etl/etl_loss.h"

#include <stdlib.h>
#include <string.h>

#include "base/least.h"

void etl_loss_tree_init(struct etl_loss_tree *tree)
{
    *tree = (struct etl_loss_tree){.span_count = 0};
    pool_init(&tree->pool, sizeof(struct etl_loss_branch));
}

/* Order values as unsigned numbers of the same order. */
static uint64_t order_rank(int64_t order)
{
    return (uint64_t)order ^ UINT64_C(1) << 63;
}

struct etl_loss_branch *etl_loss_tree_open(struct etl_loss_tree *tree, struct etl_loss_branch *last,
                                           int64_t from)
{
    if (last != NULL && from <= last->node.to) {
        time_index_end(&tree->index, &last->node, INT64_MAX);
        return last;
    }
    struct etl_loss_branch *span = pool_get(&tree->pool);
    if (span == NULL) {
        return NULL;
    }
    /* Spans of several streams may begin at one time: a number makes their keys differ. */
    span->node.minor = order_rank(from);
    span->node.from = (int64_t)tree->span_count++;
    span->node.to = INT64_MAX;
    span->node.item = span;
    time_index_insert(&tree->index, &span->node);
    return span;
}

void etl_loss_tree_close(struct etl_loss_tree *tree, struct etl_loss_branch *span, int64_t to)
{
    uint64_t rank = order_rank(to) > span->node.minor ? order_rank(to) : span->node.minor;
    time_index_end(&tree->index, &span->node, (int64_t)order_rank((int64_t)rank));
}

bool etl_loss_tree_touch(const struct etl_loss_tree *tree, int64_t from, int64_t to)
{
    return tree->span_count != 0 &&
           time_index_latest_end(&tree->index, 0, order_rank(to), INT64_MAX) >= from;
}

size_t etl_loss_tree_bytes(const struct etl_loss_tree *tree)
{
    return pool_bytes(&tree->pool);
}

void etl_loss_tree_finish(struct etl_loss_tree *tree)
{
    pool_finish(&tree->pool);
    etl_loss_tree_init(tree);
}

bool etl_loss_spans_open(struct etl_loss_spans *spans, int64_t from)
{
    if (spans->count > 0 && from <= spans->spans[spans->count - 1].to) {
        spans->spans[spans->count - 1].to = INT64_MAX;
        return true;
    }
    if (spans->count == spans->capacity) {
        size_t capacity = spans->capacity == 0 ? 8 : spans->capacity * 2;
        struct etl_loss_span *grown = realloc(spans->spans, capacity * sizeof *grown);
        if (grown == NULL) {
            return false;
        }
        spans->spans = grown;
        spans->capacity = capacity;
    }
    spans->spans[spans->count].from = from;
    spans->spans[spans->count].to = INT64_MAX;
    spans->count++;
    return true;
}

void etl_loss_spans_close(struct etl_loss_spans *spans, int64_t to)
{
    if (spans->count > 0) {
        struct etl_loss_span *last = &spans->spans[spans->count - 1];
        last->to = greatest_i64(to, last->from);
    }
}

bool etl_loss_spans_touch(const struct etl_loss_spans *spans, int64_t from, int64_t to)
{
    /* The first span that does not end before `from`. */
    size_t low = 0;
    size_t high = spans->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (spans->spans[middle].to < from) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < spans->count && spans->spans[low].from <= to;
}

void etl_loss_spans_finish(struct etl_loss_spans *spans)
{
    free(spans->spans);
    memset(spans, 0, sizeof *spans);
}

/* Index of the first point that is not less than `at`. */
static size_t points_lower_bound(const struct etl_loss_points *points, int64_t at)
{
    size_t low = 0;
    size_t high = points->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (points->points[middle] < at) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

bool etl_loss_points_add(struct etl_loss_points *points, int64_t at)
{
    size_t index = points_lower_bound(points, at);
    if (index < points->count && points->points[index] == at) {
        return true;
    }
    if (points->count == ETL_LOSS_POINTS_MAX) {
        points->overflowed = true;
        return true;
    }
    if (points->count == points->capacity) {
        size_t capacity = points->capacity == 0 ? 16 : points->capacity * 2;
        int64_t *grown = realloc(points->points, capacity * sizeof *grown);
        if (grown == NULL) {
            return false;
        }
        points->points = grown;
        points->capacity = capacity;
    }
    memmove(points->points + index + 1, points->points + index,
            (points->count - index) * sizeof *points->points);
    points->points[index] = at;
    points->count++;
    return true;
}

bool etl_loss_points_touch(const struct etl_loss_points *points, int64_t from, int64_t to)
{
    if (points->overflowed) {
        return true;
    }
    size_t index = points_lower_bound(points, from);
    return index < points->count && points->points[index] <= to;
}

void etl_loss_points_finish(struct etl_loss_points *points)
{
    free(points->points);
    memset(points, 0, sizeof *points);
}

bool etl_loss_gaps_init(struct etl_loss_gaps *gaps, size_t session_count, uint32_t stream_count)
{
    memset(gaps, 0, sizeof *gaps);
    if (session_count < 2) {
        return true;
    }
    gaps->gaps = calloc(session_count - 1, sizeof *gaps->gaps);
    if (gaps->gaps == NULL) {
        return false;
    }
    gaps->count = session_count - 1;
    for (size_t i = 0; i < gaps->count; i++) {
        gaps->gaps[i] = (struct etl_loss_gap){INT64_MIN, INT64_MAX, stream_count};
    }
    return true;
}

/* Takes gaps that all streams have passed for losses. They are passed in order, because each stream
 * passes them in order. */
static bool gaps_conclude(struct etl_loss_gaps *gaps)
{
    while (gaps->passed_count < gaps->count && gaps->gaps[gaps->passed_count].streams_left == 0) {
        const struct etl_loss_gap *gap = &gaps->gaps[gaps->passed_count++];
        /* The events at both ends were recorded, so the loss lies between their times. */
        bool wide = gap->from < gap->to && (uint64_t)gap->to - (uint64_t)gap->from > 1;
        if (!etl_loss_spans_open(&gaps->spans, gap->from + wide)) {
            return false;
        }
        etl_loss_spans_close(&gaps->spans, gap->to - wide);
    }
    return true;
}

bool etl_loss_gaps_pass(struct etl_loss_gaps *gaps, size_t from, size_t to, int64_t last_order,
                        int64_t first_order)
{
    for (size_t i = from; i < to && i < gaps->count; i++) {
        struct etl_loss_gap *gap = &gaps->gaps[i];
        gap->from = greatest_i64(last_order, gap->from);
        gap->to = least_i64(first_order, gap->to);
        gap->streams_left -= gap->streams_left > 0;
    }
    return gaps_conclude(gaps);
}

void etl_loss_gaps_finish(struct etl_loss_gaps *gaps)
{
    free(gaps->gaps);
    etl_loss_spans_finish(&gaps->spans);
    memset(gaps, 0, sizeof *gaps);
}
