/* SPDX-License-Identifier: Apache-2.0 */

/*
 * corpus FOLDER: writes the seeds of the fuzz targets, FOLDER/<target>/<name>. Small, one for each
 * form that a target's input has; what fuzzers find is added to them by hand.
 *
 * corpus FOLDER NAME IN.trace: writes what one trace gives, FOLDER/<target>/NAME: its text, its
 * file, the records of its trace buffers and the payloads of its events. Over all cases that is
 * what a long run of the fuzzers begins with.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "parsers/afd/afd_decode.h"
#include "base/byte_source.h"
#include "parsers/etl/etl_format.h"
#include "parsers/etl/etl_reader.h"
#include "parsers/kernel/kernel_events.h"
#include "tests/support/generator.h"
#include "tests/support/trace.h"

static const char *folder;

static void write_seed(const char *target, const char *name, const void *head, size_t head_len,
                       const void *data, size_t len)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, target);
    if (mkdir(path, 0777) != 0 && errno != EEXIST) {
        exit(1);
    }
    snprintf(path, sizeof path, "%s/%s/%s", folder, target, name);
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(head, 1, head_len, file) != head_len ||
        fwrite(data, 1, len, file) != len || fclose(file) != 0) {
        fprintf(stderr, "corpus: can't write %s\n", path);
        exit(1);
    }
}

static void image_of(struct trace *trace, struct trace_bytes *image)
{
    struct trace_errors errors;
    if (!trace_write(trace, image, &errors)) {
        fprintf(stderr, "corpus: %s\n", errors.text);
        exit(1);
    }
}

/* Differences that a container can have, one at a time. */
static void vary(struct trace *trace, unsigned form)
{
    trace->header.buffer_size = 1024;
    switch (form) {
    case 0:
        break;
    case 1:
        trace->header.pointer_size = 4;
        break;
    case 2:
        trace->header.compression = TRACE_COMPRESS_GREEDY;
        break;
    case 3:
        trace->header.compression = TRACE_COMPRESS_LONG;
        break;
    case 4:
        trace->header.finalised = false;
        break;
    case 5:
        trace->header.relogged = true;
        break;
    case 6:
        trace->header.clock = 2;
        break;
    case 7:
        trace->header.mode = 2;
        break;
    default:
        trace->header.events_lost = 3;
        break;
    }
}

static void write_files(void)
{
    static const char *const names[] = {"plain",        "pointers-of-4", "compressed",
                                        "long-matches", "unfinalised",   "relogged",
                                        "system-time",  "wrapped",       "lost"};
    static struct scenario scenario;
    struct trace_bytes image = {0};
    struct trace trace;
    trace_init(&trace);
    for (unsigned form = 0; form < sizeof names / sizeof names[0]; form++) {
        uint64_t seed = 1;
        do {
            generator_make(seed++, &scenario);
        } while (scenario.event_count < 12 || scenario.event_count > 30 || scenario.flagged_count ||
                 scenario.pointer_size != (form == 1 ? 4u : 8u));
        scenario.rotate = 0;
        scenario_trace(&scenario, &trace);
        vary(&trace, form);
        if (form == 7) {
            trace_edit(&trace, TRACE_EDIT_ROTATE, TRACE_NO_BUFFER, 1, NULL, 0);
        }
        image_of(&trace, &image);
        write_seed("file", names[form], "", 0, image.data, image.len);
    }
    trace_finish(&trace);
    trace_bytes_finish(&image);
}

/* Two processors whose trace buffers hold more than the least that a reader stores of each; the
 * last two bytes tell the target which stretch can't be read from the second time on. */
