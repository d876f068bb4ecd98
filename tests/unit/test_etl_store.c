/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "parsers/etl/etl_extended.h"
#include "parsers/etl/etl_store.h"
#include "tests/unit/etl_bytes.h"

enum { MAX = 16384, HALF = MAX / 2, WINDOW_LEN = 4000 };

static struct etl_store store;
static struct etl_window window;
static struct etl_areas areas;

/* A window of WINDOW_LEN bytes, all of them different from their neighbours. */
static void init(void)
{
    etl_store_init(&store, MAX);
    etl_window_init(&window, WINDOW_LEN);
    window.bytes = malloc(WINDOW_LEN);
    cr_assert_not_null(window.bytes);
    for (size_t i = 0; i < WINDOW_LEN; i++) {
        window.bytes[i] = (uint8_t)(i * 7 + i / 256);
    }
    window.end = WINDOW_LEN;
}

static void finish(void)
{
    etl_store_finish(&store);
    etl_window_finish(&window);
    etl_areas_finish(&areas);
}

TestSuite(etl_store, .init = init, .fini = finish);

/* Adds the record of `size` bytes at `at`. False: the store is full. */
static bool add_kind(uint32_t at, uint32_t size, enum etl_header_kind kind)
{
    struct etl_stored item = {.at = at, .size = size, .kind = (uint8_t)kind, .ticks = at};
    if (!etl_store_add(&store, &item)) {
        bool full;
        cr_assert(etl_store_make_room(&store, etl_record_stride(size), &full));
        cr_assert_eq(etl_store_add(&store, &item), !full);
        return !full;
    }
    return true;
}

static bool add(uint32_t at, uint32_t size)
{
    return add_kind(at, size, ETL_HEADER_SYSTEM64);
}

/* ---- size ---- */

/* Half of the store is for items, and half for bytes. One record may take more. */
Test(etl_store, takes_as_much_as_it_may)
{
    static const uint32_t sizes[] = {1, 8, 9, 32, 40, 100, HALF / 2, HALF / 2 + 1, HALF, HALF + 1};
    size_t items_max = HALF / sizeof(struct etl_stored);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        size_t stride = (sizes[i] + 7) / 8 * 8;
        size_t want = HALF / stride < items_max ? HALF / stride : items_max;
        want = want > 0 ? want : 1;
        for (unsigned again = 0; again < 2; again++) {
            size_t count = 0;
            while (add(0, sizes[i])) {
                count++;
                cr_assert_eq(store.pending_len, count * stride);
                cr_assert_leq(store.capacity, items_max);
            }
            cr_assert_eq(count, want, "%u bytes", sizes[i]);
            cr_assert_eq(store.end, want);
            etl_store_clear(&store);
            cr_assert(store.end == 0 && store.pending_len == 0 && store.len == 0);
        }
    }
}

/* ---- bytes ---- */

static void expect_item(size_t index, uint32_t from, uint32_t size)
{
    const struct etl_stored *item = &store.items[index];
    cr_assert_eq(item->size, size, "item %zu", index);
    cr_assert_eq(item->ticks, from, "item %zu", index);
    cr_assert_leq(item->at + size, store.bytes_capacity);
    for (uint32_t i = 0; i < size; i++) {
        cr_assert_eq(store.bytes[item->at + i], (uint8_t)((from + i) * 7 + (from + i) / 256),
                     "item %zu, byte %u", index, i);
    }
}

/* Records side by side and apart from each other, kept at once or in steps. The last one ends with
 * the window, without its padding. */
Test(etl_store, keeps_the_bytes_of_its_records)
{
    static const struct {
        uint32_t at, size;
    } records[] = {{0, 16},     {16, 24},   {40, 9},     {56, 8},   {128, 100},
                   {232, 1000}, {1232, 31}, {2000, 500}, {2504, 8}, {WINDOW_LEN - 24, 24}};
    enum { COUNT = sizeof records / sizeof records[0] };
    for (unsigned step = 1; step <= COUNT; step++) {
        size_t len = 0;
        for (unsigned i = 0; i < COUNT; i++) {
            cr_assert(add(records[i].at, records[i].size));
            len += (records[i].size + 7) / 8 * 8;
            if ((i + 1) % step == 0) {
                cr_assert(etl_store_keep(&store, &window, &areas));
                cr_assert_eq(store.kept, i + 1);
                cr_assert_eq(store.len, len);
                cr_assert_eq(store.pending_len, 0);
            }
        }
        cr_assert(etl_store_keep(&store, &window, &areas));
        for (unsigned i = 0; i < COUNT; i++) {
            expect_item(i, records[i].at, records[i].size);
            cr_assert_eq(store.items[i].kind, ETL_HEADER_SYSTEM64);
        }
        cr_assert_leq(store.bytes_capacity, HALF);
        etl_store_clear(&store);
    }
}

