/* SPDX-License-Identifier: Apache-2.0 */

/* Stacks of events, from every place where a trace keeps them; and on a real capture, where every
 * event is asked for its stack as if it were a post. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/tracker/call_stacks.h"
#include "parsers/etl/etl_reader.h"
#include "tests/unit/capture_path.h"

#define SECOND 10000000
#define KERNEL UINT64_C(0xFFFFF80000000000)
#define USER UINT64_C(0x00007FF600000000)

static struct call_stacks *stacks;
static uint64_t counted;

static void begin(void)
{
    counted = 0;
    stacks = call_stacks_create(SECOND, &counted);
    call_stacks_expect(stacks);
}

static void end(void)
{
    call_stacks_destroy(stacks);
}

TestSuite(call_stacks, .init = begin, .fini = end);

static struct stack *post(int64_t ticks, uint32_t tid)
{
    struct etl_event event = {.ticks = ticks, .order = ticks, .tid = tid};
    return call_stacks_of(stacks, &event, true);
}

static void take(enum kernel_stack_kind kind, int64_t now, int64_t ticks, uint32_t tid,
                 uint64_t key_or_frame)
{
    uint8_t bytes[8];
    struct etl_event event = {.ticks = now, .order = now};
    struct kernel_stack record = {
        .kind = kind, .event_ticks = ticks, .tid = tid, .key = key_or_frame};
    memcpy(bytes, &key_or_frame, sizeof bytes);
    if (kind == KERNEL_STACK_WALK) {
        record.frames = etl_frames_of(bytes, sizeof bytes, 8);
    }
    call_stacks_take(stacks, &event, &record);
}

static void define(uint64_t key, uint64_t frame)
{
    uint8_t bytes[8];
    struct etl_event event = {.ticks = 0};
    memcpy(bytes, &frame, sizeof bytes);
    struct kernel_stack record = {.kind = KERNEL_STACK_DEFINITION,
                                  .key = key,
                                  .frames = etl_frames_of(bytes, frame != 0 ? sizeof bytes : 0, 8)};
    call_stacks_take(stacks, &event, &record);
}

Test(call_stacks, the_second_half_ends_the_waiting)
{
    struct stack *stack = post(1000, 7);
    cr_assert(stack->awaited);
    cr_assert_null(stack_known(stack));
    take(KERNEL_STACK_WALK, 1010, 1000, 7, KERNEL);
    cr_assert(stack->awaited);
    cr_assert_eq(counted, 1);
    take(KERNEL_STACK_WALK, 1020, 1000, 7, USER);
    cr_assert_not(stack->awaited);
    cr_assert_eq(stack->frame_count, 2);
    cr_assert_eq(stack->frames[0], KERNEL);
    cr_assert_eq(stack->frames[1], USER);
    cr_assert_eq(counted, 1);
    stack_release(stack);
}

/* The user's half may come first where both come from other processors. */
Test(call_stacks, the_kernels_half_stands_first)
{
    struct stack *stack = post(1000, 7);
    take(KERNEL_STACK_WALK, 1010, 1000, 7, USER);
    take(KERNEL_STACK_WALK, 1020, 1000, 7, KERNEL);
    cr_assert_eq(stack->frame_count, 2);
    cr_assert_eq(stack->frames[0], KERNEL);
    stack_release(stack);
}

Test(call_stacks, half_a_second_is_waited)
{
    struct stack *stack = post(1000, 7);
    call_stacks_advance(stacks, 1000 + SECOND / 2);
    cr_assert(stack->awaited);
    take(KERNEL_STACK_WALK, 1000 + SECOND / 2, 1000, 7, KERNEL);
    cr_assert_eq(counted, 1);
    call_stacks_advance(stacks, 1001 + SECOND / 2);
    cr_assert_not(stack->awaited);
    cr_assert_eq(stack->frame_count, 1);
    take(KERNEL_STACK_WALK, 1001 + SECOND / 2, 1000, 7, USER);
    cr_assert_eq(stack->frame_count, 1);
    stack_release(stack);

    stack = post(9000000, 7);
    take(KERNEL_STACK_WALK, 9000001 + SECOND / 2, 9000000, 7, KERNEL);
    cr_assert_null(stack_known(stack));
    cr_assert_null(stack->same);
    stack_release(stack);
}

