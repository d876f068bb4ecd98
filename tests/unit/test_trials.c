/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <stdio.h>

#include "analyzer/calibrate/trials.h"

/* One call and what the trace shows of it, or two: which beliefs does it speak for and against? */

#define USER UINT64_C(0x1a2b3c4000)
#define KERNEL UINT64_C(0xffffe00000005000)
#define ENDPOINT UINT64_C(0xffffb00000001000)
#define PID 4120

static const struct afd_behavior plain = {.id = 1}, ex = {.ex = true},
                                 without_address = {.hides_address = true};
static struct afd_layout layout = {.id = 1, .row = 1};
static struct sighting attempt, attempt_exit, request, end, items[4];
static struct probe_call calls[2];
static struct probe_step steps[1];
static struct lined_call lined[2];
static struct probe_log probed;
static struct line_up line_up;
static struct sightings sightings;
static struct trials trials;

static struct sighting sighting(uint64_t offset, uint64_t buffer, uint8_t act, bool fast_path)
{
    return (struct sighting){.ticks = (int64_t)offset,
                             .offset = offset,
                             .layout = &layout,
                             .behavior = &plain,
                             .endpoint = ENDPOINT,
                             .buffer = buffer,
                             .buffer_length = 64,
                             .space = buffer == USER ? AFD_SPACE_USER : AFD_SPACE_KERNEL,
                             .act = act,
                             .direction = AFD_RECV,
                             .pid = PID,
                             .tid = 1,
                             .fast_path = fast_path};
}

/* A receive that waited: its attempt left an exit, its request an end, all as is believed. */
static void setup(void)
{
    attempt = sighting(100, USER, AFD_ACT_POST, true);
    attempt_exit = sighting(101, USER, AFD_ACT_END, true);
    request = sighting(102, KERNEL, AFD_ACT_POST, false);
    end = sighting(200, KERNEL, AFD_ACT_END, false);
    calls[0] = (struct probe_call){.number = 7,
                                   .api = "WSARecv",
                                   .tid = 1,
                                   .socket = 1,
                                   .address = USER,
                                   .length = 64,
                                   .buffer_count = 1,
                                   .before = 99,
                                   .after = 110,
                                   .pending = true,
                                   .error = 997,
                                   .ended = true,
                                   .ended_at = 200,
                                   .bytes = 64};
    lined[0] = (struct lined_call){.call = &calls[0],
                                   .endpoint = ENDPOINT,
                                   .attempt = &attempt,
                                   .attempt_exit = &attempt_exit,
                                   .request = &request,
                                   .end = &end,
                                   .end_relations = END_BY_ACTIVITY,
                                   .enters_on = 1,
                                   .enters_off = 1};
    probed = (struct probe_log){
        .pid = PID, .calls = calls, .call_count = 1, .steps = steps, .step_count = 0};
    line_up = (struct line_up){.calls = lined, .count = 1};
    sightings = (struct sightings){.items = items, .info = {.os_build = 19041}};
    cr_assert(trials_init(&trials, &probed));
}

static void name(char to[PROBE_NAME_MAX], const char *text)
{
    snprintf(to, PROBE_NAME_MAX, "%s", text);
}

static void teardown(void)
{
    trials_free(&trials);
}

TestSuite(trials, .init = setup, .fini = teardown);

/* Runs the trials of what was made, checks what they say of a belief, and makes all anew. */
static void expect(enum afd_belief_id id, unsigned pro, unsigned contra)
{
    trials_run(&trials, &probed, &line_up, &sightings);
    const struct trial *trial = &trials.beliefs[id];
    cr_expect_eq(trial->pro, pro, "belief %d: %u for", (int)id, trial->pro);
    cr_expect_eq(trial->contra, contra, "belief %d: %u against", (int)id, trial->contra);
    cr_expect_eq(trial->verdict, contra > 0 ? TRIAL_REFUTED
                                 : pro > 0  ? TRIAL_CONFIRMED
                                            : TRIAL_NOT_EXERCISED);
    teardown();
    setup();
}

