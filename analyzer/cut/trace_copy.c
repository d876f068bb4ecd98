/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cut/trace_copy.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/cut/anonymous.h"
#include "base/load.h"
#include "parsers/etl/etl_filter.h"
#include "parsers/etl/etl_format.h"
#include "parsers/etl/etl_header.h"
#include "parsers/etl/etl_index.h"
#include "parsers/etl/etl_parts.h"
#include "parsers/etl/etl_record.h"
#include "parsers/etl/etl_window.h"
#include "writer/trace_writer.h"

/* The largest header that is copied: the log-file header with its two names, and drops of 2,048
 * processors. */
#define HEADER_MAX 0x10000u

/* A record without content: kernel record of a group that nobody uses [OURS]. */
#define STAND_IN_LEN 0x10u
#define STAND_IN_MARKER 0xC0110000u /* PERFINFO64 */
#define STAND_IN_HOOK 0xFEFEu

/* A processor's stream while it is copied. */
struct stream_state {
    int64_t last_ticks;   /* of its last event */
    bool any;             /* there was one */
    bool last_was_chosen; /* true if the copy has that event, or a stand-in for it */
    bool owes_first;      /* a loss ends with the next event: its time must be in the copy */
    bool in_loss;         /* the copy's last trace buffer is flagged, and no event came since */
};

struct copying {
    const struct trace_copy *copy;
    struct etl_input input;
    struct etl_index index;
    struct etl_parts parts; /* only for the order of trace buffers, and whether the end is there */
    struct etl_notes *notes;
    struct etl_window window;
    struct trace_writer writer;
    struct etl_filter_table filter;
    struct stream_state *streams; /* by processor */
    uint32_t largest;             /* chosen record, bytes */
    uint64_t records;
    uint8_t *wanted;   /* owned; see struct trace_copy_plan */
    bool any_loss;     /* a trace buffer is flagged, damaged or skipped */
    bool reads_header; /* only the log-file header and what stands beside it is taken */
    struct error_chain *errors;
    uint8_t header[HEADER_MAX]; /* records of the first trace buffer */
    size_t header_len;
    uint8_t rewritten[ETL_RECORD_LEN_MAX]; /* the anonymous form of a record */
};

/* ---- records ---- */

static void put_stand_in(struct copying *copying, uint16_t processor, int64_t ticks)
{
    uint8_t record[STAND_IN_LEN] = {0};
    const uint32_t marker = STAND_IN_MARKER;
    const struct anonymous *anonymous = copying->copy->anonymous;
    const uint64_t time = (uint64_t)(anonymous != NULL ? anonymous_ticks(anonymous, ticks) : ticks);

    for (unsigned i = 0; i < 4; i++) {
        record[i] = (uint8_t)(marker >> 8 * i);
    }
    record[4] = STAND_IN_LEN;
    record[6] = (uint8_t)STAND_IN_HOOK;
    record[7] = (uint8_t)(STAND_IN_HOOK >> 8);
    for (unsigned i = 0; i < 8; i++) {
        record[8 + i] = (uint8_t)(time >> 8 * i);
    }
    trace_writer_record(&copying->writer, processor, record, STAND_IN_LEN);
}

static struct stream_state *state_of(struct copying *copying, uint16_t processor)
{
    return &copying->streams[processor < ETL_PROCESSOR_STREAMS ? processor : ETL_PROCESSOR_STREAMS];
}

/* A record as the copy has it. *size is 0 where it is left out. */
static const uint8_t *form_of(struct copying *copying, const struct etl_event *event,
                              const uint8_t *record, uint32_t *size)
{
    struct anonymous *anonymous = copying->copy->anonymous;

    if (anonymous == NULL) {
        return record;
    }
    *size = event != NULL ? anonymous_event(anonymous, event, record, *size, copying->rewritten)
                          : anonymous_trace_record(anonymous, record, *size, copying->rewritten);
    return copying->rewritten;
}

