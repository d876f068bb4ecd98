/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>

#include "parsers/etl/etl_extended.h"
#include "parsers/etl/etl_record.h"
#include "tests/unit/etl_bytes.h"

static struct etl_bytes image;

static void finish(void)
{
    etl_bytes_free(&image);
}

TestSuite(etl_record, .fini = finish);

static struct etl_event decode_at(size_t at)
{
    struct etl_frame frame;
    struct etl_event event;
    cr_assert_eq(etl_record_frame(image.bytes + at, image.len - at, &frame), ETL_FRAME_OK);
    etl_record_decode(image.bytes + at, &frame, 4242, 4, &event);
    return event;
}

Test(etl_record, event64)
{
    size_t at = etl_bytes_event(&image, 1234567890123, 9, 1003, 5);
    image.bytes[at + 0x2A] = 2;
    image.bytes[at + 0x2C] = 4;
    image.bytes[at + 0x2D] = 7;
    etl_bytes_set(&image, at + 0x30, 0x800000000000001E, 8);
    image.bytes[at + 0x40] = 0xAC;
    struct etl_event event = decode_at(at);
    cr_assert_eq(event.kind, ETL_HEADER_EVENT64);
    cr_assert_eq(event.ticks, 1234567890123);
    cr_assert_eq(event.tid, 77);
    cr_assert_eq(event.pid, 66);
    cr_assert_eq(event.provider.bytes[0], 9);
    cr_assert_eq(event.activity.bytes[0], 0xAC);
    cr_assert_eq(event.id, 1003);
    cr_assert_eq(event.version, 2);
    cr_assert_eq(event.level, 4);
    cr_assert_eq(event.opcode, 7);
    cr_assert_eq(event.keyword, 0x800000000000001E);
    cr_assert_eq(event.pointer_size, 8);
    cr_assert_eq(event.payload, image.bytes + at + 0x50);
    cr_assert_eq(event.payload_len, 5);
    cr_assert_null(event.extended);
    cr_assert_not(event.extended_damaged);
}

Test(etl_record, event32_has_pointers_of_4)
{
    size_t at = etl_bytes_event(&image, 1, 9, 1, 0);
    image.bytes[at + 2] = 0x12;
    struct etl_event event = decode_at(at);
    cr_assert_eq(event.kind, ETL_HEADER_EVENT32);
    cr_assert_eq(event.pointer_size, 4);
}

/* Payload: an item of 16 bytes in all, then 3 bytes. */
static size_t event_with_item(void)
{
    size_t at = etl_bytes_event(&image, 1, 9, 1, 16 + 3);
    image.bytes[at + 4] = 1;
    etl_bytes_set(&image, at + 0x50, 16, 2);
    etl_bytes_set(&image, at + 0x52, 0xD, 2);
    etl_bytes_set(&image, at + 0x54, 0, 2);
    etl_bytes_set(&image, at + 0x56, 8, 2);
    return at;
}

Test(etl_record, payload_begins_behind_the_extended_items)
{
    size_t at = event_with_item();
    struct etl_event event = decode_at(at);
    cr_assert_eq(event.extended, image.bytes + at + 0x50);
    cr_assert_eq(event.extended_len, 16);
    cr_assert_eq(event.payload, image.bytes + at + 0x60);
    cr_assert_eq(event.payload_len, 3);
}

Test(etl_record, items_are_read_only_when_flagged)
{
    size_t at = event_with_item();
    image.bytes[at + 4] = 0;
    struct etl_event event = decode_at(at);
    cr_assert_null(event.extended);
    cr_assert_eq(event.payload_len, 19);
}

