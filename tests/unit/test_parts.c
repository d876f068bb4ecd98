/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "analyzer/findings/findings.h"
#include "analyzer/reports/parts.h"
#include "base/stack_store.h"

#define START INT64_C(5000000)

static const struct etl_clock clock_of_100_ns = {.kind = ETL_CLOCK_QPC,
                                                 .base_ticks = START,
                                                 .base_filetime = INT64_C(134117966450000000),
                                                 .frequency = 10000000};
static struct report_input input = {.clock = &clock_of_100_ns, .first_ticks = START};

/* ---- time ---- */

static struct op_point at(int64_t ticks)
{
    return (struct op_point){.ticks = ticks, .order = ticks, .pid = 10, .tid = 100};
}

Test(parts, a_span_is_told_where_the_clock_did_not_go_back)
{
    static const struct {
        struct op_point from, to;
        bool told;
        uint64_t ns;
    } rows[] = {
        {{.ticks = 10, .order = 10}, {.ticks = 30, .order = 30}, true, 2000},
        {{.ticks = 10, .order = 10}, {.ticks = 10, .order = 10}, true, 0},
        {{.ticks = 10, .order = 10}, {.ticks = 9, .order = 9}, false, 0},
        {{.ticks = 10, .order = 11}, {.ticks = 30, .order = 30}, false, 0},
        {{.ticks = 10, .order = 10}, {.ticks = 30, .order = 31}, false, 0},
        {{.ticks = 10, .order = 11}, {.ticks = 30, .order = 31}, false, 0},
        {{.ticks = INT64_MIN, .order = INT64_MIN},
         {.ticks = INT64_MAX, .order = INT64_MAX},
         false,
         0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t ns = 7;
        cr_expect_eq(part_span_ns(&input, &rows[i].from, &rows[i].to, &ns), rows[i].told, "%zu", i);
        cr_expect(!rows[i].told || ns == rows[i].ns, "%zu", i);
    }
}

Test(parts, times_count_from_the_first_event)
{
    uint64_t ns;
    char text[ETL_TIME_TEXT_LEN];
    struct op_point first = at(START), before = at(START - 1), later = at(START + 25);
    cr_expect(part_at_ns(&input, &first, &ns));
    cr_expect_eq(ns, 0);
    cr_expect(part_at_ns(&input, &later, &ns));
    cr_expect_eq(ns, 2500);
    cr_expect_not(part_at_ns(&input, &before, &ns));
    later.order++; /* another event of its processor came before with a later time */
    cr_expect(part_at_ns(&input, &later, &ns));
    part_time(&input, &later, text);
    cr_expect_str_eq(text, "2026-01-02T03:04:05.0000025Z");
}

Test(parts, a_second_has_as_many_decimals_as_its_clock)
{
    static const struct {
        uint64_t frequency;
        unsigned decimals;
    } rows[] = {{1000, 7}, {10000000, 7}, {10000001, 9}, {UINT64_C(3000000000), 9}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct etl_clock clock = {.kind = ETL_CLOCK_QPC, .frequency = rows[i].frequency};
        const struct report_input of_clock = {.clock = &clock};
        cr_expect_eq(part_decimals(&of_clock), rows[i].decimals, "%zu", i);
    }
}

/* ---- operations ---- */

static struct process_info process;
static struct socket_info sockets[2];
static struct op_ending endings[2];
static struct operation ops[2];
static struct conflict conflict = {.first = &ops[0], .second = &ops[1]};

/* A receive of 64 bytes at 10 ms that ends at 30 ms, and one at 20 ms that doesn't end. */
static void setup(void)
{
    process = (struct process_info){.address = 0xffffa00000001000, .pid = 10};
    for (unsigned i = 0; i < 2; i++) {
        sockets[i] = (struct socket_info){.endpoint = 0xffffb00000001000 + i};
        ops[i] = (struct operation){.process = &process,
                                    .socket = &sockets[i],
                                    .direction = AFD_RECV,
                                    .space = AFD_SPACE_USER,
                                    .buffer = 0x1a2b3c4000,
                                    .length = 64,
                                    .pointer_size = 8,
                                    .posted = at(START + 100000 * (i + 1))};
    }
    endings[0] = (struct op_ending){.at = at(START + 300000)};
    ops[0].ended = &endings[0];
    ops[0].end = OP_COMPLETED;
}

TestSuite(part_operations, .init = setup);

Test(part_operations, have_spans)
{
    uint64_t ns;
    cr_expect(part_duration_ns(&input, &ops[0], &ns));
    cr_expect_eq(ns, 20000000);
    cr_expect_not(part_duration_ns(&input, &ops[1], &ns));
    cr_expect(part_gap_ns(&input, &conflict, &ns));
    cr_expect_eq(ns, 10000000);
    cr_expect(part_exposed_ns(&input, &conflict, &ns));
    cr_expect_eq(ns, 10000000);
    endings[0].at = at(START + 150000);
    cr_expect_not(part_exposed_ns(&input, &conflict, &ns), "the end comes before the second");
    ops[0].ended = NULL;
    cr_expect_not(part_exposed_ns(&input, &conflict, &ns));
}

Test(part_operations, are_of_one_thread_where_both_are_known)
{
    bool same;
    cr_expect(part_same_thread(&conflict, &same));
    cr_expect(same);
    ops[1].posted.tid = 101;
    cr_expect(part_same_thread(&conflict, &same));
    cr_expect_not(same);
    ops[1].posted.tid = ETL_ID_UNKNOWN;
    cr_expect_not(part_same_thread(&conflict, &same));
    ops[0].posted.tid = ETL_ID_UNKNOWN;
    cr_expect_not(part_same_thread(&conflict, &same));
    ops[1].posted.tid = 100;
    cr_expect_not(part_same_thread(&conflict, &same));
}

Test(part_operations, have_words)
{
    cr_expect_str_eq(part_direction(&ops[0]), "recv");
    cr_expect_str_eq(part_address_space(&ops[0]), "user");
    cr_expect_str_eq(part_end(&ops[0]), "completed");
    ops[0].direction = AFD_SEND;
    ops[0].space = AFD_SPACE_KERNEL;
    ops[0].end = OP_IN_FLIGHT;
    cr_expect_str_eq(part_direction(&ops[0]), "send");
    cr_expect_str_eq(part_address_space(&ops[0]), "kernel");
    cr_expect_str_eq(part_end(&ops[0]), "in flight");
    ops[0].space = AFD_SPACE_NONE;
    cr_expect_null(part_address_space(&ops[0]));
}

/* The process as far as the trace tells, with names and without. */
Test(part_operations, name_their_process)
{
    static struct kernel_event start = {
        .kind = KERNEL_PROCESS_SEEN, .pid = 10, .process_key = 0xffffa00000001000, .name = "a.exe"};
    char text[PART_PROCESS_LEN];
    struct report_input named = input;
    part_process(&input, &ops[0], text);
    cr_expect_str_eq(text, "process 10");
    process.pid = ETL_ID_UNKNOWN;
    part_process(&input, &ops[0], text);
    cr_expect_str_eq(text, "process object 0xffffa00000001000");
    cr_expect_eq(part_pid(&input, &ops[0]), ETL_ID_UNKNOWN);
    cr_expect_null(part_image(&input, &ops[0]));
    cr_expect_null(part_command_line(&input, &ops[0]));
    named.names = names_create();
    names_add(named.names, &start, START);
    part_process(&named, &ops[0], text);
    cr_expect_str_eq(text, "a.exe (10)");
    cr_expect_eq(part_pid(&named, &ops[0]), 10);
    cr_expect_null(part_command_line(&named, &ops[0]), "an empty one is none");
    process.pid = 20;
    process.address = 0xffffa00000009000;
    part_process(&named, &ops[0], text);
    cr_expect_str_eq(text, "process 20");
    names_destroy(named.names);
}

Test(part_operations, have_command_lines_and_thread_names)
{
    static struct kernel_event start = {.kind = KERNEL_PROCESS_SEEN,
                                        .pid = 10,
                                        .process_key = 0xffffa00000001000,
                                        .name = "a.exe",
                                        .extra = "a.exe -x"};
    static struct kernel_event thread = {
        .kind = KERNEL_THREAD_NAME, .pid = 10, .tid = 100, .name = "worker"};
    struct report_input named = input;
    cr_expect_null(part_thread_name(&input, &ops[0].posted));
    named.names = names_create();
    names_add(named.names, &start, START);
    names_add(named.names, &thread, START);
    cr_expect_str_eq(part_command_line(&named, &ops[0]), "a.exe -x");
    cr_expect_str_eq(part_thread_name(&named, &ops[0].posted), "worker");
    names_destroy(named.names);
}

Test(part_operations, name_their_socket)
{
    static const struct afd_address local = {.family = 2, .port = 80, .bytes = {10, 0, 0, 5}};
    static const struct afd_address remote = {.family = 2, .port = 443, .bytes = {10, 0, 0, 9}};
    static const char *const wanted[] = {
        "endpoint 0xffffb00000001000",
        "10.0.0.5:80",
        "to 10.0.0.9:443",
        "10.0.0.5:80 -> 10.0.0.9:443",
        "TCP endpoint 0xffffb00000001000",
        "TCP 10.0.0.5:80",
        "TCP to 10.0.0.9:443",
        "TCP 10.0.0.5:80 -> 10.0.0.9:443",
    };
    for (unsigned i = 0; i < 8; i++) {
        char text[PART_SOCKET_LEN];
        sockets[0].local = (i & 1) != 0 ? local : (struct afd_address){0};
        sockets[0].remote = (i & 2) != 0 ? remote : (struct afd_address){0};
        sockets[0].type_known = (i & 4) != 0;
        sockets[0].type = 1;
        sockets[0].protocol = 6;
        part_socket(&ops[0], text);
        cr_expect_str_eq(text, wanted[i], "%u: %s", i, text);
    }
}

/* Of a chain, and of kernel memory, the first byte alone is certain. */
Test(part_operations, have_memory)
{
    static const struct {
        uint64_t buffer;
        uint32_t length;
        uint8_t space;
        bool chained;
        uint64_t len;
    } rows[] = {{0x1000, 64, AFD_SPACE_USER, false, 64},
                {0x1000, 1, AFD_SPACE_USER, false, 1},
                {0x1000, 64, AFD_SPACE_USER, true, 1},
                {0xffffe00000001000, 64, AFD_SPACE_KERNEL, false, 1},
                {0x7fffffffff00, 0x1000, AFD_SPACE_USER, false, 0x100}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct part_memory memory;
        ops[0].buffer = rows[i].buffer;
        ops[0].length = rows[i].length;
        ops[0].space = rows[i].space;
        ops[0].chained = rows[i].chained;
        part_memory(&ops[0], &memory);
        cr_expect_eq(memory.start, rows[i].buffer, "%zu", i);
        cr_expect_eq(memory.len, rows[i].len, "%zu: %llu", i, (unsigned long long)memory.len);
    }
}

/* The post's own stack, else that of the request which it went on as. */
Test(part_operations, have_a_stack)
{
    const struct op_point *point;
    const uint64_t frames[] = {0x1000};
    struct stack_store *stacks = stack_store_create();
    struct stack *stack = stack_store_get(stacks, frames, 1);
    struct op_continuation continued = {.at = at(START + 5)};
    cr_expect_null(part_stack(&ops[0], &point));
    cr_expect_eq(point, &ops[0].posted);
    ops[0].continued = &continued;
    cr_expect_eq(part_continued(&ops[0]), &continued);
    cr_expect_null(part_stack(&ops[0], &point));
    cr_expect_eq(point, &continued.at);
    continued.at.stack = stack;
    cr_expect_not_null(part_stack(&ops[0], &point));
    cr_expect_eq(point, &continued.at);
    ops[0].posted.stack = stack;
    cr_expect_not_null(part_stack(&ops[0], &point));
    cr_expect_eq(point, &ops[0].posted);
    ops[0].posted.stack = NULL;
    continued.rejected = true;
    cr_expect_null(part_continued(&ops[0]));
    cr_expect_null(part_stack(&ops[0], &point));
    cr_expect_eq(point, &ops[0].posted);
    stack_release(stack);
    stack_store_destroy(stacks);
}

/* ---- places in code ---- */

Test(parts, frames_have_words)
{
    static const struct {
        bool module;
        const char *name, *function, *file;
        uint64_t line;
        bool inlined;
        const char *text, *bare;
    } rows[] = {
        {true, "a.exe", "f", "C:\\b\\c.c", 42, false, "a.exe!f (c.c:42)", "f (c.c:42)"},
        {true, "a.exe", "f", "/b/c.c", 42, true, "a.exe!f (c.c:42, inlined)",
         "f (c.c:42, inlined)"},
        {true, "a.exe", "f", "c.c", 0, false, "a.exe!f (c.c)", "f (c.c)"},
        {true, "a.exe", "f", "c.c", 0, true, "a.exe!f (c.c, inlined)", "f (c.c, inlined)"},
        {true, "a.exe", "f", NULL, 42, true, "a.exe!f (inlined)", "f (inlined)"},
        {true, "a.exe", "f", NULL, 42, false, "a.exe!f", "f"},
        {true, "a.exe", NULL, NULL, 0, false, "a.exe+0x10", "+0x10"},
        {true, "a.exe", NULL, "c.c", 7, false, "a.exe+0x10 (c.c:7)", "+0x10 (c.c:7)"},
        {false, "[JIT]", NULL, NULL, 0, false, "[JIT] 0x7ff0", "+0x10"},
        {false, NULL, NULL, NULL, 0, false, "0x7ff0", "+0x10"},
    };
    static const struct module module;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[PART_FRAME_LEN];
        const struct frame frame = {.place = {.module = rows[i].module ? &module : NULL,
                                              .name = rows[i].name,
                                              .offset = 0x10},
                                    .address = 0x7ff0,
                                    .function = rows[i].function,
                                    .file = rows[i].file,
                                    .line = rows[i].line,
                                    .inlined = rows[i].inlined};
        part_frame_text(&frame, text);
        cr_expect_str_eq(text, rows[i].text, "%zu: %s", i, text);
        part_frame_bare(&frame, text);
        cr_expect_str_eq(text, rows[i].bare, "%zu: %s", i, text);
    }
}

