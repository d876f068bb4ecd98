/* SPDX-License-Identifier: Apache-2.0 */

/* The reader's answers where a trace is damaged, cut, lossy or can't be read. */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/unit/etl_reader_fixture.h"

TestSuite(etl_reader_damage, .fini = finish);

Test(etl_reader_damage, flagged_loss_reaches_from_event_to_event)
{
    for (unsigned flag = 2; flag <= 4; flag += 2) {
        begin(0, 1);
        ADD(0, 0, 1, 0, 2000, 1, 2010, 3);
        ADD(0, 0, 2, flag, 2020, 5, 2030, 7);
        ADD(0, 0, 3, 1, 2040, 9, 2050, 11);
        open_ours(1);
        const struct etl_event *event;
        cr_assert_eq(etl_reader_next(reader, &event, &errors), ETL_OK);
        cr_assert_eq(loss(2000, 2000), ETL_LOSS_NONE);
        /* Known as soon as the last event before it is handed out. */
        cr_assert_eq(etl_reader_next(reader, &event, &errors), ETL_OK);
        cr_assert_eq(event->ticks, 2010);
        cr_assert_eq(loss(2010, 2010), ETL_LOSS_SPAN);
        all_ids();
        cr_assert_eq(loss(2000, 2009), ETL_LOSS_NONE);
        cr_assert_eq(loss(2035, 2036), ETL_LOSS_SPAN);
        cr_assert_eq(loss(2040, 2040), ETL_LOSS_SPAN);
        cr_assert_eq(loss(2041, 9999), ETL_LOSS_NONE);
        cr_assert(etl_reader_any_loss(reader));
        finish();
    }
}

Test(etl_reader_damage, loss_in_the_first_or_last_trace_buffer_reaches_the_traces_ends)
{
    begin(0, 1);
    ADD(0, 0, 1, 2, 2000, 1);
    ADD(0, 0, 2, 0, 2010, 3);
    ADD(0, 0, 3, 0, 2020, 5);
    ADD(0, 0, 4, 3, 2030, 7);
    open_ours(1);
    all_ids();
    cr_assert_eq(loss(INT64_MIN, 0), ETL_LOSS_SPAN);
    cr_assert_eq(loss(2010, 2010), ETL_LOSS_SPAN);
    cr_assert_eq(loss(2011, 2019), ETL_LOSS_NONE);
    cr_assert_eq(loss(2020, 2020), ETL_LOSS_SPAN);
    cr_assert_eq(loss(INT64_MAX, INT64_MAX), ETL_LOSS_SPAN);
}

Test(etl_reader_damage, loss_counts_events_that_nobody_asked_for_and_steps_over_empty_trace_buffers)
{
    begin(0, 1);
    ADD(0, 0, 1, 0, 2000, 1);
    etl_bytes_buffer(&images[0], 0, 2, 0, 0);
    etl_bytes_event(&images[0], 2005, OURS + 1, 1, 0);
    etl_bytes_close(&images[0]);
    add_empty(0, 0, 3, 0);
    ADD(0, 0, 4, 2, 2020, 3);
    add_empty(0, 0, 5, 0);
    etl_bytes_buffer(&images[0], 0, 6, 0, 0);
    etl_bytes_event(&images[0], 2030, OURS + 1, 1, 0);
    etl_bytes_close(&images[0]);
    ADD(0, 0, 7, 1, 2040, 5);
    open_ours(1);
    cr_assert_str_eq(all_ids(), "1 3 5");
    cr_assert_eq(loss(2000, 2004), ETL_LOSS_NONE);
    cr_assert_eq(loss(2005, 2005), ETL_LOSS_SPAN);
    cr_assert_eq(loss(2030, 2030), ETL_LOSS_SPAN);
    cr_assert_eq(loss(2031, 2040), ETL_LOSS_NONE);
}

