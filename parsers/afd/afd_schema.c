/* SPDX-License-Identifier: Apache-2.0 */

#include "parsers/afd/afd_schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/load.h"
#include "base/utf.h"

const struct guid afd_schema_class = {{0xC1, 0xF6, 0xCC, 0xBB, 0xD1, 0x6C, 0xC4, 0x48, 0x80, 0xFF,
                                       0x83, 0x94, 0x82, 0xE3, 0x76, 0x71}};

/* TRACE_EVENT_INFO: offsets of its head, then of a property. */
enum {
    OPCODE_EVENT_INFO = 0x20,
    INFO_EVENT_ID = 0x20,
    INFO_EVENT_VERSION = 0x22,
    INFO_DECODING_SOURCE = 0x30,
    INFO_PROPERTY_COUNT = 0x64,
    INFO_TOP_LEVEL_COUNT = 0x68,
    INFO_HEAD_LEN = 0x70,
    PROPERTY_FLAGS = 0x00,
    PROPERTY_NAME = 0x04,
    PROPERTY_IN_TYPE = 0x08,
    PROPERTY_COUNT = 0x10,
    PROPERTY_LENGTH = 0x12,
    PROPERTY_LEN = 24,
};

enum { PROPERTY_IS_STRUCT = 1, PROPERTY_LENGTH_IS_PROPERTY = 2, PROPERTY_COUNT_IS_PROPERTY = 4 };

enum {
    IN_INT8 = 3,
    IN_UINT8 = 4,
    IN_INT16 = 5,
    IN_UINT16 = 6,
    IN_INT32 = 7,
    IN_UINT32 = 8,
    IN_BOOLEAN = 13,
    IN_BINARY = 14,
    IN_POINTER = 16,
    IN_HEXINT32 = 20,
};

enum {
    SCHEMAS_MAX = 96, /* as many as the provider has events */
    FIELD_NAME_MAX = 64,
    NOTES_MAX = 8,
    NOTE_LEN = 240,
    FIXED_LEN_MAX = 200, /* bytes of all fields but a socket address: offsets are bytes */
};

struct schema {
    uint16_t id;
    uint8_t version;
    char names[AFD_FIELDS_MAX][FIELD_NAME_MAX];
    struct afd_field fields[AFD_FIELDS_MAX];
    struct afd_layout layout;
    struct afd_own_plans *plans; /* NULL: as the built-in layout says, or of no use */
};

struct afd_schemas {
    struct schema *items[SCHEMAS_MAX];
    size_t count;
    bool any_differs;                /* a schema has plans */
    bool differs[AFD_ROW_COUNT + 1]; /* by row: a schema of some version has plans */
    char notes[NOTES_MAX][NOTE_LEN];
    size_t note_count;
};

struct afd_schemas *afd_schemas_create(void)
{
    return calloc(1, sizeof(struct afd_schemas));
}

void afd_schemas_destroy(struct afd_schemas *schemas)
{
    if (schemas == NULL) {
        return;
    }
    for (size_t i = 0; i < schemas->count; i++) {
        afd_own_plans_destroy(schemas->items[i]->plans);
        free(schemas->items[i]);
    }
    free(schemas);
}

/* ---- reading a schema ---- */

/* A schema's bytes; `count` properties lie inside. */
struct info {
    const uint8_t *bytes;
    size_t len, count;
};

static bool info_open(struct info *info, const struct etl_event *record)
{
    *info = (struct info){.bytes = record->payload, .len = record->payload_len};
    if (info->len < INFO_HEAD_LEN) {
        return false;
    }
    uint32_t count = load_u32(info->bytes + INFO_PROPERTY_COUNT);
    if (count > (info->len - INFO_HEAD_LEN) / PROPERTY_LEN ||
        load_u32(info->bytes + INFO_TOP_LEVEL_COUNT) != count) {
        return false;
    }
    info->count = count;
    return true;
}