/* A call is counted though nobody refers to its stack any more when the walk comes. */
Test(call_stacks, calls_that_are_over_are_counted)
{
    stack_release(post(1000, 7));
    stack_release(post(1001, 7));
    take(KERNEL_STACK_WALK, 1010, 1000, 7, KERNEL);
    take(KERNEL_STACK_WALK, 1020, 1000, 7, USER);
    take(KERNEL_STACK_WALK, 1030, 1001, 7, USER);
    cr_assert_eq(counted, 2);
}

/* Events of one clock value and thread take their halves in turn; not more than eight wait. */
Test(call_stacks, events_alike_take_turns)
{
    struct stack *alike[9];
    for (unsigned i = 0; i < 9; i++) {
        alike[i] = post(1000, 7);
    }
    cr_assert_null(alike[8]);
    for (unsigned i = 0; i < 8; i++) {
        take(KERNEL_STACK_WALK, 1010, 1000, 7, KERNEL + i);
        take(KERNEL_STACK_WALK, 1010, 1000, 7, USER + i);
    }
    for (unsigned i = 0; i < 8; i++) {
        cr_assert_eq(alike[i]->frames[0], KERNEL + i);
        cr_assert_eq(alike[i]->frames[1], USER + i);
        stack_release(alike[i]);
    }
}

Test(call_stacks, equal_keys_are_one_stack_until_they_are_defined)
{
    struct stack *uses[3];
    cr_assert(!call_stacks_any_late(stacks));
    for (unsigned i = 0; i < 3; i++) {
        if (i == 2) {
            define(5, USER);
        }
        uses[i] = post(1000 + i, 7);
        take(KERNEL_STACK_USER_KEY, 1010, 1000 + i, 7, 5);
        call_stacks_give_up(uses[i]);
        stack_refresh(uses[i]);
    }
    cr_assert(call_stacks_any_late(stacks));
    cr_assert_eq(uses[0]->same, uses[1]->same);
    cr_assert_neq(uses[0]->same, uses[2]->same);
    cr_assert_null(stack_known(uses[2]));
    stack_refresh(uses[0]);
    stack_refresh(uses[1]);
    cr_assert_eq(uses[0]->frames[0], USER);
    define(5, USER + 1);
    stack_refresh(uses[2]);
    cr_assert_eq(uses[2]->frames[0], USER + 1);
    cr_assert_eq(uses[1]->frames[0], USER);
    for (unsigned i = 0; i < 3; i++) {
        stack_release(uses[i]);
    }
}

Test(call_stacks, equal_pairs_of_halves_are_one_stack)
{
    struct stack *uses[2];
    for (unsigned i = 0; i < 2; i++) {
        uses[i] = post(1000 + i, 7);
        take(KERNEL_STACK_KERNEL_KEY, 1010, 1000 + i, 7, 5);
        take(KERNEL_STACK_WALK, 1010, 1000 + i, 7, USER);
        stack_refresh(uses[i]);
        cr_assert_null(stack_known(uses[i]));
    }
    cr_assert_eq(uses[0]->same, uses[1]->same);
    define(5, KERNEL);
    stack_refresh(uses[0]);
    cr_assert_eq(uses[0]->frame_count, 2);
    cr_assert_eq(uses[0]->frames[0], KERNEL);
    cr_assert_null(stack_known(uses[1]));
    stack_release(uses[0]);
    stack_release(uses[1]);
}

Test(call_stacks, half_a_stack_is_shown_when_nothing_comes_any_more)
{
    struct stack *stack = post(1000, 7);
    take(KERNEL_STACK_KERNEL_KEY, 1010, 1000, 7, 5);
    take(KERNEL_STACK_WALK, 1010, 1000, 7, USER);
    stack_refresh(stack);
    cr_assert_null(stack_known(stack));
    call_stacks_finish(stacks);
    stack_refresh(stack);
    cr_assert_eq(stack->frame_count, 1);
    cr_assert_eq(stack->frames[0], USER);
    stack_release(stack);
}

