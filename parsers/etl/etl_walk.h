/* SPDX-License-Identifier: Apache-2.0 */

#ifndef PARSERS_ETL_ETL_WALK_H
#define PARSERS_ETL_ETL_WALK_H

/*
 * A walk over the records of one trace buffer, through a window: every record is counted, wanted
 * ones are stored, records about the trace itself tell of losses. Nearly all records take the fast
 * path in etl_scan.c; the loop here takes those that it leaves, and says why a walk ended.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error_chain.h"
#include "parsers/etl/etl_event.h"
#include "parsers/etl/etl_filter.h"
#include "parsers/etl/etl_index.h"
#include "parsers/etl/etl_loss.h"
#include "parsers/etl/etl_tally.h"
#include "parsers/etl/etl_trace.h"
#include "parsers/etl/etl_window.h"

/* Shared by all walks of a reader, and borrowed. */
struct etl_walk_env {
    const struct etl_filter_table *filter;
    etl_observe_fn *observe; /* or NULL */
    void *observe_user;
    struct etl_loss_points *points;
    struct etl_areas *areas;
};

enum etl_walk_end {
    ETL_WALK_AT_WINDOW_END, /* every record that the window held was walked */
    ETL_WALK_CUT_RECORD,    /* the trace buffer ends inside a record */
    ETL_WALK_BAD_RECORD,    /* a record is complete, but its header is invalid */
    ETL_WALK_FILL,          /* a fill marker, which stands behind the last record */
    ETL_WALK_UNREADABLE,    /* the byte source failed */
    ETL_WALK_STORE_FULL,    /* only of a repeated walk; a first one goes on, and only counts */
};

/* The place from which a walk must be repeated, because the store was full. */
struct etl_walk_resume {
    uint64_t position;    /* offset of the record in its trace buffer; 0: none */
    int64_t order, ticks; /* state of the tally in front of that record */
};

struct etl_walk {
    const struct etl_walk_env *env;
    struct etl_input *input;
    const struct etl_index_entry *entry;
    struct etl_window *window;
    struct error_chain *errors;
    bool repeated; /* the records were walked before: nothing of them is told again */

    struct etl_tally tally;
    bool order_known;    /* a record of this walk has counted for the stream's order */
    int64_t first_order; /* the stream's order after the first one that did */
    struct etl_walk_resume resume;
    enum etl_walk_end end;
    uint32_t bad_size; /* size that the record at a CUT_RECORD or BAD_RECORD claims */
};

/*
 * Walks from the window's first unconsumed byte to the end of the trace buffer, to damage, or, if
 * repeated, until the store is full; `end` says which. ETL_OK, ETL_READ_ERROR, ETL_NO_MEMORY. The
 * last records are stored, but not kept yet (etl_store_keep_last()).
 */
enum etl_status etl_walk_run(struct etl_walk *walk);

/* Bytes from the trace buffer's start to the first byte that the walk has not consumed. */
uint64_t etl_walk_position(const struct etl_walk *walk);

/* Takes only the times of loss that the first records of a trace buffer tell, without a walk.
 * ETL_OK, ETL_READ_ERROR, ETL_NO_MEMORY. */
enum etl_status etl_walk_take_points(struct etl_window *window, struct etl_loss_points *points,
                                     const struct etl_input *input,
                                     const struct etl_index_entry *entry,
                                     struct error_chain *errors);

#endif
