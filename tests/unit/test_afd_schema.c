/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

#include "parsers/afd/afd_schema.h"

enum { HEAD = 0x70, PROPERTY = 24, FIELDS = 3, NAME_LEN = 4 };

/* Three fields of four bytes with the names "A", "B", "C" (each with its NUL in UTF-16). */
static size_t build(uint8_t bytes[256], uint16_t id)
{
    size_t len = HEAD + FIELDS * (PROPERTY + NAME_LEN);
    memset(bytes, 0, 256);
    memcpy(bytes, &afd_provider, sizeof afd_provider);
    memcpy(bytes + 0x20, &id, sizeof id);
    bytes[0x64] = FIELDS;
    bytes[0x68] = FIELDS;
    for (unsigned i = 0; i < FIELDS; i++) {
        uint8_t *property = bytes + HEAD + i * PROPERTY;
        property[4] = (uint8_t)(HEAD + FIELDS * PROPERTY + i * NAME_LEN);
        property[8] = 8; /* u32 */
        property[0x10] = 1;
        bytes[property[4]] = (uint8_t)('A' + i);
    }
    return len;
}

/* The record lies in memory of exactly its length. Returns how many notes came of it. */
static size_t add(const uint8_t *bytes, size_t len)
{
    struct afd_schemas *schemas = afd_schemas_create();
    uint8_t *copy = malloc(len > 0 ? len : 1);
    cr_assert(schemas != NULL && copy != NULL);
    memcpy(copy, bytes, len);
    struct etl_event record = {.kind = ETL_HEADER_FULL64,
                               .provider = afd_schema_class,
                               .opcode = 0x20,
                               .payload = copy,
                               .payload_len = (uint16_t)len};
    cr_assert(afd_schemas_add(schemas, &record));
    free(copy);
    uint8_t payload[64] = {0};
    for (size_t size = 0; size <= sizeof payload; size++) {
        struct etl_event event = {.kind = ETL_HEADER_EVENT64,
                                  .id = 1004,
                                  .pointer_size = 8,
                                  .payload = payload,
                                  .payload_len = (uint16_t)size};
        struct afd_event out;
        afd_schemas_decode(schemas, &event, &out);
    }
    size_t notes = afd_schemas_note_count(schemas);
    afd_schemas_destroy(schemas);
    return notes;
}

Test(afd_schema, a_schema_with_other_fields_is_told)
{
    uint8_t bytes[256];
    size_t len = build(bytes, 1004);
    cr_expect_eq(add(bytes, len), 1);
    len = build(bytes, 999);
    cr_expect_eq(add(bytes, len), 0, "no such event is known");
    len = build(bytes, 1004);
    bytes[0] ^= 1;
    cr_expect_eq(add(bytes, len), 0, "another provider's");
    afd_schemas_destroy(NULL);
}

/* Real traces hold the class in this byte order (perfview-net452-x64-compressed and seven more). */
Test(afd_schema, the_class_is_that_of_real_traces)
{
    char text[GUID_TEXT_LEN];
    guid_format(&afd_schema_class, text);
    cr_expect_str_eq(text, "bbccf6c1-6cd1-48c4-80ff-839482e37671");
}

Test(afd_schema, a_cut_schema_is_read_no_further)
{
    uint8_t bytes[256];
    size_t whole = build(bytes, 1004);
    for (size_t len = 0; len < whole; len++) {
        add(bytes, len);
    }
}

/* Each byte of a schema takes each value, and each pair of neighbours some. */
Test(afd_schema, no_schema_is_trusted)
{
    uint8_t bytes[256];
    size_t len = build(bytes, 1004);
    for (size_t at = 0x20; at < len; at++) {
        for (unsigned value = 0; value < 256; value++) {
            build(bytes, 1004);
            bytes[at] = (uint8_t)value;
            add(bytes, len);
            bytes[(at + 1) % len] = 0xFF;
            add(bytes, len);
        }
    }
}

/* A name lies behind the head, at an even place, and ends inside. The flags of a field may be read
 * as the name "@". */
