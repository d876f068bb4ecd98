/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/trace.h"

static void parse(const char *text, struct trace *trace)
{
    struct trace_errors errors;
    trace_init(trace);
    cr_assert(trace_parse_text(text, trace, &errors), "line %u: %s", errors.line, errors.text);
}

/* Every construct of the language that has a form of its own. */
static const char everything[] =
    "trace pointer=8 clock=cycles mhz=2400 processors=3 buffer-size=2048 build=7601 os=6.1\n"
    "trace mode=0x5 start=2011-12-13T14:15:16.1234567Z ticks=5000 session=\"a session\"\n"
    "trace events-lost=3 buffers-lost=2 relogged=yes processor-index=no sequence=7\n"
    "trace compress=literal finalised=no flush-marker=no end=auto boot=0\n"
    "let app = 0xffffa00000001000 # an address\n"
    "let s1=app+0x1000\n"
    "default pid=4120 tid=5116 process=app endpoint=s1\n"
    "0 0.000100 process.start target=4120 image=\"app.exe\" command=\"app # x\"\n"
    "0 +0 process.end as=perfinfo target=4120 exit=0\n"
    "0 +0 image.load target=4120 base=0x7ff600000000 size=0x1000 image=\"\\Device\\a.exe\"\n"
    "0 +0 kp.start target=4120 parent=7 image=\"a.exe\"\n"
    "0 0.001 create.enter owner=4120 type=1 family=2 protocol=6\n"
    "0 +10us recv.enter buffer=0x1a2b3c4000 len=4096 kw=fastpath,0x100 activity=7 "
    "stack=0x7ff612341234,0x7ff6deadbeef related=9 ext=0xa:0102030405060708\n"
    "1 +0.000001 recv.exit buffer=0x1a2b3c4000 len=12 status=pending keyword=0\n"
    "1 t=999 sendto.post address=10.0.0.5:443 fast=yes count=-2 level=1\n"
    "1 +1 sendto6.post address=[fe80::1]:443 bits=32\n"
    "1 +1 send.post fast=yes short-bool\n"
    "1 +1 legacy.create no-family owner=9\n"
    "1 +1 sendto-addr.enter address=[fe80::1%3]:443 cut=3\n"
    "1 +1 sendto-addr.enter address=hex:020001bb0102 pad=2\n"
    "1 +1 AfdReceive EnterExit=2 record-size=8\n"
    "1 +1 afd.4005 Commit=3 UserAddress=5 extended=0102\n"
    "1 +0 wpp id=5 version=0x2a provider=e53c6823-7bb8-44bb-90dc-3f86090d48a6 payload=aabb\n"
    "1 +0 event provider=3 id=9 version=2 level=1 opcode=2 task=3 channel=4 keyword=5\n"
    "1 +0 compact hook=0x1820 payload=00\n"
    "1 +0 full provider=4 opcode=3 level=2 version=1\n"
    "1 +0 instance provider=4 id=77\n"
    "1 +0 other version=0xb000 payload=1122\n"
    "1 +0 system hook=0x0008 in-header\n"
    "last-dropped - 0.5 t=77\n"
    "flush 1 empty\n"
    "flush all\n"
    "mark 0 events-lost flags=0x8000 type=3 compress=long\n"
    "0 9 afd.1\n"
    "session\n"
    "layout order=3,1,2\n"
    "layout rotate=1\n"
    "layout drop=1\n"
    "patch buffer=1 field=Offset value=0x48\n"
    "patch buffer=1 offset=3 bytes=0102\n"
    "patch bytes=00\n"
    "shorten buffer=1 by=4\n"
    "insert buffer=1 bytes=aa repeat=8\n"
    "tail zero=64\n"
    "tail bytes=ff\n"
    "truncate by=1\n"
    "truncate at=2048\n";

static void check_round_trip(const char *written)
{
    struct trace first;
    struct trace second;
    parse(written, &first);
    char *text = trace_print_text(&first);
    parse(text, &second);
    char *again = trace_print_text(&second);
    cr_expect_str_eq(again, text);
    struct trace_bytes one = {0};
    struct trace_bytes two = {0};
    struct trace_errors errors;
    cr_assert(trace_write(&first, &one, &errors), "%s", errors.text);
    cr_assert(trace_write(&second, &two, &errors), "%s", errors.text);
    cr_assert_eq(one.len, two.len);
    cr_expect(memcmp(one.data, two.data, one.len) == 0);
    trace_bytes_finish(&one);
    trace_bytes_finish(&two);
    free(text);
    free(again);
    trace_finish(&first);
    trace_finish(&second);
}