static void write_wide_file(void)
{
    static const uint8_t filler[1300];
    struct trace_bytes image = {0};
    struct trace trace;
    trace_init(&trace);
    trace.header.buffer_size = 20480;
    for (unsigned i = 0; i < 26; i++) {
        struct trace_place place = {.ticks = TRACE_BASE_TICKS + 10 * i, .cpu = i % 2, .pid = 7};
        struct trace_afd recv = {.id = 1004,
                                 .process = 0x1000,
                                 .endpoint = 0x2000 + i % 4,
                                 .buffer = 0x3000,
                                 .buffer_length = 64,
                                 .buffer_count = 1};
        struct trace_event event = {
            .kind = ETL_HEADER_EVENT64, .ticks = place.ticks + 3, .cpu = i % 2, .pid = 7};
        trace_add_afd(&trace, &place, &recv);
        trace_add_event(&trace, &event, filler, sizeof filler);
    }
    image_of(&trace, &image);
    image.data[image.len - 1] = 120;
    image.data[image.len - 2] = 1;
    write_seed("file", "wide-trace-buffers", "", 0, image.data, image.len);
    trace_finish(&trace);
    trace_bytes_finish(&image);
}

/* Writes the eight bytes that the target wants, then all that lies behind the header of a trace
 * buffer. */
static void write_trace_buffer(const char *name, const uint8_t *buffer, size_t size)
{
    size_t used = buffer[ETL_BUFFER_USED_AT] | (size_t)buffer[ETL_BUFFER_USED_AT + 1] << 8;
    size_t end = buffer[ETL_BUFFER_FLAGS_AT] & ETL_BUFFER_COMPRESSED || used > size ? size : used;
    uint8_t head[8] = {buffer[ETL_BUFFER_FLAGS_AT], end != used, 0, buffer[ETL_BUFFER_TYPE_AT]};
    memcpy(head + 4, buffer + ETL_BUFFER_USED_AT, 4);
    if (end >= ETL_BUFFER_HEADER_LEN) {
        write_seed("trace_buffer", name, head, sizeof head, buffer + ETL_BUFFER_HEADER_LEN,
                   end - ETL_BUFFER_HEADER_LEN);
    }
}

static void write_trace_buffers(void)
{
    static struct scenario scenario;
    struct trace_bytes image = {0};
    struct trace trace;
    trace_init(&trace);
    for (unsigned compression = 0; compression <= TRACE_COMPRESS_LONG; compression++) {
        char name[32];
        generator_make(4, &scenario);
        scenario.event_count = scenario.event_count > 12 ? 12 : scenario.event_count;
        scenario.flagged_count = scenario.rotate = 0;
        for (size_t i = 0; i < scenario.event_count; i++) {
            scenario.events[i].cpu = 0;
            scenario.events[i].trace_buffer = 0;
        }
        scenario_trace(&scenario, &trace);
        trace.header.compression = (enum trace_compression)compression;
        image_of(&trace, &image);
        size_t first = image.data[0] | (size_t)image.data[1] << 8 | (size_t)image.data[2] << 16;
        const uint8_t *buffer = image.data + first;
        size_t size = buffer[0] | (size_t)buffer[1] << 8;
        snprintf(name, sizeof name, "compression-%u", compression);
        write_trace_buffer(name, buffer, size);
    }
    trace_finish(&trace);
    trace_bytes_finish(&image);
}

static void write_xpress(void)
{
    static const uint8_t heads[][3] = {{255, 255, 255}, {0, 0, 0}, {6, 40, 0}};
    static uint8_t data[3000];
    for (size_t i = 0; i < sizeof data; i++) {
        data[i] = i < 900    ? (uint8_t) "operation in flight "[i % 20]
                  : i < 2400 ? 0
                             : (uint8_t)(i * i >> 3);
    }
    for (unsigned how = TRACE_COMPRESS_GREEDY; how <= TRACE_COMPRESS_LONG; how++) {
        struct trace_bytes out = {0};
        char name[32];
        trace_compress((enum trace_compression)how, data, sizeof data, &out);
        snprintf(name, sizeof name, "compression-%u", how);
        write_seed("xpress", name, heads[how - 1], 3, out.data, out.len);
        trace_bytes_finish(&out);
    }
}