Test(afd_schema, names_lie_inside_the_schema)
{
    static const struct {
        uint32_t at;
        const char *words;
    } rows[] = {
        {HEAD, "differs"},
        {HEAD - 2, "can't be decoded"},
        {HEAD + FIELDS * PROPERTY, "differs"},
        {HEAD + FIELDS * PROPERTY + 1, "can't be decoded"},
        {HEAD + FIELDS * (PROPERTY + NAME_LEN) - 4, "differs"},
        {HEAD + FIELDS * (PROPERTY + NAME_LEN) - 2, "can't be decoded"},
        {HEAD + FIELDS * (PROPERTY + NAME_LEN), "can't be decoded"},
        {0xFFFFFFFE, "can't be decoded"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t bytes[256];
        struct afd_schemas *schemas = afd_schemas_create();
        size_t len = build(bytes, 1004);
        bytes[HEAD] = '@';
        memset(bytes + HEAD - 2, 0, 2);
        bytes[HEAD - 2] = 'x';
        memcpy(bytes + HEAD + 4, &rows[i].at, 4);
        struct etl_event record = {.kind = ETL_HEADER_FULL64,
                                   .provider = afd_schema_class,
                                   .opcode = 0x20,
                                   .payload = bytes,
                                   .payload_len = (uint16_t)len};
        cr_assert(afd_schemas_add(schemas, &record));
        cr_assert_eq(afd_schemas_note_count(schemas), 1);
        cr_expect_not_null(strstr(afd_schemas_note(schemas, 0), rows[i].words), "row %zu: %s", i,
                           afd_schemas_note(schemas, 0));
        afd_schemas_destroy(schemas);
    }
}

/* Records of other kinds say nothing. */
Test(afd_schema, only_schemas_of_the_provider_are_taken)
{
    uint8_t bytes[256];
    size_t len = build(bytes, 1004);
    struct etl_event record = {.kind = ETL_HEADER_FULL64,
                               .provider = afd_schema_class,
                               .opcode = 0x20,
                               .payload = bytes,
                               .payload_len = (uint16_t)len};
    cr_expect(afd_schema_is_winsock(&record));
    record.payload_len = 16;
    cr_expect(afd_schema_is_winsock(&record), "whatever its contents");
    record.payload_len = 15;
    cr_expect_not(afd_schema_is_winsock(&record));
    record.payload_len = (uint16_t)len;
    record.opcode = 0x21;
    cr_expect_not(afd_schema_is_winsock(&record));
    record.opcode = 0x20;
    record.provider.bytes[15] ^= 1;
    cr_expect_not(afd_schema_is_winsock(&record));
    cr_expect_not(afd_schema_is(&record));
    record.provider.bytes[15] ^= 1;
    for (int kind = 0; kind < ETL_HEADER_COUNT; kind++) {
        record.kind = (enum etl_header_kind)kind;
        cr_expect_eq(afd_schema_is(&record), kind == ETL_HEADER_FULL64 || kind == ETL_HEADER_FULL32,
                     "%d", kind);
    }
}

/* ---- schemas by their fields ---- */

enum { U8 = 4, U16 = 6, I32 = 7, U32 = 8, BOOL = 13, BIN = 14, PTR = 16, HEX32 = 20 };
enum { LEN_OF = 2, MANY_FIELDS = 20 };

struct property {
    const char *name;
    uint16_t type;
    uint16_t len; /* of a binary field: bytes, or with LEN_OF the number of the field that says */
    uint8_t flags;
    uint16_t count; /* 0 is 1 */
};

#define FIELD(called, in_type)                                                                     \
    {                                                                                              \
        .name = called, .type = in_type                                                            \
    }
#define BYTES(called, bytes)                                                                       \
    {                                                                                              \
        .name = called, .type = BIN, .len = bytes                                                  \
    }
#define SIZED(called, field)                                                                       \
    {                                                                                              \
        .name = called, .type = BIN, .len = field, .flags = LEN_OF                                 \
    }

static void put(uint8_t *to, uint32_t value, unsigned len)
{
    for (unsigned i = 0; i < len; i++) {
        to[i] = (uint8_t)(value >> 8 * i);
    }
}

static size_t lay_out(uint8_t bytes[4096], uint16_t id, const struct property *properties,
                      size_t count)
{
    size_t name_at = HEAD + count * PROPERTY;

    memset(bytes, 0, 4096);
    memcpy(bytes, &afd_provider, sizeof afd_provider);
    put(bytes + 0x20, id, 2);
    put(bytes + 0x64, (uint32_t)count, 4);
    put(bytes + 0x68, (uint32_t)count, 4);
    for (size_t i = 0; i < count; i++) {
        uint8_t *property = bytes + HEAD + i * PROPERTY;
        put(property, properties[i].flags, 4);
        put(property + 4, (uint32_t)name_at, 4);
        put(property + 8, properties[i].type, 2);
        put(property + 0x10, properties[i].count != 0 ? properties[i].count : 1, 2);
        put(property + 0x12, properties[i].len, 2);
        for (const char *at = properties[i].name; *at != '\0'; at++, name_at += 2) {
            bytes[name_at] = (uint8_t)*at;
        }
        name_at += 2;
    }
    return name_at;
}

static struct afd_schemas *schemas_of(uint16_t id, const struct property *properties, size_t count)
{
    static uint8_t bytes[4096];
    struct afd_schemas *schemas = afd_schemas_create();
    size_t len = lay_out(bytes, id, properties, count);
    struct etl_event record = {.kind = ETL_HEADER_FULL64,
                               .provider = afd_schema_class,
                               .opcode = 0x20,
                               .payload = bytes,
                               .payload_len = (uint16_t)len};

    cr_assert_not_null(schemas);
    cr_assert(afd_schemas_add(schemas, &record));
    return schemas;
}

/* `words` of the only note; NULL: there is none. */
static void expect_note(uint16_t id, const struct property *properties, size_t count,
                        const char *words)
{
    struct afd_schemas *schemas = schemas_of(id, properties, count);

    cr_assert_eq(afd_schemas_note_count(schemas), words != NULL, "event %u, %zu fields", id, count);
    if (words != NULL) {
        cr_assert(strstr(afd_schemas_note(schemas, 0), words) != NULL, "%s",
                  afd_schemas_note(schemas, 0));
    }
    afd_schemas_destroy(schemas);
}

#define EXPECT_NOTE(id, words, ...)                                                                \
    expect_note(id, (const struct property[]){__VA_ARGS__},                                        \
                sizeof((const struct property[]){__VA_ARGS__}) / sizeof(struct property), words)
#define NO_USE "has fields that can't be decoded"
#define OTHER "differs from the built-in layout"

/* Numbers of 4 bytes are alike, and an address may be bytes or a number. */
Test(afd_schema, a_schema_that_says_the_same_is_not_told)
{
    EXPECT_NOTE(2, NULL, FIELD("Process", PTR), FIELD("Endpoint", PTR), FIELD("Address", U32),
                FIELD("Port", U16), FIELD("Status", HEX32));
    EXPECT_NOTE(2, NULL, FIELD("Process", PTR), FIELD("Endpoint", PTR), BYTES("Address", 4),
                FIELD("Port", U16), FIELD("Status", I32));
    EXPECT_NOTE(3, NULL, FIELD("Process", PTR), FIELD("Endpoint", PTR), BYTES("Address", 16),
                FIELD("Port", U16), FIELD("Status", BOOL));
    EXPECT_NOTE(1030, NULL, FIELD("EnterExit", U32), FIELD("Location", U32), FIELD("Process", PTR),
                FIELD("Endpoint", PTR), FIELD("Status", U32), FIELD("AddressLen", U32),
                SIZED("Address", 5));
}

Test(afd_schema, a_schema_that_says_something_else_is_told)
{
    EXPECT_NOTE(2, OTHER, FIELD("Process", PTR), FIELD("Endpoint", PTR), FIELD("Address", U32),
                FIELD("Port", U16), FIELD("State", U32));
    EXPECT_NOTE(2, OTHER, FIELD("Process", PTR), FIELD("Endpoint", PTR), FIELD("Address", U32),
                FIELD("Port", U32), FIELD("Status", U32));
    EXPECT_NOTE(2, OTHER, FIELD("Process", PTR), FIELD("Endpoint", PTR), FIELD("Address", U32),
                FIELD("Port", U8), FIELD("Status", U32));
    EXPECT_NOTE(2, OTHER, FIELD("Process", PTR), FIELD("Endpoint", PTR), BYTES("Address", 16),
                FIELD("Port", U16), FIELD("Status", U32));
    EXPECT_NOTE(3, OTHER, FIELD("Process", PTR), FIELD("Endpoint", PTR), FIELD("Address", U32),
                FIELD("Port", U16), FIELD("Status", U32));
    EXPECT_NOTE(17, OTHER, FIELD("Process", PTR), FIELD("Endpoint", PTR), BYTES("Error", 4));
    EXPECT_NOTE(17, OTHER, FIELD("Process", PTR), FIELD("Endpoint", PTR), FIELD("Error", U16));
    EXPECT_NOTE(17, OTHER, FIELD("Process", PTR), FIELD("Endpoint", PTR));
}

/* Pairs of types of which neither may stand for the other, where all else is as it is known. */
Test(afd_schema, types_that_are_not_alike)
{
    static const struct property types[] = {FIELD("", U8), FIELD("", U16), FIELD("", PTR),
                                            BYTES("", 16), BYTES("", 4),   FIELD("", U32)};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        struct property last = types[i];
        last.name = "Error";
        EXPECT_NOTE(17, i == 5 ? NULL : OTHER, FIELD("Process", PTR), FIELD("Endpoint", PTR), last);
        last.name = "Endpoint";
        EXPECT_NOTE(17, i == 2 ? NULL : OTHER, FIELD("Process", PTR), last, FIELD("Error", U32));
        last.name = "Address";
        EXPECT_NOTE(2, i >= 4 ? NULL : OTHER, FIELD("Process", PTR), FIELD("Endpoint", PTR), last,
                    FIELD("Port", U16), FIELD("Status", U32));
        EXPECT_NOTE(3, i == 3 ? NULL : OTHER, FIELD("Process", PTR), FIELD("Endpoint", PTR), last,
                    FIELD("Port", U16), FIELD("Status", U32));
        last.name = "Port";
        EXPECT_NOTE(2, i == 1 ? NULL : OTHER, FIELD("Process", PTR), FIELD("Endpoint", PTR),
                    BYTES("Address", 4), last, FIELD("Status", U32));
        last.name = "EnterExit";
        EXPECT_NOTE(1030, i >= 4 ? NULL : OTHER, last, FIELD("Location", U32),
                    FIELD("Process", PTR), FIELD("Endpoint", PTR), FIELD("Status", U32),
                    FIELD("AddressLen", U32), SIZED("Address", 5));
    }
}

