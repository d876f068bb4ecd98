/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <string.h>

#include "analyzer/recorded_providers.h"
#include "tests/support/trace.h"

#define KNOWN_MAX 64

static struct trace trace;
static struct recorded_providers providers;

static void set_up(void)
{
    trace_init(&trace);
}

static void tear_down(void)
{
    trace_finish(&trace);
}

TestSuite(recorded_providers, .init = set_up, .fini = tear_down);

/* Events of the provider whose GUID begins with this number. */
static void add(uint8_t provider, unsigned count, enum etl_header_kind kind)
{
    struct trace_event event = {.kind = kind,
                                .ticks = TRACE_BASE_TICKS + 1,
                                .pid = 7,
                                .tid = 70,
                                .provider = {{provider}},
                                .id = 1};
    for (unsigned i = 0; i < count; i++) {
        trace_add_event(&trace, &event, NULL, 0);
    }
}

/* The first bytes of the providers that are named, in their order. */
static void expect(const uint8_t *want, size_t count)
{
    struct trace_bytes image = {0};
    struct trace_errors errors;
    struct byte_source *source = NULL;
    const char *path = "memory";
    cr_assert(trace_write(&trace, &image, &errors), "%s", errors.text);
    cr_assert_eq(byte_source_open_memory(image.data, image.len, &source, NULL), BYTE_SOURCE_OK);
    cr_assert(recorded_providers_read(&providers, &source, &path, 1));
    cr_assert_eq(providers.count, count, "%zu", (size_t)providers.count);
    for (size_t i = 0; i < count; i++) {
        cr_assert_eq(providers.guids[i].bytes[0], want[i], "%zu: %u", i,
                     providers.guids[i].bytes[0]);
    }
    byte_source_destroy(source);
    trace_bytes_finish(&image);
}

#define EXPECT(...) expect((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

Test(recorded_providers, of_an_empty_trace_none)
{
    expect(NULL, 0);
}

Test(recorded_providers, those_with_the_most_events_come_first)
{
    add(5, 1, ETL_HEADER_EVENT64);
    add(9, 3, ETL_HEADER_EVENT64);
    add(7, 2, ETL_HEADER_EVENT64);
    EXPECT(9, 7, 5);
}

Test(recorded_providers, of_equals_the_lower_guid_comes_first)
{
    add(9, 2, ETL_HEADER_EVENT64);
    add(3, 2, ETL_HEADER_EVENT64);
    add(5, 2, ETL_HEADER_EVENT32);
    EXPECT(3, 5, 9);
}

Test(recorded_providers, only_events_have_a_provider)
{
    add(5, 1, ETL_HEADER_EVENT32);
    add(6, 1, ETL_HEADER_EVENT64);
    add(7, 3, ETL_HEADER_FULL64);
    add(8, 3, ETL_HEADER_SYSTEM64);
    EXPECT(5, 6);
}

Test(recorded_providers, as_many_are_named_as_fit)
{
    uint8_t want[RECORDED_PROVIDERS_MAX];
    for (unsigned i = 0; i < RECORDED_PROVIDERS_MAX + 2; i++) {
        add((uint8_t)(i + 1), i + 1, ETL_HEADER_EVENT64);
    }
    for (size_t i = 0; i < RECORDED_PROVIDERS_MAX; i++) {
        want[i] = (uint8_t)(RECORDED_PROVIDERS_MAX + 2 - i);
    }
    expect(want, RECORDED_PROVIDERS_MAX);
}

/* Providers that come when enough are known are not counted. */
Test(recorded_providers, as_many_are_counted_as_fit)
{
    for (unsigned i = 0; i < KNOWN_MAX; i++) {
        add((uint8_t)(100 + i), i == KNOWN_MAX - 1 ? 2 : 1, ETL_HEADER_EVENT64);
    }
    add(7, 5, ETL_HEADER_EVENT64);
    uint8_t want[RECORDED_PROVIDERS_MAX] = {100 + KNOWN_MAX - 1};
    for (size_t i = 1; i < RECORDED_PROVIDERS_MAX; i++) {
        want[i] = (uint8_t)(100 + i - 1);
    }
    expect(want, RECORDED_PROVIDERS_MAX);
}

Test(recorded_providers, a_file_that_cannot_be_read_is_no_lack_of_memory)
{
    static const char garbage[] = "no trace";
    struct byte_source *source = NULL;
    const char *path = "memory";
    cr_assert_eq(byte_source_open_memory(garbage, sizeof garbage, &source, NULL), BYTE_SOURCE_OK);
    cr_assert(recorded_providers_read(&providers, &source, &path, 1));
    cr_assert_eq(providers.count, 0);
    byte_source_destroy(source);
}