Test(etl_record, damaged_items_leave_no_payload)
{
    const struct {
        size_t at;
        unsigned value;
    } damages[] = {{0x50, 0}, {0x50, 7}, {0x50, 12}, {0x50, 24}, {0x54, 1}, {0x56, 9}};
    for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
        size_t at = event_with_item();
        etl_bytes_set(&image, at + damages[i].at, damages[i].value, 2);
        struct etl_event event = decode_at(at);
        cr_expect(event.extended_damaged, "damage %zu", i);
        cr_expect_null(event.extended, "damage %zu", i);
        cr_expect_eq(event.payload_len, 0, "damage %zu", i);
    }
}

Test(etl_record, system_and_compact)
{
    const unsigned types[] = {1, 2, 3, 4};
    const enum etl_header_kind kinds[] = {ETL_HEADER_SYSTEM32, ETL_HEADER_SYSTEM64,
                                          ETL_HEADER_COMPACT32, ETL_HEADER_COMPACT64};
    for (size_t i = 0; i < 4; i++) {
        size_t at = etl_bytes_system(&image, types[i], -5, 0x0302, "abc", 3);
        struct etl_event event = decode_at(at);
        cr_expect_eq(event.kind, kinds[i]);
        cr_expect_eq(event.ticks, -5);
        cr_expect_eq(event.id, 0x0302);
        cr_expect_eq(event.version, 4);
        cr_expect_eq(event.opcode, 2);
        cr_expect_eq(event.tid, 77);
        cr_expect_eq(event.pid, 66);
        cr_expect_eq(event.pointer_size, types[i] % 2 == 0 ? 8 : 4);
        cr_expect_eq(event.payload_len, 3);
        cr_expect_eq(event.payload[0], 'a');
    }
}

Test(etl_record, perfinfo_has_no_ids)
{
    size_t at = etl_bytes_system(&image, 0x11, 99, 0x0F20, "abcd", 4);
    struct etl_event event = decode_at(at);
    cr_assert_eq(event.kind, ETL_HEADER_PERFINFO64);
    cr_assert_eq(event.ticks, 99);
    cr_assert_eq(event.pid, ETL_ID_UNKNOWN);
    cr_assert_eq(event.tid, ETL_ID_UNKNOWN);
    cr_assert_eq(event.payload_len, 4);
}

Test(etl_record, counters_before_the_payload_are_stepped_over)
{
    char payload[40] = {0};
    payload[24] = 'p';
    size_t at = etl_bytes_system(&image, 0x11, 99, 0x0F20, payload, 25);
    etl_bytes_set(&image, at, 0x8204, 2); /* PEBS index and two counters */
    struct etl_event event = decode_at(at);
    cr_assert_eq(event.payload_len, 1);
    cr_assert_eq(event.payload[0], 'p');
    cr_assert_eq(event.version, 4);
    etl_bytes_set(&image, at, 0x8704, 2); /* more than there is */
    event = decode_at(at);
    cr_assert_eq(event.payload_len, 0);
}

static size_t full_record(unsigned type, size_t header_len)
{
    size_t at = image.len;
    etl_bytes_fill(&image, 0, header_len);
    etl_bytes_put(&image, "xy", 2);
    etl_bytes_set(&image, at, header_len + 2, 2);
    etl_bytes_set(&image, at + 2, 0xC000 | type, 2);
    image.bytes[at + 4] = 0x20;
    image.bytes[at + 5] = 3;
    etl_bytes_set(&image, at + 6, 0x0102, 2);
    etl_bytes_set(&image, at + 8, 7, 4);
    etl_bytes_set(&image, at + 0xC, 8, 4);
    etl_bytes_set(&image, at + 0x10, 555, 8);
    image.bytes[at + 0x18] = 0xC1;
    etl_bytes_pad(&image);
    return at;
}

