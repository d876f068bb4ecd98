#include "parsers/etl/etl_header.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/byte_reader.h"
#include "parsers/etl/etl_record.h"
#include "base/load.h"
#include "base/utf.h"

#define TIME_ZONE_LEN 0xAC /* TIME_ZONE_INFORMATION [OBS] */
#define FILETIME_1970 INT64_C(116444736000000000)
#define FILETIME_9999 INT64_C(2650467744000000000)
#define OS_MAJOR_AT (ETL_BUFFER_HEADER_LEN + ETL_SYSTEM_HEADER_LEN + 4)
#define PROBE_LEN (OS_MAJOR_AT + 4)

void etl_buffer_header_parse(const uint8_t bytes[ETL_BUFFER_HEADER_LEN],
                             struct etl_buffer_header *header)
{
    header->size = load_u32(bytes + ETL_BUFFER_SIZE_AT);
    header->saved_offset = load_u32(bytes + ETL_BUFFER_SAVED_OFFSET_AT);
    header->sequence = (int64_t)load_u64(bytes + ETL_BUFFER_SEQUENCE_AT);
    header->state = load_u32(bytes + ETL_BUFFER_STATE_AT);
    header->used = load_u32(bytes + ETL_BUFFER_USED_AT);
    header->flags = load_u16(bytes + ETL_BUFFER_FLAGS_AT);
    header->type = load_u16(bytes + ETL_BUFFER_TYPE_AT);
    /* Without the flag the byte behind the number is an alignment, 8 on Vista and 7 [OBS]. */
    header->processor = (header->flags & ETL_BUFFER_WIDE_PROCESSOR) != 0
                            ? load_u16(bytes + ETL_BUFFER_PROCESSOR_AT)
                            : bytes[ETL_BUFFER_PROCESSOR_AT];
}

struct confusable {
    const char *magic;
    size_t magic_len;
    const char *what;
};

/* Files that people take for a trace file, and what to do instead. */
static const struct confusable confusables[] = {
    {"\x1f\x8b", 2, "it is gzip-compressed (.etlgz): unpack it first"},
    {"PK", 2, "it is a ZIP archive (.etl.zip): unpack it first"},
    {"MSCF", 4, "it is a cabinet (.cab, as netsh writes): unpack it first"},
    {"\x89PNG", 4, "it is a PNG image"},
    {"\x0a\x0d\x0d\x0a", 4, "it is a packet capture (pcapng)"},
};

static enum etl_status header_check_magic(const uint8_t *bytes, size_t len,
                                          struct error_chain *errors)
{
    for (size_t i = 0; i < sizeof confusables / sizeof confusables[0]; i++) {
        const struct confusable *row = &confusables[i];
        if (len >= row->magic_len && memcmp(bytes, row->magic, row->magic_len) == 0) {
            error_chain_add(errors, 0, "not a trace file: %s", row->what);
            return ETL_NOT_ETL;
        }
    }
    return ETL_OK;
}

/* True if the file begins as a trace file does. */
static enum etl_status header_check_start(const uint8_t *bytes, size_t len, uint64_t size,
                                          struct error_chain *errors)
{
    if (size == 0) {
        error_chain_add(errors, ERROR_NO_OFFSET, "not a trace file: it is empty");
        return ETL_NOT_ETL;
    }
    if (header_check_magic(bytes, len, errors) != ETL_OK) {
        return ETL_NOT_ETL;
    }
    if (len < PROBE_LEN) {
        error_chain_add(errors, 0, "not a trace file: %" PRIu64 " bytes, the header alone takes %d",
                        size, PROBE_LEN);
        return ETL_NOT_ETL;
    }
    uint32_t buffer_size = load_u32(bytes + ETL_BUFFER_SIZE_AT);
    uint32_t marker = load_u32(bytes + ETL_BUFFER_HEADER_LEN);
    unsigned type = marker >> 16 & 0xFF;
    if (marker >> 24 != 0xC0 || (type != 1 && type != 2)) {
        error_chain_add(errors, ETL_BUFFER_HEADER_LEN,
                        "not a trace file: the first record's marker is 0x%08" PRIx32
                        ", expected 0xc001.... or 0xc002....",
                        marker);
        return ETL_NOT_ETL;
    }
    unsigned hook_id = load_u16(bytes + ETL_BUFFER_HEADER_LEN + ETL_RECORD_HOOK_AT);
    if (hook_id != ETL_HOOK_LOGFILE_HEADER) {
        error_chain_add(errors, ETL_BUFFER_HEADER_LEN + ETL_RECORD_HOOK_AT,
                        "not a trace file: the first record's hook id is 0x%04x, expected 0x0000",
                        hook_id);
        return ETL_NOT_ETL;
    }
    if (bytes[OS_MAJOR_AT] < 6) {
        error_chain_add(errors, OS_MAJOR_AT,
                        "written by Windows %d.%d, whose layout differs; only those of Vista (6.0) "
                        "and later are read",
                        bytes[OS_MAJOR_AT], bytes[OS_MAJOR_AT + 1]);
        return ETL_UNSUPPORTED;
    }
    if (buffer_size < ETL_FIRST_BUFFER_SIZE_MIN || buffer_size > ETL_BUFFER_SIZE_MAX) {
        error_chain_add(errors, ETL_BUFFER_SIZE_AT,
                        "not a trace file: the first trace buffer's size is %" PRIu32
                        ", expected %u to %u",
                        buffer_size, ETL_FIRST_BUFFER_SIZE_MIN, ETL_BUFFER_SIZE_MAX);
        return ETL_NOT_ETL;
    }
    return ETL_OK;
}

