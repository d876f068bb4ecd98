/* SPDX-License-Identifier: Apache-2.0 */

#include "writer/trace_writer.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "parsers/etl/etl_format.h"
#include "parsers/etl/etl_record.h"

/* The trace buffer of a processor that is being filled. */
struct trace_writer_stream {
    uint32_t used; /* bytes, with the header; 0: none was begun */
    uint8_t bytes[];
};

#define STREAM_COUNT (ETL_PROCESSOR_STREAMS + 1)
#define LAYOUT_FILL 0xFF /* fills a trace buffer behind its last record [OBS] */

static void store_u16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
}

static void store_u32(uint8_t *at, uint32_t value)
{
    store_u16(at, (uint16_t)value);
    store_u16(at + 2, (uint16_t)(value >> 16));
}

static void store_u64(uint8_t *at, uint64_t value)
{
    store_u32(at, (uint32_t)value);
    store_u32(at + 4, (uint32_t)(value >> 32));
}

uint32_t trace_writer_size_for(uint32_t size)
{
    uint32_t buffer_size = TRACE_WRITER_SIZE_MIN;

    while (buffer_size < etl_record_stride(size) + TRACE_WRITER_HEADER_LEN) {
        buffer_size *= 2;
    }
    return buffer_size;
}

bool trace_writer_init(struct trace_writer *writer, struct out *out, uint32_t buffer_size)
{
    *writer = (struct trace_writer){.out = out, .buffer_size = buffer_size};
    writer->streams = calloc(STREAM_COUNT, sizeof(struct trace_writer_stream *));
    writer->last = malloc(buffer_size);
    writer->no_memory = writer->streams == NULL || writer->last == NULL;
    return !writer->no_memory;
}

void trace_writer_finish(struct trace_writer *writer)
{
    for (size_t i = 0; writer->streams != NULL && i < STREAM_COUNT; i++) {
        free(writer->streams[i]);
    }
    free(writer->streams);
    free(writer->last);
    *writer = (struct trace_writer){0};
}

/* ---- trace buffers ---- */

/* The trace buffer that was completed last waits until another one comes: only then it is known
 * that it is not the session's last, which bears the flush marker. */
static void write_last(struct trace_writer *writer, unsigned more_flags)
{
    if (writer->has_last && writer->out != NULL) {
        unsigned flags = (unsigned)writer->last[ETL_BUFFER_FLAGS_AT] | more_flags;

        writer->last[ETL_BUFFER_FLAGS_AT] = (uint8_t)flags;
        out_write(writer->out, writer->last, writer->buffer_size);
    }
    writer->has_last = false;
}

/* Puts a header in front of the records at bytes + TRACE_WRITER_HEADER_LEN, which end at `used`. */
static void complete(struct trace_writer *writer, uint8_t *bytes, uint32_t used, uint16_t processor,
                     unsigned flags, unsigned type)
{
    memset(bytes, 0, TRACE_WRITER_HEADER_LEN);
    memset(bytes + used, LAYOUT_FILL, writer->buffer_size - used);
    store_u32(bytes + ETL_BUFFER_SIZE_AT, writer->buffer_size);
    store_u32(bytes + ETL_BUFFER_SAVED_OFFSET_AT, used);
    store_u64(bytes + ETL_BUFFER_SEQUENCE_AT, (uint64_t)writer->sequence);
    store_u16(bytes + ETL_BUFFER_PROCESSOR_AT, processor);
    store_u32(bytes + ETL_BUFFER_STATE_AT, type == ETL_BUFFER_TYPE_HEADER ? 0 : 3);
    store_u32(bytes + ETL_BUFFER_USED_AT, used);
    store_u16(bytes + ETL_BUFFER_FLAGS_AT, (uint16_t)(flags | ETL_BUFFER_WIDE_PROCESSOR));
    store_u16(bytes + ETL_BUFFER_TYPE_AT, (uint16_t)type);
}

void trace_writer_begin(struct trace_writer *writer, const uint8_t *records, size_t len)
{
    uint32_t used = TRACE_WRITER_HEADER_LEN + (uint32_t)len;

    assert(used <= writer->buffer_size);
    writer->buffers++;
    if (writer->no_memory) {
        return;
    }
    memcpy(writer->last + TRACE_WRITER_HEADER_LEN, records, len);
    complete(writer, writer->last, used, 0, ETL_BUFFER_FLUSH_MARKER, ETL_BUFFER_TYPE_HEADER);
    writer->has_last = true;
    write_last(writer, 0);
}

/* ---- records ---- */

static struct trace_writer_stream *stream_of(struct trace_writer *writer, uint16_t processor)
{
    struct trace_writer_stream **stream;

    if (writer->no_memory) {
        return NULL;
    }
    stream = &writer->streams[processor < STREAM_COUNT ? processor : STREAM_COUNT - 1];
    if (*stream == NULL) {
        *stream = malloc(sizeof **stream + writer->buffer_size);
        writer->no_memory = *stream == NULL;
        if (*stream != NULL) {
            (*stream)->used = 0;
        }
    }
    return *stream;
}

static void end_buffer(struct trace_writer *writer, struct trace_writer_stream *stream,
                       uint16_t processor, unsigned flags)
{
    uint32_t used = stream->used != 0 ? stream->used : TRACE_WRITER_HEADER_LEN;

    writer->buffers++;
    writer->sequence++;
    write_last(writer, 0);
    complete(writer, stream->bytes, used, processor, flags, 0);
    memcpy(writer->last, stream->bytes, writer->buffer_size);
    writer->has_last = true;
    stream->used = 0;
}

void trace_writer_record(struct trace_writer *writer, uint16_t processor, const uint8_t *record,
                         uint32_t size)
{
    struct trace_writer_stream *stream = stream_of(writer, processor);
    uint32_t stride = etl_record_stride(size);

    if (stream == NULL) {
        return;
    }
    assert(stride <= writer->buffer_size - TRACE_WRITER_HEADER_LEN);
    if (stream->used != 0 && stride > writer->buffer_size - stream->used) {
        end_buffer(writer, stream, processor, 0);
    }
    if (stream->used == 0) {
        stream->used = TRACE_WRITER_HEADER_LEN;
    }
    memcpy(stream->bytes + stream->used, record, size);
    memset(stream->bytes + stream->used + size, 0, stride - size);
    stream->used += stride;
}

void trace_writer_flush(struct trace_writer *writer, uint16_t processor, unsigned flags)
{
    struct trace_writer_stream *stream = stream_of(writer, processor);

    if (stream != NULL && (stream->used != 0 || flags != 0)) {
        end_buffer(writer, stream, processor, flags);
    }
}

void trace_writer_end_session(struct trace_writer *writer, bool orderly)
{
    for (uint16_t processor = 0; processor < STREAM_COUNT && !writer->no_memory; processor++) {
        if (writer->streams[processor] != NULL) {
            trace_writer_flush(writer, processor, 0);
        }
    }
    write_last(writer, orderly ? ETL_BUFFER_FLUSH_MARKER : 0);
    writer->sequence = 0;
}
