/* SPDX-License-Identifier: Apache-2.0 */

#include "parsers/afd/afd_decode.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/load.h"

/*
 * A plan is a layout for one pointer size: it has the offset of each role. Plans are made from the
 * table of layouts once, so that decoding an event neither walks fields nor adds up offsets.
 */

enum {
    ROLE_COUNT = AFD_ROLE_ACCEPT_ENDPOINT + 1,
    NO_OFFSET = 0xFF, /* no layout is so long: at most 84 bytes, without an address */
    FULL_BOOL_LEN = 4,
    SHORT_BOOL_LEN = 1,
};

/* Some events occur in a shorter form: FastPath as one byte, or id 1 without AddressFamily. */
enum { VARIANT_FULL, VARIANT_SHORT, VARIANT_COUNT };

struct plan {
    const struct afd_layout *layout; /* NULL: the layout has no such variant */
    uint32_t has;                    /* AFD_HAS() of its roles */
    uint32_t after_address;          /* AFD_HAS() of the roles behind a socket address */
    uint16_t fixed_len;              /* bytes, without those of a socket address */
    uint8_t offset[ROLE_COUNT];      /* bytes, without those of a socket address; or NO_OFFSET */
    uint8_t address_len_offset;
    uint8_t address_type; /* enum afd_field_type, if it has AFD_ROLE_ADDRESS */
    uint8_t bool_len;
    bool count_is_signed;
    bool family_field;
    bool is_plain; /* the layout is that of decode_plain() */
};

static struct plan plans[AFD_ROW_COUNT + 1][2][VARIANT_COUNT]; /* [][1]: 8-byte pointers; the last
                                                                  row is that of unknown ids */
static pthread_once_t plans_once = PTHREAD_ONCE_INIT;
static atomic_bool plans_made; /* spares most calls of afd_decode() the call of pthread_once() */

static inline uint32_t field_len(uint8_t type, uint32_t pointer_len, uint32_t bool_len)
{
    static const uint8_t lens[] = {
        [AFD_FIELD_U8] = 1,       [AFD_FIELD_U16] = 2,    [AFD_FIELD_PORT] = 2,
        [AFD_FIELD_I32] = 4,      [AFD_FIELD_U32] = 4,    [AFD_FIELD_BOOL32] = 0,
        [AFD_FIELD_STATUS] = 4,   [AFD_FIELD_OPTION] = 4, [AFD_FIELD_POINTER] = 0,
        [AFD_FIELD_IPV4] = 4,     [AFD_FIELD_IPV6] = 16,  [AFD_FIELD_ADDRESS_LEN] = 4,
        [AFD_FIELD_SOCKADDR] = 0,
    };
    if (type == AFD_FIELD_POINTER) {
        return pointer_len;
    }
    return type == AFD_FIELD_BOOL32 ? bool_len : lens[type];
}

static void plan_add_field(struct plan *plan, const struct afd_field *field, uint32_t pointer_len)
{
    if (field->role != AFD_ROLE_NONE) {
        plan->has |= AFD_HAS(field->role);
        plan->offset[field->role] = (uint8_t)plan->fixed_len;
        if (plan->has & AFD_HAS(AFD_ROLE_ADDRESS) && plan->address_type == AFD_FIELD_SOCKADDR) {
            plan->after_address |= AFD_HAS(field->role);
        }
    }
    if (field->role == AFD_ROLE_ADDRESS) {
        plan->address_type = field->type;
    }
    if (field->role == AFD_ROLE_BUFFER_COUNT) {
        plan->count_is_signed = field->type == AFD_FIELD_I32;
    }
    if (field->type == AFD_FIELD_ADDRESS_LEN) {
        plan->address_len_offset = (uint8_t)plan->fixed_len;
    }
    plan->fixed_len =
        (uint16_t)(plan->fixed_len + field_len(field->type, pointer_len, plan->bool_len));
}

