/* SPDX-License-Identifier: Apache-2.0 */

/* Trace buffers decoded ahead of time: whoever helps, and when, the reader says the same. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/unit/etl_reader_fixture.h"

TestSuite(etl_ahead, .fini = finish);

#define TRACE_BUFFERS 60
#define EVENTS 5         /* bytes of a trace buffer */
#define LARGE_BUFFERS 12 /* trace buffers of close to 1 MiB */
#define COMPRESSED_MODE 0x04000001
#define BUFFER_AT(i) (trace_buffers[i])

static size_t trace_buffers[TRACE_BUFFERS]; /* begin of each trace buffer */

/* Three processors; every seventh trace buffer is plain. */
static void write_trace(size_t payload_len)
{
    etl_bytes_begin(&images[0], payload_len < 500 ? 0x1000 : 0x80000, COMPRESSED_MODE);
    etl_bytes_close(&images[0]);
    for (unsigned i = 0; i < TRACE_BUFFERS; i++) {
        trace_buffers[i] = images[0].len;
        etl_bytes_buffer(&images[0], i % 3, i + 1, i == TRACE_BUFFERS - 1, 0);
        for (unsigned k = 0; k < EVENTS; k++) {
            etl_bytes_event(&images[0], 2000 + 100 * i + 70 * k, k == 2 ? OURS + 1 : OURS,
                            1 + EVENTS * i + k, payload_len);
        }
        if (i % 7 == 6) {
            etl_bytes_close(&images[0]);
        } else {
            etl_bytes_close_compressed(&images[0]);
        }
    }
    etl_bytes_written(&images[0], TRACE_BUFFERS + 1);
}

static unsigned wanted_count;
static bool is_helping;

static void count_wanted(void *user)
{
    cr_assert_eq(user, &wanted_count);
    wanted_count++;
}

static bool accept_help(void)
{
    wanted_count = 0;
    return etl_reader_accept_help(reader, count_wanted, &wanted_count);
}

/* All that the reader says. `pattern`: how often it is helped before each event; 0: never. */
static const char *all_said(unsigned pattern)
{
    static char text[1 << 17];
    size_t used = 0;
    const struct etl_event *event;
    enum etl_status status;
    open_ours(1);
    cr_assert(pattern == 0 || accept_help());
    do {
        pattern = pattern * 1103515245 + 12345 * (pattern != 0);
        for (unsigned help = pattern >> 16 & 3; help > 0; help--) {
            is_helping = true;
            etl_reader_help(reader);
            is_helping = false;
        }
        error_chain_init(&errors);
        status = etl_reader_next(reader, &event, &errors);
        if (status == ETL_OK) {
            used += (size_t)snprintf(
                text + used, sizeof text - used, "%u %lld %lld %llu %u %u %d\n", event->id,
                (long long)event->ticks, (long long)event->order, (unsigned long long)event->offset,
                event->cpu, event->payload[event->payload_len - 1],
                (int)loss(event->order, event->order));
        } else {
            used += (size_t)snprintf(text + used, sizeof text - used, "status %d ", (int)status);
            error_chain_format(&errors, text + used, sizeof text - used);
            used += strlen(text + used);
        }
        cr_assert(used < sizeof text - 1000);
    } while (status == ETL_OK || status == ETL_READ_ERROR);
    for (size_t i = 0; i < etl_reader_note_count(reader); i++) {
        used +=
            (size_t)snprintf(text + used, sizeof text - used, "\n%s", etl_reader_note(reader, i));
    }
    const struct etl_trace_info *info = etl_reader_info(reader, 0);
    uint64_t done, total;
    etl_reader_progress(reader, &done, &total);
    snprintf(text + used, sizeof text - used, "\n%llu %llu %llu %llu %llu",
             (unsigned long long)info->damaged_buffers, (unsigned long long)info->skipped_bytes,
             (unsigned long long)etl_reader_counts(reader, 0)->total, (unsigned long long)done,
             (unsigned long long)total);
    etl_reader_destroy(reader);
    reader = NULL;
    return text;
}

