/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <string.h>

#include "parsers/etl/etl_index.h"
#include "tests/unit/etl_bytes.h"

static struct etl_bytes image;
static struct etl_index trace_index;
static struct etl_input input;
static struct etl_notes notes;

static void finish(void)
{
    etl_bytes_free(&image);
    etl_index_finish(&trace_index);
}

TestSuite(etl_index, .fini = finish);

/* Trace buffers of 0x1000 bytes on processors 0, 1, 2, 0, ... numbered from 1. */
static void make_image(uint32_t mode, unsigned count)
{
    etl_bytes_begin(&image, 0x1000, mode);
    etl_bytes_close(&image);
    for (unsigned i = 0; i < count; i++) {
        etl_bytes_buffer(&image, i % 3, i + 1, i + 1 == count ? 1 : 0, 0);
        etl_bytes_event(&image, 2000 + i, 1, 1, 10);
        etl_bytes_close(&image);
    }
    etl_bytes_written(&image, count + 1);
}

static enum etl_status scan(void)
{
    struct etl_buffer_header first;
    etl_index_finish(&trace_index);
    memset(&notes, 0, sizeof notes);
    cr_assert_eq(byte_source_open_memory(image.bytes, image.len, &input.source, NULL),
                 BYTE_SOURCE_OK);
    input.name = "x.etl";
    cr_assert_eq(etl_header_read(input.source, &input.info, &first, NULL), ETL_OK);
    enum etl_status status = etl_index_add(&trace_index, &input, 0, &notes, NULL);
    byte_source_destroy(input.source);
    return status;
}

Test(etl_index, healthy_file)
{
    make_image(1, 6);
    cr_assert_eq(scan(), ETL_OK);
    cr_assert_eq(trace_index.count, 7);
    cr_assert_eq(input.info.buffers, 7);
    cr_assert_eq(input.info.processors_seen, 3);
    cr_assert_eq(input.info.damaged_buffers, 0);
    cr_assert_eq(input.info.compressed_buffers, 0);
    cr_assert_eq(notes.count, 0);
    cr_assert_eq(trace_index.entries[0].flags, ETL_ENTRY_FIRST);
    cr_assert_eq(trace_index.entries[4].offset, 0x4000);
    cr_assert_eq(trace_index.entries[4].size, 0x1000);
    cr_assert_eq(trace_index.entries[4].used, 0x48 + 0x60);
    cr_assert_eq(trace_index.entries[4].sequence, 4);
    cr_assert_eq(trace_index.entries[4].processor, 0);
    cr_assert_eq(trace_index.entries[5].processor, 1);
    cr_assert_eq(input.summary.lowest_sequence, 1);
    cr_assert_eq(input.summary.highest_sequence, 6);
    cr_assert(input.summary.end_flushed);
    cr_assert_str_eq(input.summary.cut_why, "");
}

Test(etl_index, each_hop_is_by_the_trace_buffers_own_size)
{
    make_image(0x04000001, 0);
    etl_bytes_buffer(&image, 0, 1, 0, 0);
    etl_bytes_event(&image, 2000, 1, 1, 3);
    etl_bytes_close_compressed(&image);
    size_t second = image.len;
    etl_bytes_buffer(&image, 1, 2, 1, 0);
    etl_bytes_event(&image, 2001, 1, 1, 3);
    etl_bytes_close_compressed(&image);
    etl_bytes_written(&image, 3);
    cr_assert_eq(scan(), ETL_OK);
    cr_assert_eq(trace_index.count, 3);
    cr_assert_neq(second % 8, 0, "the case is meant to have odd offsets");
    cr_assert_eq(trace_index.entries[2].offset, second);
    cr_assert_eq(trace_index.entries[2].flags, ETL_ENTRY_COMPRESSED);
    cr_assert_eq(trace_index.entries[1].used, 0x48 + 0x58);
    cr_assert_eq(input.info.compressed_buffers, 2);
    cr_assert_eq(input.info.damaged_buffers, 0);
}

