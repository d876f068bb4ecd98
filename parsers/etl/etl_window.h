/* SPDX-License-Identifier: Apache-2.0 */

#ifndef PARSERS_ETL_ETL_WINDOW_H
#define PARSERS_ETL_ETL_WINDOW_H

/*
 * A window on the records of one trace buffer, which slides over their bytes: a plain trace buffer
 * is read in pieces, a compressed one decoded in pieces. The size that a trace buffer claims does
 * not decide how much memory is allocated.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/byte_source.h"
#include "parsers/etl/etl_index.h"
#include "parsers/etl/etl_trace.h"
#include "parsers/etl/xpress.h"

enum etl_window_end {
    ETL_WINDOW_OPEN,      /* more bytes may come */
    ETL_WINDOW_COMPLETE,  /* the window has reached the end of the records */
    ETL_WINDOW_CUT,       /* the file or the compressed data ends before the claimed length */
    ETL_WINDOW_CORRUPT,   /* the compressed data is corrupt */
    ETL_WINDOW_LEFT_OVER, /* compressed data remains behind the claimed length */
};

struct etl_window {
    uint8_t *bytes; /* owned; bytes[begin..end) were produced and not yet consumed */
    size_t begin, end, capacity;
    uint64_t produced; /* bytes of records so far, from the first one to bytes[end) */
    enum etl_window_end state;

    struct byte_source *source;
    uint64_t file_position;   /* next byte to read */
    uint64_t file_left;       /* bytes of the trace buffer from file_position on */
    uint64_t claimed;         /* bytes of records, by the header */
    bool compressed, guessed; /* the entry's flags say so */

    uint8_t *input; /* owned; bytes of a compressed trace buffer yet to be decoded */
    size_t input_begin, input_end, input_capacity;
    struct xpress_decoder decoder;
};

/* `capacity`: bytes, at least ETL_WINDOW_PRIVATE_LEN. Memory is allocated with the first use, and
 * grows where a record needs more. */
void etl_window_init(struct etl_window *window, size_t capacity);
void etl_window_finish(struct etl_window *window);

/* Makes the window hold `len` bytes of records from its next start on, so that no fill must grow
 * it. The bytes in the window are lost. */
void etl_window_reserve(struct etl_window *window, size_t len);

/* Sets the window to the first record of `entry`. */
void etl_window_start(struct etl_window *window, struct byte_source *source,
                      const struct etl_index_entry *entry);

/*
 * Gets more bytes behind bytes[end), and moves the unconsumed ones to the front; these may be 64
 * KiB at most. Sets `state` when nothing more will come. ETL_OK, ETL_READ_ERROR, ETL_NO_MEMORY.
 */
enum etl_status etl_window_fill(struct etl_window *window, struct error_chain *errors);

/*
 * Exchanges memory: the caller gets the window's with the bytes in it, as *bytes of *capacity, and
 * the window gets the caller's for its next start. Memory that is too small for the window, or much
 * too large, is freed.
 */
void etl_window_trade(struct etl_window *window, uint8_t **bytes, size_t *capacity);

/* Steps over `len` bytes, produced or not. ETL_OK, ETL_READ_ERROR, ETL_NO_MEMORY. */
enum etl_status etl_window_skip(struct etl_window *window, uint64_t len,
                                struct error_chain *errors);

#endif