Test(trace_text, printing_and_parsing_again_gives_the_same_trace)
{
    check_round_trip(everything);
}

Test(trace_text, numbers_at_their_limits_print_and_parse_again)
{
    check_round_trip("trace start=3333333333333333333 boot=-1333333333333333333 end=-2\n"
                     "0 0.5 recv.enter\n");
    check_round_trip("trace start=2650467743999999999 boot=2650467744000000000\n");
    check_round_trip("trace start=0x7fffffffffffffff relogged=yes\n0 0.5 recv.enter\n");
    check_round_trip("trace ticks=0x8000000000000000\n0 t=0x7fffffffffffffff recv.enter\n");
    check_round_trip("trace ticks=-5 clock=3 mhz=0\n0 t=-7 recv.enter\n0 +1 recv.enter\n");
}

Test(trace_text, an_extended_item_of_zeros_prints_and_parses_again)
{
    check_round_trip("0 0.5 recv.enter related=0 related=5 stack=0 ext=0:\n");
}

Test(trace_text, layouts_of_no_trace_buffers_print_and_parse_again)
{
    check_round_trip("layout rotate=0\nlayout order=\nlayout drop=0\n");
}

Test(trace_text, every_afd_event_prints_and_parses_by_its_name)
{
    for (size_t i = 0; i < afd_layout_count(); i++) {
        for (unsigned pointer = 4; pointer <= 8; pointer += 4) {
            struct trace trace;
            trace_init(&trace);
            trace.header.pointer_size = pointer;
            struct trace_place place = {.ticks = trace.header.base_ticks + 3, .pid = 1, .tid = 2};
            struct trace_afd afd = {.id = afd_layout_at(i)->id,
                                    .enter_exit = 3,
                                    .process = 0x81234567,
                                    .endpoint = 5,
                                    .buffer = 0x7000,
                                    .buffer_length = 9,
                                    .buffer_count = 2,
                                    .pid = 44,
                                    .address = {.family = 23, .port = 443, .bytes = {0xfe}}};
            trace_add_afd(&trace, &place, &afd);
            char *text = trace_print_text(&trace);
            cr_expect(strstr(text, "payload=") == NULL, "%s", text);
            struct trace again;
            parse(text, &again);
            cr_expect_eq(again.items[0].event.payload_len, trace.items[0].event.payload_len);
            cr_expect(memcmp(again.bytes + again.items[0].event.payload_offset,
                             trace.bytes + trace.items[0].event.payload_offset,
                             trace.items[0].event.payload_len) == 0,
                      "%s", text);
            free(text);
            trace_finish(&again);
            trace_finish(&trace);
        }
    }
}

Test(trace_text, times_are_relative_to_the_header_or_the_event_before)
{
    struct trace trace;
    parse("trace frequency=3000000 ticks=100\n"
          "0 1.5 recv.enter\n0 +0.5 recv.enter\n0 +2ms recv.enter\n0 t=7 recv.enter\n",
          &trace);
    const int64_t expected[] = {4500100, 6000100, 6006100, 7};
    for (size_t i = 0; i < 4; i++) {
        cr_expect_eq(trace.items[i].event.ticks, expected[i], "event %zu: %lld", i,
                     (long long)trace.items[i].event.ticks);
    }
    trace_finish(&trace);
}

Test(trace_text, system_time_starts_at_the_start)
{
    struct trace trace;
    parse("trace clock=system start=1601-01-02T00:00:00Z\n0 0.5 recv.enter\n", &trace);
    cr_expect_eq(trace.header.base_ticks, INT64_C(864000000000));
    cr_expect_eq(trace.items[0].event.ticks, INT64_C(864005000000));
    trace_finish(&trace);
}

Test(trace_text, a_value_on_the_line_beats_the_default)
{
    struct trace trace;
    parse("default pid=1 tid=2 kw=fastpath\n0 1 pid=9 recv.enter\n0 1 kw=none recv.enter\n",
          &trace);
    cr_expect_eq(trace.items[0].event.pid, 9);
    cr_expect_eq(trace.items[0].event.tid, 2);
    cr_expect_eq(trace.items[0].event.keyword, UINT64_C(0x8000000000000014));
    cr_expect_eq(trace.items[1].event.keyword, UINT64_C(0x8000000000000004));
    trace_finish(&trace);
}

