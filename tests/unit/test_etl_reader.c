/* SPDX-License-Identifier: Apache-2.0 */

/* The order of events and the filter; damage and loss: test_etl_reader_damage.c. */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/unit/etl_reader_fixture.h"

TestSuite(etl_reader, .fini = finish);

Test(etl_reader, processors_are_merged_by_time)
{
    begin(0, 1);
    ADD(0, 1, 2, 0, 2010, 1, 2030, 3);
    ADD(0, 0, 1, 0, 2020, 2, 2050, 5);
    ADD(0, 1, 3, 1, 2040, 4, 2060, 6);
    open_ours(1);
    cr_assert_str_eq(all_ids(), "1 2 3 4 5 6");
    cr_assert_eq(etl_reader_counts(reader, 0)->total, 7);
    cr_assert_eq(etl_reader_counts(reader, 0)->by_kind[ETL_HEADER_EVENT64], 6);
    cr_assert_eq(etl_reader_counts(reader, 0)->first_ticks, 2010);
    cr_assert_eq(etl_reader_counts(reader, 0)->last_ticks, 2060);
    cr_assert_not(etl_reader_any_loss(reader));
}

Test(etl_reader, equal_times_one_processor_keeps_its_order)
{
    begin(0, 1);
    ADD(0, 0, 1, 1, 2000, 4, 2000, 1, 2000, 2, 2000, 3);
    open_ours(1);
    cr_assert_str_eq(all_ids(), "4 1 2 3");
}

Test(etl_reader, equal_times_posts_go_last_then_lower_processor)
{
    begin(0, 1);
    ADD(0, 2, 1, 0, 2000, 3);
    ADD(0, 1, 2, 0, 2000, 2, 2000, 5);
    ADD(0, 0, 3, 1, 2000, 4, 2000, 7);
    open_ours(1);
    /* Heads compare: 3 alone is no post; then posts 2 and 4, the lower processor's 4; that lets
     * 7 through, which is none. */
    cr_assert_str_eq(all_ids(), "3 4 7 2 5");
}

Test(etl_reader, each_head_is_asked_anew_whether_it_is_a_post)
{
    begin(0, 1);
    ADD(0, 0, 1, 0, 2000, 3, 2000, 4);
    ADD(0, 1, 2, 1, 2000, 5);
    open_ours(1);
    cr_assert_str_eq(all_ids(), "3 5 4");
}

Test(etl_reader, without_is_post_the_processor_decides)
{
    begin(0, 1);
    ADD(0, 2, 1, 0, 2000, 3);
    ADD(0, 1, 2, 1, 2000, 2);
    struct etl_reader_options options = ours_only();
    options.is_post = NULL;
    cr_assert_eq(open_with(1, options), ETL_OK);
    cr_assert_str_eq(all_ids(), "2 3");
}

Test(etl_reader, only_what_is_asked_for_comes)
{
    const char payload[4] = "abc";
    begin(0, 1);
    etl_bytes_buffer(&images[0], 0, 1, 1, 0);
    etl_bytes_event(&images[0], 2000, OURS, 1, 4);
    etl_bytes_event(&images[0], 2001, OURS + 1, 2, 4);
    etl_bytes_system(&images[0], 2, 2002, 0x0302, payload, 4);
    etl_bytes_system(&images[0], 0x11, 2003, 0x0303, payload, 4);
    etl_bytes_close(&images[0]);
    etl_bytes_written(&images[0], 2);
    const uint16_t hooks[] = {0x0303, 0x0500};
    struct etl_reader_options options = ours_only();
    options.filter.hook_ids = hooks;
    options.filter.hook_id_count = 2;
    cr_assert_eq(open_with(1, options), ETL_OK);
    const struct etl_event *event;
    cr_assert_eq(etl_reader_next(reader, &event, &errors), ETL_OK);
    cr_assert_eq(event->id, 1);
    cr_assert_eq(event->offset, 0x1048);
    cr_assert_eq(event->cpu, 0);
    cr_assert_eq(event->file, 0);
    cr_assert_eq(event->payload_len, 4);
    cr_assert_eq(event->payload[3], 1);
    cr_assert_eq(etl_reader_next(reader, &event, &errors), ETL_OK);
    cr_assert_eq(event->id, 0x0303);
    cr_assert_eq(event->kind, ETL_HEADER_PERFINFO64);
    cr_assert_eq(etl_reader_next(reader, &event, &errors), ETL_END);
    cr_assert_eq(etl_reader_next(reader, &event, &errors), ETL_END);
    cr_assert_eq(etl_reader_counts(reader, 0)->total, 5);
}