Test(etl_reader_damage, loss_on_one_processor_is_no_gap_on_another)
{
    begin(0, 1);
    ADD(0, 0, 1, 0, 2000, 1, 2100, 3);
    ADD(0, 1, 2, 0, 2050, 5);
    ADD(0, 1, 3, 2, 2060, 7);
    ADD(0, 1, 4, 1, 2070, 9);
    open_ours(1);
    all_ids();
    cr_assert_eq(loss(2000, 2049), ETL_LOSS_NONE);
    cr_assert_eq(loss(2050, 2050), ETL_LOSS_SPAN);
    cr_assert_eq(loss(2071, 2100), ETL_LOSS_NONE);
}

Test(etl_reader_damage, damage_is_known_before_its_trace_buffers_first_event)
{
    begin(0, 1);
    ADD(0, 0, 1, 0, 2000, 1);
    ADD(0, 0, 2, 0, 2010, 3, 2020, 5, 2030, 7);
    ADD(0, 0, 3, 1, 2040, 9);
    /* The second record's size reaches beyond the trace buffer. */
    etl_bytes_set(&images[0], 0x2048 + 0x58, 0xFFF0, 2);
    open_ours(1);
    const struct etl_event *event;
    cr_assert_eq(etl_reader_next(reader, &event, &errors), ETL_OK);
    cr_assert_eq(loss(2000, 2000), ETL_LOSS_SPAN);
    cr_assert_str_eq(all_ids(), "3 9");
    cr_assert_eq(etl_reader_info(reader, 0)->damaged_buffers, 1);
    cr_assert_eq(etl_reader_info(reader, 0)->skipped_bytes, 0xB0);
    cr_assert_eq(loss(2041, 2041), ETL_LOSS_NONE);
    cr_assert_eq(etl_reader_note_count(reader), 1);
    cr_assert_not_null(strstr(etl_reader_note(reader, 0), "trace buffer at offset 8192"));
    cr_assert_not_null(strstr(etl_reader_note(reader, 0), "size 65520"));
    cr_assert_not_null(strstr(etl_reader_note(reader, 0), "176 bytes are left"));
}

Test(etl_reader_damage, record_damage_of_each_kind)
{
    const struct {
        size_t at;
        uint64_t value;
        size_t width;
    } damages[] = {
        {0, 0, 2},          /* size 0: no progress */
        {0, 0x4F, 2},       /* smaller than its header */
        {2, 0x0000, 2},     /* no marker that can be stepped over */
        {0, 0xFFFFFFFF, 4}, /* an end before the used length */
        {0, 0, 4},
    };
    for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
        begin(0, 1);
        ADD(0, 0, 1, 0, 2010, 3, 2020, 5, 2030, 7);
        ADD(0, 0, 2, 1, 2040, 9);
        etl_bytes_set(&images[0], 0x1048 + 0x58 + damages[i].at, damages[i].value,
                      damages[i].width);
        open_ours(1);
        cr_expect_str_eq(all_ids(), "3 9", "damage %zu", i);
        cr_expect_eq(etl_reader_info(reader, 0)->damaged_buffers, 1, "damage %zu", i);
        cr_expect_eq(etl_reader_info(reader, 0)->skipped_bytes, 0xB0, "damage %zu", i);
        cr_expect_eq(loss(2041, 2041), ETL_LOSS_NONE, "damage %zu", i);
        finish();
    }
}

/* The only note, what is skipped, and how many trace buffers count as damaged. */
static void expect_damage(const char *ids, const char *note, uint64_t skipped_len)
{
    open_ours(1);
    cr_expect_str_eq(all_ids(), ids, "%s", note);
    cr_assert_eq(etl_reader_note_count(reader), 1, "%s", note);
    cr_expect_str_eq(etl_reader_note(reader, 0), note);
    cr_expect_eq(etl_reader_info(reader, 0)->damaged_buffers, 1, "%s", note);
    cr_expect_eq(etl_reader_info(reader, 0)->skipped_bytes, skipped_len, "%s: %u", note,
                 (unsigned)etl_reader_info(reader, 0)->skipped_bytes);
    cr_expect(etl_reader_any_loss(reader), "%s", note);
    finish();
}

