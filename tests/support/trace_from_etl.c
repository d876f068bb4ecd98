/* SPDX-License-Identifier: Apache-2.0 */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/load.h"
#include "parsers/etl/etl_format.h"
#include "parsers/etl/etl_header.h"
#include "parsers/etl/etl_record.h"
#include "tests/support/trace_internal.h"

/*
 * Makes a trace of the language from the bytes of an .etl file. Each record becomes one by field;
 * trace_print.c finds the short forms. The records of all processors are put in order of time, so
 * that a reader can follow them; each processor's keep their own order, which is what counts.
 */

#define FLAGS_OF_LOSS (ETL_BUFFER_EVENTS_LOST | ETL_BUFFER_BUFFER_LOST)
#define BUILD_WINDOWS_8 9200u

/* ---- trace buffers and their records ---- */

struct file_record {
    uint64_t offset; /* in the file */
    uint32_t size;
    int64_t ticks;
};

/* A trace buffer of the file. */
struct file_buffer {
    struct etl_buffer_header header;
    uint64_t offset;
    uint32_t session;
    struct file_record *records; /* owned */
    size_t count;
};

struct file_view {
    const uint8_t *bytes; /* borrowed */
    size_t len;
    struct file_buffer *buffers; /* owned */
    size_t count;
    struct trace_errors *errors;
};

static void *grown(void *items, size_t count, size_t item_len)
{
    if ((count & (count - 1)) != 0) {
        return items;
    }
    void *room = realloc(items, (count == 0 ? 1 : 2 * count) * item_len);
    if (room == NULL) {
        abort();
    }
    return room;
}

static void view_finish(struct file_view *view)
{
    for (size_t i = 0; i < view->count; i++) {
        free(view->buffers[i].records);
    }
    free(view->buffers);
}

static bool read_records(struct file_view *view, struct file_buffer *buffer)
{
    uint64_t end = buffer->offset + buffer->header.used;
    int64_t ticks = 0;

    for (uint64_t at = buffer->offset + ETL_BUFFER_HEADER_LEN; at < end;) {
        struct etl_frame frame;
        enum etl_frame_status status =
            etl_record_frame(view->bytes + at, (size_t)(end - at), &frame);

        if (status == ETL_FRAME_END) {
            break;
        }
        if (status != ETL_FRAME_OK) {
            return errors_set(view->errors, 0,
                              "damaged: no record at offset %" PRIu64 "; cut the trace first", at);
        }
        (void)etl_record_ticks(view->bytes + at, &frame, &ticks);
        buffer->records = grown(buffer->records, buffer->count, sizeof *buffer->records);
        buffer->records[buffer->count++] =
            (struct file_record){.offset = at, .size = frame.size, .ticks = ticks};
        at += etl_record_stride(frame.size);
    }
    return true;
}

static bool read_buffer(struct file_view *view, uint64_t offset)
{
    struct file_buffer buffer = {.offset = offset};

    if (view->len - offset < ETL_BUFFER_HEADER_LEN) {
        return errors_set(view->errors, 0, "ends inside a trace buffer; cut the trace first");
    }
    etl_buffer_header_parse(view->bytes + offset, &buffer.header);
    const struct etl_buffer_header *header = &buffer.header;
    if ((header->flags & ETL_BUFFER_COMPRESSED) != 0) {
        return errors_set(view->errors, 0, "compressed; cut the trace first");
    }
    if (header->size < ETL_BUFFER_HEADER_LEN || header->size > view->len - offset ||
        header->used < ETL_BUFFER_HEADER_LEN || header->used > header->size) {
        return errors_set(view->errors, 0,
                          "damaged: trace buffer at offset %" PRIu64 ", %" PRIu32 " bytes, %" PRIu32
                          " of them used; cut the trace first",
                          offset, header->size, header->used);
    }
    bool good = read_records(view, &buffer);
    view->buffers = grown(view->buffers, view->count, sizeof *view->buffers);
    view->buffers[view->count++] = buffer;
    return good;
}

/* Numbers begin again in each appended session. */
static void number_sessions(struct file_view *view)
{
    uint32_t session = 0;

    for (size_t i = 1; i < view->count; i++) {
        const struct etl_buffer_header *before = &view->buffers[i - 1].header;
        if (i > 1 && (before->flags & ETL_BUFFER_FLUSH_MARKER) != 0 &&
            view->buffers[i].header.sequence <= before->sequence) {
            session++;
        }
        view->buffers[i].session = session;
    }
}

