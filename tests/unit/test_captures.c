/* SPDX-License-Identifier: Apache-2.0 */

/* The reader on real captures: figures against expected.json, order against a merge by force. */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parsers/etl/etl_reader.h"
#include "parsers/etl/etl_record.h"
#include "base/load.h"
#include "tests/support/xpress_whole.h"
#include "tests/unit/capture_path.h"

static const char *const captures[] = {
    "etl-parser-amsi-lost-events.etl",
    "etl-parser-kernel-shutdown.etl",
    "etl-parser-lxcore.etl",
    "krabsetw-powershell.etl",
    "perfview-diaghub-kernel.etl",
    "perfview-gcevents-circular.etl",
    "perfview-net452-x64-compressed.etl",
    "perfview-primitive-types.etl",
    "perfview-self-describing.etl",
    "perfview-small-x86-compressed.etl",
    "s4-waasmedic-circular.etl",
    "s4-windowsupdate.etl",
    "sawbuck-vista-process-32bit.etl",
    "sawbuck-win7-image-32bit.etl",
    "tx-http-server.etl",
    "tx-kernel-network.etl",
    "tx-process.etl",
    "tx-wsrm.etl",
};
#define CAPTURE_COUNT (sizeof captures / sizeof captures[0])

static char *need_file(const char *name, size_t *len)
{
    char path[4096];
    capture_path(name, path, sizeof path);
    FILE *file = fopen(path, "rb");
    cr_assert_not_null(file);
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    rewind(file);
    char *bytes = malloc((size_t)size + 1);
    *len = fread(bytes, 1, (size_t)size, file);
    bytes[*len] = '\0';
    fclose(file);
    return bytes;
}

/* The text behind "key": between `from` and `to`, NULL if the key is not there. */
static const char *find_key(const char *from, const char *to, const char *key)
{
    char pattern[128];
    snprintf(pattern, sizeof pattern, "\"%s\": ", key);
    const char *at = strstr(from, pattern);
    return at == NULL || at >= to ? NULL : at + strlen(pattern);
}

static uint64_t number(const char *from, const char *to, const char *key)
{
    const char *at = find_key(from, to, key);
    if (at != NULL && *at == '"') {
        at++;
    }
    return at == NULL ? 0 : strtoull(at, NULL, 0);
}

struct opened {
    struct byte_source *source;
    struct etl_reader *reader;
};

static struct opened open_capture(const char *name, const char *bytes, size_t len,
                                  const struct etl_reader_options *options)
{
    struct opened opened = {NULL, NULL};
    struct error_chain errors;
    char text[1024];
    error_chain_init(&errors);
    cr_assert_eq(byte_source_open_memory(bytes, len, &opened.source, &errors), BYTE_SOURCE_OK);
    enum etl_status status =
        etl_reader_open(&opened.source, &name, 1, options, &opened.reader, &errors);
    error_chain_format(&errors, text, sizeof text);
    cr_assert_eq(status, ETL_OK, "%s: %s", name, text);
    return opened;
}

static void close_capture(struct opened *opened)
{
    etl_reader_destroy(opened->reader);
    byte_source_destroy(opened->source);
}

