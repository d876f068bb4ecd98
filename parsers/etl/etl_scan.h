/* SPDX-License-Identifier: Apache-2.0 */

#ifndef PARSERS_ETL_ETL_SCAN_H
#define PARSERS_ETL_ETL_SCAN_H

/*
 * Fast path of the walk over a trace buffer: undamaged records with a time, in a loop without
 * branches that depend on what the records are. Stops at the first record that needs the careful
 * walk in etl_walk.c.
 */

#include <stdint.h>

#include "parsers/etl/etl_filter.h"
#include "parsers/etl/etl_tally.h"

/*
 * Counts and stores records from `at` on. Returns `end`, or where the careful walk goes on: at a
 * record that is cut off by `end`, damaged, without a time or about the trace itself, or that finds
 * no room in the store.
 */
const uint8_t *etl_scan_records(const struct etl_filter_table *filter, struct etl_tally *tally,
                                const uint8_t *at, const uint8_t *end);

#endif
