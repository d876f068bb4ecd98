/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CUT_TRACE_COPY_H
#define ANALYZER_CUT_TRACE_COPY_H

/*
 * Copies chosen records of a trace file into another one. What is not a record of an event keeps
 * its meaning: the log-file header and its counters, times of the last drops, trace buffers that
 * say that something was lost. A loss lasts from the last event of a processor's previous trace
 * buffer to the first one of its next; where these events are not chosen, records without content
 * stand for them, with their times.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/byte_source.h"
#include "base/error_chain.h"
#include "base/out.h"
#include "parsers/etl/etl_event.h"
#include "parsers/etl/etl_trace.h"

/* Says whether a record is chosen. The event is borrowed until the function returns. */
typedef bool trace_copy_choose_fn(void *user, const struct etl_event *event);

struct anonymous;

struct trace_copy {
    struct byte_source *source;      /* borrowed */
    const char *name;                /* borrowed: for messages */
    const struct etl_filter *filter; /* only such records can be chosen; borrowed; NULL: any */
    trace_copy_choose_fn *choose;
    void *user;
    struct anonymous
        *anonymous; /* rewrites every record; NULL: records are as they are; borrowed */
};

struct trace_copy_plan {
    uint32_t buffer_size; /* bytes of the copy's trace buffers */
    uint64_t buffers;     /* the copy will have */
    uint64_t records;     /* chosen */
    /* Owned; for each trace buffer, as they are found: whether it has a chosen record. NULL where
     * all of them must be read, because something was lost or several sessions are in the file. */
    uint8_t *wanted;
};

void trace_copy_plan_finish(struct trace_copy_plan *plan);

/* Goes through the file once, to know the copy's measures. *plan is zeros, or from an earlier call;
 * the caller gives it to trace_copy_plan_finish() whatever the status. ETL_OK, or an error of the
 * reader. */
enum etl_status trace_copy_measure(const struct trace_copy *copy, struct trace_copy_plan *plan,
                                   struct error_chain *errors);

/* Writes the copy. The records that `choose` takes must be those of trace_copy_measure(), and so
 * must their sizes. */
enum etl_status trace_copy_write(const struct trace_copy *copy, const struct trace_copy_plan *plan,
                                 struct out *out, struct error_chain *errors);

#endif
