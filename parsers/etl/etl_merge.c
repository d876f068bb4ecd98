/* SPDX-License-Identifier: Apache-2.0 */

#include "parsers/etl/etl_merge.h"

#include <stdlib.h>
#include <string.h>

#include "base/least.h"
#include "base/load.h"
#include "base/prefetch.h"
#include "parsers/etl/etl_format.h"
#include "parsers/etl/etl_record.h"

enum head_state {
    HEAD_UNKNOWN,
    HEAD_NO_POST,
    HEAD_POST,
};

/* Events that one call hands out. */
struct batch {
    struct etl_event *next, *end; /* where the next event goes; end of the room for events */
    size_t room;                  /* bytes that records of further events may take */
};

static enum etl_status merge_no_memory(struct error_chain *errors)
{
    error_chain_add(errors, ERROR_NO_OFFSET, "out of memory for a trace reader");
    return ETL_NO_MEMORY;
}

enum etl_status etl_merge_init(struct etl_merge *merge, struct etl_stream *streams,
                               size_t stream_count, struct etl_stream_env *env,
                               etl_is_post_fn *is_post, struct error_chain *errors)
{
    memset(merge, 0, sizeof *merge);
    merge->streams = streams;
    merge->stream_count = stream_count;
    merge->env = env;
    merge->is_post = is_post;
    merge->heap = calloc(stream_count + 1, sizeof *merge->heap);
    merge->head_states = calloc(stream_count + 1, sizeof *merge->head_states);
    merge->aside = malloc(ETL_RECORD_LEN_MAX + 1);
    if (merge->heap == NULL || merge->head_states == NULL || merge->aside == NULL) {
        return merge_no_memory(errors);
    }
    return ETL_OK;
}

void etl_merge_finish(struct etl_merge *merge)
{
    free(merge->heap);
    free(merge->head_states);
    free(merge->aside);
}

static const struct etl_index_entry *stream_entry(const struct etl_merge *merge,
                                                  const struct etl_stream *stream)
{
    return &merge->env->index->entries[stream->entry];
}

/* Facts that all events of a trace buffer share. */
struct origin {
    uint64_t offset;
    uint32_t position_mask; /* 0: a compressed trace buffer, inside which no file offset exists */
    uint16_t file;
    uint16_t cpu;
    uint8_t pointer_size;
    const struct etl_areas *areas;
};

static struct origin stream_origin(const struct etl_merge *merge, const struct etl_stream *stream)
{
    const struct etl_index_entry *entry = stream_entry(merge, stream);
    bool compressed = (entry->flags & ETL_ENTRY_COMPRESSED) != 0;
    return (struct origin){
        .offset = entry->offset,
        .position_mask = compressed ? 0 : UINT32_MAX,
        .file = entry->input,
        .cpu = entry->processor,
        .pointer_size = (uint8_t)merge->env->inputs[entry->input].info.pointer_size,
        .areas = merge->env->walk.areas,
    };
}

/* Decodes an event that is stored without its area. */
static inline void bare_decode(const struct etl_areas *areas, const struct etl_stored *stored,
                               const uint8_t *record, struct etl_event *event)
{
    etl_record_decode_event(record, stored->size, stored->kind & ~ETL_STORED_BARE, event);
    memcpy(&event->area, record, sizeof event->area);
    const struct etl_area *area = etl_areas_at(areas, event->area);
    event->extended = area->bytes;
    event->extended_len = (uint16_t)area->len;
    event->has_extended = true;
}

/* Decodes a stored record, whose bytes lie at `record`. The event's payload points there. */
static inline void stored_decode(const struct origin *origin, const struct etl_stored *stored,
                                 const uint8_t *record, struct etl_event *event)
{
    if (stored->kind == ETL_HEADER_EVENT64 || stored->kind == ETL_HEADER_EVENT32) {
        etl_record_decode_event(record, stored->size, stored->kind, event);
    } else if ((stored->kind & ETL_STORED_BARE) != 0) {
        bare_decode(origin->areas, stored, record, event);
    } else {
        struct etl_frame frame = {etl_record_type_of(load_u32(record)), stored->size};
        etl_record_decode(record, &frame, stored->ticks, origin->pointer_size, event);
    }
    event->order = stored->order;
    event->offset = origin->offset + (stored->position & origin->position_mask);
    event->file = origin->file;
    event->cpu = origin->cpu;
}

/* Decodes the stream's head, once, to ask whether it is a post. */
static bool head_is_post(struct etl_merge *merge, uint32_t number)
{
    if (merge->is_post == NULL) {
        return false;
    }
    if (merge->head_states[number] == HEAD_UNKNOWN) {
        const struct etl_stream *stream = &merge->streams[number];
        const struct etl_stored *stored = etl_stream_head(stream);
        struct origin origin = stream_origin(merge, stream);
        struct etl_event event;
        stored_decode(&origin, stored, etl_stream_record(stream, stored), &event);
        merge->head_states[number] = merge->is_post(&event) ? HEAD_POST : HEAD_NO_POST;
    }
    return merge->head_states[number] == HEAD_POST;
}

