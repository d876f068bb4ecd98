/* SPDX-License-Identifier: Apache-2.0 */

/* Copies of traces, told in the trace language. Events with an id below 10 are chosen. */

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/cut/trace_copy.h"
#include "tests/unit/trace_image.h"

static bool choose(void *user, const struct etl_event *event)
{
    (void)user;
    return event->id < 10;
}

static struct trace_bytes image;
static struct trace_copy_plan plan;
static struct error_chain errors;

static void write_text(const char *text)
{
    trace_bytes_finish(&image);
    image = trace_image_of(text);
}

/* Copies `image`. The caller frees the bytes. */
static char *copy_image(const struct etl_filter *filter, size_t *len)
{
    struct trace_copy copy = {.name = "t.etl", .choose = choose, .filter = filter};
    struct out out;
    error_chain_init(&errors);
    cr_assert_eq(byte_source_open_memory(image.data, image.len, &copy.source, &errors),
                 BYTE_SOURCE_OK);
    cr_assert_eq(trace_copy_measure(&copy, &plan, &errors), ETL_OK);
    out_init_memory(&out, SIZE_MAX);
    cr_assert_eq(trace_copy_write(&copy, &plan, &out, &errors), ETL_OK);
    byte_source_destroy(copy.source);
    char *bytes = out_take(&out, len);
    cr_assert_not_null(bytes);
    cr_assert_eq(*len, plan.buffers * plan.buffer_size);
    return bytes;
}

/* The copy of the trace that `text` describes, as text. The caller frees it. */
static char *copy_of(const char *text, const struct etl_filter *filter)
{
    struct trace trace;
    struct trace_errors problem;
    size_t len;
    write_text(text);
    char *bytes = copy_image(filter, &len);
    trace_init(&trace);
    cr_assert(trace_from_etl((const uint8_t *)bytes, len, &trace, &problem), "%s", problem.text);
    char *copied = trace_print_text(&trace);
    trace_finish(&trace);
    free(bytes);
    return copied;
}

static void finish(void)
{
    trace_copy_plan_finish(&plan);
    trace_bytes_finish(&image);
}

TestSuite(trace_copy, .fini = finish);

/* A record without content that stands for an event with its time. */
#define FOR(processor, time) processor " " time ".000000 perfinfo hook=0xfefe version=0\n"
#define HEAD "trace processors=2 end=2026-01-02T03:05:06Z\n"
#define LOST(processor) "flush " processor "\nmark " processor " events-lost\n"

static const struct {
    const char *name, *trace, *copy;
} losses[] = {
    {"nothing is lost", "0 1 event id=1\n0 2 event id=10\n1 3 event id=9\n",
     "0 1.000000 event id=1\n1 3.000000 event id=9\n"},
    {"a loss between chosen events needs no other record",
     "0 1 event id=1\n" LOST("0") "0 2 event id=2\nflush 0\n0 3 event id=3\n",
     "0 1.000000 event id=1\n" LOST("0") "0 2.000000 event id=2\nflush 0\n0 3.000000 event id=3\n"},
    {"a loss between others lasts from the last one before to the first one behind",
     "0 1 event id=1\n0 2 event id=12\n0 3 event id=13\n" LOST(
         "0") "0 4 event id=4\n0 5 event id=15\nflush 0\n0 6 event id=16\n0 7 event id=17\n",
     "0 1.000000 event id=1\n" FOR("0", "3")
         LOST("0") "0 4.000000 event id=4\nflush 0\n" FOR("0", "6")},
    {"a loss has no other begin where no event comes before",
     LOST("0") "0 4 event id=14\nflush 0\n0 5 event id=15\n0 6 event id=6\n",
     "mark 0 events-lost\nflush 0 empty\n" FOR("0", "5") "0 6.000000 event id=6\n"},
    {"a loss at the end has no event behind it",
     "0 1 event id=1\n0 2 event id=12\n" LOST("0") "0 3 event id=13\n",
     "0 1.000000 event id=1\n" FOR("0", "2") LOST("0") "flush 0 empty\n"},
    {"losses in a row are one",
     "0 1 event id=1\n" LOST("0") "flush 0 empty\n" LOST("0") "flush 0 empty\n" LOST(
         "0") "flush 0 empty\n0 3 event id=3\n",
     "0 1.000000 event id=1\n" LOST("0") "flush 0 empty\n0 3.000000 event id=3\n"},
    {"losses with events between them are several",
     "0 1 event id=1\n" LOST("0") "0 2 event id=12\nflush 0\n0 3 event id=13\n" LOST(
         "0") "0 4 event id=14\nflush 0\n0 5 event id=15\n",
     "0 1.000000 event id=1\n" LOST("0") "flush 0 empty\n" FOR("0", "3")
         LOST("0") "flush 0 empty\n" FOR("0", "5")},
    {"a loss is its processor's",
     "0 1 event id=11\n1 2 event id=12\n" LOST("1") "1 3 event id=13\n0 4 event id=14\nflush 1\n"
                                                    "1 5 event id=15\n0 6 event id=6\n",
     FOR("1", "2") LOST("1") "flush 1 empty\n" FOR("1", "5") "0 6.000000 event id=6\n"},
};

