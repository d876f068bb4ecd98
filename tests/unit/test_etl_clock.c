/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <stdbool.h>
#include <string.h>

#include "parsers/etl/etl_clock.h"

#define START INT64_C(129000000000000000)

static struct etl_clock clock_at(int64_t base_ticks, uint64_t frequency)
{
    struct etl_clock clock = {ETL_CLOCK_QPC, base_ticks, START, frequency};
    return clock;
}

Test(etl_clock, base_is_the_start_time)
{
    struct etl_clock clock = clock_at(123456, 2109960);
    cr_assert_eq(etl_clock_filetime(&clock, 123456), START);
    cr_assert_eq(etl_clock_filetime(&clock, 123456 + 2109960), START + 10000000);
}

Test(etl_clock, times_before_the_base_are_signed_and_round_down)
{
    struct etl_clock clock = clock_at(1000, 30000000);
    cr_assert_eq(etl_clock_filetime(&clock, 997), START - 1);
    cr_assert_eq(etl_clock_filetime(&clock, 999), START - 1);
    cr_assert_eq(etl_clock_filetime(&clock, 996), START - 2);
    cr_assert_eq(etl_clock_filetime(&clock, 1002), START);
}

Test(etl_clock, weeks_at_three_gigahertz_do_not_overflow)
{
    struct etl_clock clock = clock_at(0, 3000000000);
    int64_t month = INT64_C(30) * 86400;
    cr_assert_eq(etl_clock_filetime(&clock, month * 3000000000), START + month * 10000000);
    cr_assert_eq(etl_clock_duration_ns(&clock, 0, month * 3000000000),
                 (uint64_t)month * 1000000000);
}

Test(etl_clock, conversion_saturates)
{
    struct etl_clock clock = clock_at(INT64_MIN, 1);
    cr_assert_eq(etl_clock_filetime(&clock, INT64_MAX), INT64_MAX);
    clock.base_ticks = INT64_MAX;
    cr_assert_eq(etl_clock_filetime(&clock, INT64_MIN), INT64_MIN);
    cr_assert_eq(etl_clock_duration_ns(&clock, INT64_MIN, INT64_MAX), UINT64_MAX);
}

Test(etl_clock, durations_round_down_and_never_go_below_zero)
{
    struct etl_clock clock = clock_at(0, 3);
    cr_assert_eq(etl_clock_duration_ns(&clock, 0, 1), 333333333);
    cr_assert_eq(etl_clock_duration_ns(&clock, 0, 2), 666666666);
    cr_assert_eq(etl_clock_duration_ns(&clock, 5, 4), 0);
    cr_assert_eq(etl_clock_duration_ns(&clock, 5, 5), 0);
}

static void expect_time(int64_t filetime, const char *expected)
{
    char text[ETL_TIME_TEXT_LEN];
    etl_time_format(filetime, text);
    cr_expect_str_eq(text, expected, "%s, expected %s", text, expected);
}

/* Seconds since 1601 from those since 1970. */
static int64_t unix_time(int64_t seconds, int64_t fraction)
{
    return (seconds + INT64_C(11644473600)) * 10000000 + fraction;
}

Test(etl_clock, calendar)
{
    expect_time(0, "1601-01-01T00:00:00.0000000Z");
    expect_time(unix_time(0, 0), "1970-01-01T00:00:00.0000000Z");
    expect_time(unix_time(1340138032, 1234567), "2012-06-19T20:33:52.1234567Z");
    expect_time(unix_time(951782400, 0), "2000-02-29T00:00:00.0000000Z");
    expect_time(unix_time(951868799, 9999999), "2000-02-29T23:59:59.9999999Z");
    expect_time(unix_time(951868800, 0), "2000-03-01T00:00:00.0000000Z");
    expect_time(unix_time(978307199, 0), "2000-12-31T23:59:59.0000000Z");
    expect_time(unix_time(4107542400, 0), "2100-03-01T00:00:00.0000000Z");
    expect_time(unix_time(4107542399, 0), "2100-02-28T23:59:59.0000000Z");
    expect_time(unix_time(1709164800, 0), "2024-02-29T00:00:00.0000000Z");
}