static void put_record(struct copying *copying, uint16_t processor, const uint8_t *record,
                       uint32_t size)
{
    copying->largest = size > copying->largest ? size : copying->largest;
    copying->records++;
    if (etl_record_stride(size) <= copying->writer.buffer_size - TRACE_WRITER_HEADER_LEN) {
        trace_writer_record(&copying->writer, processor, record, size);
    }
}

/* The log-file header and the times of the last drops are kept; other records about the trace say
 * nothing about its events. */
static void take_trace_record(struct copying *copying, const struct etl_index_entry *entry,
                              const uint8_t *record, const struct etl_frame *frame)
{
    uint16_t hook = load_u16(record + ETL_RECORD_HOOK_AT);
    uint32_t size = frame->size;

    if (hook != ETL_HOOK_LAST_DROPPED &&
        (hook != ETL_HOOK_LOGFILE_HEADER || (entry->flags & ETL_ENTRY_FIRST) == 0)) {
        return;
    }
    record = form_of(copying, NULL, record, &size);
    uint32_t stride = etl_record_stride(size);
    if ((entry->flags & ETL_ENTRY_FIRST) == 0) {
        put_record(copying, entry->processor, record, size);
    } else if (copying->reads_header && stride <= sizeof copying->header - copying->header_len) {
        memset(copying->header + copying->header_len, 0, stride);
        memcpy(copying->header + copying->header_len, record, size);
        copying->header_len += stride;
    }
}

/* Notes an event for the losses around it. */
static void pass_event(struct copying *copying, uint16_t processor, int64_t ticks, bool chosen)
{
    struct stream_state *state = state_of(copying, processor);

    if (state->owes_first && !chosen) {
        put_stand_in(copying, processor, ticks);
        chosen = true;
    }
    state->owes_first = false;
    state->in_loss = false;
    state->any = true;
    state->last_ticks = ticks;
    state->last_was_chosen = chosen;
}

static void take_event(struct copying *copying, const struct etl_index_entry *entry,
                       const uint8_t *record, const struct etl_frame *frame)
{
    struct stream_state *state = state_of(copying, entry->processor);
    struct etl_event event;
    int64_t ticks = state->last_ticks;

    /* Most records of a large trace end here. */
    if (!etl_filter_wants(&copying->filter, frame->type, record)) {
        (void)etl_record_ticks(record, frame, &ticks);
        pass_event(copying, entry->processor, ticks, false);
        return;
    }

    etl_record_decode(record, frame, state->last_ticks, (uint8_t)copying->input.info.pointer_size,
                      &event);
    event.cpu = entry->processor;
    event.offset = 0;
    event.file = 0;
    event.order = event.ticks;
    bool chosen = copying->copy->choose(copying->copy->user, &event);
    uint32_t size = frame->size;
    if (chosen) {
        record = form_of(copying, &event, record, &size);
        chosen = size != 0;
    }
    pass_event(copying, entry->processor, event.ticks, chosen);
    if (chosen) {
        put_record(copying, entry->processor, record, size);
    }
}

static void take_record(struct copying *copying, const struct etl_index_entry *entry,
                        const uint8_t *record, const struct etl_frame *frame)
{
    if (etl_record_is_of_trace(frame->type, record)) {
        take_trace_record(copying, entry, record, frame);
    } else if (!copying->reads_header) {
        take_event(copying, entry, record, frame);
    }
}

/* ---- trace buffers ---- */

