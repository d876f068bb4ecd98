/* SPDX-License-Identifier: Apache-2.0 */

/*
 * `perfetto`: Chrome trace events for ui.perfetto.dev. Operations overlap, which slices of threads
 * must not, so they are asynchronous ones: each an own id, outside the name of its socket, which
 * names the track, inside the operation. Arrows bind to slices of threads only, so each post is a
 * shortest slice on its thread's track, too.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/format_text.h"
#include "base/json_writer.h"
#include "analyzer/reports/formats.h"
#include "analyzer/reports/parts.h"
#include "base/least.h"
#include "parsers/afd/ntstatus.h"

#define UNKNOWN_PID_BASE UINT32_C(0x70000000) /* ids of processes whose own is unknown */
#define POST_NS 1                             /* length of a post's slice */

struct perfetto {
    struct out *out;
    struct json_writer json;
    bool own_pids;      /* several inputs: process ids of ours, as the traces' could be equal */
    uint32_t pid_base;  /* the current input's */
    uint64_t next_id;   /* id of the next asynchronous slice */
    uint64_t next_flow; /* id of the next arrow */
};

static void *perfetto_create(struct out *out, const struct report_settings *settings)
{
    (void)settings;
    struct perfetto *perfetto = malloc(sizeof *perfetto);
    if (perfetto != NULL) {
        *perfetto = (struct perfetto){.out = out, .next_id = 1, .next_flow = 1};
    }
    return perfetto;
}

/* --- operations to draw -------------------------------------------------------------------------
 */

struct op_list {
    const struct operation **items;
    size_t count;
};

static int by_number(const void *left, const void *right)
{
    const struct operation *a = *(const struct operation *const *)left;
    const struct operation *b = *(const struct operation *const *)right;
    return order_u64(a->number, b->number);
}

static int by_process(const void *left, const void *right)
{
    const struct operation *a = *(const struct operation *const *)left;
    const struct operation *b = *(const struct operation *const *)right;
    int order = order_u64(a->process->serial, b->process->serial);
    order = order != 0 ? order : order_u64(a->posted.tid, b->posted.tid);
    return order != 0 ? order : by_number(left, right);
}

/* Operations of the findings' examples, each once. False: no memory. */
static bool collect(const struct report *report, const struct report_input *input,
                    struct op_list *list)
{
    size_t room = 0;
    struct part_limit limit;
    list->count = 0;
    for (size_t i = 0; i < part_finding_count(input); i++) {
        room += 2 * findings_at(input->findings, i)->example_count;
    }
    list->items = calloc(room != 0 ? room : 1, sizeof(const struct operation *));
    if (list->items == NULL) {
        return false;
    }
    part_limit_init(&limit, report->settings);
    for (size_t i = 0; i < part_finding_count(input); i++) {
        const struct finding *finding = findings_at(input->findings, i);
        if (!part_limit_admits(&limit, finding)) {
            continue;
        }
        for (unsigned j = 0; j < finding->example_count; j++) {
            list->items[list->count++] = finding->examples[j]->first;
            list->items[list->count++] = finding->examples[j]->second;
        }
    }
    qsort(list->items, list->count, sizeof(const struct operation *), by_number);
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (kept == 0 || list->items[kept - 1] != list->items[i]) {
            list->items[kept++] = list->items[i];
        }
    }
    list->count = kept;
    return true;
}

/* --- events ----------------------------------------------------------------------------------- */

static uint32_t pid_of(const struct perfetto *perfetto, const struct operation *op)
{
    uint32_t serial = (uint32_t)op->process->serial;
    if (perfetto->own_pids) {
        return perfetto->pid_base + serial;
    }
    return op->process->pid != ETL_ID_UNKNOWN ? op->process->pid : UNKNOWN_PID_BASE + serial;
}

static uint32_t tid_of(const struct operation *op)
{
    return op->posted.tid != ETL_ID_UNKNOWN ? op->posted.tid : 0;
}

/* Microseconds with three decimals: nanoseconds. */
static void time_field(struct json_writer *json, const char *key, uint64_t ns)
{
    json_key(json, key);
    json_fixed(json, (double)ns / 1000.0, 3);
}

static void begin_event(struct perfetto *perfetto, const char *phase, const char *name,
                        const struct operation *op)
{
    struct json_writer *json = &perfetto->json;
    json_object_begin(json);
    json_field_str(json, "ph", phase);
    json_field_str(json, "name", name);
    json_field_u64(json, "pid", pid_of(perfetto, op));
    json_field_u64(json, "tid", tid_of(op));
}

