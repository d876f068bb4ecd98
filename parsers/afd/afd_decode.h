/* SPDX-License-Identifier: Apache-2.0 */

#ifndef PARSERS_AFD_AFD_DECODE_H
#define PARSERS_AFD_AFD_DECODE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "parsers/afd/afd_events.h"
#include "parsers/etl/etl_event.h"

enum afd_decode_status {
    AFD_DECODE_OK = 0,
    AFD_DECODE_UNKNOWN_ID = -1,   /* no layout has the id */
    AFD_DECODE_WRONG_LENGTH = -2, /* the payload is not expected_len bytes long */
};

#define AFD_HAS(role) (UINT32_C(1) << (role))

/* A decoded event. A field that the layout lacks is 0 and absent from `has`. The fields that most
 * layouts have come first and fill one cache line. */
struct afd_event {
    const struct afd_layout *layout; /* static; NULL if AFD_DECODE_UNKNOWN_ID */
    uint64_t process, endpoint, buffer;
    int64_t buffer_count; /* on disk i32 in the legacy family, u32 in the modern one */
    uint32_t has;         /* AFD_HAS() of every role present */
    uint32_t enter_exit, location;
    uint32_t buffer_length;
    uint32_t status;
    uint8_t bool_len;     /* bytes of a Boolean: 4, or 1 in the short variant */
    bool family_field;    /* id 1: the payload has AddressFamily */
    bool fast_path;       /* legacy field only; the modern family says it by keyword */
    uint8_t pointer_size; /* bytes of a pointer in the payload */

    uint64_t accept_endpoint;
    uint64_t pid;
    uint32_t reason;
    uint32_t address_family, socket_type, protocol;
    uint32_t expected_len; /* bytes; of AFD_DECODE_WRONG_LENGTH, otherwise 0 */

    /* A socket address. Its family is 0 where the event has none or one that is not understood. */
    struct afd_address {
        uint16_t family; /* 2 (IPv4) or 23 (IPv6), as Windows numbers them */
        uint16_t port;   /* host order */
        uint8_t bytes[16];
        uint32_t scope_id;
    } address;
};

/* True if a record is an event of the provider. Classic records that bear its GUID are none. */
static inline bool afd_is_event(const struct etl_event *event)
{
    return (event->kind == ETL_HEADER_EVENT64 || event->kind == ETL_HEADER_EVENT32) &&
           memcmp(event->provider.bytes, afd_provider.bytes, sizeof afd_provider.bytes) == 0;
}

/* True if the event shows a socket address that was understood. */
static inline bool afd_has_address(const struct afd_event *event)
{
    return event->has & AFD_HAS(AFD_ROLE_ADDRESS) && event->address.family != 0;
}

/* Decodes the payload of an event of the AFD provider; never reads beyond payload_len. *out is set
 * whatever the status: without AFD_DECODE_OK all fields but layout, pointer_size and expected_len
 * are 0. Thread-safe. */
enum afd_decode_status afd_decode(const struct etl_event *event, struct afd_event *out);

/* How to decode by a layout that is not in the table. It has fewer than 255 bytes without a socket
 * address; no role of its fields occurs twice; Location comes with EnterExit and Buffer with
 * BufferLength; behind a socket address only Reason and AcceptEndpoint have roles. The layout is
 * borrowed for as long as the plans live. NULL: no memory. */
struct afd_own_plans;
struct afd_own_plans *afd_own_plans_create(const struct afd_layout *layout);
void afd_own_plans_destroy(struct afd_own_plans *own); /* takes NULL */

/* Does what afd_decode() does, by that layout. */
enum afd_decode_status afd_decode_own(const struct afd_own_plans *own,
                                      const struct etl_event *event, struct afd_event *out);

/* The value of a field, for printing. */
struct afd_value {
    const struct afd_field *field;
    uint64_t number;      /* integers, pointers, statuses; sign-extended for I32 */
    const uint8_t *bytes; /* IPV4, IPV6, SOCKADDR: borrowed from the event's payload */
    uint32_t bytes_len;
};
struct afd_value_cursor {
    unsigned field;
    uint32_t offset;
    uint32_t address_len;
};

/* Steps through the fields of a decoded event in payload order, from a cursor of zeros on. False at
 * the end, and at once for an event that was not decoded. */
bool afd_value_next(const struct etl_event *event, const struct afd_event *decoded,
                    struct afd_value_cursor *cursor, struct afd_value *value);

#define AFD_ADDRESS_TEXT_LEN 72

/* Writes "10.0.0.5:443" or "[fe80::1%3]:443" (RFC 5952), or "" where the family is 0. */
void afd_address_format(const struct afd_address *address, char text[AFD_ADDRESS_TEXT_LEN]);

/* Reads a Windows socket address (family u16 LE, port u16 BE, ...) of len bytes. out->family is 0
 * where it is not understood: too short, or of another family than IPv4 and IPv6. */
void afd_address_parse(const uint8_t *bytes, uint32_t len, struct afd_address *out);

#endif
