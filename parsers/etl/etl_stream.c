#include "parsers/etl/etl_stream.h"

#include <inttypes.h>
#include <stdlib.h>

#include "parsers/etl/etl_format.h"
#include "parsers/etl/etl_scan.h"
#include "base/load.h"

#define DROPPED_HEAD_LEN 8 /* u64 count of clock values */

/* One walk over (part of) a trace buffer. */
struct walk {
    struct etl_stream *stream;
    struct etl_stream_env *env;
    struct etl_input *input;
    const struct etl_index_entry *entry;
    struct etl_window *window;
    struct error_chain *errors;
    bool counting; /* first walk: every record is counted, observed and may tell of loss */
    bool storing;
    bool store_full;
    bool any_order; /* a record of this walk has moved the stream's order */
    int64_t first_order;
    struct etl_frame bad; /* the record that stopped the walk */
    bool bad_seen;        /* it is there, and can't be what it says: not cut, nor the data's end */
    enum {
        WALK_WHOLE,
        WALK_BAD_RECORD, /* `bad` */
        WALK_EARLY_END,  /* a fill marker before the used length */
        WALK_UNREADABLE,
    } end;
};

void etl_stream_init(struct etl_stream *stream, size_t number, uint32_t first_entry, int64_t ticks)
{
    memset(stream, 0, sizeof *stream);
    stream->number = number;
    stream->entry = ETL_INDEX_NONE;
    stream->next_entry = first_entry;
    stream->order = INT64_MIN;
    stream->ticks = ticks;
    stream->last_order = INT64_MIN;
}

static void drop_own_window(struct etl_stream *stream)
{
    if (stream->own_window != NULL) {
        etl_window_finish(stream->own_window);
        free(stream->own_window);
        stream->own_window = NULL;
    }
}

void etl_stream_finish(struct etl_stream *stream)
{
    etl_store_finish(&stream->store);
    drop_own_window(stream);
    etl_loss_spans_finish(&stream->spans);
}

static enum etl_status no_memory(struct error_chain *errors, const char *what)
{
    error_chain_add(errors, ERROR_NO_OFFSET, "out of memory for %s", what);
    return ETL_NO_MEMORY;
}

/* Bytes from the trace buffer's start to the first unconsumed one of the window. */
static uint64_t window_position(const struct etl_window *window)
{
    return ETL_BUFFER_HEADER_LEN + window->produced - (window->end - window->begin);
}

/* Adds a wanted record to the store; at the first that does not fit, storing ends. */
static enum etl_status store_record(struct walk *walk, const struct etl_stored *stored,
                                    int64_t order_before, int64_t ticks_before)
{
    struct etl_stream *stream = walk->stream;
    size_t stride = etl_record_stride(stored->size);
    if (!etl_store_reserve(&stream->store, walk->env->store_max, stride, &walk->store_full)) {
        return no_memory(walk->errors, "the records of a trace buffer");
    }
    if (walk->store_full) {
        walk->storing = false;
        stream->resume_position = stored->position;
        stream->resume_order = order_before;
        stream->resume_ticks = ticks_before;
        return ETL_OK;
    }
    etl_store_add(&stream->store, stored);
    return ETL_OK;
}

/* Before the window moves on: its records of the store leave it. */
static enum etl_status keep_stored(struct walk *walk, bool last)
{
    struct etl_store *store = &walk->stream->store;
    size_t max = walk->env->store_max;
    bool kept = last ? etl_store_keep_last(store, max, walk->window)
                     : etl_store_keep(store, max, walk->window);
    return kept ? ETL_OK : no_memory(walk->errors, "the records of a trace buffer");
}

/* The last dropped times: one for each processor, 0 where nothing was lost. */
static enum etl_status take_dropped_times(struct etl_loss_points *points, const uint8_t *record,
                                          const struct etl_frame *frame, struct error_chain *errors)
{
    struct etl_event event;
    etl_record_decode(record, frame, 0, 8, &event);
    struct byte_reader reader;
    byte_reader_init(&reader, event.payload, event.payload_len);
    byte_reader_skip(&reader, DROPPED_HEAD_LEN);
    while (reader.left >= sizeof(int64_t)) {
        int64_t at = byte_reader_i64(&reader);
        if (at != 0 && !etl_loss_points_add(points, at)) {
            return no_memory(errors, "the times of losses");
        }
    }
    return ETL_OK;
}