/* Records of 88 bytes lie at bytes 72, 160 and 248 of the trace buffer, up to byte 336. */
static void begin_three(void)
{
    begin(0, 1);
    ADD(0, 0, 1, 1, 2010, 3, 2020, 5, 2030, 7);
}

Test(etl_reader_damage, each_damage_is_told_with_its_place)
{
    begin_three();
    etl_bytes_set(&images[0], 0x1000 + 160, 0xFFF0, 2);
    expect_damage("3",
                  "a.etl: trace buffer at offset 4096: the record at byte 160 has size 65520, 176 "
                  "bytes are left; they are skipped",
                  176);
    begin_three();
    etl_bytes_set(&images[0], 0x1000 + 160, 0xFFFFFFFF, 4);
    expect_damage(
        "3",
        "a.etl: trace buffer at offset 4096: its records end at byte 160, its header says "
        "336",
        176);
    begin_three();
    etl_bytes_set(&images[0], 0x1030, 210, 4);
    expect_damage(
        "3",
        "a.etl: trace buffer at offset 4096: the record at byte 160 has size 84, 50 bytes "
        "are left; they are skipped",
        50);
    begin_three();
    etl_bytes_set(&images[0], 0x1036, 8, 2);
    expect_damage(
        "",
        "a.etl: trace buffer at offset 4096: its type is above 7, the last known one; its "
        "4096 bytes are skipped",
        4096);
    /* A last record needs no padding behind it. */
    begin_three();
    etl_bytes_set(&images[0], 0x1030, 248 + 84, 4);
    open_ours(1);
    cr_expect_str_eq(all_ids(), "3 5 7");
    cr_expect_eq(etl_reader_note_count(reader), 0);
}

static void begin_compressed(void)
{
    begin(0, 0x04000001);
    etl_bytes_buffer(&images[0], 0, 1, 1, 0);
    etl_bytes_event(&images[0], 2000, OURS, 1, 4);
    etl_bytes_event(&images[0], 2001, OURS, 3, 4);
    etl_bytes_close_compressed(&images[0]);
    etl_bytes_written(&images[0], 2);
}

Test(etl_reader_damage, each_damage_of_compressed_data_is_told)
{
    begin_compressed();
    etl_bytes_set(&images[0], 0x1030, 0x800, 4);
    expect_damage("1 3",
                  "a.etl: trace buffer at offset 4096: its data ends early: 248 bytes of 2048 read",
                  1800);
    begin_compressed();
    etl_bytes_set(&images[0], 0x1030, 160, 4);
    expect_damage(
        "1",
        "a.etl: trace buffer at offset 4096: compressed data is left over behind its used "
        "length: 160 bytes of 160 read",
        0);
    /* A match in front of which there is nothing. */
    begin_compressed();
    etl_bytes_set(&images[0], 0x1048, 0xFFFFFFFF, 4);
    expect_damage("",
                  "a.etl: trace buffer at offset 4096: its compressed data is corrupt: 72 bytes of "
                  "248 read",
                  176);
    begin_compressed();
    etl_bytes_set(&images[0], 0x1036, 8, 2);
    size_t size = images[0].len - 0x1000;
    char note[160];
    snprintf(note, sizeof note,
             "a.etl: trace buffer at offset 4096: its type is above 7, the last known one; its %zu "
             "bytes are skipped",
             size);
    expect_damage("", note, size);
}

/* A trace buffer whose size is wrong counts once, whatever is wrong inside. */
Test(etl_reader_damage, a_trace_buffer_is_damaged_once)
{
    begin_three();
    ADD(0, 0, 2, 1, 2040, 9);
    etl_bytes_set(&images[0], 0x1000, 0x800, 4);
    etl_bytes_set(&images[0], 0x1000 + 160, 0xFFF0, 2);
    open_ours(1);
    cr_assert_str_eq(all_ids(), "3 9");
    cr_assert_eq(etl_reader_note_count(reader), 2);
    cr_assert_eq(etl_reader_info(reader, 0)->damaged_buffers, 1);
    cr_assert_eq(etl_reader_info(reader, 0)->skipped_bytes, 176);
    cr_assert_eq(loss(2041, 2041), ETL_LOSS_NONE);
}

