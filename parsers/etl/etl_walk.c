/* SPDX-License-Identifier: Apache-2.0 */

#include "parsers/etl/etl_walk.h"

#include "base/byte_reader.h"
#include "base/least.h"
#include "base/load.h"
#include "parsers/etl/etl_format.h"
#include "parsers/etl/etl_record.h"
#include "parsers/etl/etl_scan.h"

#define DROPPED_HEAD_LEN 8 /* u64: count of clock values */
/* Bytes that are walked before their records are kept: more than a record, and few enough to be in
 * a near cache still. */
#define PIECE_LEN (128u << 10)

uint64_t etl_walk_position(const struct etl_walk *walk)
{
    const struct etl_window *window = walk->window;
    return ETL_BUFFER_HEADER_LEN + window->produced - (window->end - window->begin);
}

static enum etl_status walk_no_memory(struct error_chain *errors, const char *what)
{
    error_chain_add(errors, ERROR_NO_OFFSET, "out of memory for %s", what);
    return ETL_NO_MEMORY;
}

/* Takes the times of the last lost events: one for each processor, 0 where nothing was lost. */
static enum etl_status points_take(struct etl_loss_points *points, const uint8_t *record,
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
            return walk_no_memory(errors, "the times of losses");
        }
    }
    return ETL_OK;
}

static bool record_tells_dropped_times(const struct etl_record_type *type, const uint8_t *record)
{
    return type->selector == ETL_SELECT_HOOK &&
           load_u16(record + ETL_RECORD_HOOK_AT) == ETL_HOOK_LAST_DROPPED;
}

static void walk_observe(struct etl_walk *walk, const uint8_t *record,
                         const struct etl_frame *frame)
{
    struct etl_event event;
    uint8_t pointer_size = (uint8_t)walk->input->info.pointer_size;
    etl_record_decode(record, frame, walk->tally.ticks, pointer_size, &event);
    uint64_t position = walk->tally.position + (uint64_t)(record - walk->tally.bytes);
    bool compressed = (walk->entry->flags & ETL_ENTRY_COMPRESSED) != 0;
    event.order = walk->tally.order;
    event.offset = walk->entry->offset + (compressed ? 0 : position);
    event.file = walk->entry->input;
    event.cpu = walk->entry->processor;
    walk->env->observe(walk->env->observe_user, &event);
}

/* Tells of a record that was counted: once, so not in a repeated walk. */
static enum etl_status walk_tell(struct etl_walk *walk, const uint8_t *record,
                                 const struct etl_frame *frame)
{
    if (walk->env->observe != NULL) {
        walk_observe(walk, record, frame);
    }
    if (!record_tells_dropped_times(frame->type, record)) {
        return ETL_OK;
    }
    return points_take(walk->env->points, record, frame, walk->errors);
}

/* Stores a wanted record. The first one that finds the store full ends storing, and is where the
 * walk will be repeated from. */
static enum etl_status walk_store(struct etl_walk *walk, const uint8_t *record,
                                  const struct etl_frame *frame, int64_t ticks)
{
    struct etl_tally *tally = &walk->tally;
    if (etl_tally_store(tally, frame->type, record, frame->size, ticks)) {
        return ETL_OK;
    }
    bool full = false;
    if (!etl_store_make_room(tally->store, etl_record_stride(frame->size), &full)) {
        return walk_no_memory(walk->errors, "the records of a trace buffer");
    }
    if (!full) {
        etl_tally_store(tally, frame->type, record, frame->size, ticks);
        return ETL_OK;
    }
    walk->resume.position = tally->position + (uint64_t)(record - tally->bytes);
    walk->resume.order = tally->order;
    walk->resume.ticks = tally->ticks;
    tally->store = NULL;
    if (walk->repeated) {
        walk->end = ETL_WALK_STORE_FULL;
    }
    return ETL_OK;
}

/* Walks one record. Afterwards `end` is ETL_WALK_STORE_FULL if the record is to be walked again. */
static enum etl_status walk_record(struct etl_walk *walk, const uint8_t *record,
                                   const struct etl_frame *frame)
{
    struct etl_tally *tally = &walk->tally;
    const struct etl_record_type *type = frame->type;
    int64_t ticks = tally->ticks;
    bool timed = etl_record_ticks(record, frame, &ticks);
    bool of_trace = etl_record_is_of_trace(type, record);
    bool wanted = etl_filter_wants(walk->env->filter, type, record);
    enum etl_status status = wanted ? walk_store(walk, record, frame, ticks) : ETL_OK;
    if (status != ETL_OK || walk->end == ETL_WALK_STORE_FULL) {
        return status;
    }
    bool counts = etl_tally_count(tally, type, ticks, timed, of_trace, wanted);
    if (counts && !walk->order_known) {
        walk->order_known = true;
        walk->first_order = tally->order;
    }
    return walk->repeated ? ETL_OK : walk_tell(walk, record, frame);
}