/* Walks to the end of a trace buffer's records; *damaged where it ends before. */
static enum etl_status walk(struct copying *copying, const struct etl_index_entry *entry,
                            bool *damaged)
{
    struct etl_window *window = &copying->window;
    struct etl_frame frame;

    *damaged = false;
    etl_window_start(window, copying->copy->source, entry);
    for (;;) {
        const uint8_t *at = window->bytes + window->begin;
        size_t left = window->end - window->begin;
        enum etl_frame_status status =
            window->bytes != NULL ? etl_record_frame(at, left, &frame) : ETL_FRAME_MORE;

        if (status == ETL_FRAME_OK) {
            take_record(copying, entry, at, &frame);
            uint32_t stride = etl_record_stride(frame.size);
            window->begin += stride < left ? stride : left;
            continue;
        }
        if (status == ETL_FRAME_MORE && window->state == ETL_WINDOW_OPEN) {
            enum etl_status filled = etl_window_fill(window, copying->errors);
            if (filled != ETL_OK) {
                return filled;
            }
            continue;
        }
        *damaged = status == ETL_FRAME_BAD || window->state == ETL_WINDOW_CUT ||
                   window->state == ETL_WINDOW_CORRUPT || (status == ETL_FRAME_MORE && left > 0);
        return ETL_OK;
    }
}

/* A loss begins: the copy must hold the last event's time on this processor, in the trace buffer
 * before. */
static void begin_loss(struct copying *copying, uint16_t processor)
{
    struct stream_state *state = state_of(copying, processor);

    if (state->any && !state->last_was_chosen) {
        put_stand_in(copying, processor, state->last_ticks);
        state->last_was_chosen = true;
    }
    trace_writer_flush(&copying->writer, processor, 0);
}

/* Losses without an event between them are one: the next would say nothing but cost a whole trace
 * buffer. `empty`: no record of this one is in the copy. */
static void end_loss(struct copying *copying, uint16_t processor, bool empty)
{
    struct stream_state *state = state_of(copying, processor);

    if (!state->in_loss || !empty) {
        trace_writer_flush(&copying->writer, processor, ETL_BUFFER_EVENTS_LOST);
    }
    state->owes_first = true;
    state->in_loss = true;
}

static enum etl_status copy_buffer(struct copying *copying, const struct etl_index_entry *entry)
{
    bool lossy = (entry->flags & (ETL_ENTRY_LOST | ETL_ENTRY_DAMAGED | ETL_ENTRY_SKIP)) != 0;
    bool damaged = false;
    enum etl_status status = ETL_OK;

    const uint64_t records = copying->records;
    if (lossy) {
        begin_loss(copying, entry->processor);
    }
    if ((entry->flags & ETL_ENTRY_SKIP) == 0) {
        status = walk(copying, entry, &damaged);
    }
    copying->any_loss |= lossy || damaged;
    copying->wanted[entry - copying->index.entries] |= copying->records != records;
    if (damaged && !lossy) {
        lossy = true; /* the records up to the damage are in the copy, and the rest is lost */
        trace_writer_flush(&copying->writer, entry->processor, 0);
    }
    if (lossy) {
        end_loss(copying, entry->processor, copying->records == records);
    }
    return status == ETL_READ_ERROR ? ETL_OK : status;
}

/* ---- sessions ---- */

/* Ends a session of the copy. Every processor's last and first events count at its border. */
static void end_session(struct copying *copying, bool last)
{
    const struct etl_trace_info *info = &copying->input.info;

    for (uint16_t processor = 0; processor <= ETL_PROCESSOR_STREAMS; processor++) {
        struct stream_state *state = &copying->streams[processor];

        if (!last && state->any && !state->last_was_chosen) {
            put_stand_in(copying, processor, state->last_ticks);
            state->last_was_chosen = true;
        }
        state->owes_first = state->owes_first || (!last && state->any);
        state->in_loss = false;
    }
    trace_writer_end_session(&copying->writer, !last || !info->end_missing);
}

/* True for each entry that another one names as its next. */
static uint8_t *find_followers(const struct etl_index *index)
{
    uint8_t *follows = calloc((size_t)index->count + 1, 1);

    for (uint32_t i = 0; follows != NULL && i < index->count; i++) {
        if (index->entries[i].next != ETL_INDEX_NONE) {
            follows[index->entries[i].next] = 1;
        }
    }
    return follows;
}

