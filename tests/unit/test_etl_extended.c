/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <string.h>

#include "parsers/etl/etl_extended.h"

static struct etl_event event_with(const uint8_t *extended, size_t len)
{
    struct etl_event event;
    memset(&event, 0, sizeof event);
    event.extended = extended;
    event.extended_len = (uint16_t)len;
    event.has_extended = len > 0;
    return event;
}

/* A related activity of 16 bytes, then a 64-bit stack of two frames with match id 5. */
static const uint8_t two_items[] = {
    24,   0,  1,  0,  1,    0,    16,   0,    1,    2, 3, 4, 5, 6, 7, 8,
    9,    10, 11, 12, 13,   14,   15,   16,                              /* */
    32,   0,  6,  0,  0,    0,    24,   0,    5,    0, 0, 0, 0, 0, 0, 0, /* */
    0x11, 0,  0,  0,  0xF8, 0xFF, 0xFF, 0xFF, 0x22, 0, 0, 0, 0, 0, 0, 0,
};

Test(etl_extended, items_come_in_order)
{
    struct etl_event event = event_with(two_items, sizeof two_items);
    struct etl_extended_item item;
    uint16_t position = 0;
    cr_assert(etl_extended_next(&event, &position, &item));
    cr_assert_eq(item.type, ETL_EXTENDED_RELATED_ACTIVITY);
    cr_assert_eq(item.data_len, 16);
    cr_assert_eq(item.data[0], 1);
    cr_assert(etl_extended_next(&event, &position, &item));
    cr_assert_eq(item.type, ETL_EXTENDED_STACK64);
    cr_assert_eq(item.data_len, 24);
    cr_assert_not(etl_extended_next(&event, &position, &item));
}

Test(etl_extended, stack_of_64_bits)
{
    struct etl_event event = event_with(two_items, sizeof two_items);
    struct etl_stack stack;
    cr_assert(etl_extended_stack(&event, &stack));
    cr_assert_eq(stack.match_id, 5);
    cr_assert_eq(stack.frame_count, 2);
    cr_assert_eq(stack.frames[0], 0xFFFFFFF800000011);
    cr_assert_eq(stack.frames[1], 0x22);
}

Test(etl_extended, stack_of_32_bits)
{
    const uint8_t bytes[] = {24, 0, 5, 0, 0, 0, 16, 0, 0,    0, 0, 0,
                             0,  0, 0, 0, 1, 2, 3,  4, 0xFF, 0, 0, 0x80};
    struct etl_event event = event_with(bytes, sizeof bytes);
    struct etl_stack stack;
    cr_assert(etl_extended_stack(&event, &stack));
    cr_assert_eq(stack.match_id, 0);
    cr_assert_eq(stack.frame_count, 2);
    cr_assert_eq(stack.frames[0], 0x04030201);
    cr_assert_eq(stack.frames[1], 0x800000FF);
}

Test(etl_extended, long_stack_is_cut)
{
    static uint8_t bytes[8 + 8 + 8 * 300];
    bytes[0] = (uint8_t)sizeof bytes;
    bytes[1] = (uint8_t)(sizeof bytes >> 8);
    bytes[2] = 6;
    bytes[6] = (uint8_t)(sizeof bytes - 8);
    bytes[7] = (uint8_t)((sizeof bytes - 8) >> 8);
    struct etl_event event = event_with(bytes, sizeof bytes);
    struct etl_stack stack;
    cr_assert(etl_extended_stack(&event, &stack));
    cr_assert_eq(stack.frame_count, ETL_STACK_FRAMES_MAX);
}

Test(etl_extended, event_without_items_has_none)
{
    struct etl_event event = event_with(NULL, 0);
    struct etl_extended_item item;
    struct etl_stack stack;
    uint16_t position = 0;
    cr_assert_not(etl_extended_next(&event, &position, &item));
    cr_assert_not(etl_extended_stack(&event, &stack));
}

/* {Size, reserved, ExtType, flags, DataSize} of the only item, whose data takes 16 bytes. */
Test(etl_extended, items_whose_lengths_lie_are_none)
{
    static const struct {
        uint8_t size, data_len;
        bool is_item;
    } rows[] = {{24, 16, true}, {25, 16, false}, {24, 17, false}, {7, 0, false},
                {8, 0, true},   {8, 1, false},   {0, 0, false}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const uint8_t bytes[24] = {rows[i].size, 0, 6, 0, 0, 0, rows[i].data_len, 0};
        struct etl_event event = event_with(bytes, sizeof bytes);
        struct etl_extended_item item;
        uint16_t position = 0;
        cr_expect_eq(etl_extended_next(&event, &position, &item), rows[i].is_item, "row %zu", i);
        cr_expect_eq(position, rows[i].is_item ? rows[i].size : 0, "row %zu", i);
    }
}