/* Walks what the fast path can take. The first record that counts for the stream's order is left
 * to the careful walk, and so are all records while somebody observes them. */
static const uint8_t *walk_scan(struct etl_walk *walk, const uint8_t *at, const uint8_t *end)
{
    if (!walk->order_known || (walk->env->observe != NULL && !walk->repeated)) {
        return at;
    }
    return etl_scan_records(walk->env->filter, &walk->tally, at, end);
}

/* Walks the records that lie whole in front of the window's byte `stop`. Nothing has gone wrong,
 * and more bytes let the walk go on, if it ends with ETL_WALK_AT_WINDOW_END. */
static enum etl_status walk_window(struct etl_walk *walk, size_t stop)
{
    struct etl_window *window = walk->window;
    const uint8_t *at = window->bytes + window->begin;
    const uint8_t *end = window->bytes + stop;
    bool open = window->state == ETL_WINDOW_OPEN || stop < window->end;
    enum etl_status status = ETL_OK;
    walk->end = ETL_WALK_AT_WINDOW_END;
    walk->tally.bytes = window->bytes;
    walk->tally.position = (uint32_t)(ETL_BUFFER_HEADER_LEN + window->produced - window->end);
    while (status == ETL_OK && (at = walk_scan(walk, at, end)) != end) {
        struct etl_frame frame;
        size_t left = (size_t)(end - at);
        enum etl_frame_status framed = etl_record_frame(at, left, &frame);
        size_t stride = etl_record_stride(frame.size);
        walk->bad_size = frame.size;
        if (framed == ETL_FRAME_MORE || (framed == ETL_FRAME_OK && stride > left && open)) {
            walk->end = open ? ETL_WALK_AT_WINDOW_END : ETL_WALK_CUT_RECORD;
            break;
        }
        if (framed != ETL_FRAME_OK) {
            walk->end = framed == ETL_FRAME_BAD ? ETL_WALK_BAD_RECORD : ETL_WALK_FILL;
            break;
        }
        status = walk_record(walk, at, &frame);
        if (walk->end == ETL_WALK_STORE_FULL) {
            break;
        }
        at += least_size(stride, left);
    }
    window->begin = (size_t)(at - window->bytes);
    return status;
}

/* Gets more bytes. Of several places that can't be read the chain tells the first, and of which
 * file; notes tell of all. */
static enum etl_status walk_fill(struct etl_walk *walk)
{
    bool first = walk->errors != NULL && walk->errors->count == 0;
    enum etl_status status = etl_window_fill(walk->window, first ? walk->errors : NULL);
    if (status == ETL_READ_ERROR) {
        walk->end = ETL_WALK_UNREADABLE;
    }
    if (status != ETL_OK && (first || status == ETL_NO_MEMORY)) {
        error_chain_add(walk->errors, ERROR_NO_OFFSET, "%s%s", walk->input->name,
                        status == ETL_NO_MEMORY ? ": out of memory" : "");
    }
    return status;
}

enum etl_status etl_walk_run(struct etl_walk *walk)
{
    const struct etl_window *window = walk->window;
    struct etl_store *store = walk->tally.store;
    enum etl_status status = ETL_OK;
    walk->end = ETL_WALK_AT_WINDOW_END;
    while (status == ETL_OK) {
        bool more = window->end - window->begin > PIECE_LEN;
        if (window->begin < window->end) {
            status = walk_window(walk, more ? window->begin + PIECE_LEN : window->end);
        }
        if (status != ETL_OK || walk->end != ETL_WALK_AT_WINDOW_END ||
            (!more && window->state != ETL_WINDOW_OPEN)) {
            break;
        }
        bool keep = !more || etl_store_has_stacks(store, window);
        if (keep && !etl_store_keep(store, window, walk->env->areas)) {
            return walk_no_memory(walk->errors, "the records of a trace buffer");
        }
        if (!more) {
            status = walk_fill(walk);
        }
    }
    return status;
}

enum etl_status etl_walk_take_points(struct etl_window *window, struct etl_loss_points *points,
                                     const struct etl_input *input,
                                     const struct etl_index_entry *entry,
                                     struct error_chain *errors)
{
    /* One filling of the window is enough: the record is among the first few of its file. */
    etl_window_start(window, input->source, entry);
    enum etl_status status = etl_window_fill(window, errors);
    const uint8_t *at = window->bytes + window->begin;
    size_t left = window->end - window->begin;
    struct etl_frame frame;
    while (status == ETL_OK && etl_record_frame(at, left, &frame) == ETL_FRAME_OK) {
        if (record_tells_dropped_times(frame.type, at)) {
            status = points_take(points, at, &frame, errors);
        }
        size_t stride = etl_record_stride(frame.size);
        stride = least_size(stride, left);
        at += stride;
        left -= stride;
    }
    return status;
}
