/* SPDX-License-Identifier: Apache-2.0 */

#include <stdio.h>
#include <string.h>

#include "tests/support/trace_internal.h"

static const struct guid thread_class = {{0xD1, 0xA8, 0x6F, 0x3D, 0x05, 0xFE, 0xD0, 0x11, 0x9D,
                                          0xDA, 0x00, 0xC0, 0x4F, 0xD7, 0xBA, 0x7C}};
static const struct guid image_id_class = {{0xD7, 0x75, 0xE6, 0xB3, 0x54, 0x25, 0x18, 0x4F, 0x83,
                                            0x0B, 0x27, 0x62, 0x73, 0x25, 0x60, 0xDE}};
static const struct guid system_class = {{0x91, 0xEE, 0x79, 0x9B, 0xFD, 0xB5, 0xC0, 0x41, 0xA2,
                                          0x43, 0x42, 0x48, 0xE2, 0x66, 0xE9, 0xD0}};
static const struct guid schema_class = {{0xC1, 0xF6, 0xCC, 0xBB, 0xD1, 0x6C, 0xC4, 0x48, 0x80,
                                          0xFF, 0x83, 0x94, 0x82, 0xE3, 0x76, 0x71}};
static const struct guid winsock_provider = {{0x23, 0x68, 0x3C, 0xE5, 0xB8, 0x7B, 0xBB, 0x44, 0x90,
                                              0xDC, 0x3F, 0x86, 0x09, 0x0D, 0x48, 0xA6}};

enum {
    THREAD_NAME = 0x0548,
    OPCODE_PDB = 0x24,
    OPCODE_MANAGED_PDB = 0x25,
    OPCODE_NO_PDB = 0x20,
    OPCODE_VERSION = 0x40,
    OPCODE_VOLUME = 0x23,
    OPCODE_SCHEMA = 0x20,
    NO_THREAD = -1, /* in the header of merge tools' records */
};

struct names_word {
    const char *word;
    const struct guid *class_guid; /* NULL: a record of the kernel logger, or of Kernel-Process */
    uint16_t number;               /* hook id, else opcode, or event id of Kernel-Process */
};

static const struct names_word words[] = {
    {"thread.start", NULL, 0x0501},
    {"thread.end", NULL, 0x0502},
    {"thread.dcstart", NULL, 0x0503},
    {"thread.dcend", NULL, 0x0504},
    {"thread.name", NULL, THREAD_NAME},
    {"kp.thread-start", NULL, 3},
    {"kp.thread-stop", NULL, 4},
    {"merge.image-id", &image_id_class, 0x00},
    {"merge.pdb", &image_id_class, OPCODE_PDB},
    {"merge.managed-pdb", &image_id_class, OPCODE_MANAGED_PDB},
    {"merge.no-pdb", &image_id_class, OPCODE_NO_PDB},
    {"merge.version", &image_id_class, OPCODE_VERSION},
    {"merge.volume", &system_class, OPCODE_VOLUME},
    {"merge.schema", &schema_class, OPCODE_SCHEMA},
};

static const struct names_word *find(const char *word)
{
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(words[i].word, word) == 0) {
            return &words[i];
        }
    }
    return NULL;
}

bool names_word(const char *word)
{
    return find(word) != NULL;
}

static const char *text_of(struct line *line, const char *key)
{
    const char *text = line_own(line, key);
    return text != NULL ? text : "";
}

/* ---- threads ---- */

/* All that a thread's record holds besides: stacks of the kernel, start addresses, priorities. */
static bool put_thread(struct line *line, const struct names_word *word, uint64_t version,
                       unsigned p, struct trace_bytes *out)
{
    uint64_t target, thread, base, limit;
    bool is_event = word->number < 0x0500;
    const char *name = line_own(line, "name");
    if (!line_number(line, "target", 0, &target) || !line_number(line, "thread", 0, &thread) ||
        !line_number(line, "stack-base", 0, &base) ||
        !line_number(line, "stack-limit", 0, &limit)) {
        return false;
    }
    bytes_number(out, version == 0 && !is_event ? thread : target, 4);
    bytes_number(out, version == 0 && !is_event ? target : thread, 4);
    if (word->number == THREAD_NAME) {
        bytes_utf16(out, name != NULL ? name : "");
        return true;
    }
    if (version == 0 && !is_event) {
        return true;
    }
    bytes_fill(out, 0, 2 * p);
    bytes_number(out, base, p);
    bytes_number(out, limit, p);
    bytes_fill(out, 0, 2 * p);
    if (version == 1 && !is_event) {
        bytes_number(out, 0, 1);
        return true;
    }
    bytes_fill(out, 0, is_event && version == 0 ? p : p + 4);
    if (version >= 3) {
        bytes_fill(out, 0, 4);
    }
    if (name != NULL) {
        bytes_utf16(out, name);
    }
    return true;
}

