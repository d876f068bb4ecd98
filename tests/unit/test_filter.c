/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>

#include "analyzer/filter.h"

#define SECOND INT64_C(10000000) /* of a FILETIME */
#define DAY (86400 * SECOND)
#define YEAR_2000 INT64_C(125911584000000000)

static void expect_time(const char *text, uint64_t ns)
{
    struct filter_time time = {0};
    cr_assert(filter_parse_time(text, &time), "%s", text);
    cr_assert(time.given && !time.absolute);
    cr_assert_eq(time.ns, ns, "%s: %llu", text, (unsigned long long)time.ns);
}

static void expect_date(const char *text, int64_t filetime)
{
    struct filter_time time = {0};
    cr_assert(filter_parse_time(text, &time), "%s", text);
    cr_assert(time.given && time.absolute);
    cr_assert_eq(time.filetime, filetime, "%s: %lld", text, (long long)time.filetime);
}

Test(filter, seconds_from_the_start)
{
    expect_time("0", 0);
    expect_time("12", UINT64_C(12000000000));
    expect_time("12.5", UINT64_C(12500000000));
    expect_time("0.000000001", 1);
    expect_time("0.1234567899", 123456789);
    expect_time("18446744072", UINT64_C(18446744072000000000));
}

Test(filter, times_in_utc)
{
    expect_date("2000-01-01", YEAR_2000);
    expect_date("1601-01-01", 0);
    expect_date("1601-01-01T00:00Z", 0);
    expect_date("2000-02-29", YEAR_2000 + 59 * DAY);
    expect_date("2000-03-01", YEAR_2000 + 60 * DAY);
    expect_date("2000-12-31", YEAR_2000 + 365 * DAY);
    expect_date("2001-01-01", YEAR_2000 + 366 * DAY);
    expect_date("1900-03-01", YEAR_2000 - (100 * 365 + 24) * DAY + 59 * DAY);
    expect_date("2000-01-01T01:02", YEAR_2000 + (62 * 60) * SECOND);
    expect_date("2000-01-01 01:02:03", YEAR_2000 + (62 * 60 + 3) * SECOND);
    expect_date("2000-01-01T23:59:60Z", YEAR_2000 + DAY);
    expect_date("2000-01-01T00:00:00.25Z", YEAR_2000 + SECOND / 4);
    expect_date("2000-01-01T00:00:00.1234567Z", YEAR_2000 + 1234567);
    expect_date("9999-12-31", INT64_C(2650466880000000000));
}

Test(filter, what_is_no_time)
{
    static const char *const wrong[] = {"",
                                        "x",
                                        "-1",
                                        "1.",
                                        "1.5s",
                                        "1e3",
                                        ".5",
                                        "18446744073",
                                        "99999999999999999999",
                                        "1600-12-31",
                                        "2000-00-01",
                                        "2000-13-01",
                                        "2000-01-00",
                                        "2000-01-32",
                                        "2000-1-01",
                                        "2000-01-1",
                                        "2000/01-01",
                                        "2000-01/01",
                                        "2000-01-01T",
                                        "2000-01-01X01:02",
                                        "2000-01-01T24:00",
                                        "2000-01-01T01.02",
                                        "2000-01-01T01:60",
                                        "2000-01-01T1:02",
                                        "2000-01-01T01:2",
                                        "2000-01-01T01:02:61",
                                        "2000-01-01T01:02:3",
                                        "2000-01-01T01:02:03.",
                                        "2000-01-01T01:02Zx",
                                        "2000-01-01Z",
                                        "20000-01-01",
                                        "2000-01-01T01:02x"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct filter_time time = {0};
        cr_assert_not(filter_parse_time(wrong[i], &time), "%s", wrong[i]);
    }
}

static void expect_address(const char *text, uint64_t address, uint64_t len)
{
    struct filter filter = {0};
    cr_assert(filter_parse_address(text, &filter), "%s", text);
    cr_assert(filter.has_address);
    cr_assert_eq(filter.address, address, "%s: %llx", text, (unsigned long long)filter.address);
    cr_assert_eq(filter.address_len, len, "%s: %llu", text, (unsigned long long)filter.address_len);
}