/* Ends of the times, of all records and of those that have one. */
Test(etl_reader_damage, counts_are_of_all_processors)
{
    begin(0, 1);
    ADD(0, 0, 1, 0, 2020, 1, 2030, 3);
    ADD(0, 1, 2, 0, 2010, 5, 2040, 7);
    add_empty(0, 2, 3, 0);
    ADD(0, 3, 4, 1, 2025, 9);
    open_ours(1);
    all_ids();
    const struct etl_record_counts *counts = etl_reader_counts(reader, 0);
    cr_assert_eq(counts->total, 6);
    cr_assert(counts->any_time && counts->any_start);
    cr_assert_eq(counts->first_ticks, 2010);
    cr_assert_eq(counts->last_ticks, 2040);
    cr_assert_eq(counts->start_ticks, 2010);
    finish();
    begin(0, 1);
    open_ours(1);
    all_ids();
    cr_assert_eq(etl_reader_counts(reader, 0)->total, 1);
    cr_assert_not(etl_reader_counts(reader, 0)->any_time);
    cr_assert_not(etl_reader_counts(reader, 0)->any_start);
}

Test(etl_reader_damage, used_length_that_was_guessed_ends_at_the_fill)
{
    begin(0, 1);
    ADD(0, 0, 1, 1, 2010, 3, 2020, 5);
    etl_bytes_set(&images[0], 0x1030, 0, 4);
    etl_bytes_set(&images[0], 0x1004, 0, 4);
    open_ours(1);
    cr_assert_str_eq(all_ids(), "3 5");
    cr_assert_eq(etl_reader_info(reader, 0)->damaged_buffers, 0);
}

Test(etl_reader_damage, damaged_huge_trace_buffer_is_known_to_be_before_its_first_event)
{
    etl_bytes_begin(&images[0], 0x100000, 1);
    etl_bytes_close(&images[0]);
    etl_bytes_buffer(&images[0], 0, 1, 1, 0);
    size_t last = 0;
    for (unsigned i = 0; i < 3000; i++) {
        last = etl_bytes_event(&images[0], 2000 + i, OURS, i, 200);
    }
    etl_bytes_close(&images[0]);
    etl_bytes_written(&images[0], 2);
    etl_bytes_set(&images[0], last, 5, 2);
    struct etl_reader_options options = ours_only();
    options.window_budget = 1;
    cr_assert_eq(open_with(1, options), ETL_OK);
    const struct etl_event *event;
    cr_assert_eq(etl_reader_next(reader, &event, &errors), ETL_OK);
    cr_assert_eq(loss(2000, 2000), ETL_LOSS_SPAN);
    unsigned count = 1;
    while (etl_reader_next(reader, &event, &errors) == ETL_OK) {
        cr_assert_eq(event->id, count++);
    }
    cr_assert_eq(count, 2999);
    cr_assert_eq(etl_reader_info(reader, 0)->damaged_buffers, 1);
    cr_assert_eq(etl_reader_note_count(reader), 1);
}

Test(etl_reader_damage, compressed_damage_keeps_what_came_before)
{
    const struct {
        const char *what;
        uint32_t at, value;
    } damages[] = {{"used length too long", 0x30, 0x800}, {"used length too short", 0x30, 0xB0}};
    for (size_t i = 0; i < 2; i++) {
        begin(0, 0x04000001);
        etl_bytes_buffer(&images[0], 0, 1, 1, 0);
        etl_bytes_event(&images[0], 2000, OURS, 1, 4);
        etl_bytes_event(&images[0], 2001, OURS, 3, 4);
        etl_bytes_close_compressed(&images[0]);
        etl_bytes_written(&images[0], 2);
        etl_bytes_set(&images[0], 0x1000 + damages[i].at, damages[i].value, 4);
        open_ours(1);
        cr_expect_str_eq(all_ids(), i == 0 ? "1 3" : "1", "%s", damages[i].what);
        cr_expect_eq(etl_reader_info(reader, 0)->damaged_buffers, 1, "%s", damages[i].what);
        cr_expect(etl_reader_any_loss(reader));
        finish();
    }
}