Test(etl_store, keeps_a_record_that_ends_with_the_window)
{
    window.end = 61;
    cr_assert(add(0, 8));
    cr_assert(add(48, 13));
    cr_assert(etl_store_keep(&store, &window, &areas));
    expect_item(0, 0, 8);
    expect_item(1, 48, 13);
    cr_assert_eq(store.len, 8 + 16);
}

/* Memory grows to half of the store, and further only for one record that needs it. */
Test(etl_store, memory_follows_what_is_kept)
{
    static uint8_t many[HALF + 4096];
    free(window.bytes);
    window.bytes = many;
    window.end = sizeof many;
    cr_assert(add(0, HALF + 100));
    cr_assert(etl_store_keep(&store, &window, &areas));
    cr_assert_eq(store.bytes_capacity, HALF + 104);
    etl_store_finish(&store);
    cr_assert(store.bytes == NULL && store.items == NULL && store.bytes_capacity == 0);
    cr_assert(add(0, 8));
    cr_assert(etl_store_keep(&store, &window, &areas));
    cr_assert_eq(store.bytes_capacity, 1024);
    cr_assert(add(8, 1016));
    cr_assert(etl_store_keep(&store, &window, &areas));
    cr_assert_eq(store.bytes_capacity, 1024);
    cr_assert(add(8, 8));
    cr_assert(etl_store_keep(&store, &window, &areas));
    cr_assert_eq(store.bytes_capacity, 2048);
    cr_assert(add(8, 7000));
    cr_assert(etl_store_keep(&store, &window, &areas));
    cr_assert_eq(store.bytes_capacity, HALF);
    window.bytes = NULL;
}

/* ---- memory that is exchanged ---- */

static void expect_exchange(uint32_t wanted, bool exchanged)
{
    const uint8_t *ours = window.bytes;
    cr_assert(etl_store_keep_last(&store, &window, &areas));
    cr_expect_eq(store.bytes == ours, exchanged, "%u bytes", wanted);
    cr_assert_eq(store.pending_len, 0);
    cr_assert_eq(store.kept, store.end);
    finish();
    init();
}

/* Window and store exchange their memory where a fourth of the window is wanted, all of it was
 * added since the window was filled, and the store may have as much. */
Test(etl_store, takes_over_a_window_that_is_wanted)
{
    for (uint32_t wanted = 992; wanted <= 1008; wanted += 8) {
        cr_assert(add(0, wanted));
        expect_exchange(wanted, wanted >= 1000);
    }
    window.end = 4001;
    cr_assert(add(0, 1000));
    expect_exchange(1000, false);
    window.end = 3997;
    cr_assert(add(0, 1000));
    expect_exchange(1000, true);
    expect_exchange(0, false);
    window.end = 0;
    expect_exchange(0, false);
    cr_assert(add(0, 8));
    cr_assert(etl_store_keep(&store, &window, &areas));
    cr_assert(add(8, 2000));
    expect_exchange(2000, false);
    window.capacity = HALF;
    cr_assert(add(0, 2000));
    expect_exchange(2000, true);
    window.capacity = HALF + 1;
    cr_assert(add(0, 2000));
    expect_exchange(2000, false);
    cr_assert(add(100, 1000));
    cr_assert(add(1104, 30));
    cr_assert(etl_store_keep_last(&store, &window, &areas));
    expect_item(0, 100, 1000);
    expect_item(1, 1104, 30);
}

/* ---- stacks ---- */

enum { AREA_LEN = 8 + 8 + 8 * 3, RECORD_LEN = ETL_EVENT_LEN + AREA_LEN + 12 };

