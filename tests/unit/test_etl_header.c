/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <string.h>

#include "parsers/etl/etl_header.h"
#include "base/load.h"
#include "tests/unit/etl_bytes.h"

static struct etl_bytes image;
static struct error_chain errors;
static struct etl_trace_info info;
static char text[1024];

static void init(void)
{
    etl_bytes_begin(&image, 0x1000, 1);
    etl_bytes_close(&image);
}

static void finish(void)
{
    etl_bytes_free(&image);
}

TestSuite(etl_header, .init = init, .fini = finish);

static enum etl_status read_bytes(const void *bytes, size_t len)
{
    struct byte_source *source;
    struct etl_buffer_header first;
    error_chain_init(&errors);
    cr_assert_eq(byte_source_open_memory(bytes, len, &source, &errors), BYTE_SOURCE_OK);
    enum etl_status status = etl_header_read(source, &info, &first, &errors);
    byte_source_destroy(source);
    error_chain_format(&errors, text, sizeof text);
    return status;
}

static enum etl_status read_image(void)
{
    return read_bytes(image.bytes, image.len);
}

Test(etl_header, fields)
{
    etl_bytes_set(&image, image.header_at + 0x30, 7, 4);
    etl_bytes_set(&image, image.header_at + 0x114, 8, 4);
    etl_bytes_set(&image, image.header_at + 0xF8, 12345, 8);
    cr_assert_eq(read_image(), ETL_OK, "%s", text);
    cr_assert_eq(info.size, 0x1000);
    cr_assert_eq(info.buffer_size, 0x1000);
    cr_assert_eq(info.os_major, 10);
    cr_assert_eq(info.os_minor, 0);
    cr_assert_eq(info.layout_major, 1);
    cr_assert_eq(info.layout_minor, 5);
    cr_assert_eq(info.os_build, 19041);
    cr_assert_eq(info.processors, 4);
    cr_assert_eq(info.pointer_size, 8);
    cr_assert_eq(info.mode, 1);
    cr_assert_eq(info.buffers_written, 1);
    cr_assert_eq(info.events_lost, 7);
    cr_assert_eq(info.buffers_lost, 8);
    cr_assert_eq(info.boot_filetime, 12345);
    cr_assert_eq(info.start_filetime, ETL_BYTES_START);
    cr_assert_eq(info.end_filetime, ETL_BYTES_START + 100000000);
    cr_assert(info.finalised);
    cr_assert_eq(info.clock.kind, ETL_CLOCK_QPC);
    cr_assert_eq(info.clock.frequency, ETL_BYTES_FREQUENCY);
    cr_assert_eq(info.clock.base_ticks, ETL_BYTES_HEADER_TICKS);
    cr_assert_eq(info.clock.base_filetime, ETL_BYTES_START);
    cr_assert_str_eq(info.session_name, "Session");
    cr_assert_str_eq(info.file_name, "file.etl");
}

Test(etl_header, clock_kinds)
{
    etl_bytes_set(&image, image.header_at + 0x110, 2, 4);
    etl_bytes_set(&image, 0x48 + 0x10, (uint64_t)ETL_BYTES_START + 5, 8);
    cr_assert_eq(read_image(), ETL_OK);
    cr_assert_eq(info.clock.kind, ETL_CLOCK_SYSTEM_TIME);
    cr_assert_eq(info.clock.frequency, 10000000);
    cr_assert_eq(etl_clock_filetime(&info.clock, ETL_BYTES_START + 77), ETL_BYTES_START + 77);

    etl_bytes_set(&image, image.header_at + 0x110, 3, 4);
    cr_assert_eq(read_image(), ETL_OK);
    cr_assert_eq(info.clock.kind, ETL_CLOCK_CPU_CYCLES);
    cr_assert_eq(info.clock.frequency, UINT64_C(2400000000));

    /* Unknown: by the size of the value. */
    etl_bytes_set(&image, image.header_at + 0x110, 0, 4);
    cr_assert_eq(read_image(), ETL_OK);
    cr_assert_eq(info.clock.kind, ETL_CLOCK_SYSTEM_TIME);
    etl_bytes_set(&image, 0x48 + 0x10, 5000, 8);
    cr_assert_eq(read_image(), ETL_OK);
    cr_assert_eq(info.clock.kind, ETL_CLOCK_QPC);
}

