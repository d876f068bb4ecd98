/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/cli/command_events.h"
#include "parsers/afd/afd_behavior.h"
#include "parsers/afd/afd_decode.h"
#include "base/byte_source.h"
#include "tests/support/trace.h"

#define BASE INT64_C(1000000)
#define KEYWORD_MODERN UINT64_C(0x8000000000000006)

/* The output of the command over the trace, the caller's to free(). */
static char *run(const struct trace *trace, const struct command_events_options *options)
{
    struct trace_bytes image = {0};
    struct trace_errors trace_errors;
    cr_assert(trace_write(trace, &image, &trace_errors), "%s", trace_errors.text);
    struct error_chain errors;
    error_chain_init(&errors);
    struct byte_source *source = NULL;
    cr_assert_eq(byte_source_open_memory(image.data, image.len, &source, &errors), BYTE_SOURCE_OK);
    struct etl_reader_options reader_options = {
        .filter = {.providers = &afd_provider, .provider_count = 1}, .is_post = afd_is_post};
    struct etl_reader *reader = NULL;
    const char *name = "memory";
    cr_assert_eq(etl_reader_open(&source, &name, 1, &reader_options, &reader, &errors), ETL_OK,
                 "%s", errors.count > 0 ? errors.causes[0].text : "");
    struct out out;
    size_t len;
    out_init_memory(&out, 1u << 20);
    struct command_events_options with_schemas = *options;
    with_schemas.schemas = afd_schemas_create();
    cr_assert_not_null(with_schemas.schemas);
    cr_assert_eq(command_events_run(reader, &with_schemas, &out, &errors), COMMAND_EVENTS_OK);
    afd_schemas_destroy(with_schemas.schemas);
    etl_reader_destroy(reader);
    byte_source_destroy(source);
    trace_bytes_finish(&image);
    char *text = out_take(&out, &len);
    cr_assert_not_null(text);
    return text;
}

static void expect(const struct trace *trace, enum command_events_format format, const char *want)
{
    struct command_events_options options = {.format = format, .no_header = true};
    char *text = run(trace, &options);
    /* The container decides where a record lies, so any number will do. */
    char *offset = strstr(text, "\"offset\": ");
    while (offset) {
        char *at = offset + strlen("\"offset\": ");
        size_t digits = strspn(at, "0123456789");
        cr_assert_gt(digits, 0);
        *at = '#';
        memmove(at + 1, at + digits, strlen(at + digits) + 1);
        offset = strstr(at, "\"offset\": ");
    }
    cr_expect_str_eq(text, want);
    free(text);
}

static void begin(struct trace *trace)
{
    trace_init(trace);
    trace->header.base_ticks = BASE;
    trace->header.frequency = 10000000;
    trace->header.start_filetime = INT64_C(129846188321234567); /* 2012-06-19T22:33:52.1234567Z */
}

static struct trace_place place(int64_t ticks, uint16_t cpu)
{
    return (struct trace_place){.ticks = BASE + ticks, .cpu = cpu, .pid = 4120, .tid = 5116};
}

#define HEAD(ticks, time, at, id, name, family, keyword)                                           \
    "{\"type\": \"event\", \"ticks\": \"" ticks "\", \"time\": \"" time "\", \"at\": " at          \
    ", \"cpu\": 0, \"pid\": 4120, \"tid\": 5116, \"id\": " id ", \"version\": 0, \"name\": " name  \
    ", \"family\": " family ", \"keyword\": \"" keyword                                            \
    "\", \"activity\": null, \"file\": 0, \"offset\": #, "

