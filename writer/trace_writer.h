/* SPDX-License-Identifier: Apache-2.0 */

#ifndef WRITER_TRACE_WRITER_H
#define WRITER_TRACE_WRITER_H

/*
 * Writes a trace file from records that are there already, byte for byte: each processor's go into
 * trace buffers of its own, all of one size, uncompressed. Nothing of the input's trace buffers but
 * their processor and their flags of loss gets into the file (docs/format.md has the layout).
 *
 * A writer without an output only counts, which tells how many trace buffers there will be: the
 * log-file header says so, and comes first.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/out.h"

#define TRACE_WRITER_SIZE_MIN 4096u

struct trace_writer_stream;

struct trace_writer {
    struct out *out;                      /* borrowed; NULL: only count */
    uint32_t buffer_size;                 /* bytes */
    uint64_t buffers;                     /* begun so far, the header's included */
    int64_t sequence;                     /* the number of the trace buffer written last */
    struct trace_writer_stream **streams; /* owned; by processor */
    uint8_t *last;                        /* owned; complete, not yet written; see trace_writer.c */
    bool has_last;
    bool no_memory; /* sticks, like the errors of `out` */
};

/* `buffer_size`: a power of two between the limits. False: no memory; finish it all the same. */
bool trace_writer_init(struct trace_writer *writer, struct out *out, uint32_t buffer_size);

/* Frees the writer; what was not flushed is dropped. */
void trace_writer_finish(struct trace_writer *writer);

/* The least buffer size that holds a record of `size` bytes. */
uint32_t trace_writer_size_for(uint32_t size);

/* Writes the first trace buffer: records that describe the trace, padded to 8 bytes each. `len` is
 * at most the buffer size less TRACE_WRITER_HEADER_LEN. */
#define TRACE_WRITER_HEADER_LEN 0x48u
void trace_writer_begin(struct trace_writer *writer, const uint8_t *records, size_t len);

/* Appends a record of `size` unpadded bytes to its processor's trace buffer. */
void trace_writer_record(struct trace_writer *writer, uint16_t processor, const uint8_t *record,
                         uint32_t size);

/* Ends the processor's trace buffer, if it holds a record or `flags` is not 0. `flags`: those of
 * loss (ETL_BUFFER_EVENTS_LOST, ETL_BUFFER_BUFFER_LOST). */
void trace_writer_flush(struct trace_writer *writer, uint16_t processor, unsigned flags);

/* Ends a session: all trace buffers, by processor. `orderly`: the last one bears the final flush
 * marker. The numbers of the next session's begin at 1 again. */
void trace_writer_end_session(struct trace_writer *writer, bool orderly);

#endif
