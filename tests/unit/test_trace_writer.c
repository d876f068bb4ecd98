/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/trace.h"

static struct trace_bytes image;

static uint64_t number_at(size_t offset, unsigned width)
{
    uint64_t value = 0;
    cr_assert_leq(offset + width, image.len);
    for (unsigned i = 0; i < width; i++) {
        value |= (uint64_t)image.data[offset + i] << (8 * i);
    }
    return value;
}

static void write_text(const char *text)
{
    struct trace trace;
    struct trace_errors errors;
    trace_init(&trace);
    cr_assert(trace_parse_text(text, &trace, &errors), "line %u: %s", errors.line, errors.text);
    cr_assert(trace_write(&trace, &image, &errors), "line %u: %s", errors.line, errors.text);
    trace_finish(&trace);
}

static void finish(void)
{
    trace_bytes_finish(&image);
}

/* Offset of trace buffer `index`, going from one to the next by BufferSize. */
static size_t buffer_at(unsigned index)
{
    size_t at = 0;
    for (unsigned i = 0; i < index; i++) {
        at += number_at(at, 4);
    }
    return at;
}

#define SEQUENCE 0x18
#define PROCESSOR 0x28
#define OFFSET 0x30
#define FLAG 0x34
#define TYPE 0x36
#define RECORD 0x48
#define LOG 0x68 /* TRACE_LOGFILE_HEADER in trace buffer 0 */

Test(trace_writer, the_header_says_what_the_trace_says, .fini = finish)
{
    write_text("trace processors=4 events-lost=3 buffers-lost=2 frequency=2109960\n"
               "0 1 recv.enter\n");
    cr_expect_eq(image.len, 2 * 4096);
    cr_expect_eq(number_at(TYPE, 2), 4);
    cr_expect_eq(number_at(RECORD, 4), 0xC0020002);
    cr_expect_eq(number_at(RECORD + 0x10, 8), TRACE_BASE_TICKS);
    cr_expect_eq(number_at(LOG + 0x00, 4), 4096);
    cr_expect_eq(number_at(LOG + 0x0C, 4), 4);
    cr_expect_eq(number_at(LOG + 0x24, 4), 2, "BuffersWritten counts the header's too");
    cr_expect_eq(number_at(LOG + 0x2C, 4), 8);
    cr_expect_eq(number_at(LOG + 0x30, 4), 3);
    cr_expect_eq(number_at(LOG + 0x100, 8), 2109960);
    cr_expect_eq(number_at(LOG + 0x108, 8), UINT64_C(134117966450000000));
    cr_expect_eq(number_at(LOG + 0x110, 4), 1);
    cr_expect_eq(number_at(LOG + 0x114, 4), 2);
    cr_expect_eq(number_at(OFFSET, 4), RECORD + number_at(RECORD + 4, 2));
}

Test(trace_writer, a_32_bit_header_is_8_bytes_shorter, .fini = finish)
{
    write_text("trace pointer=4\n0 1 recv.enter\n");
    cr_expect_eq(number_at(RECORD, 4), 0xC0010002);
    cr_expect_eq(number_at(LOG + 0xF8, 8), 10000000);
    cr_expect_eq(number_at(LOG + 0x108, 4), 1);
    cr_expect_eq(number_at(4096 + RECORD + 2, 2), 0xC012);
    cr_expect_eq(number_at(4096 + RECORD, 2), 0x50 + 32);
}

