/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>

#include "parsers/kernel/kernel_stacks.h"

/* A clock value, process 7, thread 9, then two words. */
static const uint8_t walk[] = {0x10, 0x20, 0, 0, 0,    0, 0, 0,    7,    0,    0,
                               0,    9,    0, 0, 0,    1, 0, 0,    0,    0x80, 0xF8,
                               0xFF, 0xFF, 2, 0, 0x60, 0, 0, 0x7F, 0x12, 0};

static struct etl_event event_of(enum etl_header_kind kind, unsigned hook, unsigned pointer_size)
{
    return (struct etl_event){.kind = kind,
                              .id = (uint16_t)hook,
                              .opcode = (uint8_t)hook,
                              .pointer_size = (uint8_t)pointer_size,
                              .payload = walk,
                              .payload_len = sizeof walk};
}

Test(kernel_stacks, a_walk)
{
    struct etl_event event = event_of(ETL_HEADER_PERFINFO64, 0x1820, 8);
    struct kernel_stack stack;
    uint64_t scratch[ETL_STACK_FRAMES_MAX];
    cr_assert(kernel_stack_decode(&event, &stack));
    cr_assert_eq(stack.kind, KERNEL_STACK_WALK);
    cr_assert_eq(stack.event_ticks, 0x2010);
    cr_assert_eq(stack.tid, 9);
    cr_assert_eq(stack.frames.count, 2);
    const uint64_t *frames = etl_frames_words(&stack.frames, scratch);
    cr_assert_eq(frames[0], 0xFFFFF88000000001);
    cr_assert_eq(frames[1], 0x00127F0000600002);
}

Test(kernel_stacks, a_walk_of_32_bits)
{
    struct etl_event event = event_of(ETL_HEADER_SYSTEM32, 0x1820, 4);
    struct kernel_stack stack;
    uint64_t scratch[ETL_STACK_FRAMES_MAX];
    cr_assert(kernel_stack_decode(&event, &stack));
    cr_assert_eq(stack.frames.count, 4);
    cr_assert_eq(((const uint64_t *)etl_frames_words(&stack.frames, scratch))[1], 0xFFFFF880);
}

Test(kernel_stacks, keys_and_definitions)
{
    struct etl_event event = event_of(ETL_HEADER_PERFINFO64, 0x1825, 8);
    struct kernel_stack stack;
    cr_assert(kernel_stack_decode(&event, &stack));
    cr_assert_eq(stack.kind, KERNEL_STACK_KERNEL_KEY);
    cr_assert_eq(stack.key, 0xFFFFF88000000001);
    event.id = 0x1826;
    cr_assert(kernel_stack_decode(&event, &stack));
    cr_assert_eq(stack.kind, KERNEL_STACK_USER_KEY);
    event.id = 0x1823;
    cr_assert(kernel_stack_decode(&event, &stack));
    cr_assert_eq(stack.kind, KERNEL_STACK_DEFINITION);
    cr_assert_eq(stack.key, 0x2010);
    cr_assert_eq(stack.frames.count, 3);
    event.id = 0x1824;
    cr_assert(kernel_stack_decode(&event, &stack));
    cr_assert_eq(stack.kind, KERNEL_STACK_DEFINITION);
    event.id = 0x1822;
    cr_assert_not(kernel_stack_decode(&event, &stack));
}

Test(kernel_stacks, of_the_classic_class)
{
    struct etl_event event = event_of(ETL_HEADER_FULL64, 0x1820, 8);
    struct kernel_stack stack;
    event.id = 0;
    cr_assert_not(kernel_stack_decode(&event, &stack));
    event.provider = kernel_stack_classes[0];
    cr_assert(kernel_stack_decode(&event, &stack));
    cr_assert_eq(stack.kind, KERNEL_STACK_WALK);
}

Test(kernel_stacks, halves_of_kernel_event_tracing)
{
    struct etl_event event = event_of(ETL_HEADER_EVENT64, 18, 8);
    struct kernel_stack stack;
    event.provider = kernel_tracing_provider;
    cr_assert_not(kernel_stack_decode(&event, &stack));
    event.has_extended = true;
    cr_assert(kernel_stack_decode(&event, &stack));
    cr_assert_eq(stack.kind, KERNEL_STACK_HALF);
    event.provider = kernel_stack_classes[0];
    cr_assert_not(kernel_stack_decode(&event, &stack));
}

/* A record that is cut inside its fixed fields tells nothing; one without frames has none. */
Test(kernel_stacks, cut_records)
{
    static const struct {
        unsigned hook, len;
        bool known;
    } rows[] = {{0x1820, 15, false}, {0x1820, 16, true}, {0x1820, 23, true}, {0x1825, 23, false},
                {0x1825, 24, true},  {0x1823, 7, false}, {0x1823, 8, true},  {0x1823, 0, false}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct etl_event event = event_of(ETL_HEADER_PERFINFO64, rows[i].hook, 8);
        struct kernel_stack stack;
        event.payload_len = (uint16_t)rows[i].len;
        cr_expect_eq(kernel_stack_decode(&event, &stack), rows[i].known, "row %zu", i);
        cr_expect_eq(stack.frames.count, 0, "row %zu", i);
    }
}