static void metadata(struct perfetto *perfetto, const char *what, const char *name,
                     const struct operation *op)
{
    begin_event(perfetto, "M", what, op);
    json_field_object(&perfetto->json, "args");
    json_field_str(&perfetto->json, "name", name);
    json_object_end(&perfetto->json);
    json_object_end(&perfetto->json);
}

static void name_process(struct perfetto *perfetto, const struct report_input *input,
                         const struct operation *op)
{
    char process[PART_PROCESS_LEN];
    char name[2 * PART_PROCESS_LEN];
    part_process(input, op, process);
    if (perfetto->own_pids) {
        snprintf(name, sizeof name, "%s, %.256s", process, part_base_name(input->path));
    } else {
        snprintf(name, sizeof name, "%s", process);
    }
    metadata(perfetto, "process_name", name, op);
}

static void name_thread(struct perfetto *perfetto, const struct operation *op)
{
    char name[64];
    if (op->posted.tid != ETL_ID_UNKNOWN) {
        snprintf(name, sizeof name, "posts of thread %" PRIu32, op->posted.tid);
    } else {
        snprintf(name, sizeof name, "posts of unknown threads");
    }
    metadata(perfetto, "thread_name", name, op);
}

/* Leaves the list sorted by process. */
static void name_tracks(struct perfetto *perfetto, const struct report_input *input,
                        struct op_list *list)
{
    if (list->count != 0) {
        qsort(list->items, list->count, sizeof(const struct operation *), by_process);
    }
    for (size_t i = 0; i < list->count; i++) {
        const struct operation *op = list->items[i];
        const struct operation *last = i != 0 ? list->items[i - 1] : NULL;
        bool new_process = last == NULL || last->process != op->process;
        if (new_process) {
            name_process(perfetto, input, op);
        }
        if (new_process || tid_of(last) != tid_of(op)) {
            name_thread(perfetto, op);
        }
    }
}

static void slice_args(struct json_writer *json, const struct operation *op)
{
    json_field_object(json, "args");
    json_field_u64(json, "op", op->number);
    json_field_str(json, "api", op_api(op));
    json_field_hex(json, "buffer", op->buffer);
    json_field_u64(json, "length", op->length);
    json_field_str(json, "path", op_path_name(op));
    json_field_hex(json, "endpoint", op->socket->endpoint);
    json_field_str(json, "end", part_end(op));
    if (op->ended != NULL && op->ended->has_bytes) {
        json_field_u64(json, "bytes", op->ended->bytes);
    }
    if (op->ended != NULL && op->ended->has_status) {
        json_field_hex(json, "status", op->ended->status);
        json_field_str(json, "status_name", ntstatus_name(op->ended->status));
    }
    json_object_end(json);
}

static void async_event(struct perfetto *perfetto, const char *phase, const char *name,
                        const struct operation *op, uint64_t ns, bool with_args)
{
    struct json_writer *json = &perfetto->json;
    char id[32];
    snprintf(id, sizeof id, "0x%" PRIx64, perfetto->next_id);
    begin_event(perfetto, phase, name, op);
    json_field_str(json, "cat", "winsock");
    json_field_str(json, "id", id);
    time_field(json, "ts", ns);
    if (with_args) {
        slice_args(json, op);
    }
    json_object_end(json);
}

static void slice_name(const struct operation *op, char name[96])
{
    snprintf(name, 96, "%s #%" PRIu64 " 0x%" PRIx64 " + %" PRIu32, op_api(op), op->number,
             op->buffer, op->length);
}

/* A point before the first event (the clock went back) is drawn at the first event. */
static uint64_t point_ns(const struct report_input *input, const struct op_point *point)
{
    uint64_t ns = 0;
    return part_at_ns(input, point, &ns) ? ns : 0;
}

/* An operation that did not end lasts to the end of the trace. */
static uint64_t end_ns(const struct report_input *input, const struct operation *op)
{
    uint64_t posted = point_ns(input, &op->posted);
    uint64_t end = posted;
    if (op->ended != NULL) {
        end = point_ns(input, &op->ended->at);
    } else if (input->trace_count != 0 && input->counts[0].any_time) {
        end = etl_clock_duration_ns(input->clock, input->first_ticks, input->counts[0].last_ticks);
    }
    return end > posted ? end : posted;
}

static void operation_events(struct perfetto *perfetto, const struct report_input *input,
                             const struct operation *op)
{
    struct json_writer *json = &perfetto->json;
    char socket[PART_SOCKET_LEN], name[96], post_name[112];
    uint64_t posted = point_ns(input, &op->posted);
    uint64_t ended = end_ns(input, op);
    part_socket(op, socket);
    slice_name(op, name);
    snprintf(post_name, sizeof post_name, "post %s", name);
    async_event(perfetto, "b", socket, op, posted, false);
    async_event(perfetto, "b", name, op, posted, true);
    async_event(perfetto, "e", name, op, ended, false);
    async_event(perfetto, "e", socket, op, ended, false);
    perfetto->next_id++;
    begin_event(perfetto, "X", post_name, op);
    json_field_str(json, "cat", "post");
    time_field(json, "ts", posted);
    time_field(json, "dur", POST_NS);
    slice_args(json, op);
    json_object_end(json);
}