Test(parts, paths_have_a_last_component)
{
    static const struct {
        const char *path, *base, *source;
    } rows[] = {{"a", "a", "a"},       {"/a", "a", "a"},        {"/a/b.c", "b.c", "b.c"},
                {"a/", "a/", "a/"},    {"/", "/", "/"},         {"C:\\a\\b.c", "C:\\a\\b.c", "b.c"},
                {"a\\", "a\\", "a\\"}, {"a/b\\c", "b\\c", "c"}, {"a\\b/c", "c", "c"},
                {"", "", ""},          {"a//b", "b", "b"},      {"a//", "/", "/"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cr_expect_str_eq(part_base_name(rows[i].path), rows[i].base, "%s", rows[i].path);
        cr_expect_str_eq(part_source_name(rows[i].path), rows[i].source, "%s", rows[i].path);
    }
}

Test(parts, a_windows_of_64_bits_shows_by_its_records)
{
    for (unsigned kind = 0; kind < ETL_HEADER_COUNT; kind++) {
        struct etl_record_counts counts = {.total = 1};
        counts.by_kind[kind] = 1;
        const char *name = etl_header_kind_name((enum etl_header_kind)kind);
        cr_expect_eq(part_windows_is_64_bit(&counts), strstr(name, "64") != NULL, "%s", name);
    }
}

/* ---- findings ---- */

/* Of each rule the first `max`, and as many that are known. */
Test(parts, a_limit_is_a_rules_and_known_ones_have_their_own)
{
    struct report_settings settings = {.max_findings = 2};
    struct part_limit limit;
    struct finding finding = {.rule = rules_table[0]}, other = {.rule = rules_table[1]};
    struct finding known = {.rule = rules_table[0], .baseline = FINDING_UNCHANGED};
    part_limit_init(&limit, &settings);
    for (unsigned i = 0; i < 4; i++) {
        cr_expect_eq(part_limit_admits(&limit, &finding), i < 2, "%u", i);
        cr_expect_eq(part_limit_admits(&limit, &known), i < 2, "%u", i);
    }
    cr_expect_eq(part_limit_omitted(&limit), 4);
    cr_expect(part_limit_admits(&limit, &other));
    cr_expect_eq(part_limit_omitted(&limit), 4);
    for (unsigned i = 0; i < 3; i++) {
        part_limit_admits(&limit, &other);
    }
    cr_expect_eq(part_limit_omitted(&limit), 6);
    settings.max_findings = 0;
    part_limit_init(&limit, &settings);
    for (unsigned i = 0; i < 300; i++) {
        cr_expect(part_limit_admits(&limit, &finding));
    }
    cr_expect_eq(part_limit_omitted(&limit), 0);
}

Test(parts, a_cause_is_told_of_several_traces)
{
    static const struct {
        size_t inputs, all;
        const char *text;
    } rows[] = {
        {1, 3, NULL}, {2, 3, "on 2 of 3 traces"}, {12345, 50000, "on 12 345 of 50 000 traces"}};
    char text[PART_ACROSS_LEN];
    struct finding finding = {0};
    cr_expect_not(part_across(&finding, text));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct across_cause cause = {.inputs = rows[i].inputs, .input_count = rows[i].all};
        finding.across = &cause;
        cr_expect_eq(part_across(&finding, text), rows[i].text != NULL);
        if (rows[i].text != NULL) {
            cr_expect_str_eq(text, rows[i].text);
        }
    }
}

