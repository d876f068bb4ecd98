/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Stacks of events in every way in which a trace may tell of them, one step after the other. A step
 * is six bytes: what happens, how much time goes by, and of whom.
 */

#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "analyzer/tracker/call_stacks.h"

#define STEP_LEN 6
#define STEPS_MAX 4096u
#define HELD_MAX 16 /* stacks that somebody refers to */
#define SECOND 64   /* ticks: so that much goes by within a few steps */
#define KERNEL UINT64_C(0xFFFFF80000000000)

struct world {
    struct call_stacks *stacks;
    struct stack *held[HELD_MAX];
    uint32_t frame_counts[HELD_MAX]; /* of stacks that nothing can add to any more, else 0 */
    uint64_t counted, calls;
    int64_t now;
};

/* Few different frames, so that equal stacks come up. */
static size_t frames_make(uint8_t bits, uint64_t frames[4])
{
    size_t count = bits & 3;
    for (size_t i = 0; i < count; i++) {
        frames[i] = (bits & 4 ? KERNEL : 0) + 8 * (bits >> 3 & 3) + i + 1;
    }
    return count;
}

/* An event's extended data items: one, with a stack or a key. */
static size_t item_make(const uint8_t *step, uint8_t item[48])
{
    static const uint8_t types[4] = {5, 6, 0x11, 0x12};
    unsigned type = step[3] & 3, width = type & 1 ? 8 : 4;
    uint64_t frames[4] = {step[4] & 7};
    size_t count = type < 2 ? frames_make(step[4], frames) : 1;
    memset(item, 0, 48);
    item[2] = types[type];
    item[6] = (uint8_t)(8 + count * width);
    item[8] = step[3] >> 2 & 7; /* MatchId */
    for (size_t i = 0; i < count; i++) {
        memcpy(item + 16 + i * width, &frames[i], width);
    }
    item[0] = (uint8_t)((8 + item[6] + 7) / 8 * 8);
    return item[0];
}

static void let_go(struct world *world, unsigned at)
{
    stack_release(world->held[at]);
    world->held[at] = NULL;
    world->frame_counts[at] = 0;
}

/* Frames that are known never change. */
static void check_held(struct world *world, unsigned at)
{
    struct stack *stack = world->held[at];
    if (stack == NULL) {
        return;
    }
    stack_refresh(stack);
    FUZZ_CHECK(stack->references > 0);
    FUZZ_CHECK(stack->frame_count == 0 || stack->frames != NULL);
    FUZZ_CHECK(stack->frame_count <= 2 * ETL_STACK_FRAMES_MAX);
    FUZZ_CHECK(world->frame_counts[at] == 0 || world->frame_counts[at] == stack->frame_count);
    FUZZ_CHECK(stack->frame_count == 0 || stack->same != NULL);
    world->frame_counts[at] = stack->awaited ? 0 : stack->frame_count;
}

static void step_event(struct world *world, const uint8_t *step, bool has_item)
{
    uint8_t item[48];
    struct etl_event event = {.ticks = world->now, .order = world->now, .tid = step[2] & 3};
    if (has_item) {
        event.extended = item;
        event.extended_len = (uint16_t)item_make(step, item);
        event.has_extended = true;
    }
    unsigned at = step[5] % HELD_MAX;
    let_go(world, at);
    world->calls += step[5] >> 7;
    world->held[at] = call_stacks_of(world->stacks, &event, step[5] >> 7 != 0);
}

static void step_record(struct world *world, const uint8_t *step, enum kernel_stack_kind kind)
{
    uint8_t item[48];
    uint64_t frames[4];
    struct etl_event event = {.ticks = world->now, .order = world->now};
    struct kernel_stack record = {.kind = kind,
                                  .event_ticks = world->now - (step[3] & 63),
                                  .tid = step[2] & 3,
                                  .key = step[4] & 7};
    size_t count = frames_make(step[4], frames);
    record.frames = etl_frames_of((const uint8_t *)frames, count * sizeof *frames, 8);
    if (kind == KERNEL_STACK_HALF) {
        event.extended = item;
        event.extended_len = (uint16_t)item_make(step, item);
        event.has_extended = true;
    }
    call_stacks_take(world->stacks, &event, &record);
}

static void step_take(struct world *world, const uint8_t *step)
{
    world->now += step[1] & 15;
    switch (step[0] % 8) {
    case 0:
        step_event(world, step, false);
        break;
    case 1:
        step_event(world, step, true);
        break;
    case 2:
        call_stacks_advance(world->stacks, world->now);
        let_go(world, step[5] % HELD_MAX);
        break;
    case 3:
        call_stacks_give_up(world->held[step[5] % HELD_MAX]);
        break;
    case 4:
        step_record(world, step, KERNEL_STACK_WALK);
        break;
    case 5:
        step_record(world, step, step[5] & 1 ? KERNEL_STACK_USER_KEY : KERNEL_STACK_KERNEL_KEY);
        break;
    case 6:
        step_record(world, step, KERNEL_STACK_DEFINITION);
        break;
    default:
        step_record(world, step, KERNEL_STACK_HALF);
        break;
    }
    for (unsigned i = 0; i < HELD_MAX; i++) {
        check_held(world, i);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct world world = {0};
    world.stacks = call_stacks_create(SECOND, &world.counted);
    FUZZ_CHECK(world.stacks != NULL);
    call_stacks_expect(world.stacks);
    for (size_t at = 0; len - at >= STEP_LEN && at < STEPS_MAX * STEP_LEN; at += STEP_LEN) {
        step_take(&world, data + at);
    }
    call_stacks_finish(world.stacks);
    for (unsigned i = 0; i < HELD_MAX; i++) {
        FUZZ_CHECK(world.held[i] == NULL || !world.held[i]->awaited);
        check_held(&world, i);
        let_go(&world, i);
    }
    FUZZ_CHECK(world.counted <= world.calls);
    call_stacks_destroy(world.stacks);
    return 0;
}