static void observe_record(struct walk *walk, const uint8_t *record, const struct etl_frame *frame,
                           uint64_t position, int64_t ticks, int64_t order)
{
    struct etl_event event;
    uint8_t pointer_size = (uint8_t)walk->input->info.pointer_size;
    etl_record_decode(record, frame, ticks, pointer_size, &event);
    bool compressed = (walk->entry->flags & ETL_ENTRY_COMPRESSED) != 0;
    event.order = order;
    event.offset = walk->entry->offset + (compressed ? 0 : position);
    event.file = walk->entry->input;
    event.cpu = walk->entry->processor;
    walk->env->observe(walk->env->observe_user, &event);
}

/* Counts a record. `is_event`: it is none of the records that describe the trace itself. */
static void count_record(struct etl_input *input, unsigned kind, bool is_event, int64_t ticks)
{
    struct etl_record_counts *counts = &input->counts;
    counts->total++;
    counts->by_kind[kind]++;
    if (!is_event) {
        return;
    }
    if (!counts->any_time) {
        counts->any_time = true;
        counts->first_ticks = ticks;
        counts->last_ticks = ticks;
    }
    if (ticks < counts->first_ticks) {
        counts->first_ticks = ticks;
    }
    if (ticks > counts->last_ticks) {
        counts->last_ticks = ticks;
    }
}

static enum etl_status walk_record(struct walk *walk, const uint8_t *record,
                                   const struct etl_frame *frame, size_t left)
{
    struct etl_stream *stream = walk->stream;
    const struct etl_record_type *type = frame->type;
    bool wanted = etl_filter_wants(walk->env->filter, type, record);
    int64_t order_before = stream->order;
    int64_t ticks_before = stream->ticks;
    int64_t ticks = ticks_before;
    bool timed = etl_record_ticks(record, frame, &ticks);
    bool of_trace = type->selector == ETL_SELECT_HOOK && record[ETL_RECORD_HOOK_AT + 1] == 0;

    /* A time that the provider chose, or that of a record about the trace itself, may lie
     * anywhere: it must not push back the records behind it unless it is handed out too. */
    stream->ticks = ticks;
    bool moves = wanted || (type->kernel_time && !of_trace);
    if (moves) {
        if (ticks >= stream->order) {
            stream->order = ticks;
        } else if (walk->counting && timed) {
            walk->input->info.timestamps_backwards++;
        }
        if (!walk->any_order) {
            walk->any_order = true;
            walk->first_order = stream->order;
        }
    }
    uint64_t position = ETL_BUFFER_HEADER_LEN + walk->window->produced - left;
    if (walk->counting) {
        count_record(walk->input, type->kind, timed && !of_trace, ticks);
        if (!timed && type->kind == ETL_HEADER_WPP) {
            walk->input->info.wpp_without_time++;
        }
        if (walk->env->observe != NULL) {
            observe_record(walk, record, frame, position, ticks, stream->order);
        }
        if (of_trace && load_u16(record + ETL_RECORD_HOOK_AT) == ETL_HOOK_LAST_DROPPED) {
            enum etl_status status =
                take_dropped_times(walk->env->points, record, frame, walk->errors);
            if (status != ETL_OK) {
                return status;
            }
        }
    }
    if (!wanted || !walk->storing) {
        return ETL_OK;
    }
    struct etl_stored stored = {.order = stream->order,
                                .ticks = ticks,
                                .at = (uint32_t)(record - walk->window->bytes),
                                .position = (uint32_t)position,
                                .size = frame->size,
                                .kind = type->kind};
    return store_record(walk, &stored, order_before, ticks_before);
}

/*
 * Walks what can be scanned from `at` on; not before a record has moved the stream's order, and not
 * what is observed or walked a second time.
 */
static const uint8_t *walk_scan(struct walk *walk, const uint8_t *at, const uint8_t *end)
{
    struct etl_stream *stream = walk->stream;
    struct etl_store *store = &stream->store;
    struct etl_record_counts *counts = &walk->input->counts;
    const struct etl_window *window = walk->window;
    size_t room = etl_store_room(store, walk->env->store_max);
    if (!walk->counting || walk->env->observe != NULL || !walk->any_order || !counts->any_time) {
        return at;
    }
    struct etl_scan scan = {
        .filter = walk->env->filter,
        .bytes = window->bytes,
        .position = (uint32_t)(ETL_BUFFER_HEADER_LEN + window->produced - window->end),
        .storing = walk->storing,
        .order = stream->order,
        .ticks = stream->ticks,
        .first_ticks = counts->first_ticks,
        .last_ticks = counts->last_ticks,
        .by_kind = counts->by_kind,
        .next = store->items == NULL ? NULL : store->items + store->end,
        .next_end = store->items == NULL ? NULL : store->items + store->capacity,
        .room = room,
    };
    at = etl_scan_records(&scan, at, end);
    stream->order = scan.order;
    stream->ticks = scan.ticks;
    counts->first_ticks = scan.first_ticks;
    counts->last_ticks = scan.last_ticks;
    counts->total += scan.total;
    walk->input->info.timestamps_backwards += scan.backwards;
    store->pending_len += room - scan.room;
    store->end = (size_t)(scan.next - store->items);
    return at;
}

