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

/* ---- limits ---- */

/* A conflict gathers what ends after it for so many operations, itself not counted. */
Test(html_around, for_so_many_operations_only)
{
    struct operation first = receive(10, BASE, 100), second = receive(11, BASE, 102);
    struct conflict conflict = conflict_of(&first, &second);
    uint64_t numbers[HTML_AROUND_MAX];
    html_around_conflict(around, &conflict);
    for (uint64_t i = 1; i < HTML_AROUND_OPEN_OPS; i++) {
        end(100 + i, BASE + 0x1000000, 200);
    }
    end(7, BASE, 90);
    end(8, BASE, 91);
    cr_assert_eq(found(&conflict, numbers), 1);
    cr_assert_eq(numbers[0], 7);
}

/* Of more conflicts that gather at once the oldest stops. */
Test(html_around, for_so_many_conflicts_at_once)
{
    static struct process_info processes[HTML_AROUND_OPEN_MAX + 1];
    static struct operation first[HTML_AROUND_OPEN_MAX + 1], second[HTML_AROUND_OPEN_MAX + 1];
    static struct conflict conflicts[HTML_AROUND_OPEN_MAX + 1];
    for (size_t i = 0; i <= HTML_AROUND_OPEN_MAX; i++) {
        first[i] = receive(2 * i + 1, BASE, 100);
        second[i] = receive(2 * i + 2, BASE, 102);
        conflicts[i] = conflict_of(&first[i], &second[i]);
        processes[i].serial = i + 1;
        first[i].process = second[i].process = &processes[i];
        html_around_conflict(around, &conflicts[i]);
    }
    for (size_t i = 0; i <= HTML_AROUND_OPEN_MAX; i++) {
        struct operation later = receive(1000 + i, BASE, 200);
        size_t count;
        later.process = &processes[i];
        html_around_operation(around, &later);
        html_around_find(around, 0, &conflicts[i], &count);
        cr_expect_eq(count, i > 0, "%zu", i);
    }
}