/* False: the name lies outside, has no end there, or is longer than any that is known. */
static bool property_name(const struct info *info, const uint8_t *property,
                          char name[FIELD_NAME_MAX])
{
    uint32_t at = load_u32(property + PROPERTY_NAME);
    if (at < INFO_HEAD_LEN || at >= info->len || at % 2 != 0) {
        return false;
    }
    size_t used = utf_from_utf16le(info->bytes + at, info->len - at, name, FIELD_NAME_MAX);
    const uint8_t *end = info->bytes + at + used;
    return name[0] != '\0' && used >= 2 && end[-1] == 0 && end[-2] == 0 &&
           strlen(name) + 1 < FIELD_NAME_MAX;
}

static bool is_number32(uint8_t type)
{
    return type == AFD_FIELD_U32 || type == AFD_FIELD_I32 || type == AFD_FIELD_BOOL32 ||
           type == AFD_FIELD_STATUS || type == AFD_FIELD_OPTION;
}

/* The types that the program can decode. A binary field is an address: of 4 or 16 bytes, or as long
 * as the field before says. False: another one. */
static bool property_type(const struct info *info, size_t index, uint8_t *type)
{
    const uint8_t *property = info->bytes + INFO_HEAD_LEN + index * PROPERTY_LEN;
    uint32_t flags = load_u32(property + PROPERTY_FLAGS);
    uint16_t len = load_u16(property + PROPERTY_LENGTH);
    if (flags & (PROPERTY_IS_STRUCT | PROPERTY_COUNT_IS_PROPERTY) ||
        load_u16(property + PROPERTY_COUNT) > 1) {
        return false;
    }
    switch (load_u16(property + PROPERTY_IN_TYPE)) {
    case IN_INT8:
    case IN_UINT8:
        *type = AFD_FIELD_U8;
        return true;
    case IN_INT16:
    case IN_UINT16:
        *type = AFD_FIELD_U16;
        return true;
    case IN_INT32:
        *type = AFD_FIELD_I32;
        return true;
    case IN_UINT32:
    case IN_HEXINT32:
        *type = AFD_FIELD_U32;
        return true;
    case IN_BOOLEAN:
        *type = AFD_FIELD_BOOL32;
        return true;
    case IN_POINTER:
        *type = AFD_FIELD_POINTER;
        return true;
    case IN_BINARY:
        if (flags & PROPERTY_LENGTH_IS_PROPERTY) {
            *type = AFD_FIELD_SOCKADDR;
            return index > 0 && len == index - 1;
        }
        *type = len == 4 ? AFD_FIELD_IPV4 : AFD_FIELD_IPV6;
        return len == 4 || len == 16;
    default:
        return false;
    }
}

static unsigned fixed_len(uint8_t type)
{
    switch (type) {
    case AFD_FIELD_U8:
        return 1;
    case AFD_FIELD_U16:
    case AFD_FIELD_PORT:
        return 2;
    case AFD_FIELD_POINTER:
        return 8;
    case AFD_FIELD_IPV6:
        return 16;
    case AFD_FIELD_SOCKADDR:
        return 0;
    default:
        return 4;
    }
}

/* Reads names and types. False: the schema has something that can't be decoded. */
static bool schema_read(struct schema *schema, const struct info *info)
{
    unsigned len = 0;
    bool any_address = false;
    if (info->count == 0 || info->count > AFD_FIELDS_MAX) {
        return false;
    }
    for (size_t i = 0; i < info->count; i++) {
        const uint8_t *property = info->bytes + INFO_HEAD_LEN + i * PROPERTY_LEN;
        struct afd_field *field = &schema->fields[i];
        if (!property_name(info, property, schema->names[i]) ||
            !property_type(info, i, &field->type)) {
            return false;
        }
        field->name = schema->names[i];
        len += fixed_len(field->type);
        if (field->type == AFD_FIELD_SOCKADDR) {
            if (any_address || !is_number32(schema->fields[i - 1].type)) {
                return false;
            }
            any_address = true;
            schema->fields[i - 1].type = AFD_FIELD_ADDRESS_LEN;
        }
    }
    return len <= FIXED_LEN_MAX;
}