Test(etl_record, full_and_instance)
{
    const struct {
        unsigned type;
        size_t header_len;
        enum etl_header_kind kind;
    } rows[] = {{0x0A, 0x30, ETL_HEADER_FULL32},
                {0x14, 0x30, ETL_HEADER_FULL64},
                {0x0B, 0x48, ETL_HEADER_INSTANCE32},
                {0x15, 0x48, ETL_HEADER_INSTANCE64}};
    for (size_t i = 0; i < 4; i++) {
        struct etl_event event = decode_at(full_record(rows[i].type, rows[i].header_len));
        cr_expect_eq(event.kind, rows[i].kind);
        cr_expect_eq(event.opcode, 0x20);
        cr_expect_eq(event.level, 3);
        cr_expect_eq(event.version, 2);
        cr_expect_eq(event.tid, 7);
        cr_expect_eq(event.pid, 8);
        cr_expect_eq(event.ticks, 555);
        cr_expect_eq(event.provider.bytes[0], 0xC1);
        cr_expect_eq(event.payload_len, 2);
        cr_expect_eq(event.payload[0], 'x');
    }
}

static size_t wpp_record(unsigned options, size_t body_len)
{
    size_t at = image.len;
    etl_bytes_fill(&image, 0, 8 + body_len);
    for (size_t i = 0; i < body_len; i++) {
        image.bytes[at + 8 + i] = (uint8_t)(i + 1);
    }
    etl_bytes_set(&image, at, 8 + body_len, 2);
    image.bytes[at + 3] = 0x90;
    etl_bytes_set(&image, at + 6, options, 2);
    etl_bytes_pad(&image);
    return at;
}

Test(etl_record, wpp_fields_follow_its_options)
{
    /* GUID, time, ids, 64-bit pointers: time at 16, thread at 24, process at 28, then 4 bytes. */
    struct etl_event event = decode_at(wpp_record(0xAA, 16 + 8 + 8 + 4));
    cr_assert_eq(event.kind, ETL_HEADER_WPP);
    cr_assert_eq(event.ticks, 0x1817161514131211);
    cr_assert_eq(event.tid, 0x1C1B1A19);
    cr_assert_eq(event.pid, 0x201F1E1D);
    cr_assert_eq(event.pointer_size, 8);
    cr_assert_eq(event.payload_len, 4);
    cr_assert_eq(event.payload[0], 33);
}

Test(etl_record, wpp_component_takes_the_place_of_the_guid)
{
    struct etl_event event = decode_at(wpp_record(0x01 | 0x02 | 0x04 | 0x08, 4 + 4 + 8));
    cr_assert_eq(event.ticks, 0x100F0E0D0C0B0A09);
    cr_assert_eq(event.payload_len, 0);
}

Test(etl_record, wpp_without_time_takes_the_one_it_is_given)
{
    size_t at = wpp_record(0x02, 16);
    struct etl_event event = decode_at(at);
    cr_assert_eq(event.ticks, 4242);
    struct etl_frame frame;
    int64_t ticks = 1;
    cr_assert_eq(etl_record_frame(image.bytes + at, image.len - at, &frame), ETL_FRAME_OK);
    cr_assert_not(etl_record_ticks(image.bytes + at, &frame, &ticks));
    cr_assert_eq(ticks, 1);
    /* The obsolete flag reserves the room only. */
    event = decode_at(wpp_record(0x10, 8 + 1));
    cr_assert_eq(event.ticks, 4242);
    cr_assert_eq(event.payload_len, 1);
}

Test(etl_record, wpp_that_is_too_short_for_its_options_has_no_fields)
{
    struct etl_event event = decode_at(wpp_record(0xAA, 20));
    cr_assert_eq(event.ticks, 4242);
    cr_assert_eq(event.pid, ETL_ID_UNKNOWN);
    cr_assert_eq(event.payload_len, 0);
}