static void plan_make(struct plan *plan, const struct afd_layout *layout, uint32_t pointer_len,
                      unsigned variant)
{
    bool is_short = variant == VARIANT_SHORT;
    memset(plan->offset, NO_OFFSET, sizeof plan->offset);
    plan->layout = layout;
    plan->address_len_offset = NO_OFFSET;
    plan->bool_len = is_short ? SHORT_BOOL_LEN : FULL_BOOL_LEN;
    plan->family_field = layout->optional_family_field && !is_short;
    for (unsigned i = 0; i < layout->field_count; i++) {
        const struct afd_field *field = &layout->fields[i];
        bool left_out =
            is_short && layout->optional_family_field && field->role == AFD_ROLE_ADDRESS_FAMILY;
        if (!left_out) {
            plan_add_field(plan, field, pointer_len);
        }
    }
}

/* Where 1003 to 1015, which are most events of current Windows, have their fields if pointers have
 * 8 bytes and no address follows. */
enum {
    PLAIN_ENTER_EXIT = 0,
    PLAIN_LOCATION = 4,
    PLAIN_PROCESS = 8,
    PLAIN_ENDPOINT = 16,
    PLAIN_BUFFER_COUNT = 24,
    PLAIN_BUFFER = 28,
    PLAIN_BUFFER_LENGTH = 36,
    PLAIN_STATUS = 40,
    PLAIN_LEN = 44
};

static bool plan_is_plain(const struct plan *plan)
{
    static const uint8_t places[][2] = {{AFD_ROLE_ENTER_EXIT, PLAIN_ENTER_EXIT},
                                        {AFD_ROLE_LOCATION, PLAIN_LOCATION},
                                        {AFD_ROLE_PROCESS, PLAIN_PROCESS},
                                        {AFD_ROLE_ENDPOINT, PLAIN_ENDPOINT},
                                        {AFD_ROLE_BUFFER_COUNT, PLAIN_BUFFER_COUNT},
                                        {AFD_ROLE_BUFFER, PLAIN_BUFFER},
                                        {AFD_ROLE_BUFFER_LENGTH, PLAIN_BUFFER_LENGTH},
                                        {AFD_ROLE_STATUS, PLAIN_STATUS}};
    uint32_t has = 0;

    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        if (plan->offset[places[i][0]] != places[i][1]) {
            return false;
        }
        has |= AFD_HAS(places[i][0]);
    }
    return plan->has == has && plan->fixed_len == PLAIN_LEN && !plan->count_is_signed &&
           plan->bool_len == FULL_BOOL_LEN && !plan->family_field;
}

static void plans_make(void)
{
    for (size_t i = 0; i < afd_layout_count(); i++) {
        const struct afd_layout *layout = afd_layout_at(i);
        for (unsigned variant = 0; variant < VARIANT_COUNT; variant++) {
            plan_make(&plans[layout->row][0][variant], layout, 4, variant);
            plan_make(&plans[layout->row][1][variant], layout, 8, variant);
            plans[layout->row][1][variant].is_plain =
                plan_is_plain(&plans[layout->row][1][variant]);
        }
    }
    atomic_store_explicit(&plans_made, true, memory_order_release);
}

/* The VARIANT_COUNT plans for an event's id and pointer size; none of them has a layout where no
 * event has the id. */
static inline const struct plan *plans_of(const struct etl_event *event)
{
    if (!atomic_load_explicit(&plans_made, memory_order_acquire)) {
        pthread_once(&plans_once, plans_make);
    }
    return plans[afd_row(event->id)][event->pointer_size != 4];
}

/* The plan that fits the payload's length; NULL where none does, then with *expected_len set to the
 * length in bytes that the layout wants. */