Test(etl_reader_damage, cut_compressed_trace_buffer_gives_its_whole_records)
{
    begin(0, 0x04000001);
    etl_bytes_buffer(&images[0], 0, 1, 1, 0);
    etl_bytes_event(&images[0], 2000, OURS, 1, 4);
    etl_bytes_event(&images[0], 2001, OURS, 3, 4);
    etl_bytes_close_compressed(&images[0]);
    etl_bytes_written(&images[0], 2);
    images[0].len -= 9;
    open_ours(1);
    cr_assert_str_eq(all_ids(), "1");
    const struct etl_trace_info *info = etl_reader_info(reader, 0);
    cr_assert_eq(info->damaged_buffers, 1);
    cr_assert(info->end_missing);
    cr_assert_not_null(strstr(info->end_missing_why, "cut"));
}

Test(etl_reader_damage, trace_buffer_of_unknown_type_is_a_loss_of_its_processor)
{
    begin(0, 1);
    ADD(0, 0, 1, 0, 2000, 1);
    ADD(0, 0, 2, 0, 2010, 3);
    ADD(0, 0, 3, 1, 2020, 5, 2030, 7);
    etl_bytes_set(&images[0], 0x2036, 99, 2);
    open_ours(1);
    cr_assert_str_eq(all_ids(), "1 5 7");
    cr_assert_eq(loss(2000, 2000), ETL_LOSS_SPAN);
    cr_assert_eq(loss(2021, 2030), ETL_LOSS_NONE);
    cr_assert_eq(etl_reader_info(reader, 0)->damaged_buffers, 1);
}

Test(etl_reader_damage, loss_without_position_is_everywhere)
{
    for (unsigned field = 0; field < 2; field++) {
        begin(0, 1);
        ADD(0, 0, 1, 1, 2000, 1);
        etl_bytes_set(&images[0], images[0].header_at + (field == 0 ? 0x30 : 0x114), 1, 4);
        open_ours(1);
        cr_expect_eq(loss(5, 6), ETL_LOSS_WHOLE_TRACE);
        cr_expect(etl_reader_any_loss(reader));
        finish();
    }
}

Test(etl_reader_damage, skipped_bytes_are_a_loss_everywhere)
{
    begin(0, 1);
    ADD(0, 0, 1, 0, 2000, 1);
    ADD(0, 0, 2, 0, 2010, 3);
    ADD(0, 0, 3, 1, 2020, 5);
    memset(images[0].bytes + 0x2000, 0xC5, 0x1000);
    open_ours(1);
    cr_assert_str_eq(all_ids(), "1 5");
    cr_assert_eq(loss(5, 6), ETL_LOSS_WHOLE_TRACE);
    cr_assert(etl_reader_any_loss(reader));
}

/* An image that begins with hook 0x52, by which a processor last dropped an event at 2000. */
static void begin_with_dropped(size_t i, uint32_t mode)
{
    uint8_t payload[8 + 3 * 8] = {3};
    payload[8] = 0xD0;
    payload[9] = 0x07;
    etl_bytes_begin(&images[i], 0x1000, mode);
    etl_bytes_system(&images[i], 2, 1000, 0x0052, payload, sizeof payload);
    etl_bytes_close(&images[i]);
}

/* The session's last part tells what was lost while the first one was written. */
Test(etl_reader_damage, last_dropped_times_of_a_later_part_are_known_from_the_start)
{
    begin(0, 8);
    ADD(0, 0, 1, 0, 1999, 1, 2001, 3);
    begin_with_dropped(1, 8);
    ADD(1, 0, 2, 1, 2040, 5);
    open_ours(2);
    cr_assert_eq(loss(1999, 2001), ETL_LOSS_SPAN);
    cr_assert_eq(loss(2001, 2040), ETL_LOSS_NONE);
    cr_assert_str_eq(all_ids(), "1 3 5");
}