static bool view_read(struct file_view *view)
{
    uint64_t offset = 0;

    while (offset < view->len) {
        if (!read_buffer(view, offset)) {
            return false;
        }
        offset += view->buffers[view->count - 1].header.size;
    }
    number_sessions(view);
    return true;
}

/* ---- the log-file header ---- */

/* Members that struct etl_trace_info has none of [GC, OBS] */
enum { TIMER_AT = 0x18, MHZ_AT = 0x34, TAIL_LEN = 0x20, FREQUENCY_AT = 0x08, CLOCK_AT = 0x18 };

static void copy_name(char to[TRACE_NAME_MAX], const char *name)
{
    size_t len = strlen(name);

    len = len < TRACE_NAME_MAX ? len : TRACE_NAME_MAX - 1;
    memcpy(to, name, len);
    to[len] = '\0';
}

/* How the file ended. A count of trace buffers that is wrong tells of a missing end. */
static void header_end(const struct file_view *view, const struct etl_trace_info *info,
                       struct trace *trace)
{
    struct trace_header *header = &trace->header;
    uint16_t flags = view->buffers[view->count - 1].header.flags;

    header->finalised = info->end_filetime != 0 || info->buffers_written != 0;
    header->end_filetime = header->finalised ? info->end_filetime : TRACE_AUTO;
    header->flush_marker = view->count > 1 ? (flags & ETL_BUFFER_FLUSH_MARKER) != 0 : true;
    if (header->finalised && info->buffers_written != view->count) {
        (void)trace_patch(trace, 0, "log.BuffersWritten", info->buffers_written);
    }
}

static void header_numbers(const struct file_view *view, const struct etl_trace_info *info,
                           struct trace_header *header)
{
    const uint8_t *payload = view->bytes + ETL_BUFFER_HEADER_LEN + ETL_SYSTEM_HEADER_LEN;
    bool wide = view->bytes[ETL_BUFFER_HEADER_LEN + 2] == 2;
    const uint8_t *tail =
        payload + (wide ? ETL_LOGFILE_HEADER_LEN_64 : ETL_LOGFILE_HEADER_LEN_32) - TAIL_LEN;

    header->pointer_size = wide ? 8 : 4;
    header->clock = load_u32(tail + CLOCK_AT);
    header->frequency = load_u64(tail + FREQUENCY_AT);
    header->cpu_mhz = load_u32(payload + MHZ_AT);
    header->timer_resolution = load_u32(payload + TIMER_AT);
    header->processors = info->processors;
    header->buffer_size = info->buffer_size;
    header->build = info->os_build;
    header->os_major = (uint8_t)info->os_major;
    header->os_minor = (uint8_t)info->os_minor;
    header->mode = info->mode;
    header->base_ticks = info->clock.base_ticks;
    header->start_filetime = info->start_filetime;
    header->boot_filetime = info->boot_filetime;
    header->events_lost = info->events_lost;
    header->buffers_lost = info->buffers_lost;
}

/* The least number of the first session: trace buffers stand in the order in which they were full.
 */
static uint32_t first_number(const struct file_view *view)
{
    int64_t least = view->buffers[1].header.sequence;

    for (size_t i = 1; i < view->count; i++) {
        const struct file_buffer *buffer = &view->buffers[i];
        if (buffer->session == 0 && buffer->header.sequence < least) {
            least = buffer->header.sequence;
        }
    }
    return (uint32_t)least;
}

static bool header_read(const struct file_view *view, struct trace *trace)
{
    struct trace_header *header = &trace->header;
    struct byte_source *source;
    struct etl_trace_info info;
    struct etl_buffer_header first;
    struct error_chain errors;

    error_chain_init(&errors);
    if (byte_source_open_memory(view->bytes, view->len, &source, &errors) != BYTE_SOURCE_OK) {
        abort();
    }
    enum etl_status status = etl_header_read(source, &info, &first, &errors);
    byte_source_destroy(source);
    if (status != ETL_OK) {
        char text[TRACE_ERROR_MAX];
        error_chain_format(&errors, text, sizeof text);
        return errors_set(view->errors, 0, "%s", text);
    }
    header_numbers(view, &info, header);
    header_end(view, &info, trace);
    if (info.layout_major != 1 || info.layout_minor != 5) {
        header->layout_major = (uint8_t)info.layout_major;
        header->layout_minor = (uint8_t)info.layout_minor;
    }
    copy_name(header->session_name, info.session_name);
    copy_name(header->file_name, info.file_name);
    if (view->count > 1) {
        header->sequence = first_number(view);
        header->processor_index =
            header->build < BUILD_WINDOWS_8 &&
                    (view->buffers[1].header.flags & ETL_BUFFER_WIDE_PROCESSOR) != 0
                ? 1
                : TRACE_AUTO;
    }
    return true;
}