static bool thread_kind(struct line *line, const struct names_word *word, uint64_t version,
                        struct trace_event *event)
{
    const char *as = line_own(line, "as");
    uint64_t kind = ETL_HEADER_SYSTEM64;
    if (word->number < 0x0500) {
        event->kind = event_kind(ETL_HEADER_EVENT64, line->pointer_size);
        event->provider = kernel_process_guid;
        event->id = word->number;
        event->version = (uint8_t)version;
        event->channel = 0x10;
        event->level = 4;
        event->keyword = UINT64_C(0x8000000000000020);
        return true;
    }
    if (as != NULL && !word_find(words_kind, as, &kind)) {
        return parser_fail(line->parser, "no record kind is called '%s'", as);
    }
    event->kind = event_kind((enum etl_header_kind)kind, line->pointer_size);
    event->record_version = (uint16_t)version;
    if (kind == ETL_HEADER_FULL64) {
        event->provider = thread_class;
        event->opcode = (uint8_t)word->number;
    } else {
        event->hook_id = word->number;
    }
    return true;
}

/* ---- records of merge tools ---- */

static bool put_identity(struct line *line, const struct names_word *word, unsigned p,
                         struct trace_bytes *out)
{
    uint64_t base, size, target, stamp, age;
    struct guid guid = {0};
    if (!line_number(line, "base", 0, &base) || !line_number(line, "size", 0, &size) ||
        !line_number(line, "target", 0, &target) || !line_number(line, "stamp", 0, &stamp) ||
        !line_number(line, "age", 1, &age) || !guid_value(line, "guid", &guid)) {
        return false;
    }
    if (word->number == OPCODE_VERSION) {
        bytes_number(out, size, 4);
        bytes_number(out, stamp, 4);
        bytes_utf16(out, text_of(line, "name"));
        bytes_utf16(out, "");
        bytes_utf16(out, "");
        bytes_utf16(out, text_of(line, "text"));
        bytes_fill(out, 0, 6 * 2);
        return true;
    }
    bytes_number(out, base, p);
    if (word->number == 0) {
        bytes_number(out, size, p);
    }
    bytes_number(out, target, 4);
    if (word->number == 0) {
        bytes_number(out, stamp, 4);
        bytes_utf16(out, text_of(line, "name"));
    } else if (word->number != OPCODE_NO_PDB) {
        const char *name = text_of(line, "name");
        bytes_put(out, &guid, sizeof guid);
        bytes_number(out, age, 4);
        bytes_put(out, name, strlen(name) + 1);
    }
    return true;
}

/* How TRACE_EVENT_INFO numbers types of fields. */
static const struct word_number words_in_type[] = {
    {"utf16", 1}, {"i8", 3},   {"u8", 4},     {"i16", 5},    {"u16", 6},     {"i32", 7},
    {"u32", 8},   {"i64", 9},  {"u64", 10},   {"bool", 13},  {"binary", 14}, {"guid", 15},
    {"ptr", 16},  {"sid", 19}, {"hex32", 20}, {"hex64", 21}, {NULL, 0}};

enum {
    SCHEMA_HEAD_LEN = 0x70,
    SCHEMA_FIELD_LEN = 24,
    SCHEMA_FIELDS_MAX = 64,
    SCHEMA_FIELD_COUNT_AT = 0x64,
    FLAG_LEN_IS_FIELD = 2,
};

struct schema_field {
    char name[64];
    uint64_t in_type;
    uint64_t len; /* bytes, or the number of the field that holds them */
    bool len_is_field;
};

/* NAME:TYPE, NAME:TYPE:BYTES or NAME:TYPE:@FIELD. */
static bool schema_field(struct line *line, const char *text, struct schema_field *field)
{
    char type[32] = "";
    char len[32] = "";
    memset(field, 0, sizeof *field);
    const char *colon = strchr(text, ':');
    if (colon == NULL || (size_t)(colon - text) >= sizeof field->name) {
        return parser_fail(line->parser, "'%s' is no field like Buffer:ptr", text);
    }
    memcpy(field->name, text, (size_t)(colon - text));
    snprintf(type, sizeof type, "%s", colon + 1);
    char *second = strchr(type, ':');
    if (second != NULL) {
        *second = '\0';
        field->len_is_field = second[1] == '@';
        snprintf(len, sizeof len, "%s", second + 1 + field->len_is_field);
    }
    if (!word_find(words_in_type, type, &field->in_type) &&
        !parser_number(line->parser, type, &field->in_type)) {
        return false;
    }
    return len[0] == '\0' || parser_number(line->parser, len, &field->len);
}

