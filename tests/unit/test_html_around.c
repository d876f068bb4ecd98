/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>

#include "analyzer/reports/html_around.h"

#define BASE UINT64_C(0x1a2b3c4000)
#define ENDPOINT UINT64_C(0xffffb00000001000)

static struct process_info app = {.serial = 1, .pid = 4120};
static struct process_info other_app = {.serial = 2, .pid = 4124};
static struct socket_info a_socket = {.endpoint = ENDPOINT};
static struct op_ending endings[1 << 16];
static size_t ending_count;
static struct html_around *around;

static void setup(void)
{
    around = html_around_create();
    cr_assert_not_null(around);
    html_around_begin(around, 0);
}

static void teardown(void)
{
    html_around_destroy(around);
}

TestSuite(html_around, .init = setup, .fini = teardown);

/* A receive of 512 bytes that completed; it lasts 5 ticks. */
static struct operation receive(uint64_t number, uint64_t start, int64_t posted)
{
    struct op_ending *ended = &endings[ending_count++];
    ended->at = (struct op_point){.ticks = posted + 5, .order = posted + 5, .tid = 7};
    return (struct operation){
        .number = number,
        .buffer = start,
        .length = 512,
        .family = AFD_FAMILY_LEGACY,
        .direction = AFD_RECV,
        .space = AFD_SPACE_USER,
        .end = OP_COMPLETED,
        .pointer_size = 8,
        .posted = {.ticks = posted, .order = posted, .tid = 7, .event_id = 19},
        .ended = ended,
        .process = &app,
        .socket = &a_socket};
}

static struct conflict conflict_of(struct operation *first, struct operation *second)
{
    return (struct conflict){.first = first,
                             .second = second,
                             .rule = rules_table[0],
                             .level = RULE_ERROR,
                             .extent = EXTENT_EXACT,
                             .overlap_start = second->buffer,
                             .overlap_len = 512};
}

static void end(uint64_t number, uint64_t start, int64_t posted)
{
    struct operation op = receive(number, start, posted);
    html_around_operation(around, &op);
}

static size_t found(const struct conflict *conflict, uint64_t numbers[HTML_AROUND_MAX])
{
    size_t count;
    const struct html_neighbour *items = html_around_find(around, 0, conflict, &count);
    for (size_t i = 0; i < count; i++) {
        numbers[i] = items[i].number;
    }
    return count;
}

/* Tells of `drawn` between two times of `other`, both of one cause, and expects that an earlier
 * operation of that memory is kept for `drawn` alone. */
static void expect_drawn(const struct conflict *drawn, const struct conflict *other)
{
    uint64_t numbers[HTML_AROUND_MAX];
    end(1, BASE, 10);
    html_around_conflict(around, other);
    html_around_conflict(around, drawn);
    html_around_conflict(around, other);
    cr_assert_eq(found(other, numbers), 0);
    cr_assert_eq(found(drawn, numbers), 1);
    cr_assert_eq(numbers[0], 1);
}

Test(html_around, before_and_after_on_the_same_memory_only)
{
    struct operation first = receive(10, BASE, 100), second = receive(11, BASE + 256, 102);
    struct conflict conflict = conflict_of(&first, &second);
    uint64_t numbers[HTML_AROUND_MAX];
    end(1, BASE, 10);
    end(2, BASE + 768, 20); /* begins where the second ends */
    end(3, BASE - 512, 30); /* ends where the first begins */
    end(4, BASE - 511, 40);
    html_around_operation(around, &first);
    html_around_conflict(around, &conflict);
    html_around_operation(around, &second);
    end(12, BASE + 767, 200);
    end(13, BASE + 768, 210);
    cr_assert_eq(found(&conflict, numbers), 3);
    cr_assert_eq(numbers[0], 1);
    cr_assert_eq(numbers[1], 4);
    cr_assert_eq(numbers[2], 12);
}

Test(html_around, not_what_another_process_does_at_that_address)
{
    struct operation first = receive(10, BASE, 100), second = receive(11, BASE, 102);
    struct operation stranger = receive(1, BASE, 10);
    struct conflict conflict = conflict_of(&first, &second);
    uint64_t numbers[HTML_AROUND_MAX];
    stranger.process = &other_app;
    html_around_operation(around, &stranger);
    html_around_conflict(around, &conflict);
    cr_assert_eq(found(&conflict, numbers), 0);
}