/* Walks the records that the window holds whole. *more: the next one needs more bytes. */
static enum etl_status walk_window(struct walk *walk, bool *more)
{
    struct etl_window *window = walk->window;
    const uint8_t *at = window->bytes + window->begin;
    const uint8_t *end = window->bytes + window->end;
    bool open = window->state == ETL_WINDOW_OPEN;
    enum etl_status status = ETL_OK;
    *more = false;
    for (;;) {
        at = walk_scan(walk, at, end);
        if (at == end) {
            break;
        }
        struct etl_frame frame;
        size_t left = (size_t)(end - at);
        enum etl_frame_status framed = etl_record_frame(at, left, &frame);
        size_t stride = etl_record_stride(frame.size);
        if (framed == ETL_FRAME_MORE || (framed == ETL_FRAME_OK && stride > left && open)) {
            *more = open;
            walk->bad = frame;
            walk->end = WALK_BAD_RECORD;
            break;
        }
        if (framed == ETL_FRAME_OK) {
            status = walk_record(walk, at, &frame, left);
            at += stride < left ? stride : left;
            if (status != ETL_OK || (walk->store_full && !walk->counting)) {
                break;
            }
            continue;
        }
        walk->bad = frame;
        walk->bad_seen = framed == ETL_FRAME_BAD;
        walk->end = framed == ETL_FRAME_BAD ? WALK_BAD_RECORD : WALK_EARLY_END;
        break;
    }
    window->begin = (size_t)(at - window->bytes);
    return status;
}

/* Of several places that can't be read the chain tells the first, and of which file; notes tell of
 * all. */
static enum etl_status walk_fill(struct walk *walk)
{
    bool first = walk->errors != NULL && walk->errors->count == 0;
    enum etl_status status = etl_window_fill(walk->window, first ? walk->errors : NULL);
    if (status == ETL_READ_ERROR) {
        walk->end = WALK_UNREADABLE;
    }
    if (status != ETL_OK && (first || status == ETL_NO_MEMORY)) {
        error_chain_add(walk->errors, ERROR_NO_OFFSET, "%s%s", walk->input->name,
                        status == ETL_NO_MEMORY ? ": out of memory" : "");
    }
    return status;
}

/* Walks to the end of the trace buffer, to damage, or (second walk) until the store is full. */
static enum etl_status walk_run(struct walk *walk)
{
    struct etl_window *window = walk->window;
    for (;;) {
        bool more = false;
        if (window->begin < window->end) {
            walk->end = WALK_WHOLE;
            enum etl_status status = walk_window(walk, &more);
            if (status != ETL_OK || (walk->store_full && !walk->counting) ||
                (walk->end != WALK_WHOLE && !more)) {
                return status;
            }
        }
        if (window->state != ETL_WINDOW_OPEN) {
            return ETL_OK;
        }
        enum etl_status status = keep_stored(walk, false);
        if (status == ETL_OK) {
            status = walk_fill(walk);
        }
        if (status != ETL_OK) {
            return status;
        }
    }
}

static const char *window_damage(const struct etl_window *window)
{
    switch (window->state) {
    case ETL_WINDOW_CUT:
        return "its data ends early";
    case ETL_WINDOW_CORRUPT:
        return "its compressed data is corrupt";
    case ETL_WINDOW_LEFT_OVER:
        return "compressed data is left over behind its used length";
    default:
        return NULL;
    }
}