/* True if stream a goes before stream b, where their heads have the same time. */
static bool tie_before(struct etl_merge *merge, uint32_t a, uint32_t b)
{
    bool a_post = head_is_post(merge, a);
    bool b_post = head_is_post(merge, b);
    if (a_post != b_post) {
        return b_post;
    }
    const struct etl_index_entry *a_entry = stream_entry(merge, &merge->streams[a]);
    const struct etl_index_entry *b_entry = stream_entry(merge, &merge->streams[b]);
    if (a_entry->processor != b_entry->processor) {
        return a_entry->processor < b_entry->processor;
    }
    return a_entry->input < b_entry->input; /* no two streams have both in common */
}

static inline bool head_before(struct etl_merge *merge, const struct etl_merge_head *a,
                               const struct etl_merge_head *b)
{
    if (a->order != b->order) {
        return a->order < b->order;
    }
    return tie_before(merge, a->stream, b->stream);
}

/* The place of the lesser one of the heads at `child` and behind it. Their order is random where
 * processors take turns, so it is added up and not branched on. */
static inline size_t heap_lesser(struct etl_merge *merge, size_t child)
{
    const struct etl_merge_head *pair = merge->heap + child;
    if (pair[0].order == pair[1].order) {
        return child + tie_before(merge, pair[1].stream, pair[0].stream);
    }
    return child + (pair[1].order < pair[0].order);
}

/* Restores the heap when the head at `at` is replaced by `head`, which is not less. */
static void heap_sift_down(struct etl_merge *merge, size_t at, struct etl_merge_head head)
{
    struct etl_merge_head *heap = merge->heap;
    size_t child = 2 * at + 1;
    while (child < merge->heap_count) {
        child = child + 1 < merge->heap_count ? heap_lesser(merge, child) : child;
        if (!head_before(merge, &heap[child], &head)) {
            break;
        }
        heap[at] = heap[child];
        at = child;
        child = 2 * at + 1;
    }
    heap[at] = head;
}

static struct etl_merge_head head_of(struct etl_merge *merge, uint32_t number)
{
    merge->head_states[number] = HEAD_UNKNOWN;
    return (struct etl_merge_head){etl_stream_head(&merge->streams[number])->order, number};
}