Test(etl_record, frame_tells_end_more_and_bad_apart)
{
    struct etl_frame frame;
    const uint8_t fill[] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
    const uint8_t zero[8] = {0};
    const uint8_t wnode[] = {0x40, 0, 0, 0, 0, 0, 0, 0};
    const uint8_t short_size[] = {0x4F, 0, 0x13, 0xC0, 0, 0, 0, 0};
    const uint8_t size_zero[] = {0, 0, 0x05, 0xC0, 0, 0, 0, 0};
    const uint8_t timed[] = {16, 0, 0, 0xB0, 0, 0, 0, 0};
    cr_assert_eq(etl_record_frame(fill, 8, &frame), ETL_FRAME_END);
    cr_assert_eq(etl_record_frame(fill, 4, &frame), ETL_FRAME_END);
    cr_assert_eq(etl_record_frame(fill, 3, &frame), ETL_FRAME_MORE);
    cr_assert_eq(etl_record_frame(zero, 8, &frame), ETL_FRAME_END);
    cr_assert_eq(etl_record_frame(wnode, 8, &frame), ETL_FRAME_BAD);
    cr_assert_eq(etl_record_frame(short_size, 8, &frame), ETL_FRAME_BAD);
    cr_assert_eq(frame.size, 0x4F);
    cr_assert_eq(etl_record_frame(size_zero, 8, &frame), ETL_FRAME_BAD);
    cr_assert_eq(etl_record_frame(timed, 8, &frame), ETL_FRAME_MORE);
    cr_assert_eq(frame.size, 16);
    cr_assert_eq(frame.type->kind, ETL_HEADER_OTHER);
}

Test(etl_record, unknown_types_are_stepped_over_by_their_size)
{
    for (unsigned type = 0; type < 256; type++) {
        uint8_t bytes[0x100] = {0};
        struct etl_frame frame;
        bytes[0] = 0x80;
        bytes[2] = (uint8_t)type;
        bytes[3] = 0xC0;
        bytes[4] = 0x80;
        cr_assert_eq(etl_record_frame(bytes, sizeof bytes, &frame), ETL_FRAME_OK, "%x", type);
        cr_assert_eq(frame.size, 0x80);
        bool known = (type >= 1 && type <= 4) || type == 0x0A || type == 0x0B ||
                     (type >= 0x10 && type <= 0x15);
        cr_assert_eq(frame.type->kind == ETL_HEADER_OTHER, !known, "%x", type);
        if (!known) {
            struct etl_event event;
            etl_record_decode(bytes, &frame, 4242, 4, &event);
            cr_assert_eq(event.ticks, 4242);
            cr_assert_eq(event.payload, bytes + ETL_RECORD_HEAD_LEN);
            cr_assert_eq(event.payload_len, 0x80 - ETL_RECORD_HEAD_LEN);
        }
    }
}

Test(etl_record, kinds_of_headers_have_names)
{
    static const char *const names[] = {
        "SYSTEM32",   "SYSTEM64",   "COMPACT32",  "COMPACT64", "FULL32",  "FULL64", "INSTANCE32",
        "INSTANCE64", "PERFINFO32", "PERFINFO64", "EVENT32",   "EVENT64", "WPP",    "OTHER"};
    bool named[ETL_HEADER_COUNT] = {false};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        for (int kind = 0; kind < ETL_HEADER_COUNT; kind++) {
            named[kind] |= strcmp(etl_header_kind_name((enum etl_header_kind)kind), names[i]) == 0;
        }
    }
    for (int kind = 0; kind < ETL_HEADER_COUNT; kind++) {
        cr_expect(named[kind], "%d", kind);
    }
    cr_expect_str_eq(etl_header_kind_name(ETL_HEADER_EVENT64), "EVENT64");
    cr_expect_str_eq(etl_header_kind_name(ETL_HEADER_OTHER), "OTHER");
    cr_expect_str_eq(etl_header_kind_name(ETL_HEADER_COUNT), "OTHER");
    cr_expect_str_eq(etl_header_kind_name((enum etl_header_kind)99), "OTHER");
}

/* Two items of 16 and 24 bytes, of which the first one says that another one follows, and a payload
 * of 5 bytes. */
