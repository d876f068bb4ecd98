#include "parsers/etl/etl_reader.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "parsers/etl/etl_ahead.h"
#include "parsers/etl/etl_filter.h"
#include "parsers/etl/etl_format.h"
#include "parsers/etl/etl_header.h"
#include "parsers/etl/etl_index.h"
#include "parsers/etl/etl_loss.h"
#include "parsers/etl/etl_notes.h"
#include "parsers/etl/etl_parts.h"
#include "parsers/etl/etl_record.h"
#include "parsers/etl/etl_stream.h"
#include "parsers/etl/etl_window.h"
#include "base/load.h"

/* A stream's head in the merge. */
struct head {
    int64_t order;
    uint32_t stream;
};

/* Whether a stream's head is a post: asked at ties only. */
enum post_state {
    POST_UNKNOWN,
    POST_NO,
    POST_YES,
};

/* Where events go that are handed out. */
struct batch {
    struct etl_event *next, *end;
    size_t room; /* bytes that their records may still take */
};

struct etl_reader {
    struct etl_input *inputs; /* owned */
    size_t input_count;
    struct etl_index index;
    struct etl_parts parts;
    struct etl_filter_table filter;
    struct etl_window window;
    struct etl_loss_points points;
    struct etl_notes notes;
    struct etl_stream_env env;
    struct etl_ahead *ahead; /* owned; NULL if nobody helps */
    etl_is_post_fn *is_post;
    uint64_t total_len; /* bytes of all trace buffers with records */
    bool whole_lost;    /* a loss without position */
    bool end_missing;   /* of any input */

    struct head *heap; /* owned; the least first */
    size_t heap_count;
    uint8_t *post_states; /* owned; of each stream's head */
    size_t loaded_count;  /* streams that have been loaded for the first time */

    struct etl_event event;
    uint8_t *aside; /* owned; the last record of a store, while the store takes new ones */

    /* A read error met while an event was on its way out: told by the next call. */
    bool late_error;
    struct error_chain late_errors;
    bool stalled; /* stalled_stream is neither in the heap nor at its end */
    uint32_t stalled_stream;
};

static enum etl_status no_memory(struct error_chain *errors)
{
    error_chain_add(errors, ERROR_NO_OFFSET, "out of memory for a trace reader");
    return ETL_NO_MEMORY;
}

static enum etl_status open_input(struct etl_reader *reader, size_t number,
                                  struct error_chain *errors)
{
    struct etl_input *input = &reader->inputs[number];
    struct etl_buffer_header first;
    enum etl_status status = etl_header_read(input->source, &input->info, &first, errors);
    if (status == ETL_OK) {
        status = etl_index_add(&reader->index, input, (uint16_t)number, &reader->notes, errors);
    }
    if (status != ETL_OK) {
        error_chain_add(errors, ERROR_NO_OFFSET, "%s", input->name);
        return status;
    }
    const struct etl_clock *clock = &input->info.clock;
    const struct etl_clock *common = &reader->inputs[0].info.clock;
    if (clock->kind != common->kind || clock->frequency != common->frequency) {
        error_chain_add(errors, ERROR_NO_OFFSET,
                        "%s: clock kind %d at %" PRIu64 " Hz, but %s has kind %d at %" PRIu64
                        " Hz: they can't be one timeline",
                        input->name, (int)clock->kind, clock->frequency, reader->inputs[0].name,
                        (int)common->kind, common->frequency);
        return ETL_UNSUPPORTED;
    }
    if ((input->info.mode & ETL_MODE_APPEND) != 0 && clock->kind == ETL_CLOCK_QPC) {
        etl_notes_add(&reader->notes, input->name,
                      "appended sessions on the performance counter: times are wrong if the "
                      "computer was restarted between them");
    }
    return ETL_OK;
}

static enum etl_status open_inputs(struct etl_reader *reader, struct byte_source *const *sources,
                                   const char *const *names, size_t source_count,
                                   struct error_chain *errors)
{
    if (source_count == 0 || source_count > ETL_INPUTS_MAX) {
        error_chain_add(errors, ERROR_NO_OFFSET, "%zu inputs for one timeline, expected 1 to %d",
                        source_count, ETL_INPUTS_MAX);
        return ETL_UNSUPPORTED;
    }
    reader->inputs = calloc(source_count, sizeof *reader->inputs);
    if (reader->inputs == NULL) {
        return no_memory(errors);
    }
    for (size_t i = 0; i < source_count; i++) {
        reader->inputs[i].source = sources[i];
        reader->inputs[i].name = names[i];
        reader->input_count = i + 1;
        enum etl_status status = open_input(reader, i, errors);
        if (status != ETL_OK) {
            return status;
        }
    }
    return etl_parts_build(&reader->parts, &reader->index, reader->inputs, source_count, errors);
}

