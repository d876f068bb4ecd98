/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/unit/report_fixture.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/tracker/tracked_op.h"
#include "base/stack_store.h"
#include "parsers/kernel/kernel_events.h"

#define NEVER_FREED 1000000
#define TICKS_PER_SECOND 10000000
#define START_TICKS 5000000000
#define APP_PROCESS UINT64_C(0xffffe00012345080)
#define EVIL_PROCESS UINT64_C(0xffffe00022345080)
#define SOCKET_A UINT64_C(0xffffe000aaaa0010)
#define SOCKET_B UINT64_C(0xffffe000bbbb0010)

static struct report_fixture the_fixture;
static struct tracker *tracker;
static struct tracked_op operations[2 * FIXTURE_CONFLICTS];
static struct process_info app, evil;
static struct socket_info socket_a, socket_b;
static struct stack_store *stacks;
static struct op_ending endings[2 * FIXTURE_CONFLICTS];
static struct op_details details[2 * FIXTURE_CONFLICTS];
static struct op_continuation continuation;
static struct etl_trace_info trace_infos[FIXTURE_INPUTS];
static struct etl_record_counts record_counts[FIXTURE_INPUTS];

static const char *const caveats[] = {"merging tools drop the counters of lost events"};
static const char *const notes[] = {"trace buffer at offset 65536: cut after 100 bytes"};

static void add_process(struct names *names, uint64_t key, uint32_t pid, const char *name)
{
    struct kernel_event *event = calloc(1, sizeof *event);
    event->kind = KERNEL_PROCESS_SEEN;
    event->process_key = key;
    event->pid = pid;
    memcpy(event->name, name, strlen(name) + 1);
    names_add(names, event, START_TICKS);
    free(event);
}

static void add_image(struct names *names, uint32_t pid, uint64_t base, const char *name)
{
    struct kernel_event *event = calloc(1, sizeof *event);
    event->kind = KERNEL_IMAGE_SEEN;
    event->pid = pid;
    event->image_base = base;
    event->image_size = 0x100000;
    memcpy(event->name, name, strlen(name) + 1);
    names_add(names, event, START_TICKS);
    free(event);
}

static void make_names(struct report_input *input)
{
    input->names = names_create();
    input->frames.names = input->names;
    add_process(input->names, APP_PROCESS, 4120, "app.exe");
    add_process(input->names, EVIL_PROCESS, 666, FIXTURE_HOSTILE);
    add_image(input->names, 4120, UINT64_C(0x7ff600000000),
              "\\Device\\HarddiskVolume3\\app\\app.exe");
}

static void make_sockets(void)
{
    app = (struct process_info){.references = 1, .address = APP_PROCESS, .serial = 1, .pid = 4120};
    evil = (struct process_info){.references = 1, .address = EVIL_PROCESS, .serial = 2, .pid = 666};
    socket_a = (struct socket_info){.references = 1,
                                    .endpoint = SOCKET_A,
                                    .type = 1,
                                    .protocol = 6,
                                    .address_family = 2,
                                    .type_known = true};
    socket_a.local.family = 2;
    socket_a.local.port = 50123;
    memcpy(socket_a.local.bytes, "\x0a\0\0\x05", 4);
    socket_a.remote.family = 2;
    socket_a.remote.port = 443;
    memcpy(socket_a.remote.bytes, "\x0a\0\0\x09", 4);
    socket_b = (struct socket_info){.references = 1, .endpoint = SOCKET_B};
}

static struct operation *make_operation(unsigned index, struct process_info *process,
                                        struct socket_info *socket, int64_t ticks, uint32_t tid)
{
    struct operation *op = &operations[index].op;
    operations[index].references = NEVER_FREED;
    *op = (struct operation){.number = index + 1,
                             .process = process,
                             .socket = socket,
                             .length = 4096,
                             .family = AFD_FAMILY_MODERN,
                             .space = AFD_SPACE_USER,
                             .pointer_size = 8,
                             .direction = AFD_RECV,
                             .end = OP_PENDING};
    op->posted = (struct op_point){.ticks = START_TICKS + ticks,
                                   .order = START_TICKS + ticks,
                                   .offset = 4096 + index * 128,
                                   .pid = process->pid,
                                   .tid = tid,
                                   .cpu = 3,
                                   .event_id = 1004};
    return op;
}