Test(trace_writer, a_record_lies_as_the_format_says, .fini = finish)
{
    write_text("0 0.0000005 pid=7 tid=9 recv.enter process=0x11 endpoint=0x22 buffer=0x33 len=44 "
               "status=0x55 loc=66 activity=0x77\n");
    size_t at = 4096 + RECORD;
    cr_expect_eq(number_at(at, 2), 0x50 + 44);
    cr_expect_eq(number_at(at + 0x08, 4), 9);
    cr_expect_eq(number_at(at + 0x0C, 4), 7);
    cr_expect_eq(number_at(at + 0x10, 8), TRACE_BASE_TICKS + 5);
    cr_expect_eq(number_at(at + 0x18, 8), UINT64_C(0x44BB7BB8E53C6823));
    cr_expect_eq(number_at(at + 0x28, 2), 1004);
    cr_expect_eq(number_at(at + 0x30, 8), UINT64_C(0x8000000000000004));
    cr_expect_eq(number_at(at + 0x40, 8), 0x77);
    at += 0x50;
    cr_expect_eq(number_at(at, 4), 0);
    cr_expect_eq(number_at(at + 4, 4), 66);
    cr_expect_eq(number_at(at + 8, 8), 0x11);
    cr_expect_eq(number_at(at + 16, 8), 0x22);
    cr_expect_eq(number_at(at + 24, 4), 1);
    cr_expect_eq(number_at(at + 28, 8), 0x33);
    cr_expect_eq(number_at(at + 36, 4), 44);
    cr_expect_eq(number_at(at + 40, 4), 0x55);
}

Test(trace_writer, fixed_sizes_of_all_header_kinds, .fini = finish)
{
    write_text("0 1 system hook=1\n0 1 compact hook=1\n0 1 perfinfo hook=1\n0 1 full\n"
               "0 1 instance\n0 1 event\n0 1 wpp version=0x2a\n0 1 other version=0xb000\n");
    static const struct {
        unsigned size, size_at;
        uint64_t marker;
    } expected[] = {{0x20, 4, 0xC002}, {0x18, 4, 0xC004}, {0x10, 4, 0xC011}, {0x30, 0, 0xC014},
                    {0x48, 0, 0xC015}, {0x50, 0, 0xC013}, {40, 0, 0x9000},   {4, 0, 0xB000}};
    size_t at = 4096 + RECORD;
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        cr_expect_eq(number_at(at + expected[i].size_at, 2), expected[i].size, "kind %zu", i);
        cr_expect_eq(number_at(at + 2, 2), expected[i].marker, "kind %zu", i);
        at += (expected[i].size + 7) / 8 * 8;
    }
    cr_expect_eq(number_at(4096 + OFFSET, 4), at - 4096);
    cr_expect_eq(number_at(at, 4), 0xFFFFFFFF);
}

Test(trace_writer, each_processor_fills_its_own_and_the_last_one_is_marked, .fini = finish)
{
    write_text("1 1 recv.enter\n0 2 recv.enter\nflush 0\n0 3 recv.enter\n");
    const unsigned sequence[] = {2, 1, 3};
    const unsigned processor[] = {0, 1, 0};
    for (unsigned i = 0; i < 3; i++) {
        size_t at = buffer_at(i + 1);
        cr_expect_eq(number_at(at + SEQUENCE, 8), sequence[i]);
        cr_expect_eq(number_at(at + PROCESSOR, 2), processor[i]);
        cr_expect_eq(number_at(at + FLAG, 2), i == 2 ? 0x21 : 0x20);
    }
}

Test(trace_writer, full_trace_buffers_are_followed_by_others, .fini = finish)
{
    struct trace trace;
    struct trace_errors errors;
    trace_init(&trace);
    trace.header.buffer_size = 1024;
    struct trace_place place = {.ticks = TRACE_BASE_TICKS, .cpu = 0};
    for (unsigned i = 0; i < 20; i++) {
        place.ticks++;
        trace_add_afd(&trace, &place, &(struct trace_afd){.id = 1004});
    }
    cr_assert(trace_write(&trace, &image, &errors));
    /* 952 bytes hold seven records of 128. */
    cr_expect_eq(image.len, 4 * 1024);
    cr_expect_eq(number_at(3 * 1024 + OFFSET, 4), 0x48 + 6 * 128);
    trace_finish(&trace);
}

Test(trace_writer, processors_above_255_need_the_index_form, .fini = finish)
{
    write_text("trace build=7601\n300 1 recv.enter\n");
    cr_expect_eq(number_at(4096 + PROCESSOR, 2), 0x0800 | (300 & 0xFF), "number and alignment");
    cr_expect_eq(number_at(4096 + FLAG, 2), 0x01);
    write_text("300 1 recv.enter\n");
    cr_expect_eq(number_at(4096 + PROCESSOR, 2), 300);
    cr_expect_eq(number_at(4096 + FLAG, 2), 0x21);
    cr_expect_eq(number_at(LOG + 0x0C, 4), 301);
    cr_expect_eq(number_at(LOG + 0x06, 1), 2, "layout 2.0");
}

