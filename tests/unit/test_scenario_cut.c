/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/calibrate/scenario_cut.h"
#include "tests/support/trace.h"

/* A clock of 1000 ticks a second: the margin of a scenario is 10 ticks. */
#define FREQUENCY 1000
#define BASE TRACE_BASE_TICKS
#define PID 7
#define OURS UINT64_C(0xffffa00000001000)
#define OTHER UINT64_C(0xffffa00000002000)

static struct probe_scenario scenarios[3];
static struct calibration calibration;
static struct trace trace;

static void setup(void)
{
    trace_init(&trace);
    trace.header.frequency = FREQUENCY;
    calibration = (struct calibration){
        .trace_path = "a.etl",
        .log = {.scenarios = scenarios, .scenario_count = 3, .frequency = FREQUENCY, .pid = PID},
        .sightings = {.process = OURS}};
    calibration.log.end = BASE + 500;
    scenarios[0] = (struct probe_scenario){.from = BASE + 100, .to = BASE + 200};
    scenarios[1] = (struct probe_scenario){.from = BASE + 300, .to = BASE + 300};
    scenarios[2] = (struct probe_scenario){.from = BASE + 400}; /* the log ends in it */
}

static void teardown(void)
{
    trace_finish(&trace);
}

TestSuite(scenario_cut, .init = setup, .fini = teardown);

static void add(int64_t ticks, uint64_t process)
{
    struct trace_place at = {.ticks = BASE + ticks, .pid = PID, .tid = 70};
    struct trace_afd afd = {.id = 1001, .process = process, .endpoint = 1};
    trace_add_afd(&trace, &at, &afd);
}

/* Writes the times of the records that the cut of a scenario has, but for the header's. */
static void cut(size_t scenario, char *text, size_t size)
{
    struct trace_bytes image = {0};
    struct trace_errors trace_errors;
    struct trace small;
    struct byte_source *source = NULL;
    struct error_chain errors;
    struct out out;
    uint64_t records;
    size_t len, used = 0;
    error_chain_init(&errors);
    cr_assert(trace_write(&trace, &image, &trace_errors), "%s", trace_errors.text);
    cr_assert_eq(byte_source_open_memory(image.data, image.len, &source, &errors), BYTE_SOURCE_OK);
    out_init_memory(&out, 1u << 20);
    cr_assert(scenario_cut_write(&calibration, scenario, source, &out, &records, &errors));
    char *bytes = out_take(&out, &len);
    trace_init(&small);
    cr_assert(trace_from_etl((const uint8_t *)bytes, len, &small, &trace_errors), "%s",
              trace_errors.text);
    text[0] = '\0';
    for (size_t i = 0; i < small.item_count; i++) {
        const struct trace_event *event = &small.items[i].event;
        if (small.items[i].kind == TRACE_ITEM_EVENT && event->ticks > BASE) {
            used += (size_t)snprintf(text + used, size - used, "%lld ",
                                     (long long)(event->ticks - BASE));
        }
    }
    trace_finish(&small);
    free(bytes);
    byte_source_destroy(source);
    trace_bytes_finish(&image);
}

static void expect(size_t scenario, const char *want)
{
    char text[400];
    cut(scenario, text, sizeof text);
    cr_expect_str_eq(text, want);
}

Test(scenario_cut, events_within_a_margin_are_the_scenarios)
{
    static const int64_t ticks[] = {89,  90,  100, 200, 210, 211, 289, 290, 300,
                                    310, 311, 389, 390, 400, 500, 510, 511};
    for (size_t i = 0; i < sizeof ticks / sizeof ticks[0]; i++) {
        add(ticks[i], OURS);
    }
    expect(0, "90 100 200 210 ");
    expect(1, "290 300 310 ");
    expect(2, "390 400 500 510 ");
}

Test(scenario_cut, events_of_other_processes_are_left_out)
{
    add(150, OTHER);
    add(151, OURS);
    add(152, OTHER);
    expect(0, "151 ");
}

/* Records that name the process and its images may come at any time. */
Test(scenario_cut, names_come_at_any_time)
{
    struct trace_place at = {.ticks = BASE + 5, .pid = PID, .tid = 70};
    trace_add_kernel_process(&trace, &at, 0x0303, OURS, PID, "afdprobe.exe");
    add(50, OURS);
    add(150, OURS);
    at.ticks = BASE + 999;
    trace_add_kernel_process(&trace, &at, 0x0304, OURS, PID, "afdprobe.exe");
    expect(0, "5 150 999 ");
}

/* The stack of an event is its scenario's, whenever it was recorded: of the threads that made calls
 * and of those that made sockets. */
static void expect_stacks(const char *want)
{
    static const char text[] =
        "default pid=7 tid=70 process=0xffffa00000001000 endpoint=0xffffb00000001000\n"
        "0 0.5 recv.post buffer=0x10000 len=64 fast=yes\n"
        "0 +1us stack.walk of=0.5 frames=0xfffff80000000001\n"
        "0 1.05 recv.post buffer=0x20000 len=64 fast=yes\n"
        "0 +1us stack.walk of=1.05 frames=0xfffff80000000002\n"
        "1 1.06 stack.walk of=0.5 tid=9 thread=70 frames=0x7ff600001000\n"
        "1 1.5 stack.walk of=1.05 tid=9 thread=70 frames=0x7ff600001000\n";
    struct trace_errors errors;
    trace_finish(&trace);
    trace_init(&trace);
    cr_assert(trace_parse_text(text, &trace, &errors), "%s", errors.text);
    calibration.log.frequency = trace.header.frequency;
    scenarios[0] = (struct probe_scenario){.from = BASE + 10000000, .to = BASE + 11000000};
    expect(0, want);
}

Test(scenario_cut, stacks_of_a_thread_with_calls)
{
    struct probe_call call = {.tid = 70};
    calibration.log.calls = &call;
    calibration.log.call_count = 1;
    expect_stacks("10500000 10500010 15000000 ");
}

Test(scenario_cut, stacks_of_a_thread_with_sockets)
{
    struct probe_step step = {.tid = 70};
    calibration.log.steps = &step;
    calibration.log.step_count = 1;
    expect_stacks("10500000 10500010 15000000 ");
}

Test(scenario_cut, stacks_of_other_threads_are_left_out)
{
    expect_stacks("10500000 ");
}