Test(etl_reader_damage, last_dropped_times_are_known_from_the_start)
{
    begin_with_dropped(0, 1);
    ADD(0, 0, 1, 1, 1999, 1, 2001, 3);
    open_ours(1);
    cr_assert_eq(loss(1999, 2001), ETL_LOSS_SPAN);
    cr_assert_eq(loss(1990, 1999), ETL_LOSS_NONE);
    cr_assert_eq(loss(2001, 2002), ETL_LOSS_NONE);
    cr_assert_eq(loss(0, 0), ETL_LOSS_NONE);
    cr_assert_str_eq(all_ids(), "1 3");
}

Test(etl_reader_damage, missing_end)
{
    begin(0, 1);
    ADD(0, 0, 1, 0, 2000, 1);
    open_ours(1);
    const struct etl_trace_info *info = etl_reader_info(reader, 0);
    cr_assert(info->end_missing);
    cr_assert_not_null(strstr(info->end_missing_why, "flush marker"));
    cr_assert_eq(loss(1, 2), ETL_LOSS_WHOLE_TRACE);
    cr_assert_not(etl_reader_any_loss(reader), "a missing end is told apart");
    finish();

    begin(0, 1);
    ADD(0, 0, 1, 1, 2000, 1);
    etl_bytes_set(&images[0], images[0].header_at + 0x10, 0, 8);
    open_ours(1);
    info = etl_reader_info(reader, 0);
    cr_assert(info->end_missing);
    cr_assert_not_null(strstr(info->end_missing_why, "never finalised"));
    finish();

    begin(0, 8);
    ADD(0, 0, 1, 0, 2000, 1);
    open_ours(1);
    cr_assert_not(etl_reader_info(reader, 0)->end_missing, "a numbered part");
    cr_assert_eq(loss(1, 2), ETL_LOSS_NONE);
}

Test(etl_reader_damage, a_missing_end_is_told_with_its_reason)
{
    static const char *const reasons[] = {
        "",
        "the trace buffer that was written last lacks the final flush marker",
        "the trace was never finalised: its header has no end time or no trace buffer count",
        "the trace was never finalised: its header has no end time or no trace buffer count",
        "the file is cut: it has 2 trace buffers, its header says 3",
    };
    for (unsigned row = 0; row < 5; row++) {
        begin(0, 1);
        ADD(0, 0, 1, row != 1, 2000, 1);
        if (row == 2) {
            etl_bytes_set(&images[0], images[0].header_at + 0x10, 0, 8);
        } else if (row >= 3) {
            etl_bytes_written(&images[0], row == 3 ? 0 : 3);
        }
        open_ours(1);
        const struct etl_trace_info *info = etl_reader_info(reader, 0);
        cr_assert_not_null(info);
        cr_expect_str_eq(info->end_missing_why, reasons[row]);
        cr_expect_eq(info->end_missing, row != 0, "row %u", row);
        cr_expect_eq(info->cut, row == 4, "row %u", row);
        cr_expect_eq(info->finalised, row != 2 && row != 3, "row %u", row);
        cr_expect_eq(loss(1, 2), row == 0 ? ETL_LOSS_NONE : ETL_LOSS_WHOLE_TRACE);
        finish();
    }
}

/* Times of losses are kept up to a number, behind which all may be lost. */
Test(etl_reader_damage, too_many_times_of_losses_lose_the_whole_trace)
{
    for (unsigned count = 4096; count <= 4097; count++) {
        static uint8_t payload[8 + 8 * 100];
        begin(0, 1);
        ADD(0, 0, 1, 0, 2000, 1);
        for (unsigned at = 0; at < count; at += 100) {
            etl_bytes_buffer(&images[0], 0, 2 + at / 100, at + 100 >= count, 0);
            for (unsigned i = 0; i < 100; i++) {
                uint32_t ticks = at + i < count ? 3000 + 2 * (at + i) : 0;
                memset(payload + 8 + 8 * i, 0, 8);
                memcpy(payload + 8 + 8 * i, &ticks, sizeof ticks);
            }
            etl_bytes_system(&images[0], 2, 2001, 0x0052, payload, sizeof payload);
            etl_bytes_close(&images[0]);
            etl_bytes_written(&images[0], (uint32_t)(images[0].len / 0x1000));
        }
        open_ours(1);
        cr_assert_str_eq(all_ids(), "1");
        cr_assert_eq(loss(2000, 2002), count > 4096 ? ETL_LOSS_WHOLE_TRACE : ETL_LOSS_NONE);
        cr_assert_eq(loss(3000, 3000), count > 4096 ? ETL_LOSS_WHOLE_TRACE : ETL_LOSS_SPAN);
        cr_assert(etl_reader_any_loss(reader));
        finish();
    }
}

