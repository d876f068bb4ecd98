/* SPDX-License-Identifier: Apache-2.0 */

#include "parsers/etl/etl_window.h"

#include <stdlib.h>
#include <string.h>

#include "base/least.h"
#include "parsers/etl/etl_format.h"

/* The room for compressed input is that for records divided by this. */
#define INPUT_SHARE 4
/* Trace buffers of one size are filled to within a record, and the windows that hold them whole are
 * of one capacity: so any two of them can trade. */
#define RESERVE_STEP (64u << 10)

void etl_window_init(struct etl_window *window, size_t capacity)
{
    memset(window, 0, sizeof *window);
    window->capacity = capacity;
    window->input_capacity = capacity / INPUT_SHARE;
}

void etl_window_finish(struct etl_window *window)
{
    free(window->bytes);
    free(window->input);
    window->bytes = NULL;
    window->input = NULL;
}

void etl_window_reserve(struct etl_window *window, size_t len)
{
    if (window->capacity < len + ETL_WINDOW_PROGRESS_MIN) {
        free(window->bytes);
        window->bytes = NULL; /* the next fill allocates */
        window->capacity =
            (len + ETL_WINDOW_PROGRESS_MIN + RESERVE_STEP - 1) / RESERVE_STEP * RESERVE_STEP;
    }
}

void etl_window_start(struct etl_window *window, struct byte_source *source,
                      const struct etl_index_entry *entry)
{
    window->begin = 0;
    window->end = 0;
    window->produced = 0;
    window->state = ETL_WINDOW_OPEN;
    window->source = source;
    window->compressed = (entry->flags & ETL_ENTRY_COMPRESSED) != 0;
    window->guessed = (entry->flags & ETL_ENTRY_GUESSED) != 0;
    window->claimed = entry->used - ETL_BUFFER_HEADER_LEN;
    window->file_position = entry->offset + ETL_BUFFER_HEADER_LEN;
    window->file_left =
        entry->size > ETL_BUFFER_HEADER_LEN ? entry->size - ETL_BUFFER_HEADER_LEN : 0;
    window->input_begin = 0;
    window->input_end = 0;
    xpress_init(&window->decoder);
}

static enum etl_status window_no_memory(struct error_chain *errors)
{
    error_chain_add(errors, ERROR_NO_OFFSET, "out of memory for a window on a trace buffer");
    return ETL_NO_MEMORY;
}

static enum etl_status window_read(struct etl_window *window, uint8_t *dst, size_t len,
                                   struct error_chain *errors)
{
    if (byte_source_read(window->source, window->file_position, dst, len, errors) !=
        BYTE_SOURCE_OK) {
        return ETL_READ_ERROR;
    }
    window->file_position += len;
    window->file_left -= len;
    return ETL_OK;
}

static enum etl_status window_fill_plain(struct etl_window *window, struct error_chain *errors)
{
    uint64_t want = window->claimed - window->produced;
    want = least_u64(want, window->file_left);
    size_t room = window->capacity - window->end;
    size_t len = (size_t)least_u64(want, room);
    enum etl_status status = window_read(window, window->bytes + window->end, len, errors);
    if (status != ETL_OK) {
        return status;
    }
    window->end += len;
    window->produced += len;
    if (window->produced == window->claimed) {
        window->state = ETL_WINDOW_COMPLETE;
    } else if (window->file_left == 0) {
        window->state = window->guessed ? ETL_WINDOW_COMPLETE : ETL_WINDOW_CUT;
    }
    return ETL_OK;
}

static enum etl_status window_fill_input(struct etl_window *window, struct error_chain *errors)
{
    if (window->input == NULL) {
        window->input = malloc(window->input_capacity);
        if (window->input == NULL) {
            return window_no_memory(errors);
        }
    }
    size_t kept = window->input_end - window->input_begin;
    memmove(window->input, window->input + window->input_begin, kept);
    size_t room = window->input_capacity - kept;
    size_t len = (size_t)least_u64(window->file_left, room);
    window->input_begin = 0;
    window->input_end = kept;
    enum etl_status status = window_read(window, window->input + kept, len, errors);
    if (status == ETL_OK) {
        window->input_end += len;
    }
    return status;
}

