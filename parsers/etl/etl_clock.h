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
    enum etl_clock_kind kind; /* resolved: never 0 or unknown */
    int64_t base_ticks;       /* raw clock value of the log-file header record */
    int64_t base_filetime; /* the wall time that belongs to it, FILETIME (100 ns since 1601 UTC) */
    uint64_t frequency;    /* ticks a second: PerfFreq; 10,000,000; MHz * 1,000,000. Never 0 */
};

/* FILETIME of a raw clock value; saturates at the ends of int64_t, 128-bit inside. */
int64_t etl_clock_filetime(const struct etl_clock *clock, int64_t ticks);

/* to - from in ns, rounded down; 0 when to < from; saturates. */
uint64_t etl_clock_duration_ns(const struct etl_clock *clock, int64_t from_ticks, int64_t to_ticks);

#define ETL_TIME_TEXT_LEN 40

/* ISO 8601 UTC with seven decimals, "2012-06-19T20:33:52.1234567Z". Times that no calendar of
 * four-digit years holds are printed clamped. */
void etl_time_format(int64_t filetime, char text[ETL_TIME_TEXT_LEN]);

#endif
