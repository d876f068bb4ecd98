/* SPDX-License-Identifier: Apache-2.0 */

#include "parsers/etl/etl_index.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/least.h"
#include "base/load.h"

#define READ_AHEAD_LEN 4096 /* bytes read at once, which may hold several tiny trace buffers */
#define PROCESSOR_WORDS (65536 / 64)

_Static_assert(sizeof(struct etl_index_entry) == ETL_INDEX_ENTRY_LEN, "documented size");

struct scan {
    struct etl_index *index;
    struct byte_source *source;
    uint16_t input;
    const char *name;
    struct etl_trace_info *info;
    struct etl_notes *notes;
    struct etl_index_summary *summary;
    struct error_chain *errors;

    uint64_t position;
    uint64_t last_start;    /* where the last trace buffer began */
    uint64_t skipped_count; /* estimate of how many trace buffers the skipped bytes were */
    uint32_t nominal;       /* size of every trace buffer, if the file has one; else 0 */

    /* Of the session that the pass is in; an appended file has several. */
    int64_t session_lowest, session_highest;         /* sequence numbers */
    bool last_flushed, highest_flushed, any_flushed; /* trace buffers with the flush marker */
    bool any_data;                                   /* a trace buffer behind the first one */

    uint64_t ahead_offset;
    size_t ahead_len;
    uint8_t ahead[READ_AHEAD_LEN];
    uint64_t processors[PROCESSOR_WORDS];
};

/* How one trace buffer lies in the file. */
struct extent {
    uint64_t size;
    bool damaged;
};

/* Gives the bytes at `offset`: `len` of them, at most READ_AHEAD_LEN, which the file must have. */
static enum etl_status scan_peek(struct scan *scan, uint64_t offset, size_t len,
                                 const uint8_t **bytes)
{
    if (offset < scan->ahead_offset || offset - scan->ahead_offset > scan->ahead_len ||
        len > scan->ahead_len - (size_t)(offset - scan->ahead_offset)) {
        uint64_t rest = scan->source->size - offset;
        scan->ahead_len = 0;
        size_t ahead_len = (size_t)least_u64(rest, READ_AHEAD_LEN);
        if (byte_source_read(scan->source, offset, scan->ahead, ahead_len, scan->errors) !=
            BYTE_SOURCE_OK) {
            return ETL_READ_ERROR;
        }
        scan->ahead_offset = offset;
        scan->ahead_len = ahead_len;
    }
    *bytes = scan->ahead + (offset - scan->ahead_offset);
    return ETL_OK;
}

static bool used_fits(uint32_t used, uint32_t limit)
{
    return used >= ETL_BUFFER_HEADER_LEN && used <= limit;
}

/* True if all fields but the size fit a trace buffer of `size` bytes. */
static bool header_is_plausible(const struct etl_buffer_header *header, uint32_t size)
{
    bool compressed = (header->flags & ETL_BUFFER_COMPRESSED) != 0;
    return header->type <= ETL_BUFFER_TYPE_LAST && (header->flags & ~ETL_BUFFER_FLAGS_KNOWN) == 0 &&
           used_fits(header->used, compressed ? ETL_DECODED_MAX : size);
}

/* True if a trace buffer seems to begin at `offset`; asked where a size is in doubt. */
static enum etl_status scan_plausible(struct scan *scan, uint64_t offset, bool *plausible)
{
    *plausible = false;
    const size_t len = ETL_BUFFER_HEADER_LEN + sizeof(uint32_t);
    if (offset >= scan->source->size || scan->source->size - offset < len) {
        return ETL_OK;
    }
    const uint8_t *bytes;
    enum etl_status status = scan_peek(scan, offset, len, &bytes);
    if (status != ETL_OK) {
        return status;
    }
    struct etl_buffer_header header;
    etl_buffer_header_parse(bytes, &header);
    bool compressed = (header.flags & ETL_BUFFER_COMPRESSED) != 0;
    unsigned selector = bytes[ETL_BUFFER_HEADER_LEN + 3];
    *plausible = used_fits(header.size, ETL_BUFFER_SIZE_MAX) &&
                 header_is_plausible(&header, header.size) &&
                 (compressed || (selector & 0x80) != 0);
    return ETL_OK;
}

