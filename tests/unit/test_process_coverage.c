/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <string.h>

#include "analyzer/process_coverage.h"
#include "base/stack_store.h"

#define RECEIVE 1004
#define CONNECT_EX 1021

static struct coverage coverage;
static struct op_continuation continuation;

/* A modern receive of 64 bytes on the fast path, whose end is not traced. */
static struct operation receive(void)
{
    memset(&coverage, 0, sizeof coverage);
    continuation = (struct op_continuation){.rejected = false};
    return (struct operation){.buffer = 0x10000,
                              .length = 64,
                              .family = AFD_FAMILY_MODERN,
                              .direction = AFD_RECV,
                              .space = AFD_SPACE_USER,
                              .end = OP_CLOSED,
                              .pointer_size = 8,
                              .fast_path = true,
                              .posted = {.event_id = RECEIVE}};
}

/* Counts the operation two times. */
static void count(const struct operation *op)
{
    process_coverage_operation(&coverage, op);
    process_coverage_operation(&coverage, op);
}

/* Of an operation: posts, of user memory, of kernel memory; receives, of them user memory; sends
 * likewise. */
static void expect_memory(const uint64_t want[7])
{
    const uint64_t got[] = {coverage.posts,
                            coverage.user_address_operations,
                            coverage.kernel_address_operations,
                            coverage.recvs,
                            coverage.recvs_user_address,
                            coverage.sends,
                            coverage.sends_user_address};
    for (size_t i = 0; i < 7; i++) {
        cr_expect(eq(u64, got[i], 2 * want[i]), "count %zu", i);
    }
}

#define COUNTS(...) ((const uint64_t[7]){__VA_ARGS__})

Test(process_coverage, memory_counts_by_space_and_direction)
{
    struct operation op = receive();
    count(&op);
    expect_memory(COUNTS(1, 1, 0, 1, 1, 0, 0));
    op = receive();
    op.space = AFD_SPACE_KERNEL;
    count(&op);
    expect_memory(COUNTS(1, 0, 1, 1, 0, 0, 0));
    op = receive();
    op.space = AFD_SPACE_NONE;
    count(&op);
    expect_memory(COUNTS(1, 0, 0, 0, 0, 0, 0));
    op = receive();
    op.direction = AFD_SEND;
    count(&op);
    expect_memory(COUNTS(1, 1, 0, 0, 0, 1, 1));
    op = receive();
    op.direction = AFD_SEND;
    op.space = AFD_SPACE_KERNEL;
    count(&op);
    expect_memory(COUNTS(1, 0, 1, 0, 0, 1, 0));
    op = receive();
    op.direction = AFD_SEND;
    op.space = AFD_SPACE_NONE;
    count(&op);
    expect_memory(COUNTS(1, 0, 0, 0, 0, 0, 0));
}

/* An attempt is a modern call on the fast path with the program's memory, or one that went on. */
Test(process_coverage, attempts)
{
    struct operation op = receive();
    count(&op);
    cr_expect(eq(u64, coverage.attempts, 2));
    cr_expect(eq(u64, coverage.continued, 0));
    op = receive();
    op.family = AFD_FAMILY_LEGACY;
    count(&op);
    cr_expect(eq(u64, coverage.attempts, 0));
    op = receive();
    op.space = AFD_SPACE_KERNEL;
    count(&op);
    cr_expect(eq(u64, coverage.attempts, 0));
    op = receive();
    op.fast_path = false;
    count(&op);
    cr_expect(eq(u64, coverage.attempts, 0));
    op = receive();
    op.posted.event_id = CONNECT_EX;
    count(&op);
    cr_expect(eq(u64, coverage.attempts, 0));
}

Test(process_coverage, what_continued_was_an_attempt)
{
    struct operation op = receive();
    op.fast_path = false;
    op.continued = &continuation;
    count(&op);
    cr_expect(eq(u64, coverage.attempts, 2));
    cr_expect(eq(u64, coverage.continued, 2));
    cr_expect(eq(u64, coverage.inferred_address_operations, 2));
    op = receive();
    op.fast_path = false;
    op.continued = &continuation;
    continuation.rejected = true; /* counted when it was rejected */
    count(&op);
    cr_expect(eq(u64, coverage.attempts, 0));
    cr_expect(eq(u64, coverage.continued, 2));
    process_coverage_rejected(&coverage);
    process_coverage_rejected(&coverage);
    cr_expect(eq(u64, coverage.attempts, 2));
}

Test(process_coverage, odd_posts)
{
    struct operation op = receive();
    count(&op);
    cr_expect(eq(u64, coverage.chained_operations, 0));
    cr_expect(eq(u64, coverage.zero_length_posts, 0));
    cr_expect(eq(u64, coverage.invalid_addresses, 0));
    cr_expect(eq(u64, coverage.capped_operations, 0));
    op.chained = op.capped = true;
    op.length = 0;
    op.buffer = UINT64_C(0x900000000000); /* nobody's */
    count(&op);
    cr_expect(eq(u64, coverage.chained_operations, 2));
    cr_expect(eq(u64, coverage.zero_length_posts, 2));
    cr_expect(eq(u64, coverage.invalid_addresses, 2));
    cr_expect(eq(u64, coverage.capped_operations, 2));
    cr_expect(eq(u64, coverage.posts, 4));
}

static void end_as(enum op_end end, enum afd_direction direction, bool misses)
{
    struct operation op = receive();
    op.end = (uint8_t)end;
    op.direction = (uint8_t)direction;
    op.misses_end = misses;
    count(&op);
}