Test(etl_extended, stack_keys_and_frames_come_in_order)
{
    const uint8_t bytes[] = {
        24,   0, 0x12, 0,    1,    0,    16,   0,
        7,    0, 0,    0,    0,    0,    0,    0,    /* a 64-bit key of match id 7 */
        0x20, 0, 0,    0,    0x80, 0xA0, 0xFF, 0xFF, /* */
        24,   0, 0x11, 0,    1,    0,    12,   0,
        0,    0, 0,    0,    0,    0,    0,    0, /* a 32-bit key */
        4,    3, 2,    0x81, 0,    0,    0,    0, /* */
        24,   0, 0x05, 0,    0,    0,    12,   0,
        9,    0, 0,    0,    0,    0,    0,    0, /* a 32-bit stack of match id 9 */
        1,    0, 0,    0x70, 0,    0,    0,    0,
    };
    struct etl_event event = event_with(bytes, sizeof bytes);
    struct etl_stack_item item;
    uint64_t scratch[ETL_STACK_FRAMES_MAX];
    uint16_t position = 0;
    cr_assert(etl_extended_next_stack(&event, &position, &item));
    cr_assert(item.is_key);
    cr_assert_eq(item.match_id, 7);
    cr_assert_eq(item.key, 0xFFFFA08000000020);
    cr_assert(etl_extended_next_stack(&event, &position, &item));
    cr_assert(item.is_key);
    cr_assert_eq(item.match_id, 0);
    cr_assert_eq(item.key, 0x81020304);
    cr_assert(etl_extended_next_stack(&event, &position, &item));
    cr_assert_not(item.is_key);
    cr_assert_eq(item.match_id, 9);
    cr_assert_eq(item.frames.count, 1);
    cr_assert_eq(((const uint64_t *)etl_frames_words(&item.frames, scratch))[0], 0x70000001);
    cr_assert_not(etl_extended_next_stack(&event, &position, &item));
}

Test(etl_extended, a_key_that_is_cut_is_no_key)
{
    const uint8_t bytes[] = {16, 0, 0x12, 0, 0, 0, 8, 0, 7, 0, 0, 0, 0, 0, 0, 0};
    struct etl_event event = event_with(bytes, sizeof bytes);
    struct etl_stack_item item;
    uint16_t position = 0;
    cr_assert_not(etl_extended_next_stack(&event, &position, &item));
}

/* As many words as there are frames are written, whatever their width. */
Test(etl_extended, frames_become_words)
{
    static const uint8_t bytes[] = {1, 2, 3, 4, 5, 6, 7, 0x88, 9, 10, 11, 12, 13, 14, 15, 0x90};
    for (unsigned len = 0; len <= sizeof bytes; len++) {
        for (unsigned frame_len = 4; frame_len <= 8; frame_len += 4) {
            uint64_t scratch[ETL_STACK_FRAMES_MAX];
            memset(scratch, 0xEE, sizeof scratch);
            struct etl_frames frames = etl_frames_of(bytes, len, frame_len);
            cr_assert_eq(frames.count, len / frame_len);
            const uint8_t *words = etl_frames_words(&frames, scratch);
            for (unsigned i = 0; i < frames.count; i++) {
                uint64_t want = 0, got;
                for (unsigned k = 0; k < frame_len; k++) {
                    want |= (uint64_t)bytes[i * frame_len + k] << (8 * k);
                }
                memcpy(&got, words + 8 * i, sizeof got);
                cr_assert_eq(got, want, "frame %u of %u bytes", i, frame_len);
            }
            cr_assert_eq(scratch[frames.count], UINT64_C(0xEEEEEEEEEEEEEEEE));
        }
    }
    static const uint8_t many[8 * (ETL_STACK_FRAMES_MAX + 1)];
    for (unsigned more = 0; more < 2; more++) {
        struct etl_frames frames =
            etl_frames_of(many, 8 * (ETL_STACK_FRAMES_MAX - 1 + more) + 7 * more, 8);
        cr_assert_eq(frames.count, ETL_STACK_FRAMES_MAX - 1 + more);
    }
    cr_assert_eq(etl_frames_of(many, sizeof many, 8).count, ETL_STACK_FRAMES_MAX);
}

Test(etl_extended, a_stack_fills_its_frames_and_no_more)
{
    struct etl_event event = event_with(two_items, sizeof two_items);
    struct etl_stack stack;
    memset(&stack, 0xEE, sizeof stack);
    cr_assert(etl_extended_stack(&event, &stack));
    cr_assert_eq(stack.frame_count, 2);
    cr_assert_eq(stack.frames[2], UINT64_C(0xEEEEEEEEEEEEEEEE));
}

/* An item ends where the event's items end, or is none. */
Test(etl_extended, items_are_read_as_far_as_they_reach)
{
    for (size_t len = 0; len <= sizeof two_items; len++) {
        struct etl_event event = event_with(two_items, len);
        struct etl_extended_item item;
        uint16_t position = 0;
        unsigned count = 0;
        while (etl_extended_next(&event, &position, &item)) {
            count++;
        }
        cr_assert_eq(count, len < 24 ? 0 : len < sizeof two_items ? 1 : 2, "%zu", len);
        cr_assert_eq(position, count == 0 ? 0 : count == 1 ? 24 : 56);
        position = (uint16_t)(len + 1);
        cr_assert_not(etl_extended_next(&event, &position, &item));
    }
}