static bool looks_like_filetime(int64_t ticks)
{
    return ticks >= FILETIME_1970 && ticks < FILETIME_9999;
}

static enum etl_status clock_resolve(struct etl_clock *clock, uint32_t clock_type,
                                     uint64_t perf_frequency, uint32_t cpu_mhz,
                                     struct error_chain *errors)
{
    if (clock_type != ETL_CLOCK_QPC && clock_type != ETL_CLOCK_SYSTEM_TIME &&
        clock_type != ETL_CLOCK_CPU_CYCLES) {
        bool counter = perf_frequency != 0 && !looks_like_filetime(clock->base_ticks);
        clock_type = counter ? ETL_CLOCK_QPC : ETL_CLOCK_SYSTEM_TIME;
    }
    clock->kind = (enum etl_clock_kind)clock_type;
    switch (clock->kind) {
    case ETL_CLOCK_QPC:
        clock->frequency = perf_frequency;
        break;
    case ETL_CLOCK_CPU_CYCLES:
        clock->frequency = (uint64_t)cpu_mhz * 1000000;
        break;
    case ETL_CLOCK_SYSTEM_TIME:
        clock->frequency = ETL_FILETIME_PER_SECOND;
        clock->base_filetime = clock->base_ticks;
        break;
    }
    if (clock->frequency == 0) {
        error_chain_add(errors, ETL_BUFFER_HEADER_LEN,
                        "clock kind %d with a frequency of 0: times can't be told",
                        (int)clock->kind);
        return ETL_UNSUPPORTED;
    }
    return ETL_OK;
}

static void header_read_names(struct byte_reader *reader, struct etl_trace_info *info)
{
    size_t used =
        utf_from_utf16le(reader->next, reader->left, info->session_name, sizeof info->session_name);
    byte_reader_skip(reader, used);
    utf_from_utf16le(reader->next, reader->left, info->file_name, sizeof info->file_name);
}

/* Parses TRACE_LOGFILE_HEADER and the two names behind it. */
static enum etl_status header_parse_logfile(const uint8_t *record, uint32_t size,
                                            struct etl_trace_info *info, struct error_chain *errors)
{
    bool wide = record[2] == 2;
    struct byte_reader reader;
    byte_reader_init(&reader, record + ETL_SYSTEM_HEADER_LEN, size - ETL_SYSTEM_HEADER_LEN);
    info->buffer_size = byte_reader_u32(&reader);
    info->os_major = byte_reader_u8(&reader);
    info->os_minor = byte_reader_u8(&reader);
    info->layout_major = byte_reader_u8(&reader);
    info->layout_minor = byte_reader_u8(&reader);
    info->os_build = byte_reader_u32(&reader);
    info->processors = byte_reader_u32(&reader);
    info->end_filetime = byte_reader_i64(&reader);
    byte_reader_skip(&reader, 4 + 4); /* TimerResolution, MaximumFileSize */
    info->mode = byte_reader_u32(&reader);
    info->buffers_written = byte_reader_u32(&reader);
    byte_reader_skip(&reader, 4); /* StartBuffers */
    info->pointer_size = byte_reader_u32(&reader);
    info->events_lost = byte_reader_u32(&reader);
    uint32_t cpu_mhz = byte_reader_u32(&reader);
    byte_reader_skip(&reader, wide ? 16 : 8); /* stale pointers where the names were [OBS] */
    byte_reader_skip(&reader, TIME_ZONE_LEN + 4);
    info->boot_filetime = byte_reader_i64(&reader);
    uint64_t perf_frequency = byte_reader_u64(&reader);
    info->start_filetime = byte_reader_i64(&reader);
    uint32_t clock_type = byte_reader_u32(&reader);
    info->buffers_lost = byte_reader_u32(&reader);
    header_read_names(&reader, info);

