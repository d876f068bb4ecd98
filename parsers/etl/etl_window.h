#ifndef PARSERS_ETL_ETL_WINDOW_H
#define PARSERS_ETL_ETL_WINDOW_H

/*
 * The records of one trace buffer as a run of bytes, through a small window: read in
 * pieces where it is plain, decoded in pieces where it is compressed. What it allocates does not
 * depend on what the trace buffer claims.
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
    ETL_WINDOW_COMPLETE,  /* all that the trace buffer holds has come */
    ETL_WINDOW_CUT,       /* the file ended before */
    ETL_WINDOW_CORRUPT,   /* the compressed data is */
    ETL_WINDOW_LEFT_OVER, /* compressed data remains behind the claimed length */
};

struct etl_window {
    uint8_t *bytes; /* owned; bytes[begin..end) is what was produced and not yet consumed */
    size_t begin, end, capacity;
    uint64_t produced; /* bytes of the trace buffer's records in all, so far */
    enum etl_window_end state;

    struct byte_source *source;
    uint64_t file_position; /* next byte to read */
    uint64_t file_left;     /* bytes of the trace buffer behind it in the file */
    uint64_t claimed;       /* bytes of records that the trace buffer says it has */
    bool compressed, guessed;

    uint8_t *input; /* owned; of compressed trace buffers */
    size_t input_begin, input_end, input_capacity;
    struct xpress_decoder decoder;
};

/* `capacity` is at least ETL_WINDOW_PRIVATE_LEN; allocation comes with the first use. It grows
 * where a record needs more. */
void etl_window_init(struct etl_window *window, size_t capacity);
void etl_window_finish(struct etl_window *window);

/* Makes room for `len` bytes at its next start, so that no fill has to. Loses what it holds. */
void etl_window_reserve(struct etl_window *window, size_t len);

/* Sets the window to the first record of `entry`. Keeps the memory of earlier use. */
void etl_window_start(struct etl_window *window, struct byte_source *source,
                      const struct etl_index_entry *entry);

/*
 * Gets more bytes behind bytes[end), moving what is there to the front; at most 64 KiB may be
 * unconsumed. Sets `state` when nothing more will come. ETL_OK, ETL_READ_ERROR, ETL_NO_MEMORY.
 */
enum etl_status etl_window_fill(struct etl_window *window, struct error_chain *errors);

/*
 * Hands the window's memory over with all that is in it, as *bytes of *capacity, and takes theirs
 * for its next start; memory that is too small, or much larger than a window, is freed. Only
 * bytes[] changes.
 */
void etl_window_trade(struct etl_window *window, uint8_t **bytes, size_t *capacity);

/* Steps over `len` bytes that need not have been produced yet. */
enum etl_status etl_window_skip(struct etl_window *window, uint64_t len,
                                struct error_chain *errors);

#endif
