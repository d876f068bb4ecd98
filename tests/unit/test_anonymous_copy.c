/* SPDX-License-Identifier: Apache-2.0 */

/* Whole traces and their anonymous copies, both told in the trace language. */

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/cut/anonymous.h"
#include "analyzer/cut/payload_rewrite.h"
#include "analyzer/cut/cut_choice.h"
#include "analyzer/cut/trace_copy.h"
#include "tests/unit/trace_image.h"

static bool choose(void *user, const struct etl_event *event)
{
    (void)user;
    return event->level != 9;
}

static struct trace_bytes image;

static void write_text(const char *text)
{
    trace_bytes_finish(&image);
    image = trace_image_of(text);
}

static char *text_of(const char *bytes, size_t len)
{
    struct trace trace;
    struct trace_errors problem;
    trace_init(&trace);
    cr_assert(trace_from_etl((const uint8_t *)bytes, len, &trace, &problem), "%s", problem.text);
    char *text = trace_print_text(&trace);
    trace_finish(&trace);
    return text;
}

/* The anonymous copy of `image`, with all of its names replaced or but those of `names`. */
static char *copy_image(bool all, size_t *len)
{
    static const char *items[] = {"server.exe"};
    static const struct own_code own;
    const struct anonymous_names names = {.items = items, .count = 1};
    const struct anonymous_settings settings = {.all = all, .names = &names, .own = &own};
    struct trace_copy_plan plan = {0};
    struct error_chain errors;
    struct trace_copy copy = {
        .name = "t.etl", .choose = choose, .anonymous = anonymous_create(&settings)};
    struct out out;

    error_chain_init(&errors);
    cr_assert_not_null(copy.anonymous);
    cr_assert_eq(byte_source_open_memory(image.data, image.len, &copy.source, &errors),
                 BYTE_SOURCE_OK);
    cr_assert_eq(trace_copy_measure(&copy, &plan, &errors), ETL_OK);
    cr_assert(anonymous_assign(copy.anonymous));
    out_init_memory(&out, SIZE_MAX);
    cr_assert_eq(trace_copy_write(&copy, &plan, &out, &errors), ETL_OK);
    byte_source_destroy(copy.source);
    anonymous_destroy(copy.anonymous);
    trace_copy_plan_finish(&plan);
    return out_take(&out, len);
}

static void expect_copy(bool all, const char *text, const char *wanted)
{
    size_t len;
    write_text(text);
    char *bytes = copy_image(all, &len);
    char *copied = text_of(bytes, len);
    cr_expect_str_eq(copied, wanted, "%s", copied);
    free(copied);
    free(bytes);
}

static void finish(void)
{
    trace_bytes_finish(&image);
}

TestSuite(anonymous_copy, .fini = finish);

#define AFD                                                                                        \
    "trace processors=1 session=mine file=C:\\\\me\\\\mine.etl\n"                                  \
    "default pid=10 tid=100 process=0xffffa00000001000 endpoint=0xffffb00000001000\n"

#define HEAD                                                                                       \
    "trace processors=1 start=2000-01-01T03:04:05Z boot=2000-01-01T02:04:05Z "                     \
    "end=2000-01-01T03:04:07Z session=\"anonymous\" file=\"anonymous.etl\"\n"

Test(anonymous_copy, has_events_of_the_provider)
{
    expect_copy(
        false,
        AFD "0 1 recv.enter buffer=0x1a2b3c4000 len=64 kw=fastpath activity=0xffffc00000001000\n"
            "0 2 recv.enter buffer=0xffffe00000001000 len=64 activity=0xffffc00000002000\n"
            "0 3 connect-addr.enter address=192.168.1.7:443 "
            "stack=0xfffff80000001000,0x7ff600001000 related=5\n"
            "0 4 recv.enter cut=20\n0 5 event provider=7 id=3\n0 6 wpp version=0x2a\n",
        "trace processors=1 start=2000-01-01T03:04:05Z boot=2000-01-01T02:04:05Z "
        "end=2000-01-01T03:04:12Z session=\"anonymous\" file=\"anonymous.etl\"\n"
        "0 1.000000 pid=10 tid=100 recv.enter process=0xffff9add00000010 "
        "endpoint=0xffff9add00000020 buffer=0x1a2b3c4000 len=64 kw=fastpath "
        "activity=18446632872711290928\n"
        "0 2.000000 pid=10 tid=100 recv.enter process=0xffff9add00000010 "
        "endpoint=0xffff9add00000020 buffer=0xffff9add00000040 len=64 "
        "activity=18446632872711290960\n"
        "0 3.000000 pid=10 tid=100 connect-addr.enter process=0xffff9add00000010 "
        "endpoint=0xffff9add00000020 address=10.0.0.1:443 stack=0xffff9add00000060,0x7ff600001000\n"
        "0 4.000000 pid=10 tid=100 afd.1004 "
        "payload=ffffffffffffffffffffffffffffffffffffffffffffffff\n");
    expect_copy(
        true,
        AFD "0 1 recv.enter buffer=0x1a2b3c4000 len=64 kw=fastpath activity=0xffffc00000001000\n",
        "trace processors=1 start=2000-01-01T03:04:05Z boot=2000-01-01T02:04:05Z "
        "end=2000-01-01T03:04:07Z session=\"anonymous\" file=\"anonymous.etl\"\n"
        "0 1.000000 pid=10 tid=100 recv.enter process=0xffff9add00000010 "
        "endpoint=0xffff9add00000020 buffer=0x4add00004000 len=64 kw=fastpath "
        "activity=18446632872711290928\n");
}

