#ifndef PARSERS_ETL_ETL_AHEAD_H
#define PARSERS_ETL_ETL_AHEAD_H

/*
 * Compressed trace buffers decoded before their streams come to them, by threads that have nothing
 * else to do: what decoding costs is then shared. Nothing but time depends on it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "parsers/etl/etl_reader.h"
#include "parsers/etl/etl_stream.h"

struct etl_ahead;

/* All is borrowed; of the streams only where they are now. NULL: nothing is to be helped with,
 * there are more streams than pays, or no memory. */
struct etl_ahead *etl_ahead_create(const struct etl_index *index, const struct etl_input *inputs,
                                   const struct etl_stream *streams, size_t stream_count,
                                   etl_help_wanted_fn *wanted, void *user);
void etl_ahead_destroy(struct etl_ahead *ahead); /* takes NULL; nobody helps any more */

/* Decodes one trace buffer. False: there is nothing to do now. From any thread. */
bool etl_ahead_help(struct etl_ahead *ahead);

/*
 * A stream comes to its `entry`, as it does to each of its entries in turn. If that was decoded
 * ahead, its window with all that the trace buffer holds; the caller's until
 * etl_ahead_give_back(). Otherwise NULL, also if it could not be read: the stream is to find out.
 */
struct etl_window *etl_ahead_take(struct etl_ahead *ahead, const struct etl_stream *stream);
void etl_ahead_give_back(struct etl_ahead *ahead, struct etl_window *window);

#endif