/* A source that fails from some offset on, or only once. */
struct failing {
    struct byte_source base;
    const struct etl_bytes *image;
    uint64_t fail_from, fail_to;
    unsigned failures, reads_before;
};

static enum byte_source_status failing_read(struct byte_source *source, uint64_t offset, void *dst,
                                            size_t len, struct error_chain *chain)
{
    struct failing *failing = (struct failing *)source;
    bool hit = offset < failing->fail_to && offset + len > failing->fail_from;
    if (hit && failing->reads_before > 0) {
        failing->reads_before--;
        hit = false;
    }
    if (hit) {
        failing->failures++;
        error_chain_add(chain, offset, "made to fail");
        return BYTE_SOURCE_ERROR;
    }
    memcpy(dst, failing->image->bytes + offset, len);
    return BYTE_SOURCE_OK;
}

static void failing_destroy(struct byte_source *source)
{
    (void)source;
}

static const struct byte_source_ops failing_ops = {failing_read, failing_destroy};
static struct failing failing;

static void fail_between(uint64_t from, uint64_t to)
{
    failing = (struct failing){.base = {&failing_ops, images[0].len},
                               .image = &images[0],
                               .fail_from = from,
                               .fail_to = to};
    sources[0] = &failing.base;
}

Test(etl_reader_damage, unreadable_trace_buffer_is_told_once_and_passed_over)
{
    begin(0, 1);
    ADD(0, 0, 1, 0, 2000, 1);
    ADD(0, 0, 2, 0, 2010, 3);
    ADD(0, 0, 3, 0, 2020, 5);
    ADD(0, 1, 4, 1, 2005, 7, 2025, 9);
    /* Not the header, and not what the index pass reads ahead from it. */
    fail_between(0x2049, 0x204A);
    failing.reads_before = 1;
    open_ours(1);
    const struct etl_event *event;
    cr_assert_eq(etl_reader_next(reader, &event, &errors), ETL_OK);
    cr_assert_eq(event->id, 1);
    cr_assert_eq(etl_reader_next(reader, &event, &errors), ETL_READ_ERROR);
    cr_assert_null(event);
    char text[1024];
    error_chain_format(&errors, text, sizeof text);
    cr_assert_str_eq(text, "a.etl: made to fail (offset 8264)");
    cr_assert_str_eq(all_ids(), "7 5 9");
    cr_assert_eq(failing.failures, 1);
    cr_assert_eq(etl_reader_info(reader, 0)->damaged_buffers, 1);
    cr_assert_eq(loss(2000, 2000), ETL_LOSS_SPAN);
    cr_assert_eq(loss(2020, 2020), ETL_LOSS_SPAN);
    cr_assert_eq(loss(2021, 2025), ETL_LOSS_NONE);
}

Test(etl_reader_damage, each_call_makes_progress_while_nothing_can_be_read)
{
    begin(0, 1);
    for (int i = 0; i < 10; i++) {
        ADD(0, (unsigned)i % 2, i + 1, i == 9, 2000 + i, 1);
    }
    fail_between(0x1000, UINT64_MAX);
    failing.reads_before = 10;
    open_ours(1);
    const struct etl_event *event;
    unsigned failures = 0;
    enum etl_status status;
    while ((status = etl_reader_next(reader, &event, NULL)) != ETL_END) {
        cr_assert_eq(status, ETL_READ_ERROR);
        cr_assert_lt(++failures, 20);
    }
    cr_assert_eq(failures, 10);
    cr_assert_eq(etl_reader_info(reader, 0)->damaged_buffers, 10);
}

