/* SPDX-License-Identifier: Apache-2.0 */

#include "parsers/etl/etl_reader.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/least.h"
#include "parsers/etl/etl_ahead.h"
#include "parsers/etl/etl_areas.h"
#include "parsers/etl/etl_filter.h"
#include "parsers/etl/etl_format.h"
#include "parsers/etl/etl_header.h"
#include "parsers/etl/etl_index.h"
#include "parsers/etl/etl_loss.h"
#include "parsers/etl/etl_merge.h"
#include "parsers/etl/etl_notes.h"
#include "parsers/etl/etl_parts.h"
#include "parsers/etl/etl_stream.h"
#include "parsers/etl/etl_window.h"

struct etl_reader {
    struct etl_input *inputs; /* owned */
    size_t input_count;
    struct etl_index index;
    struct etl_parts parts; /* has the streams */
    struct etl_merge merge;
    struct etl_ahead *ahead; /* owned; NULL: nobody helps */

    /* Shared by all streams, which find the rest by way of env. */
    struct etl_filter_table filter;
    struct etl_window window;
    struct etl_areas areas;
    struct etl_loss_points points;
    struct etl_loss_tree losses;
    struct etl_notes notes;
    struct etl_stream_env env;

    uint64_t total_len;     /* bytes of all trace buffers in the index */
    bool whole_lost;        /* some loss has no position */
    bool end_missing;       /* of any input */
    struct etl_event event; /* the one that etl_reader_next() has handed out */
};

bool etl_reader_check_start(const uint8_t *bytes, size_t len, struct error_chain *errors)
{
    return etl_header_check(bytes, least_size(len, ETL_START_LEN), errors) == ETL_OK;
}

static enum etl_status reader_no_memory(struct error_chain *errors)
{
    error_chain_add(errors, ERROR_NO_OFFSET, "out of memory for a trace reader");
    return ETL_NO_MEMORY;
}

static enum etl_status reader_open_input(struct etl_reader *reader, size_t number,
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
    if (input->summary.session_count > 1) {
        etl_notes_add(&reader->notes, input->name,
                      "%" PRIu32 " sessions were appended to one another: nothing is known of the "
                      "time between them, which counts as lost",
                      input->summary.session_count);
    }
    if ((input->info.mode & ETL_MODE_APPEND) != 0 && clock->kind == ETL_CLOCK_QPC) {
        etl_notes_add(&reader->notes, input->name,
                      "appended sessions on the performance counter: times are wrong if the "
                      "computer was restarted between them");
    }
    return ETL_OK;
}

static enum etl_status reader_open_inputs(struct etl_reader *reader,
                                          struct byte_source *const *sources,
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
        return reader_no_memory(errors);
    }
    for (size_t i = 0; i < source_count; i++) {
        reader->inputs[i].source = sources[i];
        reader->inputs[i].name = names[i];
        reader->input_count = i + 1;
        enum etl_status status = reader_open_input(reader, i, errors);
        if (status != ETL_OK) {
            return status;
        }
    }
    return etl_parts_build(&reader->parts, &reader->index, reader->inputs, source_count, errors);
}

/* Takes the times of loss that the first trace buffer of each input tells. The walk of a later part
 * would come to them after events of that time have been handed out. */
static enum etl_status reader_take_first_points(struct etl_reader *reader,
                                                struct error_chain *errors)
{
    for (uint32_t i = 0; i < reader->index.count; i++) {
        const struct etl_index_entry *entry = &reader->index.entries[i];
        if ((entry->flags & ETL_ENTRY_FIRST) == 0) {
            continue;
        }
        enum etl_status status = etl_walk_take_points(&reader->window, &reader->points,
                                                      &reader->inputs[entry->input], entry, errors);
        if (status != ETL_OK) {
            return status;
        }
    }
    return ETL_OK;
}

/* Bytes of one stream's store, of a budget for windows and stores of all streams. */
static size_t store_max(size_t window_budget, size_t stream_count)
{
    size_t budget = window_budget == 0 ? ETL_WINDOW_BUDGET : window_budget;
    size_t share = budget / (stream_count == 0 ? 1 : stream_count);
    return greatest_size(share, ETL_WINDOW_MIN) - ETL_WINDOW_MIN + ETL_STORE_MIN;
}

static void reader_init_env(struct etl_reader *reader, const struct etl_reader_options *options)
{
    reader->env = (struct etl_stream_env){
        .index = &reader->index,
        .inputs = reader->inputs,
        .walk = {.filter = &reader->filter,
                 .observe = options->observe,
                 .observe_user = options->observe_user,
                 .points = &reader->points,
                 .areas = &reader->areas},
        .losses = &reader->losses,
        .notes = &reader->notes,
        .window = &reader->window,
    };
}