Test(etl_reader, everything_includes_the_header_record)
{
    begin(0, 1);
    ADD(0, 0, 1, 1, 2000, 1);
    struct etl_reader_options options = {.filter = {.everything = true}};
    cr_assert_eq(open_with(1, options), ETL_OK);
    const struct etl_event *event;
    cr_assert_eq(etl_reader_next(reader, &event, &errors), ETL_OK);
    cr_assert_eq(event->offset, 0x48);
    cr_assert_eq(event->ticks, ETL_BYTES_HEADER_TICKS);
    cr_assert_eq(etl_reader_next(reader, &event, &errors), ETL_OK);
    cr_assert_eq(event->id, 1);
}

struct observed {
    unsigned count, ids;
};

static void observe(void *user, const struct etl_event *event)
{
    struct observed *observed = user;
    observed->count++;
    observed->ids += event->id;
}

Test(etl_reader, observer_sees_each_record_once_also_in_huge_trace_buffers)
{
    etl_bytes_begin(&images[0], 0x100000, 1);
    etl_bytes_close(&images[0]);
    etl_bytes_buffer(&images[0], 0, 1, 1, 0);
    unsigned sum = 0;
    for (unsigned i = 0; i < 3000; i++) {
        etl_bytes_event(&images[0], 2000 + i, OURS, i, 200);
        sum += i;
    }
    etl_bytes_close(&images[0]);
    etl_bytes_written(&images[0], 2);
    struct observed observed = {0, 0};
    struct etl_reader_options options = ours_only();
    options.observe = observe;
    options.observe_user = &observed;
    options.window_budget = 1;
    cr_assert_eq(open_with(1, options), ETL_OK);
    const struct etl_event *event;
    for (unsigned i = 0; i < 3000; i++) {
        cr_assert_eq(etl_reader_next(reader, &event, &errors), ETL_OK);
        cr_assert_eq(event->id, i);
        cr_assert_eq(event->ticks, 2000 + i);
        cr_assert_eq(event->offset, 0x100048 + UINT64_C(280) * i);
        cr_assert_eq(event->payload[199], (uint8_t)i);
    }
    cr_assert_eq(etl_reader_next(reader, &event, &errors), ETL_END);
    cr_assert_eq(observed.count, 3001);
    cr_assert_eq(observed.ids, sum);
    cr_assert_eq(etl_reader_counts(reader, 0)->total, 3001);
}

Test(etl_reader, clamping_goes_on_over_the_parts_of_a_huge_trace_buffer)
{
    etl_bytes_begin(&images[0], 0x100000, 1);
    etl_bytes_close(&images[0]);
    etl_bytes_buffer(&images[0], 0, 1, 1, 0);
    for (unsigned i = 0; i < 3000; i++) {
        etl_bytes_event(&images[0], 9000 - i, OURS, i, 200);
    }
    etl_bytes_close(&images[0]);
    etl_bytes_written(&images[0], 2);
    struct etl_reader_options options = ours_only();
    options.window_budget = 1;
    cr_assert_eq(open_with(1, options), ETL_OK);
    const struct etl_event *event;
    for (unsigned i = 0; i < 3000; i++) {
        cr_assert_eq(etl_reader_next(reader, &event, &errors), ETL_OK);
        cr_assert_eq(event->ticks, 9000 - i);
        cr_assert_eq(event->order, 9000);
    }
    cr_assert_eq(etl_reader_info(reader, 0)->timestamps_backwards, 2999);
}

Test(etl_reader, largest_records_pass_through_the_smallest_windows)
{
    for (unsigned compressed = 0; compressed < 2; compressed++) {
        etl_bytes_begin(&images[0], 0x100000, compressed ? 0x04000001 : 1);
        etl_bytes_close(&images[0]);
        etl_bytes_buffer(&images[0], 0, 1, 1, 0);
        for (unsigned i = 0; i < 12; i++) {
            etl_bytes_event(&images[0], 2000 + i, OURS, i + 1, 0xFFFF - 0x50 - i % 3);
        }
        if (compressed) {
            etl_bytes_close_compressed(&images[0]);
        } else {
            etl_bytes_close(&images[0]);
        }
        etl_bytes_written(&images[0], 2);
        struct etl_reader_options options = ours_only();
        options.window_budget = 1;
        cr_assert_eq(open_with(1, options), ETL_OK);
        cr_assert_str_eq(all_ids(), "1 2 3 4 5 6 7 8 9 10 11 12");
        cr_assert_eq(etl_reader_info(reader, 0)->damaged_buffers, 0);
        finish();
    }
}