Test(etl_index, compressed_claim_is_bounded_by_the_bytes_that_are_there)
{
    make_image(0x04000001, 0);
    etl_bytes_buffer(&image, 0, 1, 1, 0);
    etl_bytes_event(&image, 2000, 1, 1, 3);
    etl_bytes_close_compressed(&image);
    etl_bytes_written(&image, 2);
    size_t size = image.len - 0x1000;
    uint32_t most = 0x10000 + 4096 * (uint32_t)size;
    etl_bytes_set(&image, 0x1030, most, 4);
    cr_assert_eq(scan(), ETL_OK);
    cr_assert_eq(trace_index.entries[1].used, most);
    cr_assert_eq(trace_index.entries[1].flags, ETL_ENTRY_COMPRESSED);
    etl_bytes_set(&image, 0x1030, 16 << 20, 4);
    cr_assert_eq(scan(), ETL_OK);
    cr_assert_eq(trace_index.entries[1].used, most);
    cr_assert_eq(trace_index.entries[1].flags, ETL_ENTRY_COMPRESSED);
}

Test(etl_index, loss_flags_are_kept)
{
    make_image(1, 3);
    etl_bytes_set(&image, 0x1000 + 0x34, 0x22, 2);
    etl_bytes_set(&image, 0x2000 + 0x34, 0x24, 2);
    cr_assert_eq(scan(), ETL_OK);
    cr_assert_eq(trace_index.entries[1].flags, ETL_ENTRY_LOST);
    cr_assert_eq(trace_index.entries[2].flags, ETL_ENTRY_LOST);
    cr_assert_eq(trace_index.entries[3].flags, 0);
}

Test(etl_index, used_length_falls_back_to_the_older_field_then_to_all)
{
    make_image(1, 3);
    etl_bytes_set(&image, 0x1000 + 0x30, 0x47, 4);
    etl_bytes_set(&image, 0x2000 + 0x30, 0x1001, 4);
    etl_bytes_set(&image, 0x2000 + 0x04, 0, 4);
    cr_assert_eq(scan(), ETL_OK);
    cr_assert_eq(trace_index.entries[1].used, 0x48 + 0x60);
    cr_assert_eq(trace_index.entries[1].flags, 0);
    cr_assert_eq(trace_index.entries[2].used, 0x1000);
    cr_assert_eq(trace_index.entries[2].flags, ETL_ENTRY_GUESSED);
}

Test(etl_index, zero_tail_is_noted_and_is_no_damage)
{
    make_image(1, 2);
    etl_bytes_fill(&image, 0, 0x2345);
    cr_assert_eq(scan(), ETL_OK);
    cr_assert_eq(trace_index.count, 3);
    cr_assert_eq(input.info.damaged_buffers, 0);
    cr_assert_eq(input.info.skipped_bytes, 0);
    cr_assert_eq(notes.count, 1);
    cr_assert_not_null(strstr(notes.texts[0], "9029 bytes of zeros at offset 12288"));
}

Test(etl_index, zero_hole_is_damage)
{
    make_image(1, 4);
    memset(image.bytes + 0x2000, 0, 0x1000);
    cr_assert_eq(scan(), ETL_OK);
    cr_assert_eq(trace_index.count, 4);
    cr_assert_eq(trace_index.entries[2].offset, 0x3000);
    cr_assert_eq(input.info.damaged_buffers, 1);
    cr_assert_eq(input.info.skipped_bytes, 0x1000);
    cr_assert(input.summary.place_unknown);
}

Test(etl_index, wrong_size_is_put_right_by_the_next_trace_buffer)
{
    const uint32_t wrong[] = {0, 1, 0x47, 0x48, 0x800, 0xFFF, 0x1800, 0x2000000, 0xFFFFFFFF};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        make_image(1, 4);
        etl_bytes_set(&image, 0x2000, wrong[i], 4);
        cr_assert_eq(scan(), ETL_OK);
        cr_expect_eq(trace_index.count, 5, "size %u", wrong[i]);
        cr_expect_eq(trace_index.entries[2].offset, 0x2000);
        cr_expect_eq(trace_index.entries[2].size, 0x1000);
        cr_expect_eq(trace_index.entries[2].flags, ETL_ENTRY_DAMAGED, "size %u", wrong[i]);
        cr_expect_eq(trace_index.entries[3].offset, 0x3000);
        cr_expect_eq(input.info.damaged_buffers, 1);
        cr_expect_eq(input.info.skipped_bytes, 0);
        cr_expect_not(input.summary.place_unknown);
        finish();
    }
}

