/* SPDX-License-Identifier: Apache-2.0 */

#ifndef PARSERS_ETL_ETL_CLOCK_H
#define PARSERS_ETL_ETL_CLOCK_H

#include <stdint.h>

#define ETL_FILETIME_PER_SECOND 10000000

enum etl_clock_kind {
    ETL_CLOCK_QPC = 1,
    ETL_CLOCK_SYSTEM_TIME = 2,
    ETL_CLOCK_CPU_CYCLES = 3,
};

struct etl_clock {
    enum etl_clock_kind kind; /* always one of the three */
    int64_t base_ticks;       /* raw clock value of the log-file header record */
    int64_t base_filetime;    /* wall time at base_ticks, FILETIME: 100 ns since 1601, UTC */
    uint64_t frequency;       /* ticks a second, never 0 */
};

/* Returns the FILETIME of a raw clock value, or the end of int64_t if it lies beyond. */
int64_t etl_clock_filetime(const struct etl_clock *clock, int64_t ticks);

/* Returns to - from in ns, rounded down; 0 when to < from; UINT64_MAX if it is more. */
uint64_t etl_clock_duration_ns(const struct etl_clock *clock, int64_t from_ticks, int64_t to_ticks);

#define ETL_TIME_TEXT_LEN 40

/* Writes a FILETIME in ISO 8601, UTC, with seven decimals: "2012-06-19T20:33:52.1234567Z". A time
 * outside the years 1601 to 9999 is written as the first or last one inside. */
void etl_time_format(int64_t filetime, char text[ETL_TIME_TEXT_LEN]);

#endif
