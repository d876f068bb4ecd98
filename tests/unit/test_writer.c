/* SPDX-License-Identifier: Apache-2.0 */

/* The program's own writer, by the bytes that it writes; that of the tests: test_trace_writer.c. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "writer/trace_writer.h"

enum {
    SIZE = TRACE_WRITER_SIZE_MIN,
    HEAD = TRACE_WRITER_HEADER_LEN,
    ROOM = SIZE - HEAD, /* bytes of a trace buffer for records */
    SEQUENCE = 0x18,
    PROCESSOR = 0x28,
    STATE = 0x2C,
    USED = 0x30,
    FLAGS = 0x34,
    TYPE = 0x36,
};

static struct trace_writer writer;
static struct out out;
static uint8_t *bytes;
static size_t len;

static void begin(void)
{
    out_init_memory(&out, 1 << 24);
    cr_assert(trace_writer_init(&writer, &out, SIZE));
}

/* Afterwards the file lies in bytes[0..len). */
static void end(void)
{
    trace_writer_finish(&writer);
    bytes = (uint8_t *)out_take(&out, &len);
    cr_assert_not_null(bytes);
}

static uint64_t number_at(size_t at, unsigned width)
{
    uint64_t value = 0;
    cr_assert_leq(at + width, len);
    for (unsigned i = 0; i < width; i++) {
        value |= (uint64_t)bytes[at + i] << (8 * i);
    }
    return value;
}

static void expect_buffer(size_t index, uint64_t sequence, unsigned processor, unsigned used,
                          unsigned flags)
{
    size_t at = index * SIZE;
    cr_expect_eq(number_at(at, 4), SIZE, "%zu", index);
    cr_expect_eq(number_at(at + 4, 4), used, "%zu", index);
    cr_expect_eq(number_at(at + SEQUENCE, 8), sequence, "%zu", index);
    cr_expect_eq(number_at(at + PROCESSOR, 2), processor, "%zu", index);
    cr_expect_eq(number_at(at + STATE, 4), index == 0 ? 0 : 3, "%zu", index);
    cr_expect_eq(number_at(at + USED, 4), used, "%zu", index);
    cr_expect_eq(number_at(at + FLAGS, 2), flags, "%zu: 0x%x", index,
                 (unsigned)number_at(at + FLAGS, 2));
    cr_expect_eq(number_at(at + TYPE, 2), index == 0 ? 4 : 0, "%zu", index);
    for (size_t i = used; i < SIZE; i++) {
        cr_assert_eq(bytes[at + i], 0xFF, "%zu: byte %zu", index, i);
    }
}

/* A record of `size` times the byte `value`. */
static void add(uint16_t processor, uint8_t value, uint32_t size)
{
    static uint8_t record[0x10000];
    memset(record, value, size);
    trace_writer_record(&writer, processor, record, size);
}

static void write_first(void)
{
    static const uint8_t first[16] = "the first record";
    trace_writer_begin(&writer, first, sizeof first);
}

Test(writer, a_trace_buffer_is_as_large_as_its_largest_record_needs)
{
    static const struct {
        uint32_t size, want;
    } rows[] = {{0, 4096},       {100, 4096},   {ROOM, 4096},      {ROOM + 1, 8192},
                {8120, 8192},    {8121, 16384}, {0xFFFF, 0x20000}, {0x8000 - HEAD, 0x8000},
                {ROOM - 7, 4096}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cr_expect_eq(trace_writer_size_for(rows[i].size), rows[i].want, "%u: %u", rows[i].size,
                     trace_writer_size_for(rows[i].size));
    }
}

Test(writer, the_first_trace_buffer_is_the_sessions_header)
{
    begin();
    write_first();
    trace_writer_end_session(&writer, true);
    cr_assert_eq(writer.buffers, 1);
    end();
    cr_assert_eq(len, SIZE);
    expect_buffer(0, 0, 0, HEAD + 16, 0x21);
    cr_assert(memcmp(bytes + HEAD, "the first record", 16) == 0);
    for (size_t i = 8; i < HEAD; i++) {
        bool known = i == STATE || i == USED || i == FLAGS || i == TYPE;
        cr_expect(known || bytes[i] == 0, "byte %zu", i);
    }
}

