/* SPDX-License-Identifier: Apache-2.0 */

#ifndef PARSERS_ETL_ETL_INDEX_H
#define PARSERS_ETL_ETL_INDEX_H

/*
 * The index of trace buffers, made in one pass over their headers: an entry of ETL_INDEX_ENTRY_LEN
 * bytes for each. The entries of all inputs stand in one array, in file order; `next` links those
 * of a stream.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/byte_source.h"
#include "base/error_chain.h"
#include "parsers/etl/etl_header.h"
#include "parsers/etl/etl_loss.h"
#include "parsers/etl/etl_notes.h"
#include "parsers/etl/etl_trace.h"

#define ETL_INDEX_ENTRY_LEN 32
#define ETL_INDEX_NONE UINT32_MAX

enum etl_entry_flag {
    ETL_ENTRY_COMPRESSED = 0x01,
    ETL_ENTRY_LOST = 0x02,    /* the header says that events or trace buffers were lost */
    ETL_ENTRY_DAMAGED = 0x04, /* the header is damaged; info.damaged_buffers counts that already */
    ETL_ENTRY_SKIP = 0x08,    /* the type is unknown: all records are lost */
    ETL_ENTRY_GUESSED = 0x10, /* `used` is a bound: a fill marker ends the records before it */
    ETL_ENTRY_FIRST = 0x20,   /* the first trace buffer of its file, with the log-file header */
};

struct etl_index_entry {
    uint64_t offset;   /* where the header begins in the file */
    uint32_t size;     /* bytes in the file, with the header; of a cut one those that are there */
    uint32_t used;     /* bytes of header and decoded records, as the header claims */
    uint32_t sequence; /* low half of the sequence number */
    uint32_t next;     /* next entry of its stream, or ETL_INDEX_NONE */
    uint16_t processor;
    uint16_t input;
    uint8_t flags;    /* enum etl_entry_flag */
    uint16_t session; /* of an appended file, from 0; else 0 */
};

struct etl_index {
    struct etl_index_entry *entries; /* owned */
    uint32_t count, capacity;
};

/* Findings of the pass over one input, besides its entries and the counters of its info. */
struct etl_index_summary {
    uint32_t first_entry, entry_count;
    uint32_t session_count;  /* 1 unless the file was appended to; at most ETL_SESSIONS_MAX */
    int64_t lowest_sequence; /* the first trace buffer not counted; INT64_MAX: none */
    int64_t highest_sequence;
    bool end_flushed;   /* the final flush marker is there (semantics.md, section 6) */
    bool place_unknown; /* bytes were skipped that may have been records of any processor */
    char cut_why[120];  /* how the file is cut short; empty if it is not */
};

/* One input of a reader. */
struct etl_input {
    struct byte_source *source; /* borrowed */
    const char *name;           /* borrowed */
    struct etl_trace_info info;
    struct etl_record_counts counts;
    struct etl_index_summary summary;
    struct etl_loss_gaps gaps; /* owned; between its sessions */
};

/*
 * Appends the entries of `input`, whose info the log-file header has filled; `number` is its index
 * among the reader's inputs. Sets its summary and adds to its info's counters (buffers,
 * compressed_buffers, damaged_buffers, skipped_bytes, processors_seen). ETL_READ_ERROR,
 * ETL_NO_MEMORY.
 */
enum etl_status etl_index_add(struct etl_index *index, struct etl_input *input, uint16_t number,
                              struct etl_notes *notes, struct error_chain *errors);

void etl_index_finish(struct etl_index *index);

#endif
