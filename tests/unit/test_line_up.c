/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <stdio.h>

#include "analyzer/calibrate/line_up.h"

/* Each test is a log of few calls and the events that a trace has of them. The clock has 10,000
 * ticks a second, so that events up to 10 ticks before and behind a call may be the call's. */

#define MAX 16
#define A UINT64_C(0xffffb00000001000)
#define B UINT64_C(0xffffb00000002000)
#define USER UINT64_C(0x1a2b3c4000)
#define KERNEL UINT64_C(0xffffe00000005000)

static struct probe_call calls[MAX];
static struct probe_step steps[MAX];
static struct sighting items[MAX];
static struct probe_log made_log;
static struct sightings sightings;
static struct line_up line_up;
static const struct afd_behavior plain = {.id = 1}, without_address = {.hides_address = true};

static void setup(void)
{
    made_log = (struct probe_log){.frequency = 10000, .calls = calls, .steps = steps};
    sightings = (struct sightings){.items = items};
}

static void teardown(void)
{
    line_up_free(&line_up);
}

TestSuite(line_up, .init = setup, .fini = teardown);

/* ---- making ---- */

static struct probe_call *call(uint32_t tid, int64_t before, int64_t after)
{
    struct probe_call *made = &calls[made_log.call_count++];
    *made = (struct probe_call){
        .tid = tid, .socket = 1, .address = USER, .before = before, .after = after};
    return made;
}

static void step(const char *what, uint32_t socket, int64_t before, int64_t after)
{
    struct probe_step *made = &steps[made_log.step_count++];
    *made = (struct probe_step){.tid = 1, .socket = socket, .before = before, .after = after};
    snprintf(made->what, sizeof made->what, "%s", what);
}

static struct sighting *see(int64_t ticks, uint8_t act, bool fast_path)
{
    struct sighting *made = &items[sightings.count++];
    *made = (struct sighting){.ticks = ticks,
                              .offset = sightings.count,
                              .behavior = &plain,
                              .endpoint = A,
                              .buffer = fast_path ? USER : KERNEL,
                              .tid = 1,
                              .act = act,
                              .direction = AFD_RECV,
                              .fast_path = fast_path};
    return made;
}

/* The calls of the log, lined up. */
static const struct lined_call *made(void)
{
    cr_assert(line_up_make(&line_up, &made_log, &sightings));
    return line_up.calls;
}

/* ---- sockets ---- */

/* Whether a call is of socket 1 is told by the endpoint: A, which the steps of the log show. */
static void expect_endpoint(uint64_t endpoint)
{
    call(1, 1000, 1100);
    see(1010, AFD_ACT_POST, false)->endpoint = B;
    see(1020, AFD_ACT_POST, false)->endpoint = A;
    const struct lined_call *lined = made() + made_log.call_count - 1;
    cr_assert_eq(lined->endpoint, endpoint);
    cr_assert_eq(lined->request,
                 endpoint == A ? &items[sightings.count - 1] : &items[sightings.count - 2]);
}

Test(line_up, a_socket_is_created_in_its_call)
{
    step("socket", 1, 100, 110);
    see(89, AFD_ACT_CREATE, false)->endpoint = B;
    see(90, AFD_ACT_CREATE, false)->endpoint = A;
    see(120, AFD_ACT_ABORT, false)->endpoint = B;
    see(121, AFD_ACT_CREATE, false)->endpoint = B;
    expect_endpoint(A);
    cr_assert_eq(line_up.sockets, 1);
    cr_assert_eq(line_up.sockets_found, 1);
}

Test(line_up, another_thread_creates_another_socket)
{
    step("socket", 1, 100, 110);
    see(105, AFD_ACT_CREATE, false);
    see(106, AFD_ACT_CREATE, false)->endpoint = B;
    items[1].tid = 2;
    expect_endpoint(A);
}

Test(line_up, what_is_bound_is_not_created)
{
    step("bind", 1, 100, 110);
    see(105, AFD_ACT_CREATE, false);
    expect_endpoint(B);
}

Test(line_up, accept_names_the_new_socket)
{
    step("accept", 1, 100, 110);
    see(101, AFD_ACT_CREATE, false)->endpoint = B;
    see(102, AFD_ACT_NONE, false)->accept_endpoint = A;
    see(103, AFD_ACT_CREATE, false)->endpoint = B;
    expect_endpoint(A);
}

Test(line_up, accept_may_create_the_new_socket)
{
    step("accept", 1, 100, 110);
    see(101, AFD_ACT_CREATE, false);
    expect_endpoint(A);
}

Test(line_up, socket_does_not_accept)
{
    step("socket", 1, 100, 110);
    see(101, AFD_ACT_CREATE, false);
    see(102, AFD_ACT_NONE, false)->accept_endpoint = B;
    expect_endpoint(A);
}

