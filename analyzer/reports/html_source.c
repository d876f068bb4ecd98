/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/reports/html_source.h"

#include <string.h>

#include "analyzer/reports/parts.h"
#include "base/byte_source.h"

#define LINES_BEFORE 3
#define LINES_AFTER 3
#define LINE_LEN_MAX 200        /* bytes shown of a line */
#define FILE_LEN_MAX (4u << 20) /* bytes; what is longer was not written by a person */
#define CHUNK_LEN 4096

/* Goes over a file's bytes and writes the lines of a range. */
struct line_writer {
    struct json_writer *json;
    uint64_t number, first, last; /* the current line, and the range */
    size_t len;
    char text[LINE_LEN_MAX];
};

static void end_line(struct line_writer *lines)
{
    if (lines->number >= lines->first && lines->number <= lines->last) {
        size_t len = lines->len;
        len -= len > 0 && lines->text[len - 1] == '\r';
        json_str_len(lines->json, lines->text, len);
    }
    lines->number++;
    lines->len = 0;
}

static void take_bytes(struct line_writer *lines, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len && lines->number <= lines->last; i++) {
        if (bytes[i] == '\n') {
            end_line(lines);
        } else if (lines->len < sizeof lines->text) {
            lines->text[lines->len++] = bytes[i];
        }
    }
}

static void write_lines(struct json_writer *json, struct byte_source *source, uint64_t line)
{
    struct line_writer lines = {.json = json, .number = 1, .last = line + LINES_AFTER};
    lines.first = line > LINES_BEFORE ? line - LINES_BEFORE : 1;
    char chunk[CHUNK_LEN];
    json_field_u64(json, "first", lines.first);
    json_field_array(json, "lines");
    for (uint64_t at = 0; at < source->size && lines.number <= lines.last;) {
        uint64_t left = source->size - at;
        size_t len = left < sizeof chunk ? (size_t)left : sizeof chunk;
        if (byte_source_read(source, at, chunk, len, NULL) != BYTE_SOURCE_OK) {
            break;
        }
        take_bytes(&lines, chunk, len);
        at += len;
    }
    if (lines.len > 0) {
        end_line(&lines);
    }
    json_array_end(json);
}

static void write_source(struct json_writer *json, const struct report_settings *settings,
                         const struct report_input *input, const struct operation *op)
{
    struct part_source place;
    struct byte_source *source = NULL;
    bool there = part_post_source(settings, input, op, &place) &&
                 byte_source_open_file(place.file.path, NULL, &source, NULL) == BYTE_SOURCE_OK;
    if (!there || source->size > FILE_LEN_MAX) {
        json_null(json);
    } else {
        json_object_begin(json);
        json_field_str(json, "name", place.file.name);
        json_field_u64(json, "line", place.line);
        write_lines(json, source, place.line);
        json_object_end(json);
    }
    byte_source_destroy(source);
}

void html_sources(struct json_writer *json, const struct report_settings *settings,
                  const struct report_input *input, const struct conflict *conflict)
{
    json_field_array(json, "sources");
    write_source(json, settings, input, conflict->first);
    write_source(json, settings, input, conflict->second);
    json_array_end(json);
}