Test(command_events, modern_events_with_an_address_and_a_stack)
{
    struct trace trace;
    begin(&trace);
    struct trace_place at = place(100, 0);
    struct trace_afd sendto = {.id = 1007,
                               .location = 3047,
                               .process = 0xFFFFFA8012340000,
                               .endpoint = 0xFFFFFA8056780000,
                               .buffer = 0x1A2B3C4000,
                               .buffer_length = 8192,
                               .buffer_count = 1,
                               .status = 0x103,
                               .address = {.family = 2, .port = 443, .bytes = {10, 0, 0, 5}}};
    trace_add_afd(&trace, &at, &sendto)->keyword = KEYWORD_MODERN;
    uint64_t frames[] = {0x7FFE01230000, 0x7FF612340010};
    trace_extend_stack(&trace, 0, frames, 2);
    at.ticks += 25000000;
    struct trace_afd close = {.id = 1001, .enter_exit = 1, .process = 1, .endpoint = 2};
    trace_add_afd(&trace, &at, &close)->keyword = KEYWORD_MODERN;
    expect(
        &trace, COMMAND_EVENTS_JSONL,
        HEAD(
            "1000100", "2012-06-19T22:33:52.1234667Z", "0.000000000", "1007",
            "\"AfdSendToWithAddress\"", "\"modern\"",
            "0x8000000000000006") "\"fields\": {\"EnterExit\": 0, \"Location\": 3047, \"Process\": "
                                  "\"0xfffffa8012340000\", \"Endpoint\": \"0xfffffa8056780000\", "
                                  "\"BufferCount\": 1, "
                                  "\"Buffer\": \"0x1a2b3c4000\", \"BufferLength\": 8192, "
                                  "\"Status\": \"0x103\", "
                                  "\"AddressLen\": 16, \"Address\": \"10.0.0.5:443\"}, "
                                  "\"stack\": [\"0x7ffe01230000\", \"0x7ff612340010\"]}\n" HEAD(
                                      "26000100", "2012-06-19T22:33:54.6234667Z", "2.500000000",
                                      "1001", "\"AfdClose\"", "\"modern\"",
                                      "0x8000000000000006") "\"fields\": {\"EnterExit\": 1, "
                                                            "\"Location\": 0, \"Process\": "
                                                            "\"0x1\", "
                                                            "\"Endpoint\": \"0x2\", \"Status\": "
                                                            "\"0x0\"}, \"stack\": null}\n");
    trace_finish(&trace);
}

Test(command_events, legacy_fields_have_their_types)
{
    struct trace trace;
    begin(&trace);
    struct trace_place at = place(0, 0);
    struct trace_afd sendto = {.id = 21,
                               .process = 1,
                               .endpoint = 2,
                               .buffer = 3,
                               .buffer_length = 4,
                               .buffer_count = -1,
                               .fast_path = true,
                               .address = {.family = 2, .port = 53, .bytes = {192, 168, 0, 1}}};
    trace_add_afd(&trace, &at, &sendto)->keyword = UINT64_C(0x8000000000000000);
    struct trace_afd create = {.id = 1,
                               .process = 1,
                               .endpoint = 2,
                               .address_family = 2,
                               .socket_type = 1,
                               .protocol = 6,
                               .pid = 4120};
    at.ticks += 10;
    trace_add_afd(&trace, &at, &create)->keyword = UINT64_C(0x8000000000000000);
    expect(
        &trace, COMMAND_EVENTS_JSONL,
        HEAD("1000000", "2012-06-19T22:33:52.1234567Z", "0.000000000", "21",
             "\"AfdSendToPostedV4\"", "\"legacy\"",
             "0x8000000000000000") "\"fields\": {\"Process\": \"0x1\", \"Endpoint\": \"0x2\", "
                                   "\"FastPath\": true, "
                                   "\"BufferCount\": -1, \"Buffer\": \"0x3\", \"BufferLength\": 4, "
                                   "\"Address\": \"192.168.0.1:53\", \"Port\": 53}, \"stack\": "
                                   "null}\n" HEAD(
                                       "1000010", "2012-06-19T22:33:52.1234577Z", "0.000001000",
                                       "1", "\"AfdCreated\"", "\"legacy\"",
                                       "0x8000000000000000") "\"fields\": {\"Process\": \"0x1\", "
                                                             "\"Endpoint\": \"0x2\", "
                                                             "\"AddressFamily\": 2, "
                                                             "\"SocketType\": 1, \"Protocol\": 6, "
                                                             "\"UserModePid\": 4120}, \"stack\": "
                                                             "null}\n");
    trace_finish(&trace);
}

