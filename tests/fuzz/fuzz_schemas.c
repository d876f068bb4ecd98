/* SPDX-License-Identifier: Apache-2.0 */

/* The trace's own schemas of Winsock events, and payloads decoded by them. The input is a row of
 * records, each with a head of four bytes: what it is (bit 0: an event, else a schema; bit 1: a
 * 32-bit event), the version of an event, and a u16 of the bytes that follow. A schema follows
 * without its provider's GUID, an event as u16 of id and the payload. */

#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "base/load.h"
#include "parsers/afd/afd_behavior.h"
#include "parsers/afd/afd_schema.h"

#define RECORD_HEAD_LEN 4
#define SCHEMA_OPCODE 0x20

/* Copies bytes into memory of exactly their length, behind a head that may be NULL. */
static uint8_t *copy_bytes(const void *head, size_t head_len, const uint8_t *bytes, size_t len)
{
    uint8_t *copy = malloc(head_len + len + (head_len + len == 0));
    FUZZ_CHECK(copy != NULL);
    if (head_len > 0) {
        memcpy(copy, head, head_len);
    }
    if (len > 0) {
        memcpy(copy + head_len, bytes, len);
    }
    return copy;
}

static void add_schema(struct afd_schemas *schemas, const uint8_t *bytes, size_t len)
{
    size_t guid_len = sizeof afd_provider.bytes;
    if (len > UINT16_MAX - guid_len) {
        return;
    }
    uint8_t *payload = copy_bytes(afd_provider.bytes, guid_len, bytes, len);
    const struct etl_event record = {.kind = ETL_HEADER_FULL64,
                                     .provider = afd_schema_class,
                                     .opcode = SCHEMA_OPCODE,
                                     .payload = payload,
                                     .payload_len = (uint16_t)(guid_len + len)};
    FUZZ_CHECK(afd_schema_is(&record));
    FUZZ_CHECK(afd_schemas_add(schemas, &record));
    free(payload);
}

static void check_values(const struct etl_event *event, const struct afd_event *afd)
{
    struct afd_value_cursor cursor = {0};
    struct afd_value value;
    unsigned values = 0;
    while (afd_value_next(event, afd, &cursor, &value)) {
        FUZZ_CHECK(value.field != NULL && value.field->name != NULL);
        fuzz_check_utf8(value.field->name, strlen(value.field->name));
        FUZZ_CHECK(value.bytes == NULL || value.bytes_len == 0 ||
                   (value.bytes >= event->payload &&
                    value.bytes + value.bytes_len <= event->payload + event->payload_len));
        FUZZ_CHECK(++values <= AFD_FIELDS_MAX);
    }
}

static void decode_event(const struct afd_schemas *schemas, const uint8_t *head,
                         const uint8_t *bytes, size_t len)
{
    struct afd_event afd;
    struct afd_action action;
    if (len < sizeof(uint16_t)) {
        return;
    }
    bool is_32_bit = (head[0] & 2) != 0;
    uint8_t *payload = copy_bytes(NULL, 0, bytes + sizeof(uint16_t), len - sizeof(uint16_t));
    const struct etl_event event = {.kind = is_32_bit ? ETL_HEADER_EVENT32 : ETL_HEADER_EVENT64,
                                    .pointer_size = is_32_bit ? 4 : 8,
                                    .pid = 5,
                                    .id = load_u16(bytes),
                                    .version = head[1],
                                    .provider = afd_provider,
                                    .payload = payload,
                                    .payload_len = (uint16_t)(len - sizeof(uint16_t))};
    enum afd_decode_status status = afd_schemas_decode(schemas, &event, &afd);
    FUZZ_CHECK((status == AFD_DECODE_UNKNOWN_ID) == (afd_layout_find(event.id) == NULL));
    if (status == AFD_DECODE_OK) {
        FUZZ_CHECK(afd.layout->field_count <= AFD_FIELDS_MAX);
        check_values(&event, &afd);
        afd_action_of(&event, &afd, &action);
    }
    free(payload);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct afd_schemas *schemas = afd_schemas_create();
    FUZZ_CHECK(schemas != NULL);
    while (len >= RECORD_HEAD_LEN) {
        const uint8_t *head = data;
        size_t left = len - RECORD_HEAD_LEN, wanted = load_u16(head + 2);
        size_t record_len = wanted < left ? wanted : left;
        data += RECORD_HEAD_LEN;
        if ((head[0] & 1) != 0) {
            decode_event(schemas, head, data, record_len);
        } else {
            add_schema(schemas, data, record_len);
        }
        data += record_len;
        len = left - record_len;
    }
    for (size_t i = 0; i < afd_schemas_note_count(schemas); i++) {
        const char *note = afd_schemas_note(schemas, i);
        FUZZ_CHECK(note[0] != '\0');
        fuzz_check_utf8(note, strlen(note));
    }
    afd_schemas_destroy(schemas);
    return 0;
}