static enum etl_status reader_prepare(struct etl_reader *reader,
                                      const struct etl_reader_options *options,
                                      struct error_chain *errors)
{
    size_t stream_count = reader->parts.stream_count;
    if (!etl_filter_table_init(&reader->filter, &options->filter)) {
        return reader_no_memory(errors);
    }
    reader_init_env(reader, options);
    for (size_t i = 0; i < stream_count; i++) {
        etl_stream_set_store(&reader->parts.streams[i],
                             store_max(options->window_budget, stream_count));
    }
    for (uint32_t i = 0; i < reader->index.count; i++) {
        reader->total_len += reader->index.entries[i].size;
    }
    for (size_t i = 0; i < reader->input_count; i++) {
        const struct etl_input *input = &reader->inputs[i];
        reader->whole_lost |= input->info.events_lost != 0 || input->info.buffers_lost != 0 ||
                              input->summary.place_unknown;
        reader->end_missing |= input->info.end_missing;
    }
    enum etl_status status = etl_merge_init(&reader->merge, reader->parts.streams, stream_count,
                                            &reader->env, options->is_post, errors);
    return status == ETL_OK ? reader_take_first_points(reader, errors) : status;
}

enum etl_status etl_reader_open(struct byte_source *const *sources, const char *const *names,
                                size_t source_count, const struct etl_reader_options *options,
                                struct etl_reader **reader, struct error_chain *errors)
{
    *reader = NULL;
    struct etl_reader *opened = calloc(1, sizeof *opened);
    if (opened == NULL) {
        return reader_no_memory(errors);
    }
    etl_window_init(&opened->window, ETL_WINDOW_SHARED_LEN);
    etl_loss_tree_init(&opened->losses);
    enum etl_status status = reader_open_inputs(opened, sources, names, source_count, errors);
    if (status == ETL_OK) {
        status = reader_prepare(opened, options, errors);
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
    etl_merge_finish(&reader->merge);
    etl_parts_finish(&reader->parts);
    etl_index_finish(&reader->index);
    etl_filter_table_finish(&reader->filter);
    etl_window_finish(&reader->window);
    etl_areas_finish(&reader->areas);
    etl_loss_points_finish(&reader->points);
    etl_loss_tree_finish(&reader->losses);
    for (size_t i = 0; i < reader->input_count; i++) {
        etl_loss_gaps_finish(&reader->inputs[i].gaps);
    }
    free(reader->inputs);
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

enum etl_status etl_reader_next_many(struct etl_reader *reader, struct etl_event *events,
                                     size_t count_max, size_t len_max, size_t *count,
                                     struct error_chain *errors)
{
    return etl_merge_next(&reader->merge, events, count_max, len_max, count, errors);
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

static bool reader_lost_between(const struct etl_reader *reader, int64_t from_order,
                                int64_t to_order)
{
    if (etl_loss_points_touch(&reader->points, from_order, to_order)) {
        return true;
    }
    for (size_t i = 0; i < reader->input_count; i++) {
        if (etl_loss_spans_touch(&reader->inputs[i].gaps.spans, from_order, to_order)) {
            return true;
        }
    }
    return etl_loss_tree_touch(&reader->losses, from_order, to_order);
}

enum etl_loss etl_reader_loss(const struct etl_reader *reader, int64_t from_order, int64_t to_order)
{
    if (reader->whole_lost || reader->end_missing || reader->points.overflowed) {
        return ETL_LOSS_WHOLE_TRACE;
    }
    return reader_lost_between(reader, from_order, to_order) ? ETL_LOSS_SPAN : ETL_LOSS_NONE;
}

bool etl_reader_has_group(const struct etl_reader *reader, unsigned group)
{
    return (reader->env.hook_groups >> group & 1) != 0;
}

bool etl_reader_any_loss(const struct etl_reader *reader)
{
    return reader->whole_lost || reader_lost_between(reader, INT64_MIN, INT64_MAX);
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

size_t etl_reader_held(const struct etl_reader *reader)
{
    size_t stream_len = sizeof *reader->parts.streams + sizeof *reader->merge.heap + 1;
    return reader->env.held + reader->parts.stream_count * stream_len +
           reader->index.capacity * sizeof *reader->index.entries + reader->window.capacity +
           reader->window.input_capacity + reader->areas.held +
           etl_loss_tree_bytes(&reader->losses);
}