/* The times of loss that a first trace buffer tells. A later part's may lie before its stream gets
 * there, so they are taken at once. */
static enum etl_status take_first_points(struct etl_reader *reader, struct error_chain *errors)
{
    for (uint32_t i = 0; i < reader->index.count; i++) {
        const struct etl_index_entry *entry = &reader->index.entries[i];
        if ((entry->flags & ETL_ENTRY_FIRST) == 0) {
            continue;
        }
        enum etl_status status = etl_stream_take_points(&reader->env, entry, errors);
        if (status != ETL_OK) {
            return status;
        }
    }
    return ETL_OK;
}

static size_t store_max(size_t window_budget, size_t stream_count)
{
    size_t budget = window_budget == 0 ? ETL_WINDOW_BUDGET : window_budget;
    size_t share = budget / (stream_count == 0 ? 1 : stream_count);
    if (share < ETL_WINDOW_MIN) {
        share = ETL_WINDOW_MIN;
    }
    return share - ETL_WINDOW_MIN + ETL_STORE_MIN;
}

static enum etl_status prepare(struct etl_reader *reader, const struct etl_reader_options *options,
                               struct error_chain *errors)
{
    size_t stream_count = reader->parts.stream_count;
    reader->heap = calloc(stream_count + 1, sizeof *reader->heap);
    reader->post_states = calloc(stream_count + 1, sizeof *reader->post_states);
    reader->aside = malloc(ETL_RECORD_LEN_MAX + 1);
    if (reader->heap == NULL || reader->post_states == NULL || reader->aside == NULL ||
        !etl_filter_table_init(&reader->filter, &options->filter)) {
        return no_memory(errors);
    }
    reader->is_post = options->is_post;
    reader->env = (struct etl_stream_env){
        .index = &reader->index,
        .inputs = reader->inputs,
        .filter = &reader->filter,
        .observe = options->observe,
        .observe_user = options->observe_user,
        .notes = &reader->notes,
        .points = &reader->points,
        .window = &reader->window,
        .store_max = store_max(options->window_budget, stream_count),
    };
    for (uint32_t i = 0; i < reader->index.count; i++) {
        reader->total_len += reader->index.entries[i].size;
    }
    for (size_t i = 0; i < reader->input_count; i++) {
        const struct etl_input *input = &reader->inputs[i];
        reader->whole_lost |= input->info.events_lost != 0 || input->info.buffers_lost != 0 ||
                              input->summary.place_unknown;
        reader->end_missing |= input->info.end_missing;
    }
    return take_first_points(reader, errors);
}

enum etl_status etl_reader_open(struct byte_source *const *sources, const char *const *names,
                                size_t source_count, const struct etl_reader_options *options,
                                struct etl_reader **reader, struct error_chain *errors)
{
    *reader = NULL;
    struct etl_reader *opened = calloc(1, sizeof *opened);
    if (opened == NULL) {
        return no_memory(errors);
    }
    etl_window_init(&opened->window, ETL_WINDOW_SHARED_LEN);
    enum etl_status status = open_inputs(opened, sources, names, source_count, errors);
    if (status == ETL_OK) {
        status = prepare(opened, options, errors);
    }
    if (status != ETL_OK) {
        etl_reader_destroy(opened);
        return status;
    }
    *reader = opened;
    return ETL_OK;
}

void etl_reader_destroy(struct etl_reader *reader)
{
    if (reader == NULL) {
        return;
    }
    etl_ahead_destroy(reader->ahead);
    etl_parts_finish(&reader->parts);
    etl_index_finish(&reader->index);
    etl_filter_table_finish(&reader->filter);
    etl_window_finish(&reader->window);
    etl_loss_points_finish(&reader->points);
    free(reader->inputs);
    free(reader->heap);
    free(reader->post_states);
    free(reader->aside);
    free(reader);
}