Test(etl_header, clock_without_frequency_is_unsupported)
{
    etl_bytes_set(&image, image.header_at + 0x100, 0, 8);
    cr_assert_eq(read_image(), ETL_UNSUPPORTED);
    cr_assert_not_null(strstr(text, "frequency of 0"));
}

Test(etl_header, never_finalised)
{
    etl_bytes_set(&image, image.header_at + 0x10, 0, 8);
    etl_bytes_set(&image, image.header_at + 0x24, 0, 4);
    cr_assert_eq(read_image(), ETL_OK);
    cr_assert_not(info.finalised);
    cr_assert_eq(info.end_filetime, 0);
}

Test(etl_header, what_people_mistake_for_a_trace)
{
    const struct {
        const char *bytes;
        size_t len;
        const char *says;
    } rows[] = {
        {"", 0, "empty"},
        {"\x1f\x8b\x08 and more", 12, "gzip"},
        {"PK\x03\x04 and more", 12, "ZIP"},
        {"MSCF and more", 13, "cabinet"},
        {"sh\1rt", 5, "5 bytes"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cr_expect_eq(read_bytes(rows[i].bytes, rows[i].len), ETL_NOT_ETL, "%zu", i);
        cr_expect_not_null(strstr(text, rows[i].says), "%zu: %s", i, text);
    }
}

Test(etl_header, other_files_are_named_as_what_they_are)
{
    static const struct {
        const char *bytes;
        size_t len;
        const char *what;
    } files[] = {
        {"ElfFile\0\0\0", 10, "event log (.evtx)"},
        {"\xd4\xc3\xb2\xa1\2\0\4\0", 8, "packet capture (.pcap)"},
        {"\x4d\x3c\xb2\xa1\2\0\4\0", 8, "packet capture (.pcap)"},
        {"\x0a\x0d\x0d\x0a\x1c\0\0\0", 8, "packet capture (.pcapng)"},
        {"PAGEDU64\xf\0\0\0", 12, "memory dump (.dmp)"},
        {"MDMP\x93\xa7", 6, "memory dump (.dmp)"},
        {"version https://git-lfs.github.com/spec/v1\noid", 46, "git lfs pull"},
        {"\r\n <!DOCTYPE html><html>", 25, "web page (HTML)"},
        {"<HTML lang=en>", 14, "web page (HTML)"},
        {"\xff\xfe<\0E\0v\0e\0n\0t\0s\0>\0", 18, "XML that tracerpt made"},
        {"\xef\xbb\xbf<?xml version=", 17, "give the .etl file"},
        {"Event Name, Type, Event ID", 26, "table (CSV) that tracerpt made"},
        {"EVENT NAME, TYPE", 16, "table (CSV) that tracerpt made"},
        {"\xef\xbb<?xml", 7, "it is a text file"},
        {"\xef\xbb\xbe<?xml", 8, "it is a text file"},
        {"\xff\xfd<\0?\0x\0m\0l\0", 12, "12 bytes, the header"},
        {"\x0b \t<?xml", 8, "give the .etl file"},
        {"\x0e<?xml", 6, "6 bytes, the header"},
        {"\xff\xfe"
         "a\0\r\0\n\0",
         8, "it is a text file"},
        {"a,b\t~\xc3\xbc\n", 8, "it is a text file"},
        {"a b", 3, "it is a text file"},
        {" ", 1, "1 bytes, the header"},
        {"a\x7f", 2, "2 bytes, the header"},
        {"a\x1f", 2, "2 bytes, the header"},
        {"\0\0\0\0\0\0\0\0", 8, "its first 8 bytes are zeros"},
        {"", 0, "it is empty"},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        cr_expect_eq(read_bytes(files[i].bytes, files[i].len), ETL_NOT_ETL);
        cr_expect_not_null(strstr(text, files[i].what), "%s: %s", files[i].what, text);
        cr_expect_eq(errors.count, 1, "%s", text);
    }
}

Test(etl_header, a_trace_may_begin_with_the_bytes_of_another_file)
{
    memcpy(image.bytes, "PK\1\0", 4);
    cr_expect_eq(read_image(), ETL_OK, "%s", text);
}

Test(etl_header, wrong_numbers_are_named_with_what_was_expected)
{
    etl_bytes_set(&image, 0, 0xFF, 4);
    cr_assert_eq(read_image(), ETL_NOT_ETL);
    cr_assert_not_null(strstr(text, "255"));
    cr_assert_eq(errors.causes[0].offset, 0);
    cr_assert_not_null(strstr(text, "256"));
    etl_bytes_set(&image, 0, 0x1000, 4);
    etl_bytes_set(&image, 0x48 + 6, 0x0301, 2);
    cr_assert_eq(read_image(), ETL_NOT_ETL);
    cr_assert_not_null(strstr(text, "0x0301"));
    cr_assert_eq(errors.causes[0].offset, 0x48 + 6);
    etl_bytes_set(&image, 0x48 + 6, 0, 2);
    etl_bytes_set(&image, 0x48 + 4, 0x137, 2);
    cr_assert_eq(read_image(), ETL_NOT_ETL);
    cr_assert_not_null(strstr(text, "311"));
    cr_assert_not_null(strstr(text, "312"));
}

Test(etl_header, old_windows_is_unsupported)
{
    image.bytes[image.header_at + 4] = 5;
    image.bytes[image.header_at + 5] = 1;
    cr_assert_eq(read_image(), ETL_UNSUPPORTED);
    cr_assert_not_null(strstr(text, "5.1"));
    cr_assert_eq(errors.causes[0].offset, image.header_at + 4);
}

Test(etl_header, other_compression_is_unsupported)
{
    etl_bytes_set(&image, image.header_at + 0x20, 0x04000001, 4);
    const struct {
        uint32_t state;
        enum etl_status status;
    } rows[] = {{0, ETL_OK}, {3, ETL_OK}, {2, ETL_UNSUPPORTED}, {4, ETL_UNSUPPORTED}};
    for (size_t i = 0; i < 4; i++) {
        etl_bytes_set(&image, 0x2C, rows[i].state, 4);
        cr_expect_eq(read_image(), rows[i].status, "state %u", rows[i].state);
    }
    /* The field means something else without the mode bit. */
    etl_bytes_set(&image, image.header_at + 0x20, 1, 4);
    etl_bytes_set(&image, 0x2C, 2, 4);
    cr_assert_eq(read_image(), ETL_OK);
}

Test(etl_header, names_stay_inside_the_record)
{
    /* No NUL up to the record's end, where other text stands. */
    size_t size = 0x20 + 0x118 + 8;
    etl_bytes_set(&image, 0x48 + 4, size, 2);
    for (size_t i = 0; i < 100; i += 2) {
        etl_bytes_set(&image, image.header_at + 0x118 + i, 'A', 2);
    }
    cr_assert_eq(read_image(), ETL_OK);
    cr_assert_str_eq(info.session_name, "AAAA");
    cr_assert_str_eq(info.file_name, "");
}

Test(etl_header, every_cut_is_not_a_trace)
{
    size_t whole = 0x48 + load_u16(image.bytes + 0x48 + 4);
    for (size_t len = 0; len < whole; len++) {
        uint8_t *exact = malloc(len + 1);
        memcpy(exact, image.bytes, len);
        cr_assert_eq(read_bytes(exact, len), ETL_NOT_ETL, "%zu", len);
        free(exact);
    }
    cr_assert_eq(read_bytes(image.bytes, whole), ETL_OK);
}

Test(etl_header, processor_is_a_byte_without_the_flag)
{
    uint8_t bytes[0x48] = {0};
    struct etl_buffer_header header;
    bytes[0x28] = 3;
    bytes[0x29] = 8;
    etl_buffer_header_parse(bytes, &header);
    cr_assert_eq(header.processor, 3);
    bytes[0x34] = 0x20;
    etl_buffer_header_parse(bytes, &header);
    cr_assert_eq(header.processor, 0x803);
}

Test(etl_header, each_field_of_a_trace_buffer_has_its_place)
{
    uint8_t bytes[0x48];
    struct etl_buffer_header header;
    for (unsigned i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)(i + 0x80);
    }
    etl_buffer_header_parse(bytes, &header);
    cr_expect_eq(header.size, 0x83828180);
    cr_expect_eq(header.saved_offset, 0x87868584);
    cr_expect_eq(header.sequence, (int64_t)UINT64_C(0x9F9E9D9C9B9A9998));
    cr_expect_eq(header.processor, 0xA9A8);
    cr_expect_eq(header.state, 0xAFAEADAC);
    cr_expect_eq(header.used, 0xB3B2B1B0);
    cr_expect_eq(header.flags, 0xB5B4);
    cr_expect_eq(header.type, 0xB7B6);
}

