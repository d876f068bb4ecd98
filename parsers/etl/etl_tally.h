/* SPDX-License-Identifier: Apache-2.0 */

#ifndef PARSERS_ETL_ETL_TALLY_H
#define PARSERS_ETL_ETL_TALLY_H

/*
 * The effect of one record of a trace buffer, written once: on the counts, on the order of its
 * stream, and on the store if the record is wanted. Two loops call these functions: etl_scan.c for
 * undamaged records with a time, of which the compiler then drops all that can't apply, and
 * etl_walk.c for all others.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/load.h"
#include "parsers/etl/etl_record.h"
#include "parsers/etl/etl_store.h"

struct etl_tally {
    int64_t order; /* greatest clock value of the records that count for order; INT64_MIN: none */
    int64_t ticks; /* clock value of the last record */

    /* Least and greatest clock value of the events; while there is none, first > last. */
    int64_t first_ticks, last_ticks;
    uint64_t total;                /* records */
    uint64_t *by_kind;             /* borrowed: records of each of ETL_HEADER_COUNT kinds */
    uint64_t timestamps_backwards; /* records behind `order` that count for order */
    uint64_t wpp_without_time;
    uint32_t hook_groups; /* a bit for each group below 32 that wanted kernel records are of */

    struct etl_store *store; /* borrowed; NULL: wanted records are not stored */
    const uint8_t *bytes;    /* borrowed: the window's, from which etl_stored.at counts */
    uint32_t position;       /* of bytes[0] from the trace buffer's start */
};

static inline void etl_tally_init(struct etl_tally *tally, int64_t order, int64_t ticks,
                                  uint64_t *by_kind, struct etl_store *store)
{
    *tally = (struct etl_tally){.order = order,
                                .ticks = ticks,
                                .first_ticks = INT64_MAX,
                                .last_ticks = INT64_MIN,
                                .by_kind = by_kind,
                                .store = store};
}

/* Stores a wanted record, before etl_tally_count() counts it. True also if records are not stored;
 * false: the store must make room first. */
static inline bool etl_tally_store(struct etl_tally *tally, const struct etl_record_type *type,
                                   const uint8_t *record, uint32_t size, int64_t ticks)
{
    if (type->selector == ETL_SELECT_HOOK) {
        unsigned group = load_u16(record + ETL_RECORD_HOOK_AT) >> 8;
        tally->hook_groups |= group < 32 ? UINT32_C(1) << group : 0;
    }
    if (tally->store == NULL) {
        return true;
    }
    uint32_t at = (uint32_t)(record - tally->bytes);
    struct etl_stored item = {.order = ticks > tally->order ? ticks : tally->order,
                              .ticks = ticks,
                              .at = at,
                              .position = tally->position + at,
                              .size = size,
                              .kind = type->kind};
    return etl_store_add(tally->store, &item);
}

/*
 * Counts a record. `ticks`: its clock value, or without one (`timed` false) that of the record
 * before it. `of_trace`: it describes the trace itself and is no event. Returns whether the record
 * counts for the stream's order: a time that the provider chose, or that of a record about the
 * trace, may lie anywhere, and must not push back the records behind it unless it is handed out.
 *
 * Written without branches, because neighbouring records are of different types at random.
 */
static inline bool etl_tally_count(struct etl_tally *tally, const struct etl_record_type *type,
                                   int64_t ticks, bool timed, bool of_trace, bool wanted)
{
    bool is_event = timed & !of_trace;
    bool counts = wanted | (type->kernel_time & !of_trace);
    tally->ticks = ticks;
    tally->first_ticks = (is_event & (ticks < tally->first_ticks)) ? ticks : tally->first_ticks;
    tally->last_ticks = (is_event & (ticks > tally->last_ticks)) ? ticks : tally->last_ticks;
    tally->timestamps_backwards += counts & timed & (ticks < tally->order);
    tally->order = (counts & (ticks > tally->order)) ? ticks : tally->order;
    tally->wpp_without_time += !timed & (type->kind == ETL_HEADER_WPP);
    tally->by_kind[type->kind]++;
    tally->total++;
    return counts;
}

#endif