static inline const struct plan *plan_match(const struct plan *variants,
                                            const struct etl_event *event, uint32_t *address_len,
                                            uint32_t *expected_len)
{
    const struct plan *plan = &variants[VARIANT_FULL];
    uint32_t len = event->payload_len;
    *address_len = 0;
    *expected_len = plan->fixed_len;
    if (plan->address_len_offset == NO_OFFSET) {
        if (len == plan->fixed_len) {
            return plan;
        }
        plan = &variants[VARIANT_SHORT];
        return len == plan->fixed_len ? plan : NULL;
    }
    if (len < plan->address_len_offset + 4u) {
        return NULL;
    }
    uint32_t stated = load_u32(event->payload + plan->address_len_offset);
    if (len >= plan->fixed_len && stated == len - plan->fixed_len) {
        *address_len = stated;
        return plan;
    }
    *expected_len = stated > UINT32_MAX - plan->fixed_len ? UINT32_MAX : plan->fixed_len + stated;
    return NULL;
}

static inline uint64_t load_pointer(const uint8_t *bytes, bool wide)
{
    return wide ? load_u64(bytes) : load_u32(bytes);
}

static void address_parse_ipv4(const uint8_t *bytes, struct afd_address *out)
{
    out->family = 2;
    memcpy(out->bytes, bytes, 4);
}

static void address_parse_ipv6(const uint8_t *bytes, struct afd_address *out)
{
    out->family = 23;
    memcpy(out->bytes, bytes, 16);
}

static void decode_address(const struct plan *plan, const uint8_t *payload, uint32_t address_len,
                           struct afd_address *out)
{
    const uint8_t *bytes = payload + plan->offset[AFD_ROLE_ADDRESS];
    if (plan->address_type == AFD_FIELD_SOCKADDR) {
        afd_address_parse(bytes, address_len, out);
        return;
    }
    if (plan->address_type == AFD_FIELD_IPV4) {
        address_parse_ipv4(bytes, out);
    } else {
        address_parse_ipv6(bytes, out);
    }
    if (plan->has & AFD_HAS(AFD_ROLE_PORT)) {
        out->port = load_u16_be(payload + plan->offset[AFD_ROLE_PORT]);
    }
}

#define RARE_ROLES                                                                                 \
    (AFD_HAS(AFD_ROLE_REASON) | AFD_HAS(AFD_ROLE_PID) | AFD_HAS(AFD_ROLE_ADDRESS_FAMILY) |         \
     AFD_HAS(AFD_ROLE_SOCKET_TYPE) | AFD_HAS(AFD_ROLE_PROTOCOL) | AFD_HAS(AFD_ROLE_ADDRESS) |      \
     AFD_HAS(AFD_ROLE_ACCEPT_ENDPOINT))

/* Decodes the roles of RARE_ROLES: sends and receives without an address lack them. */
static void decode_rare(const struct plan *plan, const uint8_t *payload, uint32_t address_len,
                        bool wide, struct afd_event *out)
{
    const uint8_t *offset = plan->offset;
    uint32_t has = plan->has;
    uint32_t after = plan->after_address;
    if (has & AFD_HAS(AFD_ROLE_REASON)) {
        uint32_t shift = after & AFD_HAS(AFD_ROLE_REASON) ? address_len : 0;
        out->reason = load_u32(payload + offset[AFD_ROLE_REASON] + shift);
    }
    if (has & AFD_HAS(AFD_ROLE_PID)) {
        out->pid = load_pointer(payload + offset[AFD_ROLE_PID], wide);
    }
    if (has & AFD_HAS(AFD_ROLE_ADDRESS_FAMILY)) {
        out->address_family = load_u32(payload + offset[AFD_ROLE_ADDRESS_FAMILY]);
    }
    if (has & AFD_HAS(AFD_ROLE_SOCKET_TYPE)) {
        out->socket_type = load_u32(payload + offset[AFD_ROLE_SOCKET_TYPE]);
    }
    if (has & AFD_HAS(AFD_ROLE_PROTOCOL)) {
        out->protocol = load_u32(payload + offset[AFD_ROLE_PROTOCOL]);
    }
    if (has & AFD_HAS(AFD_ROLE_ADDRESS)) {
        decode_address(plan, payload, address_len, &out->address);
    }
    if (has & AFD_HAS(AFD_ROLE_ACCEPT_ENDPOINT)) {
        uint32_t shift = after & AFD_HAS(AFD_ROLE_ACCEPT_ENDPOINT) ? address_len : 0;
        out->accept_endpoint =
            load_pointer(payload + offset[AFD_ROLE_ACCEPT_ENDPOINT] + shift, wide);
    }
}

