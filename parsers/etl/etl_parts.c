/* SPDX-License-Identifier: Apache-2.0 */

#include "parsers/etl/etl_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parsers/etl/etl_format.h"

/* A slot for each processor number, and one for all higher numbers. */
#define SLOT_COUNT (ETL_PROCESSOR_STREAMS + 1)

/* The entries of one processor, linked in the index by `next`. */
struct chain {
    uint32_t head, tail;
    bool falls; /* some sequence number is less than the one before it */
};

struct builder {
    struct etl_parts *parts;
    struct etl_index *index;
    struct etl_input *inputs;
    struct error_chain *errors;
    struct chain own[SLOT_COUNT];   /* one input */
    struct chain group[SLOT_COUNT]; /* the earlier parts of its session */
    uint32_t *order;                /* inputs: those of a session side by side, earliest first */
};

static const struct chain no_chain = {ETL_INDEX_NONE, ETL_INDEX_NONE, false};

static bool inputs_share_session(const struct etl_input *a, const struct etl_input *b)
{
    return (a->info.mode & b->info.mode & ETL_MODE_NEWFILE) != 0 &&
           strcmp(a->info.session_name, b->info.session_name) == 0;
}

static bool input_is_earlier(const struct etl_input *a, const struct etl_input *b)
{
    if (a->info.start_filetime != b->info.start_filetime) {
        return a->info.start_filetime < b->info.start_filetime;
    }
    return a->summary.lowest_sequence < b->summary.lowest_sequence;
}

/* Moves all parts of the session whose first part stands at order[at] behind it, and sorts them by
 * time. Returns how many there are. */
static size_t builder_take_group(struct builder *builder, size_t at, size_t input_count)
{
    const struct etl_input *first = &builder->inputs[builder->order[at]];
    size_t end = at + 1;
    for (size_t i = end; i < input_count; i++) {
        uint32_t candidate = builder->order[i];
        if (!inputs_share_session(first, &builder->inputs[candidate])) {
            continue;
        }
        memmove(&builder->order[end + 1], &builder->order[end], (i - end) * sizeof *builder->order);
        builder->order[end++] = candidate;
    }
    /* Insertion sort, because parts are few and mostly given in order. */
    for (size_t i = at + 1; i < end; i++) {
        uint32_t moved = builder->order[i];
        size_t to = i;
        while (to > at && input_is_earlier(&builder->inputs[moved],
                                           &builder->inputs[builder->order[to - 1]])) {
            builder->order[to] = builder->order[to - 1];
            to--;
        }
        builder->order[to] = moved;
    }
    return end - at;
}

/* Decides whether the end of an input is missing. `needs_marker`: the input must have the final
 * flush marker. */
static void input_judge_end(struct etl_input *input, bool needs_marker)
{
    struct etl_trace_info *info = &input->info;
    const char *why = NULL;
    if (!info->finalised) {
        why = "the trace was never finalised: its header has no end time or no trace buffer count";
    } else if (input->summary.cut_why[0] != '\0') {
        why = input->summary.cut_why;
    } else if (needs_marker && !input->summary.end_flushed) {
        why = "the trace buffer that was written last lacks the final flush marker";
    }
    info->cut = input->summary.cut_why[0] != '\0';
    info->sessions = input->summary.session_count;
    info->end_missing = why != NULL;
    snprintf(info->end_missing_why, sizeof info->end_missing_why, "%s", why == NULL ? "" : why);
}

static bool entry_goes_before(const struct etl_index_entry *a, const struct etl_index_entry *b)
{
    bool a_first = (a->flags & ETL_ENTRY_FIRST) != 0;
    bool b_first = (b->flags & ETL_ENTRY_FIRST) != 0;
    return a_first != b_first ? a_first : a->sequence <= b->sequence;
}

/* Merges two sorted lists. Of equal entries those of the first list come first. */
static uint32_t entries_merge(struct etl_index_entry *entries, uint32_t a, uint32_t b)
{
    uint32_t head = ETL_INDEX_NONE;
    uint32_t *link = &head;
    while (a != ETL_INDEX_NONE && b != ETL_INDEX_NONE) {
        uint32_t *from = entry_goes_before(&entries[a], &entries[b]) ? &a : &b;
        *link = *from;
        link = &entries[*from].next;
        *from = *link;
    }
    *link = a != ETL_INDEX_NONE ? a : b;
    return head;
}

/* Sorts a list by sequence number, stable: a merge sort in which runs[i] is a sorted list of 2^i
 * entries, or empty. */
static void chain_sort(struct etl_index_entry *entries, struct chain *chain)
{
    uint32_t runs[32];
    for (size_t i = 0; i < 32; i++) {
        runs[i] = ETL_INDEX_NONE;
    }
    uint32_t at = chain->head;
    while (at != ETL_INDEX_NONE) {
        uint32_t run = at;
        at = entries[at].next;
        entries[run].next = ETL_INDEX_NONE;
        size_t i = 0;
        while (runs[i] != ETL_INDEX_NONE) {
            run = entries_merge(entries, runs[i], run);
            runs[i++] = ETL_INDEX_NONE;
        }
        runs[i] = run;
    }
    uint32_t sorted = ETL_INDEX_NONE;
    for (size_t i = 0; i < 32; i++) {
        sorted = entries_merge(entries, runs[i], sorted);
    }
    chain->head = sorted;
    while (entries[sorted].next != ETL_INDEX_NONE) {
        sorted = entries[sorted].next;
    }
    chain->tail = sorted;
}