Test(trials, addresses)
{
    expect(AFD_BELIEF_ATTEMPT_SHOWS_USER_ADDRESS, 1, 0);
    attempt.buffer = KERNEL;
    expect(AFD_BELIEF_ATTEMPT_SHOWS_USER_ADDRESS, 0, 1);
    lined[0].attempt = NULL;
    expect(AFD_BELIEF_ATTEMPT_SHOWS_USER_ADDRESS, 0, 0);
    calls[0].length = 0;
    expect(AFD_BELIEF_ATTEMPT_SHOWS_USER_ADDRESS, 0, 0);
    expect(AFD_BELIEF_REQUEST_SHOWS_KERNEL_ADDRESS, 1, 0);
    request.space = AFD_SPACE_USER;
    expect(AFD_BELIEF_REQUEST_SHOWS_KERNEL_ADDRESS, 0, 1);
    request.behavior = &ex;
    expect(AFD_BELIEF_REQUEST_SHOWS_KERNEL_ADDRESS, 0, 0);
    lined[0].request = NULL;
    expect(AFD_BELIEF_REQUEST_SHOWS_KERNEL_ADDRESS, 0, 0);
    expect(AFD_BELIEF_END_SHOWS_REQUEST_ADDRESS, 1, 0);
    end.buffer = USER;
    expect(AFD_BELIEF_END_SHOWS_REQUEST_ADDRESS, 0, 1);
    end.behavior = &without_address;
    expect(AFD_BELIEF_END_SHOWS_REQUEST_ADDRESS, 0, 0);
    lined[0].end = NULL;
    expect(AFD_BELIEF_END_SHOWS_REQUEST_ADDRESS, 0, 0);
    lined[0].request = NULL;
    expect(AFD_BELIEF_END_SHOWS_REQUEST_ADDRESS, 0, 0);
}

Test(trials, buffers)
{
    expect(AFD_BELIEF_FIRST_BUFFER_ALL_BYTES, 0, 0);
    calls[0].buffer_count = 2;
    expect(AFD_BELIEF_FIRST_BUFFER_ALL_BYTES, 1, 0);
    calls[0].buffer_count = 2;
    attempt.buffer = USER + 1;
    expect(AFD_BELIEF_FIRST_BUFFER_ALL_BYTES, 0, 1);
    calls[0].buffer_count = 2;
    attempt.buffer_length = 32;
    expect(AFD_BELIEF_FIRST_BUFFER_ALL_BYTES, 0, 1);
    calls[0].buffer_count = 2;
    lined[0].attempt = NULL; /* the request's kernel address says nothing */
    expect(AFD_BELIEF_FIRST_BUFFER_ALL_BYTES, 1, 0);
    calls[0].buffer_count = 2;
    lined[0].attempt = lined[0].request = NULL;
    expect(AFD_BELIEF_FIRST_BUFFER_ALL_BYTES, 0, 0);
}

Test(trials, lengths)
{
    expect(AFD_BELIEF_END_LENGTH_IS_BYTES, 1, 0);
    calls[0].bytes = 8;
    expect(AFD_BELIEF_END_LENGTH_IS_BYTES, 0, 1);
    calls[0].failed = true;
    expect(AFD_BELIEF_END_LENGTH_IS_BYTES, 0, 0);
    calls[0].ended = false;
    expect(AFD_BELIEF_END_LENGTH_IS_BYTES, 0, 0);
    end.behavior = &ex;
    expect(AFD_BELIEF_END_LENGTH_IS_BYTES, 0, 0);
    end.behavior = &without_address;
    expect(AFD_BELIEF_END_LENGTH_IS_BYTES, 0, 0);
    lined[0].end = NULL;
    expect(AFD_BELIEF_END_LENGTH_IS_BYTES, 0, 0);
    lined[0].request = NULL; /* then the end of the attempt is the call's */
    attempt_exit.buffer_length = 8;
    expect(AFD_BELIEF_END_LENGTH_IS_BYTES, 0, 1);
}

Test(trials, attempts)
{
    expect(AFD_BELIEF_ATTEMPT_LEAVES_EXIT, 1, 0);
    lined[0].attempt_exit = NULL;
    expect(AFD_BELIEF_ATTEMPT_LEAVES_EXIT, 0, 1);
    lined[0].attempt = NULL;
    expect(AFD_BELIEF_ATTEMPT_LEAVES_EXIT, 0, 0);
    lined[0].request = NULL;
    expect(AFD_BELIEF_ATTEMPT_LEAVES_EXIT, 0, 0);
    lined[0].request = NULL;
    calls[0].pending = false;
    expect(AFD_BELIEF_ATTEMPT_LEAVES_EXIT, 1, 0);
    lined[0].request = NULL;
    calls[0].pending = false;
    calls[0].error = 0;
    expect(AFD_BELIEF_ATTEMPT_LEAVES_EXIT, 0, 0);
    expect(AFD_BELIEF_FAST_PATH_NEVER_PENDS, 0, 0);
    lined[0].request = NULL;
    expect(AFD_BELIEF_FAST_PATH_NEVER_PENDS, 0, 1);
    lined[0].request = NULL;
    calls[0].pending = false;
    expect(AFD_BELIEF_FAST_PATH_NEVER_PENDS, 1, 0);
}

