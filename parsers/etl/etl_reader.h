/* SPDX-License-Identifier: Apache-2.0 */

#ifndef PARSERS_ETL_ETL_READER_H
#define PARSERS_ETL_ETL_READER_H

/*
 * Reads byte sources and gives events in time order.
 *
 * Opening a reader checks the log-file header and makes one pass over the trace buffer headers,
 * which gives the index (ETL_INDEX_ENTRY_LEN bytes a trace buffer). Reading merges one stream for
 * each processor.
 *
 * Memory: the index; for each stream at most window_budget / streams bytes, but ETL_WINDOW_MIN, and
 * the stream's largest record, in any case; up to 25 MiB for trace buffers that other threads
 * decode ahead.
 *
 * Order of events (docs/format.md, "Order"): by `order`; then posts after all others; then the
 * lower processor, input, offset. Events of one stream keep their recorded order.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/byte_source.h"
#include "base/error_chain.h"
#include "parsers/etl/etl_ahead.h"
#include "parsers/etl/etl_event.h"
#include "parsers/etl/etl_trace.h"

struct etl_reader_options {
    struct etl_filter filter;
    etl_is_post_fn *is_post; /* NULL: no event is a post */
    etl_observe_fn *observe; /* NULL, or called for every record, each of which it makes decode */
    void *observe_user;
    size_t window_budget; /* bytes for all streams together; 0: ETL_WINDOW_BUDGET */
};

#define ETL_WINDOW_BUDGET (48u << 20)

/* A byte_source_check_fn: true if the first bytes of an input are those of a trace file. */
bool etl_reader_check_start(const uint8_t *bytes, size_t len, struct error_chain *errors);

struct etl_reader;

/*
 * Opens `source_count` inputs as one timeline; most traces are one input. Sources and names are
 * borrowed and must outlive the reader; messages begin with the names. Several inputs must share
 * clock kind and frequency: ETL_UNSUPPORTED otherwise. On success *reader is the caller's; on
 * failure it is NULL.
 */
enum etl_status etl_reader_open(struct byte_source *const *sources, const char *const *names,
                                size_t source_count, const struct etl_reader_options *options,
                                struct etl_reader **reader, struct error_chain *errors);

/* Gives the next wanted event, or ETL_END. *event is borrowed until the next call. After
 * ETL_READ_ERROR another call goes on behind the place that can't be read. */
enum etl_status etl_reader_next(struct etl_reader *reader, const struct etl_event **event,
                                struct error_chain *errors);

/*
 * Gives the next wanted events, up to `count_max`: *count of them, at least one, with ETL_OK. Fewer
 * than count_max does not mean that there are no more. Their records take `len_max` bytes together
 * at most; the first one is given whatever it takes. Payloads and extended data items are borrowed
 * until the next call. Other statuses: as etl_reader_next().
 */
enum etl_status etl_reader_next_many(struct etl_reader *reader, struct etl_event *events,
                                     size_t count_max, size_t len_max, size_t *count,
                                     struct error_chain *errors);

void etl_reader_destroy(struct etl_reader *reader); /* takes NULL */

/*
 * Lets other threads decode compressed trace buffers ahead (etl_ahead.h). The reading thread calls
 * `wanted` whenever there may be something to do again. Call this before a second thread uses the
 * reader. False: there never is anything to help with, or no memory.
 */
bool etl_reader_accept_help(struct etl_reader *reader, etl_help_wanted_fn *wanted, void *user);

/* Decodes one trace buffer that the reader will come to, on any thread, also while another one
 * reads. False: there is nothing to do now. Only after etl_reader_accept_help() has returned true.
 */
bool etl_reader_help(struct etl_reader *reader);

size_t etl_reader_input_count(const struct etl_reader *reader);
const struct etl_trace_info *etl_reader_info(const struct etl_reader *reader, size_t input);
const struct etl_record_counts *etl_reader_counts(const struct etl_reader *reader, size_t input);

/*
 * Whether records are lost between two times (semantics.md, section 6). Losses are found while the
 * trace is read; those that begin at or before the last event handed out are known.
 */
enum etl_loss {
    ETL_LOSS_NONE = 0,
    ETL_LOSS_SPAN,       /* records are lost in [from, to], both included */
    ETL_LOSS_WHOLE_TRACE /* records are lost, nobody knows where */
};
enum etl_loss etl_reader_loss(const struct etl_reader *reader, int64_t from_order,
                              int64_t to_order);

/* True if wanted kernel records of a hook group below 32 have been read, which may be handed out
 * much later: a trace buffer is read as a whole before its first record is handed out. */
bool etl_reader_has_group(const struct etl_reader *reader, unsigned group);

/* True if any loss is known. A missing end is not counted: etl_trace_info.end_missing tells of it.
 */
bool etl_reader_any_loss(const struct etl_reader *reader);

/* Notes on the health of the inputs, in words ("trace buffer at offset N: ..."): ETL_NOTES_MAX + 1
 * at most, in the order in which they came up. Borrowed for the reader's life. */
size_t etl_reader_note_count(const struct etl_reader *reader);
const char *etl_reader_note(const struct etl_reader *reader, size_t index);

/* The bytes that the reader holds now, but for trace buffers that other threads decode ahead.
 * Depends only on which events it has handed out. */
size_t etl_reader_held(const struct etl_reader *reader);

/* Gives the bytes of the trace buffers that were begun, and of all, for a progress line. */
void etl_reader_progress(const struct etl_reader *reader, uint64_t *done, uint64_t *total);

#endif
