/* SPDX-License-Identifier: Apache-2.0 */

#ifndef PARSERS_AFD_AFD_EVENTS_H
#define PARSERS_AFD_AFD_EVENTS_H

/*
 * The events of Microsoft-Windows-Winsock-AFD as one const table: each row has an event's name and
 * its fields in payload order. An event is added by a row here and one in afd_behavior.c.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "parsers/etl/etl_event.h"
#include "base/guid.h"

extern const struct guid afd_provider; /* e53c6823-7bb8-44bb-90dc-3f86090d48a6 */

#define AFD_KEYWORD_DATAGRAM UINT64_C(0x1)
#define AFD_KEYWORD_FASTPATH UINT64_C(0x10)
#define AFD_KEYWORD_BUFFERED UINT64_C(0x20)

enum afd_family {
    AFD_FAMILY_NONE, /* registered I/O, name resolution: 4000 and up */
    AFD_FAMILY_LEGACY,
    AFD_FAMILY_MODERN,
};
#define AFD_FAMILIES (AFD_FAMILY_MODERN + 1)

enum afd_field_type {
    AFD_FIELD_U8,
    AFD_FIELD_U16,
    AFD_FIELD_PORT, /* u16; network byte order is assumed */
    AFD_FIELD_I32,
    AFD_FIELD_U32,
    AFD_FIELD_BOOL32,      /* 4 bytes; 1 byte accepted when the payload is 3 bytes short */
    AFD_FIELD_STATUS,      /* u32 NTSTATUS, shown in hex */
    AFD_FIELD_OPTION,      /* u32: a socket option, by AFD's own numbers */
    AFD_FIELD_POINTER,     /* 4 or 8 bytes */
    AFD_FIELD_IPV4,        /* 4 raw bytes */
    AFD_FIELD_IPV6,        /* 16 bytes */
    AFD_FIELD_ADDRESS_LEN, /* u32: length of the AFD_FIELD_SOCKADDR that follows */
    AFD_FIELD_SOCKADDR,    /* AddressLen bytes */
};

/* Roles of the fields that the analyzer asks for. */
enum afd_role {
    AFD_ROLE_NONE,
    AFD_ROLE_ENTER_EXIT,
    AFD_ROLE_LOCATION,
    AFD_ROLE_PROCESS,
    AFD_ROLE_ENDPOINT,
    AFD_ROLE_FAST_PATH,
    AFD_ROLE_BUFFER_COUNT,
    AFD_ROLE_BUFFER,
    AFD_ROLE_BUFFER_LENGTH,
    AFD_ROLE_STATUS, /* Status or Error */
    AFD_ROLE_REASON,
    AFD_ROLE_PID,
    AFD_ROLE_ADDRESS_FAMILY,
    AFD_ROLE_SOCKET_TYPE,
    AFD_ROLE_PROTOCOL,
    AFD_ROLE_ADDRESS,
    AFD_ROLE_PORT,
    AFD_ROLE_ACCEPT_ENDPOINT,
};

struct afd_field {
    const char *name; /* the manifest's name */
    uint8_t type;     /* enum afd_field_type */
    uint8_t role;     /* enum afd_role */
};

#define AFD_FIELDS_MAX 16

struct afd_layout {
    uint16_t id;
    uint8_t row;                /* afd_row(id) */
    uint8_t family;             /* enum afd_family */
    bool optional_family_field; /* id 1: Vista's event lacks AddressFamily */
    const char *name;           /* the manifest's task name, or ours where it has none: unique */
    const struct afd_field *fields;
    uint8_t field_count;
};

/* Ids come in four dense runs. A table by event has a row for each id of the runs, gaps included.
 */
enum {
    AFD_ROW_LEGACY_END = 42,
    AFD_ROW_MODERN_FIRST = 1000,
    AFD_ROW_MODERN_END = 1038,
    AFD_ROW_TRANSPORT_FIRST = 3000,
    AFD_ROW_TRANSPORT_END = 3008,
    AFD_ROW_RIO_FIRST = 4000,
    AFD_ROW_RIO_END = 4021,

    AFD_ROW_MODERN = AFD_ROW_LEGACY_END,
    AFD_ROW_TRANSPORT = AFD_ROW_MODERN + AFD_ROW_MODERN_END - AFD_ROW_MODERN_FIRST,
    AFD_ROW_RIO = AFD_ROW_TRANSPORT + AFD_ROW_TRANSPORT_END - AFD_ROW_TRANSPORT_FIRST,
    AFD_ROW_COUNT = AFD_ROW_RIO + AFD_ROW_RIO_END - AFD_ROW_RIO_FIRST
};

/* The row of an id inside the runs, as a constant expression. */
#define AFD_ROW(id)                                                                                \
    ((id) < AFD_ROW_LEGACY_END      ? (id)                                                         \
     : (id) < AFD_ROW_MODERN_END    ? (id)-AFD_ROW_MODERN_FIRST + AFD_ROW_MODERN                   \
     : (id) < AFD_ROW_TRANSPORT_END ? (id)-AFD_ROW_TRANSPORT_FIRST + AFD_ROW_TRANSPORT             \
                                    : (id)-AFD_ROW_RIO_FIRST + AFD_ROW_RIO)

/* The row of any id; AFD_ROW_COUNT for an id outside the runs. */
static inline unsigned afd_row(unsigned id)
{
    if (id < AFD_ROW_LEGACY_END) {
        return id;
    }
    if (id >= AFD_ROW_MODERN_FIRST && id < AFD_ROW_MODERN_END) {
        return id - AFD_ROW_MODERN_FIRST + AFD_ROW_MODERN;
    }
    if (id >= AFD_ROW_TRANSPORT_FIRST && id < AFD_ROW_TRANSPORT_END) {
        return id - AFD_ROW_TRANSPORT_FIRST + AFD_ROW_TRANSPORT;
    }
    if (id >= AFD_ROW_RIO_FIRST && id < AFD_ROW_RIO_END) {
        return id - AFD_ROW_RIO_FIRST + AFD_ROW_RIO;
    }
    return AFD_ROW_COUNT;
}

/* The layout of an id, or NULL where the provider has no such event. Static. O(1). */
const struct afd_layout *afd_layout_find(uint16_t id);

/* The layouts by ascending id: how many there are, and each. NULL from the last index on. */
size_t afd_layout_count(void);
const struct afd_layout *afd_layout_at(size_t index);

/* The name of a socket option of AFD_FIELD_OPTION ("SO_RCVBUF", ...), or NULL where none is known.
 * Static. */
const char *afd_option_name(uint32_t option);

#endif