static void end_operation(struct operation *op, enum op_end end, int64_t ticks, uint32_t bytes)
{
    op->ended = &endings[op->number - 1];
    *op->ended =
        (struct op_ending){.at = op->posted, .bytes = bytes, .has_bytes = true, .has_status = true};
    op->ended->at.ticks = op->ended->at.order = START_TICKS + ticks;
    op->ended->at.offset += 64;
    op->end = (uint8_t)end;
}

static void give_stack(struct operation *op, uint64_t address)
{
    const uint64_t frames[] = {UINT64_C(0xfffff80312345678), UINT64_C(0x7ffe01230000),
                               UINT64_C(0x7ff600000000) + address};
    op->posted.stack = stack_store_get(stacks, frames, 3);
}

static void make_recv_over_recv(struct conflict *conflict, unsigned index, int64_t ticks,
                                uint64_t address)
{
    struct operation *first = make_operation(index, &app, &socket_a, ticks, 5116);
    struct operation *second = make_operation(index + 1, &app, &socket_a, ticks + 1272, 5120);
    first->buffer = address + 0x1000;
    second->buffer = address;
    second->length = 8192;
    end_operation(first, OP_COMPLETED, ticks + 3108, 512);
    end_operation(second, OP_COMPLETED, ticks + 20000, 8192);
    give_stack(first, 0x1a2b);
    give_stack(second, 0x3c4d);
    *conflict = (struct conflict){.first = first,
                                  .second = second,
                                  .rule = rules_find("recv-over-recv"),
                                  .confidence = CONFIDENCE_CONFIRMED,
                                  .severity = RULE_ERROR,
                                  .level = RULE_ERROR,
                                  .extent = EXTENT_EXACT,
                                  .overlap_start = address + 0x1000,
                                  .overlap_len = 4096,
                                  .harm = HARM_KNOWN,
                                  .harm_start = address + 0x1000,
                                  .harm_len = 512,
                                  .gates = true};
}

/* The second conflict's first was an attempt that went on as a request. */
static void make_likely(struct conflict *conflict)
{
    struct operation *first = conflict->first;
    continuation = (struct op_continuation){.at = first->posted,
                                            .kernel_buffer = UINT64_C(0xffffa58f2b200000)};
    continuation.at.ticks += 50;
    continuation.at.order += 50;
    continuation.at.offset += 32;
    continuation.at.stack = NULL;
    first->continued = &continuation;
    first->address_from_attempt = true;
    conflict->confidence = CONFIDENCE_LIKELY;
    conflict->reasons = REASON_BIT(REASON_INFERRED_ADDRESS);
    conflict->harm_len = 0;
}

static void make_send_over_send(struct conflict *conflict)
{
    struct operation *first = make_operation(4, &evil, &socket_b, 150000000, 7);
    struct operation *second = make_operation(5, &evil, &socket_b, 150000000, 7);
    first->direction = second->direction = AFD_SEND;
    first->posted.event_id = second->posted.event_id = 1003;
    first->buffer = UINT64_C(0x20000);
    second->buffer = UINT64_C(0x20100);
    second->chained = true;
    second->details = &details[5];
    second->details->buffer_count = 3;
    *conflict = (struct conflict){.first = first,
                                  .second = second,
                                  .rule = rules_find("send-over-send"),
                                  .confidence = CONFIDENCE_POSSIBLE,
                                  .reasons = REASON_BIT(REASON_COMPLETION_NOT_SEEN) |
                                             REASON_BIT(REASON_EVENTS_LOST),
                                  .severity = RULE_ERROR,
                                  .level = RULE_WARNING,
                                  .extent = EXTENT_FIRST_BUFFER_ONLY,
                                  .overlap_start = UINT64_C(0x20100),
                                  .overlap_len = 1,
                                  .gates = true};
}

static void make_kernel_reposted(struct conflict *conflict)
{
    struct operation *first = make_operation(6, &app, &socket_a, 160000000, 5116);
    struct operation *second = make_operation(7, &app, &socket_b, 160000500, ETL_ID_UNKNOWN);
    first->space = second->space = AFD_SPACE_KERNEL;
    first->buffer = second->buffer = UINT64_C(0xffffe000cccc0000);
    end_operation(first, OP_CLOSED, 160001000, 0);
    first->ended->has_bytes = first->ended->has_status = false;
    end_operation(second, OP_FAILED, 160002000, 10);
    second->ended->status = UINT32_C(0xC0000120);
    *conflict = (struct conflict){.first = first,
                                  .second = second,
                                  .rule = rules_find("kernel-address-reposted"),
                                  .confidence = CONFIDENCE_POSSIBLE,
                                  .reasons = REASON_BIT(REASON_CLOSED),
                                  .severity = RULE_NOTE,
                                  .level = RULE_NOTE,
                                  .extent = EXTENT_START_ONLY,
                                  .overlap_start = first->buffer,
                                  .overlap_len = 1};
}