/* True if a trace buffer seems to begin at `offset`, or the file ends there. */
static enum etl_status scan_continues(struct scan *scan, uint64_t offset, bool *continues)
{
    if (offset == scan->source->size) {
        *continues = true;
        return ETL_OK;
    }
    return scan_plausible(scan, offset, continues);
}

/* Settles the size of the trace buffer at scan->position; 0: it can't be told. */
static enum etl_status scan_size(struct scan *scan, const struct etl_buffer_header *header,
                                 struct extent *extent)
{
    uint64_t rest = scan->source->size - scan->position;
    bool fits = used_fits(header->size, ETL_BUFFER_SIZE_MAX) && header->size <= rest;
    bool compressed = (header->flags & ETL_BUFFER_COMPRESSED) != 0 || scan->nominal == 0;
    extent->size = header->size;
    extent->damaged = false;
    if (fits && (compressed || header->size == scan->nominal)) {
        return ETL_OK;
    }
    /* All trace buffers of an uncompressed file have one size. Another size is believed if the file
     * goes on behind the trace buffer. */
    bool continues = false;
    enum etl_status status = ETL_OK;
    if (fits) {
        status = scan_continues(scan, scan->position + header->size, &continues);
    }
    if (status != ETL_OK || continues) {
        return status;
    }
    if (scan->nominal != 0 && scan->nominal <= rest) {
        status = scan_continues(scan, scan->position + scan->nominal, &continues);
    }
    if (status != ETL_OK) {
        return status;
    }
    if (continues && header_is_plausible(header, scan->nominal)) {
        extent->size = scan->nominal;
        extent->damaged = true;
    } else if (header->size == scan->nominal && header->size > rest) {
        /* The file is cut inside this trace buffer, whose size is right. */
    } else if (!used_fits(header->size, ETL_BUFFER_SIZE_MAX) ||
               !header_is_plausible(header, header->size)) {
        extent->size = 0;
    }
    if (extent->size == 0 && scan->position == 0) {
        /* A trace buffer is here in any case: the log-file header was read from it. */
        bool steady = scan->nominal != 0 && scan->nominal <= rest;
        extent->size = steady ? scan->nominal : header->size;
    }
    return ETL_OK;
}

/* The most that a compressed trace buffer of `size` bytes may decode to. Without a limit a small
 * file could keep the program busy for hours. */
static uint32_t decoded_len_max(uint64_t size)
{
    uint64_t limit = ETL_DECODED_FREE + size * ETL_DECODED_RATIO_MAX;
    return (uint32_t)least_u64(limit, ETL_DECODED_MAX);
}

/* Settles the used length by the field that holds a possible one. */
static void entry_settle_used(const struct etl_buffer_header *header, uint64_t claimed_size,
                              struct etl_index_entry *entry)
{
    bool compressed = (entry->flags & ETL_ENTRY_COMPRESSED) != 0;
    uint32_t limit = compressed ? ETL_DECODED_MAX : (uint32_t)claimed_size;
    if (used_fits(header->used, limit)) {
        entry->used = header->used;
    } else if (used_fits(header->saved_offset, limit)) {
        entry->used = header->saved_offset;
    } else {
        entry->used = limit;
        entry->flags |= ETL_ENTRY_GUESSED;
    }
    if (compressed && entry->used > decoded_len_max(claimed_size)) {
        entry->used = decoded_len_max(claimed_size);
    }
}

static enum etl_status scan_push_entry(struct scan *scan, const struct etl_index_entry *entry)
{
    struct etl_index *index = scan->index;
    if (index->count == index->capacity) {
        uint64_t capacity = index->capacity == 0 ? 64 : (uint64_t)index->capacity * 2;
        struct etl_index_entry *grown = NULL;
        if (capacity < ETL_INDEX_NONE && capacity <= SIZE_MAX / sizeof *grown) {
            grown = realloc(index->entries, (size_t)capacity * sizeof *grown);
        }
        if (grown == NULL) {
            error_chain_add(scan->errors, scan->position,
                            "out of memory for an index of more than %" PRIu32 " trace buffers",
                            index->count);
            return ETL_NO_MEMORY;
        }
        index->entries = grown;
        index->capacity = (uint32_t)capacity;
    }
    index->entries[index->count++] = *entry;
    scan->summary->entry_count++;
    return ETL_OK;
}