static void expect_the_same(const char *what)
{
    char *alone = strdup(all_said(0));
    for (unsigned pattern = 1; pattern <= 40; pattern++) {
        cr_assert_str_eq(all_said(pattern * 77), alone, "%s, %u", what, pattern);
        cr_assert(wanted_count > 0, "%s, %u", what, pattern);
    }
    free(alone);
}

Test(etl_ahead, events_are_the_same)
{
    write_trace(60);
    expect_the_same("intact");
    cr_assert_not_null(strstr(all_said(77), "\n296 "), "an event of the last one");
}

Test(etl_ahead, events_are_the_same_where_a_trace_buffer_exceeds_a_window)
{
    write_trace(60000);
    expect_the_same("large");
    cr_assert_not_null(strstr(all_said(77), "\n296 "));
}

Test(etl_ahead, damage_is_told_alike)
{
    static const struct {
        const char *what;
        size_t at; /* place in the trace buffer */
        unsigned value, width;
    } damages[] = {
        {"corrupt", 0x48, 0xFFFFFFFF, 4},         {"used length too short", 0x30, 0x100, 4},
        {"used length too long", 0x30, 0x900, 4}, {"unknown type", 0x36, 99, 2},
        {"size of a record", 0x4C, 3, 2},         {"loss", 0x34, 0x62, 2},
    };
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        for (unsigned which = 20; which < 60; which += 13) {
            write_trace(60);
            etl_bytes_set(&images[0], BUFFER_AT(which) + damages[i].at, damages[i].value,
                          damages[i].width);
            expect_the_same(damages[i].what);
            finish();
        }
    }
}

/* More is known of a trace buffer that was decoded ahead than of one whose walk has stopped. */
Test(etl_ahead, two_damages_of_a_trace_buffer_that_exceeds_a_window_are_told_alike)
{
    for (unsigned which = 19; which < 60; which += 13) {
        write_trace(60000);
        etl_bytes_set(&images[0], BUFFER_AT(which) + 0x4C, 3, 2);
        etl_bytes_set(&images[0], BUFFER_AT(which) + 0x30, 400000, 4);
        expect_the_same("two damages");
        cr_assert_not_null(strstr(all_said(77), "has size 3"));
        finish();
    }
}

Test(etl_ahead, a_file_that_ends_early_is_told_alike)
{
    for (size_t cut = 1; cut < 700; cut += 97) {
        write_trace(60);
        images[0].len -= cut;
        expect_the_same("cut");
        finish();
    }
}

/* A source over another one that says that some bytes can't be read, always or only by the helper.
 */
struct failing_source {
    struct byte_source base;
    struct byte_source *inner;
    uint64_t from, to;
    bool for_helpers;
};

static enum byte_source_status failing_read(struct byte_source *source, uint64_t offset, void *dst,
                                            size_t len, struct error_chain *chain)
{
    struct failing_source *failing = (struct failing_source *)(void *)source;
    if (offset < failing->to && failing->from < offset + len &&
        (is_helping || !failing->for_helpers)) {
        error_chain_add(chain, offset, "bad sector");
        return BYTE_SOURCE_ERROR;
    }
    return byte_source_read(failing->inner, offset, dst, len, chain);
}

static void failing_destroy(struct byte_source *source)
{
    byte_source_destroy(((struct failing_source *)(void *)source)->inner);
}

/* The data lies behind the part that the scan for trace buffers reads; a second fill decodes the
 * last trace buffer. */
static const unsigned failing_places[] = {5000, 70000, 290000, 332000};

static void fail_at(unsigned at, bool for_helpers)
{
    static const struct byte_source_ops ops = {failing_read, failing_destroy};
    static struct failing_source failing;
    write_trace(60000);
    error_chain_init(&errors);
    byte_source_open_memory(images[0].bytes, images[0].len, &failing.inner, &errors);
    failing.base = (struct byte_source){&ops, images[0].len};
    failing.from = BUFFER_AT(31) + at;
    failing.to = failing.from + 1;
    failing.for_helpers = for_helpers;
    sources[0] = &failing.base;
}

