/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "tests/support/trace_internal.h"

#define KEYWORD_CHANNEL UINT64_C(0x8000000000000000)
#define KEYWORD_SOURCE_WINSOCK UINT64_C(0x4)
#define KEYWORD_SOURCE_TRANSPORT UINT64_C(0x8)
#define KEYWORD_RIO UINT64_C(0x40)
#define KEYWORD_NRT UINT64_C(0x80)

uint64_t afd_default_keyword(uint16_t id)
{
    uint64_t source = 0;
    if (id >= 1000 && id < 3000) {
        source = KEYWORD_SOURCE_WINSOCK;
    } else if (id >= 3000 && id < 4000) {
        source = KEYWORD_SOURCE_TRANSPORT;
    } else if (id == 4016 || id == 4017) {
        source = KEYWORD_NRT;
    } else if (id >= 4000 && id != 4019) {
        source = KEYWORD_RIO;
    }
    return KEYWORD_CHANNEL | source;
}

uint8_t afd_default_level(uint16_t id)
{
    if ((id >= 18 && id <= 39) || id == 41 || id == 4018) {
        return 5;
    }
    if (id == 1032 || id == 1033) {
        return 2;
    }
    if ((id >= 4013 && id <= 4015) || id == 4020) {
        return 3;
    }
    return 4;
}

int afd_field_by_role(const struct afd_layout *layout, enum afd_role role)
{
    for (unsigned i = 0; i < layout->field_count; i++) {
        if (layout->fields[i].role == (uint8_t)role) {
            return (int)i;
        }
    }
    return -1;
}

int afd_field_by_type(const struct afd_layout *layout, enum afd_field_type type)
{
    for (unsigned i = 0; i < layout->field_count; i++) {
        if (layout->fields[i].type == (uint8_t)type) {
            return (int)i;
        }
    }
    return -1;
}

/* Writes a Windows socket address, whose family is little-endian and whose port big-endian. */
static uint32_t sockaddr_put(const struct afd_address *address, uint8_t *at)
{
    memset(at, 0, 28);
    if (address->family == 0) {
        return 0;
    }
    number_store(at, address->family, 2);
    at[2] = (uint8_t)(address->port >> 8);
    at[3] = (uint8_t)address->port;
    if (address->family == 23) {
        memcpy(at + 8, address->bytes, 16);
        number_store(at + 24, address->scope_id, 4);
        return 28;
    }
    memcpy(at + 4, address->bytes, 4);
    return 16;
}

void afd_values_set_address(struct afd_values *values, const struct afd_address *address)
{
    const struct afd_layout *layout = values->layout;
    for (unsigned i = 0; i < layout->field_count; i++) {
        switch (layout->fields[i].type) {
        case AFD_FIELD_SOCKADDR:
            values->address_len = sockaddr_put(address, values->address);
            break;
        case AFD_FIELD_IPV6:
            memcpy(values->address, address->bytes, 16);
            values->address_len = 16;
            break;
        case AFD_FIELD_IPV4:
            values->number[i] = number_load(address->bytes, 4);
            break;
        case AFD_FIELD_PORT:
            values->number[i] = address->port;
            break;
        default:
            break;
        }
    }
    int len = afd_field_by_type(layout, AFD_FIELD_ADDRESS_LEN);
    if (len >= 0) {
        values->number[len] = values->address_len;
    }
}

static uint64_t role_number(const struct trace_afd *afd, uint8_t role)
{
    switch (role) {
    case AFD_ROLE_ENTER_EXIT:
        return afd->enter_exit;
    case AFD_ROLE_LOCATION:
        return afd->location;
    case AFD_ROLE_PROCESS:
        return afd->process;
    case AFD_ROLE_ENDPOINT:
        return afd->endpoint;
    case AFD_ROLE_FAST_PATH:
        return afd->fast_path;
    case AFD_ROLE_BUFFER_COUNT:
        return (uint64_t)afd->buffer_count;
    case AFD_ROLE_BUFFER:
        return afd->buffer;
    case AFD_ROLE_BUFFER_LENGTH:
        return afd->buffer_length;
    case AFD_ROLE_STATUS:
        return afd->status;
    case AFD_ROLE_REASON:
        return afd->reason;
    case AFD_ROLE_PID:
        return afd->pid;
    case AFD_ROLE_ADDRESS_FAMILY:
        return afd->address_family;
    case AFD_ROLE_SOCKET_TYPE:
        return afd->socket_type;
    case AFD_ROLE_PROTOCOL:
        return afd->protocol;
    case AFD_ROLE_ACCEPT_ENDPOINT:
        return afd->accept_endpoint;
    default:
        return 0;
    }
}