/* A message about a mistake names its line. */
static const struct {
    const char *text;
    unsigned line;
    const char *says;
} wrong[] = {
    {"0 1 recv.enter\n\n0 1 recv.entr\n", 3, "no event is called 'recv.entr'"},
    {"0 1 recv.enter lenn=5\n", 1, "'lenn' means nothing for recv.enter"},
    {"0 1 recv.enter Option=5\n", 1, "'Option' means nothing for recv.enter"},
    {"0 1 recv.enter len=five\n", 1, "'five' is neither a number nor a name"},
    {"0 1 recv.enter len=0x12q\n", 1, "neither a number"},
    {"0 x recv.enter\n", 1, "'x' is no time"},
    {"70000 1 recv.enter\n", 1, "PROCESSOR TIME"},
    {"0 1\n", 1, "expected"},
    {"0 1 pid=4 tid=4\n", 1, "does not say what happened"},
    {"0 1 recv.enter cut=45\n", 1, "can't cut 45 of 44 bytes"},
    {"0 1 sendto-addr.enter address=10.0.0:5\n", 1, "is no address"},
    {"0 1 recv.enter payload=abc\n", 1, "pairs of hexadecimal digits"},
    {"0 1 recv.enter\ntrace processors=2\n", 2, "before the first event"},
    {"trace colour=red\n", 1, "'red' is neither"},
    {"trace colour=5\n", 1, "a trace has no 'colour'"},
    {"flsuh all\n", 1, "neither a directive nor"},
    {"patch buffer=1 field=Colour value=1\n", 1, "no field 'Colour'"},
    {"patch buffer=1\n", 1, "lacks what it should do"},
    {"mark 0 lost\n", 1, "no trace buffer flag is called 'lost'"},
    {"let x\n", 1, "expected: let"},
    {"let =5\n", 1, "expected: let"},
    {"trace start=33333333333333333333333\n", 1, "takes more than 64 bits"},
    {"trace os=10.256\n", 1, "is no version"},
    {"trace ticks=0x7fffffffffffffff\n0 1 recv.enter\n", 2, "beyond the clock"},
    {"0 0=10 recv.enter\n", 1, "'0=' is no time"},
    {"flush all empty\n", 1, "expected: flush"},
    {"tail bytes=00 repeat=0xffffffffffffffff\n", 1, "times are too many"},
    {"trace session=\"a\n", 1, "a quote is not closed"},
};

Test(trace_text, an_address_longer_than_any_is_refused)
{
    char text[1200];
    struct trace trace;
    struct trace_errors errors;
    size_t len = (size_t)snprintf(text, sizeof text, "0 1 sendto-addr.enter address=hex:");
    memset(text + len, '0', 2 * 257);
    text[len + 2 * 257] = '\0';
    trace_init(&trace);
    cr_expect_not(trace_parse_text(text, &trace, &errors));
    cr_expect(strstr(errors.text, "257 bytes is longer than 256") != NULL, "%s", errors.text);
    trace_finish(&trace);
}

Test(trace_text, an_edit_behind_the_files_end_is_refused)
{
    static const char *const texts[] = {
        "0 1 recv.enter\n1 1 recv.enter\ntruncate at=4300\nshorten buffer=1 by=3000\n",
        "0 1 recv.enter\ntruncate at=4100\nshorten buffer=1 by=8\n"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct trace trace;
        struct trace_errors errors;
        struct trace_bytes image = {0};
        parse(texts[i], &trace);
        cr_expect_not(trace_write(&trace, &image, &errors), "%s", texts[i]);
        trace_bytes_finish(&image);
        trace_finish(&trace);
    }
}

Test(trace_text, errors_name_their_line)
{
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct trace trace;
        struct trace_errors errors;
        trace_init(&trace);
        cr_expect_not(trace_parse_text(wrong[i].text, &trace, &errors), "%s", wrong[i].text);
        cr_expect_eq(errors.line, wrong[i].line, "%s: line %u", wrong[i].text, errors.line);
        cr_expect(strstr(errors.text, wrong[i].says) != NULL, "%s: says %s", wrong[i].text,
                  errors.text);
        trace_finish(&trace);
    }
}
