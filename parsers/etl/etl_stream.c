/* SPDX-License-Identifier: Apache-2.0 */

#include "parsers/etl/etl_stream.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "parsers/etl/etl_format.h"

void etl_stream_init(struct etl_stream *stream, size_t number, uint32_t first_entry,
                     int64_t first_ticks)
{
    memset(stream, 0, sizeof *stream);
    stream->number = number;
    stream->entry = ETL_INDEX_NONE;
    stream->next_entry = first_entry;
    stream->order = INT64_MIN;
    stream->ticks = first_ticks;
    stream->last_order = INT64_MIN;
}

void etl_stream_set_store(struct etl_stream *stream, size_t store_max)
{
    etl_store_init(&stream->store, store_max);
}

static void stream_drop_own_window(struct etl_stream *stream)
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
    stream_drop_own_window(stream);
}

static enum etl_status stream_no_memory(struct error_chain *errors, const char *what)
{
    error_chain_add(errors, ERROR_NO_OFFSET, "out of memory for %s", what);
    return ETL_NO_MEMORY;
}

/* Begins a loss that lasts until the stream's next record with a time. */
static enum etl_status stream_open_span(struct etl_stream *stream, struct etl_loss_tree *losses,
                                        int64_t from, struct error_chain *errors)
{
    struct etl_loss_branch *span = etl_loss_tree_open(losses, stream->span, from);
    if (span == NULL) {
        return stream_no_memory(errors, "the spans of losses");
    }
    stream->span = span;
    stream->span_open = true;
    return ETL_OK;
}

/* Names the damage to the bytes of a trace buffer; NULL: there is none. */
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

/* True if the walk left records out. */
static bool walk_is_damaged(const struct etl_walk *walk)
{
    /* A plain trace buffer is filled up behind its records. Of a compressed one only the used part
     * was compressed, so a fill marker does not belong there. */
    bool may_be_filled =
        (walk->entry->flags & (ETL_ENTRY_GUESSED | ETL_ENTRY_COMPRESSED)) == ETL_ENTRY_GUESSED;
    switch (walk->end) {
    case ETL_WALK_AT_WINDOW_END:
        return window_damage(walk->window) != NULL;
    case ETL_WALK_FILL:
        return !may_be_filled;
    default:
        return true;
    }
}

/* A note about the place where a walk had to stop. */
static void walk_note_damage(const struct etl_walk *walk, struct etl_notes *notes)
{
    const struct etl_index_entry *entry = walk->entry;
    const char *name = walk->input->name;
    uint64_t position = etl_walk_position(walk);
    /* Bytes behind a bad record may not have been decoded, so the window knows nothing of them. */
    const char *damage = walk->end == ETL_WALK_BAD_RECORD ? NULL : window_damage(walk->window);
    if (walk->end == ETL_WALK_UNREADABLE) {
        etl_notes_add(notes, name,
                      "trace buffer at offset %" PRIu64 ": can't be read from byte %" PRIu64
                      " of %" PRIu32 " on",
                      entry->offset, position, entry->used);
    } else if (walk->end == ETL_WALK_FILL) {
        etl_notes_add(notes, name,
                      "trace buffer at offset %" PRIu64 ": its records end at byte %" PRIu64
                      ", its header says %" PRIu32,
                      entry->offset, position, entry->used);
    } else if (damage != NULL) {
        etl_notes_add(notes, name,
                      "trace buffer at offset %" PRIu64 ": %s: %" PRIu64 " bytes of %" PRIu32
                      " read",
                      entry->offset, damage, position, entry->used);
    } else {
        etl_notes_add(notes, name,
                      "trace buffer at offset %" PRIu64 ": the record at byte %" PRIu64
                      " has size %" PRIu32 ", %" PRIu64 " bytes are left; they are skipped",
                      entry->offset, position, walk->bad_size,
                      entry->used > position ? entry->used - position : 0);
    }
}

static void walk_count_damaged(const struct etl_walk *walk, uint64_t skipped_len)
{
    if ((walk->entry->flags & ETL_ENTRY_DAMAGED) == 0) {
        walk->input->info.damaged_buffers++;
    }
    walk->input->info.skipped_bytes += skipped_len;
}

/* Adds what a first walk has counted to the totals of its input. */
static void walk_add_counts(const struct etl_walk *walk)
{
    const struct etl_tally *tally = &walk->tally;
    struct etl_record_counts *counts = &walk->input->counts;
    counts->total += tally->total;
    walk->input->info.timestamps_backwards += tally->timestamps_backwards;
    walk->input->info.wpp_without_time += tally->wpp_without_time;
    if (tally->first_ticks > tally->last_ticks) {
        return;
    }
    if (!counts->any_time || tally->first_ticks < counts->first_ticks) {
        counts->first_ticks = tally->first_ticks;
    }
    if (!counts->any_time || tally->last_ticks > counts->last_ticks) {
        counts->last_ticks = tally->last_ticks;
    }
    counts->any_time = true;
}

