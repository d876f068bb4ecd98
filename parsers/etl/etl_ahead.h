/* SPDX-License-Identifier: Apache-2.0 */

#ifndef PARSERS_ETL_ETL_AHEAD_H
#define PARSERS_ETL_ETL_AHEAD_H

/*
 * Decodes compressed trace buffers before their streams come to them, on threads that would
 * otherwise wait. Only time depends on it: events, their order and every message are the same
 * without. At most 8 MiB of decoded trace buffers wait at a time.
 *
 * etl_ahead_help() may be called from any thread while one thread reads; all else is for the
 * thread that reads.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct etl_ahead;
struct etl_index;
struct etl_input;
struct etl_window;

/* Called by the thread that reads, whenever there may be something to help with again. */
typedef void etl_help_wanted_fn(void *user);

/*
 * Borrows `index` (its entries linked into streams) and `inputs`. NULL when no trace buffer is
 * compressed, when there are more than 256 streams (looking through them for work costs more than
 * helping saves), or without memory.
 */
struct etl_ahead *etl_ahead_create(const struct etl_index *index, const struct etl_input *inputs,
                                   size_t stream_count, etl_help_wanted_fn *wanted, void *user);

/* Takes NULL. No thread may be helping any more. */
void etl_ahead_destroy(struct etl_ahead *ahead);

/* Says which entry of the index a stream comes to next. Once for each stream, before anybody
 * helps; later etl_ahead_take() tells. */
void etl_ahead_set_next(struct etl_ahead *ahead, size_t stream, uint32_t next_entry);

/* Decodes one trace buffer. False: there is nothing to do now. */
bool etl_ahead_help(struct etl_ahead *ahead);

/*
 * A stream has come to `entry` and will come to `next_entry`, as it does for each of its entries in
 * turn. Returns a window with all that the trace buffer holds if that was decoded ahead; the
 * caller gives it back with etl_ahead_give_back(). NULL: it was not decoded, or could not be read;
 * the stream reads it itself and finds out why.
 */
struct etl_window *etl_ahead_take(struct etl_ahead *ahead, size_t stream, uint32_t entry,
                                  uint32_t next_entry);
void etl_ahead_give_back(struct etl_ahead *ahead, struct etl_window *window);

#endif
