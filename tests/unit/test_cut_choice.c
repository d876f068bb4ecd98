/* SPDX-License-Identifier: Apache-2.0 */

/* The records that are evidence, in the trace language: the time of each record is its number. */

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/cut/cut_choice.h"
#include "analyzer/tracker/owner.h"
#include "parsers/etl/etl_reader.h"
#include "tests/unit/trace_image.h"

#define APP UINT64_C(0xffffa00000001000)
#define OTHER UINT64_C(0xffffa00000002000)
#define SOCKET(n) (UINT64_C(0xffffb00000000000) + (n)*0x1000)

static struct cut_choice choice;
static struct trace_bytes image;

static void finish(void)
{
    cut_choice_free(&choice);
    trace_bytes_finish(&image);
}

TestSuite(cut_choice, .fini = finish);

/* ---- sets ---- */

/* Numbers that come again and again take no more memory than they do once: 8 bytes for each of a
 * power of two of places. */
Test(cut_choice, holds_a_number_once)
{
    static const struct {
        uint32_t distinct;
        size_t bytes;
    } rows[] = {{1, 32}, {4, 64}, {5, 128}, {8, 128}, {9, 256}, {16, 256}, {17, 512}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (uint32_t at = 0; at < 1000; at++) {
            cut_choice_add_thread(&choice, at * 7 % rows[i].distinct);
        }
        cr_expect_leq(choice.bytes, rows[i].bytes, "%u: %zu bytes", rows[i].distinct, choice.bytes);
        cut_choice_complete(&choice);
        cr_assert_eq(choice.threads.count, rows[i].distinct);
        for (uint32_t at = 0; at < rows[i].distinct; at++) {
            cr_expect_eq(choice.threads.items[at], at);
        }
        cut_choice_free(&choice);
    }
}

/* A number that comes first when the set is full is kept, too. */
Test(cut_choice, holds_every_number)
{
    for (uint32_t before = 0; before < 70; before++) {
        for (uint32_t at = 0; at < before; at++) {
            cut_choice_add_thread(&choice, at % 5);
        }
        cut_choice_add_thread(&choice, 99);
        cut_choice_complete(&choice);
        cr_assert_eq(choice.threads.count, (before < 5 ? before : 5) + 1, "%u", before);
        cr_assert_eq(choice.threads.items[choice.threads.count - 1], 99, "%u", before);
        cut_choice_free(&choice);
    }
}

static struct process_info app = {.address = APP, .pid = 10};
static struct process_info nameless = {.address = OTHER, .pid = ETL_ID_UNKNOWN};
static struct socket_info one = {.endpoint = SOCKET(1)}, two = {.endpoint = SOCKET(2)};

