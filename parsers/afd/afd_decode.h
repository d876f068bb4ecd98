#ifndef PARSERS_AFD_AFD_DECODE_H
#define PARSERS_AFD_AFD_DECODE_H

#include <stdbool.h>
#include <stdint.h>

#include "parsers/afd/afd_events.h"
#include "parsers/etl/etl_event.h"

enum afd_decode_status {
    AFD_DECODE_OK = 0,
    AFD_DECODE_UNKNOWN_ID = -1,   /* the provider's, but no event of the table */
    AFD_DECODE_WRONG_LENGTH = -2, /* expected_len tells what the layout wants */
};

#define AFD_HAS(role) (UINT32_C(1) << (role))

/* A decoded event. Fields that the layout lacks are 0 and absent from `has`. What most layouts have
 * comes first, in one cache line. */
struct afd_event {
    const struct afd_layout *layout; /* static; NULL if AFD_DECODE_UNKNOWN_ID */
    uint64_t process, endpoint, buffer;
    int64_t buffer_count; /* i32 or u32 on disk */
    uint32_t has;         /* AFD_HAS() of every role present */
    uint32_t enter_exit, location;
    uint32_t buffer_length;
    uint32_t status;
    uint8_t bool_len;     /* 4, or 1 for the short variant */
    bool family_field;    /* id 1: the payload has AddressFamily */
    bool fast_path;       /* legacy field only; the modern family says it by keyword */
    uint8_t pointer_size; /* bytes, of the payload's */

    uint64_t accept_endpoint;
    uint64_t pid;
    uint32_t reason;
    uint32_t address_family, socket_type, protocol;
    uint32_t expected_len; /* bytes, when AFD_DECODE_WRONG_LENGTH */

    /* Legacy and modern addresses alike; family 0 = none or not understood. */
    struct afd_address {
        uint16_t family; /* 2 or 23, Windows' numbers */
        uint16_t port;   /* host order */
        uint8_t bytes[16];
        uint32_t scope_id;
    } address;
};

/* Whether it shows an address that was understood. */
static inline bool afd_has_address(const struct afd_event *event)
{
    return event->has & AFD_HAS(AFD_ROLE_ADDRESS) && event->address.family != 0;
}

/* Decodes the payload of an event of the AFD provider. Never reads beyond payload_len. */
enum afd_decode_status afd_decode(const struct etl_event *event, struct afd_event *out);

/* One field at a time, in payload order, for printing. *position starts at 0. */
struct afd_value {
    const struct afd_field *field;
    uint64_t number;      /* integers, pointers, statuses; sign-extended for I32 */
    const uint8_t *bytes; /* IPV4, IPV6, SOCKADDR: borrowed */
    uint32_t bytes_len;
};
struct afd_value_cursor {
    unsigned field;
    uint32_t offset;
    uint32_t address_len;
};
bool afd_value_next(const struct etl_event *event, const struct afd_event *decoded,
                    struct afd_value_cursor *cursor, struct afd_value *value);

#define AFD_ADDRESS_TEXT_LEN 72

/* "10.0.0.5:443", "[fe80::1%3]:443"; "" when family is 0. RFC 5952 for IPv6. */
void afd_address_format(const struct afd_address *address, char text[AFD_ADDRESS_TEXT_LEN]);

/* A Windows socket address (family u16 LE, port u16 BE, ...); family 0 in *out if not understood.
 */
void afd_address_parse(const uint8_t *bytes, uint32_t len, struct afd_address *out);

#endif