static void chain_append(struct etl_index_entry *entries, struct chain *to,
                         const struct chain *from)
{
    if (from->head == ETL_INDEX_NONE) {
        return;
    }
    if (to->head == ETL_INDEX_NONE) {
        *to = *from;
        return;
    }
    entries[to->tail].next = from->head;
    to->tail = from->tail;
}

/* Links the entries of one input: in file order, or by sequence number where a circular file has
 * wrapped. */
static void builder_chain_input(struct builder *builder, const struct etl_input *input)
{
    struct etl_index_entry *entries = builder->index->entries;
    for (size_t i = 0; i < SLOT_COUNT; i++) {
        builder->own[i] = no_chain;
    }
    for (uint32_t i = 0; i < input->summary.entry_count; i++) {
        uint32_t at = input->summary.first_entry + i;
        size_t slot = entries[at].processor < ETL_PROCESSOR_STREAMS ? entries[at].processor
                                                                    : ETL_PROCESSOR_STREAMS;
        struct chain *chain = &builder->own[slot];
        if (chain->tail != ETL_INDEX_NONE) {
            chain->falls |= !entry_goes_before(&entries[chain->tail], &entries[at]);
        }
        struct chain one = {at, at, chain->falls};
        chain_append(entries, chain, &one);
    }
    bool wraps =
        (input->info.mode & ETL_MODE_CIRCULAR) != 0 && (input->info.mode & ETL_MODE_APPEND) == 0;
    for (size_t i = 0; wraps && i < SLOT_COUNT; i++) {
        if (builder->own[i].falls) {
            chain_sort(entries, &builder->own[i]);
        }
    }
}

/* Returns the number of processors of the input that was linked last. */
static uint32_t builder_stream_count(const struct builder *builder)
{
    uint32_t count = 0;
    for (size_t i = 0; i < SLOT_COUNT; i++) {
        count += builder->own[i].head != ETL_INDEX_NONE;
    }
    return count;
}

static enum etl_status builder_add_stream(struct builder *builder, uint32_t head)
{
    struct etl_parts *parts = builder->parts;
    if (parts->stream_count == parts->stream_capacity) {
        size_t capacity = parts->stream_capacity == 0 ? 16 : parts->stream_capacity * 2;
        struct etl_stream *grown = realloc(parts->streams, capacity * sizeof *grown);
        if (grown == NULL) {
            error_chain_add(builder->errors, ERROR_NO_OFFSET,
                            "out of memory for %zu processor streams", capacity);
            return ETL_NO_MEMORY;
        }
        parts->streams = grown;
        parts->stream_capacity = capacity;
    }
    const struct etl_index_entry *entry = &builder->index->entries[head];
    int64_t ticks = builder->inputs[entry->input].info.clock.base_ticks;
    etl_stream_init(&parts->streams[parts->stream_count], parts->stream_count, head, ticks);
    parts->stream_count++;
    return ETL_OK;
}

static enum etl_status builder_build_group(struct builder *builder, size_t at, size_t count)
{
    for (size_t i = 0; i < SLOT_COUNT; i++) {
        builder->group[i] = no_chain;
    }
    for (size_t i = 0; i < count; i++) {
        struct etl_input *input = &builder->inputs[builder->order[at + i]];
        bool numbered = (input->info.mode & ETL_MODE_NEWFILE) != 0;
        /* Of several parts only the last one has the end of the session. A part that is given alone
         * may be any of them. */
        input_judge_end(input, numbered ? count > 1 && i == count - 1 : true);
        builder_chain_input(builder, input);
        if (!etl_loss_gaps_init(&input->gaps, input->summary.session_count,
                                builder_stream_count(builder))) {
            error_chain_add(builder->errors, ERROR_NO_OFFSET,
                            "out of memory for %" PRIu32 " sessions", input->summary.session_count);
            return ETL_NO_MEMORY;
        }
        for (size_t slot = 0; slot < SLOT_COUNT; slot++) {
            chain_append(builder->index->entries, &builder->group[slot], &builder->own[slot]);
        }
    }
    for (size_t slot = 0; slot < SLOT_COUNT; slot++) {
        if (builder->group[slot].head != ETL_INDEX_NONE) {
            enum etl_status status = builder_add_stream(builder, builder->group[slot].head);
            if (status != ETL_OK) {
                return status;
            }
        }
    }
    return ETL_OK;
}

enum etl_status etl_parts_build(struct etl_parts *parts, struct etl_index *index,
                                struct etl_input *inputs, size_t input_count,
                                struct error_chain *errors)
{
    memset(parts, 0, sizeof *parts);
    struct builder *builder = calloc(1, sizeof *builder);
    uint32_t *order = calloc(input_count + 1, sizeof *order);
    enum etl_status status = ETL_OK;
    if (builder == NULL || order == NULL) {
        error_chain_add(errors, ERROR_NO_OFFSET, "out of memory");
        status = ETL_NO_MEMORY;
        goto done;
    }
    builder->parts = parts;
    builder->index = index;
    builder->inputs = inputs;
    builder->errors = errors;
    builder->order = order;
    for (size_t i = 0; i < input_count; i++) {
        order[i] = (uint32_t)i;
    }
    size_t at = 0;
    while (at < input_count && status == ETL_OK) {
        size_t count = builder_take_group(builder, at, input_count);
        status = builder_build_group(builder, at, count);
        at += count;
    }
done:
    free(builder);
    free(order);
    return status;
}

void etl_parts_finish(struct etl_parts *parts)
{
    for (size_t i = 0; i < parts->stream_count; i++) {
        etl_stream_finish(&parts->streams[i]);
    }
    free(parts->streams);
    memset(parts, 0, sizeof *parts);
}
