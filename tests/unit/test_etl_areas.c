/* SPDX-License-Identifier: Apache-2.0 */

/* Areas of extended data items that are kept once, and events whose records are stored without. */
#include <criterion/criterion.h>
#include <string.h>

#include "parsers/etl/etl_areas.h"
#include "parsers/etl/etl_extended.h"
#include "parsers/etl/etl_format.h"
#include "parsers/etl/etl_record.h"
#include "tests/unit/etl_reader_fixture.h"

#define FRAMES 4
#define AREA_LEN (8 + 8 + 8 * FRAMES)

static struct etl_bytes record;

static void clean(void)
{
    etl_bytes_free(&record);
    finish();
}

TestSuite(etl_areas, .fini = clean);

/* Appends an item with a 64-bit stack whose frames begin with `frame`. */
static void put_stack(struct etl_bytes *image, uint64_t match_id, uint64_t frame)
{
    size_t at = image->len;
    etl_bytes_fill(image, 0, AREA_LEN);
    etl_bytes_set(image, at, AREA_LEN, 2);
    etl_bytes_set(image, at + 2, ETL_EXTENDED_STACK64, 2);
    etl_bytes_set(image, at + 6, AREA_LEN - 8, 2);
    etl_bytes_set(image, at + 8, match_id, 8);
    for (unsigned i = 0; i < FRAMES; i++) {
        etl_bytes_set(image, at + 16 + 8 * i, frame + i, 8);
    }
}

/* The record that the tests change: its header, a stack, and 4 bytes of payload. */
static uint8_t *record_make(uint64_t match_id, uint64_t frame)
{
    record.len = 0;
    etl_bytes_fill(&record, 0, ETL_EVENT_LEN);
    put_stack(&record, match_id, frame);
    etl_bytes_fill(&record, 1, 4);
    return record.bytes;
}

static uint16_t number_of(struct etl_areas *areas, uint64_t frame)
{
    return etl_areas_number(areas, record_make(0, frame), (uint32_t)record.len);
}

Test(etl_areas, equal_areas_have_one_number)
{
    struct etl_areas areas = {0};
    uint16_t one = number_of(&areas, 100);
    uint16_t other = number_of(&areas, 200);
    cr_assert_neq(one, ETL_AREAS_NONE);
    cr_assert_neq(other, ETL_AREAS_NONE);
    cr_assert_neq(one, other);
    cr_assert_eq(number_of(&areas, 200), other);
    cr_assert_eq(number_of(&areas, 100), one);
    const struct etl_area *area = etl_areas_at(&areas, one);
    cr_assert_eq(area->len, AREA_LEN);
    cr_assert_eq(memcmp(area->bytes, record.bytes + ETL_EVENT_LEN, AREA_LEN), 0);
    etl_areas_finish(&areas);
}

static void expect_not_kept(size_t at, uint64_t value, uint32_t size)
{
    struct etl_areas areas = {0};
    record_make(0, 100);
    etl_bytes_set(&record, ETL_EVENT_LEN + at, value, 2);
    cr_expect_eq(etl_areas_number(&areas, record.bytes, size), ETL_AREAS_NONE, "%zu", at);
    cr_expect_eq(areas.held, 0);
    etl_areas_finish(&areas);
}

Test(etl_areas, only_one_whole_stack_is_kept)
{
    struct etl_areas areas = {0};
    uint32_t size = ETL_EVENT_LEN + AREA_LEN + 4;
    expect_not_kept(0, AREA_LEN + 8, size);
    expect_not_kept(0, AREA_LEN - 1, size);
    expect_not_kept(0, 0, size);
    expect_not_kept(2, ETL_EXTENDED_STACK_KEY64, size);
    expect_not_kept(2, ETL_EXTENDED_RELATED_ACTIVITY, size);
    expect_not_kept(4, 1, size);
    expect_not_kept(6, AREA_LEN - 7, size);
    expect_not_kept(0, AREA_LEN, ETL_EVENT_LEN + AREA_LEN - 1);
    expect_not_kept(0, AREA_LEN, ETL_EVENT_LEN + 15);
    expect_not_kept(0, AREA_LEN, ETL_EVENT_LEN);
    record_make(5, 100);
    cr_assert_eq(etl_areas_number(&areas, record.bytes, size), ETL_AREAS_NONE);
}

