/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cut/anonymous_records.h"

#include <string.h>

#include "base/load.h"
#include "parsers/afd/afd_decode.h"
#include "parsers/afd/afd_memory.h"
#include "parsers/etl/etl_extended.h"

/* ---- extended data items ---- */

#define ITEM_HEAD_LEN 8u /* u16 size, u16 type, u16 linkage, u16 data length [GC, OBS] */
#define MATCH_ID_LEN 8u

static void store(uint8_t *to, uint64_t value, unsigned len)
{
    for (unsigned i = 0; i < len; i++) {
        to[i] = (uint8_t)(value >> 8 * i);
    }
}

static uint64_t load_pointer(const uint8_t *at, unsigned len)
{
    return len == 8 ? load_u64(at) : load_u32(at);
}

/* Bytes of an address in an item; 0: the item tells of no stack. */
static unsigned address_len(uint16_t type)
{
    switch (type) {
    case ETL_EXTENDED_STACK32:
    case ETL_EXTENDED_STACK_KEY32:
        return 4;
    case ETL_EXTENDED_STACK64:
    case ETL_EXTENDED_STACK_KEY64:
        return 8;
    default:
        return 0;
    }
}

static bool is_key(uint16_t type)
{
    return type == ETL_EXTENDED_STACK_KEY32 || type == ETL_EXTENDED_STACK_KEY64;
}

/* The bytes of an item's data that are whole fields. */
static size_t whole_len(const struct etl_extended_item *item)
{
    unsigned len = address_len(item->type);

    if (len == 0 || item->data_len < MATCH_ID_LEN) {
        return 0;
    }
    return MATCH_ID_LEN + (size_t)(item->data_len - MATCH_ID_LEN) / len * len;
}

/* The addresses of a stack are those of the program that the event belongs to, whatever the width
 * in which the item holds them. */
static void rewrite_item(struct anonymous *anonymous, const struct etl_event *event,
                         const struct etl_extended_item *item, size_t data_len, uint8_t *to)
{
    unsigned len = address_len(item->type);

    store(to, anonymous_identity(anonymous, load_u64(item->data)), MATCH_ID_LEN);
    for (size_t at = MATCH_ID_LEN; at < data_len; at += len) {
        uint64_t address = load_pointer(item->data + at, len);
        bool identity = is_key(item->type);

        store(to + at,
              identity ? anonymous_identity(anonymous, address)
                       : anonymous_address(anonymous, address, event->pointer_size),
              len);
    }
}

size_t anonymous_extended(struct anonymous *anonymous, const struct etl_event *event, uint8_t *to,
                          size_t room, bool *is_full)
{
    struct etl_extended_item item;
    uint16_t position = 0;
    size_t at = 0;
    uint8_t *last = NULL;

    while (etl_extended_next(event, &position, &item)) {
        size_t data_len = whole_len(&item);
        size_t size = (ITEM_HEAD_LEN + data_len + 7) & ~(size_t)7;

        if (data_len == 0) {
            continue;
        }
        if (size > room - at) {
            *is_full = true;
            return 0;
        }
        if (last != NULL) {
            store(last + 4, 1, 2); /* another item follows */
        }
        last = to + at;
        memset(last, 0, size);
        store(last, size, 2);
        store(last + 2, item.type, 2);
        store(last + 6, data_len, 2);
        rewrite_item(anonymous, event, &item, data_len, last + ITEM_HEAD_LEN);
        at += size;
    }
    return at;
}

/* ---- payloads ---- */

enum { FAMILY_LEN = 2, PORT_END = 4, IPV4_END = 8, IPV6_AT = 8, IPV6_END = 24 };
enum { FAMILY_IPV4 = 2, FAMILY_IPV6 = 23 };

/* Family, port and address are kept or replaced. Whatever else there is, the interface of a
 * link-local address say, becomes zeros, and so does an address of an unknown family. */
static void rewrite_sockaddr(struct anonymous *anonymous, uint8_t *bytes, uint32_t len)
{
    uint16_t family = len >= FAMILY_LEN ? load_u16(bytes) : 0;
    uint32_t kept = len < FAMILY_LEN ? len : FAMILY_LEN;

    if (family == FAMILY_IPV4 && len >= IPV4_END) {
        anonymous_ip(anonymous, bytes + PORT_END, 4);
        kept = IPV4_END;
    } else if (family == FAMILY_IPV6 && len >= IPV6_END) {
        memset(bytes + PORT_END, 0, IPV6_AT - PORT_END);
        anonymous_ip(anonymous, bytes + IPV6_AT, 16);
        kept = IPV6_END;
    }
    memset(bytes + kept, 0, len - kept);
}

static uint64_t alias_of_pointer(struct anonymous *anonymous, const struct afd_value *value,
                                 unsigned pointer_size)
{
    switch (value->field->role) {
    case AFD_ROLE_PROCESS:
    case AFD_ROLE_ENDPOINT:
    case AFD_ROLE_ACCEPT_ENDPOINT:
        return anonymous_identity(anonymous, value->number);
    case AFD_ROLE_PID:
        return value->number;
    default:
        return anonymous_address(anonymous, value->number, pointer_size);
    }
}

static void rewrite_field(struct anonymous *anonymous, const struct etl_event *event,
                          const struct afd_value *value, uint8_t *at)
{
    switch (value->field->type) {
    case AFD_FIELD_POINTER:
        store(at, alias_of_pointer(anonymous, value, event->pointer_size), event->pointer_size);
        break;
    case AFD_FIELD_IPV4:
    case AFD_FIELD_IPV6:
        anonymous_ip(anonymous, at, value->bytes_len);
        break;
    case AFD_FIELD_SOCKADDR:
        rewrite_sockaddr(anonymous, at, value->bytes_len);
        break;
    default:
        break; /* counts, lengths, statuses, options */
    }
}

static void note_memory(struct anonymous *anonymous, const struct afd_event *decoded)
{
    if (decoded->fast_path && decoded->pointer_size == 4) {
        anonymous_note_high_user(anonymous, decoded->buffer, decoded->buffer_length);
    }
    bool invalid;
    enum afd_space space = afd_memory_space(decoded->buffer, decoded->buffer_length,
                                            decoded->pointer_size, false, &invalid);
    if (space == AFD_SPACE_USER) {
        anonymous_note_memory(anonymous, decoded->buffer, decoded->buffer_length,
                              decoded->pointer_size);
    }
}

void anonymous_afd_payload(struct anonymous *anonymous, const struct etl_event *event, uint8_t *to)
{
    struct afd_event decoded;
    struct afd_value_cursor cursor = {0};
    struct afd_value value;

    if (afd_decode(event, &decoded) != AFD_DECODE_OK) {
        memset(to, 0xFF, event->payload_len);
        return;
    }
    note_memory(anonymous, &decoded);
    memcpy(to, event->payload, event->payload_len);
    for (;;) {
        uint32_t at = cursor.offset;

        if (!afd_value_next(event, &decoded, &cursor, &value)) {
            break;
        }
        rewrite_field(anonymous, event, &value, to + at);
    }
    memset(to + cursor.offset, 0, event->payload_len - cursor.offset);
}
