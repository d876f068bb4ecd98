/* SPDX-License-Identifier: Apache-2.0 */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/trace_internal.h"

/*
 * Lays a trace out as ETW does. Each processor fills a trace buffer of its own, which goes to the
 * file when it is full or at an explicit flush. Trace buffers that are open at the end of a session
 * go to the file in the order of their sequence numbers. A sequence number counts allocations; the
 * order in the file is the order of flushes.
 */

#define BUFFER_HEAD_LEN 0x48
#define BUFFER_TYPE_HEADER 4
#define FLAG_FLUSH_MARKER 0x01u
#define FLAG_PROCESSOR_INDEX 0x20u
#define FLAG_COMPRESSED 0x40u
#define STATE_FLUSH 3u
#define FORMAT_XPRESS 3u
#define BUILD_WINDOWS_8 9200u
#define RECORD_MAX 0xFFFFu
#define HEADER_BUFFER_STEP 0x200u /* compressed files shrink the header's trace buffer to this */
#define PAD_BYTE 0xA5             /* between records lie stale bytes, which are seldom zero */

/* A trace buffer that holds records, unlike the header's. */
struct chunk {
    uint16_t cpu;
    uint64_t sequence;
    uint16_t flags;
    int type, compression;
    int64_t last_ticks;
    struct trace_bytes records;
    bool closed, marked;
};

struct writer {
    const struct trace *trace;
    struct trace_errors *errors;
    struct chunk *chunks; /* in the order of their allocation */
    size_t count, capacity;
    size_t *flushed; /* indexes in file order */
    size_t flushed_count;
    uint64_t next_sequence;
    uint32_t highest_cpu;
    int64_t last_ticks;
    bool any_compressed;
    struct trace_mark *pending; /* by processor: attributes of its next trace buffer */
    int64_t *open;              /* by processor: index of its open chunk, or -1 */
    size_t cpu_count;
};

static void *checked(void *memory)
{
    if (memory == NULL) {
        abort();
    }
    return memory;
}

/* ---- records ---- */

static unsigned type_byte(enum etl_header_kind kind)
{
    static const uint8_t types[ETL_HEADER_COUNT] = {
        [ETL_HEADER_SYSTEM32] = 0x01,   [ETL_HEADER_SYSTEM64] = 0x02,
        [ETL_HEADER_COMPACT32] = 0x03,  [ETL_HEADER_COMPACT64] = 0x04,
        [ETL_HEADER_FULL32] = 0x0A,     [ETL_HEADER_FULL64] = 0x14,
        [ETL_HEADER_INSTANCE32] = 0x0B, [ETL_HEADER_INSTANCE64] = 0x15,
        [ETL_HEADER_PERFINFO32] = 0x10, [ETL_HEADER_PERFINFO64] = 0x11,
        [ETL_HEADER_EVENT32] = 0x12,    [ETL_HEADER_EVENT64] = 0x13};
    return types[kind];
}

/* Writes the header of SYSTEM, COMPACT and PERFINFO records, whose Size lies at +4. */
static void system_put(const struct trace_event *e, struct trace_bytes *out)
{
    bytes_number(out, e->record_version, 2);
    bytes_number(out, type_byte(e->kind), 1);
    bytes_number(out, 0xC0, 1);
    bytes_number(out, 0, 2);
    bytes_number(out, e->hook_id, 2);
    if (e->kind != ETL_HEADER_PERFINFO32 && e->kind != ETL_HEADER_PERFINFO64) {
        bytes_number(out, e->tid, 4);
        bytes_number(out, e->pid, 4);
    }
    bytes_number(out, (uint64_t)e->ticks, 8);
    if (e->kind == ETL_HEADER_SYSTEM32 || e->kind == ETL_HEADER_SYSTEM64) {
        bytes_number(out, 0, 8); /* KernelTime, UserTime */
    }
}

static void full_put(const struct trace_event *e, struct trace_bytes *out)
{
    bytes_number(out, 0, 2);
    bytes_number(out, type_byte(e->kind), 1);
    bytes_number(out, 0xC0, 1);
    bytes_number(out, e->opcode, 1);
    bytes_number(out, e->level, 1);
    bytes_number(out, e->record_version, 2);
    bytes_number(out, e->tid, 4);
    bytes_number(out, e->pid, 4);
    bytes_number(out, (uint64_t)e->ticks, 8);
    bytes_put(out, e->provider.bytes, 16);
    bytes_number(out, 0, 8);
    if (e->kind == ETL_HEADER_INSTANCE32 || e->kind == ETL_HEADER_INSTANCE64) {
        bytes_number(out, e->id, 4);
        bytes_number(out, 0, 4);
        bytes_fill(out, 0, 16);
    }
}

