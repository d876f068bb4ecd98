/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cli/field_filter.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/cli/message.h"
#include "analyzer/cli/suggest.h"

#define LINE_CAP (64u << 20)

const char *const field_filter_ops[] = {"op",
                                        "direction",
                                        "api",
                                        "family",
                                        "process",
                                        "pid",
                                        "image",
                                        "endpoint",
                                        "protocol",
                                        "local",
                                        "remote",
                                        "buffer",
                                        "length",
                                        "buffer_count",
                                        "address_space",
                                        "address_source",
                                        "kernel_buffer",
                                        "path",
                                        "ambiguous_pairing",
                                        "memory",
                                        "call_site",
                                        "posted",
                                        "continued",
                                        "ended",
                                        "end",
                                        "duration_ns",
                                        NULL};

const char *const field_filter_events[] = {
    "ticks",  "time",    "at",       "cpu",  "pid",    "tid",    "id",    "version",     "name",
    "family", "keyword", "activity", "file", "offset", "fields", "stack", "undecodable", NULL};

/* ---- names ---- */

static bool fail_name(struct field_filter *filter, const char *name, const char *const *names,
                      size_t count)
{
    const char *meant = suggest_nearest(name, names, count);
    filter->failed = true;
    if (meant != NULL) {
        message_print("--fields '%.60s': did you mean '%s'?", name, meant);
        return false;
    }
    char list[600] = "";
    size_t len = 0;
    for (size_t i = 0; i < count; i++) {
        int more = snprintf(list + len, sizeof list - len, "%s%s", i != 0 ? ", " : "", names[i]);
        if ((size_t)more >= sizeof list - len) {
            break;
        }
        len += (size_t)more;
    }
    message_print("--fields '%.60s': choose from %s", name, list);
    return false;
}

static size_t index_of(const char *name, const char *const *names, size_t count)
{
    size_t i = 0;
    while (i < count && strcmp(names[i], name) != 0) {
        i++;
    }
    return i;
}

static bool split_names(struct field_filter *filter, const char *fields)
{
    for (const char *at = fields;; at++) {
        size_t len = strcspn(at, ",");
        if (len == 0 || len >= sizeof filter->names[0] || filter->count == FIELDS_MAX) {
            message_print("--fields '%.100s': names with commas between are expected", fields);
            return false;
        }
        memcpy(filter->names[filter->count], at, len);
        filter->names[filter->count++][len] = '\0';
        at += len;
        if (*at == '\0') {
            return true;
        }
    }
}

bool field_filter_begin(struct field_filter *filter, struct out *out, enum field_kind kind,
                        const char *fields, const char *const *members)
{
    *filter = (struct field_filter){.out = out, .kind = kind};
    out_init_memory(&filter->memory, LINE_CAP);
    filter->failed = !split_names(filter, fields);
    size_t count = 0;
    while (members[count] != NULL) {
        count++;
    }
    for (size_t i = 0; kind == FIELDS_JSON && !filter->failed && i < filter->count; i++) {
        if (index_of(filter->names[i], members, count) == count) {
            fail_name(filter, filter->names[i], members, count);
        }
    }
    return !filter->failed;
}

void field_filter_finish(struct field_filter *filter)
{
    out_finish(&filter->memory);
}

/* ---- JSON Lines ---- */

/* The end of the value that begins at `at`: a comma or bracket of the object around it. */
static const char *value_end(const char *at)
{
    unsigned depth = 0;
    bool quoted = false;
    for (; *at != '\0'; at++) {
        if (quoted) {
            if (*at == '\\' && at[1] != '\0') {
                at++; /* an escaped quote ends nothing */
            } else {
                quoted = *at != '"';
            }
        } else if (*at == '"') {
            quoted = true;
        } else if (*at == '{' || *at == '[') {
            depth++;
        } else if (depth == 0 && (*at == ',' || *at == '}')) {
            return at;
        } else if (*at == '}' || *at == ']') {
            depth--;
        }
    }
    return at;
}

/* The value of a member of the object in `line`; NULL: it has none of that name. */
static const char *member_of(const char *line, const char *name, size_t *len)
{
    size_t name_len = strlen(name);
    const char *at = line + 1;
    while (*at == '"') {
        const char *key = at + 1;
        const char *value = strchr(key, '"') + 3; /* behind the quote, colon and space */
        const char *end = value_end(value);
        if (strncmp(key, name, name_len) == 0 && key[name_len] == '"') {
            *len = (size_t)(end - value);
            return value;
        }
        at = *end == ',' ? end + 2 : end;
    }
    return NULL;
}