static bool is_leap(unsigned year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Every day of two cycles of 400 years, counted one by one. */
Test(etl_clock, every_day_has_its_date)
{
    static const unsigned days_of[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const int64_t day_len = INT64_C(86400) * 10000000;
    int64_t at = 0;
    for (unsigned year = 1601; year <= 2400; year++) {
        for (unsigned month = 1; month <= 12; month++) {
            unsigned days = days_of[month - 1] + (month == 2 && is_leap(year) ? 1 : 0);
            for (unsigned day = 1; day <= days; day++, at += day_len) {
                char text[ETL_TIME_TEXT_LEN], want[11];
                want[0] = (char)('0' + year / 1000);
                want[1] = (char)('0' + year / 100 % 10);
                want[2] = (char)('0' + year / 10 % 10);
                want[3] = (char)('0' + year % 10);
                want[4] = want[7] = '-';
                want[5] = (char)('0' + month / 10);
                want[6] = (char)('0' + month % 10);
                want[8] = (char)('0' + day / 10);
                want[9] = (char)('0' + day % 10);
                want[10] = '\0';
                if (day != 1 && day != 15 && day < 28) {
                    continue;
                }
                etl_time_format(at + day_len - 1, text);
                cr_assert(strncmp(text, want, 10) == 0, "%s, expected %s", text, want);
                cr_assert_str_eq(text + 10, "T23:59:59.9999999Z");
            }
        }
    }
}

Test(etl_clock, every_part_of_a_day)
{
    expect_time(INT64_C(1) * 10000000, "1601-01-01T00:00:01.0000000Z");
    expect_time(INT64_C(59) * 10000000, "1601-01-01T00:00:59.0000000Z");
    expect_time(INT64_C(60) * 10000000, "1601-01-01T00:01:00.0000000Z");
    expect_time(INT64_C(3599) * 10000000, "1601-01-01T00:59:59.0000000Z");
    expect_time(INT64_C(3600) * 10000000 + 1, "1601-01-01T01:00:00.0000001Z");
    expect_time(INT64_C(86400) * 10000000 - 1, "1601-01-01T23:59:59.9999999Z");
    expect_time(INT64_C(86400) * 10000000, "1601-01-02T00:00:00.0000000Z");
}

/* The last values that fit, and the first ones that don't. */
Test(etl_clock, conversion_saturates_at_the_ends)
{
    struct etl_clock clock = {ETL_CLOCK_QPC, 0, 0, 10000000};
    cr_assert_eq(etl_clock_filetime(&clock, INT64_MAX), INT64_MAX);
    cr_assert_eq(etl_clock_filetime(&clock, INT64_MIN), INT64_MIN);
    for (int64_t more = -1; more <= 1; more++) {
        clock.base_filetime = more;
        cr_assert_eq(etl_clock_filetime(&clock, INT64_MAX), more < 0 ? INT64_MAX - 1 : INT64_MAX);
        cr_assert_eq(etl_clock_filetime(&clock, INT64_MIN), more > 0 ? INT64_MIN + 1 : INT64_MIN);
    }
    clock.frequency = 1000000000;
    cr_assert_eq(etl_clock_duration_ns(&clock, INT64_MIN, INT64_MAX), UINT64_MAX);
    cr_assert_eq(etl_clock_duration_ns(&clock, INT64_MIN, INT64_MAX - 1), UINT64_MAX - 1);
    cr_assert_eq(etl_clock_duration_ns(&clock, INT64_MAX, INT64_MIN), 0);
}

Test(etl_clock, impossible_times_are_clamped)
{
    expect_time(INT64_C(2650467743999999999), "9999-12-31T23:59:59.9999999Z");
    expect_time(INT64_C(2650467743999999998), "9999-12-31T23:59:59.9999998Z");
    expect_time(INT64_C(2650467744000000000), "9999-12-31T23:59:59.9999999Z");
    expect_time(1, "1601-01-01T00:00:00.0000001Z");
    expect_time(-1, "1601-01-01T00:00:00.0000000Z");
    expect_time(INT64_MIN, "1601-01-01T00:00:00.0000000Z");
    expect_time(INT64_MAX, "9999-12-31T23:59:59.9999999Z");
}