static void wpp_put(const struct trace_event *e, struct trace_bytes *out)
{
    unsigned flags = e->record_version;
    bytes_number(out, 0, 2);
    bytes_number(out, 0x9000, 2);
    bytes_number(out, e->id, 2);
    bytes_number(out, flags, 2);
    if (flags & 0x01) {
        bytes_number(out, 1, 4);
    }
    if (flags & 0x04) {
        bytes_number(out, 0, 4);
    } else if (flags & 0x02) {
        bytes_put(out, e->provider.bytes, 16);
    }
    if (flags & 0x18) {
        bytes_number(out, flags & 0x08 ? (uint64_t)e->ticks : 0, 8);
    }
    if (flags & 0x20) {
        bytes_number(out, e->tid, 4);
        bytes_number(out, e->pid, 4);
    }
}

static void event_put(const struct trace_event *e, const uint8_t *extended, struct trace_bytes *out)
{
    bytes_number(out, 0, 2);
    bytes_number(out, 0xC000u | type_byte(e->kind), 2);
    bytes_number(out, e->flags | (e->extended_len > 0 ? 1u : 0u), 2);
    bytes_number(out, 0, 2);
    bytes_number(out, e->tid, 4);
    bytes_number(out, e->pid, 4);
    bytes_number(out, (uint64_t)e->ticks, 8);
    bytes_put(out, e->provider.bytes, 16);
    bytes_number(out, e->id, 2);
    bytes_number(out, e->version, 1);
    bytes_number(out, e->channel, 1);
    bytes_number(out, e->level, 1);
    bytes_number(out, e->opcode, 1);
    bytes_number(out, e->task, 2);
    bytes_number(out, e->keyword, 8);
    bytes_number(out, 0, 8);
    bytes_put(out, e->activity.bytes, 16);
    bytes_put(out, extended, e->extended_len);
}

/* Appends one record, unpadded. Returns its length, or 0 if no Size field can hold that. */
static size_t record_put(const struct trace *trace, const struct trace_event *e,
                         struct trace_bytes *out)
{
    size_t start = out->len;
    unsigned size_at = 0;
    switch (e->kind) {
    case ETL_HEADER_EVENT32:
    case ETL_HEADER_EVENT64:
        event_put(e, trace->bytes + e->extended_offset, out);
        break;
    case ETL_HEADER_FULL32:
    case ETL_HEADER_FULL64:
    case ETL_HEADER_INSTANCE32:
    case ETL_HEADER_INSTANCE64:
        full_put(e, out);
        break;
    case ETL_HEADER_WPP:
        wpp_put(e, out);
        break;
    case ETL_HEADER_OTHER:
        bytes_number(out, 0, 2);
        bytes_number(out, e->record_version, 2);
        break;
    default:
        system_put(e, out);
        size_at = 4;
        break;
    }
    bytes_put(out, trace->bytes + e->payload_offset, e->payload_len);
    size_t len = out->len - start;
    if (len > RECORD_MAX) {
        return 0;
    }
    number_store(out->data + start + size_at, e->size_override != 0 ? e->size_override : len, 2);
    return len;
}

/* ---- filling trace buffers ---- */

static struct chunk *chunk_open(struct writer *w, uint16_t cpu)
{
    if (w->open[cpu] >= 0) {
        return &w->chunks[w->open[cpu]];
    }
    if (w->count == w->capacity) {
        w->capacity = w->capacity * 2 + 16;
        w->chunks = checked(realloc(w->chunks, w->capacity * sizeof *w->chunks));
    }
    struct trace_mark *mark = &w->pending[cpu];
    struct chunk *chunk = &w->chunks[w->count];
    *chunk = (struct chunk){.cpu = cpu,
                            .sequence = w->next_sequence++,
                            .flags = mark->flags,
                            .type = mark->type == TRACE_AUTO ? 0 : mark->type,
                            .compression = mark->compression == TRACE_AUTO
                                               ? (int)w->trace->header.compression
                                               : mark->compression,
                            .last_ticks = w->trace->header.base_ticks};
    w->any_compressed = w->any_compressed || chunk->compression != TRACE_COMPRESS_NONE;
    *mark = (struct trace_mark){.type = TRACE_AUTO, .compression = TRACE_AUTO};
    w->open[cpu] = (int64_t)w->count++;
    return chunk;
}