Test(parts, counts_of_findings_have_words)
{
    static const struct {
        uint64_t errors, warnings, notes;
        const char *text;
    } rows[] = {{0, 0, 0, "no finding"},
                {1, 0, 0, "1 error"},
                {2, 0, 1, "2 errors, 1 note"},
                {0, 1, 0, "1 warning"},
                {1, 2, 30000, "1 error, 2 warnings, 30 000 notes"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[PART_COUNTS_LEN];
        struct part_counts counts = {0};
        counts.by_level[RULE_ERROR] = rows[i].errors;
        counts.by_level[RULE_WARNING] = rows[i].warnings;
        counts.by_level[RULE_NOTE] = rows[i].notes;
        part_counts_text(&counts, text);
        cr_expect_str_eq(text, rows[i].text);
    }
}

/* Failed inputs come first, clean ones last; those of one kind in their order. */
Test(parts, inputs_have_an_order)
{
    struct report_input inputs[6] = {{.verdict = VERDICT_CLEAN}, {.verdict = VERDICT_INCONCLUSIVE},
                                     {.verdict = VERDICT_ERROR}, {.verdict = VERDICT_CLEAN},
                                     {.verdict = VERDICT_ERROR}, {.verdict = VERDICT_INCONCLUSIVE}};
    const struct report report = {.inputs = inputs, .input_count = 6};
    static const size_t wanted[] = {2, 4, 1, 5, 0, 3};
    struct part_order order = {0};
    for (size_t i = 0; i < 6; i++) {
        const struct report_input *next = part_next_input(&report, &order);
        cr_expect_eq(next, &inputs[wanted[i]], "%zu", i);
    }
    cr_expect_null(part_next_input(&report, &order));
    cr_expect_eq(part_finding_count(&inputs[0]), 0);
}