/* The first call of a socket that no step shows tells the endpoint to the next. */
Test(line_up, a_call_shows_its_socket)
{
    call(1, 100, 110);
    see(105, AFD_ACT_POST, true);
    expect_endpoint(A);
    cr_assert_eq(line_up.calls[1].endpoint, A);
    cr_assert_eq(line_up.found, 2);
    cr_assert_eq(line_up.sockets_found, 1);
}

Test(line_up, sockets_without_events_are_not_found)
{
    call(1, 100, 110)->socket = 3;
    see(105, AFD_ACT_POST, true);
    call(1, 500, 510)->socket = 2;
    made();
    cr_assert_eq(line_up.count, 2);
    cr_assert_eq(line_up.found, 1);
    cr_assert_eq(line_up.sockets, 3);
    cr_assert_eq(line_up.sockets_found, 1);
    cr_assert_eq(line_up.calls[1].endpoint, 0);
}

/* A number that no socket has is looked up nowhere. */
Test(line_up, a_socket_of_any_number)
{
    call(1, 100, 110)->socket = UINT32_MAX;
    see(105, AFD_ACT_POST, true);
    cr_assert_eq(made()->attempt, &items[0]);
    cr_assert_eq(line_up.sockets, 0);
}

/* ---- posts ---- */

Test(line_up, a_call_has_an_attempt_and_a_request)
{
    call(1, 100, 110);
    see(101, AFD_ACT_END, true);
    see(102, AFD_ACT_POST, true);
    see(103, AFD_ACT_POST, true);
    see(104, AFD_ACT_END, false);
    see(105, AFD_ACT_FAIL, true);
    see(106, AFD_ACT_END, true);
    see(107, AFD_ACT_REJECTED, false);
    see(108, AFD_ACT_POST, false);
    const struct lined_call *lined = made();
    cr_assert_eq(lined->attempt, &items[1]);
    cr_assert_eq(lined->attempt_exit, &items[4]);
    cr_assert_eq(lined->request, &items[6]);
    cr_assert_eq(lined->enters_on, 2);
    cr_assert_eq(lined->enters_off, 2);
    cr_assert_not(items[5].taken);
    cr_assert(items[1].taken && items[2].taken && items[4].taken && items[6].taken);
}

Test(line_up, a_call_has_no_events_of_others)
{
    call(1, 100, 110);
    see(101, AFD_ACT_POST, true)->direction = AFD_SEND;
    see(102, AFD_ACT_POST, true)->is_copy = true;
    see(103, AFD_ACT_POST, true)->tid = 2;
    see(104, AFD_ACT_CLOSE, true);
    see(105, AFD_ACT_POST, true)->taken = true;
    const struct lined_call *lined = made();
    cr_assert_null(lined->attempt);
    cr_assert_eq(lined->enters_on, 0);
    cr_assert_eq(line_up.found, 0);
}

Test(line_up, sends_are_of_sends)
{
    call(1, 100, 110)->is_send = true;
    see(101, AFD_ACT_POST, true);
    see(102, AFD_ACT_POST, true)->direction = AFD_SEND;
    cr_assert_eq(made()->attempt, &items[1]);
}

/* Ten ticks around a call are its own, and what lies between two calls is shared by its middle. */
Test(line_up, events_near_a_call_are_of_it)
{
    call(1, 100, 110);
    call(1, 116, 120);
    call(1, 200, 210);
    see(89, AFD_ACT_POST, true);
    see(90, AFD_ACT_POST, true);
    see(113, AFD_ACT_POST, true);
    see(114, AFD_ACT_POST, true);
    see(130, AFD_ACT_POST, true);
    see(131, AFD_ACT_POST, true);
    see(189, AFD_ACT_POST, true);
    see(220, AFD_ACT_POST, true);
    see(221, AFD_ACT_POST, true);
    made();
    cr_assert_eq(line_up.calls[0].attempt, &items[1]);
    cr_assert_eq(line_up.calls[0].enters_on, 2);
    cr_assert_eq(line_up.calls[1].attempt, &items[3]);
    cr_assert_eq(line_up.calls[1].enters_on, 2);
    cr_assert_eq(line_up.calls[2].attempt, &items[7]);
    cr_assert_eq(line_up.calls[2].enters_on, 1);
    cr_assert_not(items[0].taken || items[5].taken || items[6].taken || items[8].taken);
}

/* ---- ends ---- */

static void expect_end(const struct sighting *end, unsigned relations)
{
    const struct lined_call *lined = made();
    cr_assert_eq(lined->end, end);
    cr_assert_eq(lined->end_relations, relations);
}

static struct sighting *request(void)
{
    struct sighting *made = see(101, AFD_ACT_POST, false);
    made->names_request = true;
    made->activity.bytes[0] = 7;
    return made;
}