Test(trace_writer, sessions_restart_numbers_and_have_a_marker_each, .fini = finish)
{
    write_text("trace mode=0x5\n0 1 recv.enter\nsession\n0 2 recv.enter\n");
    cr_expect_eq(number_at(4096 + SEQUENCE, 8), 1);
    cr_expect_eq(number_at(4096 + FLAG, 2), 0x21);
    cr_expect_eq(number_at(8192 + SEQUENCE, 8), 1);
    cr_expect_eq(number_at(8192 + FLAG, 2), 0x21);
}

#define FOUR                                                                                       \
    "0 1 recv.enter\nflush 0\n0 2 recv.enter\nflush 0\n0 3 recv.enter\nflush 0\n0 4 recv.enter\n"

Test(trace_writer, a_wrapped_file_begins_with_the_newest, .fini = finish)
{
    write_text("trace mode=0x2\n" FOUR "layout drop=1\nlayout rotate=1\n");
    cr_expect_eq(image.len, 4 * 4096);
    cr_expect_eq(number_at(4096 + SEQUENCE, 8), 4);
    cr_expect_eq(number_at(8192 + SEQUENCE, 8), 2);
    cr_expect_eq(number_at(12288 + SEQUENCE, 8), 3);
    cr_expect_eq(number_at(4096 + FLAG, 2), 0x21, "the marker moves with its trace buffer");
}

Test(trace_writer, order_names_what_stays, .fini = finish)
{
    write_text(FOUR "layout order=3,1\n");
    cr_expect_eq(image.len, 3 * 4096);
    cr_expect_eq(number_at(4096 + SEQUENCE, 8), 3);
    cr_expect_eq(number_at(8192 + SEQUENCE, 8), 1);
}

Test(trace_writer, damage_is_applied_in_order, .fini = finish)
{
    write_text(FOUR "patch buffer=2 field=Offset value=0x77\n"
                    "insert buffer=2 bytes=abcd repeat=4\n"
                    "patch buffer=2 offset=0x48 bytes=1122\n"
                    "patch offset=4 bytes=99\n"
                    "tail zero=3\ntail bytes=ee\ntruncate by=1\n");
    cr_expect_eq(image.len, 5 * 4096 + 8 + 3);
    cr_expect_eq(number_at(8192, 2), 0xCDAB);
    cr_expect_eq(number_at(8192 + 8 + OFFSET, 4), 0x77);
    cr_expect_eq(number_at(8192 + 8 + RECORD, 2), 0x2211);
    cr_expect_eq(number_at(4, 1), 0x99);
}

Test(trace_writer, an_unfinished_file_has_no_end, .fini = finish)
{
    write_text("trace finalised=no flush-marker=no\n0 1 recv.enter\n");
    cr_expect_eq(number_at(LOG + 0x10, 8), 0);
    cr_expect_eq(number_at(LOG + 0x24, 4), 0);
    cr_expect_eq(number_at(4096 + FLAG, 2), 0x20);
    cr_expect_eq(number_at(FLAG, 2) & 1, 1, "the header's trace buffer has the marker always");
}

Test(trace_writer, what_fits_no_trace_buffer_is_an_error)
{
    struct trace trace;
    struct trace_errors errors;
    trace_init(&trace);
    cr_assert(trace_parse_text("0 1 recv.enter\n0 1 recv.enter pad=5000\n", &trace, &errors));
    cr_expect_not(trace_write(&trace, &image, &errors));
    cr_expect_eq(errors.line, 2);
    trace_finish(&trace);
    trace_bytes_finish(&image);
}

/* ---- compression: a decoder of its own, after the format page ---- */