Test(command_events, undecodable_and_unknown_events_say_why)
{
    struct trace trace;
    begin(&trace);
    struct trace_place at = place(0, 0);
    struct trace_afd send = {.id = 1003};
    trace_add_afd(&trace, &at, &send)->keyword = KEYWORD_MODERN;
    trace_resize_payload(&trace, 32);
    at.ticks += 10;
    trace_add_afd(&trace, &at, &send)->keyword = KEYWORD_MODERN;
    trace.items[trace.item_count - 1].event.id = 1008;
    expect(
        &trace, COMMAND_EVENTS_JSONL,
        HEAD("1000000", "2012-06-19T22:33:52.1234567Z", "0.000000000", "1003", "\"AfdSend\"",
             "\"modern\"",
             "0x8000000000000006") "\"undecodable\": \"32 bytes, expected 44\", \"stack\": "
                                   "null}\n" HEAD("1000010", "2012-06-19T22:33:52.1234577Z",
                                                  "0.000001000", "1008", "null", "null",
                                                  "0x8000000000000006") "\"undecodable\": \"44 "
                                                                        "bytes, no event of the "
                                                                        "provider has this id\", "
                                                                        "\"stack\": null}\n");
    trace_finish(&trace);
}

/* `at` counts from the trace's first event, whoever wrote it. */
Test(command_events, at_counts_from_the_first_event_of_any_provider)
{
    struct trace trace;
    begin(&trace);
    struct trace_place first = place(5, 1);
    trace_add_kernel_process(&trace, &first, 0x0303, 1, 4120, "app.exe");
    struct trace_place at = place(10000005, 0);
    struct trace_afd close = {.id = 1001, .process = 1, .endpoint = 2};
    trace_add_afd(&trace, &at, &close);
    struct command_events_options options = {.format = COMMAND_EVENTS_JSONL, .no_header = true};
    char *text = run(&trace, &options);
    cr_assert_not_null(strstr(text, "\"at\": 1.000000000,"), "%s", text);
    cr_assert_null(strstr(strchr(text, '\n') + 1, "event"), "one line only");
    free(text);
    trace_finish(&trace);
}

/* The times of events at these ticks, in lines. */
static void expect_times(int64_t start, const int64_t *ticks, size_t count, const char *want)
{
    struct trace trace;
    char times[600];
    size_t len = 0;
    begin(&trace);
    trace.header.start_filetime = start;
    for (size_t i = 0; i < count; i++) {
        struct trace_place at = place(ticks[i], 0);
        struct trace_afd close = {.id = 1001, .process = 1, .endpoint = 2};
        trace_add_afd(&trace, &at, &close);
    }
    struct command_events_options options = {.format = COMMAND_EVENTS_CSV, .no_header = true};
    char *text = run(&trace, &options);
    for (char *line = text; *line != '\0'; line = strchr(line, '\n') + 1) {
        char *time = strchr(line, ',') + 1;
        len += (size_t)snprintf(times + len, sizeof times - len, "%.*s\n", (int)strcspn(time, ","),
                                time);
    }
    cr_expect_str_eq(times, want);
    free(text);
    trace_finish(&trace);
}

/* Events of one second and of several, from the first to the last time that there is. */
Test(command_events, times_have_seven_digits)
{
    expect_times(0, (const int64_t[]){0, 1, 9, 10, 9999999, 10000000, 10000001, 20000000, 29999999},
                 9,
                 "1601-01-01T00:00:00.0000000Z\n1601-01-01T00:00:00.0000001Z\n"
                 "1601-01-01T00:00:00.0000009Z\n1601-01-01T00:00:00.0000010Z\n"
                 "1601-01-01T00:00:00.9999999Z\n1601-01-01T00:00:01.0000000Z\n"
                 "1601-01-01T00:00:01.0000001Z\n1601-01-01T00:00:02.0000000Z\n"
                 "1601-01-01T00:00:02.9999999Z\n");
    expect_times(INT64_C(2650467743999999998), (const int64_t[]){0, 1, 2, 3}, 4,
                 "9999-12-31T23:59:59.9999998Z\n9999-12-31T23:59:59.9999999Z\n"
                 "9999-12-31T23:59:59.9999999Z\n9999-12-31T23:59:59.9999999Z\n");
}

