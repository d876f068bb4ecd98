/* SPDX-License-Identifier: Apache-2.0 */

#include "parsers/etl/etl_header.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/byte_reader.h"
#include "base/least.h"
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

/* A file that people take for a trace file. */
struct confusable {
    const char *magic; /* the bytes that it begins with; letters of either case if `any_case` */
    size_t magic_len;
    bool any_case;
    const char *what; /* the kind of file, and the thing to do instead */
};

#define MAGIC(text) text, sizeof text - 1
#define UNPACK ": unpack it, and give the .etl file in it"
#define CAPTURE                                                                                    \
    ": bufcheck needs a trace of Winsock events (bufcheck capture-help says how to record one)"
#define DUMP "it is a memory dump (.dmp)" CAPTURE
#define PACKETS "it is a packet capture (.pcap)" CAPTURE
#define TRACERPT " that tracerpt made: give the .etl file that it was made from"
#define WEB_PAGE "it is a web page (HTML): the download gave a page instead of the file"

static const struct confusable confusables[] = {
    {MAGIC("\x1f\x8b"), false, "it is gzip-compressed (.etlgz)" UNPACK},
    {MAGIC("PK"), false, "it is a ZIP archive (.etl.zip)" UNPACK},
    {MAGIC("MSCF"), false, "it is a cabinet (.cab, as netsh writes)" UNPACK},
    {MAGIC("7z\xbc\xaf\x27\x1c"), false, "it is a 7-Zip archive (.7z)" UNPACK},
    {MAGIC("\xfd"
           "7zXZ"),
     false, "it is xz-compressed (.xz)" UNPACK},
    {MAGIC("\x28\xb5\x2f\xfd"), false, "it is Zstandard-compressed (.zst)" UNPACK},
    {MAGIC("\x89PNG"), false, "it is a PNG image" CAPTURE},
    {MAGIC("ElfFile"), false, "it is an event log (.evtx)" CAPTURE},
    {MAGIC("\xd4\xc3\xb2\xa1"), false, PACKETS},
    {MAGIC("\xa1\xb2\xc3\xd4"), false, PACKETS},
    {MAGIC("\x4d\x3c\xb2\xa1"), false, PACKETS},
    {MAGIC("\xa1\xb2\x3c\x4d"), false, PACKETS},
    {MAGIC("\x0a\x0d\x0d\x0a"), false, "it is a packet capture (.pcapng)" CAPTURE},
    {MAGIC("MDMP"), false, DUMP},
    {MAGIC("PAGEDU"), false, DUMP},
    {MAGIC("version https://git-lfs"), false,
     "it is a Git LFS pointer: get the file that it stands for with 'git lfs pull'"},
    {MAGIC("<!doctype html"), true, WEB_PAGE},
    {MAGIC("<html"), true, WEB_PAGE},
    {MAGIC("<events"), true, "it is XML" TRACERPT},
    {MAGIC("<?xml"), true, "it is XML, perhaps" TRACERPT},
    {MAGIC("event name,"), true, "it is a table (CSV)" TRACERPT},
};

static char lower_case(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool confusable_fits(const struct confusable *row, const uint8_t *bytes, size_t len)
{
    if (len < row->magic_len) {
        return false;
    }
    for (size_t i = 0; i < row->magic_len; i++) {
        char c = (char)bytes[i];
        if ((row->any_case ? lower_case(c) : c) != row->magic[i]) {
            return false;
        }
    }
    return true;
}

/* Puts the ASCII characters of a text into `text`, without a byte order mark and white space in
 * front and, if the text is UTF-16, without its zero bytes. Returns their number. */
static size_t text_begin(const uint8_t *bytes, size_t len, uint8_t *text)
{
    size_t count = 0;
    bool utf16 = len >= 2 && bytes[0] == 0xFF && bytes[1] == 0xFE;
    bool utf8 = len >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF;
    for (size_t i = utf16 ? 2 : utf8 ? 3 : 0; i < len; i += utf16 ? 2 : 1) {
        bool space = bytes[i] == ' ' || (bytes[i] >= '\t' && bytes[i] <= '\r');
        if (count > 0 || !space) {
            text[count++] = bytes[i];
        }
    }
    return count;
}

static bool is_zero(const uint8_t *bytes, size_t len)
{
    size_t i = 0;
    while (i < len && bytes[i] == 0) {
        i++;
    }
    return i == len;
}

/* True if no byte is a control character but white space. `text` is what text_begin() gave. */
static bool is_text(const uint8_t *text, size_t len)
{
    size_t i = 0;
    while (i < len && ((text[i] >= ' ' && text[i] != 0x7F) || text[i] == '\t' || text[i] == '\n' ||
                       text[i] == '\r')) {
        i++;
    }
    return len > 0 && i == len;
}

/* Names a file that is no trace file as what it is, if that can be told. */
static bool header_name_confusable(const uint8_t *bytes, size_t len, struct error_chain *errors)
{
    uint8_t text[ETL_START_LEN];
    size_t text_len = text_begin(bytes, len, text);
    for (size_t i = 0; i < sizeof confusables / sizeof confusables[0]; i++) {
        const struct confusable *row = &confusables[i];
        if (confusable_fits(row, bytes, len) || confusable_fits(row, text, text_len)) {
            error_chain_add(errors, 0, "not a trace file: %s", row->what);
            return true;
        }
    }
    if (is_text(text, text_len)) {
        error_chain_add(errors, 0, "not a trace file: it is a text file%s", CAPTURE);
        return true;
    }
    if (is_zero(bytes, len)) {
        error_chain_add(errors, 0,
                        "not a trace file: its first %zu bytes are zeros: it was never written, or "
                        "not copied as a whole",
                        len);
        return true;
    }
    return false;
}

enum etl_status etl_header_check(const uint8_t *bytes, size_t len, struct error_chain *errors)
{
    if (len == 0) {
        error_chain_add(errors, ERROR_NO_OFFSET,
                        "not a trace file: it is empty. Was the recording stopped, and the file "
                        "copied, to the end?");
        return ETL_NOT_ETL;
    }
    bool marked = len >= PROBE_LEN && bytes[ETL_BUFFER_HEADER_LEN + 3] == 0xC0 &&
                  (bytes[ETL_BUFFER_HEADER_LEN + 2] == 1 || bytes[ETL_BUFFER_HEADER_LEN + 2] == 2);
    if (!marked && header_name_confusable(bytes, len, errors)) {
        return ETL_NOT_ETL;
    }
    if (len < PROBE_LEN) {
        error_chain_add(errors, 0, "not a trace file: %zu bytes, the header alone takes %d", len,
                        PROBE_LEN);
        return ETL_NOT_ETL;
    }
    uint32_t buffer_size = load_u32(bytes + ETL_BUFFER_SIZE_AT);
    uint32_t marker = load_u32(bytes + ETL_BUFFER_HEADER_LEN);
    if (!marked) {
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
    uint8_t probe[ETL_START_LEN] = {0};
    size_t probe_len = (size_t)least_u64(source->size, sizeof probe);
    memset(info, 0, sizeof *info);
    info->size = source->size;
    if (byte_source_read(source, 0, probe, probe_len, errors) != BYTE_SOURCE_OK) {
        return ETL_READ_ERROR;
    }
    enum etl_status status = etl_header_check(probe, probe_len, errors);
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
