/* SPDX-License-Identifier: Apache-2.0 */

/* The scan over records does what the careful walk does, which is used for readers that observe. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parsers/etl/etl_record.h"
#include "tests/unit/etl_reader_fixture.h"

TestSuite(etl_scan, .fini = finish);

static uint32_t state;

static unsigned dice(unsigned sides)
{
    state = state * 1103515245 + 12345;
    return (state >> 16) % sides;
}

/* Providers and classes that differ in one byte; the first two bytes are the same more often. */
static void set_guid(size_t at)
{
    images[0].bytes[at + ETL_RECORD_GUID_AT] = OURS;
    if (dice(3) == 0) {
        images[0].bytes[at + ETL_RECORD_GUID_AT + dice(16)] ^= 1;
    }
}

/* A record of any type, some with a wrong size. */
static void add_record(int64_t ticks)
{
    static const uint16_t hooks[] = {0x0002, 0x00FF, 0x0100, 0x0303, 0x0304, 0xFFFF};
    unsigned number = dice(12) == 0 ? dice(ETL_RECORD_TYPE_COUNT + 2) : 0x10 + dice(6);
    unsigned selector = dice(200) == 0 ? 0x90 : 0xC0;
    const struct etl_record_type *type = etl_record_type_of(selector << 24 | number << 16);
    size_t at = images[0].len;
    size_t size = type->header_len + dice(30);
    if (size < 0x20) {
        size += dice(2) * 0x10;
    }
    etl_bytes_fill(&images[0], (uint8_t)dice(256), size);
    etl_bytes_set(&images[0], at + type->size_at, size, 2);
    etl_bytes_set(&images[0], at + 2, selector << 8 | number, 2);
    if (type->ticks_at != 0) {
        etl_bytes_set(&images[0], at + type->ticks_at, (uint64_t)ticks, 8);
    }
    if (type->selector == ETL_SELECT_HOOK) {
        unsigned which = dice(60);
        etl_bytes_set(&images[0], at + ETL_RECORD_HOOK_AT, hooks[which < 6 ? which : 4], 2);
    } else if (type->selector != ETL_SELECT_NONE) {
        memset(images[0].bytes + at + ETL_RECORD_GUID_AT, 0, 16);
        set_guid(at);
    }
    if (dice(300) == 0) {
        etl_bytes_set(&images[0], at + type->size_at, dice(2) ? 0xFFFF : dice(64), 2);
    }
    etl_bytes_pad(&images[0]);
}

static void write_trace(uint32_t seed)
{
    int64_t ticks = 2000;
    state = seed;
    etl_bytes_begin(&images[0], 0x40000, 1);
    etl_bytes_close(&images[0]);
    for (unsigned i = 0; i < 3; i++) {
        etl_bytes_buffer(&images[0], i % 2, i + 1, i == 2, 0);
        for (unsigned k = dice(400); k > 0; k--) {
            ticks += dice(20) == 0 ? -(int64_t)dice(100) : (int64_t)dice(20);
            add_record(ticks);
        }
        etl_bytes_close(&images[0]);
    }
    etl_bytes_written(&images[0], 4);
}

static void ignore(void *user, const struct etl_event *event)
{
    (void)user;
    (void)event;
}

/* All that a reader says of the trace, as text; gives how many events there are. */
static unsigned read_all(struct etl_reader_options options, char *text, size_t text_len)
{
    const struct etl_event *event;
    size_t used = 0;
    unsigned count = 0;
    cr_assert_eq(open_with(1, options), ETL_OK);
    while (etl_reader_next(reader, &event, &errors) == ETL_OK) {
        used += (size_t)snprintf(text + used, text_len - used, "%d %lld %lld %llu %u\n",
                                 (int)event->kind, (long long)event->ticks, (long long)event->order,
                                 (unsigned long long)event->offset, event->payload_len);
        cr_assert(used < text_len - 2000);
        count++;
    }
    const struct etl_record_counts *counts = etl_reader_counts(reader, 0);
    const struct etl_trace_info *info = etl_reader_info(reader, 0);
    for (unsigned i = 0; i < ETL_HEADER_COUNT; i++) {
        used += (size_t)snprintf(text + used, text_len - used, "%llu ",
                                 (unsigned long long)counts->by_kind[i]);
    }
    used += (size_t)snprintf(
        text + used, text_len - used, "\n%llu %lld %lld %llu %llu %llu\n",
        (unsigned long long)counts->total, (long long)counts->first_ticks,
        (long long)counts->last_ticks, (unsigned long long)info->timestamps_backwards,
        (unsigned long long)info->damaged_buffers, (unsigned long long)info->skipped_bytes);
    for (size_t i = 0; i < etl_reader_note_count(reader); i++) {
        used += (size_t)snprintf(text + used, text_len - used, "%s\n", etl_reader_note(reader, i));
    }
    etl_reader_destroy(reader);
    reader = NULL;
    return count;
}

Test(etl_scan, the_same_as_the_careful_walk)
{
    enum { TEXT_LEN = 1 << 17 };
    static char scanned[TEXT_LEN], walked[TEXT_LEN];
    const uint16_t hooks[] = {0x0303, 0xFFFF};
    unsigned events = 0, damaged = 0;
    for (uint32_t seed = 1; seed <= 400; seed++) {
        struct etl_reader_options options = ours_only();
        if (seed % 4 > 0) {
            options.filter.classes = &ours;
            options.filter.class_count = 1;
            options.filter.hook_ids = hooks;
            options.filter.hook_id_count = 2;
        }
        options.filter.everything = seed % 16 == 0;
        options.window_budget = seed % 5 == 0; /* too little for stores to hold all */
        write_trace(seed);
        events += read_all(options, scanned, TEXT_LEN);
        options.observe = ignore;
        read_all(options, walked, TEXT_LEN);
        cr_assert_str_eq(scanned, walked, "seed %u", seed);
        damaged += strstr(scanned, "left") != NULL;
        finish();
    }
    cr_assert(events > 10000 && damaged > 20, "%u %u", events, damaged);
}

/* A record without a time has no field that tells its size from that of the largest one. */
Test(etl_scan, a_record_without_time_of_the_greatest_size)
{
    etl_bytes_begin(&images[0], 0x40000, 1);
    etl_bytes_close(&images[0]);
    etl_bytes_buffer(&images[0], 0, 1, 1, 0);
    etl_bytes_event(&images[0], 2000, OURS, 1, 4);
    size_t at = images[0].len;
    etl_bytes_fill(&images[0], 0x55, 0xFFFF);
    etl_bytes_set(&images[0], at, 0xFFFF, 2);
    etl_bytes_set(&images[0], at + 2, 0xC00C, 2);
    etl_bytes_pad(&images[0]);
    etl_bytes_event(&images[0], 2001, OURS, 2, 4);
    etl_bytes_close(&images[0]);
    etl_bytes_written(&images[0], 2);
    open_ours(1);
    cr_assert_str_eq(all_ids(), "1 2");
    cr_assert_eq(etl_reader_counts(reader, 0)->by_kind[ETL_HEADER_OTHER], 1);
    cr_assert_eq(etl_reader_counts(reader, 0)->last_ticks, 2001);
}