Test(etl_reader, compressed_events_bear_their_trace_buffers_offset)
{
    begin(0, 0x04000001);
    etl_bytes_buffer(&images[0], 3, 1, 1, 0);
    etl_bytes_event(&images[0], 2000, OURS, 1, 60);
    etl_bytes_event(&images[0], 2001, OURS, 2, 60);
    etl_bytes_close_compressed(&images[0]);
    etl_bytes_written(&images[0], 2);
    open_ours(1);
    const struct etl_event *event;
    for (unsigned i = 1; i < 3; i++) {
        cr_assert_eq(etl_reader_next(reader, &event, &errors), ETL_OK);
        cr_assert_eq(event->offset, 0x1000);
        cr_assert_eq(event->cpu, 3);
        cr_assert_eq(event->payload[59], i);
    }
}

Test(etl_reader, bomb_allocates_by_what_comes_out)
{
    /* Claims 16 MiB of one event and fill; the data is one run of a long match. */
    begin(0, 0x04000001);
    etl_bytes_buffer(&images[0], 0, 1, 1, 0);
    etl_bytes_fill(&images[0], 0, 4);
    size_t flags_at = images[0].len - 4;
    etl_bytes_set(&images[0], flags_at, 0x7FFFFFFF, 4);
    etl_bytes_fill(&images[0], 0xFF, 1);
    const uint8_t match[] = {0x07, 0x00, 0x0F, 0xFF, 0x00, 0x00};
    etl_bytes_put(&images[0], match, sizeof match);
    uint32_t run = (16u << 20) - 0x48 - 1 - 3;
    etl_bytes_put(&images[0], &run, 4);
    size_t size = images[0].len - 0x1000;
    etl_bytes_set(&images[0], 0x1000, size, 4);
    etl_bytes_set(&images[0], 0x1030, 16u << 20, 4);
    etl_bytes_set(&images[0], 0x1034, 0x61, 2);
    etl_bytes_written(&images[0], 2);
    open_ours(1);
    cr_assert_str_eq(all_ids(), "");
    cr_assert_eq(etl_reader_info(reader, 0)->damaged_buffers, 1);
}

Test(etl_reader, times_that_go_back_are_clamped_for_the_order_only)
{
    begin(0, 1);
    ADD(0, 0, 1, 0, 2000, 1, 1990, 3, 2010, 5);
    ADD(0, 1, 2, 1, 1995, 7);
    open_ours(1);
    const struct etl_event *event;
    cr_assert_eq(etl_reader_next(reader, &event, &errors), ETL_OK);
    cr_assert_eq(event->id, 7);
    cr_assert_eq(etl_reader_next(reader, &event, &errors), ETL_OK);
    cr_assert_eq(event->id, 1);
    cr_assert_eq(etl_reader_next(reader, &event, &errors), ETL_OK);
    cr_assert_eq(event->id, 3);
    cr_assert_eq(event->ticks, 1990);
    cr_assert_eq(event->order, 2000);
    cr_assert_eq(etl_reader_info(reader, 0)->timestamps_backwards, 1);
}

static void add_full(size_t i, int64_t ticks)
{
    size_t at = images[i].len;
    etl_bytes_fill(&images[i], 0, 0x30);
    etl_bytes_set(&images[i], at, 0x30, 2);
    etl_bytes_set(&images[i], at + 2, 0xC014, 2);
    etl_bytes_set(&images[i], at + 0x10, (uint64_t)ticks, 8);
}

Test(etl_reader, time_that_a_provider_chose_does_not_push_others)
{
    begin(0, 1);
    etl_bytes_buffer(&images[0], 0, 1, 1, 0);
    etl_bytes_event(&images[0], 2000, OURS, 1, 0);
    add_full(0, 900000);
    etl_bytes_event(&images[0], 2002, OURS, 3, 0);
    etl_bytes_close(&images[0]);
    ADD(0, 1, 2, 1, 2001, 2, 2003, 4);
    open_ours(1);
    cr_assert_str_eq(all_ids(), "1 2 3 4");
    cr_assert_eq(etl_reader_info(reader, 0)->timestamps_backwards, 0);
}

