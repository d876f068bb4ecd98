/* SPDX-License-Identifier: Apache-2.0 */

#ifndef PARSERS_ETL_ETL_LOSS_H
#define PARSERS_ETL_ETL_LOSS_H

/*
 * Times at which records are known to be lost: spans of the processor streams, which stand in one
 * tree; points, which come in any order; and the gaps between the sessions of an appended file,
 * which concern all processors and make a list in ascending order. All times are order values.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/pool.h"
#include "base/time_index.h"

/* Spans of many streams, in one tree, so that a question costs O(log n) with any number of streams.
 */
struct etl_loss_tree {
    struct time_index index;
    struct pool pool; /* owns the spans */
    uint64_t span_count;
};

struct etl_loss_branch { /* a span */
    struct time_index_node node;
};

/* An empty tree; allocates nothing. */
void etl_loss_tree_init(struct etl_loss_tree *tree);

/* Begins a span that lasts until it is closed. `last` is the stream's last span, which is closed;
 * NULL: the stream has none. A span that touches it extends it. Returns the span, or NULL: out of
 * memory, and nothing has changed. */
struct etl_loss_branch *etl_loss_tree_open(struct etl_loss_tree *tree, struct etl_loss_branch *last,
                                           int64_t from);

/* Ends a span. */
void etl_loss_tree_close(struct etl_loss_tree *tree, struct etl_loss_branch *span, int64_t to);

/* True if some span touches [from, to]. O(log n). */
bool etl_loss_tree_touch(const struct etl_loss_tree *tree, int64_t from, int64_t to);

size_t etl_loss_tree_bytes(const struct etl_loss_tree *tree);
void etl_loss_tree_finish(struct etl_loss_tree *tree);

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

/*
 * A gap lasts from the last event of a session to the first one of the next, without these events.
 * Streams come to it one after the other, and each one that passes makes its ends better known; the
 * gap counts as a loss once all streams have passed. No event behind a gap is handed out before
 * that.
 */
struct etl_loss_gap {
    int64_t from, to;
    uint32_t streams_left; /* streams that have not passed it */
};

struct etl_loss_gaps {
    struct etl_loss_gap *gaps; /* owned; gaps[i] lies between the sessions i and i + 1 */
    size_t count;
    size_t passed_count; /* gaps[0..passed_count) have been passed by all streams */
    struct etl_loss_spans spans;
};

/* Sets up the gaps of an input, for `stream_count` streams that have to pass. False: out of
 * memory. */
bool etl_loss_gaps_init(struct etl_loss_gaps *gaps, size_t session_count, uint32_t stream_count);

/*
 * One stream passes all gaps between session `from` and session `to`. `last_order`: of its last
 * event before, INT64_MIN if there is none; `first_order`: of its first event behind, INT64_MAX if
 * there is none. False: out of memory.
 */
bool etl_loss_gaps_pass(struct etl_loss_gaps *gaps, size_t from, size_t to, int64_t last_order,
                        int64_t first_order);

void etl_loss_gaps_finish(struct etl_loss_gaps *gaps);

#endif