void afd_values_from(const struct trace_afd *afd, const struct afd_layout *layout,
                     struct afd_values *values)
{
    *values = (struct afd_values){.layout = layout};
    for (unsigned i = 0; i < layout->field_count; i++) {
        values->number[i] = role_number(afd, layout->fields[i].role);
    }
    afd_values_set_address(values, &afd->address);
}

/* The bytes of a field on disk; 0 where this variant of the event lacks the field. */
static uint32_t field_width(const struct afd_values *values, unsigned index, unsigned pointer_size)
{
    const struct afd_field *field = &values->layout->fields[index];
    if (values->no_family && field->role == AFD_ROLE_ADDRESS_FAMILY) {
        return 0;
    }
    switch (field->type) {
    case AFD_FIELD_U8:
        return 1;
    case AFD_FIELD_U16:
    case AFD_FIELD_PORT:
        return 2;
    case AFD_FIELD_BOOL32:
        return values->short_bool ? 1 : 4;
    case AFD_FIELD_POINTER:
        return pointer_size;
    case AFD_FIELD_IPV6:
        return 16;
    case AFD_FIELD_SOCKADDR:
        return values->address_len;
    default:
        return 4;
    }
}

void afd_values_encode(const struct afd_values *values, unsigned pointer_size,
                       struct trace_bytes *out)
{
    for (unsigned i = 0; i < values->layout->field_count; i++) {
        uint8_t type = values->layout->fields[i].type;
        uint32_t width = field_width(values, i, pointer_size);
        if (type == AFD_FIELD_IPV6 || type == AFD_FIELD_SOCKADDR) {
            bytes_put(out, values->address, width);
        } else if (type == AFD_FIELD_PORT) {
            bytes_number(out, (values->number[i] >> 8 & 0xFF) | (values->number[i] & 0xFF) << 8, 2);
        } else {
            bytes_number(out, values->number[i], width);
        }
    }
}

static bool field_load(struct afd_values *values, unsigned index, const uint8_t *at, uint32_t width)
{
    const struct afd_field *field = &values->layout->fields[index];
    uint64_t number = width <= 8 ? number_load(at, width) : 0;
    switch (field->type) {
    case AFD_FIELD_IPV6:
    case AFD_FIELD_SOCKADDR:
        memcpy(values->address, at, width);
        values->address_len = width;
        return true;
    case AFD_FIELD_PORT:
        values->number[index] = number >> 8 | (number & 0xFF) << 8;
        return true;
    case AFD_FIELD_I32:
        values->number[index] = (uint64_t)(int64_t)(int32_t)(uint32_t)number;
        return true;
    case AFD_FIELD_ADDRESS_LEN:
        values->number[index] = number;
        values->address_len = (uint32_t)number;
        return number <= ADDRESS_BYTES_MAX;
    default:
        values->number[index] = number;
        return true;
    }
}

static bool values_decode(const uint8_t *payload, size_t len, unsigned pointer_size,
                          struct afd_values *values)
{
    size_t at = 0;
    for (unsigned i = 0; i < values->layout->field_count; i++) {
        uint32_t width = field_width(values, i, pointer_size);
        if (width > len - at || !field_load(values, i, payload + at, width)) {
            return false;
        }
        at += width;
    }
    return at == len;
}

bool afd_values_decode(const struct afd_layout *layout, const uint8_t *payload, size_t len,
                       unsigned pointer_size, struct afd_values *values)
{
    for (unsigned variant = 0; variant < 3; variant++) {
        *values = (struct afd_values){
            .layout = layout, .short_bool = variant == 1, .no_family = variant == 2};
        if ((variant == 1 && afd_field_by_type(layout, AFD_FIELD_BOOL32) < 0) ||
            (variant == 2 && !layout->optional_family_field)) {
            continue;
        }
        if (values_decode(payload, len, pointer_size, values)) {
            return true;
        }
    }
    return false;
}