Test(etl_reader, wpp_without_time_takes_its_predecessors)
{
    begin(0, 1);
    etl_bytes_buffer(&images[0], 0, 1, 1, 0);
    etl_bytes_event(&images[0], 2000, OURS, 1, 0);
    size_t at = images[0].len;
    etl_bytes_fill(&images[0], 0, 16);
    etl_bytes_set(&images[0], at, 16, 2);
    images[0].bytes[at + 3] = 0x90;
    etl_bytes_close(&images[0]);
    ADD(0, 1, 2, 1, 2001, 2);
    struct etl_reader_options options = {.filter = {.everything = true}};
    cr_assert_eq(open_with(1, options), ETL_OK);
    const struct etl_event *event;
    for (unsigned i = 0; i < 3; i++) {
        cr_assert_eq(etl_reader_next(reader, &event, &errors), ETL_OK);
    }
    cr_assert_eq(event->kind, ETL_HEADER_WPP);
    cr_assert_eq(event->ticks, 2000);
    cr_assert_eq(event->order, 2000);
    cr_assert_eq(etl_reader_info(reader, 0)->wpp_without_time, 1);
    cr_assert_eq(etl_reader_counts(reader, 0)->by_kind[ETL_HEADER_WPP], 1);
}

/* Counts of all trace buffers and inputs add up, each in its own input. */
Test(etl_reader, counts_add_up)
{
    for (size_t i = 0; i < 2; i++) {
        begin(i, 1);
        for (unsigned k = 0; k < 3 + i; k++) {
            etl_bytes_buffer(&images[i], 0, k + 1, k == 2 + i, 0);
            etl_bytes_event(&images[i], 2000 + 10 * k, OURS, 1, 0);
            etl_bytes_event(&images[i], 1995 + 10 * k, OURS, 1, 0);
            size_t at = images[i].len;
            etl_bytes_fill(&images[i], 0, 16);
            etl_bytes_set(&images[i], at, 16, 2);
            images[i].bytes[at + 3] = 0x90;
            etl_bytes_close(&images[i]);
        }
        etl_bytes_written(&images[i], 4 + (uint32_t)i);
    }
    open_ours(2);
    all_ids();
    for (size_t i = 0; i < 2; i++) {
        const struct etl_record_counts *counts = etl_reader_counts(reader, i);
        cr_assert_eq(etl_reader_info(reader, i)->wpp_without_time, 3 + i);
        cr_assert_eq(etl_reader_info(reader, i)->timestamps_backwards, 3 + i);
        cr_assert_eq(counts->total, 1 + 3 * (3 + i));
        cr_assert_eq(counts->by_kind[ETL_HEADER_EVENT64], 2 * (3 + i));
        cr_assert_eq(counts->by_kind[ETL_HEADER_WPP], 3 + i);
        cr_assert_eq(counts->first_ticks, 1995);
        cr_assert_eq(counts->last_ticks, 2020 + 10 * (int64_t)i);
        cr_assert_eq(counts->start_ticks, 2000);
    }
}

/* Three processors, two trace buffers each: runs, ties, and records of another provider between. */
static void write_three_processors(void)
{
    begin(0, 1);
    for (unsigned i = 0; i < 6; i++) {
        unsigned cpu = i % 3;
        etl_bytes_buffer(&images[0], cpu, i + 1, i == 5, 0);
        for (unsigned k = 0; k < 12; k++) {
            int64_t at = 2000 + 100 * (i / 3) + k / 4 * 12 + (k % 4 == 3 ? 9 : cpu * 3);
            etl_bytes_event(&images[0], at, k % 5 == 4 ? OURS + 1 : OURS, 1 + 20 * i + k, 40 + k);
        }
        etl_bytes_close(&images[0]);
    }
    etl_bytes_written(&images[0], 7);
}

/* The same as all_ids(), of which `ids` has room for 60; payloads are looked at when all of a batch
 * are there. */