static void expect_kept(size_t at, uint64_t value, uint32_t size, size_t want)
{
    struct etl_areas areas = {0};
    record_make(0, 100);
    etl_bytes_set(&record, ETL_EVENT_LEN + at, value, 2);
    uint16_t number = etl_areas_number(&areas, record.bytes, size);
    cr_assert_neq(number, ETL_AREAS_NONE, "%zu: %u", at, (unsigned)value);
    cr_expect_eq(etl_areas_at(&areas, number)->len, want);
    etl_areas_finish(&areas);
}

/* A stack of any length up to the record's end, of addresses of 4 or 8 bytes, and one that says
 * that it has fewer bytes than its item. */
Test(etl_areas, each_whole_stack_is_kept)
{
    uint32_t size = ETL_EVENT_LEN + AREA_LEN;
    expect_kept(0, AREA_LEN, size, AREA_LEN);
    expect_kept(2, ETL_EXTENDED_STACK32, size, AREA_LEN);
    expect_kept(6, 0, size, AREA_LEN);
    expect_kept(6, AREA_LEN - 8, size, AREA_LEN);
    for (uint32_t len = 16; len <= AREA_LEN; len += 8) {
        record_make(0, 100);
        struct etl_areas areas = {0};
        etl_bytes_set(&record, ETL_EVENT_LEN, len, 2);
        etl_bytes_set(&record, ETL_EVENT_LEN + 6, len - 8, 2);
        uint16_t number = etl_areas_number(&areas, record.bytes, ETL_EVENT_LEN + len);
        cr_assert_neq(number, ETL_AREAS_NONE, "%u", len);
        cr_assert_eq(etl_areas_at(&areas, number)->len, len);
        cr_assert_eq(etl_areas_number(&areas, record.bytes, ETL_EVENT_LEN + len - 1),
                     ETL_AREAS_NONE);
        etl_areas_finish(&areas);
    }
    expect_not_kept(0, 8, size);
    expect_not_kept(4, ETL_EXTENDED_LINKAGE, size);
}

/* An area that is longer than what memory is taken for at once is not kept. */
Test(etl_areas, areas_fill_what_is_allocated)
{
    enum { LEN = 0xFFF8 - ETL_EVENT_LEN };
    struct etl_areas areas = {0};
    record.len = 0;
    etl_bytes_fill(&record, 0, 0xFFF8);
    etl_bytes_set(&record, ETL_EVENT_LEN, LEN, 2);
    etl_bytes_set(&record, ETL_EVENT_LEN + 2, ETL_EXTENDED_STACK64, 2);
    size_t kept = 0, held = 0;
    for (unsigned i = 0; i < 100; i++) {
        etl_bytes_set(&record, ETL_EVENT_LEN + 16, i, 8);
        etl_bytes_set(&record, ETL_EVENT_LEN + LEN - 8, i, 8);
        uint16_t number = etl_areas_number(&areas, record.bytes, 0xFFF8);
        if (number != ETL_AREAS_NONE) {
            kept++;
            cr_assert_eq(
                memcmp(etl_areas_at(&areas, number)->bytes, record.bytes + ETL_EVENT_LEN, LEN), 0);
        }
        cr_assert_geq(areas.held, held);
        held = areas.held;
    }
    cr_assert(kept > 50 && kept < 64, "%zu of 4 MiB", kept);
    cr_assert(held > (4u << 20) - (1u << 17) && held <= 4u << 20, "%zu", held);
    etl_areas_finish(&areas);
}