/* The first event of a stream may be the first one of all. */
static void input_add_start(struct etl_input *input, int64_t order)
{
    struct etl_record_counts *counts = &input->counts;
    if (!counts->any_start || order < counts->start_ticks) {
        counts->start_ticks = order;
    }
    counts->any_start = true;
}

/* The stream comes to a session of an input, with its first event there, or leaves the input. */
static enum etl_status stream_pass_gaps(struct etl_stream *stream, struct etl_input *input,
                                        uint32_t session, int64_t first_order,
                                        struct error_chain *errors)
{
    if (session <= stream->session) {
        return ETL_OK;
    }
    bool passed =
        etl_loss_gaps_pass(&input->gaps, stream->session, session, stream->last_order, first_order);
    stream->session = session;
    return passed ? ETL_OK : stream_no_memory(errors, "the gaps between sessions");
}

static enum etl_status stream_leave_input(struct etl_stream *stream, struct etl_stream_env *env,
                                          struct error_chain *errors)
{
    struct etl_input *input = &env->inputs[env->index->entries[stream->entry].input];
    uint32_t last_session = input->summary.session_count - 1;
    return stream_pass_gaps(stream, input, last_session, INT64_MAX, errors);
}

/* Concludes a first walk: notes, counts, the new state of the stream, and the loss that the trace
 * buffer means. */
static enum etl_status stream_conclude(struct etl_stream *stream, const struct etl_walk *walk,
                                       const struct etl_stream_env *env)
{
    const struct etl_tally *tally = &walk->tally;
    bool damaged = walk_is_damaged(walk);
    if (damaged) {
        uint64_t position = etl_walk_position(walk);
        walk_count_damaged(walk, walk->entry->used > position ? walk->entry->used - position : 0);
        walk_note_damage(walk, env->notes);
    }
    stream->order = tally->order;
    stream->ticks = tally->ticks;
    stream->resume = walk->resume;
    stream->from_order = stream->last_order;
    if (walk->order_known) {
        enum etl_status status = stream_pass_gaps(stream, walk->input, walk->entry->session,
                                                  walk->first_order, walk->errors);
        if (status != ETL_OK) {
            return status;
        }
        if (stream->span_open) {
            etl_loss_tree_close(env->losses, stream->span, walk->first_order);
            stream->span_open = false;
        }
        if (stream->last_order == INT64_MIN) {
            input_add_start(walk->input, walk->first_order);
        }
        stream->last_order = stream->order;
    }
    bool lossy = damaged || (walk->entry->flags & (ETL_ENTRY_LOST | ETL_ENTRY_DAMAGED)) != 0;
    return lossy ? stream_open_span(stream, env->losses, stream->from_order, walk->errors) : ETL_OK;
}

static void walk_init(struct etl_walk *walk, const struct etl_stream *stream,
                      struct etl_stream_env *env, struct error_chain *errors)
{
    memset(walk, 0, sizeof *walk);
    walk->env = &env->walk;
    walk->entry = &env->index->entries[stream->entry];
    walk->input = &env->inputs[walk->entry->input];
    walk->errors = errors;
}

/* A trace buffer of a type that nobody knows: all its records are lost. */
static enum etl_status stream_skip_entry(struct etl_stream *stream, const struct etl_walk *walk,
                                         const struct etl_stream_env *env)
{
    const struct etl_index_entry *entry = walk->entry;
    walk_count_damaged(walk, entry->size);
    etl_notes_add(env->notes, walk->input->name,
                  "trace buffer at offset %" PRIu64 ": its type is above %d, the last known one; "
                  "its %" PRIu32 " bytes are skipped",
                  entry->offset, ETL_BUFFER_TYPE_LAST, entry->size);
    return stream_open_span(stream, env->losses, stream->last_order, walk->errors);
}

/* First walk of a trace buffer, through the window that `walk` has. */
static enum etl_status stream_walk_entry(struct etl_stream *stream, struct etl_stream_env *env,
                                         struct etl_walk *walk)
{
    etl_tally_init(&walk->tally, stream->order, stream->ticks, walk->input->counts.by_kind,
                   &stream->store);
    enum etl_status status = etl_walk_run(walk);
    walk_add_counts(walk);
    env->hook_groups |= walk->tally.hook_groups;
    if (status == ETL_NO_MEMORY) {
        return status;
    }
    enum etl_status concluded = stream_conclude(stream, walk, env);
    if (concluded == ETL_OK &&
        !etl_store_keep_last(&stream->store, walk->window, env->walk.areas)) {
        concluded = stream_no_memory(walk->errors, "the records of a trace buffer");
    }
    return concluded != ETL_OK ? concluded : status;
}