/* Operations that ended before are found if they begin up to 64 KiB before the memory. */
Test(html_around, what_begins_before_is_found_up_to_64_kib)
{
    static const struct {
        uint64_t before;
        size_t count;
    } rows[] = {{0, 1}, {0x1000, 1}, {0x10000, 1}, {0x11000, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct operation first = receive(10, BASE, 100), second = receive(11, BASE, 102);
        struct operation large = receive(1, BASE - rows[i].before, 10);
        struct conflict conflict = conflict_of(&first, &second);
        uint64_t numbers[HTML_AROUND_MAX];
        teardown();
        setup();
        large.length = 0x20000;
        html_around_operation(around, &large);
        html_around_conflict(around, &conflict);
        cr_expect_eq(found(&conflict, numbers), rows[i].count, "%zu", i);
    }
}

/* Of one page the last eight that ended are remembered. */
Test(html_around, a_page_remembers_the_last_eight)
{
    struct operation first = receive(100, BASE, 1000), second = receive(101, BASE, 1002);
    struct conflict conflict = conflict_of(&first, &second);
    uint64_t numbers[HTML_AROUND_MAX];
    for (uint64_t i = 1; i <= 11; i++) {
        end(i, BASE, 10 * (int64_t)i);
    }
    html_around_conflict(around, &conflict);
    cr_assert_eq(found(&conflict, numbers), HTML_AROUND_PAGE_OPS);
    cr_assert_eq(numbers[0], 4);
    cr_assert_eq(numbers[7], 11);
}

/* ---- nearness ---- */

/* Operations before the conflict count by their end, those after it by their post, and what lies
 * within it is nearest. */
Test(html_around, nearness_is_told_by_time)
{
    struct operation first = receive(10, BASE, 1000), second = receive(11, BASE, 1002);
    struct conflict conflict = conflict_of(&first, &second);
    uint64_t numbers[HTML_AROUND_MAX];
    html_around_conflict(around, &conflict);
    for (uint64_t i = 0; i < HTML_AROUND_MAX; i++) {
        end(100 + i, BASE, 1105); /* 100 behind the first's end */
    }
    end(1, BASE, 895);  /* ends 100 before */
    end(2, BASE, 896);  /* 99 before */
    end(3, BASE, 1105); /* as far as the others */
    end(4, BASE, 1104);
    end(5, BASE, 1001); /* within */
    cr_assert_eq(found(&conflict, numbers), HTML_AROUND_MAX);
    cr_assert_eq(numbers[0], 2);
    cr_assert_eq(numbers[1], 4);
    cr_assert_eq(numbers[2], 5);
    cr_assert_geq(numbers[3], 100);
}

/* Memory of both operations counts, the first's too where it goes beyond. */
Test(html_around, memory_of_both_operations_counts)
{
    struct operation first = receive(10, BASE - 0x800, 100), second = receive(11, BASE, 102);
    struct conflict conflict = conflict_of(&first, &second);
    uint64_t numbers[HTML_AROUND_MAX];
    first.length = 0x2000;
    html_around_conflict(around, &conflict);
    end(20, BASE - 0x800 - 512, 200);
    end(21, BASE - 0x800 - 511, 201);
    end(22, BASE + 0x17ff, 202);
    end(23, BASE + 0x1800, 203);
    cr_assert_eq(found(&conflict, numbers), 2);
    cr_assert_eq(numbers[0], 21);
    cr_assert_eq(numbers[1], 22);
}

Test(html_around, an_operation_without_memory_is_no_neighbour)
{
    struct operation first = receive(10, 0, 100), second = receive(11, 0, 102);
    struct operation nothing = receive(1, 0, 10), chain = receive(2, BASE - 1, 20);
    struct conflict conflict = conflict_of(&first, &second);
    uint64_t numbers[HTML_AROUND_MAX];
    nothing.space = AFD_SPACE_NONE;
    html_around_operation(around, &nothing);
    html_around_conflict(around, &conflict);
    cr_assert_eq(found(&conflict, numbers), 0);
    first.buffer = second.buffer = conflict.overlap_start = BASE;
    chain.chained = true; /* the first byte alone is certain */
    html_around_operation(around, &chain);
    html_around_conflict(around, &conflict);
    cr_assert_eq(found(&conflict, numbers), 0);
}

/* A kernel address is nobody's process; of its memory the first byte is certain. */
Test(html_around, kernel_addresses_are_of_all_processes)
{
    const uint64_t kernel = UINT64_C(0xffffe00000001000);
    struct operation first = receive(10, kernel, 100), second = receive(11, kernel, 102);
    struct operation same = receive(20, kernel, 200), beside = receive(21, kernel - 1, 201);
    struct conflict conflict = conflict_of(&first, &second);
    uint64_t numbers[HTML_AROUND_MAX];
    conflict.extent = EXTENT_START_ONLY;
    first.space = second.space = same.space = beside.space = AFD_SPACE_KERNEL;
    same.process = &other_app;
    html_around_conflict(around, &conflict);
    html_around_operation(around, &same);
    html_around_operation(around, &beside);
    cr_assert_eq(found(&conflict, numbers), 1);
    cr_assert_eq(numbers[0], 20);
}

/* Of large memory the pages are looked through up to 47 behind its first one. */
Test(html_around, pages_of_large_memory)
{
    struct operation first = receive(10, BASE, 100), second = receive(11, BASE, 102);
    struct conflict conflict = conflict_of(&first, &second);
    uint64_t numbers[HTML_AROUND_MAX];
    first.length = 48 * 0x1000 + 0x1000;
    end(1, BASE + 47 * 0x1000, 10);
    end(2, BASE + 48 * 0x1000, 20);
    html_around_conflict(around, &conflict);
    end(20, BASE + 48 * 0x1000, 200);
    cr_assert_eq(found(&conflict, numbers), 2);
    cr_assert_eq(numbers[0], 1);
    cr_assert_eq(numbers[1], 20);
}

/* A conflict that is told again keeps what it has gathered, more than a page remembers. */
Test(html_around, the_same_conflict_again)
{
    struct operation first = receive(10, BASE, 100), second = receive(11, BASE, 102);
    struct conflict conflict = conflict_of(&first, &second);
    uint64_t numbers[HTML_AROUND_MAX];
    html_around_conflict(around, &conflict);
    for (uint64_t i = 0; i < 12; i++) {
        end(20 + i, BASE, 200);
    }
    html_around_conflict(around, &conflict);
    cr_assert_eq(found(&conflict, numbers), 12);
}

/* Each cause takes as much memory as the one before it, with its neighbours. */
Test(html_around, memory_is_counted)
{
    static struct process_info processes[3];
    size_t before = html_around_bytes(around), step = 0;
    for (size_t i = 0; i < 3; i++) {
        struct operation first = receive(1, BASE, 100), second = receive(2, BASE, 102);
        struct conflict conflict = conflict_of(&first, &second);
        processes[i].serial = i + 1;
        first.process = second.process = &processes[i];
        html_around_conflict(around, &conflict);
        for (uint64_t at = 0; at < 20; at++) {
            struct operation later = receive(10 + at, BASE, 200);
            later.process = &processes[i];
            html_around_operation(around, &later);
        }
        size_t now = html_around_bytes(around);
        cr_expect_geq(now - before, 20 * sizeof(struct html_neighbour));
        cr_expect(i == 0 || now - before == step, "%zu", i);
        step = now - before;
        before = now;
    }
}