/* An event with a stack of three frames and 12 bytes of payload, or without a stack. */
static void put_event(uint32_t at, bool extended)
{
    static const uint8_t item[] = {AREA_LEN, 0, ETL_EXTENDED_STACK64, 0, 0, 0, AREA_LEN - 8, 0};
    uint8_t *record = window.bytes + at;
    memset(record, 0, RECORD_LEN);
    record[0] = RECORD_LEN;
    record[2] = 0x13;
    record[3] = 0xC0;
    record[ETL_EVENT_FLAGS_AT] = extended ? ETL_EVENT_FLAG_EXTENDED | 0x40 : 0x40;
    memcpy(record + ETL_EVENT_LEN, item, sizeof item);
    memset(record + ETL_EVENT_LEN + 16, 0x5A, 24);
    memset(record + ETL_EVENT_LEN + AREA_LEN, 0x77, 12);
}

/* The stack is kept once, and the record without it, under its number. */
Test(etl_store, keeps_a_stack_once)
{
    size_t stride = etl_record_stride(RECORD_LEN), bare = etl_record_stride(ETL_EVENT_LEN + 12);
    for (uint32_t i = 0; i < 3; i++) {
        put_event((uint32_t)(i * stride), i != 1);
        cr_assert(add_kind((uint32_t)(i * stride), RECORD_LEN, ETL_HEADER_EVENT64));
    }
    cr_assert(add((uint32_t)(3 * stride), 50));
    size_t room = store.room;
    cr_assert(etl_store_keep(&store, &window, &areas));
    cr_assert_eq(store.len, 2 * bare + stride + 56);
    cr_assert_eq(store.room, room + 2 * (stride - bare));
    for (unsigned i = 0; i < 3; i += 2) {
        const struct etl_stored *item = &store.items[i];
        const uint8_t *bytes = store.bytes + item->at;
        cr_assert_eq(item->kind, ETL_HEADER_EVENT64 | ETL_STORED_BARE);
        cr_assert_eq(item->size, ETL_EVENT_LEN + 12);
        cr_assert_eq(bytes[ETL_EVENT_FLAGS_AT], 0x40, "the flag is gone, and others stay");
        cr_assert_eq(bytes[2], 0x13);
        for (unsigned at = 0; at < 12; at++) {
            cr_assert_eq(bytes[ETL_EVENT_LEN + at], 0x77);
        }
        uint16_t number = (uint16_t)(bytes[0] | bytes[1] << 8);
        const struct etl_area *area = etl_areas_at(&areas, number);
        cr_assert_eq(area->len, AREA_LEN);
        cr_assert_eq(area->bytes[AREA_LEN - 1], 0x5A);
    }
    cr_assert(memcmp(store.bytes + store.items[0].at, store.bytes + store.items[2].at, 2) == 0);
    cr_assert_eq(store.items[1].kind, ETL_HEADER_EVENT64);
    cr_assert_eq(store.items[1].size, RECORD_LEN);
    cr_assert_eq(store.bytes[store.items[1].at + ETL_EVENT_LEN], AREA_LEN);
    expect_item(3, (uint32_t)(3 * stride), 50);
}

/* A few records are looked at: each of seven, and of more each second one or fewer. */
Test(etl_store, a_stack_among_few_records_is_seen)
{
    size_t stride = etl_record_stride(RECORD_LEN);
    for (uint32_t count = 1; count <= 20; count++) {
        for (uint32_t with = 0; with < count; with++) {
            for (uint32_t i = 0; i < count; i++) {
                put_event((uint32_t)(i * stride), i == with);
                cr_assert(add_kind((uint32_t)(i * stride), RECORD_LEN, ETL_HEADER_EVENT32));
            }
            cr_assert_eq(etl_store_has_stacks(&store, &window), with % (count / 8 + 1) == 0,
                         "%u of %u", with, count);
            cr_assert(etl_store_keep(&store, &window, &areas));
            cr_assert_not(etl_store_has_stacks(&store, &window), "all are kept");
            etl_store_clear(&store);
        }
    }
    cr_assert_not(etl_store_has_stacks(&store, &window));
    put_event(0, true);
    cr_assert(add_kind(0, RECORD_LEN, ETL_HEADER_FULL64));
    cr_assert_not(etl_store_has_stacks(&store, &window), "no event has such a header");
}