/* Header and first record's marker are enough to tell where the next trace buffer begins. */
Test(etl_index, a_next_trace_buffer_that_is_cut_puts_a_size_right)
{
    make_image(1, 3);
    etl_bytes_set(&image, 0x2000, 0x800, 4);
    image.len = 0x3000 + ETL_BUFFER_HEADER_LEN + 4;
    cr_assert_eq(scan(), ETL_OK);
    cr_assert_eq(trace_index.entries[2].offset, 0x2000);
    cr_assert_eq(trace_index.entries[2].size, 0x1000);
    cr_assert_eq(input.info.damaged_buffers, 1);
    image.len--;
    cr_assert_eq(scan(), ETL_OK);
    cr_assert_neq(trace_index.entries[2].size, 0x1000);
}

Test(etl_index, garbage_is_skipped_to_the_next_trace_buffer)
{
    make_image(1, 5);
    memset(image.bytes + 0x2000, 0xC7, 0x2000);
    cr_assert_eq(scan(), ETL_OK);
    cr_assert_eq(trace_index.count, 4);
    cr_assert_eq(trace_index.entries[2].offset, 0x4000);
    cr_assert_eq(input.info.skipped_bytes, 0x2000);
    cr_assert_eq(input.info.damaged_buffers, 1);
    cr_assert(input.summary.place_unknown);
    cr_assert_str_eq(input.summary.cut_why, "", "the skipped bytes account for what is missing");
    cr_assert_not_null(strstr(notes.texts[0], "offset 8192"));
    cr_assert_not_null(strstr(notes.texts[0], "8192 bytes skipped"));
}

Test(etl_index, garbage_behind_a_wrong_size_is_left_on_the_grid)
{
    /* The wrong size leads into the trace buffer, and what follows it at the right place is
     * garbage: the next trace buffer is found from where this one began. */
    make_image(1, 5);
    etl_bytes_set(&image, 0x2000, 0x900, 4);
    memset(image.bytes + 0x3000, 0xC7, 0x1000);
    cr_assert_eq(scan(), ETL_OK);
    cr_assert_eq(trace_index.entries[trace_index.count - 2].offset, 0x4000);
    cr_assert_eq(trace_index.entries[trace_index.count - 1].offset, 0x5000);
}

Test(etl_index, garbage_tail_is_skipped)
{
    make_image(1, 2);
    etl_bytes_fill(&image, 0xC7, 0x1800);
    cr_assert_eq(scan(), ETL_OK);
    cr_assert_eq(trace_index.count, 3);
    cr_assert_eq(input.info.skipped_bytes, 0x1800);
    cr_assert(input.summary.place_unknown);
}

Test(etl_index, cut_file)
{
    make_image(1, 3);
    image.len -= 0x800;
    cr_assert_eq(scan(), ETL_OK);
    cr_assert_eq(trace_index.count, 4);
    cr_assert_eq(trace_index.entries[3].size, 0x800);
    cr_assert_not_null(strstr(input.summary.cut_why, "4096 bytes"));
    cr_assert_not_null(strstr(input.summary.cut_why, "2048"));
    image.len -= 0x7FF;
    cr_assert_eq(scan(), ETL_OK);
    cr_assert_eq(trace_index.count, 3);
    cr_assert_eq(input.info.skipped_bytes, 1);
    cr_assert_not_null(strstr(input.summary.cut_why, "72 bytes, of which 1"));
}