static void chunk_close(struct writer *w, uint32_t cpu, bool force)
{
    if (w->open[cpu] < 0 && force) {
        chunk_open(w, (uint16_t)cpu);
    }
    if (w->open[cpu] < 0) {
        return;
    }
    w->flushed = checked(realloc(w->flushed, (w->flushed_count + 1) * sizeof *w->flushed));
    w->flushed[w->flushed_count++] = (size_t)w->open[cpu];
    w->chunks[w->open[cpu]].closed = true;
    w->open[cpu] = -1;
}

static void close_all(struct writer *w)
{
    for (size_t i = 0; i < w->count; i++) {
        if (!w->chunks[i].closed) {
            chunk_close(w, w->chunks[i].cpu, false);
        }
    }
}

static void session_end(struct writer *w)
{
    close_all(w);
    if (w->trace->header.flush_marker && w->flushed_count > 0) {
        w->chunks[w->flushed[w->flushed_count - 1]].marked = true;
    }
    w->next_sequence = 1;
}

static void mark_apply(struct writer *w, const struct trace_item *item)
{
    if (w->open[item->cpu] < 0) {
        struct trace_mark *pending = &w->pending[item->cpu];
        pending->flags |= item->mark.flags;
        pending->type = item->mark.type != TRACE_AUTO ? item->mark.type : pending->type;
        pending->compression =
            item->mark.compression != TRACE_AUTO ? item->mark.compression : pending->compression;
        return;
    }
    struct chunk *chunk = &w->chunks[w->open[item->cpu]];
    chunk->flags |= item->mark.flags;
    chunk->type = item->mark.type != TRACE_AUTO ? item->mark.type : chunk->type;
    if (item->mark.compression != TRACE_AUTO) {
        chunk->compression = item->mark.compression;
        w->any_compressed = w->any_compressed || chunk->compression != TRACE_COMPRESS_NONE;
    }
}

static bool record_add(struct writer *w, const struct trace_item *item, struct trace_bytes *record)
{
    const struct trace_event *event = &item->event;
    record->len = 0;
    size_t len = record_put(w->trace, event, record);
    size_t room = w->trace->header.buffer_size - BUFFER_HEAD_LEN;
    if (len == 0 || len > room) {
        return errors_set(w->errors, item->line,
                          "a record of %zu bytes fits no trace buffer: room is for %zu",
                          record->len, room < RECORD_MAX ? room : RECORD_MAX);
    }
    struct chunk *chunk = chunk_open(w, event->cpu);
    if (chunk->records.len + len > room) {
        chunk_close(w, event->cpu, false);
        chunk = chunk_open(w, event->cpu);
    }
    bytes_put(&chunk->records, record->data, len);
    bytes_fill(&chunk->records, PAD_BYTE, (8 - len % 8) % 8);
    chunk->last_ticks = event->ticks;
    w->last_ticks = event->ticks > w->last_ticks ? event->ticks : w->last_ticks;
    return true;
}

static bool items_add(struct writer *w)
{
    struct trace_bytes record = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < w->trace->item_count; i++) {
        const struct trace_item *item = &w->trace->items[i];
        if (item->kind == TRACE_ITEM_SESSION) {
            session_end(w);
        } else if (item->kind == TRACE_ITEM_MARK) {
            mark_apply(w, item);
        } else if (item->kind == TRACE_ITEM_FLUSH && item->cpu == TRACE_ALL_CPUS) {
            close_all(w);
        } else if (item->kind == TRACE_ITEM_FLUSH) {
            chunk_close(w, item->cpu, item->force);
        } else if (!item->event.in_header) {
            ok = record_add(w, item, &record);
        }
    }
    trace_bytes_finish(&record);
    return ok;
}

/* ---- the file ---- */

/* The end time that a trace gets if it names none: a second after the last record. Traces here last
 * hours at most, for which this is exact; a time that no FILETIME holds becomes one far away. */
static int64_t filetime_end(const struct writer *w)
{
    const struct trace_header *h = &w->trace->header;
    long double ticks = (long double)w->last_ticks - (long double)h->base_ticks;
    long double since = ticks / (long double)trace_rate(h) * FILETIME_SECOND;
    int64_t start = h->start_filetime;
    if (h->clock == 2) {
        start = w->last_ticks;
        since = 0;
    }
    if (start < 0 || start > TIME_ISO_MAX || since < -0x1p60L || since > 0x1p60L) {
        return TIME_ISO_MAX;
    }
    return start + (int64_t)since + FILETIME_SECOND;
}