static size_t ids_of_many(size_t count_max, size_t len_max, unsigned *ids)
{
    struct etl_event events[60];
    size_t total = 0;
    size_t count;
    while (etl_reader_next_many(reader, events, count_max, len_max, &count, &errors) == ETL_OK) {
        size_t len = 0;
        cr_assert(count > 0 && count <= count_max && total + count <= 60);
        for (size_t i = 0; i < count; i++) {
            cr_assert_eq(events[i].payload_len, 40 + (events[i].id - 1) % 20);
            cr_assert_eq(events[i].payload[39], (uint8_t)events[i].id);
            len += events[i].payload_len;
            ids[total++] = events[i].id;
        }
        cr_assert(count == 1 || len <= len_max);
    }
    cr_assert_eq(count, 0);
    return total;
}

Test(etl_reader, batches_hold_what_comes_one_by_one)
{
    static const size_t counts[] = {1, 2, 3, 7, 60};
    static const size_t lens[] = {0, 300, 1000, 100000};
    unsigned expected[60];
    write_three_processors();
    open_ours(1);
    size_t total = 0;
    const struct etl_event *event;
    while (etl_reader_next(reader, &event, &errors) == ETL_OK) {
        expected[total++] = event->id;
    }
    cr_assert_eq(total, 60);
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        for (size_t l = 0; l < sizeof lens / sizeof *lens; l++) {
            unsigned ids[60];
            etl_reader_destroy(reader);
            open_ours(1);
            cr_assert_eq(ids_of_many(counts[c], lens[l], ids), total);
            cr_assert_arr_eq(ids, expected, sizeof ids, "%zu %zu", counts[c], lens[l]);
        }
    }
}

/* A call takes no more than a store holds, and the next one goes on behind it. */
Test(etl_reader, batches_of_one_processor)
{
    for (size_t count_max = 1; count_max <= 60; count_max += 13) {
        struct etl_event events[60];
        size_t count, total = 0;
        begin(0, 1);
        for (unsigned i = 0; i < 4; i++) {
            etl_bytes_buffer(&images[0], 0, i + 1, i == 3, 0);
            for (unsigned k = 0; k < 9; k++) {
                etl_bytes_event(&images[0], 2000 + 9 * i + k, OURS, 9 * i + k, 40);
            }
            etl_bytes_close(&images[0]);
        }
        etl_bytes_written(&images[0], 5);
        open_ours(1);
        while (etl_reader_next_many(reader, events, count_max, 100000, &count, &errors) == ETL_OK) {
            cr_assert(count > 0 && count <= count_max);
            for (size_t i = 0; i < count; i++, total++) {
                cr_assert_eq(events[i].id, total);
                cr_assert_eq(events[i].order, 2000 + (int64_t)total);
                cr_assert_eq(events[i].payload_len, 40);
                cr_assert_eq(events[i].payload[39], (uint8_t)total);
            }
        }
        cr_assert_eq(total, 36);
        finish();
    }
}

/* Callers may get less than they ask for, but one event a call would cost as much as no batches. */
Test(etl_reader, events_of_processors_by_turns_come_together)
{
    struct etl_event events[60];
    size_t count, total = 0, calls = 0;
    begin(0, 1);
    for (unsigned cpu = 0; cpu < 2; cpu++) {
        etl_bytes_buffer(&images[0], cpu, 1 + cpu, cpu, 0);
        for (unsigned i = 0; i < 15; i++) {
            etl_bytes_event(&images[0], 2000 + 2 * i + cpu, OURS, 1 + i, 40);
        }
        etl_bytes_close(&images[0]);
    }
    etl_bytes_written(&images[0], 3);
    open_ours(1);
    while (etl_reader_next_many(reader, events, 60, 100000, &count, &errors) == ETL_OK) {
        for (size_t i = 0; i < count; i++) {
            cr_assert_eq(events[i].order, 2000 + (int64_t)(total + i));
            cr_assert_eq(events[i].cpu, (total + i) % 2);
        }
        total += count;
        calls++;
    }
    cr_assert_eq(total, 30);
    cr_assert_leq(calls, 5);
}

Test(etl_reader, wrapped_circular_file_goes_by_sequence)
{
    begin(0, 2);
    ADD(0, 0, 5, 0, 2050, 5);
    ADD(0, 0, 6, 1, 2060, 6);
    ADD(0, 0, 3, 0, 2030, 3);
    ADD(0, 0, 4, 0, 2040, 4);
    open_ours(1);
    cr_assert_str_eq(all_ids(), "3 4 5 6");
    cr_assert_eq(etl_reader_info(reader, 0)->timestamps_backwards, 0);
    cr_assert_not(etl_reader_info(reader, 0)->end_missing);
}