/* Records are padded with zeros to 8 bytes, and a trace buffer takes as many as fit. */
Test(writer, records_fill_trace_buffers)
{
    begin();
    write_first();
    add(3, 'a', ROOM - 20); /* 4004 bytes, 4008 with padding: 16 are left */
    add(3, 'b', 16);
    add(3, 'c', 1);
    add(3, 'd', ROOM - 8);
    add(3, 'e', ROOM);
    add(3, 'f', 9);
    trace_writer_end_session(&writer, true);
    cr_assert_eq(writer.buffers, 5);
    cr_assert_eq(writer.sequence, 0);
    end();
    cr_assert_eq(len, 5 * SIZE);
    expect_buffer(0, 0, 0, HEAD + 16, 0x21);
    expect_buffer(1, 1, 3, SIZE, 0x20);
    expect_buffer(2, 2, 3, SIZE, 0x20);
    expect_buffer(3, 3, 3, SIZE, 0x20);
    expect_buffer(4, 4, 3, HEAD + 16, 0x21);
    cr_assert(bytes[SIZE + HEAD] == 'a' && bytes[SIZE + HEAD + ROOM - 21] == 'a');
    cr_assert_eq(number_at(SIZE + HEAD + ROOM - 20, 4), 0, "padding");
    cr_assert(bytes[SIZE + SIZE - 16] == 'b' && bytes[SIZE + SIZE - 1] == 'b');
    cr_assert_eq(number_at(2 * SIZE + HEAD, 8), 'c');
    cr_assert(bytes[2 * SIZE + HEAD + 8] == 'd' && bytes[3 * SIZE - 1] == 'd');
    cr_assert(bytes[3 * SIZE + HEAD] == 'e' && bytes[4 * SIZE - 1] == 'e');
    cr_assert(bytes[4 * SIZE + HEAD + 8] == 'f' && number_at(4 * SIZE + HEAD + 9, 7) == 0);
}

/* Each processor has a trace buffer of its own; at the end they follow by processor. */
Test(writer, processors_do_not_share_trace_buffers)
{
    begin();
    write_first();
    add(0x900, 'z', 8); /* all numbers above the last known one stand together */
    add(0x800, 'y', 8);
    add(1, 'b', 8);
    add(0, 'a', 8);
    add(1, 'B', 8);
    trace_writer_end_session(&writer, false);
    end();
    cr_assert_eq(len, 4 * SIZE);
    expect_buffer(1, 1, 0, HEAD + 8, 0x20);
    expect_buffer(2, 2, 1, HEAD + 16, 0x20);
    expect_buffer(3, 3, 0x800, HEAD + 16, 0x20);
    cr_assert(bytes[2 * SIZE + HEAD] == 'b' && bytes[2 * SIZE + HEAD + 8] == 'B');
    cr_assert(bytes[3 * SIZE + HEAD] == 'z' && bytes[3 * SIZE + HEAD + 8] == 'y');
}

/* A loss is written even where no record stands beside it, and nothing else is. */
Test(writer, a_flush_ends_what_is_begun)
{
    begin();
    write_first();
    trace_writer_flush(&writer, 0, 0);
    cr_assert_eq(writer.buffers, 1);
    trace_writer_flush(&writer, 7, 2);
    add(0, 'a', 8);
    trace_writer_flush(&writer, 0, 4);
    trace_writer_flush(&writer, 0, 0);
    add(0, 'b', 8);
    trace_writer_flush(&writer, 0, 0);
    cr_assert_eq(writer.buffers, 4);
    cr_assert_eq(writer.sequence, 3);
    cr_assert_eq(out_written(&out), 3 * SIZE, "the last one waits");
    trace_writer_end_session(&writer, true);
    end();
    cr_assert_eq(len, 4 * SIZE);
    expect_buffer(1, 1, 7, HEAD, 0x22);
    expect_buffer(2, 2, 0, HEAD + 8, 0x24);
    expect_buffer(3, 3, 0, HEAD + 8, 0x21);
}

Test(writer, each_session_has_its_numbers_and_its_marker)
{
    begin();
    write_first();
    add(0, 'a', 8);
    trace_writer_end_session(&writer, true);
    add(0, 'b', 8);
    trace_writer_flush(&writer, 0, 0);
    add(0, 'c', 8);
    trace_writer_end_session(&writer, false);
    end();
    cr_assert_eq(len, 4 * SIZE);
    expect_buffer(1, 1, 0, HEAD + 8, 0x21);
    expect_buffer(2, 1, 0, HEAD + 8, 0x20);
    expect_buffer(3, 2, 0, HEAD + 8, 0x20);
}

/* A writer without an output counts the same; records without a flush are dropped. */
Test(writer, it_counts_without_an_output)
{
    cr_assert(trace_writer_init(&writer, NULL, SIZE));
    write_first();
    add(0, 'a', ROOM);
    add(0, 'b', 8);
    trace_writer_flush(&writer, 1, 2);
    cr_assert_eq(writer.buffers, 3);
    trace_writer_end_session(&writer, true);
    cr_assert_eq(writer.buffers, 4);
    trace_writer_finish(&writer);
    begin();
    write_first();
    add(0, 'a', 8);
    end();
    cr_assert_eq(len, SIZE);
}