static enum etl_status copy_session(struct copying *copying, const struct trace_copy_plan *plan,
                                    const uint8_t *follows, uint32_t session)
{
    for (uint32_t head = 0; head < copying->index.count; head++) {
        uint32_t at = follows[head] ? ETL_INDEX_NONE : head;

        for (; at != ETL_INDEX_NONE; at = copying->index.entries[at].next) {
            const struct etl_index_entry *entry = &copying->index.entries[at];
            bool skip = plan->wanted != NULL && plan->wanted[at] == 0;
            enum etl_status status =
                entry->session == session && !skip ? copy_buffer(copying, entry) : ETL_OK;
            if (status != ETL_OK) {
                return status;
            }
        }
    }
    return ETL_OK;
}

static enum etl_status copy_sessions(struct copying *copying, const struct trace_copy_plan *plan)
{
    uint8_t *follows = find_followers(&copying->index);
    uint32_t count = copying->input.summary.session_count;
    enum etl_status status = ETL_OK;

    copying->wanted = calloc((size_t)copying->index.count + 1, 1);
    if (follows == NULL || copying->wanted == NULL) {
        status = ETL_NO_MEMORY;
    }
    for (uint32_t session = 0; session < count && status == ETL_OK; session++) {
        status = copy_session(copying, plan, follows, session);
        end_session(copying, session + 1 == count);
    }
    free(follows);
    return status;
}

/* ---- the log-file header ---- */

static void patch_u32(uint8_t *at, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++) {
        at[i] = (uint8_t)(value >> 8 * i);
    }
}

/* Members of TRACE_LOGFILE_HEADER, at the same place in both widths [GC, OBS] */
enum { BUFFER_SIZE_AT = 0x00, MODE_AT = 0x20, WRITTEN_AT = 0x24 };

/* The header describes the copy where that differs: size and number of trace buffers, and that none
 * is compressed. A number that the original had wrong stays wrong, because it tells of an end that
 * is missing. */
static void patch_header(struct copying *copying, const struct trace_copy_plan *plan)
{
    uint8_t *payload = copying->header + ETL_SYSTEM_HEADER_LEN;
    const struct etl_trace_info *info = &copying->input.info;

    patch_u32(payload + BUFFER_SIZE_AT, plan->buffer_size);
    patch_u32(payload + MODE_AT, load_u32(payload + MODE_AT) & ~ETL_MODE_COMPRESSED);
    if (!info->end_missing && info->buffers_written != 0) {
        patch_u32(payload + WRITTEN_AT, (uint32_t)plan->buffers);
    }
}

/* The first trace buffer's records are read ahead of all others, because they go first. */
static enum etl_status read_header(struct copying *copying)
{
    bool damaged;

    for (uint32_t i = 0; i < copying->index.count; i++) {
        if ((copying->index.entries[i].flags & ETL_ENTRY_FIRST) != 0) {
            copying->reads_header = true;
            enum etl_status status = walk(copying, &copying->index.entries[i], &damaged);
            copying->reads_header = false;
            return copying->header_len >= ETL_SYSTEM_HEADER_LEN + ETL_LOGFILE_HEADER_LEN_32
                       ? status
                       : ETL_READ_ERROR;
        }
    }
    return ETL_READ_ERROR;
}

/* ---- the whole ---- */

static enum etl_status open_input(struct copying *copying)
{
    struct etl_buffer_header first;
    struct etl_input *input = &copying->input;

    input->source = copying->copy->source;
    input->name = copying->copy->name;
    enum etl_status status = etl_header_read(input->source, &input->info, &first, copying->errors);
    if (status == ETL_OK) {
        status = etl_index_add(&copying->index, input, 0, copying->notes, copying->errors);
    }
    if (status == ETL_OK) {
        status = etl_parts_build(&copying->parts, &copying->index, input, 1, copying->errors);
    }
    return status;
}

static enum etl_status run(struct copying *copying, const struct trace_copy_plan *plan,
                           struct out *out)
{
    enum etl_status status = open_input(copying);