static void pass_json(struct field_filter *filter, const char *line)
{
    size_t len;
    const char *type = member_of(line, "type", &len);
    bool other =
        type == NULL || strncmp(type, "\"schema\"", 8) == 0 || strncmp(type, "\"module\"", 8) == 0;
    if (other) {
        out_str(filter->out, line);
        out_char(filter->out, '\n');
        return;
    }
    out_str(filter->out, "{\"type\": ");
    out_write(filter->out, type, len);
    for (size_t i = 0; i < filter->count; i++) {
        const char *value = member_of(line, filter->names[i], &len);
        if (value != NULL) {
            out_printf(filter->out, ", \"%s\": ", filter->names[i]);
            out_write(filter->out, value, len);
        }
    }
    out_str(filter->out, "}\n");
}

/* ---- CSV ---- */

/* The cell that begins at *at, with its quotes; *at goes behind the comma. False: no more. */
static bool next_cell(const char **at, const char **cell, size_t *len)
{
    const char *end = *at;
    bool quoted = false;
    if (*at == NULL) {
        return false;
    }
    for (; *end != '\0' && (quoted || *end != ','); end++) {
        quoted = quoted != (*end == '"');
    }
    *cell = *at;
    *len = (size_t)(end - *at);
    *at = *end == ',' ? end + 1 : NULL;
    return true;
}

static void find_columns(struct field_filter *filter, const char *header)
{
    static char texts[FIELDS_MAX][40];
    const char *names[FIELDS_MAX];
    const char *cell;
    size_t count = 0, len;
    for (const char *at = header; count < FIELDS_MAX && next_cell(&at, &cell, &len);) {
        size_t kept = len < sizeof texts[0] - 1 ? len : sizeof texts[0] - 1;
        memcpy(texts[count], cell, kept);
        texts[count][kept] = '\0';
        names[count] = texts[count];
        count++;
    }
    for (size_t i = 0; i < filter->count && !filter->failed; i++) {
        filter->columns[i] = index_of(filter->names[i], names, count);
        if (filter->columns[i] == count) {
            fail_name(filter, filter->names[i], names, count);
        }
    }
    filter->has_columns = true;
}

/* Writes cells for a person, without the quotes of CSV. */
static void put_plain(struct out *out, const char *cell, size_t len)
{
    if (len < 2 || cell[0] != '"') {
        out_write(out, cell, len);
        return;
    }
    for (size_t i = 1; i + 1 < len; i++) {
        out_char(out, cell[i]);
        i += cell[i] == '"' ? 1 : 0;
    }
}

static void pass_csv(struct field_filter *filter, const char *line)
{
    const char *cells[FIELDS_MAX];
    size_t lens[FIELDS_MAX];
    size_t count = 0;
    if (!filter->has_columns) {
        find_columns(filter, line);
    }
    for (const char *at = line;
         count < FIELDS_MAX && next_cell(&at, &cells[count], &lens[count]);) {
        count++;
    }
    for (size_t i = 0; i < filter->count && !filter->failed; i++) {
        size_t column = filter->columns[i];
        if (i != 0) {
            out_char(filter->out, filter->kind == FIELDS_TEXT ? '\t' : ',');
        }
        if (column < count && filter->kind == FIELDS_TEXT) {
            put_plain(filter->out, cells[column], lens[column]);
        } else if (column < count) {
            out_write(filter->out, cells[column], lens[column]);
        }
    }
    if (!filter->failed) {
        out_str(filter->out, filter->kind == FIELDS_TEXT ? "\n" : "\r\n");
    }
}

/* ---- lines ---- */

void field_filter_flush(struct field_filter *filter)
{
    size_t len = 0;
    char *text = out_take(&filter->memory, &len);
    out_init_memory(&filter->memory, LINE_CAP);
    if (text == NULL) {
        out_fail(filter->out, OUT_NO_MEMORY, ENOMEM);
        return;
    }
    for (char *line = text; *line != '\0';) {
        size_t end = strcspn(line, "\n");
        bool more = line[end] != '\0';
        line[end] = '\0';
        if (end != 0 && line[end - 1] == '\r') {
            line[end - 1] = '\0';
        }
        if (filter->kind == FIELDS_JSON) {
            pass_json(filter, line);
        } else {
            pass_csv(filter, line);
        }
        line += end + (more ? 1 : 0);
    }
    free(text);
}