Test(etl_index, first_trace_buffer_is_there_whatever_its_header_says)
{
    /* Cut inside it, with flags and a type that none has: the end is missing, not 0 of 0. */
    etl_bytes_begin(&image, 0x400, ETL_MODE_COMPRESSED);
    etl_bytes_close(&image);
    etl_bytes_set(&image, ETL_BUFFER_FLAGS_AT, 0xFFDE, 2);
    etl_bytes_set(&image, ETL_BUFFER_TYPE_AT, 0xFBFF, 2);
    image.len = 594;
    cr_assert_eq(scan(), ETL_OK);
    cr_expect_eq(input.info.buffers, 1);
    cr_expect_eq(input.info.skipped_bytes, 0);
    cr_expect_not_null(strstr(input.summary.cut_why, "1024 bytes, of which 594"), "%s",
                       input.summary.cut_why);
    /* A trace buffer of a steady size ends where the next one would begin. */
    finish();
    make_image(1, 3);
    etl_bytes_set(&image, ETL_BUFFER_TYPE_AT, 0xFBFF, 2);
    etl_bytes_set(&image, 0, 0x1800, 4);
    memset(image.bytes + 0x1000, 0xC7, 0x1000);
    cr_assert_eq(scan(), ETL_OK);
    cr_expect_eq(input.info.buffers, 3);
    cr_expect_eq(input.info.skipped_bytes, 0x1000);
    cr_expect_eq(trace_index.entries[1].offset, 0x2000);
}

Test(etl_index, what_is_no_trace_buffer_is_told_by_what_is_wrong_with_it)
{
    make_image(1, 3);
    etl_bytes_set(&image, 0x2000, 0xFFFFFFFF, 4);
    etl_bytes_set(&image, 0x2000 + ETL_BUFFER_TYPE_AT, 8, 2);
    cr_assert_eq(scan(), ETL_OK);
    cr_expect_not_null(strstr(notes.texts[0], "size would be 4294967295, expected 72 to 67108864"),
                       "%s", notes.texts[0]);
    etl_bytes_set(&image, 0x2000, 0x800, 4);
    cr_assert_eq(scan(), ETL_OK);
    cr_expect_not_null(strstr(notes.texts[0],
                              "it would have 2048 bytes, 168 of them used, type 8 and flags "
                              "0x0020; 4096 bytes skipped"),
                       "%s", notes.texts[0]);
}

Test(etl_index, fewer_trace_buffers_than_the_header_says)
{
    make_image(1, 3);
    image.len -= 0x1000;
    cr_assert_eq(scan(), ETL_OK);
    cr_assert_not_null(strstr(input.summary.cut_why, "3 trace buffers, its header says 4"));
    /* A circular file may have overwritten them. */
    etl_bytes_set(&image, image.header_at + 0x20, 2, 4);
    cr_assert_eq(scan(), ETL_OK);
    cr_assert_str_eq(input.summary.cut_why, "");
}

Test(etl_index, trace_buffers_without_events_have_no_entry)
{
    const unsigned types[] = {3, 6, 7};
    for (size_t i = 0; i < 3; i++) {
        make_image(1, 3);
        etl_bytes_set(&image, 0x2000 + 0x36, types[i], 2);
        cr_assert_eq(scan(), ETL_OK);
        cr_expect_eq(trace_index.count, 3);
        cr_expect_eq(input.info.buffers, 4);
        cr_expect_eq(input.info.damaged_buffers, 0);
        finish();
    }
    make_image(1, 3);
    etl_bytes_set(&image, 0x2000 + 0x36, 9, 2);
    cr_assert_eq(scan(), ETL_OK);
    cr_assert_eq(trace_index.count, 4);
    cr_assert_eq(trace_index.entries[2].flags, ETL_ENTRY_SKIP);
}

static bool flushed(uint32_t mode, const char *marks, const char *sequences)
{
    make_image(mode, (unsigned)strlen(marks));
    for (size_t i = 0; marks[i] != '\0'; i++) {
        size_t at = 0x1000 * (i + 1);
        etl_bytes_set(&image, at + 0x18, (uint64_t)(sequences[i] - '0'), 8);
        etl_bytes_set(&image, at + 0x34, marks[i] == 'M' ? 0x21 : 0x20, 2);
    }
    cr_assert_eq(scan(), ETL_OK);
    finish();
    return input.summary.end_flushed;
}

Test(etl_index, final_flush_marker)
{
    cr_expect(flushed(1, "--M", "123"));
    cr_expect(flushed(1, "--M", "231"), "the last one in the file, as on real captures");
    cr_expect(flushed(1, "-M-", "132"), "the highest sequence number");
    cr_expect_not(flushed(1, "---", "123"));
    cr_expect_not(flushed(1, "M--", "123"), "a flush in the middle is not the final one");
    cr_expect(flushed(2, "-M--", "5634"), "circular: anywhere");
    cr_expect_not(flushed(2, "----", "5634"));
    cr_expect(flushed(4, "--M-M", "12312"), "appended: of the last session");
    cr_expect_not(flushed(4, "--M--", "12312"));
    cr_expect_not(flushed(4, "--M---", "123123"));
    cr_expect(flushed(1, "", ""), "nothing but the header's trace buffer");
}