    if (status != ETL_OK || !trace_writer_init(&copying->writer, out, plan->buffer_size)) {
        return status != ETL_OK ? status : ETL_NO_MEMORY;
    }
    if (copying->copy->anonymous != NULL) {
        anonymous_begin(copying->copy->anonymous, &copying->input.info);
    }
    status = read_header(copying);
    if (status != ETL_OK) {
        return status;
    }
    patch_header(copying, plan);
    if (copying->header_len <= plan->buffer_size - TRACE_WRITER_HEADER_LEN) {
        trace_writer_begin(&copying->writer, copying->header, copying->header_len);
    }
    status = copy_sessions(copying, plan);
    return copying->writer.no_memory ? ETL_NO_MEMORY : status;
}

static void copying_destroy(struct copying *copying)
{
    etl_filter_table_finish(&copying->filter);
    etl_window_finish(&copying->window);
    etl_parts_finish(&copying->parts);
    etl_loss_gaps_finish(&copying->input.gaps);
    etl_index_finish(&copying->index);
    trace_writer_finish(&copying->writer);
    free(copying->streams);
    free(copying->notes);
    free(copying->wanted);
    free(copying);
}

static struct copying *copying_create(const struct trace_copy *copy, struct error_chain *errors)
{
    struct copying *copying = calloc(1, sizeof *copying);

    if (copying == NULL) {
        return NULL;
    }
    copying->copy = copy;
    copying->errors = errors;
    copying->streams = calloc(ETL_PROCESSOR_STREAMS + 1, sizeof *copying->streams);
    copying->notes = calloc(1, sizeof *copying->notes);
    etl_window_init(&copying->window, ETL_WINDOW_SHARED_LEN);
    const struct etl_filter all = {.everything = true};
    bool filters =
        etl_filter_table_init(&copying->filter, copy->filter != NULL ? copy->filter : &all);
    if (!filters || copying->streams == NULL || copying->notes == NULL) {
        copying_destroy(copying);
        return NULL;
    }
    return copying;
}

/* Goes through the file once, with trace buffers of the plan's size. Where a record or the header
 * is larger, the plan gets a size that holds it. */
static enum etl_status measure(const struct trace_copy *copy, struct trace_copy_plan *plan,
                               struct error_chain *errors)
{
    struct copying *copying = copying_create(copy, errors);

    if (copying == NULL) {
        return ETL_NO_MEMORY;
    }
    enum etl_status status = run(copying, plan, NULL);
    uint32_t largest = copying->largest;
    if (copying->header_len > largest) {
        largest = (uint32_t)copying->header_len;
    }
    plan->buffer_size = trace_writer_size_for(largest);
    plan->buffers = copying->writer.buffers;
    plan->records = copying->records;
    if (!copying->any_loss && copying->input.summary.session_count == 1) {
        plan->wanted = copying->wanted;
        copying->wanted = NULL;
    }
    copying_destroy(copying);
    return status;
}

enum etl_status trace_copy_measure(const struct trace_copy *copy, struct trace_copy_plan *plan,
                                   struct error_chain *errors)
{
    struct trace_copy_plan made = {.buffer_size = TRACE_WRITER_SIZE_MIN};
    enum etl_status status = measure(copy, &made, errors);

    if (status == ETL_OK && made.buffer_size != TRACE_WRITER_SIZE_MIN) {
        struct trace_copy_plan larger = {.buffer_size = made.buffer_size};
        trace_copy_plan_finish(&made);
        status = measure(copy, &larger, errors);
        made = larger;
    }
    trace_copy_plan_finish(plan);
    *plan = made;
    return status;
}

void trace_copy_plan_finish(struct trace_copy_plan *plan)
{
    free(plan->wanted);
    plan->wanted = NULL;
}

enum etl_status trace_copy_write(const struct trace_copy *copy, const struct trace_copy_plan *plan,
                                 struct out *out, struct error_chain *errors)
{
    struct copying *copying = copying_create(copy, errors);

    if (copying == NULL) {
        return ETL_NO_MEMORY;
    }
    enum etl_status status = run(copying, plan, out);
    copying_destroy(copying);
    return status;
}
