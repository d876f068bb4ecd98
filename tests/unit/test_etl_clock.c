/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>

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

Test(etl_clock, impossible_times_are_clamped)
{
    expect_time(-1, "1601-01-01T00:00:00.0000000Z");
    expect_time(INT64_MIN, "1601-01-01T00:00:00.0000000Z");
    expect_time(INT64_MAX, "9999-12-31T23:59:59.9999999Z");
}