Test(etl_reader, appended_file_never_goes_by_sequence)
{
    begin(0, 4 | 2);
    ADD(0, 0, 1, 0, 2010, 1);
    ADD(0, 0, 2, 1, 2020, 2);
    ADD(0, 0, 1, 0, 2030, 3);
    ADD(0, 0, 2, 1, 2040, 4);
    open_ours(1);
    cr_assert_str_eq(all_ids(), "1 2 3 4");
    cr_assert_eq(etl_reader_info(reader, 0)->timestamps_backwards, 0);
    cr_assert_not_null(strstr(etl_reader_note(reader, 0), "appended"));
}

Test(etl_reader, many_processors)
{
    begin(0, 1);
    for (unsigned i = 0; i < 2100; i++) {
        ADD(0, i, i + 1, i == 2099, 5000 - (int)i, 1 + (int)i);
    }
    open_ours(1);
    const struct etl_event *event;
    unsigned count = 0;
    int64_t order = INT64_MIN;
    unsigned over = 0;
    while (etl_reader_next(reader, &event, &errors) == ETL_OK) {
        cr_assert_geq(event->order, order);
        order = event->order;
        over += event->cpu >= 2048;
        count++;
    }
    cr_assert_eq(count, 2100);
    cr_assert_eq(over, 52);
    cr_assert_eq(etl_reader_info(reader, 0)->processors_seen, 2100);
    /* The 52 beyond the limit share a stream, in which these go backwards. */
    cr_assert_eq(etl_reader_info(reader, 0)->timestamps_backwards, 51);
}

Test(etl_reader, numbered_parts_are_one_stream_whatever_order_they_are_given_in)
{
    begin(0, 8);
    ADD(0, 0, 4, 0, 2040, 5);
    ADD(0, 0, 5, 1, 2050, 7);
    begin(1, 8);
    ADD(1, 0, 1, 0, 2010, 1);
    ADD(1, 0, 2, 0, 2040, 2, 2040, 3);
    open_ours(2);
    /* The parts would tie at 2040, and 2 would be held back as a post. */
    cr_assert_str_eq(all_ids(), "1 2 3 5 7");
    cr_assert_not(etl_reader_info(reader, 0)->end_missing);
    cr_assert_not(etl_reader_info(reader, 1)->end_missing);
    cr_assert_eq(loss(0, 9999), ETL_LOSS_NONE);
    finish();

    /* The last part of several must have the marker, the others need not. */
    begin(0, 8);
    ADD(0, 0, 4, 0, 2040, 5);
    begin(1, 8);
    ADD(1, 0, 1, 0, 2010, 1);
    open_ours(2);
    cr_assert(etl_reader_info(reader, 0)->end_missing);
    cr_assert_not(etl_reader_info(reader, 1)->end_missing);
}

Test(etl_reader, loss_spans_the_border_between_parts)
{
    begin(0, 8);
    ADD(0, 0, 1, 0, 2010, 1);
    begin(1, 8);
    ADD(1, 0, 2, 3, 2040, 5);
    open_ours(2);
    all_ids();
    cr_assert_eq(loss(0, 2009), ETL_LOSS_NONE);
    cr_assert_eq(loss(2010, 2010), ETL_LOSS_SPAN);
}

Test(etl_reader, inputs_of_one_timeline_merge_by_raw_time)
{
    begin(0, 1);
    ADD(0, 0, 1, 1, 2010, 1, 2030, 3);
    begin(1, 1);
    ADD(1, 0, 1, 1, 2020, 5, 2030, 7);
    /* Another start time changes nothing: both count the same clock. */
    etl_bytes_set(&images[1], images[1].header_at + 0x108, (uint64_t)ETL_BYTES_START - 99, 8);
    open_ours(2);
    cr_assert_str_eq(all_ids(), "1 5 3 7");
    cr_assert_eq(etl_reader_input_count(reader), 2);
}