static struct sighting *end(int64_t ticks, uint64_t buffer, uint8_t activity)
{
    struct sighting *made = see(ticks, AFD_ACT_END, false);
    made->buffer = buffer;
    made->names_request = activity != 0;
    made->activity.bytes[0] = activity;
    made->tid = 9;
    return made;
}

Test(line_up, an_end_by_its_request)
{
    call(1, 100, 110);
    request();
    end(300, KERNEL, 0);
    end(301, USER, 7);
    end(302, KERNEL, 7);
    end(303, KERNEL, 7);
    expect_end(&items[3], END_BY_ACTIVITY | END_BY_REQUEST_ADDRESS);
    cr_assert(items[3].taken);
    cr_assert_not(items[1].taken || items[2].taken || items[4].taken);
}

Test(line_up, an_end_by_its_activity)
{
    call(1, 100, 110);
    request();
    end(300, KERNEL, 8);
    end(301, USER, 7);
    end(302, KERNEL, 0);
    expect_end(&items[2], END_BY_ACTIVITY | END_BY_USER_ADDRESS);
}

Test(line_up, an_end_by_an_address)
{
    call(1, 100, 110);
    request()->names_request = false;
    end(299, KERNEL + 8, 7);
    end(300, USER, 7);
    end(301, USER, 7);
    expect_end(&items[2], END_BY_USER_ADDRESS);
}

Test(line_up, an_end_by_the_address_of_the_request)
{
    call(1, 100, 110);
    request();
    end(300, USER, 0);
    end(301, KERNEL, 0);
    end(302, KERNEL, 0);
    expect_end(&items[2], END_BY_REQUEST_ADDRESS);
}

Test(line_up, an_end_without_an_address)
{
    call(1, 100, 110);
    request();
    end(300, KERNEL, 0)->behavior = &without_address;
    end(301, USER, 0);
    expect_end(&items[1], END_BY_ENDPOINT);
}

Test(line_up, an_address_of_0_is_none)
{
    call(1, 100, 110)->address = 0;
    request()->buffer = 0;
    end(300, 0, 0);
    expect_end(NULL, 0);
}

/* No end is what came before the request, later than the call says, on the fast path, or of others.
 */
Test(line_up, no_end_of_a_request)
{
    struct probe_call *of = call(1, 100, 110);
    of->ended = true;
    of->ended_at = 400;
    end(100, KERNEL, 7);
    request();
    end(300, KERNEL, 7)->fast_path = true;
    end(301, KERNEL, 7)->endpoint = B;
    end(302, KERNEL, 7)->direction = AFD_SEND;
    end(303, KERNEL, 7)->act = AFD_ACT_PENDING;
    end(304, KERNEL, 7)->taken = true;
    end(411, KERNEL, 7);
    expect_end(NULL, 0);
    items[7].ticks = 410;
    items[1].taken = false;
    line_up_free(&line_up);
    expect_end(&items[7], END_BY_ACTIVITY | END_BY_REQUEST_ADDRESS);
}

Test(line_up, without_a_request_there_is_no_end)
{
    call(1, 100, 110);
    see(101, AFD_ACT_POST, true);
    end(300, USER, 0);
    expect_end(NULL, 0);
}

/* ---- operations ---- */

Test(line_up, operations_find_their_calls)
{
    call(1, 100, 110);
    call(1, 200, 210);
    see(101, AFD_ACT_POST, true);
    see(102, AFD_ACT_POST, false);
    see(201, AFD_ACT_POST, false);
    made();
    struct operation op = {.number = 5,
                           .posted = {.ticks = 201, .offset = 3},
                           .space = AFD_SPACE_USER,
                           .end = OP_COMPLETED};
    line_up_add_operation(&line_up, &op);
    cr_assert_eq(line_up.calls[0].op, 0);
    cr_assert_eq(line_up.calls[1].op, 5);
    cr_assert(line_up.calls[1].op_shows_memory);
    cr_assert_eq(line_up.calls[1].op_end, OP_COMPLETED);
    op = (struct operation){
        .number = 6, .posted = {.ticks = 102, .offset = 2}, .space = AFD_SPACE_KERNEL};
    line_up_add_operation(&line_up, &op);
    cr_assert_eq(line_up.calls[0].op, 6);
    cr_assert_not(line_up.calls[0].op_shows_memory);
    op.number = 7;
    op.posted.offset = 3;
    line_up_add_operation(&line_up, &op);
    op.posted.offset = 1;
    line_up_add_operation(&line_up, &op);
    cr_assert_eq(line_up.calls[0].second_op, 0);
    op.posted.ticks = 101;
    line_up_add_operation(&line_up, &op);
    cr_assert_eq(line_up.calls[0].op, 6);
    cr_assert_eq(line_up.calls[0].second_op, 7);
    cr_assert_eq(line_up.calls[1].second_op, 0);
}