Test(afd_schema, a_schema_that_can_not_be_decoded_is_told)
{
    EXPECT_NOTE(17, NO_USE, FIELD("Process", PTR), FIELD("Endpoint", PTR), BYTES("Error", 5));
    EXPECT_NOTE(17, NO_USE, FIELD("Process", PTR), FIELD("Endpoint", PTR), FIELD("Error", 99));
    EXPECT_NOTE(17, NO_USE, FIELD("Process", PTR), FIELD("Endpoint", PTR),
                {.name = "Error", .type = U32, .flags = 1});
    EXPECT_NOTE(17, NO_USE, FIELD("Process", PTR), FIELD("Endpoint", PTR),
                {.name = "Error", .type = U32, .flags = 4});
    EXPECT_NOTE(17, NO_USE, FIELD("Process", PTR), FIELD("Endpoint", PTR),
                {.name = "Error", .type = U32, .count = 2});
    EXPECT_NOTE(17, NO_USE, FIELD("", PTR), FIELD("Endpoint", PTR), FIELD("Error", U32));
    EXPECT_NOTE(17, NO_USE, SIZED("Address", UINT16_MAX), FIELD("Endpoint", PTR));
    EXPECT_NOTE(17, NO_USE, SIZED("Address", 0), FIELD("Endpoint", PTR));
    EXPECT_NOTE(17, NO_USE, FIELD("Len", U32), FIELD("Endpoint", PTR), SIZED("Address", 0));
    EXPECT_NOTE(17, NO_USE, FIELD("Len", U16), SIZED("Address", 0));
    EXPECT_NOTE(17, NO_USE, FIELD("Len", PTR), SIZED("Address", 0));
    EXPECT_NOTE(17, OTHER, FIELD("Len", U32), SIZED("Address", 0));
    EXPECT_NOTE(17, NO_USE, FIELD("Len", U32), SIZED("Address", 0), FIELD("More", U32),
                SIZED("Other", 2));
    expect_note(17, NULL, 0, NO_USE);
}