static void make_trace(size_t index)
{
    struct report_input *input = &the_fixture.inputs[index];
    struct etl_trace_info *info = &trace_infos[index];
    struct etl_record_counts *counts = &record_counts[index];
    *info = (struct etl_trace_info){.size = 1048576,
                                    .os_major = 10,
                                    .os_build = 19041,
                                    .layout_major = 1,
                                    .layout_minor = 5,
                                    .pointer_size = 8,
                                    .processors = 4,
                                    .processors_seen = 4,
                                    .buffer_size = 65536,
                                    .buffers = 16,
                                    .mode = 0x11001,
                                    .finalised = true,
                                    .start_filetime = INT64_C(132000000000000000)};
    info->clock = (struct etl_clock){.kind = ETL_CLOCK_QPC,
                                     .base_ticks = START_TICKS,
                                     .base_filetime = INT64_C(132000000000000000),
                                     .frequency = TICKS_PER_SECOND};
    *counts = (struct etl_record_counts){.total = 1234,
                                         .any_time = true,
                                         .first_ticks = START_TICKS,
                                         .last_ticks = START_TICKS + 170000000};
    counts->by_kind[ETL_HEADER_EVENT64] = 1230;
    counts->by_kind[ETL_HEADER_SYSTEM64] = 4;
    input->opened = true;
    input->traces = info;
    input->counts = counts;
    input->trace_count = 1;
    input->clock = &info->clock;
    input->first_ticks = START_TICKS;
    input->coverage = (struct coverage){.modern_seen = true,
                                        .events = 2000,
                                        .posts = 1000,
                                        .completions = 990,
                                        .matched = 985,
                                        .orphan_completions = 5,
                                        .pending = 15,
                                        .user_address_operations = 912,
                                        .user_address_ended = 900,
                                        .attempts = 40,
                                        .continued = 12,
                                        .recvs = 900,
                                        .recvs_user_address = 812,
                                        .sends = 100,
                                        .sends_user_address = 100,
                                        .level_max = 4};
    input->findings =
        findings_create(tracker, &(struct findings_options){.gates_from = RULE_WARNING});
}

static void make_inputs(struct report_fixture *fixture)
{
    static const char *const paths[FIXTURE_INPUTS] = {"trace dir/app,one.etl", "quiet.etl",
                                                      "lossy.etl", "missing.etl"};
    for (size_t i = 0; i < FIXTURE_INPUTS; i++) {
        fixture->inputs[i].path = paths[i];
        error_chain_init(&fixture->inputs[i].errors);
        if (i != 3) {
            make_trace(i);
            make_names(&fixture->inputs[i]);
        }
    }
    fixture->inputs[0].verdict = VERDICT_FINDINGS;
    fixture->inputs[0].caveats = caveats;
    fixture->inputs[0].caveat_count = 1;
    fixture->inputs[0].notes = notes;
    fixture->inputs[0].note_count = 1;
    fixture->inputs[0].coverage.conflicts = 4;
    fixture->inputs[2].verdict = VERDICT_INCONCLUSIVE;
    fixture->inputs[2].causes = CAUSE_BIT(CAUSE_EVENTS_LOST);
    trace_infos[2].events_lost = 41;
    fixture->inputs[3].verdict = VERDICT_ERROR;
    error_chain_add(&fixture->inputs[3].errors, 12, "buffer type is 9, expected 4");
    error_chain_add(&fixture->inputs[3].errors, ERROR_NO_OFFSET, "missing.etl: no trace file");
}

static void make_settings(struct report_settings *settings)
{
    settings->fail_on = RULE_WARNING;
    settings->max_findings = 100;
    for (size_t i = 0; i < RULE_COUNT; i++) {
        settings->rule_enabled[i] = true;
    }
}