Test(etl_index, tiny_trace_buffers)
{
    make_image(1, 0);
    image.buffer_size = 0x80;
    for (unsigned i = 0; i < 500; i++) {
        etl_bytes_buffer(&image, 0, i + 1, i == 499, 0);
        etl_bytes_system(&image, 0x11, 3000 + i, 0x0F01, NULL, 0);
        etl_bytes_close(&image);
    }
    etl_bytes_written(&image, 501);
    cr_assert_eq(scan(), ETL_OK);
    cr_assert_eq(trace_index.count, 501);
    cr_assert_eq(trace_index.entries[500].offset, 0x1000 + 499 * 0x80);
    cr_assert_eq(input.info.damaged_buffers, 0);
}

/* ---- the words ---- */

static void expect_note(const char *want)
{
    cr_assert_eq(scan(), ETL_OK);
    cr_expect_str_eq(notes.texts[0], want);
    cr_expect_eq(notes.count, 1, "%s", want);
}

Test(etl_index, each_finding_is_told_with_its_place)
{
    make_image(1, 2);
    etl_bytes_fill(&image, 0, 0x2345);
    expect_note("x.etl: ends in 9029 bytes of zeros at offset 12288, which were never written");
    finish();
    make_image(1, 2);
    etl_bytes_fill(&image, 0xC7, 0x1800);
    expect_note("x.etl: no trace buffer at offset 12288: its size would be 3351758791, expected 72 "
                "to 67108864; 6144 bytes skipped, to the end of the file");
    finish();
    make_image(1, 3);
    image.len -= 0x800;
    expect_note("x.etl: trace buffer at offset 12288 is cut: 4096 bytes, of which 2048 are there");
    cr_expect_str_eq(input.summary.cut_why,
                     "the file is cut: its last trace buffer has 4096 bytes, of which 2048 are "
                     "there");
    finish();
    make_image(1, 3);
    image.len = 0x3000 + 71;
    expect_note("x.etl: trace buffer at offset 12288 is cut: 72 bytes, of which 71 are there");
    cr_expect_eq(input.info.skipped_bytes, 71);
    image.len++;
    expect_note("x.etl: trace buffer at offset 12288 is cut: 4096 bytes, of which 72 are there");
    cr_expect_eq(input.info.skipped_bytes, 0);
    finish();
    make_image(1, 3);
    etl_bytes_set(&image, 0x2000, 0x800, 4);
    expect_note("x.etl: trace buffer at offset 8192: its size is 2048, the next one is 4096 bytes "
                "on");
    finish();
    make_image(1, 3);
    image.len -= 0x1000;
    cr_assert_eq(scan(), ETL_OK);
    cr_expect_str_eq(input.summary.cut_why,
                     "the file is cut: it has 3 trace buffers, its header says 4");
    cr_expect_eq(notes.count, 0);
}

/* ---- trace buffers of which the size is in doubt ---- */