static size_t decode(const uint8_t *in, size_t in_len, uint8_t *out, size_t out_len)
{
    size_t at = 0, made = 0, nibble_at = 0;
    uint32_t flags = 0;
    unsigned left = 0;
    while (made < out_len) {
        if (left == 0) {
            cr_assert_leq(at + 4, in_len);
            memcpy(&flags, in + at, 4);
            at += 4;
            left = 32;
        }
        left--;
        if ((flags >> left & 1) == 0) {
            out[made++] = in[at++];
            continue;
        }
        unsigned match = in[at] | in[at + 1] << 8;
        size_t distance = (match >> 3) + 1;
        size_t len = match & 7;
        at += 2;
        if (len == 7) {
            unsigned nibble = nibble_at == 0 ? in[at] & 15 : in[nibble_at] >> 4;
            nibble_at = nibble_at == 0 ? at++ : 0;
            len = nibble;
            if (nibble == 15) {
                len = in[at++];
                if (len == 255) {
                    len = in[at] | in[at + 1] << 8;
                    at += 2;
                    if (len == 0) {
                        uint32_t wide;
                        memcpy(&wide, in + at, 4);
                        at += 4;
                        len = wide;
                    }
                    len -= 22;
                }
                len += 15;
            }
            len += 7;
        }
        cr_assert(distance <= made && made + len + 3 <= out_len);
        for (len += 3; len > 0; len--, made++) {
            out[made] = out[made - distance];
        }
    }
    return at;
}

static void check_round_trip(const uint8_t *data, size_t len)
{
    uint8_t *back = malloc(len + 1);
    for (int how = TRACE_COMPRESS_GREEDY; how <= TRACE_COMPRESS_LONG; how++) {
        struct trace_bytes packed = {0};
        trace_compress((enum trace_compression)how, data, len, &packed);
        size_t used = decode(packed.data, packed.len, back, len);
        cr_expect_eq(memcmp(back, data, len), 0, "form %d, %zu bytes", how, len);
        cr_expect(used == packed.len || len == 0, "form %d: used %zu of %zu", how, used,
                  packed.len);
        trace_bytes_finish(&packed);
    }
    free(back);
}

Test(trace_writer, compression_decodes_to_the_same_bytes)
{
    enum { LEN = 200000 };
    uint8_t *data = malloc(LEN);
    uint32_t random = 12345;
    for (size_t i = 0; i < LEN; i++) {
        random = random * 1103515245 + 12345;
        data[i] = (uint8_t)(random >> 16 & 3);
    }
    const size_t lens[] = {0, 1, 2, 3, 31, 32, 33, 64, 1000, 9000, LEN};
    for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++) {
        check_round_trip(data, lens[i]);
    }
    free(data);
}

Test(trace_writer, every_form_of_a_match_length_decodes)
{
    /* A run of n + 1 equal bytes is a literal and a match of n: 9 is the last that fits the
     * match, 24 the nibble, 279 the byte, 65538 the word. */
    const size_t runs[] = {3, 9, 10, 24, 25, 279, 280, 65538, 65539, 200000};
    uint8_t *data = malloc(200001);
    memset(data, 'x', 200001);
    for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++) {
        check_round_trip(data, runs[i] + 1);
    }
    free(data);
}

Test(trace_writer, a_compressed_trace_buffer_is_as_long_as_its_stream, .fini = finish)
{
    write_text("trace relogged=yes compress=greedy\n0 1 recv.enter len=5\n0 1 recv.enter len=5\n");
    size_t at = buffer_at(1);
    cr_expect_eq(at, 0x200, "the header's trace buffer shrinks");
    cr_expect_eq(number_at(0x2C, 4), 3, "compression format");
    cr_expect_eq(number_at(at + FLAG, 2) & 0x40, 0x40);
    size_t used = number_at(at + OFFSET, 4) - RECORD;
    cr_expect_eq(used, 2 * 128);
    uint8_t records[256];
    size_t len = number_at(at, 4) - RECORD;
    cr_expect_eq(decode(image.data + at + RECORD, len, records, used), len);
    cr_expect_eq(memcmp(records, records + 128, 124), 0);
}

Test(trace_writer, a_cut_stream_leaves_the_chain_whole, .fini = finish)
{
    write_text("trace compress=literal\n0 1 recv.enter\nflush 0\n0 2 recv.enter\n"
               "shorten buffer=1 by=10\n");
    size_t at = buffer_at(2);
    cr_expect_eq(number_at(at + SEQUENCE, 8), 2);
    cr_expect_eq(at + number_at(at, 4), image.len);
}
