/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "analyzer/calibrate/sightings.h"
#include "tests/support/trace.h"
#include "tests/unit/test_folder.h"

/* Each test is a trace of few events, and the log of a probe of process 7 with a call of thread 70
 * from tick 100 to tick 200. */

#define BASE TRACE_BASE_TICKS
#define PID 7
#define TID 70
#define OURS UINT64_C(0xffffa00000001000)
#define OTHER UINT64_C(0xffffa00000002000)
#define SOCKET UINT64_C(0xffffb00000001000)

static struct trace trace;
static struct probe_call calls[2];
static struct probe_log made_log;
static struct sightings sightings;

static void setup(void)
{
    trace_init(&trace);
    calls[0] = (struct probe_call){.tid = TID, .before = BASE + 100, .after = BASE + 200};
    calls[1] = (struct probe_call){.tid = TID + 1, .before = BASE + 300, .after = BASE + 300};
    made_log = (struct probe_log){
        .pid = PID, .frequency = trace.header.frequency, .calls = calls, .call_count = 2};
}

static void teardown(void)
{
    sightings_free(&sightings);
    trace_finish(&trace);
}

TestSuite(sightings, .init = setup, .fini = teardown);

static void add(int64_t ticks, uint32_t pid, uint32_t tid, struct trace_afd afd)
{
    struct trace_place at = {.ticks = BASE + ticks, .pid = pid, .tid = tid};
    afd.endpoint = SOCKET;
    trace_add_afd(&trace, &at, &afd);
}

/* A modern close, which names a process by its address alone. */
static void event(int64_t ticks, uint32_t pid, uint32_t tid, uint64_t process)
{
    add(ticks, pid, tid, (struct trace_afd){.id = 1001, .process = process});
}

/* A legacy creation, which names a process by its id as well. */
static void create(int64_t ticks, uint32_t owner, uint64_t process)
{
    add(ticks, 4, 8, (struct trace_afd){.id = 1, .process = process, .pid = owner});
}

static enum sightings_status read_trace(struct error_chain *errors)
{
    char folder[256], path[320];
    struct trace_bytes image = {0};
    struct trace_errors trace_errors;
    cr_assert(trace_write(&trace, &image, &trace_errors), "%s", trace_errors.text);
    test_folder_make(folder, sizeof folder);
    snprintf(path, sizeof path, "%s/a.etl", folder);
    FILE *file = fopen(path, "wb");
    cr_assert_not_null(file);
    cr_assert_eq(fwrite(image.data, 1, image.len, file), image.len);
    fclose(file);
    error_chain_init(errors);
    enum sightings_status status = sightings_read(path, &made_log, &sightings, errors);
    test_folder_remove(folder);
    trace_bytes_finish(&image);
    return status;
}

static void expect(uint64_t process, size_t count)
{
    struct error_chain errors;
    cr_assert_eq(read_trace(&errors), SIGHTINGS_OK);
    cr_assert_eq(errors.count, 0);
    cr_assert_eq(sightings.process, process, "%llx", (unsigned long long)sightings.process);
    cr_assert_eq(sightings.count, count, "%zu", sightings.count);
    cr_assert_not(sightings.full);
}

Test(sightings, nothing_is_found_in_an_empty_trace)
{
    expect(0, 0);
}

Test(sightings, an_event_inside_a_call_is_the_probes)
{
    event(50, PID, TID, OTHER);
    event(150, PID, TID, OURS);
    event(250, PID, TID, OTHER);
    expect(OURS, 1);
    cr_assert_eq(sightings.items[0].ticks, BASE + 150);
}

Test(sightings, the_first_and_the_last_tick_are_of_the_call)
{
    event(99, PID, TID, OTHER);
    event(100, PID, TID, OURS);
    expect(OURS, 1);
}

Test(sightings, behind_its_last_tick_the_call_is_over)
{
    event(200, PID, TID, OURS);
    event(201, PID, TID, OTHER);
    event(201, PID, TID, OTHER);
    expect(OURS, 1);
}

Test(sightings, a_call_may_take_no_time)
{
    event(299, PID, TID + 1, OTHER);
    event(300, PID, TID + 1, OURS);
    event(301, PID, TID + 1, OTHER);
    expect(OURS, 1);
}

