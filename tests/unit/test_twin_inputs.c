/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/twin_inputs.h"
#include "tests/support/trace.h"

#define INPUTS_MAX 4

static struct trace_bytes images[INPUTS_MAX];
static struct byte_source *sources[INPUTS_MAX];
static const char *const names[INPUTS_MAX] = {"0", "1", "2", "3"};
static struct error_chain errors;

static void tear_down(void)
{
    for (size_t i = 0; i < INPUTS_MAX; i++) {
        byte_source_destroy(sources[i]);
        sources[i] = NULL;
        trace_bytes_finish(&images[i]);
        images[i] = (struct trace_bytes){0};
    }
}

TestSuite(twin_inputs, .fini = tear_down);

static void keep(size_t input, const struct trace *trace)
{
    struct trace_errors trace_errors;
    cr_assert(trace_write(trace, &images[input], &trace_errors), "%s", trace_errors.text);
    cr_assert_eq(
        byte_source_open_memory(images[input].data, images[input].len, &sources[input], NULL),
        BYTE_SOURCE_OK);
}

/* "1a 2b": a record with payload a at tick 1, and one with b at tick 2. */
static void make(size_t input, const char *records)
{
    struct trace trace;
    trace_init(&trace);
    for (const char *at = records; *at != '\0'; at += 2, at += *at == ' ') {
        struct trace_place place = {.ticks = TRACE_BASE_TICKS + at[0] - '0', .pid = 7, .tid = 70};
        struct trace_afd afd = {.id = 1004, .process = 1, .endpoint = 2, .buffer = (uint8_t)at[1]};
        trace_add_afd(&trace, &place, &afd);
    }
    keep(input, &trace);
    trace_finish(&trace);
}

/* `want`: "01" where every record of input 0 is in input 1; "" where there is no such pair. */
static void check(size_t count, const char *want)
{
    char text[300];
    error_chain_init(&errors);
    bool good = twin_inputs_check(sources, names, count, &errors);
    cr_assert_eq(good, want[0] == '\0', "%s", good ? "no twins" : errors.causes[0].text);
    if (!good) {
        snprintf(text, sizeof text,
                 "%c and %c are no parts of one timeline: every Winsock record of the first is in "
                 "the second too, as far as both cover the same time; give one of them",
                 want[0], want[1]);
        cr_assert_str_eq(errors.causes[0].text, text);
    }
    cr_assert_eq(errors.count, good ? 0 : 1);
}

static void expect(const char *first, const char *second, const char *want)
{
    make(0, first);
    make(1, second);
    check(2, want);
    tear_down();
}

/* Two copies among so many inputs are not looked for: pairs would take memory and time. */
Test(twin_inputs, of_too_many_inputs_none_are_compared)
{
    enum { COUNT = TWIN_INPUTS_MAX + 1 };
    static struct byte_source *many[COUNT];
    static const char *paths[COUNT];
    make(0, "1a");
    make(1, "1a");
    make(2, "5b");
    for (size_t i = 0; i < COUNT; i++) {
        many[i] = sources[i < 2 ? i : 2];
        paths[i] = "x";
    }
    error_chain_init(&errors);
    cr_expect(twin_inputs_check(many, paths, COUNT, &errors));
    cr_expect_not(twin_inputs_check(many, paths, 3, &errors));
}

Test(twin_inputs, copies_and_others)
{
    expect("1a", "1a", "01");
    expect("1a 2b 3c", "1a 2b 3c", "01");
    expect("1a", "1b", "");
    expect("1a", "2a", "");
    expect("1a 2b", "3c 4d", "");
    expect("", "", "");
    expect("1a", "", "");
}

Test(twin_inputs, a_part_of_another)
{
    expect("1a 2b 3c", "2b", "01");
    expect("2b", "1a 2b 3c", "01");
    expect("1a 2b 3c", "1a 3c", "10");
    expect("1a 3c", "1a 2b 3c", "01");
    expect("1a 2b 3c", "1a 2d 3c", "");
}

/* Only the time counts that both cover: from the later begin to the earlier end. */
Test(twin_inputs, records_outside_of_the_time_that_both_cover)
{
    expect("1a 3c", "2b 3c 4d", "01");
    expect("2b 3c 4d", "1a 3c", "10");
    expect("1a 2b", "1a 3c", "10");
    expect("1a 2b 4d", "1a 3c", "");
    expect("1a 2b 3c", "3c 4d 5e", "01");
    expect("1a 2b", "2c 3d", "");
}

Test(twin_inputs, records_of_one_time)
{
    expect("1a 1b", "1b 1a", "01");
    expect("1a 1b", "1a", "10");
    expect("1a", "1a 1b", "01");
    expect("1a 1b", "1a 1c", "");
    expect("1a 1a", "1a", "01");
}

Test(twin_inputs, any_two_of_several)
{
    make(0, "1a 2b");
    make(1, "1c 2d");
    make(2, "1e 2f");
    make(3, "1c 2d");
    check(3, "");
    check(4, "13");
    check(1, "");
    check(0, "");
}

/* Equal are clock value, processor, thread, id and payload, and the process need not be. */
static void expect_change(struct trace_place place, uint16_t id, uint64_t buffer, const char *want)
{
    struct trace trace;
    make(0, "1a");
    trace_init(&trace);
    trace.header.processors = 2;
    place.ticks = TRACE_BASE_TICKS + 1;
    struct trace_afd afd = {.id = id, .process = 1, .endpoint = 2, .buffer = buffer};
    trace_add_afd(&trace, &place, &afd);
    keep(1, &trace);
    trace_finish(&trace);
    check(2, want);
    tear_down();
}

Test(twin_inputs, equal_records)
{
    expect_change((struct trace_place){.pid = 7, .tid = 70}, 1004, 'a', "01");
    expect_change((struct trace_place){.pid = 8, .tid = 70}, 1004, 'a', "01");
    expect_change((struct trace_place){.pid = 7, .tid = 71}, 1004, 'a', "");
    expect_change((struct trace_place){.pid = 7, .tid = 70, .cpu = 1}, 1004, 'a', "");
    expect_change((struct trace_place){.pid = 7, .tid = 70}, 1003, 'a', "");
    expect_change((struct trace_place){.pid = 7, .tid = 70}, 1004, 'b', "");
}

/* Of very many records at one time nothing is concluded. */
static void make_many(size_t input, size_t count)
{
    struct trace trace;
    trace_init(&trace);
    struct trace_place place = {.ticks = TRACE_BASE_TICKS + 1, .pid = 7, .tid = 70};
    for (size_t i = 0; i < count; i++) {
        struct trace_afd afd = {.id = 1004, .process = 1, .endpoint = 2, .buffer = i};
        trace_add_afd(&trace, &place, &afd);
    }
    keep(input, &trace);
    trace_finish(&trace);
}

Test(twin_inputs, very_many_records_of_one_time)
{
    make_many(0, 2047);
    make_many(1, 2048);
    check(2, "01");
    tear_down();
    make_many(0, 2048);
    make_many(1, 2048);
    check(2, "");
}

Test(twin_inputs, a_file_that_cannot_be_read_is_left_to_others)
{
    static const char garbage[] = "no trace";
    make(0, "1a");
    cr_assert_eq(byte_source_open_memory(garbage, sizeof garbage, &sources[1], NULL),
                 BYTE_SOURCE_OK);
    check(2, "");
}