/* A second call whose request is in flight from `from` to `to`. */
static void add_other(int64_t from, int64_t to, uint8_t activity)
{
    static struct sighting other_request, other_end;
    other_request = request;
    other_end = end;
    other_request.ticks = from;
    other_request.activity.bytes[0] = activity;
    other_end.ticks = to;
    calls[1] = calls[0];
    lined[1] = lined[0];
    lined[1].call = &calls[1];
    lined[1].request = &other_request;
    lined[1].end = &other_end;
    lined[1].end_relations = END_BY_ACTIVITY;
    line_up.count = probed.call_count = 2;
}

Test(trials, activities)
{
    expect(AFD_BELIEF_ACTIVITY_IS_REQUEST, 1, 0);
    lined[0].end_relations = END_BY_REQUEST_ADDRESS;
    expect(AFD_BELIEF_ACTIVITY_IS_REQUEST, 0, 1);
    lined[0].end = NULL;
    expect(AFD_BELIEF_ACTIVITY_IS_REQUEST, 0, 0);
    add_other(200, 300, 0);
    expect(AFD_BELIEF_ACTIVITY_IS_REQUEST, 0, 2);
    add_other(50, 102, 0);
    expect(AFD_BELIEF_ACTIVITY_IS_REQUEST, 0, 2);
    add_other(201, 300, 0);
    expect(AFD_BELIEF_ACTIVITY_IS_REQUEST, 2, 0);
    add_other(50, 101, 0);
    expect(AFD_BELIEF_ACTIVITY_IS_REQUEST, 2, 0);
    add_other(150, 160, 1);
    expect(AFD_BELIEF_ACTIVITY_IS_REQUEST, 2, 0);
    add_other(150, 160, 0);
    lined[1].end = NULL;
    expect(AFD_BELIEF_ACTIVITY_IS_REQUEST, 1, 0);
    add_other(150, 160, 0);
    lined[1].request = NULL;
    expect(AFD_BELIEF_ACTIVITY_IS_REQUEST, 1, 0);
}

Test(trials, notices_and_copies)
{
    expect(AFD_BELIEF_END_BEFORE_NOTICE, 1, 0);
    calls[0].ended_at = 199;
    expect(AFD_BELIEF_END_BEFORE_NOTICE, 0, 1);
    calls[0].ended = false;
    expect(AFD_BELIEF_END_BEFORE_NOTICE, 0, 0);
    expect(AFD_BELIEF_COPIES_ARE_MARKED, 1, 0);
    lined[0].enters_on = 2;
    expect(AFD_BELIEF_COPIES_ARE_MARKED, 0, 1);
    lined[0].enters_off = 2;
    expect(AFD_BELIEF_COPIES_ARE_MARKED, 0, 1);
    lined[0].attempt = lined[0].request = NULL;
    expect(AFD_BELIEF_COPIES_ARE_MARKED, 0, 0);
}

static const enum afd_belief_id endings[] = {
    AFD_BELIEF_CANCELLED_LEAVES_END, AFD_BELIEF_CLOSED_LEAVES_END, AFD_BELIEF_TIMED_OUT_LEAVES_END,
    AFD_BELIEF_RESET_LEAVES_END};

/* The end of a failed call speaks for or against one of these beliefs, 4: none. */
static void expect_ending(size_t which, bool there)
{
    trials_run(&trials, &probed, &line_up, &sightings);
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        const struct trial *trial = &trials.beliefs[endings[i]];
        cr_expect_eq(trial->pro, i == which && there, "%zu of %zu", i, which);
        cr_expect_eq(trial->contra, i == which && !there, "%zu of %zu", i, which);
    }
    teardown();
    setup();
    calls[0].failed = true;
}

static void close_socket(int64_t before)
{
    probed.step_count = 1;
    steps[0] = (struct probe_step){.what = "closesocket", .socket = 1, .before = before};
}