static void check_figures(const char *name, const char *from, const char *to,
                          struct etl_reader *reader)
{
    const struct etl_trace_info *info = etl_reader_info(reader, 0);
    const struct etl_record_counts *counts = etl_reader_counts(reader, 0);
#define SAME(field, key)                                                                           \
    cr_expect_eq((uint64_t)info->field, number(from, to, key), "%s: %s", name, key)
    SAME(buffer_size, "buffer_size");
    SAME(buffers, "buffers");
    SAME(buffers_lost, "buffers_lost");
    SAME(compressed_buffers, "compressed_buffers");
    SAME(events_lost, "events_lost");
    SAME(clock.frequency, "frequency");
    SAME(mode, "mode");
    SAME(os_build, "os_build");
    SAME(pointer_size, "pointer_size");
    SAME(processors, "processors");
    SAME(processors_seen, "processors_seen");
    SAME(size, "size");
#undef SAME
    cr_expect_eq(counts->total, number(from, to, "total"), "%s: total", name);
    for (unsigned kind = 0; kind < ETL_HEADER_COUNT; kind++) {
        cr_expect_eq(counts->by_kind[kind], number(from, to, etl_header_kind_name(kind)), "%s: %s",
                     name, etl_header_kind_name(kind));
    }
    char start[ETL_TIME_TEXT_LEN];
    etl_time_format(info->start_filetime, start);
    const char *expected = find_key(from, to, "start");
    cr_assert_not_null(expected);
    cr_expect_eq(strncmp(start, expected + 1, 19), 0, "%s: start %s", name, start);
    cr_expect_eq(info->clock.kind, ETL_CLOCK_QPC);
    cr_expect_eq(info->damaged_buffers, 0, "%s", name);
    cr_expect_eq(info->skipped_bytes, 0, "%s", name);
    cr_expect_not(info->end_missing, "%s: %s", name, info->end_missing_why);
    cr_expect(info->finalised, "%s", name);
    cr_expect_eq(info->timestamps_backwards, 0, "%s", name);
    cr_expect_eq(etl_reader_note_count(reader), 0, "%s", name);
    cr_expect_eq(etl_reader_any_loss(reader), info->events_lost != 0, "%s", name);
}

Test(captures, figures_are_those_of_an_independent_reader)
{
    size_t json_len;
    char *json = need_file("expected.json", &json_len);
    for (size_t i = 0; i < CAPTURE_COUNT; i++) {
        size_t len;
        char *bytes = need_file(captures[i], &len);
        char key[128];
        snprintf(key, sizeof key, "\"%s\": {", captures[i]);
        const char *from = strstr(json, key);
        cr_assert_not_null(from, "%s is not in expected.json", captures[i]);
        const char *to = strstr(from, "\n }");
        cr_assert_not_null(to);

        struct guid nobody = {{1, 2, 3}};
        struct etl_reader_options options = {.filter = {.providers = &nobody, .provider_count = 1}};
        struct opened opened = open_capture(captures[i], bytes, len, &options);
        const struct etl_event *event;
        cr_assert_eq(etl_reader_next(opened.reader, &event, NULL), ETL_END);
        check_figures(captures[i], from, to, opened.reader);
        close_capture(&opened);
        free(bytes);
    }
    free(json);
}

/* A record as plain code finds it: no windows, no streams, no heap. */
struct plain {
    int64_t ticks, order;
    uint64_t offset;
    uint32_t size;
    uint16_t cpu;
    bool post;
    const uint8_t *record;
};

struct plain_list {
    struct plain *items;
    size_t count, capacity;
};

static void plain_add(struct plain_list *list, const struct plain *item)
{
    if (list->count == list->capacity) {
        list->capacity = list->capacity == 0 ? 1024 : list->capacity * 2;
        list->items = realloc(list->items, list->capacity * sizeof *list->items);
    }
    list->items[list->count++] = *item;
}

#define CPU_COUNT 256

/* Any rule will do to see that posts go last at equal times. */
static bool odd_event_is_post(const struct etl_event *event)
{
    return event->payload_len % 2 != 0;
}

static bool plain_is_post(const uint8_t *record, uint32_t size)
{
    struct etl_frame frame = {etl_record_type_of(load_u32(record)), size};
    struct etl_event event;
    etl_record_decode(record, &frame, 0, 8, &event);
    return odd_event_is_post(&event);
}