/* Names of fields: 62 characters at most. Fields: 16 at most, of 200 bytes at most. */
Test(afd_schema, a_schema_has_its_limits)
{
    struct property many[MANY_FIELDS];
    char name[80];

    for (size_t i = 0; i < MANY_FIELDS; i++) {
        many[i] = (struct property){.name = "Field", .type = BIN, .len = 16};
    }
    expect_note(17, many, 12, OTHER);
    expect_note(17, many, 13, NO_USE);
    many[12].type = U8;
    expect_note(17, many, 13, OTHER);
    for (size_t i = 0; i < MANY_FIELDS; i++) {
        many[i].type = PTR;
    }
    expect_note(17, many, 16, OTHER);
    expect_note(17, many, 17, NO_USE);
    for (size_t len = 60; len < 66; len++) {
        memset(name, 'n', len);
        name[len] = '\0';
        many[0].name = name;
        expect_note(17, many, 1, len <= 62 ? OTHER : NO_USE);
    }
}

/* ---- the meaning of fields ---- */

/* A payload of bytes 1, 2, 3, ..., of the length that the schema asks for. */
static struct afd_event decode_with(uint16_t id, const struct property *properties, size_t count,
                                    uint16_t len)
{
    static uint8_t payload[64];
    static struct afd_event out;
    struct afd_schemas *schemas = schemas_of(id, properties, count);

    for (size_t i = 0; i < sizeof payload; i++) {
        payload[i] = (uint8_t)(i + 1);
    }
    struct etl_event event = {.kind = ETL_HEADER_EVENT64,
                              .id = id,
                              .pointer_size = 8,
                              .payload = payload,
                              .payload_len = len};
    cr_assert_eq(afd_schemas_decode(schemas, &event, &out), AFD_DECODE_OK, "%u bytes wanted",
                 out.expected_len);
    afd_schemas_destroy(schemas);
    return out;
}