static void make_items(uint8_t record[ETL_EVENT_LEN + 45])
{
    memset(record, 0, ETL_EVENT_LEN + 45);
    uint8_t *area = record + ETL_EVENT_LEN;
    area[0] = 16;
    area[4] = ETL_EXTENDED_LINKAGE;
    area[6] = 8;
    area[16] = 24;
    area[16 + 6] = 16;
    memset(area + 40, 0x77, 5);
}

Test(etl_record, items_stand_in_front_of_the_payload)
{
    static const struct {
        unsigned at;
        uint8_t value;
        unsigned items_len; /* 0: the area is damaged */
    } rows[] = {
        {0, 16, 40}, {0, 15, 0},      {0, 7, 0},
        {0, 0, 0},   {6, 9, 0},       {6, 8, 40},
        {4, 0, 16},  {16, 24, 40},    {16, 23, 0},
        {16, 32, 0}, {16, 16, 0},     {16 + 6, 17, 0},
        {16, 0, 0},  {16 + 6, 0, 40}, {16 + 4, ETL_EXTENDED_LINKAGE, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t record[ETL_EVENT_LEN + 45];
        struct etl_event event = {.payload_len = 9};
        make_items(record);
        record[ETL_EVENT_LEN + rows[i].at] = rows[i].value;
        etl_record_split(record, sizeof record, &event);
        cr_expect_eq(event.extended_damaged, rows[i].items_len == 0, "row %zu", i);
        cr_expect_eq(event.has_extended, rows[i].items_len != 0, "row %zu", i);
        cr_expect_eq(event.extended_len, rows[i].items_len, "row %zu", i);
        cr_expect_eq(event.payload_len, rows[i].items_len != 0 ? 45 - rows[i].items_len : 0,
                     "row %zu", i);
        cr_expect_eq(event.payload, record + ETL_EVENT_LEN + rows[i].items_len, "row %zu", i);
    }
}

/* An item may have no data. */
Test(etl_record, an_item_is_as_long_as_its_head_at_least)
{
    for (uint8_t size = 0; size <= 16; size++) {
        uint8_t record[ETL_EVENT_LEN + 45];
        struct etl_event event = {.payload_len = 9};
        make_items(record);
        record[ETL_EVENT_LEN + 16] = size;
        record[ETL_EVENT_LEN + 16 + 6] = 0;
        etl_record_split(record, sizeof record, &event);
        bool good = size == 8 || size == 16;
        cr_expect_eq(event.extended_damaged, !good, "%u bytes", size);
        cr_expect_eq(event.extended_len, good ? 16 + size : 0, "%u bytes", size);
    }
}

/* An area that ends inside an item's head, or inside the item. */
Test(etl_record, items_that_are_cut_are_damage)
{
    for (uint32_t len = 0; len <= 45; len++) {
        uint8_t record[ETL_EVENT_LEN + 45];
        struct etl_event event = {.payload_len = 9};
        make_items(record);
        etl_record_split(record, ETL_EVENT_LEN + len, &event);
        cr_expect_eq(event.extended_damaged, len < 40, "%u bytes", len);
        cr_expect_eq(event.payload_len, len < 40 ? 0 : len - 40, "%u bytes", len);
    }
}

Test(etl_record, records_of_other_types_have_no_time)
{
    uint8_t record[64] = {0};
    int64_t ticks = 7;
    for (unsigned number = 0; number < ETL_RECORD_TYPE_COUNT; number++) {
        const struct etl_frame frame = {&etl_record_types[number], 64};
        bool timed = etl_record_types[number].ticks_at != 0;
        ticks = 7;
        cr_expect_eq(etl_record_ticks(record, &frame, &ticks), timed, "%x", number);
        cr_expect_eq(ticks, timed ? 0 : 7, "%x", number);
    }
    const struct etl_frame other = {&etl_record_type_other, 64};
    cr_expect_not(etl_record_ticks(record, &other, &ticks));
}