/* ---- the meaning of fields ---- */

/* True if a field of one type can stand where the program expects the other. */
static bool types_agree(uint8_t a, uint8_t b)
{
    bool numbers = is_number32(a) && is_number32(b);
    bool shorts =
        (a == AFD_FIELD_U16 || a == AFD_FIELD_PORT) && (b == AFD_FIELD_U16 || b == AFD_FIELD_PORT);
    bool addresses =
        (a == AFD_FIELD_IPV4 && b == AFD_FIELD_U32) || (a == AFD_FIELD_U32 && b == AFD_FIELD_IPV4);
    return a == b || numbers || shorts || addresses;
}

/* Fields mean what the built-in layout says of fields of their names: a name that no event of that
 * id has means nothing. */
static void field_take_meaning(struct afd_field *field, const struct afd_layout *known)
{
    for (unsigned i = 0; i < known->field_count; i++) {
        const struct afd_field *same = &known->fields[i];
        if (strcmp(field->name, same->name) == 0 && types_agree(field->type, same->type)) {
            if (field->type != AFD_FIELD_ADDRESS_LEN) {
                field->type = same->type;
            }
            field->role = same->role;
            return;
        }
    }
}

static void role_clear(struct schema *schema, size_t count, uint8_t role)
{
    for (size_t i = 0; i < count; i++) {
        if (schema->fields[i].role == role) {
            schema->fields[i].role = AFD_ROLE_NONE;
        }
    }
}

static bool role_present(const struct schema *schema, size_t count, uint8_t role)
{
    for (size_t i = 0; i < count; i++) {
        if (schema->fields[i].role == role) {
            return true;
        }
    }
    return false;
}

/* The decoder takes these together; one alone means nothing to it. */
static void roles_pair(struct schema *schema, size_t count, uint8_t a, uint8_t b)
{
    if (role_present(schema, count, a) != role_present(schema, count, b)) {
        role_clear(schema, count, a);
        role_clear(schema, count, b);
    }
}

/* A role belongs to the first field that has it, and of those behind a socket address the decoder
 * knows two only, both of them only where it knows the address. */
static void roles_settle(struct schema *schema, size_t count)
{
    bool behind_address = false;
    bool address_known = false;
    for (size_t i = 0; i < count; i++) {
        struct afd_field *field = &schema->fields[i];
        bool may_follow = field->role == AFD_ROLE_REASON || field->role == AFD_ROLE_ACCEPT_ENDPOINT;
        bool lost = behind_address && !(address_known && may_follow);
        if (lost || role_present(schema, i, field->role)) {
            field->role = AFD_ROLE_NONE;
        }
        if (field->type == AFD_FIELD_SOCKADDR) {
            behind_address = true;
            address_known = field->role == AFD_ROLE_ADDRESS;
        }
    }
    roles_pair(schema, count, AFD_ROLE_ENTER_EXIT, AFD_ROLE_LOCATION);
    roles_pair(schema, count, AFD_ROLE_BUFFER, AFD_ROLE_BUFFER_LENGTH);
    if (!role_present(schema, count, AFD_ROLE_ADDRESS)) {
        role_clear(schema, count, AFD_ROLE_PORT);
    }
}

/* True if the fields are those of the built-in layout, in its order. */
static bool schema_is(const struct schema *schema, size_t count, const struct afd_layout *known)
{
    if (count != known->field_count) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (strcmp(schema->fields[i].name, known->fields[i].name) != 0 ||
            !types_agree(schema->fields[i].type, known->fields[i].type)) {
            return false;
        }
    }
    return true;
}

/* ---- schemas ---- */