#define DECODE(id, len, ...)                                                                       \
    decode_with(id, (const struct property[]){__VA_ARGS__},                                        \
                sizeof((const struct property[]){__VA_ARGS__}) / sizeof(struct property), len)

Test(afd_schema, a_name_has_a_meaning_where_the_type_agrees)
{
    struct afd_event out =
        DECODE(17, 20, FIELD("Error", I32), FIELD("Process", PTR), FIELD("Endpoint", PTR));
    cr_assert_eq(out.status, 0x04030201);
    cr_assert_eq(out.process, 0x0C0B0A0908070605);
    cr_assert_eq(out.has,
                 AFD_HAS(AFD_ROLE_STATUS) | AFD_HAS(AFD_ROLE_PROCESS) | AFD_HAS(AFD_ROLE_ENDPOINT));
    out = DECODE(17, 14, FIELD("Error", U16), FIELD("Process", PTR), FIELD("Endpoint", U32));
    cr_assert_eq(out.has, AFD_HAS(AFD_ROLE_PROCESS));
    cr_assert_eq(out.process, 0x0A09080706050403);
}

/* The first field of a name has its meaning, and some mean nothing without another one. */
Test(afd_schema, a_meaning_belongs_to_one_field)
{
    struct afd_event out = DECODE(17, 16, FIELD("Process", PTR), FIELD("Process", PTR));
    cr_assert_eq(out.process, 0x0807060504030201);
    out = DECODE(1004, 12, FIELD("EnterExit", U32), FIELD("Process", PTR));
    cr_assert_eq(out.has, AFD_HAS(AFD_ROLE_PROCESS));
    out = DECODE(1004, 12, FIELD("Process", PTR), FIELD("Location", U32));
    cr_assert_eq(out.has, AFD_HAS(AFD_ROLE_PROCESS));
    out = DECODE(1004, 16, FIELD("Buffer", PTR), FIELD("Process", PTR));
    cr_assert_eq(out.has, AFD_HAS(AFD_ROLE_PROCESS));
    out = DECODE(1004, 12, FIELD("BufferLength", U32), FIELD("Process", PTR));
    cr_assert_eq(out.has, AFD_HAS(AFD_ROLE_PROCESS));
    out = DECODE(1004, 12, FIELD("BufferLength", U32), FIELD("Buffer", PTR));
    cr_assert_eq(out.has, AFD_HAS(AFD_ROLE_BUFFER) | AFD_HAS(AFD_ROLE_BUFFER_LENGTH));
    cr_assert_eq(out.buffer_length, 0x04030201);
    cr_assert_eq(out.buffer, 0x0C0B0A0908070605);
    out = DECODE(2, 10, FIELD("Process", PTR), FIELD("Port", U16));
    cr_assert_eq(out.has, AFD_HAS(AFD_ROLE_PROCESS));
    out = DECODE(2, 6, FIELD("Port", U16), FIELD("Address", U32));
    cr_assert_eq(out.has, AFD_HAS(AFD_ROLE_ADDRESS) | AFD_HAS(AFD_ROLE_PORT));
    cr_assert_eq(out.address.port, 0x0102);
    cr_assert_arr_eq(out.address.bytes, ((uint8_t[4]){3, 4, 5, 6}), 4);
}

