/* SPDX-License-Identifier: Apache-2.0 */

#ifndef PARSERS_ETL_ETL_STREAM_H
#define PARSERS_ETL_ETL_STREAM_H

/*
 * The records of one processor in recorded order. A stream takes one trace buffer at a time: it
 * walks all records through a window that all streams share, and keeps the wanted ones in its
 * store. So every record of a trace buffer has been looked at before the first one is handed out,
 * and damage is known by then.
 *
 * Where the wanted records of a trace buffer are too many for the store, the stream gets a small
 * window of its own and repeats the walk from the first record that found no room, as often as it
 * takes.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "parsers/etl/etl_ahead.h"
#include "parsers/etl/etl_index.h"
#include "parsers/etl/etl_loss.h"
#include "parsers/etl/etl_notes.h"
#include "parsers/etl/etl_store.h"
#include "parsers/etl/etl_trace.h"
#include "parsers/etl/etl_walk.h"
#include "parsers/etl/etl_window.h"

/* Shared by the streams of a reader, and borrowed from the reader. */
struct etl_stream_env {
    const struct etl_index *index;
    struct etl_input *inputs;
    struct etl_walk_env walk;
    struct etl_loss_tree *losses; /* of all streams */
    struct etl_notes *notes;
    struct etl_window *window;
    struct etl_ahead *ahead; /* NULL: nobody decodes ahead */
    uint64_t done_len;       /* bytes of the trace buffers entered so far */
    uint32_t hook_groups;    /* as in struct etl_tally, of the trace buffers entered so far */
    size_t held;             /* bytes that all streams hold */
};

struct etl_stream {
    size_t number;       /* index among the reader's streams */
    uint32_t entry;      /* trace buffer that the stored records are from */
    uint32_t next_entry; /* ETL_INDEX_NONE: `entry` is the last one */
    struct etl_store store;

    /* State behind the last record of `entry`, whether handed out or not. */
    int64_t order; /* as in struct etl_tally */
    int64_t ticks;

    int64_t last_order; /* `order` behind the last trace buffer that had records with a time */
    int64_t from_order; /* last_order before `entry`: where a loss in `entry` begins */
    uint32_t session;   /* of the last trace buffer that had records with a time, in its input */
    bool span_open;     /* a loss lasts until the next trace buffer with records with a time */
    struct etl_loss_branch *span; /* borrowed: the last of its losses; NULL: none */

    struct etl_walk_resume resume; /* the rest of `entry`, when the store is empty */
    struct etl_window *own_window; /* owned; NULL unless a walk is being repeated */
};

/* `first_ticks`: time of records that have none, before the first one that has a time. */
void etl_stream_init(struct etl_stream *stream, size_t number, uint32_t first_entry,
                     int64_t first_ticks);

/* Sets the size of the store, in bytes. Before the first load. */
void etl_stream_set_store(struct etl_stream *stream, size_t store_max);

void etl_stream_finish(struct etl_stream *stream);

/*
 * Makes sure that the store holds a record. ETL_OK; ETL_END: the stream has no more;
 * ETL_READ_ERROR: part of a trace buffer can't be read and counts as damaged, another call goes on
 * with the rest; ETL_NO_MEMORY.
 */
enum etl_status etl_stream_load(struct etl_stream *stream, struct etl_stream_env *env,
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

/* The bytes of a stored record. */
static inline const uint8_t *etl_stream_record(const struct etl_stream *stream,
                                               const struct etl_stored *stored)
{
    return stream->store.bytes + stored->at;
}

#endif