/* Of an address the family, the port and an alias stay, as far as they are whole. */
Test(anonymous_copy, has_addresses_of_every_length)
{
    static const char *const rows[][2] = {
        {"02", "hex:02"},
        {"0200", "hex:0200"},
        {"020001bbc0a801", "hex:02000000000000"},
        {"020001bbc0a80107", "hex:020001bb0a000001"},
        {"020001bbc0a8010711223344", "hex:020001bb0a00000100000000"},
        {"170001bb11223344fe8000000000000000000000000000",
         "hex:1700000000000000000000000000000000000000000000"},
        {"170001bb11223344fe800000000000000000000000000009",
         "hex:170001bb00000000fd000000000000000000000000000001"},
        {"170001bb11223344fe80000000000000000000000000000904000000", "[fd00::1]:443"},
        {"110001bbc0a8010711223344", "hex:110000000000000000000000"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[400], wanted[400];
        snprintf(text, sizeof text, AFD "0 1 connect-addr.enter address=hex:%s\n", rows[i][0]);
        snprintf(wanted, sizeof wanted,
                 HEAD "0 1.000000 pid=10 tid=100 connect-addr.enter process=0xffff9add00000010 "
                      "endpoint=0xffff9add00000020 address=%s\n",
                 rows[i][1]);
        expect_copy(false, text, wanted);
    }
}

Test(anonymous_copy, has_records_of_the_kernel)
{
    expect_copy(
        false,
        AFD
        "0 1 process.start target=10 image=server.exe command=\"server -p secret\"\n"
        "0 2 process.start target=10 image=other.exe as=perfinfo\n"
        "0 3 process.start target=10 image=other.exe as=full\n"
        "0 3 process.start target=10 image=other.exe as=compact\n"
        "0 4 image.load target=10 base=0x7ff600000000 size=0x1000 image=C:\\\\wilma\\\\server.exe\n"
        "0 5 kp.start target=10 image=\\\\wilma\\\\other.exe\n"
        "0 6 stack.walk of=1 frames=0xfffff80000001000,0x7ff600001000\n"
        "0 7 system hook=0x1234 payload=11\n"
        "0 7 thread.start target=10 thread=100 stack-base=0xffffd00000001000\n",
        "trace processors=1 start=2000-01-01T03:04:05Z boot=2000-01-01T02:04:05Z "
        "end=2000-01-01T03:04:13Z session=\"anonymous\" file=\"anonymous.etl\"\n"
        "0 1.000000 pid=10 tid=100 process.start process=0xffff9add00000010 target=10 "
        "image=\"server.exe\" command=\"command-1\"\n"
        "0 2.000000 process.start as=perfinfo process=0xffff9add00000010 target=10 "
        "image=\"image-1.exe\"\n"
        "0 3.000000 pid=10 tid=100 full provider=3d6fa8d0-fe05-11d0-9dda-00c04fd7ba7c version=4 "
        "opcode=1 "
        "payload="
        "10000000dd9affff0a00000000000000000000000301000000000000000000000000000000000000696d616765"
        "2d312e65786500000000000000\n"
        "0 3.000000 pid=10 tid=100 process.start as=compact process=0xffff9add00000010 target=10 "
        "image=\"image-1.exe\"\n"
        "0 4.000000 pid=10 tid=100 image.load target=10 base=0x7ff600000000 size=0x1000 "
        "image=\"\\folder-1\\server.exe\"\n"
        "0 5.000000 pid=10 tid=100 kp.start target=10 image=\"\\folder-2\\image-1.exe\"\n"
        "0 6.000000 perfinfo hook=0x1820 "
        "payload=c0d8a700000000000a0000006400000020000000dd9affff00100000f67f0000\n"
        "0 7.000000 pid=10 tid=100 system hook=0x501 version=3 "
        "payload="
        "0a000000640000000000000000000000000000000000000030000000dd9affff00000000000000000000000000"
        "000000000000000000000000000000000000000000000000000000\n");
}

Test(anonymous_copy, of_a_clock_of_times_loses_the_day)
{
    expect_copy(
        false,
        "trace clock=system ticks=134117966450000000 processors=1\nlast-dropped 1.5 -\n"
        "0 1 recv.enter\n0 2 recv.enter level=9\nflush 0\nmark 0 events-lost\n0 3 recv.enter "
        "level=9\n",
        "trace clock=system processors=1 start=2000-01-01T03:04:05Z boot=2000-01-01T02:04:05Z "
        "end=2000-01-01T03:04:09Z session=\"anonymous\" file=\"anonymous.etl\"\n"
        "0 0.000000 system hook=0x52 payload=02000000000000004062a7dd0454bf010000000000000000 "
        "in-header\n"
        "0 1.000000 recv.enter\n"
        "0 2.000000 perfinfo hook=0xfefe version=0\n"
        "flush 0\n"
        "mark 0 events-lost\n"
        "flush 0 empty\n");
}

Test(anonymous_copy, of_32_bits)
{
    expect_copy(
        false,
        "trace pointer=4 processors=1 boot=2026-01-02T01:00:00Z session=mine\n0 1 recv.enter "
        "buffer=0x1a2b3c len=4 process=0x81000000 endpoint=0x82000000\n",
        "trace pointer=4 processors=1 start=2000-01-01T03:04:05Z boot=2000-01-01T01:00:00Z "
        "end=2000-01-01T03:04:07Z session=\"anonymous\" file=\"anonymous.etl\"\n"
        "0 1.000000 recv.enter process=0x9add0010 endpoint=0x9add0020 buffer=0x1a2b3c len=4\n");
}

/* ---- records about the trace ---- */

static uint32_t rewritten_len(const uint8_t *record, uint32_t size)
{
    static const struct anonymous_names names;
    static const struct own_code own;
    static uint8_t to[0x10000];
    const struct anonymous_settings settings = {.names = &names, .own = &own};
    struct anonymous *anonymous = anonymous_create(&settings);
    cr_assert_not_null(anonymous);
    uint32_t len = anonymous_trace_record(anonymous, record, size, to);
    anonymous_destroy(anonymous);
    return len;
}

/* A log-file header may end with its numbers, 0x118 or 0x110 bytes behind the record's header; one
 * that is cut is left out. The copy's names have 10 and 14 characters with their NUL. */
Test(anonymous_copy, of_a_header_needs_its_numbers)
{
    static const uint8_t wide[0x138] = {[0] = 2, [2] = 2, [3] = 0xC0};
    static const uint8_t narrow[0x130] = {[0] = 2, [2] = 1, [3] = 0xC0};
    cr_expect_eq(rewritten_len(wide, sizeof wide), sizeof wide + 2 * (10 + 14));
    cr_expect_eq(rewritten_len(wide, sizeof wide - 1), 0);
    cr_expect_eq(rewritten_len(narrow, sizeof narrow), sizeof narrow + 2 * (10 + 14));
    cr_expect_eq(rewritten_len(narrow, sizeof narrow - 1), 0);
}

/* Times of drops end with the last whole one. */
Test(anonymous_copy, of_drops_has_whole_numbers)
{
    static const uint8_t drops[0x40] = {[0] = 2, [2] = 2, [3] = 0xC0, [6] = 0x52};
    static const uint32_t lens[][2] = {{0x20, 0x20}, {0x27, 0x20}, {0x28, 0x28}, {0x40, 0x40}};
    for (size_t i = 0; i < 4; i++) {
        cr_expect_eq(rewritten_len(drops, lens[i][0]), lens[i][1], "%zu", i);
    }
}

/* ---- text ---- */

/* UTF-16 of two bytes a unit, with its NUL; all of it or nothing. */
Test(anonymous_copy, has_texts_that_fit_as_a_whole)
{
    static const struct {
        const char *text;
        size_t len;
        uint16_t units[4];
    } rows[] = {{"", 2, {0}},
                {"ab", 6, {'a', 'b', 0}},
                {"\xC3\xA4", 4, {0xE4, 0}},
                {"\xF0\x90\x80\x80", 6, {0xD800, 0xDC00, 0}},
                {"\xF4\x8F\xBF\xBF", 6, {0xDBFF, 0xDFFF, 0}},
                {"\xEF\xBF\xBF", 4, {0xFFFF, 0}},
                {"\xFF", 4, {0xFFFD, 0}}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (size_t room = 0; room < 10; room++) {
            uint8_t to[12];
            memset(to, '#', sizeof to);
            size_t len = payload_put_utf16(to, room, rows[i].text);
            cr_expect_eq(len, room >= rows[i].len ? rows[i].len : 0, "%zu of %zu", i, room);
            cr_expect_eq(to[room], '#');
            for (size_t at = 0; at < len; at++) {
                cr_expect_eq(to[at], (uint8_t)(rows[i].units[at / 2] >> at % 2 * 8), "%zu", i);
            }
        }
    }
}