struct report_fixture *report_fixture_create(void)
{
    struct report_fixture *fixture = &the_fixture;
    memset(fixture, 0, sizeof *fixture);
    stacks = stack_store_create();
    make_settings(&fixture->settings);
    make_sockets();
    tracker = tracker_create(&(struct tracker_hooks){0}, &(struct tracker_options){.second = 1});
    make_inputs(fixture);
    make_recv_over_recv(&fixture->conflicts[0], 0, 120039901, UINT64_C(0x1a2b3c4000));
    make_recv_over_recv(&fixture->conflicts[1], 2, 130039901, UINT64_C(0x1a2b3d4000));
    make_likely(&fixture->conflicts[1]);
    make_send_over_send(&fixture->conflicts[2]);
    make_kernel_reposted(&fixture->conflicts[3]);
    for (size_t i = 0; i < FIXTURE_CONFLICTS; i++) {
        findings_settled(fixture->inputs[0].findings, &fixture->conflicts[i]);
    }
    for (size_t i = 0; i < 3; i++) {
        findings_finish(fixture->inputs[i].findings, &fixture->inputs[i].frames);
    }
    fixture->report.settings = &fixture->settings;
    return fixture;
}

void report_fixture_destroy(struct report_fixture *fixture)
{
    for (size_t i = 0; i < FIXTURE_INPUTS; i++) {
        findings_destroy(fixture->inputs[i].findings);
        names_destroy(fixture->inputs[i].names);
    }
    for (size_t i = 0; i < 2 * FIXTURE_CONFLICTS; i++) {
        stack_release(operations[i].op.posted.stack);
    }
    stack_store_destroy(stacks);
    tracker_destroy(tracker);
}

static void feed(const struct report_format *format, void *user,
                 const struct report_fixture *fixture, const struct report_input *inputs,
                 size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct report_input *input = &inputs[i];
        if (format->begin_input != NULL) {
            format->begin_input(user, i, input);
        }
        for (size_t j = 0; input == &fixture->inputs[0] && j < FIXTURE_CONFLICTS; j++) {
            if (format->conflict != NULL) {
                format->conflict(user, i, input, &fixture->conflicts[j]);
            }
        }
        if (format->end_input != NULL) {
            format->end_input(user, i, input);
        }
    }
}

/* Causes over the inputs, where there are several; the program makes them once for all formats. */
static struct across *find_causes(const struct report_input *inputs, size_t count)
{
    struct across_input *items = calloc(count, sizeof *items);
    for (size_t i = 0; i < count; i++) {
        items[i] = (struct across_input){inputs[i].findings, inputs[i].path};
    }
    struct across *across = count > 1 ? across_create(items, count) : NULL;
    free(items);
    return across;
}

static void forget_causes(struct across *across, const struct report_input *inputs, size_t count)
{
    across_destroy(across);
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; inputs[i].findings != NULL && j < findings_count(inputs[i].findings);
             j++) {
            findings_edit(inputs[i].findings, j)->across = NULL;
        }
    }
}

char *report_fixture_print_inputs(struct report_fixture *fixture, const char *name,
                                  const struct report_input *inputs, size_t input_count)
{
    struct out out;
    size_t len = 0;
    const struct report_format *format = report_format_find(name);
    if (format == NULL) {
        return NULL;
    }
    fixture->report.inputs = inputs;
    fixture->report.input_count = input_count;
    fixture->report.verdict = VERDICT_CLEAN;
    for (size_t i = 0; i < input_count; i++) {
        fixture->report.verdict = verdict_worse(fixture->report.verdict, inputs[i].verdict);
    }
    fixture->report.exit_status = verdict_exit(fixture->report.verdict);
    struct across *across = find_causes(inputs, input_count);
    fixture->report.across = across;
    out_init_memory(&out, 64u << 20);
    void *user = format->create(&out, &fixture->settings);
    feed(format, user, fixture, inputs, input_count);
    if (format->finish != NULL) {
        format->finish(user, &fixture->report);
    }
    if (format->destroy != NULL) {
        format->destroy(user);
    }
    forget_causes(across, inputs, input_count);
    fixture->report.across = NULL;
    return out_take(&out, &len);
}

char *report_fixture_print(struct report_fixture *fixture, const char *name, size_t first,
                           size_t input_count)
{
    return report_fixture_print_inputs(fixture, name, &fixture->inputs[first], input_count);
}

size_t report_fixture_occurrences(const char *text, const char *what)
{
    size_t count = 0;
    for (const char *at = strstr(text, what); at != NULL; at = strstr(at + 1, what)) {
        count++;
    }
    return count;
}

size_t report_fixture_longest_line(const char *text)
{
    size_t longest = 0, columns = 0;
    for (; *text != '\0'; text++) {
        if (*text == '\n') {
            columns = 0;
        } else if (((unsigned char)*text & 0xC0) != 0x80) {
            columns++;
        }
        if (columns > longest) {
            longest = columns;
        }
    }
    return longest;
}