/* Payloads as the builder makes them: of each shape of Winsock event one, in both pointer sizes. */
static void write_afd(void)
{
    static const uint16_t ids[] = {1,    2,    3,    18,   21,   22,   23,   26,
                                   27,   33,   41,   1000, 1001, 1003, 1007, 1018,
                                   1024, 1027, 1032, 1033, 3001, 3004, 4002, 4019};
    struct trace trace;
    trace_init(&trace);
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        struct trace_place place = {.ticks = 1};
        struct trace_afd afd = {.id = ids[i],
                                .process = 0x1000,
                                .endpoint = 0x2000,
                                .buffer = 0x3000,
                                .buffer_length = 64,
                                .buffer_count = 1,
                                .address = {.family = 2, .port = 443, .bytes = {10, 0, 0, 5}}};
        uint8_t head[3] = {(uint8_t)ids[i], (uint8_t)(ids[i] >> 8), i & 1};
        char name[32];
        trace_clear(&trace);
        trace.header.pointer_size = i & 1 ? 4 : 8;
        const struct trace_event *event = trace_add_afd(&trace, &place, &afd);
        snprintf(name, sizeof name, "id-%u", ids[i]);
        write_seed("afd", name, head, sizeof head, trace.bytes + event->payload_offset,
                   event->payload_len);
    }
    trace_finish(&trace);
}

static uint8_t hook_index(uint16_t hook_id)
{
    for (size_t i = 0; i < kernel_hook_id_count; i++) {
        if (kernel_hook_ids[i] == hook_id) {
            return (uint8_t)i;
        }
    }
    return 0;
}

/* One record: five bytes that say which, its length, its payload. */
static void write_kernel_seed(const char *name, const uint8_t head[5], const void *payload,
                              size_t len)
{
    uint8_t record[7] = {
        head[0], head[1], head[2], head[3], head[4], (uint8_t)len, (uint8_t)(len >> 8)};
    write_seed("kernel", name, record, sizeof record, payload, len);
}

static void write_kernel(void)
{
    struct trace trace;
    struct trace_place place = {.ticks = 1};
    trace_init(&trace);
    for (unsigned narrow = 0; narrow < 2; narrow++) {
        char name[32];
        trace_clear(&trace);
        trace.header.pointer_size = narrow ? 4 : 8;
        const struct trace_event *event =
            trace_add_kernel_process(&trace, &place, 0x0302, 0x1000, 100, "app.exe");
        uint8_t process[5] = {0, (uint8_t)narrow, 4, hook_index(0x0302), 0};
        snprintf(name, sizeof name, "process-%u", narrow ? 32u : 64u);
        write_kernel_seed(name, process, trace.bytes + event->payload_offset, event->payload_len);
        event = trace_add_image(&trace, &place, 0x030A, 100, 0x10000, 0x1000, "\\Device\\a.dll");
        uint8_t image[5] = {0, (uint8_t)narrow, 3, hook_index(0x030A), 0};
        snprintf(name, sizeof name, "image-%u", narrow ? 32u : 64u);
        write_kernel_seed(name, image, trace.bytes + event->payload_offset, event->payload_len);
        for (uint8_t id = 1; id <= 2; id++) {
            event = trace_add_process_event(&trace, &place, id, 100, "app.exe");
            uint8_t manifest[5] = {4, (uint8_t)narrow, 1, id, 0};
            snprintf(name, sizeof name, "kernel-process-%u-%u", id, narrow ? 32u : 64u);
            write_kernel_seed(name, manifest, trace.bytes + event->payload_offset,
                              event->payload_len);
        }
    }
    trace_finish(&trace);
}

static void write_texts(void)
{
    static struct scenario scenario;
    for (uint64_t seed = 20; seed < 26; seed++) {
        char name[32];
        generator_make(seed, &scenario);
        scenario.event_count = scenario.event_count > 6 ? 6 : scenario.event_count;
        struct trace trace;
        trace_init(&trace);
        scenario_trace(&scenario, &trace);
        char *text = trace_print_text(&trace);
        snprintf(name, sizeof name, "generated-%u", (unsigned)seed);
        write_seed("trace_text", name, "", 0, text, strlen(text));
        free(text);
        trace_finish(&trace);
    }
}