Test(etl_reader_damage, second_pass_over_a_huge_trace_buffer_that_fails)
{
    etl_bytes_begin(&images[0], 0x100000, 1);
    etl_bytes_close(&images[0]);
    etl_bytes_buffer(&images[0], 0, 1, 0, 0);
    for (unsigned i = 0; i < 3000; i++) {
        etl_bytes_event(&images[0], 2000 + i, OURS, i, 200);
    }
    etl_bytes_close(&images[0]);
    etl_bytes_buffer(&images[0], 0, 2, 1, 0);
    etl_bytes_event(&images[0], 9000, OURS, 4000, 200);
    etl_bytes_close(&images[0]);
    etl_bytes_written(&images[0], 3);
    fail_between(0x180000, 0x180001);
    failing.reads_before = 1;
    struct etl_reader_options options = ours_only();
    options.window_budget = 1;
    cr_assert_eq(open_with(1, options), ETL_OK);
    const struct etl_event *event;
    unsigned count = 0, failures = 0, last = 0;
    enum etl_status status;
    while ((status = etl_reader_next(reader, &event, NULL)) != ETL_END) {
        failures += status == ETL_READ_ERROR;
        if (status == ETL_OK) {
            last = event->id;
            count++;
        }
    }
    cr_assert_eq(failures, 1);
    cr_assert_gt(count, 1000);
    cr_assert_lt(count, 3000);
    cr_assert_eq(last, 4000);
    cr_assert_eq(etl_reader_info(reader, 0)->damaged_buffers, 1);
    cr_assert(etl_reader_any_loss(reader));
}

Test(etl_reader_damage, every_cut_of_a_file_ends_cleanly)
{
    begin(0, 1);
    ADD(0, 0, 1, 0, 2000, 1, 2001, 3);
    ADD(0, 1, 2, 1, 2010, 5, 2011, 7);
    struct etl_bytes whole = images[0];
    for (size_t len = 0; len < whole.len; len += len < 0x300 ? 1 : 7) {
        uint8_t *exact = malloc(len + 1);
        memcpy(exact, whole.bytes, len);
        images[0].bytes = exact;
        images[0].len = len;
        if (open_with(1, ours_only()) == ETL_OK) {
            cr_expect(etl_reader_info(reader, 0)->end_missing, "cut at %zu", len);
            const char *ids = all_ids();
            if (len >= 0x2000) {
                cr_expect_eq(strncmp(ids, "1 3", 3), 0, "cut at %zu: %s", len, ids);
            }
        }
        etl_reader_destroy(reader);
        reader = NULL;
        byte_source_destroy(sources[0]);
        sources[0] = NULL;
        free(exact);
    }
    images[0] = whole;
}

/* Where no field says how much is used, the data's end says so. */
Test(etl_reader_damage, a_guessed_length_ends_with_the_data)
{
    begin_compressed();
    etl_bytes_set(&images[0], 0x1030, 0, 4);
    etl_bytes_set(&images[0], 0x1004, 0, 4);
    open_ours(1);
    cr_assert_str_eq(all_ids(), "1 3");
    cr_assert_eq(etl_reader_info(reader, 0)->damaged_buffers, 0);
    cr_assert_eq(etl_reader_note_count(reader), 0);
    finish();
    for (size_t len = 336; len >= 320; len -= 8) {
        bool whole = len >= 332;
        begin_three();
        etl_bytes_set(&images[0], 0x1030, 0, 4);
        etl_bytes_set(&images[0], 0x1004, 0, 4);
        images[0].len = 0x1000 + len;
        open_ours(1);
        cr_assert_str_eq(all_ids(), whole ? "3 5 7" : "3 5", "%zu", len);
        cr_assert_eq(etl_reader_info(reader, 0)->damaged_buffers, whole ? 0 : 1, "%zu", len);
        cr_assert_eq(etl_reader_info(reader, 0)->skipped_bytes, whole ? 0 : 0x1000 - 248);
        finish();
    }
}