Test(etl_areas, memory_is_bounded)
{
    enum { COUNT = 4 * ETL_AREAS_MAX };
    struct etl_areas areas = {0};
    static uint16_t numbers[COUNT];
    size_t kept = 0;
    for (unsigned i = 0; i < COUNT; i++) {
        numbers[i] = number_of(&areas, UINT64_C(0x10000) * i);
        cr_assert_leq(numbers[i], ETL_AREAS_MAX);
        kept += numbers[i] != ETL_AREAS_NONE;
    }
    cr_assert_gt(kept, ETL_AREAS_MAX / 2);
    cr_assert_leq(kept, ETL_AREAS_MAX);
    cr_assert_leq(areas.held, 4u << 20);
    for (unsigned i = 0; i < COUNT; i++) {
        cr_assert_eq(number_of(&areas, UINT64_C(0x10000) * i), numbers[i]);
    }
    etl_areas_finish(&areas);
    cr_assert_eq(areas.held, 0);
}

/* ---- events ---- */

static void add_event(int64_t ticks, unsigned id, uint64_t match_id, uint64_t frame)
{
    size_t at = images[0].len;
    etl_bytes_event(&images[0], ticks, OURS, id, 0);
    if (frame != 0) {
        etl_bytes_set(&images[0], at + ETL_EVENT_FLAGS_AT, ETL_EVENT_FLAG_EXTENDED, 2);
        put_stack(&images[0], match_id, frame);
    }
    etl_bytes_fill(&images[0], (uint8_t)id, id);
    etl_bytes_set(&images[0], at, images[0].len - at, 2);
    etl_bytes_pad(&images[0]);
}

/* Whole stacks, halves and none, in turn. */
static void write_trace(bool compressed)
{
    etl_bytes_begin(&images[0], 0x4000, 1);
    etl_bytes_close(&images[0]);
    etl_bytes_buffer(&images[0], 0, 1, 1, 0);
    for (unsigned i = 1; i <= 60; i++) {
        add_event(2000 + i, i, i % 5 == 0 ? i : 0, i % 3 == 0 ? 0 : 1000 + i % 7);
    }
    if (compressed) {
        etl_bytes_close_compressed(&images[0]);
    } else {
        etl_bytes_close(&images[0]);
    }
    etl_bytes_written(&images[0], 2);
}

static void expect_event(const struct etl_event *event, unsigned i, uint16_t *numbers)
{
    struct etl_stack stack;
    cr_assert_eq(event->id, i);
    cr_assert_eq(event->ticks, 2000 + i);
    cr_assert_eq(event->payload_len, i);
    cr_assert(event->payload[0] == i && event->payload[i - 1] == i);
    cr_assert_eq(event->has_extended, i % 3 != 0);
    cr_assert_eq(etl_extended_stack(event, &stack), i % 3 != 0);
    cr_assert_eq(event->area != 0, i % 3 != 0 && i % 5 != 0, "event %u", i);
    if (i % 3 == 0) {
        return;
    }
    cr_assert_eq(stack.match_id, i % 5 == 0 ? i : 0);
    cr_assert_eq(stack.frame_count, FRAMES);
    cr_assert_eq(stack.frames[FRAMES - 1], 1000 + i % 7 + FRAMES - 1);
    if (event->area != 0) {
        cr_assert(numbers[i % 7] == 0 || numbers[i % 7] == event->area);
        numbers[i % 7] = event->area;
    }
}

static void expect_events(size_t window_budget)
{
    uint16_t numbers[7] = {0};
    struct etl_reader_options options = ours_only();
    const struct etl_event *event;
    options.window_budget = window_budget;
    cr_assert_eq(open_with(1, options), ETL_OK);
    for (unsigned i = 1; i <= 60; i++) {
        cr_assert_eq(etl_reader_next(reader, &event, &errors), ETL_OK);
        expect_event(event, i, numbers);
    }
    cr_assert_eq(etl_reader_next(reader, &event, &errors), ETL_END);
    finish();
}

Test(etl_areas, events_have_their_stacks_and_payloads)
{
    for (unsigned compressed = 0; compressed < 2; compressed++) {
        write_trace(compressed != 0);
        expect_events(0);
        write_trace(compressed != 0);
        expect_events(1); /* the least store, and a walk that is repeated */
    }
}