/* Steps on an index of memory that fill it to its third level, ask, and empty it again. */
static void write_many_intervals(void)
{
    uint8_t steps[1 + 5 * 96] = {255};
    uint8_t *at = steps + 1;
    for (unsigned i = 0; i < 96; i++, at += 5) {
        at[0] = i < 32 ? 6 : i % 3 == 0 ? 2 : i % 3 == 1 ? 1 : 7;
        at[1] = (uint8_t)(i * 8);
        at[2] = (uint8_t)(i * 37);
        at[3] = (uint8_t)(i * 101);
        at[4] = (uint8_t)(200 + i);
    }
    write_seed("tracker", "intervals-many", "", 0, steps, sizeof steps);
}

/* Any bytes are a scenario; these differ in the families and processors that they choose. */
static void write_trackers(void)
{
    uint8_t data[600];
    uint32_t state = 1;
    for (unsigned i = 0; i < 12; i++) {
        char name[32];
        for (size_t j = 0; j < sizeof data; j++) {
            state = state * 1103515245u + 12345u;
            data[j] = (uint8_t)(state >> 16);
        }
        snprintf(name, sizeof name, "bytes-%u", i);
        write_seed("tracker", name, "", 0, data, 50 + i * 50);
    }
    /* Steps on an index of memory: what lies dense, in the middle, and far apart. */
    for (unsigned i = 0; i < 3; i++) {
        static uint8_t steps[3001] = {255};
        char name[32];
        for (size_t j = 1; j < sizeof steps; j++) {
            state = state * 1103515245u + 12345u;
            steps[j] = (uint8_t)(state >> 16);
            if (j % 5 == 1) {
                steps[j] = (uint8_t)((steps[j] & 7) | (8 - 4 * i) << 4);
            }
        }
        snprintf(name, sizeof name, "intervals-%u", i);
        write_seed("tracker", name, "", 0, steps, sizeof steps);
    }
}

/* ---- inputs from one trace ---- */

static char *text_of(const char *path)
{
    static char text[65536];
    FILE *file = fopen(path, "rb");
    size_t len = file != NULL ? fread(text, 1, sizeof text - 1, file) : 0;
    text[len] = '\0';
    if (file == NULL || ferror(file) || fclose(file) != 0) {
        fprintf(stderr, "corpus: can't read %s\n", path);
        exit(1);
    }
    return text;
}

static void records_put(struct trace_bytes *records, const void *data, size_t len)
{
    uint8_t *grown = realloc(records->data, records->len + len + 1);
    if (grown == NULL) {
        exit(1);
    }
    memcpy(grown + records->len, data, len);
    records->data = grown;
    records->len += len;
}

/* Finds the kind of record that a kernel event is, as the target numbers them. False: none. */
static bool kernel_head(const struct etl_event *event, uint8_t head[5])
{
    static const uint8_t kinds[ETL_HEADER_COUNT] = {
        [ETL_HEADER_SYSTEM32] = 1,   [ETL_HEADER_SYSTEM64] = 1,  [ETL_HEADER_PERFINFO32] = 2,
        [ETL_HEADER_PERFINFO64] = 2, [ETL_HEADER_COMPACT32] = 3, [ETL_HEADER_COMPACT64] = 3,
        [ETL_HEADER_FULL32] = 4,     [ETL_HEADER_FULL64] = 4,    [ETL_HEADER_EVENT32] = 5,
        [ETL_HEADER_EVENT64] = 5};
    struct kernel_event kernel;
    unsigned kind = kinds[event->kind];
    uint8_t which = kind == 5 ? (uint8_t)event->id : hook_index(event->id);
    for (size_t i = 0; kind == 4 && i < kernel_class_count; i++) {
        if (memcmp(&event->provider, &kernel_classes[i], sizeof kernel_classes[i]) == 0) {
            which = (uint8_t)i;
        }
    }
    head[0] = (uint8_t)(0x10 + kind - 1);
    head[1] = event->pointer_size == 4;
    head[2] = event->version;
    head[3] = which;
    head[4] = event->opcode;
    return kind > 0 && kernel_decode(event, &kernel);
}