/* An appended session begins. Those beyond ETL_SESSIONS_MAX count as one, whose losses have no
 * position. */
static void scan_begin_session(struct scan *scan)
{
    struct etl_index_summary *summary = scan->summary;
    if (summary->session_count < ETL_SESSIONS_MAX) {
        summary->session_count++;
    } else if (!summary->place_unknown) {
        summary->place_unknown = true;
        etl_notes_add(scan->notes, scan->name,
                      "more than %d sessions were appended to one another: nobody knows what was "
                      "lost between them",
                      ETL_SESSIONS_MAX);
    }
}

static void scan_count_sequence(struct scan *scan, const struct etl_buffer_header *header)
{
    bool flushed = (header->flags & ETL_BUFFER_FLUSH_MARKER) != 0;
    bool append = (scan->info->mode & ETL_MODE_APPEND) != 0;
    /* The sequence numbers of each appended session begin at 1 again. */
    bool begins_again = append && scan->any_data && header->sequence <= scan->session_lowest;
    if (begins_again) {
        scan_begin_session(scan);
    }
    if (!scan->any_data || begins_again) {
        scan->session_lowest = header->sequence;
        scan->session_highest = INT64_MIN;
        scan->any_flushed = false;
    }
    scan->any_data = true;
    scan->last_flushed = flushed;
    scan->any_flushed |= flushed;
    if (header->sequence >= scan->session_highest) {
        scan->session_highest = header->sequence;
        scan->highest_flushed = flushed;
    }
    scan->session_lowest = least_i64(header->sequence, scan->session_lowest);
    struct etl_index_summary *summary = scan->summary;
    summary->lowest_sequence = least_i64(header->sequence, summary->lowest_sequence);
    summary->highest_sequence = greatest_i64(header->sequence, summary->highest_sequence);
}

static void scan_count_header(struct scan *scan, const struct etl_buffer_header *header)
{
    scan->info->buffers++;
    uint64_t bit = UINT64_C(1) << (header->processor % 64);
    if ((scan->processors[header->processor / 64] & bit) == 0) {
        scan->processors[header->processor / 64] |= bit;
        scan->info->processors_seen++;
    }
    if ((header->flags & ETL_BUFFER_COMPRESSED) != 0) {
        scan->info->compressed_buffers++;
    }
}

static void scan_note_cut(struct scan *scan, uint64_t wanted, uint64_t present)
{
    snprintf(scan->summary->cut_why, sizeof scan->summary->cut_why,
             "the file is cut: its last trace buffer has %" PRIu64 " bytes, of which %" PRIu64
             " are there",
             wanted, present);
    etl_notes_add(scan->notes, scan->name,
                  "trace buffer at offset %" PRIu64 " is cut: %" PRIu64 " bytes, of which %" PRIu64
                  " are there",
                  scan->position, wanted, present);
}

static bool holds_events(uint16_t type)
{
    return type != ETL_BUFFER_TYPE_REFTIME && type != ETL_BUFFER_TYPE_EMPTY_MARKER &&
           type != ETL_BUFFER_TYPE_DBG_INFO;
}