/* ---- records ---- */

static void add_event(const uint8_t *record, struct trace_event *event,
                      const struct etl_event *decoded)
{
    event->provider = decoded->provider;
    event->activity = decoded->activity;
    event->keyword = decoded->keyword;
    event->id = decoded->id;
    event->version = decoded->version;
    event->channel = record[0x2B];
    event->level = decoded->level;
    event->opcode = decoded->opcode;
    event->task = load_u16(record + 0x2E);
    event->flags = load_u16(record + ETL_EVENT_FLAGS_AT) & 0xFFFEu;
}

static void add_classic(const uint8_t *record, struct trace_event *event,
                        const struct etl_event *decoded)
{
    event->provider = decoded->provider;
    event->record_version = load_u16(record + 0x06);
    event->level = record[0x05];
    event->opcode = record[0x04];
    if (event->kind == ETL_HEADER_INSTANCE32 || event->kind == ETL_HEADER_INSTANCE64) {
        event->id = load_u16(record + 0x30);
    }
}

/* Adds a record by field. Counters between header and payload are part of the payload here. */
static void add_record(struct trace *trace, const struct file_view *view,
                       const struct file_buffer *buffer, const struct file_record *at)
{
    const uint8_t *record = view->bytes + at->offset;
    const struct etl_record_type *type = etl_record_type_of(load_u32(record));
    const struct etl_frame frame = {.type = type, .size = at->size};
    struct etl_event decoded;
    struct trace_event event = {.ticks = at->ticks, .cpu = buffer->header.processor};
    const uint8_t *payload = record + type->header_len;
    size_t payload_len = at->size - type->header_len;

    etl_record_decode(record, &frame, at->ticks, (uint8_t)trace->header.pointer_size, &decoded);
    event.kind = type->kind;
    event.pid = decoded.pid;
    event.tid = decoded.tid;
    event.in_header = buffer->offset == 0;
    switch (type->selector) {
    case ETL_SELECT_PROVIDER:
        add_event(record, &event, &decoded);
        payload = decoded.payload;
        payload_len = decoded.payload_len;
        break;
    case ETL_SELECT_CLASS:
        add_classic(record, &event, &decoded);
        break;
    case ETL_SELECT_HOOK:
        event.hook_id = decoded.id;
        event.record_version = load_u16(record);
        if (event.kind == ETL_HEADER_PERFINFO32 || event.kind == ETL_HEADER_PERFINFO64) {
            event.pid = event.tid = 0;
        }
        break;
    default:
        return; /* the comparison names it */
    }
    struct trace_event *added = trace_add_event(trace, &event, payload, payload_len);
    if (decoded.extended_damaged || decoded.has_extended) {
        size_t len = decoded.has_extended ? decoded.extended_len : at->size - type->header_len;
        added->extended_offset = trace_store_bytes(trace, record + type->header_len, len);
        added->extended_len = (uint32_t)len;
    }
}

/* ---- the order of lines ---- */

/* A line of the text to be. */
struct step {
    enum trace_item_kind kind;
    const struct file_buffer *buffer;
    const struct file_record *record; /* of an EVENT */
    int64_t key;                      /* the latest time of the processor so far */
    size_t index;                     /* order among equal keys */
    bool force;                       /* of a FLUSH: the trace buffer is empty */
};

struct steps {
    struct step *items; /* owned */
    size_t count;
};

static void add_step(struct steps *steps, enum trace_item_kind kind,
                     const struct file_buffer *buffer, const struct file_record *record,
                     int64_t key)
{
    steps->items = grown(steps->items, steps->count, sizeof *steps->items);
    steps->items[steps->count] = (struct step){
        .kind = kind, .buffer = buffer, .record = record, .key = key, .index = steps->count};
    steps->count++;
}

/* A trace buffer that says that something was lost begins and ends where it did: the loss lasts
 * from the last event before it to the first one behind it. */