/* Behind a socket address Reason and AcceptEndpoint mean something, where the address does. */
Test(afd_schema, what_follows_an_address)
{
    static const struct property known[] = {FIELD("AddressLen", U32), SIZED("Address", 0),
                                            FIELD("Reason", U32), FIELD("Process", PTR)};
    static const struct property unknown[] = {FIELD("AddressLen", U32), SIZED("Site", 0),
                                              FIELD("Reason", U32), FIELD("Process", PTR)};
    static uint8_t payload[20] = {4, 0, 0, 0, 2, 0, 0, 80, 7, 0, 0, 0, 9};
    struct etl_event event = {.kind = ETL_HEADER_EVENT64,
                              .id = 1033,
                              .pointer_size = 8,
                              .payload = payload,
                              .payload_len = sizeof payload};
    struct afd_event out;

    struct afd_schemas *schemas = schemas_of(1033, known, 4);
    cr_assert_eq(afd_schemas_decode(schemas, &event, &out), AFD_DECODE_OK);
    cr_assert_eq(out.has, AFD_HAS(AFD_ROLE_ADDRESS) | AFD_HAS(AFD_ROLE_REASON));
    cr_assert_eq(out.reason, 7);
    afd_schemas_destroy(schemas);

    schemas = schemas_of(1033, unknown, 4);
    cr_assert_eq(afd_schemas_decode(schemas, &event, &out), AFD_DECODE_OK);
    cr_assert_eq(out.has, 0);
    afd_schemas_destroy(schemas);
}

/* ---- several schemas ---- */

Test(afd_schema, the_first_schema_of_a_version_stays)
{
    static uint8_t bytes[4096], payload[12] = {1};
    static const struct property first[] = {FIELD("Status", U32), FIELD("Process", PTR)};
    static const struct property second[] = {FIELD("Process", PTR)};
    struct afd_schemas *schemas = schemas_of(1023, first, 2);
    struct etl_event record = {
        .kind = ETL_HEADER_FULL64, .provider = afd_schema_class, .opcode = 0x20, .payload = bytes};
    struct etl_event event = {.kind = ETL_HEADER_EVENT64,
                              .id = 1023,
                              .pointer_size = 8,
                              .payload = payload,
                              .payload_len = 12};
    struct afd_event out;

    record.payload_len = (uint16_t)lay_out(bytes, 1023, second, 1);
    cr_assert(afd_schemas_add(schemas, &record));
    cr_assert_eq(afd_schemas_note_count(schemas), 1);
    cr_assert_eq(afd_schemas_decode(schemas, &event, &out), AFD_DECODE_OK);

    event.version = bytes[0x22] = 1;
    cr_assert_eq(afd_schemas_decode(schemas, &event, &out), AFD_DECODE_WRONG_LENGTH,
                 "the built-in layout's");
    cr_assert(afd_schemas_add(schemas, &record));
    cr_assert_eq(afd_schemas_note_count(schemas), 2);
    event.payload_len = 8;
    cr_assert_eq(afd_schemas_decode(schemas, &event, &out), AFD_DECODE_OK);
    for (uint8_t version = 2; version < 20; version++) {
        bytes[0x22] = version;
        cr_assert(afd_schemas_add(schemas, &record));
    }
    cr_assert_eq(afd_schemas_note_count(schemas), 8, "more would say nothing new");
    afd_schemas_destroy(schemas);
}