Test(process_coverage, traced_ends)
{
    for (int end = OP_COMPLETED; end <= OP_PENDING; end++) {
        uint64_t traced = end == OP_COMPLETED || end == OP_FAILED ? 2 : 0;
        end_as((enum op_end)end, AFD_RECV, false);
        cr_expect(eq(u64, coverage.matched, traced), "end %d", end);
        cr_expect(eq(u64, coverage.completions, traced), "end %d", end);
        cr_expect(eq(u64, coverage.user_address_ended, traced), "end %d", end);
        cr_expect(eq(u64, coverage.pending, end == OP_PENDING ? 2 : 0), "end %d", end);
        cr_expect(eq(int, coverage.end_traced[AFD_RECV], traced != 0), "end %d", end);
        cr_expect(not(coverage.end_traced[AFD_SEND]));
        cr_expect(not(coverage.end_due[AFD_RECV]));
    }
}

Test(process_coverage, ends_that_were_due)
{
    end_as(OP_CLOSED, AFD_SEND, true);
    cr_expect(coverage.end_due[AFD_SEND] && !coverage.end_due[AFD_RECV]);
    end_as(OP_CLOSED, AFD_RECV, true);
    cr_expect(coverage.end_due[AFD_RECV] && !coverage.end_due[AFD_SEND]);
    end_as(OP_COMPLETED, AFD_RECV, true);
    cr_expect(not(coverage.end_due[AFD_RECV]));
    struct operation op = receive();
    op.space = AFD_SPACE_KERNEL;
    op.misses_end = true;
    count(&op);
    cr_expect(not(coverage.end_due[AFD_RECV]));
    op.end = OP_COMPLETED;
    count(&op);
    cr_expect(not(coverage.end_traced[AFD_RECV]));
    cr_expect(eq(u64, coverage.user_address_ended, 0));
}

static void conflict_of(struct operation op)
{
    const struct conflict conflict = {.first = &op};
    memset(&coverage, 0, sizeof coverage);
    process_coverage_conflict(&coverage, &conflict);
    process_coverage_conflict(&coverage, &conflict);
    cr_expect(eq(u64, coverage.conflicts, 2));
}

/* Windows logs no end of some datagrams that were sent. */
Test(process_coverage, an_end_of_a_conflicts_first_call_was_due)
{
    struct operation op = receive();
    conflict_of(op);
    cr_expect(coverage.end_due[AFD_RECV] && !coverage.end_due[AFD_SEND]);
    op.datagram = true;
    conflict_of(op);
    cr_expect(coverage.end_due[AFD_RECV]);
    op.direction = AFD_SEND;
    conflict_of(op);
    cr_expect(not(coverage.end_due[AFD_SEND]));
    op.datagram = false;
    conflict_of(op);
    cr_expect(coverage.end_due[AFD_SEND] && !coverage.end_due[AFD_RECV]);
    op.space = AFD_SPACE_KERNEL;
    conflict_of(op);
    cr_expect(not(coverage.end_due[AFD_SEND]));
}

Test(process_coverage, stacks_of_the_post_or_else_of_its_continuation)
{
    static struct stack stack;
    struct operation op = receive();
    count(&op);
    cr_expect(eq(u64, coverage.stacks, 0));
    op = receive();
    op.posted.stack = &stack;
    count(&op);
    cr_expect(eq(u64, coverage.stacks, 2));
    op = receive();
    op.continued = &continuation;
    count(&op);
    cr_expect(eq(u64, coverage.stacks, 0));
    op = receive();
    op.continued = &continuation;
    continuation.at.stack = &stack;
    count(&op);
    cr_expect(eq(u64, coverage.stacks, 2));
    op.posted.stack = &stack;
    memset(&coverage, 0, sizeof coverage);
    count(&op);
    cr_expect(eq(u64, coverage.stacks, 2));
}

Test(process_coverage, the_files_figures_stay)
{
    const struct coverage all = {.completions = 9,
                                 .matched = 7,
                                 .attempts = 1,
                                 .legacy_seen = true,
                                 .events = 11,
                                 .registered_io_events = 12,
                                 .registered_io_shown = true,
                                 .sockets_opened = 13,
                                 .keywords = 14,
                                 .level_max = 5,
                                 .family_level_max = {4, 5},
                                 .orphan_completions = 2,
                                 .rejected_posts = 15,
                                 .buffered_ignored = 16,
                                 .undecodable = 17,
                                 .max_in_flight = 18};
    struct operation op = receive();
    op.end = OP_COMPLETED;
    count(&op);
    process_coverage_finish(&coverage, &all);
    cr_expect(eq(u64, coverage.completions, 4), "the process's own two, and two of nobody");
    cr_expect(eq(u64, coverage.matched, 2));
    cr_expect(eq(u64, coverage.attempts, 2));
    cr_expect(coverage.legacy_seen && !coverage.modern_seen && coverage.registered_io_shown);
    cr_expect(eq(u64, coverage.events, 11));
    cr_expect(eq(u64, coverage.registered_io_events, 12));
    cr_expect(eq(u64, coverage.sockets_opened, 13));
    cr_expect(eq(u64, coverage.keywords, 14));
    cr_expect(eq(u32, coverage.level_max, 5));
    cr_expect(eq(u32, coverage.family_level_max[0], 4));
    cr_expect(eq(u32, coverage.family_level_max[1], 5));
    cr_expect(eq(u64, coverage.orphan_completions, 2));
    cr_expect(eq(u64, coverage.rejected_posts, 15));
    cr_expect(eq(u64, coverage.buffered_ignored, 16));
    cr_expect(eq(u64, coverage.undecodable, 17));
    cr_expect(eq(u64, coverage.max_in_flight, 18));
    process_coverage_finish(&coverage, &(struct coverage){0});
    cr_expect(eq(u64, coverage.attempts, 0), "no attempt is believed in");
}