/* Decodes all other roles. None of them stands behind a socket address in any layout. */
static inline void decode_common(const struct plan *plan, const uint8_t *payload, bool wide,
                                 struct afd_event *out)
{
    const uint8_t *offset = plan->offset;
    uint32_t has = plan->has;
    if (has & AFD_HAS(AFD_ROLE_ENTER_EXIT)) {
        out->enter_exit = load_u32(payload + offset[AFD_ROLE_ENTER_EXIT]);
        out->location = load_u32(payload + offset[AFD_ROLE_LOCATION]);
    }
    if (has & AFD_HAS(AFD_ROLE_PROCESS)) {
        out->process = load_pointer(payload + offset[AFD_ROLE_PROCESS], wide);
    }
    if (has & AFD_HAS(AFD_ROLE_ENDPOINT)) {
        out->endpoint = load_pointer(payload + offset[AFD_ROLE_ENDPOINT], wide);
    }
    if (has & AFD_HAS(AFD_ROLE_BUFFER)) {
        out->buffer = load_pointer(payload + offset[AFD_ROLE_BUFFER], wide);
        out->buffer_length = load_u32(payload + offset[AFD_ROLE_BUFFER_LENGTH]);
    }
    if (has & AFD_HAS(AFD_ROLE_BUFFER_COUNT)) {
        uint32_t count = load_u32(payload + offset[AFD_ROLE_BUFFER_COUNT]);
        out->buffer_count = plan->count_is_signed ? (int64_t)(int32_t)count : (int64_t)count;
    }
    if (has & AFD_HAS(AFD_ROLE_STATUS)) {
        out->status = load_u32(payload + offset[AFD_ROLE_STATUS]);
    }
    if (has & AFD_HAS(AFD_ROLE_FAST_PATH)) {
        const uint8_t *flag = payload + offset[AFD_ROLE_FAST_PATH];
        out->fast_path = plan->bool_len == SHORT_BOOL_LEN ? *flag != 0 : load_u32(flag) != 0;
    }
}

/* Clears the fields of the layouts that decode_any() decodes, which stand at the end. */
static inline void clear_rare(struct afd_event *out)
{
    memset(&out->accept_endpoint, 0, sizeof *out - offsetof(struct afd_event, accept_endpoint));
}

/* Decodes a payload of PLAIN_LEN bytes: at places that the compiler knows this takes half the time
 * (docs/performance.md). */
static inline void decode_plain(const struct plan *plan, const uint8_t *payload,
                                struct afd_event *out)
{
    clear_rare(out);
    out->layout = plan->layout;
    out->has = plan->has;
    out->bool_len = FULL_BOOL_LEN;
    out->family_field = false;
    out->fast_path = false;
    out->enter_exit = load_u32(payload + PLAIN_ENTER_EXIT);
    out->location = load_u32(payload + PLAIN_LOCATION);
    out->process = load_u64(payload + PLAIN_PROCESS);
    out->endpoint = load_u64(payload + PLAIN_ENDPOINT);
    out->buffer_count = load_u32(payload + PLAIN_BUFFER_COUNT);
    out->buffer = load_u64(payload + PLAIN_BUFFER);
    out->buffer_length = load_u32(payload + PLAIN_BUFFER_LENGTH);
    out->status = load_u32(payload + PLAIN_STATUS);
}