    info->finalised = info->end_filetime != 0 && info->buffers_written != 0;
    info->clock.base_ticks = (int64_t)load_u64(record + 0x10);
    info->clock.base_filetime = info->start_filetime;
    if (info->pointer_size != 4 && info->pointer_size != 8) {
        info->pointer_size = wide ? 8 : 4;
    }
    return clock_resolve(&info->clock, clock_type, perf_frequency, cpu_mhz, errors);
}

static enum etl_status header_read_logfile(struct byte_source *source, uint32_t size, bool wide,
                                           struct etl_trace_info *info, struct error_chain *errors)
{
    uint32_t least = ETL_SYSTEM_HEADER_LEN +
                     (uint32_t)(wide ? ETL_LOGFILE_HEADER_LEN_64 : ETL_LOGFILE_HEADER_LEN_32);
    if (size < least) {
        error_chain_add(errors, ETL_BUFFER_HEADER_LEN,
                        "not a trace file: the log-file header record has %" PRIu32
                        " bytes, expected at least %" PRIu32,
                        size, least);
        return ETL_NOT_ETL;
    }
    if (size > source->size - ETL_BUFFER_HEADER_LEN) {
        error_chain_add(errors, ETL_BUFFER_HEADER_LEN,
                        "cut inside the log-file header record: it has %" PRIu32
                        " bytes, the file %" PRIu64 " from there",
                        size, source->size - ETL_BUFFER_HEADER_LEN);
        return ETL_NOT_ETL;
    }
    uint8_t *record = malloc(size);
    if (record == NULL) {
        error_chain_add(errors, ERROR_NO_OFFSET, "out of memory");
        return ETL_NO_MEMORY;
    }
    enum etl_status status = ETL_READ_ERROR;
    if (byte_source_read(source, ETL_BUFFER_HEADER_LEN, record, size, errors) == BYTE_SOURCE_OK) {
        status = header_parse_logfile(record, size, info, errors);
    }
    free(record);
    return status;
}

enum etl_status etl_header_read(struct byte_source *source, struct etl_trace_info *info,
                                struct etl_buffer_header *first, struct error_chain *errors)
{
    uint8_t probe[PROBE_LEN] = {0};
    size_t probe_len = source->size < PROBE_LEN ? (size_t)source->size : PROBE_LEN;
    memset(info, 0, sizeof *info);
    info->size = source->size;
    if (byte_source_read(source, 0, probe, probe_len, errors) != BYTE_SOURCE_OK) {
        return ETL_READ_ERROR;
    }
    enum etl_status status = header_check_start(probe, probe_len, source->size, errors);
    if (status != ETL_OK) {
        return status;
    }
    etl_buffer_header_parse(probe, first);
    bool wide = probe[ETL_BUFFER_HEADER_LEN + 2] == 2;
    status = header_read_logfile(source, load_u16(probe + ETL_BUFFER_HEADER_LEN + 4), wide, info,
                                 errors);
    if (status != ETL_OK) {
        return status;
    }
    unsigned codec = first->state & 0xFFFF;
    if ((info->mode & ETL_MODE_COMPRESSED) != 0 && codec != ETL_CODEC_NONE &&
        codec != ETL_CODEC_XPRESS) {
        error_chain_add(errors, ETL_BUFFER_STATE_AT,
                        "compressed with format %u (2 LZNT1, 4 XPRESS Huffman), only %d (plain "
                        "XPRESS) is read",
                        codec, ETL_CODEC_XPRESS);
        return ETL_UNSUPPORTED;
    }
    return ETL_OK;
}