/* Whether the walk left something out, and a note about it. */
static bool walk_damaged(struct walk *walk)
{
    const struct etl_index_entry *entry = walk->entry;
    /* What lies behind a bad record may not have been decoded. */
    const char *damage = walk->bad_seen ? NULL : window_damage(walk->window);
    uint64_t position = window_position(walk->window);
    uint64_t skipped = entry->used > position ? entry->used - position : 0;
    /* Plain trace buffers are filled up; what was compressed was only the used part. */
    bool may_be_filled =
        (entry->flags & (ETL_ENTRY_GUESSED | ETL_ENTRY_COMPRESSED)) == ETL_ENTRY_GUESSED;

    if (walk->end == WALK_EARLY_END && may_be_filled) {
        return false;
    }
    if (walk->end == WALK_WHOLE && damage == NULL) {
        return false;
    }
    walk->input->info.skipped_bytes += skipped;
    const char *name = walk->input->name;
    if (walk->end == WALK_UNREADABLE) {
        etl_notes_add(walk->env->notes, name,
                      "trace buffer at offset %" PRIu64 ": can't be read from byte %" PRIu64
                      " of %" PRIu32 " on",
                      entry->offset, position, entry->used);
    } else if (damage != NULL && walk->end != WALK_EARLY_END) {
        etl_notes_add(walk->env->notes, name,
                      "trace buffer at offset %" PRIu64 ": %s: %" PRIu64 " bytes of %" PRIu32
                      " read",
                      entry->offset, damage, position, entry->used);
    } else if (walk->end == WALK_EARLY_END) {
        etl_notes_add(walk->env->notes, name,
                      "trace buffer at offset %" PRIu64 ": its records end at byte %" PRIu64
                      ", its header says %" PRIu32,
                      entry->offset, position, entry->used);
    } else {
        etl_notes_add(walk->env->notes, name,
                      "trace buffer at offset %" PRIu64 ": the record at byte %" PRIu64
                      " has size %" PRIu32 ", %" PRIu64 " bytes are left; they are skipped",
                      entry->offset, position, walk->bad.size, skipped);
    }
    return true;
}

static bool open_span(struct etl_stream *stream, int64_t from)
{
    stream->span_open = true;
    return etl_loss_spans_open(&stream->spans, from);
}

static void count_damaged(struct walk *walk)
{
    if ((walk->entry->flags & ETL_ENTRY_DAMAGED) == 0) {
        walk->input->info.damaged_buffers++;
    }
}

/* After the first walk of a trace buffer: its losses, and where the next ones begin. */
static enum etl_status conclude_entry(struct walk *walk)
{
    struct etl_stream *stream = walk->stream;
    int64_t from = stream->last_order;
    bool damaged = walk_damaged(walk);
    if (damaged) {
        count_damaged(walk);
    }
    if (walk->any_order) {
        if (stream->span_open) {
            etl_loss_spans_close(&stream->spans, walk->first_order);
            stream->span_open = false;
        }
        stream->last_order = stream->order;
    }
    stream->resume_from = from;
    bool lossy = damaged || (walk->entry->flags & (ETL_ENTRY_LOST | ETL_ENTRY_DAMAGED)) != 0;
    if (lossy && !open_span(stream, from)) {
        return no_memory(walk->errors, "the spans of losses");
    }
    return ETL_OK;
}

static void walk_init(struct walk *walk, struct etl_stream *stream, struct etl_stream_env *env,
                      struct error_chain *errors)
{
    memset(walk, 0, sizeof *walk);
    walk->stream = stream;
    walk->env = env;
    walk->entry = &env->index->entries[stream->entry];
    walk->input = &env->inputs[walk->entry->input];
    walk->errors = errors;
    walk->storing = true;
}

/* A trace buffer of a type that nobody knows: all that it holds is lost. */
static enum etl_status skip_entry(struct walk *walk)
{
    const struct etl_index_entry *entry = walk->entry;
    count_damaged(walk);
    walk->input->info.skipped_bytes += entry->size;
    etl_notes_add(walk->env->notes, walk->input->name,
                  "trace buffer at offset %" PRIu64 ": its type is above %d, the last known one; "
                  "its %" PRIu32 " bytes are skipped",
                  entry->offset, ETL_BUFFER_TYPE_LAST, entry->size);
    if (!open_span(walk->stream, walk->stream->last_order)) {
        return no_memory(walk->errors, "the spans of losses");
    }
    return ETL_OK;
}

static enum etl_status walk_entry(struct walk *walk)
{
    enum etl_status status = walk_run(walk);
    if (status == ETL_NO_MEMORY) {
        return status;
    }
    enum etl_status concluded = conclude_entry(walk);
    if (concluded == ETL_OK) {
        concluded = keep_stored(walk, true);
    }
    return concluded != ETL_OK ? concluded : status;
}

static enum etl_status load_entry(struct etl_stream *stream, struct etl_stream_env *env,
                                  struct error_chain *errors)
{
    struct walk walk;
    stream->entry = stream->next_entry;
    walk_init(&walk, stream, env, errors);
    stream->next_entry = walk.entry->next;
    env->done_len += walk.entry->size;
    struct etl_window *decoded = NULL;
    if (env->ahead != NULL) {
        decoded = etl_ahead_take(env->ahead, stream->number, stream->entry, stream->next_entry);
    }
    if ((walk.entry->flags & ETL_ENTRY_SKIP) != 0) {
        return skip_entry(&walk);
    }
    walk.counting = true;
    walk.window = decoded != NULL ? decoded : env->window;
    if (decoded == NULL) {
        etl_window_start(walk.window, walk.input->source, walk.entry);
    }
    enum etl_status status = walk_entry(&walk);
    if (decoded != NULL) {
        etl_ahead_give_back(env->ahead, decoded);
    }
    return status;
}

