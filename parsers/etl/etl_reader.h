#ifndef PARSERS_ETL_ETL_READER_H
#define PARSERS_ETL_ETL_READER_H

/*
 * From byte sources to events in time order.
 *
 * Opening a reader checks the log-file header and makes one pass over the trace buffer headers,
 * which gives the index (ETL_INDEX_ENTRY_LEN bytes a trace buffer). Reading merges one cursor per
 * processor stream. What is resident: the index, and for each stream a window of at most
 * etl_reader_options.window_budget / streams bytes, never less than ETL_WINDOW_MIN, or what the
 * stream's largest record takes; and with help by other threads up to 25 MiB for trace buffers
 * that are decoded ahead.
 *
 * Order (docs/format.md, "Order"): by `order`; then events that are posts after all others; then
 * the lower processor, input, offset. Events of one stream keep their recorded order.
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
    etl_is_post_fn *is_post;
    etl_observe_fn *observe; /* costs a header decode for every record */
    void *observe_user;
    size_t window_budget; /* bytes for all streams together; 0: ETL_WINDOW_BUDGET */
};

#define ETL_WINDOW_BUDGET (48u << 20)

struct etl_reader;

/*
 * Opens `source_count` inputs as one timeline (one, as a rule). Sources are borrowed and must
 * outlive the reader. `names` (borrowed) are used in messages and as file names. Several inputs
 * must share clock kind and frequency: ETL_UNSUPPORTED otherwise. On success *reader is the
 * caller's; on failure it is NULL.
 */
enum etl_status etl_reader_open(struct byte_source *const *sources, const char *const *names,
                                size_t source_count, const struct etl_reader_options *options,
                                struct etl_reader **reader, struct error_chain *errors);

/* The next wanted event, or ETL_END. *event is borrowed until the next call. After ETL_READ_ERROR
 * the reader goes on with what it can read when called again; each call then makes progress. */
enum etl_status etl_reader_next(struct etl_reader *reader, const struct etl_event **event,
                                struct error_chain *errors);

/*
 * Likewise, but up to `count_max` events in one go: *count of them if ETL_OK, at least one. It
 * gives fewer where that spares memory; another call gives more. Their records take `len_max`
 * bytes together at most, but for the first. What they point to is borrowed until the next call.
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

/* Decodes one trace buffer that will be wanted, also while a thread reads. False: there is nothing
 * to do now. Only after etl_reader_accept_help() said so. */
bool etl_reader_help(struct etl_reader *reader);

size_t etl_reader_input_count(const struct etl_reader *reader);
const struct etl_trace_info *etl_reader_info(const struct etl_reader *reader, size_t input);
const struct etl_record_counts *etl_reader_counts(const struct etl_reader *reader, size_t input);

/*
 * Loss (semantics.md, section 6). The spans are those known so far; every span that begins at or
 * before the last event handed out is known.
 */
enum etl_loss {
    ETL_LOSS_NONE = 0,
    ETL_LOSS_SPAN,       /* a recorded loss touches [from, to] (order values, both included) */
    ETL_LOSS_WHOLE_TRACE /* a loss without position concerns every span */
};
enum etl_loss etl_reader_loss(const struct etl_reader *reader, int64_t from_order,
                              int64_t to_order);

/* Whether a loss of any kind is known, but for a missing end: etl_trace_info tells of that. */
bool etl_reader_any_loss(const struct etl_reader *reader);

/* Health notes in words, one a line of work ("trace buffer at offset N: ..."), bounded in number;
 * stable order. Borrowed for the reader's life. */
size_t etl_reader_note_count(const struct etl_reader *reader);
const char *etl_reader_note(const struct etl_reader *reader, size_t index);

/* Fraction of the index already consumed, for a progress line: bytes of trace buffers entered and
 * their total. */
void etl_reader_progress(const struct etl_reader *reader, uint64_t *done, uint64_t *total);

#endif
