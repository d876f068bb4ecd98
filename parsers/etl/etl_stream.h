#ifndef PARSERS_ETL_ETL_STREAM_H
#define PARSERS_ETL_ETL_STREAM_H

/*
 * The records of one processor in recorded order. A stream takes one trace buffer at a time: walks
 * all its records through a window that all streams share, and keeps the wanted ones in its own
 * store, with an index of them. So nothing of a trace buffer is handed out before all of it is
 * known to be whole. Where most of what the window holds is wanted, window and store change
 * places; else the wanted records are copied.
 *
 * Where the wanted records of a trace buffer do not fit the store, the stream gets a small window
 * of its own and goes through the trace buffer a second time, a store's worth at a time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "parsers/etl/etl_ahead.h"
#include "parsers/etl/etl_filter.h"
#include "parsers/etl/etl_index.h"
#include "parsers/etl/etl_loss.h"
#include "parsers/etl/etl_notes.h"
#include "parsers/etl/etl_trace.h"
#include "parsers/etl/etl_store.h"
#include "parsers/etl/etl_window.h"

/* What the streams of a reader share. All borrowed from the reader. */
struct etl_stream_env {
    const struct etl_index *index;
    struct etl_input *inputs;
    const struct etl_filter_table *filter;
    etl_observe_fn *observe;
    void *observe_user;
    struct etl_notes *notes;
    struct etl_loss_points *points;
    struct etl_window *window;
    struct etl_ahead *ahead; /* or NULL */
    size_t store_max;  /* bytes of a store; half are for the index. One record may take more */
    uint64_t done_len; /* bytes of the trace buffers entered so far */
};

struct etl_stream {
    size_t number;       /* its index among the reader's streams */
    uint32_t entry;      /* that the stored records are from */
    uint32_t next_entry; /* ETL_INDEX_NONE at the end */
    int64_t order;       /* of the last record walked; INT64_MIN before any */
    int64_t ticks;       /* clock value of the last record walked */
    int64_t last_order;  /* `order` after the last trace buffer that had timed records */
    bool span_open;
    struct etl_loss_spans spans;

    struct etl_store store; /* of `entry` */

    /* Where the walk of `entry` goes on when the store is empty; 0: it is done. */
    uint64_t resume_position;
    int64_t resume_order, resume_ticks;
    int64_t resume_from;           /* where a loss in the rest would begin */
    struct etl_window *own_window; /* owned; NULL but for a second walk */
};

/* `ticks` is the time of records that have none, before the first that has one. */
void etl_stream_init(struct etl_stream *stream, size_t number, uint32_t first_entry, int64_t ticks);
void etl_stream_finish(struct etl_stream *stream);

/*
 * Makes sure that the store holds a record. ETL_OK; ETL_END: the stream has no more;
 * ETL_READ_ERROR: part of a trace buffer can't be read and counts as damaged, call again for the
 * rest; ETL_NO_MEMORY.
 */
enum etl_status etl_stream_load(struct etl_stream *stream, struct etl_stream_env *env,
                                struct error_chain *errors);

/* Takes only the times of loss of a trace buffer (walks of streams take them too). */
enum etl_status etl_stream_take_points(struct etl_stream_env *env,
                                       const struct etl_index_entry *entry,
                                       struct error_chain *errors);

static inline bool etl_stream_has_head(const struct etl_stream *stream)
{
    return stream->store.begin < stream->store.end;
}

/* The first stored record. Only while there is one. */
static inline const struct etl_stored *etl_stream_head(const struct etl_stream *stream)
{
    return &stream->store.items[stream->store.begin];
}

/* Its bytes, or those of another item of the store. */
static inline const uint8_t *etl_stream_record(const struct etl_stream *stream,
                                               const struct etl_stored *stored)
{
    return stream->store.bytes + stored->at;
}

#endif