Test(etl_reader, different_clocks_are_no_timeline)
{
    begin(0, 1);
    begin(1, 1);
    etl_bytes_set(&images[1], images[1].header_at + 0x100, 3000000, 8);
    cr_assert_eq(open_with(2, ours_only()), ETL_UNSUPPORTED);
    cr_assert_null(reader);
    char text[1024];
    error_chain_format(&errors, text, sizeof text);
    cr_assert_not_null(strstr(text, "10000000"));
    cr_assert_not_null(strstr(text, "3000000"));
}

static void expect_refusal(size_t count, const char *want)
{
    char text[1024];
    cr_assert_eq(open_with(count, ours_only()), ETL_UNSUPPORTED);
    cr_assert_null(reader);
    error_chain_format(&errors, text, sizeof text);
    cr_expect_str_eq(text, want);
    finish();
}

Test(etl_reader, a_timeline_has_one_clock_and_some_inputs)
{
    begin(0, 1);
    begin(1, 1);
    etl_bytes_set(&images[1], images[1].header_at + 0x100, 3000000, 8);
    expect_refusal(2,
                   "b.etl: clock kind 1 at 3000000 Hz, but a.etl has kind 1 at 10000000 Hz: they "
                   "can't be one timeline");
    begin(0, 1);
    begin(1, 1);
    etl_bytes_set(&images[1], images[1].header_at + 0x110, 2, 4);
    expect_refusal(2, "b.etl: clock kind 2 at 10000000 Hz, but a.etl has kind 1 at 10000000 Hz: "
                      "they can't be one timeline");
    expect_refusal(0, "0 inputs for one timeline, expected 1 to 65535");
    error_chain_init(&errors);
    cr_assert_eq(
        etl_reader_open(sources, names, 65536, &(struct etl_reader_options){0}, &reader, &errors),
        ETL_UNSUPPORTED);
    cr_assert_str_eq(errors.causes[0].text, "65536 inputs for one timeline, expected 1 to 65535");
}

/* Notes name appended sessions, and the performance counter, which starts with the
 * computer. */
Test(etl_reader, appended_sessions_are_told)
{
    static const char sessions[] =
        "a.etl: 2 sessions were appended to one another: nothing is known "
        "of the time between them, which counts as lost";
    static const char counter[] = "a.etl: appended sessions on the performance counter: times are "
                                  "wrong if the computer was restarted between them";
    for (unsigned row = 0; row < 4; row++) {
        bool second = row % 2 == 1, ticks = row < 2;
        begin(0, 5);
        ADD(0, 0, 1, 1, 2000, 1);
        if (second) {
            ADD(0, 0, 1, 1, 2010, 3);
        }
        etl_bytes_set(&images[0], images[0].header_at + 0x110, ticks ? 1 : 2, 4);
        open_ours(1);
        all_ids();
        cr_assert_eq(etl_reader_note_count(reader), second + ticks);
        cr_assert_str_eq(etl_reader_note(reader, 0), second ? sessions : ticks ? counter : "");
        cr_assert_str_eq(etl_reader_note(reader, second), ticks ? counter : "");
        cr_assert_str_eq(etl_reader_note(reader, 2), "");
        cr_assert_eq(etl_reader_info(reader, 0)->sessions, second ? 2 : 1);
        cr_assert_eq(loss(2001, 2009), second ? ETL_LOSS_SPAN : ETL_LOSS_NONE);
        cr_assert_eq(loss(2000, 2000), ETL_LOSS_NONE);
        cr_assert_eq(loss(2010, 2010), ETL_LOSS_NONE);
        finish();
    }
}

Test(etl_reader, bad_input_is_named)
{
    begin(0, 1);
    etl_bytes_put(&images[1], "no trace", 8);
    cr_assert_eq(open_with(2, ours_only()), ETL_NOT_ETL);
    char text[1024];
    error_chain_format(&errors, text, sizeof text);
    cr_assert_eq(strncmp(text, "b.etl: not a trace file", 23), 0, "%s", text);
}

Test(etl_reader, progress_ends_at_the_total)
{
    begin(0, 1);
    ADD(0, 0, 1, 0, 2000, 1);
    ADD(0, 1, 2, 1, 2010, 3);
    open_ours(1);
    uint64_t done, total;
    etl_reader_progress(reader, &done, &total);
    cr_assert_eq(done, 0);
    cr_assert_eq(total, 0x3000);
    all_ids();
    etl_reader_progress(reader, &done, &total);
    cr_assert_eq(done, total);
}

Test(etl_reader, destroy_takes_null)
{
    etl_reader_destroy(NULL);
}