/* Where the kind of clock is unknown, a value that may be a time of the years 1970 to 9998 is one,
 * and any other counts by a counter, if there is one. */
Test(etl_header, an_unknown_clock_is_told_by_its_value)
{
    static const struct {
        int64_t ticks;
        uint64_t frequency;
        uint32_t type;
        enum etl_clock_kind kind;
    } rows[] = {
        {INT64_C(116444736000000000) - 1, 10000000, 0, ETL_CLOCK_QPC},
        {INT64_C(116444736000000000), 10000000, 0, ETL_CLOCK_SYSTEM_TIME},
        {INT64_C(2650467744000000000) - 1, 10000000, 4, ETL_CLOCK_SYSTEM_TIME},
        {INT64_C(2650467744000000000), 10000000, 4, ETL_CLOCK_QPC},
        {5, 0, 0, ETL_CLOCK_SYSTEM_TIME},
        {5, 1, 0, ETL_CLOCK_QPC},
        {INT64_C(116444736000000000), 10000000, 1, ETL_CLOCK_QPC},
        {5, 10000000, 2, ETL_CLOCK_SYSTEM_TIME},
        {5, 10000000, 3, ETL_CLOCK_CPU_CYCLES},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        etl_bytes_set(&image, 0x48 + 0x10, (uint64_t)rows[i].ticks, 8);
        etl_bytes_set(&image, image.header_at + 0x100, rows[i].frequency, 8);
        etl_bytes_set(&image, image.header_at + 0x110, rows[i].type, 4);
        cr_assert_eq(read_image(), ETL_OK, "row %zu: %s", i, text);
        cr_expect_eq(info.clock.kind, rows[i].kind, "row %zu", i);
    }
    etl_bytes_set(&image, image.header_at + 0x110, 1, 4);
    etl_bytes_set(&image, image.header_at + 0x100, 0, 8);
    cr_assert_eq(read_image(), ETL_UNSUPPORTED);
    cr_expect_str_eq(errors.causes[0].text,
                     "clock kind 1 with a frequency of 0: times can't be told");
    etl_bytes_set(&image, image.header_at + 0x110, 3, 4);
    etl_bytes_set(&image, image.header_at + 0x34, 0, 4);
    cr_assert_eq(read_image(), ETL_UNSUPPORTED);
    cr_expect_str_eq(errors.causes[0].text,
                     "clock kind 3 with a frequency of 0: times can't be told");
}