static void write_payload(const char *name, const struct etl_event *event,
                          struct trace_bytes *records)
{
    char path[300];
    uint8_t head[7] = {(uint8_t)event->id, (uint8_t)(event->id >> 8), event->pointer_size == 4};
    if (memcmp(&event->provider, &afd_provider, sizeof afd_provider) == 0) {
        snprintf(path, sizeof path, "%s-%u-%u", name, event->id, event->payload_len);
        write_seed("afd", path, head, 3, event->payload, event->payload_len);
    } else if (kernel_head(event, head)) {
        head[5] = (uint8_t)event->payload_len;
        head[6] = (uint8_t)(event->payload_len >> 8);
        records_put(records, head, sizeof head);
        records_put(records, event->payload, event->payload_len);
    }
}

static void write_payloads(const char *name, const struct trace_bytes *image)
{
    struct byte_source *source;
    struct etl_reader *reader;
    struct error_chain errors;
    const struct etl_event *event;
    struct trace_bytes records = {0};
    struct etl_reader_options options = {.filter = {.everything = true}};
    error_chain_init(&errors);
    if (byte_source_open_memory(image->data, image->len, &source, &errors) != BYTE_SOURCE_OK) {
        exit(1);
    }
    if (etl_reader_open(&source, &name, 1, &options, &reader, &errors) == ETL_OK) {
        while (etl_reader_next(reader, &event, &errors) == ETL_OK) {
            write_payload(name, event, &records);
        }
    }
    if (records.len > 0) {
        write_seed("kernel", name, "", 0, records.data, records.len);
    }
    trace_bytes_finish(&records);
    etl_reader_destroy(reader);
    byte_source_destroy(source);
}

static void write_image(const char *name, const struct trace_bytes *image)
{
    write_seed("file", name, "", 0, image->data, image->len);
    unsigned number = 0;
    for (size_t at = 0; image->len - at >= ETL_BUFFER_HEADER_LEN;) {
        const uint8_t *buffer = image->data + at;
        size_t size = buffer[0] | (size_t)buffer[1] << 8;
        if (size < ETL_BUFFER_HEADER_LEN || size > image->len - at || buffer[2] || buffer[3]) {
            break;
        }
        char path[300];
        snprintf(path, sizeof path, "%s-%u", name, number);
        if (number++ > 0) {
            write_trace_buffer(path, buffer, size);
        }
        at += size;
    }
    write_payloads(name, image);
}

static int write_trace(const char *name, const char *path)
{
    const char *text = text_of(path);
    struct trace_bytes image = {0};
    struct trace_errors errors;
    struct trace trace;
    write_seed("trace_text", name, "", 0, text, strlen(text));
    trace_init(&trace);
    bool ok = trace_parse_text(text, &trace, &errors);
    uint32_t buffer_size = trace.header.buffer_size;
    trace.header.buffer_size = 1024; /* the smaller, the faster; not every trace fits */
    ok = ok && (trace_write(&trace, &image, &errors) ||
                (trace.header.buffer_size = buffer_size, trace_write(&trace, &image, &errors)));
    if (ok) {
        write_image(name, &image);
    } else {
        fprintf(stderr, "corpus: %s: %s\n", path, errors.text);
    }
    trace_bytes_finish(&image);
    trace_finish(&trace);
    return ok ? 0 : 1;
}

int main(int argc, char **argv)
{
    if (argc != 2 && argc != 4) {
        fprintf(stderr, "usage: corpus FOLDER [NAME IN.trace]\n");
        return 2;
    }
    folder = argv[1];
    if (argc == 4) {
        return write_trace(argv[2], argv[3]);
    }
    write_files();
    write_wide_file();
    write_trace_buffers();
    write_xpress();
    write_afd();
    write_kernel();
    write_texts();
    write_trackers();
    write_many_intervals();
    return 0;
}