static bool set_is(struct cut_set *set, size_t count, const uint64_t *wanted)
{
    return set->count == count && memcmp(set->items, wanted, count * sizeof *wanted) == 0;
}
#define SET_IS(set, ...)                                                                           \
    set_is(&choice.set, sizeof((uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t),                      \
           (const uint64_t[]){__VA_ARGS__})

/* Sockets, processes, and the threads and process ids of posts, continuations and ends. */
Test(cut_choice, of_a_conflict_is_what_its_operations_name)
{
    struct op_continuation continued = {.at = {.pid = 12, .tid = 102}};
    struct op_ending ended = {.at = {.pid = 13, .tid = 103}};
    struct op_details details = {.accept_endpoint = SOCKET(9)}, plain = {.buffer_count = 2};
    struct operation first = {.process = &app,
                              .socket = &one,
                              .posted = {.pid = 11, .tid = 101},
                              .continued = &continued,
                              .ended = &ended,
                              .details = &details};
    struct operation second = {.process = &nameless,
                               .socket = &two,
                               .posted = {.pid = ETL_ID_UNKNOWN, .tid = ETL_ID_UNKNOWN},
                               .details = &plain};
    const struct conflict conflict = {.first = &first, .second = &second};

    cut_choice_add(&choice, &conflict);
    for (unsigned i = 0; i < 2; i++) {
        struct cut_choice joined = {0};
        cut_choice_complete(&choice);
        cr_expect(SET_IS(endpoints, SOCKET(1), SOCKET(2), SOCKET(9)));
        cr_expect(SET_IS(processes, APP, OTHER));
        cr_expect(SET_IS(pids, 10, 11, 12, 13));
        cr_expect(SET_IS(threads, 101, 102, 103));
        cut_choice_join(&joined, &choice);
        cut_choice_free(&choice);
        choice = joined;
    }
}

/* ---- records ---- */

/* The text's defaults are of process 10's thread 100 and its first socket, which the choice has. */
#define BEGIN                                                                                      \
    "let app = 0xffffa00000001000\nlet other = 0xffffa00000002000\n"                               \
    "let s1 = 0xffffb00000001000\nlet s2 = 0xffffb00000002000\nlet s9 = 0xffffb00000009000\n"      \
    "default pid=10 tid=100 process=app endpoint=s1\n"
#define TRACING "b675ec37-bdb6-4648-bc92-f3fdc74d3ca2"

/* Walks through the records as a copy does. The numbers of those that are taken, in their order. */
static const char *walk(void)
{
    static char taken[400];
    struct etl_reader *reader;
    struct error_chain errors;
    struct byte_source *source;
    const struct etl_event *event;
    const char *name = "t.etl";
    struct cut_filter filter;
    size_t len = 0;

    cut_filter_init(&filter);
    const struct etl_reader_options options = {.filter = filter.filter};
    error_chain_init(&errors);
    cr_assert_eq(byte_source_open_memory(image.data, image.len, &source, &errors), BYTE_SOURCE_OK);
    cr_assert_eq(etl_reader_open(&source, &name, 1, &options, &reader, &errors), ETL_OK);
    taken[0] = '\0';
    while (etl_reader_next(reader, &event, &errors) == ETL_OK) {
        if (cut_choice_takes(&choice, event)) {
            len += (size_t)snprintf(taken + len, sizeof taken - len, "%s%u", len > 0 ? " " : "",
                                    (unsigned)((event->ticks - TRACE_BASE_TICKS) / 10000000));
        }
    }
    etl_reader_destroy(reader);
    byte_source_destroy(source);
    return taken;
}

/* The numbers that are taken in the end. `again`: whether a second walk is needed. */
static const char *taken_of(const char *text, enum cut_width width, bool *again)
{
    char whole[6000];

    snprintf(whole, sizeof whole, "%s%s", BEGIN, text);
    image = trace_image_of(whole);
    choice = (struct cut_choice){.width = width};
    struct operation op = {.process = &app, .socket = &one, .posted = {.pid = 10, .tid = 100}};
    cut_choice_add(&choice, &(struct conflict){.first = &op, .second = &op});
    cut_choice_complete(&choice);
    cut_choice_begin_collecting(&choice);
    walk();
    *again = cut_choice_end_collecting(&choice);
    cr_assert_not(choice.no_memory);
    return walk();
}

static void expect_taken(const char *text, enum cut_width width, const char *wanted, bool twice)
{
    bool again;
    const char *taken = taken_of(text, width, &again);
    cr_expect_str_eq(taken, wanted, "%s:\n%s", cut_width_name(width), taken);
    cr_expect_eq(again, twice, "%s", wanted);
    finish();
}

Test(cut_choice, widens_from_sockets_to_the_whole_provider)
{
    static const char text[] = "0 1 recv.enter\n0 2 recv.enter endpoint=s2\n"
                               "0 3 recv.enter tid=101\n0 4 recv.enter endpoint=s2 tid=101\n"
                               "0 5 recv.enter process=other endpoint=s2 tid=101\n"
                               "0 6 recv.enter process=other endpoint=s2\n"
                               "0 7 recv.enter process=other tid=101\n"
                               "0 8 recv.enter cut=20\n0 9 recv.enter cut=20 tid=101\n"
                               "0 10 event provider=7 id=1004\n";
    expect_taken(text, CUT_ENDPOINTS, "1 3 7", false);
    expect_taken(text, CUT_THREADS, "1 2 3 6 7 8", false);
    expect_taken(text, CUT_PROCESSES, "1 2 3 4 6 7 8", false);
    expect_taken(text, CUT_PROVIDER, "1 2 3 4 5 6 7 8 9", false);
}

/* The listener, socket 9, accepted the chosen socket: what it tells of itself is taken where the
 * trace is walked again, its data and its other connections are not. */
Test(cut_choice, takes_what_a_listener_tells_of_itself)
{
    static const char text[] =
        "default process=other endpoint=s9 tid=200\n0 1 create.enter\n"
        "0 2 bind-addr.enter address=10.0.0.5:80\n0 3 bind.enter\n0 4 recv.enter\n0 5 close.enter\n"
        "0 6 abort.enter\n0 7 accept-addr.exit accept=s2 address=10.0.0.7:1\n"
        "0 8 accept-addr.exit accept=s1 address=10.0.0.7:2\n0 9 bind-addr.enter endpoint=s2\n"
        "0 10 acceptex.enter accept=s1\n0 11 acceptex.enter accept=s2\n";
    for (enum cut_width width = CUT_ENDPOINTS; width <= CUT_PROCESSES; width++) {
        expect_taken(text, width, "1 2 8 10", true);
    }
    expect_taken("default process=other endpoint=s9 tid=200\n0 1 create.enter\n", CUT_ENDPOINTS, "",
                 false);
}

Test(cut_choice, takes_stacks_of_its_threads)
{
    expect_taken("0 1 recv.enter\n0 2 stack.walk of=1 frames=1\n"
                 "0 3 stack.walk of=1 thread=200 frames=1\n"
                 "0 4 stack.walk of=1 as=compact frames=1\n0 5 stack.walk of=1 as=full frames=1\n",
                 CUT_ENDPOINTS, "1 2 4 5", false);
}

/* Of the stacks that records give by keys those are taken which a chosen record or thread names. */
Test(cut_choice, takes_the_frames_that_keys_stand_for)
{
    expect_taken("0 1 recv.enter stack-key=0x11\n0 2 recv.enter endpoint=s2 stack-key=0x22\n"
                 "0 3 stack.user-key of=1 key=0x33\n0 4 stack.kernel-key of=1 key=0x44\n"
                 "0 5 stack.user-key of=1 key=0x55 thread=200\n"
                 "0 6 stack.delete key=0x11 frames=1\n0 7 stack.delete key=0x22 frames=1\n"
                 "0 8 stack.rundown key=0x33 frames=1\n0 9 stack.delete key=0x44 frames=1\n"
                 "0 10 stack.rundown key=0x55 frames=1\n0 11 stack.create key=0x11 frames=1\n",
                 CUT_ENDPOINTS, "1 3 4 6 8 9", true);
    expect_taken("0 1 stack.user-key of=1 key=0x55 thread=200\n0 2 stack.rundown key=0x55\n",
                 CUT_ENDPOINTS, "", false);
}

/* The other half of a stack is an event of Kernel-EventTracing; it may be a key as well. */
Test(cut_choice, takes_the_other_halves_of_stacks)
{
    expect_taken("0 1 recv.enter match=5 stack=1,2\n0 2 recv.enter match=6 stack=1 endpoint=s2\n"
                 "0 3 event provider=" TRACING " match=5 stack=3\n"
                 "0 4 event provider=" TRACING " match=6 stack=3\n"
                 "0 5 event provider=" TRACING " match=5 stack-key=0x77\n"
                 "0 6 event provider=" TRACING "\n"
                 "0 7 stack.delete key=0x77\n0 8 stack.delete key=0x78\n",
                 CUT_ENDPOINTS, "1 3 5 7", true);
    expect_taken("0 1 recv.enter stack=1,2\n0 2 event provider=" TRACING " stack=3\n",
                 CUT_ENDPOINTS, "1", false);
    expect_taken("0 1 recv.enter match=5 stack=1\n0 2 event provider=" TRACING " match=5 stack=3\n",
                 CUT_ENDPOINTS, "1 2", true);
}

/* Processes by their id or their address, images by the id. */
Test(cut_choice, takes_what_names_its_processes_and_images)
{
    expect_taken("0 1 process.start target=10 process=other image=a.exe\n"
                 "0 2 process.dcstart target=20 process=app image=a.exe\n"
                 "0 3 process.end target=20 process=other image=a.exe\n"
                 "0 4 process.end target=10 process=0 image=a.exe\n"
                 "0 5 process.end target=20 process=0 image=a.exe\n"
                 "0 6 kp.start target=10 image=a.exe\n0 7 kp.start target=20 image=a.exe\n",
                 CUT_ENDPOINTS, "1 2 4 6", false);
    expect_taken("0 1 image.load target=10 base=0x1000 size=0x1000 image=a.dll\n"
                 "0 2 image.load target=20 base=0x1000 size=0x1000 image=a.dll\n"
                 "0 3 image.dcstart target=0 base=0x1000 size=0x1000 image=a.sys\n"
                 "0 4 image.dcend target=4 base=0x1000 size=0x1000 image=a.sys\n"
                 "0 5 image.unload target=10 base=0x1000 size=0x1000 image=a.dll\n"
                 "0 6 merge.image-id target=10 base=0x1000 size=0x1000 name=a.dll\n"
                 "0 7 merge.image-id target=20 base=0x1000 size=0x1000 name=a.dll\n"
                 "0 8 merge.pdb target=10 base=0x1000 guid=5 age=1 name=a.pdb\n"
                 "0 9 merge.pdb target=20 base=0x1000 guid=5 age=1 name=a.pdb\n"
                 "0 10 merge.volume nt=x dos=C:\n0 11 kp.image target=10 base=0x1000 image=a.dll\n"
                 "0 12 kp.image target=20 base=0x1000 image=a.dll\n",
                 CUT_ENDPOINTS, "1 3 4 5 6 8 10 11", false);
}

Test(cut_choice, takes_what_names_its_threads)
{
    expect_taken("0 1 thread.start target=10 thread=100\n0 2 thread.start target=10 thread=200\n"
                 "0 3 thread.dcstart target=10 thread=100\n0 4 thread.end target=10 thread=200\n"
                 "0 5 thread.end target=10 thread=100\n0 6 thread.name thread=100 name=a\n"
                 "0 7 thread.name thread=200 name=b\n",
                 CUT_ENDPOINTS, "1 3 5 6", false);
}

Test(cut_choice, takes_kernel_records_of_every_header)
{
    static const char *const headers[] = {"", "as=compact", "as=full", "as=perfinfo"};
    for (size_t i = 0; i < 8; i++) {
        char text[400];
        snprintf(text, sizeof text,
                 "default bits=%s\n0 1 process.start target=10 image=a.exe %s\n"
                 "0 2 thread.start target=10 thread=100 %s\n0 3 process.start target=20 "
                 "process=other image=b %s\n",
                 i < 4 ? "64" : "32", headers[i % 4], headers[i % 4], headers[i % 4]);
        expect_taken(text, CUT_ENDPOINTS, "1 2", false);
    }
}

/* Schemas of the provider are taken, and decode its events from the second walk on: here one by
 * which the second event is of the chosen socket. */
Test(cut_choice, takes_the_schemas_of_its_events)
{
    expect_taken("0 1 merge.schema id=1004 fields=EnterExit:u32,Location:u32,Process:ptr,X:ptr,"
                 "Endpoint:ptr,BufferCount:u32,Buffer:ptr,BufferLength:u32,Status:u32\n"
                 "0 2 recv.enter process=other endpoint=s2 payload="
                 "0000000000000000"
                 "0000000000000000"
                 "0000000000000000"
                 "0010000000b0ffff"
                 "01000000"
                 "0000000000000000"
                 "00000000"
                 "00000000\n"
                 "0 3 merge.schema id=1004 provider=7 fields=Endpoint:ptr\n"
                 "0 4 recv.enter process=other endpoint=s2\n",
                 CUT_ENDPOINTS, "1 2", true);
    expect_taken("0 1 merge.schema id=1 provider=7 fields=Endpoint:ptr\n", CUT_PROVIDER, "", false);
}