/* Decodes the whole file; the returned memory holds what the lists point to. */
static uint8_t *plain_read(const uint8_t *file, size_t len, struct plain_list lists[CPU_COUNT])
{
    size_t total = 0;
    for (size_t at = 0; at < len; at += load_u32(file + at)) {
        total += load_u32(file + at + 0x30);
    }
    uint8_t *memory = malloc(total);
    uint8_t *next = memory;
    for (size_t at = 0; at < len; at += load_u32(file + at)) {
        bool compressed = (file[at + 0x34] & 0x40) != 0;
        size_t used = load_u32(file + at + 0x30) - 0x48;
        size_t decoded = used;
        if (compressed) {
            cr_assert_eq(xpress_decode_whole(file + at + 0x48, load_u32(file + at) - 0x48, next,
                                             used, &decoded),
                         XPRESS_END);
        } else {
            memcpy(next, file + at + 0x48, used);
        }
        cr_assert_eq(decoded, used, "trace buffer at %zu", at);
        struct plain_list *list = &lists[file[at + 0x28]];
        size_t position = 0;
        while (position < used) {
            uint32_t marker = load_u32(next + position);
            bool size_first = marker >> 24 == 0xC0 &&
                              ((marker >> 16 & 0xFF) == 0x0A || (marker >> 16 & 0xFF) >= 0x12);
            bool perfinfo = (marker >> 16 & 0xFE) == 0x10;
            struct plain item = {0};
            item.record = next + position;
            item.size = load_u16(item.record + (size_first ? 0 : 4));
            item.ticks = (int64_t)load_u64(item.record + (perfinfo ? 8 : 0x10));
            item.order = item.ticks;
            if (list->count > 0 && list->items[list->count - 1].order > item.order) {
                item.order = list->items[list->count - 1].order;
            }
            item.cpu = file[at + 0x28];
            item.offset = at + (compressed ? 0 : 0x48 + position);
            item.post = plain_is_post(item.record, item.size);
            plain_add(list, &item);
            position += (item.size + 7u) / 8 * 8;
        }
        next += used;
    }
    return memory;
}

static bool plain_before(const struct plain *a, const struct plain *b)
{
    if (a->order != b->order) {
        return a->order < b->order;
    }
    if (a->post != b->post) {
        return b->post;
    }
    return a->cpu < b->cpu;
}

/* Compares what the reader hands out with the heads of the lists, one after the other. */
static void check_order(const char *name, const char *bytes, size_t len, size_t window_budget)
{
    struct plain_list lists[CPU_COUNT] = {{0}};
    size_t taken[CPU_COUNT] = {0};
    uint8_t *memory = plain_read((const uint8_t *)bytes, len, lists);
    struct etl_reader_options options = {.filter = {.everything = true},
                                         .is_post = odd_event_is_post,
                                         .window_budget = window_budget};
    struct opened opened = open_capture(name, bytes, len, &options);
    const struct etl_event *event;
    size_t count = 0;
    while (etl_reader_next(opened.reader, &event, NULL) == ETL_OK) {
        const struct plain *best = NULL;
        for (size_t cpu = 0; cpu < CPU_COUNT; cpu++) {
            if (taken[cpu] < lists[cpu].count) {
                const struct plain *head = &lists[cpu].items[taken[cpu]];
                best = best == NULL || plain_before(head, best) ? head : best;
            }
        }
        cr_assert_not_null(best, "%s: more than %zu events", name, count);
        cr_assert_eq(event->ticks, best->ticks, "%s: event %zu", name, count);
        cr_assert_eq(event->order, best->order, "%s: event %zu", name, count);
        cr_assert_eq(event->cpu, best->cpu, "%s: event %zu", name, count);
        cr_assert_eq(event->offset, best->offset, "%s: event %zu", name, count);
        cr_assert_leq(event->payload_len, best->size);
        cr_assert_eq(memcmp(event->payload, best->record + best->size - event->payload_len,
                            event->payload_len),
                     0, "%s: payload of event %zu", name, count);
        taken[best->cpu]++;
        count++;
    }
    cr_assert_eq(count, etl_reader_counts(opened.reader, 0)->total, "%s", name);
    for (size_t cpu = 0; cpu < CPU_COUNT; cpu++) {
        cr_assert_eq(taken[cpu], lists[cpu].count, "%s: processor %zu", name, cpu);
        free(lists[cpu].items);
    }
    free(memory);
    close_capture(&opened);
}

Test(captures, order_is_that_of_a_merge_by_force)
{
    for (size_t i = 0; i < CAPTURE_COUNT; i++) {
        size_t len;
        char *bytes = need_file(captures[i], &len);
        check_order(captures[i], bytes, len, 0);
        check_order(captures[i], bytes, len, 1);
        free(bytes);
    }
}
