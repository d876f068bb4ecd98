/* SPDX-License-Identifier: Apache-2.0 */

#ifndef PARSERS_ETL_ETL_MERGE_H
#define PARSERS_ETL_ETL_MERGE_H

/*
 * Merges the streams of a reader by time. Each stream stands at its first stored record, its head;
 * a binary heap has the streams by the order of their heads (docs/format.md, "Order"): by time;
 * then posts after all others; then the lower processor, input, offset.
 *
 * Between two calls each stream is in one of these states:
 *   not loaded   number >= loaded_count; so all streams begin
 *   in the heap  the stream has a head
 *   stalled      `stalled` is set and stalled_stream names it: reading failed, the next call goes
 *                on behind the place that can't be read
 *   at its end   none of these; the stream is not looked at any more
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error_chain.h"
#include "parsers/etl/etl_event.h"
#include "parsers/etl/etl_stream.h"

/* A stream in the heap, with the time of its head. */
struct etl_merge_head {
    int64_t order;
    uint32_t stream;
};

struct etl_merge {
    struct etl_stream *streams; /* borrowed */
    size_t stream_count;
    struct etl_stream_env *env; /* borrowed */
    etl_is_post_fn *is_post;    /* NULL: no event is a post */

    struct etl_merge_head *heap; /* owned */
    size_t heap_count;
    uint8_t *head_states; /* owned; of each stream: whether its head is a post, once asked */

    size_t loaded_count; /* streams that have been loaded for the first time */
    bool stalled;
    uint32_t stalled_stream;

    /* A stream could not be read while an event of it was on its way out. The event goes first;
     * the next call returns ETL_READ_ERROR with these causes. */
    bool late_error;
    struct error_chain late_errors;

    uint8_t *aside; /* owned; bytes of the last record of a store, while the store is refilled */
};

/* ETL_OK, ETL_NO_MEMORY. Call etl_merge_finish() in either case. */
enum etl_status etl_merge_init(struct etl_merge *merge, struct etl_stream *streams,
                               size_t stream_count, struct etl_stream_env *env,
                               etl_is_post_fn *is_post, struct error_chain *errors);
void etl_merge_finish(struct etl_merge *merge);

/*
 * Puts the next events into events[0..count_max), *count of them, whose records take at most
 * `len_max` bytes together; the first one is given whatever it takes. Payloads are borrowed until
 * the next call. ETL_OK: at least one event. ETL_END; ETL_READ_ERROR: call again for the rest;
 * ETL_NO_MEMORY.
 */
enum etl_status etl_merge_next(struct etl_merge *merge, struct etl_event *events, size_t count_max,
                               size_t len_max, size_t *count, struct error_chain *errors);

#endif