static enum etl_status stream_load_entry(struct etl_stream *stream, struct etl_stream_env *env,
                                         struct error_chain *errors)
{
    const struct etl_index_entry *entries = env->index->entries;
    if (stream->entry != ETL_INDEX_NONE &&
        entries[stream->entry].input != entries[stream->next_entry].input) {
        enum etl_status left = stream_leave_input(stream, env, errors);
        if (left != ETL_OK) {
            return left;
        }
        stream->session = 0;
    }
    struct etl_walk walk;
    stream->entry = stream->next_entry;
    walk_init(&walk, stream, env, errors);
    stream->next_entry = walk.entry->next;
    env->done_len += walk.entry->size;
    struct etl_window *decoded = NULL;
    if (env->ahead != NULL) {
        decoded = etl_ahead_take(env->ahead, stream->number, stream->entry, stream->next_entry);
    }
    if ((walk.entry->flags & ETL_ENTRY_SKIP) != 0) {
        return stream_skip_entry(stream, &walk, env);
    }
    walk.window = decoded != NULL ? decoded : env->window;
    if (decoded == NULL) {
        etl_window_start(walk.window, walk.input->source, walk.entry);
    }
    enum etl_status status = stream_walk_entry(stream, env, &walk);
    if (decoded != NULL) {
        etl_ahead_give_back(env->ahead, decoded);
    }
    return status;
}

/* Opens the stream's own window at the record where the first walk ran out of room. */
static enum etl_status stream_open_own_window(struct etl_stream *stream,
                                              const struct etl_walk *walk)
{
    stream->own_window = malloc(sizeof *stream->own_window);
    if (stream->own_window == NULL) {
        return stream_no_memory(walk->errors, "a window on a trace buffer");
    }
    etl_window_init(stream->own_window, ETL_WINDOW_PRIVATE_LEN);
    etl_window_start(stream->own_window, walk->input->source, walk->entry);
    return etl_window_skip(stream->own_window, stream->resume.position - ETL_BUFFER_HEADER_LEN,
                           walk->errors);
}

/* The records from `resumed_at` on can't be read a second time. */
static enum etl_status stream_note_unreadable(struct etl_stream *stream,
                                              const struct etl_walk *walk, uint64_t resumed_at,
                                              const struct etl_stream_env *env)
{
    uint32_t used = walk->entry->used;
    walk_count_damaged(walk, used > resumed_at ? used - resumed_at : 0);
    etl_notes_add(env->notes, walk->input->name,
                  "trace buffer at offset %" PRIu64 ": can't be read again from byte %" PRIu64
                  " of %" PRIu32 " on",
                  walk->entry->offset, resumed_at, used);
    return stream_open_span(stream, env->losses, stream->from_order, walk->errors);
}

/* Repeats the walk of a trace buffer whose wanted records are too many for the store, for the next
 * storeful of them. All was counted by the first walk, so what is counted here is dropped. */
static enum etl_status stream_load_rest(struct etl_stream *stream, struct etl_stream_env *env,
                                        struct error_chain *errors)
{
    struct etl_walk walk;
    walk_init(&walk, stream, env, errors);
    walk.repeated = true;
    enum etl_status status = ETL_OK;
    if (stream->own_window == NULL) {
        status = stream_open_own_window(stream, &walk);
    }
    uint64_t dropped_counts[ETL_HEADER_COUNT] = {0};
    struct etl_walk_resume from = stream->resume;
    etl_tally_init(&walk.tally, from.order, from.ticks, dropped_counts, &stream->store);
    walk.window = stream->own_window;
    if (status == ETL_OK) {
        status = etl_walk_run(&walk);
        if (!etl_store_keep(&stream->store, walk.window, env->walk.areas)) {
            status = stream_no_memory(errors, "the records of a trace buffer");
        }
    }
    stream->resume = walk.resume;
    if (walk.end == ETL_WALK_STORE_FULL) {
        return ETL_OK;
    }
    if (status == ETL_READ_ERROR) {
        enum etl_status noted = stream_note_unreadable(stream, &walk, from.position, env);
        status = noted != ETL_OK ? noted : status;
    }
    stream_drop_own_window(stream);
    return status;
}

static size_t stream_held(const struct etl_stream *stream)
{
    const struct etl_store *store = &stream->store;
    const struct etl_window *own = stream->own_window;
    size_t window = own != NULL ? own->capacity + own->input_capacity : 0;
    return store->capacity * sizeof *store->items + store->bytes_capacity + window;
}

static enum etl_status stream_load(struct etl_stream *stream, struct etl_stream_env *env,
                                   struct error_chain *errors)
{
    while (!etl_stream_has_head(stream)) {
        etl_store_clear(&stream->store);
        enum etl_status status;
        if (stream->resume.position != 0) {
            status = stream_load_rest(stream, env, errors);
        } else if (stream->next_entry != ETL_INDEX_NONE) {
            status = stream_load_entry(stream, env, errors);
        } else {
            etl_store_finish(&stream->store);
            status = stream_leave_input(stream, env, errors);
            return status == ETL_OK ? ETL_END : status;
        }
        if (status != ETL_OK) {
            return status;
        }
    }
    return ETL_OK;
}

enum etl_status etl_stream_load(struct etl_stream *stream, struct etl_stream_env *env,
                                struct error_chain *errors)
{
    size_t held = stream_held(stream);
    enum etl_status status = stream_load(stream, env, errors);
    env->held += stream_held(stream) - held;
    return status;
}