/* The size of the trace buffer at 0x2000 is put right if one seems to begin at 0x3000. */
Test(etl_index, a_size_is_put_right_by_what_follows_alone)
{
    static const struct {
        size_t at;
        uint64_t value;
        size_t width;
        bool plausible;
    } rows[] = {
        {ETL_BUFFER_TYPE_AT, 7, 2, true},
        {ETL_BUFFER_TYPE_AT, 8, 2, false},
        {ETL_BUFFER_FLAGS_AT, 0x7F, 2, true},
        {ETL_BUFFER_FLAGS_AT, 0xA0, 2, false},
        {ETL_BUFFER_USED_AT, 0x48, 4, true},
        {ETL_BUFFER_USED_AT, 0x47, 4, false},
        {ETL_BUFFER_USED_AT, 0x1000, 4, true},
        {ETL_BUFFER_USED_AT, 0x1001, 4, false},
        {ETL_BUFFER_SIZE_AT, 0xA7, 4, false},
        {ETL_BUFFER_SIZE_AT, 0xA8, 4, true},
        {ETL_BUFFER_SIZE_AT, 64 << 20, 4, true},
        {ETL_BUFFER_SIZE_AT, (64 << 20) + 1, 4, false},
        {ETL_BUFFER_HEADER_LEN + 3, 0x7F, 1, false},
        {ETL_BUFFER_HEADER_LEN + 3, 0x80, 1, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        make_image(1, 4);
        etl_bytes_set(&image, 0x2000, 0x800, 4);
        etl_bytes_set(&image, 0x3000 + rows[i].at, rows[i].value, rows[i].width);
        cr_assert_eq(scan(), ETL_OK);
        cr_expect_eq(trace_index.entries[2].size, rows[i].plausible ? 0x1000 : 0x800, "row %zu", i);
        finish();
    }
}

/* Compressed trace buffers have no marker in front of their data, and may claim more than their
 * size. */
Test(etl_index, a_compressed_one_may_follow)
{
    static const uint32_t used[] = {0x48, 0x2000, ETL_DECODED_MAX, ETL_DECODED_MAX + 1};
    for (size_t i = 0; i < sizeof used / sizeof used[0]; i++) {
        make_image(1, 4);
        etl_bytes_set(&image, 0x2000, 0x800, 4);
        etl_bytes_set(&image, 0x3000 + ETL_BUFFER_FLAGS_AT, 0x60, 2);
        etl_bytes_set(&image, 0x3000 + ETL_BUFFER_USED_AT, used[i], 4);
        etl_bytes_set(&image, 0x3000 + ETL_BUFFER_HEADER_LEN, 0, 4);
        cr_assert_eq(scan(), ETL_OK);
        cr_expect_eq(trace_index.entries[2].size, i < 3 ? 0x1000 : 0x800, "%u", used[i]);
        finish();
    }
}

/* The end of the file is as good as a trace buffer. */
Test(etl_index, a_wrong_size_before_the_end_is_put_right)
{
    make_image(1, 2);
    etl_bytes_set(&image, 0x2000, 0x800, 4);
    cr_assert_eq(scan(), ETL_OK);
    cr_expect_eq(trace_index.entries[2].size, 0x1000);
    cr_expect_eq(trace_index.entries[2].flags, ETL_ENTRY_DAMAGED);
    /* Another size is believed where it leads to the end. */
    finish();
    make_image(1, 2);
    image.len -= 0x800;
    etl_bytes_set(&image, 0x2000, 0x800, 4);
    cr_assert_eq(scan(), ETL_OK);
    cr_expect_eq(trace_index.entries[2].size, 0x800);
    cr_expect_eq(trace_index.entries[2].flags, 0);
    cr_expect_eq(notes.count, 0);
}

/* Used lengths from a bare header to a full trace buffer. */
Test(etl_index, used_lengths_reach_from_header_to_size)
{
    static const struct {
        uint32_t used, saved, want;
        uint8_t flags;
    } rows[] = {
        {0x48, 0x50, 0x48, 0},
        {0x1000, 0x50, 0x1000, 0},
        {0x1001, 0x1000, 0x1000, 0},
        {0x1001, 0x48, 0x48, 0},
        {0x47, 0x1001, 0x1000, ETL_ENTRY_GUESSED},
        {0x47, 0x47, 0x1000, ETL_ENTRY_GUESSED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        make_image(1, 3);
        etl_bytes_set(&image, 0x2000 + 0x30, rows[i].used, 4);
        etl_bytes_set(&image, 0x2000 + 0x04, rows[i].saved, 4);
        cr_assert_eq(scan(), ETL_OK);
        cr_expect_eq(trace_index.entries[2].used, rows[i].want, "row %zu", i);
        cr_expect_eq(trace_index.entries[2].flags, rows[i].flags, "row %zu", i);
        finish();
    }
}

/* ---- counts ---- */

/* Skipped bytes stand for as many trace buffers as they would be, a part counting as one. */
Test(etl_index, skipped_bytes_count_as_trace_buffers)
{
    static const struct {
        size_t len;
        unsigned missing;
    } rows[] = {{0xFFF, 1}, {0x1000, 1}, {0x1001, 2}, {0x2000, 2}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (unsigned more = 0; more < 2; more++) {
            make_image(1, 2);
            etl_bytes_fill(&image, 0xC7, rows[i].len);
            etl_bytes_written(&image, 3 + rows[i].missing + more);
            cr_assert_eq(scan(), ETL_OK);
            cr_expect_eq(input.summary.cut_why[0] == '\0', more == 0, "row %zu: %s", i,
                         input.summary.cut_why);
            finish();
        }
    }
    /* Compressed ones have no size: whatever is skipped counts as one. */
    for (unsigned more = 0; more < 2; more++) {
        make_image(0x04000001, 0);
        etl_bytes_fill(&image, 0xC7, 0x5000);
        etl_bytes_written(&image, 2 + more);
        cr_assert_eq(scan(), ETL_OK);
        cr_expect_eq(input.summary.cut_why[0] == '\0', more == 0, "%s", input.summary.cut_why);
        finish();
    }
}

/* Sessions have numbers up to a limit, behind which they count as one. */
Test(etl_index, sessions_are_counted_up_to_their_limit)
{
    for (unsigned count = ETL_SESSIONS_MAX; count <= ETL_SESSIONS_MAX + 2; count++) {
        make_image(5, 0);
        image.buffer_size = 0x80;
        for (unsigned i = 0; i < count; i++) {
            etl_bytes_buffer(&image, 0, 1, 1, 0);
            etl_bytes_system(&image, 0x11, 3000 + i, 0x0F01, NULL, 0);
            etl_bytes_close(&image);
        }
        etl_bytes_written(&image, count + 1);
        cr_assert_eq(scan(), ETL_OK);
        cr_assert_eq(input.summary.session_count, ETL_SESSIONS_MAX);
        cr_assert_eq(input.summary.place_unknown, count > ETL_SESSIONS_MAX);
        cr_assert_eq(notes.count, count > ETL_SESSIONS_MAX);
        cr_assert_eq(trace_index.entries[1].session, 0);
        cr_assert_eq(trace_index.entries[2].session, 1);
        cr_assert_eq(trace_index.entries[count].session, ETL_SESSIONS_MAX - 1);
        finish();
    }
    cr_assert_str_eq(notes.texts[0],
                     "x.etl: more than 4096 sessions were appended to one another: nobody knows "
                     "what was lost between them");
}

/* A number that is not above the lowest one of its session begins the next. */
Test(etl_index, sessions_begin_where_numbers_begin_again)
{
    static const struct {
        uint32_t mode;
        const char *sequences;
        unsigned count;
    } rows[] = {{5, "123", 1},  {5, "121", 2},  {5, "2343", 1}, {5, "2342", 2}, {5, "2341", 2},
                {5, "1111", 4}, {1, "1111", 1}, {5, "32", 2},   {5, "3231", 3}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        make_image(rows[i].mode, (unsigned)strlen(rows[i].sequences));
        for (size_t k = 0; rows[i].sequences[k] != '\0'; k++) {
            etl_bytes_set(&image, 0x1000 * (k + 1) + 0x18, (uint64_t)(rows[i].sequences[k] - '0'),
                          8);
        }
        cr_assert_eq(scan(), ETL_OK);
        cr_expect_eq(input.summary.session_count, rows[i].count, "%s: %u", rows[i].sequences,
                     input.summary.session_count);
        finish();
    }
}

/* Numbers of processors from all over their range, each of which counts once. */
Test(etl_index, processors_are_counted)
{
    static const unsigned processors[] = {0, 1, 63, 64, 65, 0x7FF, 0x800, 0xFFFF, 64, 0};
    size_t count = sizeof processors / sizeof processors[0];
    make_image(1, 0);
    for (size_t i = 0; i < count; i++) {
        etl_bytes_buffer(&image, processors[i], (int64_t)i + 1, i + 1 == count, 0);
        etl_bytes_close(&image);
    }
    cr_assert_eq(scan(), ETL_OK);
    cr_assert_eq(input.info.processors_seen, 8);
    cr_assert_eq(trace_index.entries[8].processor, 0xFFFF);
}
