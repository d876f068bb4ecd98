/* SPDX-License-Identifier: Apache-2.0 */

#include "parsers/etl/etl_clock.h"

#include <inttypes.h>
#include <stdio.h>

#define NS_PER_SECOND 1000000000
#define SECONDS_PER_DAY 86400
#define FILETIME_LAST INT64_C(2650467743999999999) /* 9999-12-31T23:59:59.9999999Z */

/* ISO C11 has no 128-bit type; gcc and clang have one on every 64-bit target. */
__extension__ typedef __int128 etl_int128;

static int64_t saturate(etl_int128 value)
{
    if (value > INT64_MAX) {
        return INT64_MAX;
    }
    return value < INT64_MIN ? INT64_MIN : (int64_t)value;
}

int64_t etl_clock_filetime(const struct etl_clock *clock, int64_t ticks)
{
    etl_int128 scaled = ((etl_int128)ticks - clock->base_ticks) * ETL_FILETIME_PER_SECOND;
    etl_int128 quotient = scaled / (etl_int128)clock->frequency;
    /* Division truncates; times before the base round down like those after it. */
    if (scaled < 0 && scaled % (etl_int128)clock->frequency != 0) {
        quotient--;
    }
    return saturate(quotient + clock->base_filetime);
}

uint64_t etl_clock_duration_ns(const struct etl_clock *clock, int64_t from_ticks, int64_t to_ticks)
{
    if (to_ticks < from_ticks) {
        return 0;
    }
    etl_int128 span = (etl_int128)to_ticks - from_ticks;
    etl_int128 ns = span * NS_PER_SECOND / (etl_int128)clock->frequency;
    return ns > (etl_int128)UINT64_MAX ? UINT64_MAX : (uint64_t)ns;
}

struct civil_date {
    unsigned year, month, day;
};

/* The Gregorian date that lies `days` after 1601-01-01, with which a cycle of 400 years begins.
 * Such a cycle has 146,097 days. */
static struct civil_date civil_from_days(unsigned days)
{
    static const unsigned short before_month[13] = {0,   31,  59,  90,  120, 151, 181,
                                                    212, 243, 273, 304, 334, 365};
    unsigned cycles = days / 146097;
    days %= 146097;
    unsigned centuries = days / 36524 < 3 ? days / 36524 : 3;
    days -= centuries * 36524;
    unsigned fours = days / 1461;
    days -= fours * 1461;
    unsigned years = days / 365 < 3 ? days / 365 : 3;
    days -= years * 365;

    /* The fourth year of each four is a leap year, but not the last one of a century, unless that
     * century is the last one of the cycle. */
    unsigned leap = years == 3 && (fours != 24 || centuries == 3) ? 1 : 0;
    unsigned month = 1;
    while (month < 12 && days >= before_month[month] + (month >= 2 ? leap : 0)) {
        month++;
    }
    unsigned start = before_month[month - 1] + (month > 2 ? leap : 0);
    struct civil_date date = {1601 + cycles * 400 + centuries * 100 + fours * 4 + years, month,
                              days - start + 1};
    return date;
}

void etl_time_format(int64_t filetime, char text[ETL_TIME_TEXT_LEN])
{
    if (filetime < 0) {
        filetime = 0;
    }
    if (filetime > FILETIME_LAST) {
        filetime = FILETIME_LAST;
    }
    unsigned fraction = (unsigned)(filetime % ETL_FILETIME_PER_SECOND);
    int64_t seconds = filetime / ETL_FILETIME_PER_SECOND;
    unsigned of_day = (unsigned)(seconds % SECONDS_PER_DAY);
    struct civil_date date = civil_from_days((unsigned)(seconds / SECONDS_PER_DAY));
    snprintf(text, ETL_TIME_TEXT_LEN, "%04u-%02u-%02uT%02u:%02u:%02u.%07uZ", date.year, date.month,
             date.day, of_day / 3600, of_day / 60 % 60, of_day % 60, fraction);
}