Test(html_around, the_nearest_when_there_are_too_many)
{
    struct operation first = receive(5000, BASE, 100000), second = receive(5001, BASE, 100002);
    struct conflict conflict = conflict_of(&first, &second);
    uint64_t numbers[HTML_AROUND_MAX];
    html_around_conflict(around, &conflict);
    for (uint64_t i = 0; i < 200; i++) {
        end(6000 + i, BASE, 200000 - (int64_t)i * 100);
    }
    cr_assert_eq(found(&conflict, numbers), HTML_AROUND_MAX);
    cr_assert_eq(numbers[0], 6160);
    cr_assert_eq(numbers[HTML_AROUND_MAX - 1], 6199);
}

Test(html_around, the_conflict_that_a_finding_shows)
{
    struct operation first = receive(10, BASE, 100), second = receive(20, BASE, 102);
    struct operation third = receive(15, BASE, 101);
    struct conflict later = conflict_of(&first, &second), shown = conflict_of(&first, &third);
    expect_drawn(&shown, &later);
}

Test(html_around, more_causes_than_it_keeps)
{
    struct process_info *processes = calloc(HTML_AROUND_CAUSES + 1, sizeof *processes);
    size_t count;
    for (uint64_t i = 0; i <= HTML_AROUND_CAUSES; i++) {
        struct operation op = receive(3, BASE, 10), first = receive(1, BASE, 100),
                         second = receive(2, BASE, 101);
        struct conflict conflict = conflict_of(&first, &second);
        processes[i].serial = i + 1;
        op.process = first.process = second.process = &processes[i];
        html_around_operation(around, &op);
        html_around_conflict(around, &conflict);
        html_around_find(around, 0, &conflict, &count);
        cr_assert_eq(count, i < HTML_AROUND_CAUSES, "cause %zu", (size_t)i);
    }
    free(processes);
}

Test(html_around, inputs_do_not_mix)
{
    struct operation first = receive(10, BASE, 100), second = receive(11, BASE, 102);
    struct conflict conflict = conflict_of(&first, &second);
    uint64_t numbers[HTML_AROUND_MAX];
    size_t count;
    end(1, BASE, 10);
    html_around_begin(around, 1);
    html_around_conflict(around, &conflict);
    end(12, BASE, 200);
    cr_assert_eq(found(&conflict, numbers), 0);
    html_around_find(around, 1, &conflict, &count);
    cr_assert_eq(count, 1);
}

Test(html_around, pending_until_the_end_of_the_trace)
{
    struct operation first = receive(10, BASE, 100), second = receive(11, BASE, 102);
    struct operation pending = receive(9, BASE, 90);
    struct conflict conflict = conflict_of(&first, &second);
    size_t count;
    pending.end = OP_PENDING;
    pending.ended = NULL;
    html_around_operation(around, &pending);
    html_around_conflict(around, &conflict);
    const struct html_neighbour *items = html_around_find(around, 0, &conflict, &count);
    cr_assert_eq(count, 1);
    cr_assert_eq(items[0].end, OP_PENDING);
    cr_assert_not(items[0].has_end);
}

Test(html_around, the_one_that_did_damage)
{
    struct operation first = receive(10, BASE, 100), second = receive(11, BASE, 102);
    struct operation third = receive(12, BASE, 103);
    struct conflict earlier = conflict_of(&first, &second), worse = conflict_of(&first, &third);
    worse.harm = HARM_KNOWN;
    worse.harm_len = 96;
    expect_drawn(&worse, &earlier);
}

Test(html_around, the_higher_level_though_it_came_later)
{
    struct operation first = receive(10, BASE, 100), second = receive(11, BASE, 102);
    struct operation third = receive(12, BASE, 103);
    struct conflict warning = conflict_of(&first, &second), error = conflict_of(&first, &third);
    warning.level = RULE_WARNING;
    expect_drawn(&error, &warning);
}

Test(html_around, the_oldest_first_operation_among_equals)
{
    struct operation older = receive(9, BASE, 99), first = receive(10, BASE, 100);
    struct operation second = receive(11, BASE, 102);
    struct conflict later = conflict_of(&first, &second), shown = conflict_of(&older, &second);
    expect_drawn(&shown, &later);
}