Test(trace_copy, keeps_losses_with_their_times)
{
    for (size_t i = 0; i < sizeof losses / sizeof losses[0]; i++) {
        char text[1000];
        snprintf(text, sizeof text, "trace processors=2\n%s1 60 event id=20\n", losses[i].trace);
        char *copied = copy_of(text, NULL);
        snprintf(text, sizeof text, HEAD "%s", losses[i].copy);
        cr_expect_str_eq(copied, text, "%s: %s", losses[i].name, copied);
        cr_expect_eq(plan.wanted == NULL, i > 0, "%s", losses[i].name);
        free(copied);
        trace_copy_plan_finish(&plan);
    }
}

/* ---- sessions, the log-file header ---- */

#define SESSIONS                                                                                   \
    "trace processors=3 mode=0x5\n0 1 event id=1\n1 2 event id=12\n3000 3 event id=13\nsession\n"  \
    "0 13 event id=13\n1 14 event id=4\n2 14 event id=14\n"

/* The time between two sessions counts as lost: their last and first events stay. */
Test(trace_copy, keeps_the_borders_of_sessions)
{
    char *copied = copy_of(SESSIONS, NULL);
    cr_expect_str_eq(copied,
                     "trace processors=3 mode=0x5 end=2026-01-02T03:04:20Z\n"
                     "0 1.000000 event id=1\n" FOR("1", "2")
                         FOR("2048", "3") "session\n" FOR("0", "13") "1 14.000000 event id=4\n");
    cr_expect_null(plan.wanted);
    free(copied);
}

Test(trace_copy, without_a_chosen_record_is_the_header)
{
    char *copied = copy_of("0 1 event id=11\n", NULL);
    cr_expect_str_eq(copied, "trace processors=1 end=2026-01-02T03:04:07Z\n");
    cr_expect_eq(plan.records, 0);
    cr_expect_eq(plan.buffers, 1);
    cr_expect_eq(plan.buffer_size, 4096);
    free(copied);
}

/* Of the records about the trace only its log-file header and the last drops say something of
 * events: here 0x52 of 1.5 s in the header's trace buffer, and another one of 2.5 s behind it. */
Test(trace_copy, keeps_last_drops_wherever_they_are)
{
    char *copied =
        copy_of("last-dropped 1.5 -\n0 0 system hook=0x20 payload=11 in-header\n"
                "0 1 event id=1\n0 2 system hook=0x52 payload=01000000000000004078520100000000\n"
                "0 2 system hook=0x20 payload=22\n0 2 system hook=0 payload=33\n",
                NULL);
    cr_expect_str_eq(copied,
                     "trace processors=1 end=2026-01-02T03:04:08Z\n"
                     "0 0.000000 system hook=0x52 payload=02000000000000000024f4000000000000000000"
                     "00000000 in-header\n0 1.000000 event id=1\n"
                     "0 2.000000 system hook=0x52 payload=01000000000000004078520100000000\n",
                     "%s", copied);
    cr_expect_eq(plan.records, 2);
    free(copied);
}

/* ---- the log-file header ---- */

#define LOG 0x68 /* TRACE_LOGFILE_HEADER in the first trace buffer */

static uint32_t u32_at(const char *bytes, size_t at)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < 4; i++) {
        value |= (uint32_t)(uint8_t)bytes[at + i] << 8 * i;
    }
    return value;
}

/* The copy's header has the size of trace buffers, LogFileMode and BuffersWritten. */
static void expect_header(const char *text, uint32_t size, uint32_t mode, uint32_t written)
{
    size_t len;
    write_text(text);
    char *bytes = copy_image(NULL, &len);
    cr_expect_eq(u32_at(bytes, 0), size, "%s", text);
    cr_expect_eq(u32_at(bytes, LOG), size, "%s", text);
    cr_expect_eq(u32_at(bytes, LOG + 0x20), mode, "%s: mode 0x%x", text, u32_at(bytes, LOG + 0x20));
    cr_expect_eq(u32_at(bytes, LOG + 0x24), written, "%s: %u written", text,
                 u32_at(bytes, LOG + 0x24));
    free(bytes);
    finish();
}

Test(trace_copy, has_a_header_that_describes_it)
{
    expect_header("0 1 event id=1\n1 2 event id=2\n", 4096, 1, 3);
    expect_header("trace buffer-size=65536\n0 1 event id=1\n", 4096, 1, 2);
    expect_header("trace mode=0x11 compress=literal\n0 1 event id=1\n", 4096, 0x11, 2);
    /* A number that tells of a missing end stays, and so does 0. */
    expect_header("0 1 event id=1\n1 2 event id=12\npatch buffer=0 field=log.BuffersWritten "
                  "value=7\ntruncate by=4096\n",
                  4096, 1, 7);
    expect_header("trace finalised=no\n0 1 event id=1\n", 4096, 1, 0);
}

/* Trace buffers are as large as the largest chosen record needs: the first number is a payload's
 * length, and a record of 80 bytes with it stands behind 72 bytes. */