/* Enters the trace buffer at scan->position and steps behind it. */
static enum etl_status scan_enter(struct scan *scan, const struct etl_buffer_header *header,
                                  const struct extent *extent)
{
    uint64_t rest = scan->source->size - scan->position;
    uint64_t present = least_u64(extent->size, rest);
    struct etl_index_entry entry = {0};
    entry.offset = scan->position;
    entry.size = (uint32_t)present;
    entry.sequence = (uint32_t)header->sequence;
    entry.next = ETL_INDEX_NONE;
    entry.processor = header->processor;
    entry.input = scan->input;
    bool lost = (header->flags & (ETL_BUFFER_EVENTS_LOST | ETL_BUFFER_BUFFER_LOST)) != 0;
    bool compressed = (header->flags & ETL_BUFFER_COMPRESSED) != 0;
    bool unknown = header->type > ETL_BUFFER_TYPE_LAST;
    entry.flags =
        (uint8_t)((lost ? ETL_ENTRY_LOST : 0) | (compressed ? ETL_ENTRY_COMPRESSED : 0) |
                  (unknown ? ETL_ENTRY_SKIP : 0) | (scan->position == 0 ? ETL_ENTRY_FIRST : 0) |
                  (extent->damaged ? ETL_ENTRY_DAMAGED : 0));
    entry_settle_used(header, extent->size, &entry);
    scan_count_header(scan, header);
    if (scan->position != 0) {
        scan_count_sequence(scan, header);
    }
    entry.session = (uint16_t)(scan->summary->session_count - 1);
    if (present < extent->size) {
        scan_note_cut(scan, extent->size, present);
    }
    if (extent->damaged) {
        scan->info->damaged_buffers++;
        etl_notes_add(scan->notes, scan->name,
                      "trace buffer at offset %" PRIu64 ": its size is %" PRIu32
                      ", the next one is %" PRIu64 " bytes on",
                      scan->position, header->size, extent->size);
    }
    scan->last_start = scan->position;
    scan->position += present;
    return holds_events(header->type) ? scan_push_entry(scan, &entry) : ETL_OK;
}

/* Looks for the next trace buffer at multiples of the nominal size. */
static enum etl_status scan_resync(struct scan *scan, uint64_t *found)
{
    *found = scan->source->size;
    if (scan->nominal == 0) {
        return ETL_OK;
    }
    uint64_t steps = (scan->position - scan->last_start) / scan->nominal;
    uint64_t offset = scan->last_start + steps * scan->nominal;
    while (scan->source->size - offset > scan->nominal) {
        offset += scan->nominal;
        bool plausible = false;
        enum etl_status status = scan_plausible(scan, offset, &plausible);
        if (status != ETL_OK) {
            return status;
        }
        if (!plausible) {
            continue;
        }
        /* scan_plausible() has read the header. */
        const uint8_t *bytes = scan->ahead + (offset - scan->ahead_offset);
        if (load_u32(bytes + ETL_BUFFER_SIZE_AT) == scan->nominal) {
            *found = offset;
            return ETL_OK;
        }
    }
    return ETL_OK;
}

static bool is_zero(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] != 0) {
            return false;
        }
    }
    return true;
}

static void scan_note_skip(struct scan *scan, const struct etl_buffer_header *header, uint64_t len,
                           bool to_end)
{
    const char *rest = to_end ? ", to the end of the file" : "";
    if (used_fits(header->size, ETL_BUFFER_SIZE_MAX)) {
        etl_notes_add(
            scan->notes, scan->name,
            "no trace buffer at offset %" PRIu64 ": it would have %" PRIu32 " bytes, %" PRIu32
            " of them used, type %u and flags 0x%04x; %" PRIu64 " bytes skipped%s",
            scan->position, header->size, header->used, header->type, header->flags, len, rest);
    } else {
        etl_notes_add(scan->notes, scan->name,
                      "no trace buffer at offset %" PRIu64 ": its size would be %" PRIu32
                      ", expected %d to %u; %" PRIu64 " bytes skipped%s",
                      scan->position, header->size, ETL_BUFFER_HEADER_LEN, ETL_BUFFER_SIZE_MAX, len,
                      rest);
    }
}