static void buffer_head_put(const struct writer *w, const struct chunk *chunk, size_t disk_len,
                            size_t used, struct trace_bytes *out)
{
    const struct trace_header *h = &w->trace->header;
    bool compressed = chunk->compression != TRACE_COMPRESS_NONE;
    bool index_form =
        h->processor_index == TRACE_AUTO ? h->build >= BUILD_WINDOWS_8 : h->processor_index;
    unsigned flags = chunk->flags | (chunk->marked ? FLAG_FLUSH_MARKER : 0) |
                     (index_form ? FLAG_PROCESSOR_INDEX : 0) | (compressed ? FLAG_COMPRESSED : 0);
    int64_t written = h->relogged ? filetime_end(w) : chunk->last_ticks;
    bytes_number(out, disk_len, 4);
    bytes_number(out, used, 4);
    bytes_number(out, used + disk_len, 4); /* CurrentOffset overshoots */
    bytes_number(out, 0, 4);
    bytes_number(out, (uint64_t)written, 8);
    bytes_number(out, chunk->sequence, 8);
    bytes_number(out, UINT64_C(0xffffe00012345678), 8); /* a stale pointer */
    bytes_number(out, index_form ? chunk->cpu : (chunk->cpu & 0xFFu) | 0x0800u, 2);
    bytes_number(out, h->relogged ? 0 : 5, 2);
    bytes_number(out, STATE_FLUSH, 4);
    bytes_number(out, used, 4);
    bytes_number(out, flags, 2);
    bytes_number(out, (uint64_t)chunk->type, 2);
    bytes_number(out, UINT64_C(0xffffe00012345680), 8);
    bytes_number(out, UINT64_C(0xffffe00012345680), 8);
}

static void chunk_put(const struct writer *w, const struct chunk *chunk, struct trace_bytes *out)
{
    size_t start = out->len;
    size_t used = BUFFER_HEAD_LEN + chunk->records.len;
    buffer_head_put(w, chunk, w->trace->header.buffer_size, used, out);
    if (chunk->compression == TRACE_COMPRESS_NONE) {
        bytes_put(out, chunk->records.data, chunk->records.len);
        bytes_fill(out, 0xFF, w->trace->header.buffer_size - used);
        return;
    }
    trace_compress((enum trace_compression)chunk->compression, chunk->records.data,
                   chunk->records.len, out);
    number_store(out->data + start, out->len - start, 4);
}

/* Writes trace buffer 0: the log-file header's record, and the records that asked to lie there. */
static bool header_put(const struct writer *w, uint32_t buffers, struct trace_bytes *out)
{
    const struct trace_header *h = &w->trace->header;
    uint32_t processors = h->processors != 0 ? h->processors : w->highest_cpu + 1;
    int64_t end = h->end_filetime != TRACE_AUTO ? h->end_filetime : filetime_end(w);
    bytes_fill(out, 0, BUFFER_HEAD_LEN);
    log_header_put(h, processors, end, buffers, w->any_compressed, out);
    size_t used = out->len;
    for (size_t i = 0; i < w->trace->item_count; i++) {
        const struct trace_item *item = &w->trace->items[i];
        if (item->kind == TRACE_ITEM_EVENT && item->event.in_header) {
            bytes_fill(out, PAD_BYTE, (8 - out->len % 8) % 8);
            if (record_put(w->trace, &item->event, out) == 0) {
                return errors_set(w->errors, item->line, "a record is longer than 65535 bytes");
            }
            used = out->len;
        }
    }
    size_t disk_len = h->buffer_size;
    if (h->relogged && w->any_compressed) {
        disk_len = (used + HEADER_BUFFER_STEP - 1) / HEADER_BUFFER_STEP * HEADER_BUFFER_STEP;
    }
    if (used > disk_len) {
        return errors_set(w->errors, 0, "the header takes %zu bytes of a trace buffer of %zu", used,
                          disk_len);
    }
    bytes_fill(out, 0xFF, disk_len - used);
    struct chunk chunk = {.flags = FLAG_FLUSH_MARKER, .type = BUFFER_TYPE_HEADER};
    struct trace_bytes head = {0};
    buffer_head_put(w, &chunk, disk_len, used, &head);
    number_store(head.data + 0x10, 0, 8);
    if (h->relogged || w->any_compressed) {
        number_store(head.data + 0x2C, w->any_compressed ? FORMAT_XPRESS : 0, 4);
    }
    memcpy(out->data, head.data, BUFFER_HEAD_LEN);
    trace_bytes_finish(&head);
    return true;
}

/* Changes the order in the file as the first edits say. Trace buffers that stay in w->flushed are
 * written. */