Test(sightings, process_and_thread_must_be_the_calls)
{
    event(150, PID + 1, TID, OTHER);
    event(150, PID, TID + 1, OTHER);
    event(150, PID, TID + 2, OTHER);
    event(150, PID, TID, 0);
    expect(0, 0);
}

Test(sightings, a_creation_names_its_process)
{
    create(10, PID + 1, OTHER);
    create(11, PID, OURS);
    event(500, 9, 9, OURS);
    expect(OURS, 2);
}

/* The probe's sockets outnumber what others do in its threads. Of a draw the first wins. */
Test(sightings, the_most_votes_win)
{
    create(10, PID, OTHER);
    create(11, PID, OURS);
    create(12, PID, OURS);
    event(150, PID, TID, OTHER);
    event(151, PID, TID, OURS);
    expect(OURS, 3);
}

Test(sightings, of_a_draw_the_first_wins)
{
    create(10, PID, OURS);
    create(11, PID, OTHER);
    expect(OURS, 1);
}

/* More processes than anyone expects: those that come late are not counted. */
Test(sightings, candidates_have_a_limit)
{
    for (unsigned i = 0; i < 100; i++) {
        create(i, PID, OTHER + 0x1000 * i);
    }
    create(200, PID, OTHER + 0x1000);
    create(300, PID, OURS);
    create(301, PID, OURS);
    create(302, PID, OURS);
    expect(OTHER + 0x1000, 2);
}

Test(sightings, what_an_event_tells_is_kept)
{
    create(10, PID, OURS);
    add(20, 5, 6,
        (struct trace_afd){.id = 1004,
                           .process = OURS,
                           .buffer = 0x10000,
                           .buffer_length = 64,
                           .buffer_count = 2,
                           .enter_exit = 1,
                           .location = 3,
                           .status = 0x103});
    add(30, 5, 6, (struct trace_afd){.id = 1004, .process = OTHER});
    expect(OURS, 2);
    const struct sighting *sighting = &sightings.items[1];
    cr_assert_eq(sighting->ticks, BASE + 20);
    cr_assert_eq(sighting->process, OURS);
    cr_assert_eq(sighting->endpoint, SOCKET);
    cr_assert_eq(sighting->buffer, 0x10000);
    cr_assert_eq(sighting->buffer_length, 64);
    cr_assert_eq(sighting->buffer_count, 2);
    cr_assert_eq(sighting->enter_exit, 1);
    cr_assert_eq(sighting->location, 3);
    cr_assert_eq(sighting->status, 0x103);
    cr_assert_eq(sighting->pid, 5);
    cr_assert_eq(sighting->tid, 6);
    cr_assert_eq(sighting->space, AFD_SPACE_USER);
    cr_assert_not(sighting->taken);
    cr_assert_eq(sightings.items[0].owner_pid, PID);
}

/* Ticks can be compared where both count the same. */
Test(sightings, another_clock_is_refused)
{
    struct error_chain errors;
    create(10, PID, OURS);
    made_log.frequency++;
    cr_assert_eq(read_trace(&errors), SIGHTINGS_OTHER_CLOCK);
    cr_assert_eq(sightings.process, OURS);
    cr_assert_eq(sightings.count, 0);
    made_log.frequency--;
    trace.header.clock = 2;
    cr_assert_eq(read_trace(&errors), SIGHTINGS_OTHER_CLOCK);
}

Test(sightings, a_file_that_there_is_not)
{
    struct error_chain errors;
    error_chain_init(&errors);
    cr_assert_eq(sightings_read("no such folder/a.etl", &made_log, &sightings, &errors),
                 SIGHTINGS_ERROR);
    cr_assert_str_eq(errors.causes[errors.count - 1].text, "no such folder/a.etl");
}

Test(sightings, posts_and_ends)
{
    static const struct {
        enum afd_act act;
        bool post, end;
    } acts[] = {{AFD_ACT_POST, true, false},
                {AFD_ACT_REJECTED, true, false},
                {AFD_ACT_END, false, true},
                {AFD_ACT_FAIL, false, true},
                {AFD_ACT_CREATE, false, false}};
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
        const struct sighting sighting = {.act = (uint8_t)acts[i].act};
        cr_assert_eq(sighting_is_post(&sighting), acts[i].post, "%zu", i);
        cr_assert_eq(sighting_is_end(&sighting), acts[i].end, "%zu", i);
    }
}