/* Decodes an event of any layout, or finds that its payload has the wrong length. */
static enum afd_decode_status decode_any(const struct plan *variants, const struct etl_event *event,
                                         struct afd_event *out)
{
    *out = (struct afd_event){.pointer_size = event->pointer_size};
    if (variants->layout == NULL) {
        return AFD_DECODE_UNKNOWN_ID;
    }
    out->layout = variants[VARIANT_FULL].layout;
    uint32_t address_len, expected_len;
    const struct plan *plan = plan_match(variants, event, &address_len, &expected_len);
    if (plan == NULL) {
        out->expected_len = expected_len;
        return AFD_DECODE_WRONG_LENGTH;
    }
    bool wide = event->pointer_size != 4;
    out->has = plan->has;
    out->bool_len = plan->bool_len;
    out->family_field = plan->family_field;
    decode_common(plan, event->payload, wide, out);
    if (plan->has & RARE_ROLES) {
        decode_rare(plan, event->payload, address_len, wide, out);
    }
    return AFD_DECODE_OK;
}

enum afd_decode_status afd_decode(const struct etl_event *event, struct afd_event *out)
{
    const struct plan *variants = plans_of(event);

    if (variants->is_plain && event->payload_len == PLAIN_LEN) {
        out->pointer_size = event->pointer_size;
        decode_plain(variants, event->payload, out);
        return AFD_DECODE_OK;
    }
    return decode_any(variants, event, out);
}

struct afd_own_plans {
    struct plan by_width[2][VARIANT_COUNT]; /* [1]: 8-byte pointers */
};

struct afd_own_plans *afd_own_plans_create(const struct afd_layout *layout)
{
    struct afd_own_plans *own = calloc(1, sizeof *own);
    for (unsigned variant = 0; own != NULL && variant < VARIANT_COUNT; variant++) {
        plan_make(&own->by_width[0][variant], layout, 4, variant);
        plan_make(&own->by_width[1][variant], layout, 8, variant);
    }
    return own;
}

void afd_own_plans_destroy(struct afd_own_plans *own)
{
    free(own);
}

enum afd_decode_status afd_decode_own(const struct afd_own_plans *own,
                                      const struct etl_event *event, struct afd_event *out)
{
    return decode_any(own->by_width[event->pointer_size != 4], event, out);
}

static inline uint64_t value_load(const uint8_t *bytes, uint8_t type, uint32_t len)
{
    if (len == 4) {
        return type == AFD_FIELD_I32 ? (uint64_t)(int64_t)(int32_t)load_u32(bytes)
                                     : load_u32(bytes);
    }
    if (len == 2) {
        return type == AFD_FIELD_PORT ? load_u16_be(bytes) : load_u16(bytes);
    }
    return len == 1 ? *bytes : load_u64(bytes);
}

bool afd_value_next(const struct etl_event *event, const struct afd_event *decoded,
                    struct afd_value_cursor *cursor, struct afd_value *value)
{
    const struct afd_layout *layout = decoded->layout;
    if (layout == NULL || decoded->expected_len != 0) {
        return false;
    }
    if (cursor->field < layout->field_count && layout->optional_family_field &&
        !decoded->family_field && layout->fields[cursor->field].role == AFD_ROLE_ADDRESS_FAMILY) {
        cursor->field++;
    }
    if (cursor->field >= layout->field_count) {
        return false;
    }

    const struct afd_field *field = &layout->fields[cursor->field];
    bool is_sockaddr = field->type == AFD_FIELD_SOCKADDR;
    uint32_t len = is_sockaddr ? cursor->address_len
                               : field_len(field->type, event->pointer_size, decoded->bool_len);
    if (cursor->offset > event->payload_len || len > event->payload_len - cursor->offset) {
        return false;
    }
    const uint8_t *bytes = event->payload + cursor->offset;
    *value = (struct afd_value){.field = field};
    if (is_sockaddr || field->type == AFD_FIELD_IPV4 || field->type == AFD_FIELD_IPV6) {
        value->bytes = bytes;
        value->bytes_len = len;
    } else {
        value->number = value_load(bytes, field->type, len);
    }
    if (field->type == AFD_FIELD_ADDRESS_LEN) {
        cursor->address_len = (uint32_t)value->number;
    }
    cursor->offset += len;
    cursor->field++;
    return true;
}
