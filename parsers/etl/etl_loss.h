#ifndef PARSERS_ETL_ETL_LOSS_H
#define PARSERS_ETL_ETL_LOSS_H

/*
 * Times at which records are known to be lost: spans, of which each processor stream has its own
 * list in ascending order, and points, which come in any order. All times are order values.
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

/* Begins a span that lasts until it is closed. `from` is at least that of every earlier span; a
 * span that touches the last one extends it. False: out of memory. */
bool etl_loss_spans_open(struct etl_loss_spans *spans, int64_t from);

/* Ends the last span. */
void etl_loss_spans_close(struct etl_loss_spans *spans, int64_t to);

/* True if some span touches [from, to]. */
bool etl_loss_spans_touch(const struct etl_loss_spans *spans, int64_t from, int64_t to);

void etl_loss_spans_finish(struct etl_loss_spans *spans);

/* The most different points that are kept. */
#define ETL_LOSS_POINTS_MAX 4096

struct etl_loss_points {
    int64_t *points; /* owned; ascending, all different */
    size_t count, capacity;
    bool overflowed; /* there were more: the whole trace counts as lost */
};

/* False: out of memory. */
bool etl_loss_points_add(struct etl_loss_points *points, int64_t at);

/* True if some point lies in [from, to], or may: always true after an overflow. */
bool etl_loss_points_touch(const struct etl_loss_points *points, int64_t from, int64_t to);

void etl_loss_points_finish(struct etl_loss_points *points);

#endif