/* No trace buffer begins at scan->position: skips to the next one, or to the end of the file. */
static enum etl_status scan_skip(struct scan *scan, bool zero,
                                 const struct etl_buffer_header *header)
{
    uint64_t found;
    enum etl_status status = scan_resync(scan, &found);
    if (status != ETL_OK) {
        return status;
    }
    uint64_t len = found - scan->position;
    bool to_end = found == scan->source->size;
    if (to_end && zero) {
        etl_notes_add(scan->notes, scan->name,
                      "ends in %" PRIu64 " bytes of zeros at offset %" PRIu64
                      ", which were never written",
                      len, scan->position);
        scan->position = found;
        return ETL_OK;
    }
    scan->info->damaged_buffers++;
    scan->info->skipped_bytes += len;
    scan->skipped_count += scan->nominal == 0 ? 1 : (len + scan->nominal - 1) / scan->nominal;
    scan->summary->place_unknown = true;
    scan_note_skip(scan, header, len, to_end);
    scan->position = found;
    return ETL_OK;
}

static enum etl_status scan_step(struct scan *scan)
{
    uint64_t rest = scan->source->size - scan->position;
    if (rest < ETL_BUFFER_HEADER_LEN) {
        scan_note_cut(scan, ETL_BUFFER_HEADER_LEN, rest);
        scan->info->skipped_bytes += rest;
        scan->position = scan->source->size;
        return ETL_OK;
    }
    const uint8_t *bytes;
    enum etl_status status = scan_peek(scan, scan->position, ETL_BUFFER_HEADER_LEN, &bytes);
    if (status != ETL_OK) {
        return status;
    }
    struct etl_buffer_header header;
    etl_buffer_header_parse(bytes, &header);
    bool zero = is_zero(bytes, ETL_BUFFER_HEADER_LEN);
    struct extent extent = {0, false};
    if (!zero) {
        status = scan_size(scan, &header, &extent);
    }
    if (status != ETL_OK) {
        return status;
    }
    return extent.size == 0 ? scan_skip(scan, zero, &header) : scan_enter(scan, &header, &extent);
}

static void scan_conclude(struct scan *scan)
{
    struct etl_index_summary *summary = scan->summary;
    bool circular = (scan->info->mode & ETL_MODE_CIRCULAR) != 0;
    /* The marker is on the trace buffer that was written last: the last one of a sequential file
     * [OBS], somewhere in a circular one. With one stream that has the highest sequence too. */
    summary->end_flushed = !scan->any_data || scan->last_flushed || scan->highest_flushed ||
                           (circular && scan->any_flushed);
    bool fewer = scan->info->buffers + scan->skipped_count < scan->info->buffers_written;
    if (fewer && !circular && summary->cut_why[0] == '\0') {
        snprintf(summary->cut_why, sizeof summary->cut_why,
                 "the file is cut: it has %" PRIu64 " trace buffers, its header says %" PRIu64,
                 scan->info->buffers, scan->info->buffers_written);
    }
}

enum etl_status etl_index_add(struct etl_index *index, struct etl_input *input, uint16_t number,
                              struct etl_notes *notes, struct error_chain *errors)
{
    struct etl_index_summary *summary = &input->summary;
    const struct etl_trace_info *info = &input->info;
    struct scan *scan = calloc(1, sizeof *scan);
    if (scan == NULL) {
        error_chain_add(errors, ERROR_NO_OFFSET, "out of memory");
        return ETL_NO_MEMORY;
    }
    *scan = (struct scan){.index = index,
                          .source = input->source,
                          .input = number,
                          .name = input->name,
                          .info = &input->info,
                          .notes = notes,
                          .summary = summary,
                          .errors = errors};
    memset(summary, 0, sizeof *summary);
    summary->first_entry = index->count;
    summary->session_count = 1;
    summary->lowest_sequence = INT64_MAX;
    summary->highest_sequence = INT64_MIN;
    bool steady = (info->mode & ETL_MODE_COMPRESSED) == 0 &&
                  info->buffer_size >= ETL_BUFFER_SIZE_MIN_NOMINAL &&
                  info->buffer_size <= ETL_BUFFER_SIZE_MAX;
    scan->nominal = steady ? info->buffer_size : 0;

    enum etl_status status = ETL_OK;
    while (status == ETL_OK && scan->position < input->source->size) {
        status = scan_step(scan);
    }
    scan_conclude(scan);
    free(scan);
    return status;
}

void etl_index_finish(struct etl_index *index)
{
    free(index->entries);
    memset(index, 0, sizeof *index);
}
