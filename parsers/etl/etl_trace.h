/* SPDX-License-Identifier: Apache-2.0 */

#ifndef PARSERS_ETL_ETL_TRACE_H
#define PARSERS_ETL_ETL_TRACE_H

/*
 * The ground floor of the trace reader: the words in which its modules, and whoever reads a trace,
 * speak of one. A status, what the log-file header and the trace buffers tell of an input, counts
 * of its records, and which records are wanted.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/guid.h"
#include "parsers/etl/etl_clock.h"
#include "parsers/etl/etl_event.h"

enum etl_status {
    ETL_END = 1, /* no more events; not an error */
    ETL_OK = 0,
    ETL_NOT_ETL = -1,     /* cause appended: this is no trace file */
    ETL_UNSUPPORTED = -2, /* cause appended: a trace file of a kind that we don't read */
    ETL_READ_ERROR = -3,  /* cause appended: the byte source failed; results so far are valid */
    ETL_NO_MEMORY = -4,   /* cause appended */
};

/* The log-file header and the trace buffer headers of one input, as far as they matter. Members
 * marked "grows" are counted while events are read. */
struct etl_trace_info {
    uint64_t size; /* bytes */
    uint32_t os_major, os_minor, os_build;
    uint32_t layout_major, layout_minor;
    uint32_t pointer_size;
    uint32_t processors;      /* as the header says */
    uint32_t processors_seen; /* distinct processor numbers of the trace buffer headers */
    uint32_t buffer_size;     /* bytes, as the header says */
    uint64_t buffers;         /* found, the header's included */
    uint64_t buffers_written; /* as the header says; 0 if never finalised */
    uint64_t compressed_buffers;
    uint64_t damaged_buffers; /* grows while events are read */
    uint64_t skipped_bytes;   /* grows while events are read */
    uint32_t mode;            /* LogFileMode */
    bool finalised;
    bool cut;          /* the file is shorter than its header or its last trace buffer says */
    uint32_t sessions; /* appended to one another; 1 in most files */
    bool end_missing;  /* the trace has no orderly end (semantics.md, section 6) */
    char end_missing_why[160]; /* why, as a sentence; empty if not end_missing */
    struct etl_clock clock;
    int64_t start_filetime, end_filetime; /* end 0: never finalised */
    int64_t boot_filetime;
    uint32_t events_lost, buffers_lost;
    uint64_t timestamps_backwards; /* records earlier than their stream's previous one; grows */
    uint64_t wpp_without_time;     /* grows */
    char session_name[256];        /* UTF-8, control characters kept, cut at a character */
    char file_name[520];
};

/* The build of Windows that a timeline of `count` traces was recorded on; 0: nobody knows, and
 * several traces need not be of one. */
static inline uint32_t etl_windows_build(const struct etl_trace_info *first, size_t count)
{
    return count == 1 ? first->os_build : 0;
}

/* Totals over the records read so far, wanted or not. */
struct etl_record_counts {
    uint64_t total;
    uint64_t by_kind[ETL_HEADER_COUNT];
    bool any_time;                   /* an event with a time was seen; first and last are valid */
    int64_t first_ticks, last_ticks; /* least and greatest raw clock value of events */
    bool any_start;      /* a stream of events begins in this input; start_ticks is valid */
    int64_t start_ticks; /* of the event that comes first in the order of time. Complete from the
                          * first event on that the reader hands out */
};

/* Selects the records that the reader hands out. All others are counted and stepped over. */
struct etl_filter {
    const struct guid *providers; /* EVENT records of these; borrowed for the reader's life */
    size_t provider_count;
    const struct guid *classes; /* FULL and INSTANCE records of these event classes */
    size_t class_count;
    const uint16_t *hook_ids; /* SYSTEM, COMPACT, PERFINFO records with these hook ids */
    size_t hook_id_count;
    bool everything; /* all records, WPP and unknown ones included */
};

#endif
