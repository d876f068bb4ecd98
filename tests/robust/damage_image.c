/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/robust/damage_image.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parsers/etl/etl_reader.h"
#include "tests/support/trace.h"

#define STATUSES_MAX 100000u

/* ---- images ---- */

static bool read_file(const char *path, uint8_t **bytes, size_t *len)
{
    FILE *file = fopen(path, "rb");
    long size = -1;
    if (file != NULL && fseek(file, 0, SEEK_END) == 0) {
        size = ftell(file);
    }
    if (size < 0) {
        printf("%s: can't read it\n", path);
        if (file != NULL) {
            fclose(file);
        }
        return false;
    }
    rewind(file);
    *bytes = malloc((size_t)size + 1);
    if (*bytes == NULL) {
        abort();
    }
    *len = fread(*bytes, 1, (size_t)size, file);
    (*bytes)[*len] = 0;
    fclose(file);
    return *len == (size_t)size;
}

static bool lay_out(struct image *image)
{
    struct trace trace;
    struct trace_errors errors = {0};
    struct trace_bytes out = {0};
    trace_init(&trace);
    bool ok = trace_parse_text((const char *)image->bytes, &trace, &errors) &&
              trace_write(&trace, &out, &errors);
    if (!ok) {
        printf("%s:%u: %s\n", image->name, errors.line, errors.text);
    }
    trace_finish(&trace);
    free(image->bytes);
    image->bytes = out.data;
    image->len = out.len;
    return ok;
}

bool image_load(struct image *image, const char *path)
{
    const char *suffix = strrchr(path, '.');
    *image = (struct image){.name = path};
    if (!read_file(path, &image->bytes, &image->len)) {
        return false;
    }
    return suffix == NULL || strcmp(suffix, ".trace") != 0 || lay_out(image);
}

void image_finish(struct image *image)
{
    free(image->bytes);
    *image = (struct image){0};
}

/* ---- readings ---- */

static uint64_t digest_bytes(uint64_t digest, const void *bytes, size_t len)
{
    const uint8_t *at = bytes;
    for (size_t i = 0; i < len; i++) {
        digest = (digest ^ at[i]) * UINT64_C(0x100000001b3);
    }
    return digest;
}

static uint64_t digest_number(uint64_t digest, uint64_t number)
{
    return digest_bytes(digest, &number, sizeof number);
}

static uint64_t digest_event(const struct etl_event *event)
{
    uint64_t digest = UINT64_C(0xcbf29ce484222325);
    digest = digest_number(digest, (uint64_t)event->ticks);
    digest = digest_number(digest, (uint64_t)event->kind << 32 | event->cpu);
    digest = digest_number(digest, (uint64_t)event->pid << 32 | event->tid);
    digest = digest_number(digest, event->id);
    digest = digest_number(digest, event->keyword);
    digest = digest_bytes(digest, &event->provider, sizeof event->provider);
    digest = digest_bytes(digest, event->payload, event->payload_len);
    return digest_bytes(digest, event->extended, event->extended_len);
}

static void add(struct reading *reading, const struct etl_event *event)
{
    if (reading->count == reading->capacity) {
        reading->capacity = reading->capacity * 2 + 1024;
        struct seen_record *grown =
            realloc(reading->records, reading->capacity * sizeof *reading->records);
        if (grown == NULL) {
            abort();
        }
        reading->records = grown;
    }
    reading->records[reading->count] = (struct seen_record){
        .offset = event->offset, .digest = digest_event(event), .ordinal = reading->count};
    reading->count++;
}

static int by_place(const void *left, const void *right)
{
    const struct seen_record *a = left, *b = right;
    if (a->offset != b->offset) {
        return a->offset < b->offset ? -1 : 1;
    }
    return a->ordinal < b->ordinal ? -1 : a->ordinal > b->ordinal;
}

static void read_all(struct reading *reading, struct etl_reader *reader, size_t count_max,
                     struct error_chain *errors)
{
    const struct etl_event *event;
    for (unsigned statuses = 0; reading->count < count_max;) {
        enum etl_status status = etl_reader_next(reader, &event, errors);
        if (status == ETL_END) {
            return;
        }
        if (status == ETL_OK) {
            add(reading, event);
        } else if (++statuses == STATUSES_MAX) {
            abort(); /* memory can always be read, so this is no progress */
        }
    }
}

void reading_take(struct reading *reading, const uint8_t *bytes, size_t len, size_t count_max)
{
    static const char *const names[] = {"image"};
    const struct etl_reader_options options = {.filter = {.everything = true}};
    struct byte_source *source;
    struct etl_reader *reader;
    struct error_chain errors;
    error_chain_init(&errors);
    reading->count = 0;
    reading->opened = false;
    if (byte_source_open_memory(bytes, len, &source, &errors) != BYTE_SOURCE_OK) {
        abort();
    }
    if (etl_reader_open(&source, names, 1, &options, &reader, &errors) == ETL_OK) {
        reading->opened = true;
        read_all(reading, reader, count_max, &errors);
        etl_reader_destroy(reader);
    } else if (errors.count == 0) {
        abort(); /* refused without a word */
    }
    byte_source_destroy(source);
    if (reading->count != 0) {
        qsort(reading->records, reading->count, sizeof *reading->records, by_place);
    }
}

void reading_finish(struct reading *reading)
{
    free(reading->records);
    *reading = (struct reading){0};
}

size_t reading_count_before(const struct reading *reading, uint64_t offset, size_t image_len)
{
    size_t sure = 0;
    for (size_t i = 1; i < reading->count && reading->records[i].offset <= offset; i++) {
        if (reading->records[i].offset != reading->records[i - 1].offset) {
            sure = i;
        }
    }
    return offset >= image_len ? reading->count : sure;
}

bool reading_same(const struct reading *a, const struct reading *b, size_t count)
{
    if (a->count < count || b->count < count) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (a->records[i].offset != b->records[i].offset ||
            a->records[i].digest != b->records[i].digest) {
            return false;
        }
    }
    return true;
}