/* A definition without frames ends the use of its key. */
Test(call_stacks, a_key_may_stand_for_nothing)
{
    struct stack *stack = post(1000, 7);
    take(KERNEL_STACK_USER_KEY, 1010, 1000, 7, 5);
    call_stacks_give_up(stack);
    define(5, 0);
    define(5, USER);
    stack_refresh(stack);
    cr_assert_null(stack_known(stack));
    stack_release(stack);
}

/* The first of more than 65,536 events that wait gives way, with what it has. */
/* A stack of one frame in an extended data item that the reader keeps once. */
static struct stack *post_with_area(uint16_t area, uint64_t frame)
{
    uint8_t bytes[24] = {sizeof bytes, 0, ETL_EXTENDED_STACK64, 0, 0, 0, sizeof bytes - 8};
    memcpy(bytes + 16, &frame, sizeof frame);
    struct etl_event event = {
        .area = area, .extended = bytes, .extended_len = sizeof bytes, .has_extended = true};
    return call_stacks_of(stacks, &event, true);
}

Test(call_stacks, an_area_is_looked_at_once)
{
    struct stack *one = post_with_area(5, USER);
    struct stack *other = post_with_area(6, USER + 1);
    struct stack *without = post_with_area(0, USER + 2);
    cr_assert_eq(one->frames[0], USER);
    cr_assert_eq(other->frames[0], USER + 1);
    cr_assert_eq(without->frames[0], USER + 2);
    struct stack *again = post_with_area(5, USER + 3);
    cr_assert_eq(again, one);
    cr_assert_eq(counted, 4);
    stack_release(one);
    stack_release(other);
    stack_release(without);
    stack_release(again);
    call_stacks_finish(stacks);
}

Test(call_stacks, not_everybody_may_wait)
{
    enum { COUNT = 65537 };
    struct stack *first = post(0, 1);
    take(KERNEL_STACK_WALK, 1, 0, 1, KERNEL);
    for (uint32_t i = 1; i < COUNT; i++) {
        stack_release(post(1, i));
    }
    cr_assert_not(first->awaited);
    cr_assert_eq(first->frame_count, 1);
    stack_release(first);
}

Test(call_stacks, nobody_waits_where_no_record_tells_of_stacks)
{
    struct call_stacks *none = call_stacks_create(SECOND, &counted);
    struct etl_event event = {.ticks = 1, .tid = 1};
    cr_assert_null(call_stacks_of(none, &event, true));
    call_stacks_expect(none);
    event.tid = ETL_ID_UNKNOWN;
    cr_assert_null(call_stacks_of(none, &event, true));
    cr_assert(!call_stacks_any_late(none));
    call_stacks_destroy(none);
}

/* ---- a real capture ---- */

/* The place of a stack record: many events that have stacks are of header kinds without a thread.
 */
struct place {
    int64_t ticks;
    uint32_t tid;
    bool used; /* an event without a thread was given this one */
};

struct capture {
    struct byte_source *source;
    struct etl_reader *reader;
};

static struct capture open_capture(const char *name)
{
    char path[4096];
    struct capture capture = {NULL, NULL};
    struct error_chain errors;
    error_chain_init(&errors);
    capture_path(name, path, sizeof path);
    const char *names[] = {path};
    const struct etl_reader_options options = {.filter = {.everything = true}};
    cr_assert_eq(byte_source_open_file(path, NULL, &capture.source, &errors), BYTE_SOURCE_OK);
    cr_assert_eq(etl_reader_open(&capture.source, names, 1, &options, &capture.reader, &errors),
                 ETL_OK);
    return capture;
}

static void close_capture(struct capture *capture)
{
    etl_reader_destroy(capture->reader);
    byte_source_destroy(capture->source);
}