static bool schema_fields(struct line *line, struct schema_field *fields, size_t *count)
{
    char list[TOKEN_TEXT_MAX];
    snprintf(list, sizeof list, "%s", text_of(line, "fields"));
    *count = 0;
    for (char *at = list; at != NULL && *at != '\0';) {
        char *comma = strchr(at, ',');
        if (comma != NULL) {
            *comma = '\0';
        }
        if (*count == SCHEMA_FIELDS_MAX || !schema_field(line, at, &fields[*count])) {
            return parser_fail(line->parser, "fields are like EnterExit:u32,Buffer:ptr");
        }
        ++*count;
        at = comma != NULL ? comma + 1 : NULL;
    }
    return true;
}

static void put_schema_head(struct trace_bytes *out, const struct guid *provider, uint64_t id,
                            uint64_t version, size_t count)
{
    bytes_put(out, provider, sizeof *provider);
    bytes_fill(out, 0, 16);
    bytes_number(out, id, 2);
    bytes_number(out, version, 1);
    bytes_fill(out, 0, SCHEMA_FIELD_COUNT_AT - 0x23);
    bytes_number(out, count, 4);
    bytes_number(out, count, 4);
    bytes_number(out, 0, 4);
}

/* The names of the fields stand behind the array of fields. */
static bool put_schema(struct line *line, struct trace_bytes *out)
{
    static struct schema_field fields[SCHEMA_FIELDS_MAX];
    struct guid provider = winsock_provider;
    uint64_t id, version;
    size_t count;
    if (!line_number(line, "id", 0, &id) || !line_number(line, "version", 0, &version) ||
        !guid_value(line, "provider", &provider) || !schema_fields(line, fields, &count)) {
        return false;
    }
    size_t name_at = SCHEMA_HEAD_LEN + count * SCHEMA_FIELD_LEN;
    put_schema_head(out, &provider, id, version, count);
    for (size_t i = 0; i < count; i++) {
        bytes_number(out, fields[i].len_is_field ? FLAG_LEN_IS_FIELD : 0, 4);
        bytes_number(out, name_at, 4);
        bytes_number(out, fields[i].in_type, 2);
        bytes_fill(out, 0, 2 + 4);
        bytes_number(out, 1, 2);
        bytes_number(out, fields[i].len, 2);
        bytes_number(out, 0, 4);
        name_at += 2 * (strlen(fields[i].name) + 1);
    }
    for (size_t i = 0; i < count; i++) {
        bytes_utf16(out, fields[i].name);
    }
    return true;
}

static bool put_merged(struct line *line, const struct names_word *word, unsigned p,
                       struct trace_bytes *out)
{
    if (word->class_guid == &schema_class) {
        return put_schema(line, out);
    }
    if (word->class_guid == &system_class) {
        bytes_utf16(out, text_of(line, "nt"));
        bytes_utf16(out, text_of(line, "dos"));
        return true;
    }
    return put_identity(line, word, p, out);
}

/* ---- lines ---- */

bool names_event_parse(struct line *line, const char *text, struct trace_event *event)
{
    const struct names_word *word = find(text);
    struct trace_bytes payload = {0};
    uint64_t version = word->number < 0x0500 ? 1 : 3;
    bool ok;
    if (word->class_guid == NULL) {
        ok = line_number(line, "version", version, &version) &&
             thread_kind(line, word, version, event) &&
             put_thread(line, word, version, event_pointer_size(event->kind), &payload);
    } else {
        event->kind = event_kind(ETL_HEADER_FULL64, line->pointer_size);
        event->provider = *word->class_guid;
        event->opcode = (uint8_t)word->number;
        event->record_version = word->class_guid == &image_id_class ? 2 : 0;
        event->tid = (uint32_t)NO_THREAD;
        ok = put_merged(line, word, event_pointer_size(event->kind), &payload);
    }
    if (ok) {
        trace_add_event(line->parser->trace, event, payload.data, payload.len);
    }
    trace_bytes_finish(&payload);
    return ok;
}