static bool order_apply(struct writer *w, const struct trace_edit *edit)
{
    size_t count = w->flushed_count;
    size_t *from = checked(malloc((count + 1) * sizeof *from));
    if (count > 0) {
        memcpy(from, w->flushed, count * sizeof *from);
    }
    bool ok = true;
    if (edit->kind == TRACE_EDIT_ORDER) {
        w->flushed_count = 0;
        for (uint32_t i = 0; ok && i < edit->bytes_len / 4; i++) {
            uint64_t n = number_load(w->trace->bytes + edit->bytes_offset + 4 * i, 4);
            ok = n >= 1 && n <= count && w->flushed_count < count;
            if (ok) {
                w->flushed[w->flushed_count++] = from[n - 1];
            }
        }
    } else if ((ok = edit->value <= count) && edit->kind == TRACE_EDIT_ROTATE) {
        for (size_t i = 0; i < count; i++) {
            w->flushed[(i + edit->value) % count] = from[i];
        }
    } else if (ok) {
        w->flushed_count = count - edit->value;
        if (w->flushed_count > 0) {
            memcpy(w->flushed, from + edit->value, w->flushed_count * sizeof *from);
        }
    }
    free(from);
    return ok || errors_set(w->errors, edit->line,
                            "layout names a trace buffer beyond the %zu there are", count);
}

static bool image_put(struct writer *w, struct trace_bytes *image)
{
    const struct trace *trace = w->trace;
    for (size_t i = 0; i < trace->edit_count; i++) {
        if (trace->edits[i].kind <= TRACE_EDIT_DROP && !order_apply(w, &trace->edits[i])) {
            return false;
        }
    }
    struct image_layout layout = {.count = w->flushed_count + 1};
    layout.offsets = checked(malloc(layout.count * sizeof *layout.offsets));
    layout.offsets[0] = 0;
    bool ok = header_put(w, (uint32_t)layout.count, image);
    for (size_t i = 0; ok && i < w->flushed_count; i++) {
        layout.offsets[i + 1] = image->len;
        chunk_put(w, &w->chunks[w->flushed[i]], image);
    }
    ok = ok && edits_apply(trace, &layout, image, w->errors);
    free(layout.offsets);
    return ok;
}

/* ETW's own limit; what a header claims beyond it is not believed, because it is allocated. */
#define BUFFER_SIZE_MAX (16u << 20)

static bool header_check(const struct trace_header *h, struct trace_errors *errors)
{
    if (h->pointer_size != 4 && h->pointer_size != 8) {
        return errors_set(errors, 0, "pointer size is %u, not 4 or 8", h->pointer_size);
    }
    if (h->buffer_size > BUFFER_SIZE_MAX) {
        return errors_set(errors, 0, "trace buffers of %" PRIu32 " bytes: above %u", h->buffer_size,
                          BUFFER_SIZE_MAX);
    }
    if (h->buffer_size < 0x400 || h->buffer_size % 8 != 0) {
        return errors_set(errors, 0,
                          "trace buffers of %" PRIu32 " bytes: below 1024, or no multiple of 8",
                          h->buffer_size);
    }
    return true;
}

static void writer_init(struct writer *w)
{
    for (size_t i = 0; i < w->trace->item_count; i++) {
        const struct trace_item *item = &w->trace->items[i];
        uint32_t cpu = item->kind == TRACE_ITEM_EVENT ? item->event.cpu : item->cpu;
        if (item->kind == TRACE_ITEM_SESSION || cpu == TRACE_ALL_CPUS) {
            continue;
        }
        w->highest_cpu = cpu > w->highest_cpu ? cpu : w->highest_cpu;
    }
    w->cpu_count = (size_t)w->highest_cpu + 1;
    w->open = checked(malloc(w->cpu_count * sizeof *w->open));
    w->pending = checked(malloc(w->cpu_count * sizeof *w->pending));
    for (size_t i = 0; i < w->cpu_count; i++) {
        w->open[i] = -1;
        w->pending[i] = (struct trace_mark){.type = TRACE_AUTO, .compression = TRACE_AUTO};
    }
    w->next_sequence = w->trace->header.sequence;
    w->last_ticks = w->trace->header.base_ticks;
    w->any_compressed = w->trace->header.compression != TRACE_COMPRESS_NONE;
}

bool trace_write(const struct trace *trace, struct trace_bytes *image, struct trace_errors *errors)
{
    *errors = (struct trace_errors){0};
    image->len = 0;
    if (!header_check(&trace->header, errors)) {
        return false;
    }
    struct writer w = {.trace = trace, .errors = errors};
    writer_init(&w);
    bool ok = items_add(&w);
    if (ok) {
        session_end(&w);
        ok = image_put(&w, image);
    }
    for (size_t i = 0; i < w.count; i++) {
        trace_bytes_finish(&w.chunks[i].records);
    }
    free(w.chunks);
    free(w.flushed);
    free(w.open);
    free(w.pending);
    return ok;
}