Test(trace_copy, has_trace_buffers_that_hold_its_largest_record)
{
    static const struct {
        unsigned pad, size;
    } rows[] = {
        {0, 4096}, {4096 - 152, 4096}, {4096 - 151, 8192}, {8192 - 152, 8192}, {8192 - 151, 16384}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[200];
        snprintf(text, sizeof text,
                 "trace buffer-size=65536\n0 1 event id=1 pad=%u\n0 2 event id=10 pad=20000\n",
                 rows[i].pad);
        expect_header(text, rows[i].size, 1, 2);
    }
}

/* ---- reading ---- */

/* The plan marks the trace buffers with chosen records, where nothing was lost. */
Test(trace_copy, plans_which_trace_buffers_are_read)
{
    char *copied =
        copy_of("0 1 event id=1\nflush 0\n0 2 event id=12\nflush 0\n0 3 event id=3\n", NULL);
    cr_assert_not_null(plan.wanted);
    const uint8_t wanted[] = {0, 1, 0, 1};
    cr_expect_arr_eq(plan.wanted, wanted, sizeof wanted);
    cr_expect_eq(plan.records, 2);
    cr_expect_eq(plan.buffers, 2);
    free(copied);
}

/* Records that the filter does not want are not chosen, but are ends of losses all the same. */
Test(trace_copy, chooses_among_what_the_filter_wants)
{
    const struct guid provider = {{7}};
    const struct etl_filter filter = {.providers = &provider, .provider_count = 1};
    char *copied = copy_of("default provider=7\n0 1 event id=1\n0 2 event id=2 provider=8\n" LOST(
                               "0") "0 3 event id=3 provider=9\nflush 0\n0 4 event id=4 "
                                    "provider=8\n0 5 event id=15\n0 6 event id=6\n",
                           &filter);
    cr_expect_str_eq(copied,
                     "trace processors=1 end=2026-01-02T03:04:12Z\n"
                     "0 1.000000 event provider=7 id=1\n" FOR("0", "2") LOST(
                         "0") "flush 0 empty\n" FOR("0", "4") "0 6.000000 event provider=7 id=6\n",
                     "%s", copied);
    free(copied);
}

Test(trace_copy, ends_as_the_trace_does)
{
    char *copied = copy_of("trace flush-marker=no\n0 1 event id=1\n", NULL);
    cr_expect_str_eq(copied, "trace processors=1 end=2026-01-02T03:04:07Z flush-marker=0\n"
                             "0 1.000000 event id=1\n");
    free(copied);
}

/* Damage is a loss of what stands behind it in its trace buffer. */
Test(trace_copy, keeps_damage_as_a_loss)
{
    static const char *const damage[] = {
        "0 2 event id=2\n0 3 event id=3 record-size=8\nflush 0\n",
        "0 2 event id=2\n0 3 event id=3 record-size=0x60\nflush 0\n",
    };
    for (size_t i = 0; i < sizeof damage / sizeof damage[0]; i++) {
        char text[300];
        snprintf(text, sizeof text, "0 1 event id=1\nflush 0\n%s0 4 event id=14\n0 5 event id=5\n",
                 damage[i]);
        char *copied = copy_of(text, NULL);
        cr_expect_str_eq(copied,
                         "trace processors=1 end=2026-01-02T03:04:11Z\n0 1.000000 event id=1\n"
                         "0 2.000000 event id=2\n" LOST("0") "flush 0 empty\n" FOR(
                             "0", "4") "0 5.000000 event id=5\n",
                         "%s", copied);
        cr_expect_null(plan.wanted);
        free(copied);
    }
}

/* A trace buffer of an unknown kind is a loss, whatever it holds. */
Test(trace_copy, keeps_skipped_trace_buffers_as_losses)
{
    char *copied = copy_of("0 1 event id=1\nflush 0\nmark 0 type=9\n0 2 event id=2\nflush 0\n"
                           "0 3 event id=3\n",
                           NULL);
    cr_expect_str_eq(copied,
                     "trace processors=1 end=2026-01-02T03:04:09Z\n0 1.000000 event id=1\n" LOST(
                         "0") "flush 0 empty\n0 3.000000 event id=3\n",
                     "%s", copied);
    free(copied);
}

static enum etl_status measured(void)
{
    struct trace_copy copy = {.name = "t.etl", .choose = choose};
    error_chain_init(&errors);
    cr_assert_eq(byte_source_open_memory(image.data, image.len, &copy.source, &errors),
                 BYTE_SOURCE_OK);
    enum etl_status status = trace_copy_measure(&copy, &plan, &errors);
    byte_source_destroy(copy.source);
    return status;
}

Test(trace_copy, is_of_a_trace)
{
    write_text("0 1 event id=1\n");
    cr_expect_eq(measured(), ETL_OK);
    cr_expect_eq(plan.records, 1);
    memset(image.data, 0, image.len);
    cr_expect_eq(measured(), ETL_NOT_ETL);
    cr_expect_gt(errors.count, 0);
}