static void note(struct afd_schemas *schemas, const struct schema *schema, const char *words)
{
    if (schemas->note_count < NOTES_MAX) {
        snprintf(schemas->notes[schemas->note_count++], NOTE_LEN,
                 "the trace's own schema of Winsock event %u, version %u, %s", schema->id,
                 schema->version, words);
    }
}

static const struct schema *schema_find(const struct afd_schemas *schemas, uint16_t id,
                                        uint8_t version)
{
    for (size_t i = 0; i < schemas->count; i++) {
        if (schemas->items[i]->id == id && schemas->items[i]->version == version) {
            return schemas->items[i];
        }
    }
    return NULL;
}

/* Compares a schema with the built-in layout, and plans how to decode by it where they differ.
 * False: no memory. */
static bool schema_judge(struct afd_schemas *schemas, struct schema *schema,
                         const struct info *info, const struct afd_layout *known)
{
    if (!schema_read(schema, info)) {
        note(schemas, schema, "has fields that can't be decoded; the built-in layout was used");
        return true;
    }
    if (schema_is(schema, info->count, known)) {
        return true;
    }
    for (size_t i = 0; i < info->count; i++) {
        field_take_meaning(&schema->fields[i], known);
    }
    roles_settle(schema, info->count);
    schema->layout = *known;
    schema->layout.optional_family_field = false;
    schema->layout.fields = schema->fields;
    schema->layout.field_count = (uint8_t)info->count;
    schema->plans = afd_own_plans_create(&schema->layout);
    if (schema->plans == NULL) {
        return false;
    }
    schemas->any_differs = schemas->differs[known->row] = true;
    note(schemas, schema, "differs from the built-in layout; such events are decoded by it");
    return true;
}

bool afd_schema_is_winsock(const struct etl_event *record)
{
    return record->opcode == OPCODE_EVENT_INFO &&
           guid_equal(&record->provider, &afd_schema_class) &&
           record->payload_len >= sizeof afd_provider.bytes &&
           memcmp(record->payload, afd_provider.bytes, sizeof afd_provider.bytes) == 0;
}

bool afd_schemas_add(struct afd_schemas *schemas, const struct etl_event *record)
{
    struct info info;
    if (!afd_schema_is_winsock(record) || !info_open(&info, record)) {
        return true;
    }
    uint16_t id = load_u16(info.bytes + INFO_EVENT_ID);
    uint8_t version = info.bytes[INFO_EVENT_VERSION];
    const struct afd_layout *known = afd_layout_find(id);
    if (known == NULL || schemas->count >= SCHEMAS_MAX ||
        schema_find(schemas, id, version) != NULL) {
        return true;
    }
    struct schema *schema = calloc(1, sizeof *schema);
    if (schema == NULL) {
        return false;
    }
    schema->id = id;
    schema->version = version;
    schemas->items[schemas->count++] = schema;
    return schema_judge(schemas, schema, &info, known);
}

/* Decodes an event of a trace of which some schema differs. */
static enum afd_decode_status decode_by_schema(const struct afd_schemas *schemas,
                                               const struct etl_event *event, struct afd_event *out)
{
    const struct schema *schema = NULL;
    if (schemas->differs[afd_row(event->id)]) {
        schema = schema_find(schemas, event->id, event->version);
    }
    if (schema != NULL && schema->plans != NULL) {
        return afd_decode_own(schema->plans, event, out);
    }
    return afd_decode(event, out);
}

enum afd_decode_status afd_schemas_decode(const struct afd_schemas *schemas,
                                          const struct etl_event *event, struct afd_event *out)
{
    if (schemas != NULL && schemas->any_differs) {
        return decode_by_schema(schemas, event, out);
    }
    return afd_decode(event, out);
}

size_t afd_schemas_note_count(const struct afd_schemas *schemas)
{
    return schemas->note_count;
}

const char *afd_schemas_note(const struct afd_schemas *schemas, size_t index)
{
    return schemas->notes[index];
}
