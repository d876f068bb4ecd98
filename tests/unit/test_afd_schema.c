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
    for (uint16_t size = 0; size <= sizeof payload; size++) {
        struct etl_event event = {.kind = ETL_HEADER_EVENT64,
                                  .id = 1004,
                                  .pointer_size = 8,
                                  .payload = payload,
                                  .payload_len = size};
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
