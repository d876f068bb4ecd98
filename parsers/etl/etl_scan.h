#ifndef PARSERS_ETL_ETL_SCAN_H
#define PARSERS_ETL_ETL_SCAN_H

/*
 * The walk over records in whose way nothing is: what nearly every record of a trace costs. It
 * does for them exactly what a stream's careful walk does, many at a time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "parsers/etl/etl_filter.h"
#include "parsers/etl/etl_store.h"

struct etl_scan {
    const struct etl_filter_table *filter;
    const uint8_t *bytes; /* of the window: what etl_stored.at counts from */
    uint32_t position;    /* of bytes[0] in its trace buffer */
    bool storing;         /* wanted records go to the store */

    int64_t order, ticks;            /* as in struct etl_stream */
    int64_t first_ticks, last_ticks; /* least and greatest clock value so far */
    uint64_t total, backwards;       /* records scanned; those behind `order` that count for it */
    uint64_t *by_kind;               /* borrowed: ETL_HEADER_COUNT of them */

    struct etl_stored *next, *next_end; /* the store's free items */
    size_t room;                        /* bytes that records in the store may still take */
};

/*
 * Scans records from `at` on, and returns where the careful walk has to go on: at a record that is
 * cut, damaged, without a time, or about the trace itself, or that has no room in the store.
 */
const uint8_t *etl_scan_records(struct etl_scan *scan, const uint8_t *at, const uint8_t *end);

#endif