Test(command_events, csv_has_columns_for_the_common_fields)
{
    struct trace trace;
    begin(&trace);
    struct trace_place at = place(0, 0);
    struct trace_afd recv = {.id = 1027,
                             .process = 1,
                             .endpoint = 2,
                             .buffer = 3,
                             .buffer_length = 4,
                             .accept_endpoint = 5,
                             .address = {.family = 2, .port = 53, .bytes = {192, 168, 0, 1}}};
    at.activity = (struct guid){{1}};
    trace_add_afd(&trace, &at, &recv)->keyword = KEYWORD_MODERN;
    struct command_events_options options = {.format = COMMAND_EVENTS_CSV};
    char *text = run(&trace, &options);
    char *second = strstr(text, "\r\n");
    cr_assert_not_null(second);
    *second = '\0';
    cr_expect_str_eq(text, "ticks,time,at,cpu,pid,tid,id,version,name,family,keyword,activity,file,"
                           "offset,EnterExit,Location,Process,Endpoint,FastPath,BufferCount,Buffer,"
                           "BufferLength,Status,Error,Reason,AddressLen,Address,Port,other,"
                           "undecodable,stack");
    const char *head = "1000000,2012-06-19T22:33:52.1234567Z,0.000000000,0,4120,5116,1027,0,"
                       "AfdAcceptExWithAddress,modern,0x8000000000000006,"
                       "00000001-0000-0000-0000-000000000000,0,";
    cr_expect(strncmp(second + 2, head, strlen(head)) == 0, "%s", second + 2);
    const char *tail = ",0,0,0x1,0x2,,,0x3,4,0x0,,,16,192.168.0.1:53,,"
                       "AcceptEndpoint=0x5 CurrentBacklog=0,,\r\n";
    cr_expect_str_eq(second + 2 + strlen(second + 2) - strlen(tail), tail);
    free(text);

    options.no_header = true;
    text = run(&trace, &options);
    cr_expect(strncmp(text, "1000000,", 8) == 0);
    free(text);
    trace_finish(&trace);
}

Test(command_events, json_lines_begin_with_the_schema)
{
    struct trace trace;
    begin(&trace);
    const struct command_events_options options = {.format = COMMAND_EVENTS_JSONL};
    char *text = run(&trace, &options);
    const char *head = "{\"type\": \"schema\", \"schema\": \"bufcheck.events/2\"}\n";
    cr_expect(strncmp(text, head, strlen(head)) == 0, "%s", text);
    free(text);
    trace_finish(&trace);
}

Test(command_events, text_is_a_line_an_event)
{
    struct trace trace;
    begin(&trace);
    struct trace_place at = place(0, 0);
    struct trace_afd send = {.id = 1003,
                             .process = 1,
                             .endpoint = 2,
                             .buffer = 3,
                             .buffer_length = 4,
                             .buffer_count = 1,
                             .status = 0xC0000120};
    trace_add_afd(&trace, &at, &send)->keyword = UINT64_C(0x8000000000000036);
    expect(&trace, COMMAND_EVENTS_TEXT,
           "     0.000000000  cpu 0   pid 4120    tid 5116    1003 AfdSend                         "
           "EnterExit=0 Location=0 Process=0x1 Endpoint=0x2 BufferCount=1 Buffer=0x3 "
           "BufferLength=4 Status=0xc0000120 STATUS_CANCELLED [fast path] [AFD's own copy]\n");
    trace_finish(&trace);
}

Test(command_events, format_names)
{
    enum command_events_format format = COMMAND_EVENTS_TEXT;
    cr_assert(command_events_format_parse("jsonl", &format));
    cr_assert_eq(format, COMMAND_EVENTS_JSONL);
    cr_assert(command_events_format_parse("csv", &format));
    cr_assert_eq(format, COMMAND_EVENTS_CSV);
    cr_assert(command_events_format_parse("text", &format));
    cr_assert_eq(format, COMMAND_EVENTS_TEXT);
    cr_assert_not(command_events_format_parse("json", &format));
    cr_assert_not(command_events_format_parse("", &format));
}