/* Opens the stream's own window at the place where the first walk ran out of room. */
static enum etl_status start_own_window(struct walk *walk)
{
    struct etl_stream *stream = walk->stream;
    stream->own_window = malloc(sizeof *stream->own_window);
    if (stream->own_window == NULL) {
        return no_memory(walk->errors, "a window on a trace buffer");
    }
    etl_window_init(stream->own_window, ETL_WINDOW_PRIVATE_LEN);
    etl_window_start(stream->own_window, walk->input->source, walk->entry);
    return etl_window_skip(stream->own_window, stream->resume_position - ETL_BUFFER_HEADER_LEN,
                           walk->errors);
}

/* Second walk: the next store's worth of a trace buffer whose wanted records are too many. */
static enum etl_status load_rest(struct etl_stream *stream, struct etl_stream_env *env,
                                 struct error_chain *errors)
{
    struct walk walk;
    walk_init(&walk, stream, env, errors);
    enum etl_status status = ETL_OK;
    if (stream->own_window == NULL) {
        status = start_own_window(&walk);
    }
    walk.window = stream->own_window;
    int64_t final_order = stream->order;
    int64_t final_ticks = stream->ticks;
    uint64_t resumed_at = stream->resume_position;
    stream->order = stream->resume_order;
    stream->ticks = stream->resume_ticks;
    stream->resume_position = 0;
    if (status == ETL_OK) {
        status = walk_run(&walk);
        enum etl_status kept = keep_stored(&walk, false);
        status = kept != ETL_OK ? kept : status;
    }
    stream->order = final_order;
    stream->ticks = final_ticks;
    if (walk.store_full) {
        /* The record that did not fit is behind the window's begin already: step back to it. */
        size_t back = (size_t)(window_position(walk.window) - stream->resume_position);
        walk.window->begin -= back;
        return ETL_OK;
    }
    if (status == ETL_READ_ERROR) {
        count_damaged(&walk);
        walk.input->info.skipped_bytes +=
            walk.entry->used > resumed_at ? walk.entry->used - resumed_at : 0;
        etl_notes_add(env->notes, walk.input->name,
                      "trace buffer at offset %" PRIu64 ": can't be read again from byte %" PRIu64
                      " of %" PRIu32 " on",
                      walk.entry->offset, resumed_at, walk.entry->used);
        if (!open_span(stream, stream->resume_from)) {
            status = no_memory(errors, "the spans of losses");
        }
    }
    drop_own_window(stream);
    return status;
}

enum etl_status etl_stream_take_points(struct etl_stream_env *env,
                                       const struct etl_index_entry *entry,
                                       struct error_chain *errors)
{
    /* One windowful: the record is among the first few of its file. */
    struct etl_window *window = env->window;
    etl_window_start(window, env->inputs[entry->input].source, entry);
    enum etl_status status = etl_window_fill(window, errors);
    const uint8_t *at = window->bytes + window->begin;
    size_t left = window->end - window->begin;
    while (status == ETL_OK) {
        struct etl_frame frame;
        if (etl_record_frame(at, left, &frame) != ETL_FRAME_OK) {
            break;
        }
        if (frame.type->selector == ETL_SELECT_HOOK &&
            load_u16(at + ETL_RECORD_HOOK_AT) == ETL_HOOK_LAST_DROPPED) {
            status = take_dropped_times(env->points, at, &frame, errors);
        }
        size_t stride = etl_record_stride(frame.size);
        stride = stride < left ? stride : left;
        at += stride;
        left -= stride;
    }
    return status;
}

enum etl_status etl_stream_load(struct etl_stream *stream, struct etl_stream_env *env,
                                struct error_chain *errors)
{
    while (!etl_stream_has_head(stream)) {
        etl_store_clear(&stream->store);
        enum etl_status status;
        if (stream->resume_position != 0) {
            status = load_rest(stream, env, errors);
        } else if (stream->next_entry != ETL_INDEX_NONE) {
            status = load_entry(stream, env, errors);
        } else {
            etl_store_finish(&stream->store);
            return ETL_END;
        }
        if (status != ETL_OK) {
            return status;
        }
    }
    return ETL_OK;
}