Test(trials, ends_of_failed_calls)
{
    expect_ending(4, true);
    expect_ending(3, true);
    lined[0].end = NULL;
    expect_ending(3, false);
    calls[0].cancelled = true;
    expect_ending(0, true);
    calls[0].pending = false;
    expect_ending(4, true);
    calls[0].pending = false;
    calls[0].blocking = true;
    expect_ending(4, true);
    calls[0].blocking = true;
    calls[0].error = 10060;
    expect_ending(2, true);
    calls[0].error = 10060;
    expect_ending(3, true);
    lined[0].request = NULL;
    expect_ending(4, true);
    close_socket(110);
    expect_ending(1, true);
    close_socket(109);
    expect_ending(3, true);
    close_socket(199);
    expect_ending(1, true);
    close_socket(200);
    expect_ending(3, true);
    close_socket(200);
    calls[0].ended = false;
    expect_ending(1, true);
    close_socket(110);
    steps[0].socket = 2;
    expect_ending(3, true);
    close_socket(110);
    name(steps[0].what, "bind");
    expect_ending(3, true);
}

Test(trials, refusals)
{
    expect(AFD_BELIEF_REFUSED_LEAVES_NOTHING, 0, 0);
    static const struct {
        uint64_t op;
        uint8_t end;
        bool gone;
    } rows[] = {{0, OP_PENDING, true},    {5, OP_FAILED, true},   {5, OP_COMPLETED, true},
                {5, OP_RETURNED, true},   {5, OP_PENDING, false}, {5, OP_IN_FLIGHT, false},
                {5, OP_SUPERSEDED, false}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        calls[0].pending = false;
        calls[0].error = 10054;
        lined[0].op = rows[i].op;
        lined[0].op_end = rows[i].end;
        expect(AFD_BELIEF_REFUSED_LEAVES_NOTHING, rows[i].gone, !rows[i].gone);
    }
    calls[0].pending = false;
    calls[0].error = 10060;
    expect(AFD_BELIEF_REFUSED_LEAVES_NOTHING, 0, 0);
    calls[0].pending = false;
    calls[0].error = 0;
    expect(AFD_BELIEF_REFUSED_LEAVES_NOTHING, 0, 0);
    calls[0].pending = false;
    calls[0].error = 10054;
    lined[0].attempt = lined[0].request = NULL;
    expect(AFD_BELIEF_REFUSED_LEAVES_NOTHING, 0, 0);
}

Test(trials, registered_io)
{
    expect(AFD_BELIEF_REGISTERED_IO_IS_SILENT, 0, 0);
    name(calls[0].api, "RIOReceive");
    calls[0].error = 0;
    expect(AFD_BELIEF_REGISTERED_IO_IS_SILENT, 0, 1);
    name(calls[0].api, "RIOReceive");
    expect(AFD_BELIEF_REGISTERED_IO_IS_SILENT, 0, 0);
    name(calls[0].api, "RIOSend");
    calls[0].error = 0;
    lined[0].attempt = lined[0].request = NULL;
    expect(AFD_BELIEF_REGISTERED_IO_IS_SILENT, 1, 0);
}

/* ---- callers ---- */

/* A post of another thread, and no other event of the call. */
static struct sighting *foreign(void)
{
    lined[0].attempt = lined[0].request = NULL;
    items[0] = sighting(105, USER, AFD_ACT_POST, true);
    items[0].tid = 2;
    sightings.count = 1;
    return &items[0];
}