Test(etl_ahead, what_cannot_be_read_is_told_alike)
{
    for (size_t i = 0; i < sizeof failing_places / sizeof *failing_places; i++) {
        fail_at(failing_places[i], false);
        expect_the_same("unreadable");
        cr_assert_not_null(strstr(all_said(77), "bad sector"));
        finish();
    }
}

Test(etl_ahead, what_cannot_be_read_for_a_moment_does_no_harm)
{
    for (size_t i = 0; i < sizeof failing_places / sizeof *failing_places; i++) {
        fail_at(failing_places[i], true);
        expect_the_same("readable");
        cr_assert_null(strstr(all_said(77), "bad sector"));
        finish();
    }
}

Test(etl_ahead, plain_traces_need_no_help)
{
    begin(0, 1);
    ADD(0, 0, 1, 1, 2000, 1);
    open_ours(1);
    cr_assert_not(accept_help());
    cr_assert_str_eq(all_ids(), "1");
}

Test(etl_ahead, more_streams_than_pays)
{
    begin(0, COMPRESSED_MODE);
    for (unsigned i = 0; i < 300; i++) {
        etl_bytes_buffer(&images[0], i, i + 1, i == 299, 0);
        etl_bytes_event(&images[0], 2000 + i, OURS, i, 20);
        etl_bytes_close_compressed(&images[0]);
    }
    etl_bytes_written(&images[0], 301);
    open_ours(1);
    cr_assert_not(accept_help());
}

Test(etl_ahead, help_is_bounded_and_wanted_again)
{
    const struct etl_event *event;
    unsigned helped = 0;
    write_trace(60);
    open_ours(1);
    cr_assert(accept_help());
    while (etl_reader_help(reader)) {
        cr_assert(++helped < TRACE_BUFFERS / 2);
    }
    cr_assert(helped > 3);
    cr_assert_eq(wanted_count, 0);
    for (unsigned i = 0; wanted_count == 0; i++) {
        cr_assert(i < 3 * EVENTS);
        cr_assert_eq(etl_reader_next(reader, &event, &errors), ETL_OK);
    }
    cr_assert(etl_reader_help(reader));
}

static void write_large_trace_buffers(void)
{
    etl_bytes_begin(&images[0], 0x1000, COMPRESSED_MODE);
    etl_bytes_close(&images[0]);
    for (unsigned i = 0; i < LARGE_BUFFERS; i++) {
        etl_bytes_buffer(&images[0], 0, i + 1, i == LARGE_BUFFERS - 1, 0);
        for (unsigned k = 0; k < 16; k++) {
            etl_bytes_event(&images[0], 2000 + 16 * i + k, OURS, 1 + 16 * i + k, 60000);
        }
        etl_bytes_close_compressed(&images[0]);
    }
    etl_bytes_written(&images[0], LARGE_BUFFERS + 1);
}

static unsigned help_all(void)
{
    unsigned helped = 0;
    while (etl_reader_help(reader)) {
        helped++;
    }
    return helped;
}

Test(etl_ahead, help_is_bounded_in_bytes)
{
    write_large_trace_buffers();
    open_ours(1);
    cr_assert(accept_help());
    unsigned helped = help_all();
    cr_assert(helped > 3 && helped < LARGE_BUFFERS, "%u", helped);
}

Test(etl_ahead, with_help_enough_the_reader_decodes_nothing)
{
    const struct etl_event *event;
    for (unsigned large = 0; large < 2; large++) {
        unsigned compressed = large ? LARGE_BUFFERS : TRACE_BUFFERS - TRACE_BUFFERS / 7;
        unsigned helped = 0, events = 0;
        if (large) {
            write_large_trace_buffers();
        } else {
            write_trace(60);
        }
        open_ours(1);
        cr_assert(accept_help());
        do {
            helped += help_all();
            events++;
        } while (etl_reader_next(reader, &event, &errors) == ETL_OK);
        cr_assert(events > compressed);
        cr_assert_eq(helped, compressed, "%u %u", helped, compressed);
        cr_assert_eq(wanted_count, compressed);
        finish();
    }
}