static int64_t add_buffer(struct steps *steps, const struct file_buffer *buffer, int64_t key,
                          bool *filled)
{
    bool lossy = (buffer->header.flags & FLAGS_OF_LOSS) != 0;

    if (lossy && *filled) {
        add_step(steps, TRACE_ITEM_FLUSH, buffer, NULL, key);
    }
    if (lossy) {
        add_step(steps, TRACE_ITEM_MARK, buffer, NULL, key);
    }
    for (size_t i = 0; i < buffer->count; i++) {
        key = buffer->records[i].ticks > key ? buffer->records[i].ticks : key;
        add_step(steps, TRACE_ITEM_EVENT, buffer, &buffer->records[i], key);
    }
    if (lossy) {
        add_step(steps, TRACE_ITEM_FLUSH, buffer, NULL, key);
        steps->items[steps->count - 1].force = buffer->count == 0;
    }
    *filled = !lossy && (*filled || buffer->count > 0);
    return key;
}

static void add_processor(struct steps *steps, const struct file_view *view, size_t from,
                          uint32_t session)
{
    uint16_t processor = view->buffers[from].header.processor;
    int64_t key = INT64_MIN;
    bool filled = false;

    for (size_t i = from; i < view->count; i++) {
        const struct file_buffer *buffer = &view->buffers[i];
        if (buffer->session == session && buffer->header.processor == processor) {
            key = add_buffer(steps, buffer, key, &filled);
        }
    }
}

/* True if no trace buffer of that session and processor comes before this one. */
static bool is_first(const struct file_view *view, size_t at, uint32_t session)
{
    for (size_t i = 1; i < at; i++) {
        if (view->buffers[i].session == session &&
            view->buffers[i].header.processor == view->buffers[at].header.processor) {
            return false;
        }
    }
    return view->buffers[at].session == session;
}

static int compare_steps(const void *a, const void *b)
{
    const struct step *left = a, *right = b;

    if (left->key != right->key) {
        return left->key < right->key ? -1 : 1;
    }
    return (left->index > right->index) - (left->index < right->index);
}

static void put_step(struct trace *trace, const struct file_view *view, const struct step *step)
{
    const struct file_buffer *buffer = step->buffer;
    uint16_t processor = buffer->header.processor;
    const struct trace_mark mark = {.flags = buffer->header.flags & FLAGS_OF_LOSS,
                                    .type = TRACE_AUTO,
                                    .compression = TRACE_AUTO};

    if (step->kind == TRACE_ITEM_EVENT) {
        add_record(trace, view, buffer, step->record);
    } else if (step->kind == TRACE_ITEM_MARK) {
        trace_mark(trace, processor, &mark);
    } else {
        struct trace_item *item = trace_add_item(trace, TRACE_ITEM_FLUSH);
        item->cpu = processor;
        item->force = step->force;
    }
}

static void put_session(struct trace *trace, const struct file_view *view, uint32_t session)
{
    struct steps steps = {0};

    for (size_t i = 1; i < view->count; i++) {
        if (is_first(view, i, session)) {
            add_processor(&steps, view, i, session);
        }
    }
    if (steps.count > 0) {
        qsort(steps.items, steps.count, sizeof *steps.items, compare_steps);
    }
    for (size_t i = 0; i < steps.count; i++) {
        put_step(trace, view, &steps.items[i]);
    }
    free(steps.items);
}

/* The first trace buffer holds the log-file header, and perhaps other records. */
static void put_first_buffer(struct trace *trace, const struct file_view *view)
{
    for (size_t i = 1; i < view->buffers[0].count; i++) {
        add_record(trace, view, &view->buffers[0], &view->buffers[0].records[i]);
    }
}

bool trace_from_etl(const uint8_t *bytes, size_t len, struct trace *trace,
                    struct trace_errors *errors)
{
    struct file_view view = {.bytes = bytes, .len = len, .errors = errors};
    bool good = view_read(&view);

    if (good && view.count == 0) {
        good = errors_set(errors, 0, "empty");
    }
    if (good && header_read(&view, trace)) {
        put_first_buffer(trace, &view);
        for (uint32_t session = 0; session <= view.buffers[view.count - 1].session; session++) {
            if (session > 0) {
                trace_session(trace);
            }
            put_session(trace, &view, session);
        }
    } else {
        good = false;
    }
    view_finish(&view);
    return good;
}