Test(trials, callers)
{
    expect(AFD_BELIEF_ENTER_NAMES_CALLER, 1, 0);
    attempt.pid = 4;
    expect(AFD_BELIEF_ENTER_NAMES_CALLER, 0, 1);
    lined[0].attempt = lined[0].request = NULL;
    expect(AFD_BELIEF_ENTER_NAMES_CALLER, 0, 0);
    foreign();
    expect(AFD_BELIEF_ENTER_NAMES_CALLER, 0, 1);
    foreign()->ticks = 99;
    expect(AFD_BELIEF_ENTER_NAMES_CALLER, 0, 1);
    foreign()->ticks = 98;
    expect(AFD_BELIEF_ENTER_NAMES_CALLER, 0, 0);
    foreign()->ticks = 110;
    expect(AFD_BELIEF_ENTER_NAMES_CALLER, 0, 1);
    foreign()->ticks = 111;
    expect(AFD_BELIEF_ENTER_NAMES_CALLER, 0, 0);
    foreign()->taken = true;
    expect(AFD_BELIEF_ENTER_NAMES_CALLER, 0, 0);
    foreign()->act = AFD_ACT_END;
    expect(AFD_BELIEF_ENTER_NAMES_CALLER, 0, 0);
    foreign()->act = AFD_ACT_REJECTED;
    expect(AFD_BELIEF_ENTER_NAMES_CALLER, 0, 1);
    foreign()->tid = 1;
    expect(AFD_BELIEF_ENTER_NAMES_CALLER, 0, 0);
    foreign()->endpoint++;
    expect(AFD_BELIEF_ENTER_NAMES_CALLER, 0, 0);
    foreign()->direction = AFD_SEND;
    expect(AFD_BELIEF_ENTER_NAMES_CALLER, 0, 0);
    foreign()->direction = AFD_SEND;
    calls[0].is_send = true;
    expect(AFD_BELIEF_ENTER_NAMES_CALLER, 0, 1);
}

Test(trials, creations)
{
    items[0] = sighting(1, 0, AFD_ACT_CREATE, false);
    items[0].owner_pid = PID;
    items[1] = sighting(2, 0, AFD_ACT_CLOSE, false);
    sightings.count = 2;
    expect(AFD_BELIEF_CREATE_NAMES_PROCESS, 1, 0);
    sightings.count = 1;
    items[0].owner_pid = 4;
    expect(AFD_BELIEF_CREATE_NAMES_PROCESS, 0, 1);
}

/* ---- the whole ---- */

Test(trials, rows_are_of_ids)
{
    items[0] = sighting(1, 0, AFD_ACT_POST, false);
    items[1] = sighting(2, 0, AFD_ACT_FAIL, false);
    items[2] = sighting(3, 0, AFD_ACT_POST, false);
    items[3] = sighting(4, 0, AFD_ACT_CLOSE, false);
    items[0].taken = true;
    items[2].is_copy = true;
    sightings.count = 4;
    trials_run(&trials, &probed, &line_up, &sightings);
    cr_assert_eq(trials.rows[1].explained, 1);
    cr_assert_eq(trials.rows[1].unexplained, 1);
    cr_assert_eq(trials.rows[1].verdict, TRIAL_CONFIRMED);
    cr_assert_eq(trials.rows[0].verdict, TRIAL_NOT_EXERCISED);
    cr_assert_not(trials.any_refuted);
    teardown();
    setup();
    items[0].taken = false;
    sightings.count = 2;
    trials_run(&trials, &probed, &line_up, &sightings);
    cr_assert_eq(trials.rows[1].unexplained, 2);
    cr_assert_eq(trials.rows[1].verdict, TRIAL_REFUTED);
    cr_assert(trials.any_refuted);
}

/* Of a trace that lost events a majority decides. */
Test(trials, losses_make_a_majority_decide)
{
    for (unsigned events = 0; events <= 1; events++) {
        for (unsigned pros = 1; pros <= 2; pros++) {
            sightings.info.events_lost = events;
            sightings.info.buffers_lost = 1 - events;
            for (size_t i = 0; i < 3; i++) {
                items[i] = sighting(i + 1, 0, AFD_ACT_CREATE, false);
                items[i].owner_pid = i < pros ? PID : 4;
            }
            sightings.count = 3;
            trials_run(&trials, &probed, &line_up, &sightings);
            cr_assert(trials.lost);
            cr_assert_eq(trials.beliefs[AFD_BELIEF_CREATE_NAMES_PROCESS].verdict,
                         pros > 1 ? TRIAL_CONFIRMED : TRIAL_REFUTED);
            teardown();
            setup();
        }
    }
    trials_run(&trials, &probed, &line_up, &sightings);
    cr_assert_not(trials.lost);
}

Test(trials, three_records_are_named)
{
    for (size_t i = 0; i < 4; i++) {
        items[i] = sighting(10 + i, 0, AFD_ACT_CREATE, false);
    }
    sightings.count = 4;
    trials_run(&trials, &probed, &line_up, &sightings);
    const struct trial *trial = &trials.beliefs[AFD_BELIEF_CREATE_NAMES_PROCESS];
    cr_assert_eq(trial->contra, 4);
    cr_assert_eq(trial->contra_records[0].offset, 10);
    cr_assert_eq(trial->contra_records[2].offset, 12);
    cr_assert_eq(trial->contra_records[0].call, 0);
    trial = &trials.beliefs[AFD_BELIEF_COPIES_ARE_MARKED];
    cr_assert_eq(trial->pro_records[0].call, 7);
    cr_assert_eq(trial->pro_records[0].offset, 100);
}