bool etl_reader_accept_help(struct etl_reader *reader, etl_help_wanted_fn *wanted, void *user)
{
    size_t stream_count = reader->parts.stream_count;
    reader->ahead = etl_ahead_create(&reader->index, reader->inputs, stream_count, wanted, user);
    if (reader->ahead == NULL) {
        return false;
    }
    for (size_t i = 0; i < stream_count; i++) {
        etl_ahead_set_next(reader->ahead, i, reader->parts.streams[i].next_entry);
    }
    reader->env.ahead = reader->ahead;
    return true;
}

bool etl_reader_help(struct etl_reader *reader)
{
    return etl_ahead_help(reader->ahead);
}

static const struct etl_index_entry *entry_of(const struct etl_reader *reader,
                                              const struct etl_stream *stream)
{
    return &reader->index.entries[stream->entry];
}

/* What the events of one trace buffer have in common. */
struct origin {
    uint64_t offset;
    uint32_t position_mask; /* 0 if compressed: positions say nothing about the file then */
    uint16_t file;
    uint16_t cpu;
    uint8_t pointer_size;
};

static struct origin origin_of(const struct etl_reader *reader, const struct etl_stream *stream)
{
    const struct etl_index_entry *entry = entry_of(reader, stream);
    bool compressed = (entry->flags & ETL_ENTRY_COMPRESSED) != 0;
    return (struct origin){
        .offset = entry->offset,
        .position_mask = compressed ? 0 : UINT32_MAX,
        .file = entry->input,
        .cpu = entry->processor,
        .pointer_size = (uint8_t)reader->inputs[entry->input].info.pointer_size,
    };
}

/* Decodes a stored record; its payload points into `record`. */
static inline void decode_stored(const struct origin *origin, const struct etl_stored *stored,
                                 const uint8_t *record, struct etl_event *event)
{
    if (stored->kind == ETL_HEADER_EVENT64 || stored->kind == ETL_HEADER_EVENT32) {
        etl_record_decode_event(record, stored->size, stored->kind, event);
    } else {
        struct etl_frame frame = {etl_record_type_of(load_u32(record)), stored->size};
        etl_record_decode(record, &frame, stored->ticks, origin->pointer_size, event);
    }
    event->order = stored->order;
    event->offset = origin->offset + (stored->position & origin->position_mask);
    event->file = origin->file;
    event->cpu = origin->cpu;
}

static bool head_is_post(struct etl_reader *reader, uint32_t number)
{
    if (reader->is_post == NULL) {
        return false;
    }
    if (reader->post_states[number] == POST_UNKNOWN) {
        const struct etl_stream *stream = &reader->parts.streams[number];
        const struct etl_stored *stored = etl_stream_head(stream);
        struct origin origin = origin_of(reader, stream);
        struct etl_event event;
        decode_stored(&origin, stored, etl_stream_record(stream, stored), &event);
        reader->post_states[number] = reader->is_post(&event) ? POST_YES : POST_NO;
    }
    return reader->post_states[number] == POST_YES;
}

/* Which of two heads of one time goes first. */
static bool tie_before(struct etl_reader *reader, uint32_t a, uint32_t b)
{
    bool a_post = head_is_post(reader, a);
    bool b_post = head_is_post(reader, b);
    if (a_post != b_post) {
        return b_post;
    }
    const struct etl_index_entry *a_entry = entry_of(reader, &reader->parts.streams[a]);
    const struct etl_index_entry *b_entry = entry_of(reader, &reader->parts.streams[b]);
    if (a_entry->processor != b_entry->processor) {
        return a_entry->processor < b_entry->processor;
    }
    if (a_entry->input != b_entry->input) {
        return a_entry->input < b_entry->input;
    }
    return a_entry->offset < b_entry->offset;
}

static inline bool head_before(struct etl_reader *reader, const struct head *a,
                               const struct head *b)
{
    if (a->order != b->order) {
        return a->order < b->order;
    }
    return tie_before(reader, a->stream, b->stream);
}

/* Puts `head` at `at` or below, so that the heap is one again. */
static void sift_down(struct etl_reader *reader, size_t at, struct head head)
{
    struct head *heap = reader->heap;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= reader->heap_count) {
            break;
        }
        if (child + 1 < reader->heap_count && head_before(reader, &heap[child + 1], &heap[child])) {
            child++;
        }
        if (!head_before(reader, &heap[child], &head)) {
            break;
        }
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = head;
}

static struct head head_of(struct etl_reader *reader, uint32_t number)
{
    reader->post_states[number] = POST_UNKNOWN;
    return (struct head){etl_stream_head(&reader->parts.streams[number])->order, number};
}