static void arrow_args(struct json_writer *json, const struct finding *finding,
                       const struct conflict *conflict)
{
    json_field_object(json, "args");
    json_field_str(json, "level", rule_level_name(finding->level));
    json_field_str(json, "confidence", part_confidence(conflict));
    json_field_u64(json, "conflicts of the finding", finding->count);
    json_field_u64(json, "posts of the finding", finding->posts);
    if (conflict->harm == HARM_KNOWN) {
        json_field_u64(json, "harm in bytes", conflict->harm_len);
    }
    json_object_end(json);
}

static void arrow_end(struct perfetto *perfetto, const struct report_input *input,
                      const struct finding *finding, const struct conflict *conflict, bool second)
{
    struct json_writer *json = &perfetto->json;
    const struct operation *op = second ? conflict->second : conflict->first;
    begin_event(perfetto, second ? "f" : "s", conflict->rule->name, op);
    json_field_str(json, "cat", "conflict");
    json_field_u64(json, "id", perfetto->next_flow);
    if (second) {
        json_field_str(json, "bp", "e");
    }
    time_field(json, "ts", point_ns(input, &op->posted));
    arrow_args(json, finding, conflict);
    json_object_end(json);
}

/* Draws an arrow from the first post to the second for each shown conflict of a finding. No arrow
 * is drawn where the clock went back between the posts, as it would point into the past. */
static void arrows_of(struct perfetto *perfetto, const struct report_input *input,
                      const struct finding *finding)
{
    for (unsigned i = 0; i < finding->example_count; i++) {
        const struct conflict *conflict = finding->examples[i];
        if (point_ns(input, &conflict->second->posted) <
            point_ns(input, &conflict->first->posted)) {
            continue;
        }
        arrow_end(perfetto, input, finding, conflict, false);
        arrow_end(perfetto, input, finding, conflict, true);
        perfetto->next_flow++;
    }
}

static void arrows(struct perfetto *perfetto, const struct report *report,
                   const struct report_input *input)
{
    struct part_limit limit;
    part_limit_init(&limit, report->settings);
    for (size_t i = 0; i < part_finding_count(input); i++) {
        const struct finding *finding = findings_at(input->findings, i);
        if (part_limit_admits(&limit, finding)) {
            arrows_of(perfetto, input, finding);
        }
    }
}

static void input_events(struct perfetto *perfetto, const struct report *report,
                         const struct report_input *input)
{
    struct op_list list;
    uint32_t last_serial = 0;
    if (!collect(report, input, &list)) {
        out_fail(perfetto->out, OUT_NO_MEMORY, ENOMEM);
        return;
    }
    name_tracks(perfetto, input, &list);
    for (size_t i = 0; i < list.count; i++) {
        const struct operation *op = list.items[i];
        uint32_t serial = (uint32_t)op->process->serial;
        last_serial = serial > last_serial ? serial : last_serial;
        operation_events(perfetto, input, op);
    }
    arrows(perfetto, report, input);
    perfetto->pid_base += last_serial + 1;
    free(list.items);
}

static void perfetto_finish(void *user, const struct report *report)
{
    struct perfetto *perfetto = user;
    struct json_writer *json = &perfetto->json;
    perfetto->own_pids = report->input_count > 1;
    perfetto->pid_base = 1;
    json_init(json, perfetto->out, JSON_LINE);
    json_object_begin(json);
    json_field_str(json, "displayTimeUnit", "ns");
    json_field_object(json, "otherData");
    json_field_str(json, "tool", "bufcheck " BUFCHECK_VERSION);
    json_field_str(json, "verdict", verdict_name(report->verdict));
    json_field_str(json, "arrows",
                   "one from post to post for the conflict that each finding shows and for up to "
                   "eight others whose overlaps start elsewhere; an arrow's arguments tell how "
                   "many conflicts its finding has");
    json_object_end(json);
    json_field_array(json, "traceEvents");
    for (size_t i = 0; i < report->input_count; i++) {
        input_events(perfetto, report, &report->inputs[i]);
    }
    json_array_end(json);
    json_object_end(json);
    json_line_end(json);
}

const struct report_format report_perfetto = {
    .name = "perfetto",
    .help = "for ui.perfetto.dev: a track for each socket",
    .create = perfetto_create,
    .finish = perfetto_finish,
    .destroy = free,
};
