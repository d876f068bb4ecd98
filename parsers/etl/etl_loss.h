#ifndef PARSERS_ETL_ETL_LOSS_H
#define PARSERS_ETL_ETL_LOSS_H

/*
 * Spans of trace time in which records are known to be lost. Each processor stream has its own
 * list, so spans come in order and adding one is cheap whatever the file holds.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct etl_loss_span {
    int64_t from, to; /* order values, both included */
};

struct etl_loss_spans {
    struct etl_loss_span *spans; /* owned; ascending, disjoint */
    size_t count, capacity;
};

/* Begins a span that lasts until it is closed. `from` is never less than that of an earlier span;
 * one that touches the last span extends it. False: out of memory. */
bool etl_loss_spans_open(struct etl_loss_spans *spans, int64_t from);

/* Ends the last span. */
void etl_loss_spans_close(struct etl_loss_spans *spans, int64_t to);

bool etl_loss_spans_touch(const struct etl_loss_spans *spans, int64_t from, int64_t to);

void etl_loss_spans_finish(struct etl_loss_spans *spans);

/* Moments of loss, in any order. More than ETL_LOSS_POINTS_MAX different ones overflow. */
#define ETL_LOSS_POINTS_MAX 4096

struct etl_loss_points {
    int64_t *points; /* owned; ascending, all different */
    size_t count, capacity;
    bool overflowed; /* too many to keep: take all of the trace for lost */
};

/* False: out of memory. */
bool etl_loss_points_add(struct etl_loss_points *points, int64_t at);

bool etl_loss_points_touch(const struct etl_loss_points *points, int64_t from, int64_t to);

void etl_loss_points_finish(struct etl_loss_points *points);

#endif