/* A stream that has a head enters the heap. */
static void heap_push(struct etl_merge *merge, uint32_t number)
{
    struct etl_merge_head head = head_of(merge, number);
    size_t at = merge->heap_count++;
    while (at > 0 && head_before(merge, &head, &merge->heap[(at - 1) / 2])) {
        merge->heap[at] = merge->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    merge->heap[at] = head;
}

/* The first stream has a new head. */
static void heap_renew_first(struct etl_merge *merge)
{
    heap_sift_down(merge, 0, head_of(merge, merge->heap[0].stream));
}

/* The first stream has no head any more. */
static void heap_pop_first(struct etl_merge *merge)
{
    struct etl_merge_head last = merge->heap[--merge->heap_count];
    if (merge->heap_count > 0) {
        heap_sift_down(merge, 0, last);
    }
}

static struct etl_stream *heap_first(const struct etl_merge *merge)
{
    return &merge->streams[merge->heap[0].stream];
}

static bool stream_has_one(const struct etl_stream *stream)
{
    return stream->store.end - stream->store.begin == 1;
}

/* Loads a stream that is not in the heap; it enters the heap or is at its end then. */
static enum etl_status merge_load_outside(struct etl_merge *merge, uint32_t number,
                                          struct error_chain *errors)
{
    enum etl_status status = etl_stream_load(&merge->streams[number], merge->env, errors);
    if (status == ETL_OK) {
        heap_push(merge, number);
    }
    return status == ETL_END ? ETL_OK : status;
}

/* Tells of an error that was met when the call before had an event to hand out. */
static enum etl_status merge_tell_late_error(struct etl_merge *merge, struct error_chain *errors)
{
    merge->late_error = false;
    bool first = errors != NULL && errors->count == 0;
    for (unsigned i = 0; first && i < merge->late_errors.count; i++) {
        const struct error_cause *cause = &merge->late_errors.causes[i];
        error_chain_add(errors, cause->offset, "%s", cause->text);
    }
    return ETL_READ_ERROR;
}

/* Afterwards every stream is in the heap or at its end, so that the heap's first stream has the
 * earliest event of all. */
static enum etl_status merge_load_outstanding(struct etl_merge *merge, struct error_chain *errors)
{
    if (merge->late_error) {
        return merge_tell_late_error(merge, errors);
    }
    enum etl_status status = ETL_OK;
    if (merge->stalled) {
        status = merge_load_outside(merge, merge->stalled_stream, errors);
        merge->stalled = status != ETL_OK;
    }
    while (status == ETL_OK && merge->loaded_count < merge->stream_count) {
        status = merge_load_outside(merge, (uint32_t)merge->loaded_count, errors);
        merge->loaded_count += status == ETL_OK;
    }
    return status;
}

/* Restores the heap after the head of its first stream was taken. A stream whose store is empty is
 * loaded at once, because a loss between two trace buffers concerns the time from the event on that
 * is about to be handed out. */
static enum etl_status merge_refill_first(struct etl_merge *merge, struct error_chain *errors)
{
    struct etl_stream *stream = heap_first(merge);
    enum etl_status status = ETL_OK;
    if (!etl_stream_has_head(stream)) {
        error_chain_init(&merge->late_errors);
        status = etl_stream_load(stream, merge->env, &merge->late_errors);
    }
    if (status == ETL_OK) {
        heap_renew_first(merge);
        return ETL_OK;
    }
    if (status == ETL_READ_ERROR) {
        merge->late_error = true;
        merge->stalled = true;
        merge->stalled_stream = merge->heap[0].stream;
    }
    heap_pop_first(merge);
    return status == ETL_NO_MEMORY ? merge_no_memory(errors) : ETL_OK;
}

/* The earliest head of all streams but the heap's first one; INT64_MAX if there is none. */
static int64_t merge_second_order(const struct etl_merge *merge)
{
    const struct etl_merge_head *heap = merge->heap;
    if (merge->heap_count < 2) {
        return INT64_MAX;
    }
    bool third = merge->heap_count > 2 && heap[2].order < heap[1].order;
    return heap[third ? 2 : 1].order;
}

#define PREFETCH_MAX 512 /* bytes of a record that are loaded ahead: a long stack fits */

/* Loads the head of a stream, and the item of a later one, ahead of time: where processors take
 * turns, other streams' records come first, and these bytes are in no cache. */
static void stream_prefetch_head(const struct etl_stream *stream)
{
    const struct etl_stored *stored = etl_stream_head(stream);
    size_t len = least_size(stored->size, PREFETCH_MAX);
    prefetch_item(etl_stream_record(stream, stored), len);
    if (stream->store.end - stream->store.begin > 2) {
        prefetch_item(stored + 2, sizeof *stored); /* the next one may be in the same cache line */
    }
}

/*
 * Takes the head of the heap's first stream, and the records behind it that are earlier than the
 * heads of all other streams; but not the last record of the store, whose bytes the store must
 * keep until the next call.
 */
static void merge_take_run(struct etl_merge *merge, struct batch *batch)
{
    struct etl_stream *stream = heap_first(merge);
    struct etl_store *store = &stream->store;
    const struct origin origin = stream_origin(merge, stream);
    const struct etl_stored *stored = etl_stream_head(stream);
    size_t left = store->end - store->begin - 1;
    size_t count_max = (size_t)(batch->end - batch->next);
    const struct etl_event *end = batch->next + least_size(left, count_max);
    struct etl_event *event = batch->next;
    size_t room = greatest_size(batch->room, stored->size);
    int64_t second_order = merge_second_order(merge);
    do {
        stored_decode(&origin, stored, etl_stream_record(stream, stored), event++);
        room -= stored->size;
        stored++;
    } while (event < end && stored->order < second_order && stored->size <= room);
    batch->next = event;
    batch->room = room;
    store->begin = (size_t)(stored - store->items);
    stream_prefetch_head(stream);
    heap_renew_first(merge);
}

/* Takes the last record of a store. Its bytes are put aside first, because the store is refilled
 * before the event is handed out. */
static enum etl_status merge_take_last(struct etl_merge *merge, struct batch *batch,
                                       struct error_chain *errors)
{
    struct etl_stream *stream = heap_first(merge);
    struct origin origin = stream_origin(merge, stream);
    struct etl_stored stored = *etl_stream_head(stream);
    memcpy(merge->aside, etl_stream_record(stream, &stored), stored.size);
    stream->store.begin++;
    enum etl_status status = merge_refill_first(merge, errors);
    if (status == ETL_OK) {
        stored_decode(&origin, &stored, merge->aside, batch->next++);
        batch->room = batch->room > stored.size ? batch->room - stored.size : 0;
    }
    return status;
}

/* True if the call that fills the batch can take another event. One event of a call may be the
 * last one of its store, since there is one place to put its bytes aside. */
static bool batch_goes_on(const struct batch *batch, const struct etl_merge *merge)
{
    if (batch->next == batch->end || merge->late_error || merge->heap_count == 0) {
        return false;
    }
    const struct etl_stream *first = heap_first(merge);
    return !stream_has_one(first) && etl_stream_head(first)->size <= batch->room;
}

enum etl_status etl_merge_next(struct etl_merge *merge, struct etl_event *events, size_t count_max,
                               size_t len_max, size_t *count, struct error_chain *errors)
{
    struct batch batch = {events, events + count_max, len_max};
    *count = 0;
    enum etl_status status = merge_load_outstanding(merge, errors);
    if (status != ETL_OK) {
        return status;
    }
    if (merge->heap_count == 0) {
        return ETL_END;
    }
    if (stream_has_one(heap_first(merge))) {
        status = merge_take_last(merge, &batch, errors);
    } else {
        merge_take_run(merge, &batch);
    }
    while (status == ETL_OK && batch_goes_on(&batch, merge)) {
        merge_take_run(merge, &batch);
    }
    *count = (size_t)(batch.next - events);
    return status;
}