/* Without an end time, or without a count of trace buffers, nobody finished the file. */
Test(etl_header, a_finalised_trace_has_both_numbers)
{
    for (unsigned row = 0; row < 4; row++) {
        etl_bytes_set(&image, image.header_at + 0x10, row % 2, 8);
        etl_bytes_set(&image, image.header_at + 0x24, row / 2, 4);
        cr_assert_eq(read_image(), ETL_OK);
        cr_expect_eq(info.finalised, row == 3, "row %u", row);
    }
}

/* A size of pointers that none has is that of the record's own layout. */
Test(etl_header, pointers_have_4_or_8_bytes)
{
    static const struct {
        uint32_t said;
        uint8_t wide, narrow;
    } rows[] = {{4, 4, 4}, {8, 8, 8}, {0, 8, 4}, {5, 8, 4}, {16, 8, 4}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        finish();
        init();
        etl_bytes_set(&image, image.header_at + 0x2C, rows[i].said, 4);
        cr_assert_eq(read_image(), ETL_OK);
        cr_expect_eq(info.pointer_size, rows[i].wide, "said %u", rows[i].said);
        image.bytes[0x48 + 2] = 1;
        etl_bytes_set(&image, image.header_at + 0xF8, 3000000, 8);
        etl_bytes_set(&image, image.header_at + 0x108, 1, 4);
        cr_assert_eq(read_image(), ETL_OK, "%s", text);
        cr_expect_eq(info.pointer_size, rows[i].narrow, "said %u", rows[i].said);
        cr_expect_eq(info.clock.frequency, 3000000, "the 32-bit layout is 8 bytes shorter");
    }
}

