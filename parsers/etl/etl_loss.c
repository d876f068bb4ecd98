#include "parsers/etl/etl_loss.h"

#include <stdlib.h>
#include <string.h>

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
        last->to = to > last->from ? to : last->from;
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