static void heap_push(struct etl_reader *reader, uint32_t number)
{
    struct head head = head_of(reader, number);
    size_t at = reader->heap_count++;
    while (at > 0 && head_before(reader, &head, &reader->heap[(at - 1) / 2])) {
        reader->heap[at] = reader->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    reader->heap[at] = head;
}

static void heap_pop(struct etl_reader *reader)
{
    struct head last = reader->heap[--reader->heap_count];
    if (reader->heap_count > 0) {
        sift_down(reader, 0, last);
    }
}

static const struct etl_stored *first_stored(const struct etl_reader *reader)
{
    return etl_stream_head(&reader->parts.streams[reader->heap[0].stream]);
}

static bool is_last_of_store(const struct etl_reader *reader)
{
    const struct etl_store *store = &reader->parts.streams[reader->heap[0].stream].store;
    return store->end - store->begin == 1;
}

/* Loads a stream that is not in the heap, and puts it there if it has a record. */
static enum etl_status load_outside(struct etl_reader *reader, uint32_t number,
                                    struct error_chain *errors)
{
    struct etl_stream *stream = &reader->parts.streams[number];
    enum etl_status status = etl_stream_load(stream, &reader->env, errors);
    if (status == ETL_OK) {
        heap_push(reader, number);
    }
    return status == ETL_END ? ETL_OK : status;
}

/* Every stream has its head in the heap or is at its end, before any event is chosen. */
static enum etl_status load_outstanding(struct etl_reader *reader, struct error_chain *errors)
{
    if (reader->late_error) {
        reader->late_error = false;
        bool first = errors != NULL && errors->count == 0;
        for (unsigned i = 0; first && i < reader->late_errors.count; i++) {
            const struct error_cause *cause = &reader->late_errors.causes[i];
            error_chain_add(errors, cause->offset, "%s", cause->text);
        }
        return ETL_READ_ERROR;
    }
    if (reader->stalled) {
        enum etl_status status = load_outside(reader, reader->stalled_stream, errors);
        if (status != ETL_OK) {
            return status;
        }
        reader->stalled = false;
    }
    while (reader->loaded_count < reader->parts.stream_count) {
        enum etl_status status = load_outside(reader, (uint32_t)reader->loaded_count, errors);
        if (status != ETL_OK) {
            return status;
        }
        reader->loaded_count++;
    }
    return ETL_OK;
}

/* After the head of the heap's first stream was taken: its next one, or it leaves the heap. The
 * next trace buffer is read as soon as the last record of one is taken, because a loss between
 * them concerns the time from that record on. */
static enum etl_status refill_first(struct etl_reader *reader, struct error_chain *errors)
{
    uint32_t number = reader->heap[0].stream;
    struct etl_stream *stream = &reader->parts.streams[number];
    if (etl_stream_has_head(stream)) {
        sift_down(reader, 0, head_of(reader, number));
        return ETL_OK;
    }
    error_chain_init(&reader->late_errors);
    enum etl_status status = etl_stream_load(stream, &reader->env, &reader->late_errors);
    if (status == ETL_OK) {
        sift_down(reader, 0, head_of(reader, number));
        return ETL_OK;
    }
    heap_pop(reader);
    if (status == ETL_READ_ERROR) {
        reader->late_error = true;
        reader->stalled = true;
        reader->stalled_stream = number;
    }
    if (status == ETL_NO_MEMORY) {
        return no_memory(errors);
    }
    return ETL_OK;
}

/* The earliest time at which a stream other than the first one of the heap goes on. */
static int64_t rival_order(const struct etl_reader *reader)
{
    const struct head *heap = reader->heap;
    if (reader->heap_count < 2) {
        return INT64_MAX;
    }
    bool third = reader->heap_count > 2 && heap[2].order < heap[1].order;
    return heap[third ? 2 : 1].order;
}

/*
 * Takes the head of the heap's first stream, and those behind it that are earlier than any other
 * stream's; never the last one of a store. The heap is one again.
 */
static void take_run(struct etl_reader *reader, struct batch *batch)
{
    uint32_t number = reader->heap[0].stream;
    struct etl_stream *stream = &reader->parts.streams[number];
    struct etl_store *store = &stream->store;
    const struct origin origin = origin_of(reader, stream);
    const struct etl_stored *stored = etl_stream_head(stream);
    size_t left = store->end - store->begin - 1;
    size_t count_max = (size_t)(batch->end - batch->next);
    const struct etl_event *end = batch->next + (left < count_max ? left : count_max);
    struct etl_event *event = batch->next;
    size_t room = batch->room > stored->size ? batch->room : stored->size;
    int64_t rival = rival_order(reader);
    do {
        decode_stored(&origin, stored, etl_stream_record(stream, stored), event++);
        room -= stored->size;
        stored++;
    } while (event < end && stored->order < rival && stored->size <= room);
    batch->next = event;
    batch->room = room;
    store->begin = (size_t)(stored - store->items);
    sift_down(reader, 0, head_of(reader, number));
}

/* Takes the last record of a store: out of the way first, because the store takes new ones before
 * the event is handed out. */
static enum etl_status take_last(struct etl_reader *reader, struct batch *batch,
                                 struct error_chain *errors)
{
    struct etl_stream *stream = &reader->parts.streams[reader->heap[0].stream];
    struct origin origin = origin_of(reader, stream);
    struct etl_stored stored = *etl_stream_head(stream);
    memcpy(reader->aside, etl_stream_record(stream, &stored), stored.size);
    stream->store.begin++;
    enum etl_status status = refill_first(reader, errors);
    if (status == ETL_OK) {
        decode_stored(&origin, &stored, reader->aside, batch->next++);
        batch->room = batch->room > stored.size ? batch->room - stored.size : 0;
    }
    return status;
}

enum etl_status etl_reader_next_many(struct etl_reader *reader, struct etl_event *events,
                                     size_t count_max, size_t len_max, size_t *count,
                                     struct error_chain *errors)
{
    struct batch batch = {events, events + count_max, len_max};
    *count = 0;
    enum etl_status status = load_outstanding(reader, errors);
    if (status != ETL_OK) {
        return status;
    }
    if (reader->heap_count == 0) {
        return ETL_END;
    }
    if (is_last_of_store(reader)) {
        status = take_last(reader, &batch, errors);
    } else {
        take_run(reader, &batch);
    }
    while (status == ETL_OK && batch.next < batch.end && !reader->late_error &&
           reader->heap_count > 0 && !is_last_of_store(reader) &&
           first_stored(reader)->size <= batch.room) {
        take_run(reader, &batch);
    }
    *count = (size_t)(batch.next - events);
    return status;
}

enum etl_status etl_reader_next(struct etl_reader *reader, const struct etl_event **event,
                                struct error_chain *errors)
{
    size_t count;
    enum etl_status status = etl_reader_next_many(reader, &reader->event, 1, 0, &count, errors);
    *event = status == ETL_OK ? &reader->event : NULL;
    return status;
}

size_t etl_reader_input_count(const struct etl_reader *reader)
{
    return reader->input_count;
}

const struct etl_trace_info *etl_reader_info(const struct etl_reader *reader, size_t input)
{
    return &reader->inputs[input].info;
}

const struct etl_record_counts *etl_reader_counts(const struct etl_reader *reader, size_t input)
{
    return &reader->inputs[input].counts;
}

static bool lost_between(const struct etl_reader *reader, int64_t from_order, int64_t to_order)
{
    if (etl_loss_points_touch(&reader->points, from_order, to_order)) {
        return true;
    }
    for (size_t i = 0; i < reader->parts.stream_count; i++) {
        if (etl_loss_spans_touch(&reader->parts.streams[i].spans, from_order, to_order)) {
            return true;
        }
    }
    return false;
}

enum etl_loss etl_reader_loss(const struct etl_reader *reader, int64_t from_order, int64_t to_order)
{
    if (reader->whole_lost || reader->end_missing || reader->points.overflowed) {
        return ETL_LOSS_WHOLE_TRACE;
    }
    return lost_between(reader, from_order, to_order) ? ETL_LOSS_SPAN : ETL_LOSS_NONE;
}

bool etl_reader_any_loss(const struct etl_reader *reader)
{
    return reader->whole_lost || lost_between(reader, INT64_MIN, INT64_MAX);
}

size_t etl_reader_note_count(const struct etl_reader *reader)
{
    return reader->notes.count;
}

const char *etl_reader_note(const struct etl_reader *reader, size_t index)
{
    return index < reader->notes.count ? reader->notes.texts[index] : "";
}

void etl_reader_progress(const struct etl_reader *reader, uint64_t *done, uint64_t *total)
{
    *done = reader->env.done_len;
    *total = reader->total_len;
}