static void expect_status(size_t at, uint64_t value, size_t width, enum etl_status want,
                          const char *words)
{
    uint8_t before[8];
    memcpy(before, image.bytes + at, width);
    etl_bytes_set(&image, at, value, width);
    cr_expect_eq(read_image(), want, "%s", text);
    cr_expect_str_eq(want == ETL_OK ? "" : errors.causes[0].text, words);
    memcpy(image.bytes + at, before, width);
}

/* Both sides of each limit. */
Test(etl_header, limits_of_the_first_trace_buffer)
{
    expect_status(0, 0x100, 4, ETL_OK, "");
    expect_status(
        0, 0xFF, 4, ETL_NOT_ETL,
        "not a trace file: the first trace buffer's size is 255, expected 256 to 67108864");
    expect_status(0, 64 << 20, 4, ETL_OK, "");
    expect_status(
        0, (64 << 20) + 1, 4, ETL_NOT_ETL,
        "not a trace file: the first trace buffer's size is 67108865, expected 256 to 67108864");
    expect_status(image.header_at + 4, 6, 1, ETL_OK, "");
    expect_status(
        image.header_at + 4, 5, 1, ETL_UNSUPPORTED,
        "written by Windows 5.0, whose layout differs; only those of Vista (6.0) and later "
        "are read");
    expect_status(
        0x4B, 0xD0, 1, ETL_NOT_ETL,
        "not a trace file: the first record's marker is 0xd0020002, expected 0xc001.... or "
        "0xc002....");
    expect_status(
        0x4A, 3, 1, ETL_NOT_ETL,
        "not a trace file: the first record's marker is 0xc0030002, expected 0xc001.... or "
        "0xc002....");
    expect_status(
        0x4C, 0x137, 2, ETL_NOT_ETL,
        "not a trace file: the log-file header record has 311 bytes, expected at least 312");
    expect_status(0x4C, 0x138, 2, ETL_OK, "");
    expect_status(0x4C, 0xFB8, 2, ETL_OK, "");
    expect_status(0x4C, 0xFB9, 2, ETL_NOT_ETL,
                  "cut inside the log-file header record: it has 4025 bytes, the file 4024 from "
                  "there");
    image.bytes[0x4A] = 1;
    etl_bytes_set(&image, image.header_at + 0xF8, 1, 8);
    expect_status(0x4C, 0x130, 2, ETL_OK, "");
    expect_status(
        0x4C, 0x12F, 2, ETL_NOT_ETL,
        "not a trace file: the log-file header record has 303 bytes, expected at least 304");
}

/* Bytes that are of no kind that is known. */
Test(etl_header, as_many_bytes_as_a_header_has_are_looked_at)
{
    uint8_t bytes[112];
    memset(bytes, 0x81, sizeof bytes);
    bytes[0] = 1;
    cr_assert_eq(read_bytes(bytes, 111), ETL_NOT_ETL);
    cr_assert_str_eq(errors.causes[0].text,
                     "not a trace file: 111 bytes, the header alone takes 112");
    cr_assert_eq(read_bytes(bytes, 112), ETL_NOT_ETL);
    cr_assert_str_eq(errors.causes[0].text,
                     "not a trace file: the first record's marker is 0x81818181, expected "
                     "0xc001.... or 0xc002....");
}