/* ---- records that the language can't say ---- */

/* Records by processor, in their order; the first trace buffer's come first. */
static size_t next_record(const struct file_view *view, uint16_t processor, size_t *buffer,
                          size_t *record)
{
    for (; *buffer < view->count; (*buffer)++, *record = 0) {
        const struct file_buffer *at = &view->buffers[*buffer];
        if (*buffer > 0 && at->header.processor == processor && *record < at->count) {
            return (*record)++;
        }
    }
    return SIZE_MAX;
}

static void name_difference(const uint8_t *a, uint32_t a_size, const uint8_t *b, uint32_t b_size,
                            uint64_t offset, struct trace_bytes *out)
{
    uint32_t first = 0, last = 0, least = a_size < b_size ? a_size : b_size;

    for (uint32_t i = 0; i < least; i++) {
        if (a[i] != b[i]) {
            first = first == 0 ? i + 1 : first;
            last = i + 1;
        }
    }
    if (a_size != b_size) {
        bytes_print(out, "# not told: the record at offset %" PRIu64 " has %u bytes, here %u\n",
                    offset, a_size, b_size);
    } else if (last != 0) {
        bytes_print(out, "# not told: bytes %u to %u of the record at offset %" PRIu64 "\n",
                    first - 1, last - 1, offset);
    }
}

static void compare_processor(const struct file_view *view, const struct file_view *again,
                              uint16_t processor, struct trace_bytes *out)
{
    size_t buffer = 1, record = 0, buffer_again = 1, record_again = 0;

    for (;;) {
        size_t at = next_record(view, processor, &buffer, &record);
        if (at == SIZE_MAX) {
            return;
        }
        const struct file_record *a = &view->buffers[buffer].records[at];
        const uint8_t *bytes = view->bytes + a->offset;
        if (etl_record_type_of(load_u32(bytes))->selector == ETL_SELECT_NONE) {
            bytes_print(out, "# not told: the record at offset %" PRIu64 ", %s, %u bytes\n",
                        a->offset,
                        etl_header_kind_name(
                            (enum etl_header_kind)etl_record_type_of(load_u32(bytes))->kind),
                        a->size);
            continue;
        }
        size_t same = next_record(again, processor, &buffer_again, &record_again);
        if (same == SIZE_MAX) {
            bytes_print(out, "# not told: the record at offset %" PRIu64 "\n", a->offset);
            continue;
        }
        const struct file_record *b = &again->buffers[buffer_again].records[same];
        name_difference(bytes, a->size, again->bytes + b->offset, b->size, a->offset, out);
    }
}

static void compare_first(const struct file_view *view, const struct file_view *again,
                          struct trace_bytes *out)
{
    const struct file_buffer *a = &view->buffers[0], *b = &again->buffers[0];

    for (size_t i = 0; i < a->count; i++) {
        if (i < b->count) {
            name_difference(view->bytes + a->records[i].offset, a->records[i].size,
                            again->bytes + b->records[i].offset, b->records[i].size,
                            a->records[i].offset, out);
        } else {
            bytes_print(out, "# not told: the record at offset %" PRIu64 "\n",
                        a->records[i].offset);
        }
    }
}

/* Compares a file with the one that its text gives, record by record. */
static void compare(const struct file_view *view, const struct file_view *again,
                    struct trace_bytes *out)
{
    compare_first(view, again, out);
    for (size_t i = 1; i < view->count; i++) {
        uint16_t processor = view->buffers[i].header.processor;
        bool seen = false;

        for (size_t j = 1; j < i && !seen; j++) {
            seen = view->buffers[j].header.processor == processor;
        }
        if (!seen) {
            compare_processor(view, again, processor, out);
        }
    }
}

bool trace_name_untold(const uint8_t *bytes, size_t len, const struct trace *trace,
                       struct trace_bytes *out, struct trace_errors *errors)
{
    struct trace_bytes image = {0};
    struct file_view view = {.bytes = bytes, .len = len, .errors = errors};
    bool good = trace_write(trace, &image, errors) && view_read(&view);
    struct file_view again = {.bytes = image.data, .len = image.len, .errors = errors};

    good = good && view_read(&again);
    if (good) {
        compare(&view, &again, out);
    }
    view_finish(&view);
    view_finish(&again);
    trace_bytes_finish(&image);
    return good;
}