/* Receives that waited, and those whose memory is known. */
static void expect_waiting(unsigned waiting, unsigned visible, unsigned special,
                           unsigned special_visible)
{
    trials_run(&trials, &probed, &line_up, &sightings);
    cr_expect_eq(trials.waiting, waiting);
    cr_expect_eq(trials.waiting_visible, visible);
    cr_expect_eq(trials.special, special);
    cr_expect_eq(trials.special_visible, special_visible);
    teardown();
    setup();
    lined[0].op = 3;
    lined[0].op_shows_memory = true;
}

Test(trials, receives_that_waited)
{
    expect_waiting(1, 0, 0, 0);
    expect_waiting(1, 1, 0, 0);
    lined[0].op_shows_memory = false;
    expect_waiting(1, 0, 0, 0);
    lined[0].op = 0;
    expect_waiting(1, 0, 0, 0);
    calls[0].is_send = true;
    expect_waiting(0, 0, 0, 0);
    calls[0].length = 0;
    expect_waiting(0, 0, 0, 0);
    calls[0].pending = false;
    expect_waiting(0, 0, 0, 0);
    name(calls[0].api, "RIOReceive");
    expect_waiting(0, 0, 0, 0);
    name(calls[0].api, "AcceptEx");
    expect_waiting(0, 0, 1, 1);
    name(calls[0].api, "WSARecvMsg");
    lined[0].op = 0;
    expect_waiting(0, 0, 1, 0);
}

/* ---- defects ---- */

Test(trials, conflicts_are_of_defects)
{
    static struct probe_defect defects[2] = {{.first = 0, .second = 1}, {.first = 1, .second = 0}};
    add_other(300, 400, 1);
    lined[1].attempt = NULL;
    probed.defects = defects;
    probed.defect_count = 2;
    teardown();
    cr_assert(trials_init(&trials, &probed));
    struct operation first = {.posted = {.ticks = 100, .offset = 100}},
                     second = {.posted = {.ticks = 300, .offset = 102}},
                     other = {.posted = {.ticks = 1}};
    struct conflict conflict = {
        .first = &first, .second = &second, .confidence = CONFIDENCE_LIKELY};
    trials_add_conflict(&trials, &probed, &line_up, &conflict);
    cr_assert(trials.defects[0].found);
    cr_assert_eq(trials.defects[0].confidence, CONFIDENCE_LIKELY);
    cr_assert_not(trials.defects[1].found);
    conflict.first = &other;
    trials_add_conflict(&trials, &probed, &line_up, &conflict);
    conflict.first = &first;
    conflict.second = &other;
    trials_add_conflict(&trials, &probed, &line_up, &conflict);
    cr_assert_eq(trials.false_conflicts, 0, "no call's");
    conflict.second = &first;
    trials_add_conflict(&trials, &probed, &line_up, &conflict);
    cr_assert_eq(trials.false_conflicts, 1);
    cr_assert_not(trials.defects[1].found);
}

/* ---- rows to add ---- */

Test(trials, rows_say_what_the_trace_shows)
{
    char text[TRIAL_ROW_LEN];
    struct trial trial = {.holds = true, .verdict = TRIAL_REFUTED};
    const enum afd_belief_id id = AFD_BELIEF_END_BEFORE_NOTICE;
    cr_assert(trial_row(&trial, id, 19041, text));
    cr_assert_str_eq(text, "{AFD_BELIEF_END_BEFORE_NOTICE, 19041, false, \"calibrated on build "
                           "19041\"},");
    trial.verdict = TRIAL_CONFIRMED;
    cr_assert(trial_row(&trial, id, 22631, text), "not calibrated before");
    cr_assert_str_eq(text, "{AFD_BELIEF_END_BEFORE_NOTICE, 22631, true, \"calibrated on build "
                           "22631\"},");
    cr_assert_not(trial_row(&trial, id, 0, text));
    trial.verdict = TRIAL_NOT_EXERCISED;
    cr_assert_not(trial_row(&trial, id, 19041, text));
}