/* Sets the state by the decoder's answer. */
static void window_conclude_decoding(struct etl_window *window, enum xpress_status status)
{
    uint64_t rest = window->file_left + (window->input_end - window->input_begin);
    if (status == XPRESS_END) {
        bool whole = window->produced == window->claimed || window->guessed;
        window->state = whole ? ETL_WINDOW_COMPLETE : ETL_WINDOW_CUT;
    } else if (status == XPRESS_TRUNCATED) {
        window->state = ETL_WINDOW_CUT;
    } else if (status == XPRESS_CORRUPT) {
        window->state = ETL_WINDOW_CORRUPT;
    } else if (status == XPRESS_OUTPUT_FULL && window->produced == window->claimed) {
        bool whole = xpress_is_complete(&window->decoder, (size_t)rest);
        window->state = whole ? ETL_WINDOW_COMPLETE : ETL_WINDOW_LEFT_OVER;
    }
}

static enum etl_status window_fill_compressed(struct etl_window *window, struct error_chain *errors)
{
    uint64_t left = window->claimed - window->produced;
    size_t room = window->capacity - window->end;
    struct xpress_io io = {0};
    io.out = window->bytes;
    io.out_len = window->end;
    io.out_cap = window->end + (size_t)least_u64(left, room);

    enum xpress_status decoded = XPRESS_NEED_INPUT;
    bool starved = window->input_begin == window->input_end;
    while (decoded == XPRESS_NEED_INPUT) {
        if (starved && window->file_left > 0) {
            enum etl_status status = window_fill_input(window, errors);
            if (status != ETL_OK) {
                return status;
            }
        }
        io.in = window->input != NULL ? window->input + window->input_begin : NULL;
        io.in_len = window->input_end - window->input_begin;
        io.in_used = 0;
        io.in_final = window->file_left == 0;
        decoded = xpress_decode(&window->decoder, &io);
        window->input_begin += io.in_used;
        starved = true;
    }
    window->produced += io.out_len - window->end;
    window->end = io.out_len;
    window_conclude_decoding(window, decoded);
    return ETL_OK;
}

/* Makes room behind bytes[end), for ETL_WINDOW_PROGRESS_MIN bytes at least. */
static enum etl_status window_make_room(struct etl_window *window, struct error_chain *errors)
{
    if (window->bytes != NULL && window->capacity - window->end >= ETL_WINDOW_PROGRESS_MIN) {
        return ETL_OK;
    }
    size_t capacity = window->capacity;
    if (capacity - window->end < ETL_WINDOW_PROGRESS_MIN) {
        capacity = greatest_size(2 * capacity, window->end + ETL_WINDOW_PROGRESS_MIN);
    }
    uint8_t *grown = realloc(window->bytes, capacity);
    if (grown == NULL) {
        return window_no_memory(errors);
    }
    window->bytes = grown;
    window->capacity = capacity;
    return ETL_OK;
}

enum etl_status etl_window_fill(struct etl_window *window, struct error_chain *errors)
{
    if (window->state != ETL_WINDOW_OPEN) {
        return ETL_OK;
    }
    /* Matches reach back into bytes that were consumed already. */
    size_t keep = window->begin;
    if (window->compressed && window->end - keep < XPRESS_HISTORY) {
        keep = window->end > XPRESS_HISTORY ? window->end - XPRESS_HISTORY : 0;
    }
    if (keep > 0) {
        memmove(window->bytes, window->bytes + keep, window->end - keep);
    }
    window->begin -= keep;
    window->end -= keep;
    enum etl_status status = window_make_room(window, errors);
    if (status != ETL_OK) {
        return status;
    }
    return window->compressed ? window_fill_compressed(window, errors)
                              : window_fill_plain(window, errors);
}

void etl_window_trade(struct etl_window *window, uint8_t **bytes, size_t *capacity)
{
    uint8_t *theirs = *bytes;
    if (*capacity < window->capacity || *capacity > 2 * window->capacity) {
        free(theirs);
        theirs = NULL; /* the next fill allocates */
    }
    *bytes = window->bytes;
    *capacity = window->capacity;
    window->bytes = theirs;
}

enum etl_status etl_window_skip(struct etl_window *window, uint64_t len, struct error_chain *errors)
{
    if (!window->compressed && window->begin == window->end) {
        uint64_t step = least_u64(len, window->file_left);
        window->file_position += step;
        window->file_left -= step;
        window->produced += step;
        return ETL_OK;
    }
    while (len > 0) {
        if (window->begin == window->end) {
            enum etl_status status = etl_window_fill(window, errors);
            if (status != ETL_OK || window->begin == window->end) {
                return status;
            }
        }
        size_t have = window->end - window->begin;
        size_t step = (size_t)least_u64(len, have);
        window->begin += step;
        len -= step;
    }
    return ETL_OK;
}