Test(filter, addresses)
{
    expect_address("0x1f4a2C40000", UINT64_C(0x1f4a2c40000), 1);
    expect_address("0X9aF", 0x9af, 1);
    expect_address("0xABCDEF", 0xabcdef, 1);
    expect_address("abcdef+0xA", 0xabcdef, 10);
    expect_address("0", 0, 1);
    expect_address("ffffffff`ffffffff", UINT64_MAX, 1);
    expect_address("1f4`a2c40000", UINT64_C(0x1f4a2c40000), 1);
    expect_address("10+12", 0x10, 12);
    expect_address("10+0x12", 0x10, 18);
    expect_address("10+0X12", 0x10, 18);
    expect_address("ffffffffffffffff+18446744073709551615", UINT64_MAX, UINT64_MAX);
    static const char *const wrong[] = {"",
                                        "x",
                                        "0x",
                                        "`1",
                                        "0xg",
                                        "0xG",
                                        "0x@",
                                        "0x/",
                                        "0x:",
                                        "0x`1",
                                        "0y1",
                                        "10+",
                                        "10+x",
                                        "10+0",
                                        "10+0x",
                                        "10+1x",
                                        "10-1",
                                        "1 0",
                                        "1ffffffffffffffff",
                                        "10+18446744073709551616"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct filter filter = {0};
        cr_assert_not(filter_parse_address(wrong[i], &filter), "%s", wrong[i]);
    }
}

Test(filter, endpoints)
{
    struct filter filter = {0};
    cr_assert(filter_parse_endpoint("0xffffa58F23a10c20", &filter));
    cr_assert(filter.has_endpoint && filter.endpoint == NULL);
    cr_assert_eq(filter.endpoint_value, UINT64_C(0xffffa58f23a10c20));
    cr_assert(filter_parse_endpoint("0Xa", &filter));
    cr_assert_eq(filter.endpoint_value, 10);
    static const char *const patterns[] = {"10.*", "[fe80::1]:443", "*", "1?", "a:b"};
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
        filter = (struct filter){0};
        cr_assert(filter_parse_endpoint(patterns[i], &filter), "%s", patterns[i]);
        cr_assert_str_eq(filter.endpoint, patterns[i]);
        cr_assert_not(filter.has_endpoint);
    }
    static const char *const wrong[] = {"0x", "0xg", "0x1 ", "", "10", "localhost"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        filter = (struct filter){0};
        cr_assert_not(filter_parse_endpoint(wrong[i], &filter), "%s", wrong[i]);
    }
}

Test(filter, memory_touches_its_first_and_last_byte)
{
    struct filter filter = {0};
    cr_assert(filter_admits_memory(&filter, 0, 1), "nothing is asked for");
    filter_parse_address("100+16", &filter);
    cr_assert_not(filter_admits_memory(&filter, 0xf0, 16));
    cr_assert(filter_admits_memory(&filter, 0xf0, 17));
    cr_assert(filter_admits_memory(&filter, 0x100, 1));
    cr_assert(filter_admits_memory(&filter, 0x10f, 1));
    cr_assert_not(filter_admits_memory(&filter, 0x110, 1));
}

Test(filter, every_filter_is_on)
{
    struct filter filter = {0};
    cr_assert_not(filter_is_on(&filter));
    cr_assert_not(filter_has_process(&filter));
    cr_assert(filter_is_on(&(struct filter){.process = "*"}));
    cr_assert(filter_has_process(&(struct filter){.process = "*"}));
    cr_assert(filter_is_on(&(struct filter){.has_pid = true}));
    cr_assert(filter_has_process(&(struct filter){.has_pid = true}));
    cr_assert(filter_is_on(&(struct filter){.endpoint = "*"}));
    cr_assert(filter_is_on(&(struct filter){.has_endpoint = true}));
    cr_assert(filter_is_on(&(struct filter){.has_address = true}));
    cr_assert(filter_is_on(&(struct filter){.since = {.given = true}}));
    cr_assert(filter_is_on(&(struct filter){.until = {.given = true}}));
    cr_assert_not(filter_has_process(&(struct filter){.until = {.given = true}}));
}

/* Both bounds are included. */
Test(filter, bounds_of_time)
{
    const struct etl_clock clock = {.kind = ETL_CLOCK_QPC,
                                    .base_ticks = 500,
                                    .base_filetime = YEAR_2000,
                                    .frequency = 10000000};
    struct filter filter = {.since = {.given = true, .ns = 1000},
                            .until = {.given = true, .ns = 2000}};
    const struct filter_scene scene = {.filter = &filter, .clock = &clock, .first_ticks = 500};
    cr_assert_not(filter_admits_time(&scene, 509));
    cr_assert(filter_admits_time(&scene, 510));
    cr_assert(filter_admits_time(&scene, 520));
    cr_assert_not(filter_admits_time(&scene, 521));
    filter.since.ns = 0;
    cr_assert(filter_admits_time(&scene, 400), "before the first event");
    filter.since = filter.until = (struct filter_time){.given = true, .absolute = true};
    filter.since.filetime = YEAR_2000 + 10;
    filter.until.filetime = YEAR_2000 + 20;
    cr_assert_not(filter_admits_time(&scene, 509));
    cr_assert(filter_admits_time(&scene, 510));
    cr_assert(filter_admits_time(&scene, 520));
    cr_assert_not(filter_admits_time(&scene, 521));
}