static int place_compare(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    return (x->ticks > y->ticks) - (x->ticks < y->ticks);
}

/* The thread of an event at one of the places, where its record has none: that of a place at the
 * event's time that no other event was given, if there is one. False: no place has the time. */
static bool find_thread(struct place *places, size_t count, int64_t ticks, uint32_t *tid)
{
    const struct place key = {ticks, 0, false};
    struct place *place = bsearch(&key, places, count, sizeof *places, place_compare);
    if (place == NULL || *tid != ETL_ID_UNKNOWN) {
        return place != NULL;
    }
    while (place > places && place[-1].ticks == ticks) {
        place--;
    }
    for (; place->used && place + 1 < places + count && place[1].ticks == ticks;) {
        place++;
    }
    *tid = place->tid;
    for (size_t i = 0; i < count; i++) {
        places[i].used |= places[i].ticks == ticks && places[i].tid == *tid;
    }
    return true;
}

#define PLACES_MAX 100000

/* The places of all walks and uses of keys, sorted by time. */
static size_t find_places(const char *name, struct place *places)
{
    struct capture capture = open_capture(name);
    struct error_chain errors;
    const struct etl_event *event;
    size_t count = 0;
    error_chain_init(&errors);
    while (etl_reader_next(capture.reader, &event, &errors) == ETL_OK) {
        struct kernel_stack record;
        if (kernel_stack_decode(event, &record) && record.kind <= KERNEL_STACK_USER_KEY) {
            cr_assert_lt(count, PLACES_MAX);
            places[count++] = (struct place){record.event_ticks, record.tid, false};
        }
    }
    close_capture(&capture);
    qsort(places, count, sizeof *places, place_compare);
    return count;
}

struct joined {
    struct stack **stacks; /* of the events at a place of a stack record */
    size_t count;
};

/* Asks for the stack of every event at such a place. */
static struct joined join_all(const char *name, struct place *places, size_t place_count)
{
    struct capture capture = open_capture(name);
    struct joined joined = {calloc(2 * PLACES_MAX, sizeof(struct stack *)), 0};
    struct error_chain errors;
    const struct etl_event *event;
    error_chain_init(&errors);
    while (etl_reader_next(capture.reader, &event, &errors) == ETL_OK) {
        struct etl_event post = *event;
        struct kernel_stack record;
        if (kernel_stack_decode(event, &record)) {
            call_stacks_take(stacks, event, &record);
            continue;
        }
        if (find_thread(places, place_count, post.ticks, &post.tid)) {
            struct stack *stack = call_stacks_of(stacks, &post, true);
            joined.stacks[joined.count] = stack;
            joined.count += stack != NULL;
        }
    }
    call_stacks_finish(stacks);
    close_capture(&capture);
    return joined;
}

struct sums {
    size_t kernel, user, both;
};

static struct sums sums_of(const struct joined *joined)
{
    struct sums sums = {0};
    for (size_t i = 0; i < joined->count; i++) {
        struct stack *stack = joined->stacks[i];
        stack_refresh(stack);
        if (stack_known(stack) != NULL) {
            bool kernel = stack->frames[0] >= KERNEL;
            bool user = stack->frames[stack->frame_count - 1] < KERNEL;
            sums.kernel += kernel;
            sums.user += user;
            sums.both += kernel && user;
        }
        stack_release(stack);
    }
    free(joined->stacks);
    return sums;
}

/* An independent reader found 9,359 walks and uses of keys that belong to an event of the file, of
 * 7,169 user halves 331 on another processor than their event. */
Test(call_stacks, of_a_real_capture)
{
    static const char name[] = "perfview-net452-x64-compressed.etl";
    static struct place places[PLACES_MAX];
    size_t place_count = find_places(name, places);
    struct joined joined = join_all(name, places, place_count);
    struct sums sums = sums_of(&joined);
    cr_expect_eq(place_count, 9359);
    cr_expect_eq(sums.kernel + sums.user, 9359, "%zu kernel, %zu user, %zu both", sums.kernel,
                 sums.user, sums.both);
}