Test(etl_ahead, what_is_wanted_first_is_decoded_first)
{
    const struct etl_event *event;
    write_trace(60);
    open_ours(1);
    cr_assert(accept_help());
    for (unsigned i = 0; i < 3; i++) {
        cr_assert(etl_reader_help(reader));
    }
    /* Each processor's first one. */
    cr_assert_eq(etl_reader_next(reader, &event, &errors), ETL_OK);
    cr_assert_eq(wanted_count, 3);
}

Test(etl_ahead, what_claims_too_much_is_left_to_the_reader)
{
    write_trace(20000);
    for (unsigned i = 0; i < TRACE_BUFFERS; i++) {
        etl_bytes_set(&images[0], BUFFER_AT(i) + 0x30, 15u << 20, 4);
    }
    open_ours(1);
    cr_assert_not(accept_help());
}

/* A source over memory, in which reads from `from` on wait until they may go on. */
struct slow_source {
    struct byte_source base;
    struct byte_source *inner;
    uint64_t from;
};

static _Atomic bool may_go_on, is_waiting;

static void nap(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

static enum byte_source_status slow_read(struct byte_source *source, uint64_t offset, void *dst,
                                         size_t len, struct error_chain *chain)
{
    struct slow_source *slow = (struct slow_source *)(void *)source;
    while (offset >= slow->from && !may_go_on) {
        is_waiting = true;
        nap();
    }
    return byte_source_read(slow->inner, offset, dst, len, chain);
}

static void slow_destroy(struct byte_source *source)
{
    byte_source_destroy(((struct slow_source *)(void *)source)->inner);
}

static void *help_once(void *user)
{
    (void)user;
    etl_reader_help(reader);
    return NULL;
}

static void *let_go_on_later(void *user)
{
    (void)user;
    for (unsigned i = 0; i < 50; i++) {
        nap();
    }
    may_go_on = true;
    return NULL;
}

/* The reader comes to a trace buffer with which another thread is not ready. */
Test(etl_ahead, the_reader_waits_for_who_helps, .timeout = 60)
{
    static const struct byte_source_ops ops = {slow_read, slow_destroy};
    static struct slow_source slow;
    pthread_t threads[2];
    begin(0, COMPRESSED_MODE);
    etl_bytes_buffer(&images[0], 0, 1, 1, 0);
    etl_bytes_event(&images[0], 2000, OURS, 9, 60);
    etl_bytes_close_compressed(&images[0]);
    etl_bytes_written(&images[0], 2);
    error_chain_init(&errors);
    byte_source_open_memory(images[0].bytes, images[0].len, &slow.inner, &errors);
    slow.base = (struct byte_source){&ops, images[0].len};
    slow.from = UINT64_MAX;
    sources[0] = &slow.base;
    open_ours(1);
    cr_assert(accept_help());
    slow.from = 0;
    cr_assert_eq(pthread_create(&threads[0], NULL, help_once, NULL), 0);
    while (!is_waiting) {
        nap();
    }
    cr_assert_eq(pthread_create(&threads[1], NULL, let_go_on_later, NULL), 0);
    cr_assert_str_eq(all_ids(), "9");
    cr_assert_eq(wanted_count, 1);
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
}

static _Atomic bool is_over;

static void *help_all_the_time(void *user)
{
    (void)user;
    while (!is_over) {
        etl_reader_help(reader);
    }
    return NULL;
}

Test(etl_ahead, threads_help_while_one_reads)
{
    for (unsigned round = 0; round < 20; round++) {
        pthread_t helpers[2];
        write_trace(400);
        open_ours(1);
        char *alone = strdup(all_ids());
        etl_reader_destroy(reader);
        open_ours(1);
        cr_assert(accept_help());
        is_over = false;
        for (unsigned i = 0; i < 2; i++) {
            cr_assert_eq(pthread_create(&helpers[i], NULL, help_all_the_time, NULL), 0);
        }
        const char *helped = all_ids();
        is_over = true;
        for (unsigned i = 0; i < 2; i++) {
            pthread_join(helpers[i], NULL);
        }
        cr_assert_str_eq(helped, alone);
        free(alone);
        finish();
    }
}
