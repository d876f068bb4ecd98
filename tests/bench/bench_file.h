/* SPDX-License-Identifier: Apache-2.0 */

#ifndef TESTS_BENCH_BENCH_FILE_H
#define TESTS_BENCH_BENCH_FILE_H

/*
 * Writes a large .etl as ETW lays it out: each processor fills a trace buffer of its own, which
 * goes to the file when it is full; sequence numbers count allocations. Records come in the order
 * of time, already laid out, straight into the trace buffer.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BENCH_PROCESSORS_MAX 16
#define BENCH_BASE_TICKS INT64_C(1000000000)

struct bench_buffer {
    uint8_t *bytes; /* owned, buffer_size */
    size_t used;    /* the open trace buffer's; 0: none is open */
    uint64_t sequence;
};

struct bench_file {
    int fd;
    bool failed, compressed;
    uint32_t processors, buffer_size;
    struct bench_buffer open[BENCH_PROCESSORS_MAX];
    uint8_t *packed; /* owned: a compressed trace buffer with its header */
    uint64_t next_sequence, buffers;
    uint64_t
        record_bytes; /* bytes of all trace buffers begun, uncompressed; a size asks for so many */
    uint64_t records, afd_records, posts;
    int64_t last_ticks; /* of the Winsock record of data written last, and its thread */
    uint32_t last_tid;
    int64_t now;           /* raw clock (QPC at 10 MHz) of the latest record */
    const uint64_t *stack; /* borrowed: BENCH_STACK_FRAMES addresses that the next Winsock records
                              of data hold; NULL: none */
};

/* False, with errno set, when `path` can't be created or memory is out. */
bool bench_file_open(struct bench_file *file, const char *path, uint32_t processors,
                     uint32_t buffer_size, bool compressed);

/* Flushes what is open, finalises the header. False if anything could not be written. */
bool bench_file_close(struct bench_file *file);

/* Writes out the trace buffer of `cpu` and begins the next one. */
void bench_file_turn(struct bench_file *file, uint32_t cpu);

/* Room for a record of `len` bytes, padding added; valid until the next call. */
static inline uint8_t *bench_file_record(struct bench_file *file, uint32_t cpu, size_t len)
{
    struct bench_buffer *buffer = &file->open[cpu];
    size_t padded = (len + 7) & ~(size_t)7;
    if (buffer->used == 0 || file->buffer_size - buffer->used < padded) {
        bench_file_turn(file, cpu);
    }
    uint8_t *at = buffer->bytes + buffer->used;
    buffer->used += padded;
    file->record_bytes += padded;
    file->records++;
    return at;
}

#endif
