/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/bench/bench_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "parsers/etl/etl_format.h"
#include "tests/bench/bench_bytes.h"
#include "tests/bench/bench_compress.h"

#define HEADER_RECORD_LEN (ETL_SYSTEM_HEADER_LEN + ETL_LOGFILE_HEADER_LEN_64 + 24)
#define TICKS_A_SECOND 10000000
#define START_FILETIME INT64_C(133000000000000000)
#define FILL_BYTE 0xFF

static void write_all(struct bench_file *file, const uint8_t *bytes, size_t len)
{
    while (len > 0 && !file->failed) {
        ssize_t done = write(file->fd, bytes, len);
        if (done < 0 && errno != EINTR) {
            file->failed = true;
        } else if (done > 0) {
            bytes += done;
            len -= (size_t)done;
        }
    }
}

static void head_store(uint8_t *head, size_t disk_len, size_t used, uint32_t cpu, unsigned flags,
                       const struct bench_file *file, uint64_t sequence)
{
    memset(head, 0, ETL_BUFFER_HEADER_LEN);
    store_u32(head + ETL_BUFFER_SIZE_AT, (uint32_t)disk_len);
    store_u32(head + ETL_BUFFER_SAVED_OFFSET_AT, (uint32_t)used);
    store_u64(head + 0x10, (uint64_t)file->now);
    store_u64(head + ETL_BUFFER_SEQUENCE_AT, sequence);
    store_u16(head + ETL_BUFFER_PROCESSOR_AT, (uint16_t)cpu);
    store_u32(head + ETL_BUFFER_STATE_AT, 3); /* Flush; of the first one XPRESS: the same number */
    store_u32(head + ETL_BUFFER_USED_AT, (uint32_t)used);
    store_u16(head + ETL_BUFFER_FLAGS_AT, (uint16_t)(flags | ETL_BUFFER_WIDE_PROCESSOR));
}

static void flush(struct bench_file *file, uint32_t cpu, unsigned flags)
{
    struct bench_buffer *buffer = &file->open[cpu];
    if (buffer->used == 0) {
        return;
    }
    file->buffers++;
    if (file->compressed) {
        const size_t head = ETL_BUFFER_HEADER_LEN;
        size_t len =
            head + bench_compress(buffer->bytes + head, buffer->used - head, file->packed + head);
        head_store(file->packed, len, buffer->used, cpu, flags | ETL_BUFFER_COMPRESSED, file,
                   buffer->sequence);
        write_all(file, file->packed, len);
    } else {
        head_store(buffer->bytes, file->buffer_size, buffer->used, cpu, flags, file,
                   buffer->sequence);
        memset(buffer->bytes + buffer->used, FILL_BYTE, file->buffer_size - buffer->used);
        write_all(file, buffer->bytes, file->buffer_size);
    }
    buffer->used = 0;
}

void bench_file_turn(struct bench_file *file, uint32_t cpu)
{
    flush(file, cpu, 0);
    file->open[cpu].used = ETL_BUFFER_HEADER_LEN;
    file->open[cpu].sequence = file->next_sequence++;
    file->record_bytes += ETL_BUFFER_HEADER_LEN;
}

/* TRACE_LOGFILE_HEADER in its record; offsets as docs/format.md lists them for 64 bits. */
static void log_header_store(uint8_t *record, const struct bench_file *file)
{
    static const char session[] = "bench";
    uint8_t *h = record + ETL_SYSTEM_HEADER_LEN;
    memset(record, 0, HEADER_RECORD_LEN);
    store_u32(record, 0xC0020002); /* SYSTEM, 64 bits, version 2 */
    store_u16(record + 4, HEADER_RECORD_LEN);
    store_u64(record + 0x10, (uint64_t)BENCH_BASE_TICKS);
    store_u32(h, file->buffer_size);
    store_u32(h + 0x04, file->compressed ? 0x0002000A : 0x0501000A); /* 10.0, layout */
    store_u32(h + 0x08, 19045);
    store_u32(h + 0x0C, file->processors);
    store_u64(h + 0x10, (uint64_t)(START_FILETIME + (file->now - BENCH_BASE_TICKS) + 1));
    store_u32(h + 0x18, 156250);
    store_u32(h + 0x20, 1u | (file->compressed ? ETL_MODE_COMPRESSED : 0));
    store_u32(h + 0x24, (uint32_t)file->buffers);
    store_u32(h + 0x28, 1);
    store_u32(h + 0x2C, 8);
    store_u32(h + 0x34, 3000);
    store_u64(h + 0xF8, (uint64_t)(START_FILETIME - BENCH_BASE_TICKS));
    store_u64(h + 0x100, TICKS_A_SECOND);
    store_u64(h + 0x108, (uint64_t)START_FILETIME);
    store_u32(h + 0x110, 1); /* QPC */
    for (size_t i = 0; i < sizeof session; i++) {
        h[ETL_LOGFILE_HEADER_LEN_64 + 2 * i] = (uint8_t)session[i];
    }
}

static size_t header_len(const struct bench_file *file)
{
    return file->compressed ? 0x400 : file->buffer_size;
}

static void header_write(struct bench_file *file)
{
    uint8_t *bytes = file->open[0].bytes;
    size_t used = ETL_BUFFER_HEADER_LEN + HEADER_RECORD_LEN;
    head_store(bytes, header_len(file), used, 0, ETL_BUFFER_FLUSH_MARKER, file, 0);
    store_u64(bytes + 0x10, 0);
    store_u16(bytes + ETL_BUFFER_TYPE_AT, ETL_BUFFER_TYPE_HEADER);
    log_header_store(bytes + ETL_BUFFER_HEADER_LEN, file);
    memset(bytes + used, FILL_BYTE, header_len(file) - used);
    write_all(file, bytes, header_len(file));
}

bool bench_file_open(struct bench_file *file, const char *path, uint32_t processors,
                     uint32_t buffer_size, bool compressed)
{
    *file = (struct bench_file){.fd = -1,
                                .compressed = compressed,
                                .processors = processors,
                                .buffer_size = buffer_size,
                                .next_sequence = 1,
                                .buffers = 1,
                                .now = BENCH_BASE_TICKS};
    file->packed = malloc(ETL_BUFFER_HEADER_LEN + BENCH_COMPRESS_MAX((size_t)buffer_size));
    bool ok = file->packed != NULL;
    for (uint32_t cpu = 0; ok && cpu < processors; cpu++) {
        file->open[cpu].bytes = calloc(1, buffer_size);
        ok = file->open[cpu].bytes != NULL;
    }
    if (ok) {
        file->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    }
    if (file->fd < 0) {
        bench_file_close(file);
        return false;
    }
    header_write(file);
    return true;
}

bool bench_file_close(struct bench_file *file)
{
    if (file->fd >= 0) {
        uint32_t last = 0;
        for (uint32_t cpu = 0; cpu < file->processors; cpu++) {
            bool later = file->open[cpu].sequence > file->open[last].sequence;
            last = file->open[cpu].used > 0 && later ? cpu : last;
        }
        for (uint32_t i = 1; i <= file->processors; i++) {
            uint32_t cpu = (last + i) % file->processors;
            flush(file, cpu, cpu == last ? ETL_BUFFER_FLUSH_MARKER : 0);
        }
        file->failed = file->failed || lseek(file->fd, 0, SEEK_SET) != 0;
        header_write(file);
        file->failed = close(file->fd) != 0 || file->failed;
    }
    for (uint32_t cpu = 0; cpu < file->processors; cpu++) {
        free(file->open[cpu].bytes);
    }
    free(file->packed);
    return file->fd >= 0 && !file->failed;
}
