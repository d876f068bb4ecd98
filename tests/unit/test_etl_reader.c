#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "parsers/byte_reader.h"
#include "parsers/etl_reader.h"
#include "tests/unit/etl_bytes.h"

#define IMAGE_MAX 4
#define OURS 7 /* first byte of the provider that is asked for */

static struct etl_bytes images[IMAGE_MAX];
static struct byte_source *sources[IMAGE_MAX];
static struct etl_reader *reader;
static struct error_chain errors;
static const char *const names[IMAGE_MAX] = {"a.etl", "b.etl", "c.etl", "d.etl"};
static const struct guid ours = {{OURS}};

static void finish(void)
{
    etl_reader_destroy(reader);
    reader = NULL;
    for (size_t i = 0; i < IMAGE_MAX; i++) {
        byte_source_destroy(sources[i]);
        sources[i] = NULL;
        etl_bytes_free(&images[i]);
    }
}

TestSuite(etl_reader, .fini = finish);

static enum etl_status open_with(size_t count, struct etl_reader_options options)
{
    error_chain_init(&errors);
    for (size_t i = 0; i < count; i++) {
        if (sources[i] == NULL) {
            byte_source_open_memory(images[i].bytes, images[i].len, &sources[i], &errors);
        }
    }
    return etl_reader_open(sources, names, count, &options, &reader, &errors);
}

static bool even_id_is_post(const struct etl_event *event)
{
    return event->id % 2 == 0;
}

static struct etl_reader_options ours_only(void)
{
    struct etl_reader_options options = {.filter = {.providers = &ours, .provider_count = 1},
                                         .is_post = even_id_is_post};
    return options;
}

static void open_ours(size_t count)
{
    enum etl_status status = open_with(count, ours_only());
    char text[1024];
    error_chain_format(&errors, text, sizeof text);
    cr_assert_eq(status, ETL_OK, "%s", text);
}

/* The ids of all events, in the order in which they come, as text. */
static const char *all_ids(void)
{
    static char text[4096];
    size_t used = 0;
    const struct etl_event *event;
    int64_t order = INT64_MIN;
    text[0] = '\0';
    while (etl_reader_next(reader, &event, &errors) == ETL_OK) {
        cr_assert_geq(event->order, order);
        order = event->order;
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%u", used == 0 ? "" : " ",
                                 event->id);
    }
    cr_assert_null(event);
    return text;
}

static void begin(size_t i, uint32_t mode)
{
    etl_bytes_begin(&images[i], 0x1000, mode);
    etl_bytes_close(&images[i]);
}

/* A trace buffer with events of our provider: pairs of time and id, ended by 0. */
static void add(size_t i, unsigned cpu, int64_t sequence, unsigned flags, const int *pairs)
{
    etl_bytes_buffer(&images[i], cpu, sequence, flags, 0);
    for (; *pairs != 0; pairs += 2) {
        etl_bytes_event(&images[i], pairs[0], OURS, (unsigned)pairs[1], 4);
    }
    etl_bytes_close(&images[i]);
    uint32_t count = (uint32_t)(images[i].len / 0x1000);
    etl_bytes_written(&images[i], count);
}
#define ADD(i, cpu, sequence, flags, ...)                                                          \
    add(i, cpu, sequence, flags, (const int[]){__VA_ARGS__, 0, 0})

static void add_empty(size_t i, unsigned cpu, int64_t sequence, unsigned flags)
{
    add(i, cpu, sequence, flags, (const int[]){0});
}

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
    cr_assert_eq(event->hook_id, 0x0303);
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

static enum etl_loss loss(int64_t from, int64_t to)
{
    return etl_reader_loss(reader, from, to);
}

Test(etl_reader, flagged_loss_reaches_from_event_to_event)
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

Test(etl_reader, loss_in_the_first_or_last_trace_buffer_reaches_the_traces_ends)
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

Test(etl_reader, loss_counts_events_that_nobody_asked_for_and_steps_over_empty_trace_buffers)
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

Test(etl_reader, loss_on_one_processor_is_no_gap_on_another)
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

Test(etl_reader, damage_is_known_before_its_trace_buffers_first_event)
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

Test(etl_reader, record_damage_of_each_kind)
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

Test(etl_reader, used_length_that_was_guessed_ends_at_the_fill)
{
    begin(0, 1);
    ADD(0, 0, 1, 1, 2010, 3, 2020, 5);
    etl_bytes_set(&images[0], 0x1030, 0, 4);
    etl_bytes_set(&images[0], 0x1004, 0, 4);
    open_ours(1);
    cr_assert_str_eq(all_ids(), "3 5");
    cr_assert_eq(etl_reader_info(reader, 0)->damaged_buffers, 0);
}

Test(etl_reader, damaged_huge_trace_buffer_is_known_to_be_before_its_first_event)
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

Test(etl_reader, compressed_damage_keeps_what_came_before)
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

Test(etl_reader, cut_compressed_trace_buffer_gives_its_whole_records)
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

Test(etl_reader, trace_buffer_of_unknown_type_is_a_loss_of_its_processor)
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

Test(etl_reader, loss_without_position_is_everywhere)
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

Test(etl_reader, skipped_bytes_are_a_loss_everywhere)
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

Test(etl_reader, last_dropped_times_are_known_from_the_start)
{
    uint8_t payload[8 + 3 * 8] = {3};
    payload[8] = 0xD0; /* 2000 */
    payload[9] = 0x07;
    etl_bytes_begin(&images[0], 0x1000, 1);
    etl_bytes_system(&images[0], 2, 1000, 0x0052, payload, sizeof payload);
    etl_bytes_close(&images[0]);
    ADD(0, 0, 1, 1, 1999, 1, 2001, 3);
    open_ours(1);
    cr_assert_eq(loss(1999, 2001), ETL_LOSS_SPAN);
    cr_assert_eq(loss(1990, 1999), ETL_LOSS_NONE);
    cr_assert_eq(loss(2001, 2002), ETL_LOSS_NONE);
    cr_assert_eq(loss(0, 0), ETL_LOSS_NONE);
    cr_assert_str_eq(all_ids(), "1 3");
}

Test(etl_reader, missing_end)
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

Test(etl_reader, numbered_parts_are_one_stream_whatever_order_they_are_given_in)
{
    begin(0, 8);
    ADD(0, 0, 4, 0, 2040, 5);
    ADD(0, 0, 5, 1, 2050, 7);
    begin(1, 8);
    ADD(1, 0, 1, 0, 2010, 1);
    ADD(1, 0, 2, 0, 2040, 2, 2040, 3);
    open_ours(2);
    /* At 2040 the parts would tie, and 2 would be held back as a post. */
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

Test(etl_reader, unreadable_trace_buffer_is_told_once_and_passed_over)
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
    cr_assert_not_null(strstr(text, "made to fail"), "%s", text);
    cr_assert_str_eq(all_ids(), "7 5 9");
    cr_assert_eq(failing.failures, 1);
    cr_assert_eq(etl_reader_info(reader, 0)->damaged_buffers, 1);
    cr_assert_eq(loss(2000, 2000), ETL_LOSS_SPAN);
    cr_assert_eq(loss(2020, 2020), ETL_LOSS_SPAN);
    cr_assert_eq(loss(2021, 2025), ETL_LOSS_NONE);
}

Test(etl_reader, each_call_makes_progress_while_nothing_can_be_read)
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

Test(etl_reader, second_pass_over_a_huge_trace_buffer_that_fails)
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

Test(etl_reader, every_cut_of_a_file_ends_cleanly)
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

Test(etl_reader, destroy_takes_null)
{
    etl_reader_destroy(NULL);
}
