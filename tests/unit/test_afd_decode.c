/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "parsers/afd/afd_behavior.h"
#include "parsers/afd/afd_decode.h"

/* A payload in memory of exactly its length, so that a byte too far is seen. */
struct made {
    struct etl_event event;
    uint8_t *bytes;
};

static struct made make(uint16_t id, unsigned pointer, const void *bytes, size_t len)
{
    struct made made = {.bytes = malloc(len > 0 ? len : 1)};
    cr_assert_not_null(made.bytes);
    if (len > 0) {
        memcpy(made.bytes, bytes, len);
    }
    made.event = (struct etl_event){
        .kind = pointer == 8 ? ETL_HEADER_EVENT64 : ETL_HEADER_EVENT32,
        .provider = afd_provider,
        .pointer_size = (uint8_t)pointer,
        .id = id,
        .pid = 4120,
        .tid = 5,
        .payload = len > 0 ? made.bytes : NULL,
        .payload_len = (uint16_t)len,
    };
    return made;
}

/* Little-endian fields one after another. */
struct builder {
    uint8_t bytes[70000];
    size_t len;
    unsigned pointer;
};

static void put(struct builder *builder, uint64_t value, unsigned len)
{
    for (unsigned i = 0; i < len; i++) {
        builder->bytes[builder->len++] = (uint8_t)(value >> (8 * i));
    }
}

static void put_p(struct builder *builder, uint64_t value)
{
    put(builder, value, builder->pointer);
}

static void put_bytes(struct builder *builder, const void *bytes, size_t len)
{
    memcpy(builder->bytes + builder->len, bytes, len);
    builder->len += len;
}

static const uint8_t sockaddr4[16] = {2, 0, 0x01, 0xBB, 10, 0, 0, 5};
static const uint8_t sockaddr6[28] = {23, 0, 0x1F, 0x90, 0, 0, 0, 0, 0xFE, 0x80, 0, 0, 0, 0,
                                      0,  0, 0,    0,    0, 0, 0, 0, 0,    1,    7, 0, 0, 0};

/* Any layout, its fields numbered: field i has the value 0x1111 * (i + 1). */
static void build_any(struct builder *builder, const struct afd_layout *layout, unsigned pointer,
                      const uint8_t *sockaddr, uint32_t sockaddr_len)
{
    builder->len = 0;
    builder->pointer = pointer;
    for (unsigned i = 0; i < layout->field_count; i++) {
        uint64_t value = 0x1111u * (i + 1u);
        switch ((enum afd_field_type)layout->fields[i].type) {
        case AFD_FIELD_U8:
            put(builder, value, 1);
            break;
        case AFD_FIELD_U16:
        case AFD_FIELD_PORT:
            put(builder, value, 2);
            break;
        case AFD_FIELD_POINTER:
            put_p(builder, value);
            break;
        case AFD_FIELD_IPV6:
            put(builder, value, 8);
            put(builder, 0, 8);
            break;
        case AFD_FIELD_ADDRESS_LEN:
            put(builder, sockaddr_len, 4);
            break;
        case AFD_FIELD_SOCKADDR:
            put_bytes(builder, sockaddr, sockaddr_len);
            break;
        default:
            put(builder, value, 4);
            break;
        }
    }
}

static uint64_t field_value(const struct afd_layout *layout, enum afd_role role)
{
    for (unsigned i = 0; i < layout->field_count; i++) {
        if (layout->fields[i].role == role) {
            return 0x1111u * (i + 1u);
        }
    }
    return 0;
}

static bool has_role(const struct afd_layout *layout, enum afd_role role)
{
    for (unsigned i = 0; i < layout->field_count; i++) {
        if (layout->fields[i].role == role) {
            return true;
        }
    }
    return false;
}

static void check_roles(const struct afd_layout *layout, const struct afd_event *decoded)
{
    cr_expect_eq(decoded->enter_exit, field_value(layout, AFD_ROLE_ENTER_EXIT));
    cr_expect_eq(decoded->location, field_value(layout, AFD_ROLE_LOCATION));
    cr_expect_eq(decoded->process, field_value(layout, AFD_ROLE_PROCESS));
    cr_expect_eq(decoded->endpoint, field_value(layout, AFD_ROLE_ENDPOINT));
    cr_expect_eq(decoded->fast_path, has_role(layout, AFD_ROLE_FAST_PATH));
    cr_expect_eq((uint64_t)decoded->buffer_count, field_value(layout, AFD_ROLE_BUFFER_COUNT));
    cr_expect_eq(decoded->buffer, field_value(layout, AFD_ROLE_BUFFER));
    cr_expect_eq(decoded->buffer_length, field_value(layout, AFD_ROLE_BUFFER_LENGTH));
    cr_expect_eq(decoded->status, field_value(layout, AFD_ROLE_STATUS));
    cr_expect_eq(decoded->reason, field_value(layout, AFD_ROLE_REASON), "id %u", layout->id);
    cr_expect_eq(decoded->pid, field_value(layout, AFD_ROLE_PID));
    cr_expect_eq(decoded->address_family, field_value(layout, AFD_ROLE_ADDRESS_FAMILY));
    cr_expect_eq(decoded->socket_type, field_value(layout, AFD_ROLE_SOCKET_TYPE));
    cr_expect_eq(decoded->protocol, field_value(layout, AFD_ROLE_PROTOCOL));
    cr_expect_eq(decoded->accept_endpoint, field_value(layout, AFD_ROLE_ACCEPT_ENDPOINT), "id %u",
                 layout->id);
    cr_expect_eq(decoded->address.family != 0, has_role(layout, AFD_ROLE_ADDRESS));
    for (unsigned role = AFD_ROLE_NONE + 1; role <= AFD_ROLE_ACCEPT_ENDPOINT; role++) {
        cr_expect_eq((decoded->has & AFD_HAS(role)) != 0, has_role(layout, role));
    }
}

Test(afd_decode, every_layout_gives_every_role_its_field)
{
    static struct builder builder;
    for (size_t i = 0; i < afd_layout_count(); i++) {
        const struct afd_layout *layout = afd_layout_at(i);
        for (unsigned pointer = 4; pointer <= 8; pointer += 4) {
            build_any(&builder, layout, pointer, sockaddr6, sizeof sockaddr6);
            struct made made = make(layout->id, pointer, builder.bytes, builder.len);
            struct afd_event decoded;
            cr_assert_eq(afd_decode(&made.event, &decoded), AFD_DECODE_OK, "id %u", layout->id);
            cr_assert_eq(decoded.layout, layout);
            check_roles(layout, &decoded);
            free(made.bytes);
        }
    }
}

Test(afd_decode, values_come_in_payload_order_and_fill_the_payload)
{
    static struct builder builder;
    for (size_t i = 0; i < afd_layout_count(); i++) {
        const struct afd_layout *layout = afd_layout_at(i);
        for (unsigned pointer = 4; pointer <= 8; pointer += 4) {
            build_any(&builder, layout, pointer, sockaddr4, sizeof sockaddr4);
            struct made made = make(layout->id, pointer, builder.bytes, builder.len);
            struct afd_event decoded;
            cr_assert_eq(afd_decode(&made.event, &decoded), AFD_DECODE_OK);
            struct afd_value_cursor cursor = {0};
            struct afd_value value;
            unsigned count = 0;
            while (afd_value_next(&made.event, &decoded, &cursor, &value)) {
                const struct afd_field *field = &layout->fields[count];
                cr_assert_eq(value.field, field);
                uint64_t want = 0x1111u * (count + 1u);
                if (field->type == AFD_FIELD_U8) {
                    want &= 0xFF;
                }
                if (field->type == AFD_FIELD_PORT) {
                    want = (want >> 8 | want << 8) & 0xFFFF;
                }
                if (field->type == AFD_FIELD_ADDRESS_LEN) {
                    want = sizeof sockaddr4;
                }
                if (!value.bytes) {
                    cr_expect_eq(value.number, want, "id %u %s", layout->id, field->name);
                }
                count++;
            }
            cr_assert_eq(count, layout->field_count, "id %u", layout->id);
            cr_assert_eq(cursor.offset, builder.len);
            free(made.bytes);
        }
    }
}

/* Lengths that are neither the layout's nor a short variant's. */
static bool other_variant(uint16_t id, size_t full, size_t len)
{
    if (id == 1) {
        return len == full - 4;
    }
    return id >= 18 && id <= 22 && len == full - 3;
}

Test(afd_decode, every_other_length_is_wrong_and_never_read_beyond)
{
    static struct builder builder;
    for (size_t i = 0; i < afd_layout_count(); i++) {
        const struct afd_layout *layout = afd_layout_at(i);
        for (unsigned pointer = 4; pointer <= 8; pointer += 4) {
            build_any(&builder, layout, pointer, sockaddr4, sizeof sockaddr4);
            size_t full = builder.len;
            memset(builder.bytes + full, 0, 16);
            for (size_t len = 0; len <= full + 16; len++) {
                if (len == full) {
                    continue;
                }
                struct made made = make(layout->id, pointer, builder.bytes, len);
                struct afd_event decoded;
                enum afd_decode_status status = afd_decode(&made.event, &decoded);
                if (other_variant(layout->id, full, len)) {
                    cr_expect_eq(status, AFD_DECODE_OK);
                } else {
                    cr_expect_eq(status, AFD_DECODE_WRONG_LENGTH, "id %u, %zu bytes", layout->id,
                                 len);
                    cr_expect_eq(decoded.has, 0);
                    cr_expect_eq(decoded.layout, layout);
                    cr_expect_neq(decoded.expected_len, 0);
                    struct afd_value_cursor cursor = {0};
                    struct afd_value value;
                    cr_expect_not(afd_value_next(&made.event, &decoded, &cursor, &value));
                    cr_expect_not(afd_is_post(&made.event));
                }
                free(made.bytes);
            }
        }
    }
}

static enum afd_decode_status decode(struct made *made, struct afd_event *decoded)
{
    return afd_decode(&made->event, decoded);
}

Test(afd_decode, expected_length_of_a_variable_layout_adds_what_the_payload_states)
{
    struct afd_event decoded;
    struct builder builder = {.pointer = 8};
    struct made cut = make(1007, 8, builder.bytes, 47);
    cr_assert_eq(decode(&cut, &decoded), AFD_DECODE_WRONG_LENGTH);
    cr_assert_eq(decoded.expected_len, 48);
    free(cut.bytes);

    builder.len = 44;
    put(&builder, 28, 4);
    put(&builder, 0, 8);
    put(&builder, 0, 8);
    struct made shorter = make(1007, 8, builder.bytes, builder.len);
    cr_assert_eq(decode(&shorter, &decoded), AFD_DECODE_WRONG_LENGTH);
    cr_assert_eq(decoded.expected_len, 76);
    free(shorter.bytes);

    static const uint32_t hostile[] = {UINT32_MAX, UINT32_MAX - 47, 0x80000000, 17, 15, 65535};
    for (unsigned i = 0; i < sizeof hostile / sizeof hostile[0]; i++) {
        builder.len = 44;
        put(&builder, hostile[i], 4);
        builder.len += 16;
        struct made made = make(1007, 8, builder.bytes, builder.len);
        cr_expect_eq(decode(&made, &decoded), AFD_DECODE_WRONG_LENGTH);
        uint64_t want = UINT64_C(48) + hostile[i];
        cr_expect_eq(decoded.expected_len, want > UINT32_MAX ? UINT32_MAX : (uint32_t)want);
        free(made.bytes);
    }
}

/* The length that AddressLen states must also leave room for the fields behind the address. */
Test(afd_decode, tail_behind_the_address_counts)
{
    struct afd_event decoded;
    struct builder builder = {.pointer = 4};
    builder.len = 28;
    put(&builder, 24, 4); /* would reach over AcceptEndpoint and CurrentBacklog */
    builder.len += 16 + 8;
    struct made made = make(1027, 4, builder.bytes, builder.len);
    cr_assert_eq(decode(&made, &decoded), AFD_DECODE_WRONG_LENGTH);
    cr_assert_eq(decoded.expected_len, 64);
    free(made.bytes);

    /* 6 bytes short of the fixed part, and an AddressLen that makes up for it modulo 2^32. */
    builder.len = 28;
    put(&builder, 0xFFFFFFFA, 4);
    made = make(1027, 4, builder.bytes, 34);
    cr_assert_eq(decode(&made, &decoded), AFD_DECODE_WRONG_LENGTH);
    free(made.bytes);
}

Test(afd_decode, legacy_post_and_completion_by_hand)
{
    static const uint8_t posted[36] = {
        0x10, 0x20, 0x30, 0x40, 0x80, 0xFA, 0xFF, 0xFF, /* Process */
        0x11, 0x21, 0x31, 0x41, 0x81, 0xFA, 0xFF, 0xFF, /* Endpoint */
        1,    0,    0,    0,                            /* FastPath */
        0xFF, 0xFF, 0xFF, 0xFF,                         /* BufferCount -1 */
        0x00, 0x40, 0x3C, 0x2B, 0x1A, 0,    0,    0,    /* Buffer */
        0x00, 0x20, 0,    0x80,                         /* BufferLength */
    };
    struct afd_event decoded;
    struct made made = make(18, 8, posted, sizeof posted);
    cr_assert_eq(decode(&made, &decoded), AFD_DECODE_OK);
    cr_assert_eq(decoded.process, UINT64_C(0xFFFFFA8040302010));
    cr_assert_eq(decoded.endpoint, UINT64_C(0xFFFFFA8141312111));
    cr_assert(decoded.fast_path);
    cr_assert_eq(decoded.buffer_count, -1);
    cr_assert_eq(decoded.buffer, UINT64_C(0x1A2B3C4000));
    cr_assert_eq(decoded.buffer_length, 0x80002000);
    cr_assert_eq(decoded.bool_len, 4);
    free(made.bytes);

    static const uint8_t completed[16] = {1, 2,    3,    0x84, 5, 6, 7, 0x88,
                                          0, 0x10, 0x40, 0,    9, 0, 0, 0};
    made = make(24, 4, completed, sizeof completed);
    cr_assert_eq(decode(&made, &decoded), AFD_DECODE_OK);
    cr_assert_eq(decoded.process, 0x84030201, "32-bit pointers are not sign-extended");
    cr_assert_eq(decoded.endpoint, 0x88070605);
    cr_assert_eq(decoded.buffer, 0x401000);
    cr_assert_eq(decoded.buffer_length, 9);
    cr_assert_not(decoded.has & AFD_HAS(AFD_ROLE_BUFFER_COUNT));
    free(made.bytes);
}

Test(afd_decode, modern_count_is_unsigned)
{
    uint8_t bytes[44] = {[24] = 0xFE, [25] = 0xFF, [26] = 0xFF, [27] = 0xFF};
    struct afd_event decoded;
    struct made made = make(1003, 8, bytes, sizeof bytes);
    cr_assert_eq(decode(&made, &decoded), AFD_DECODE_OK);
    cr_assert_eq(decoded.buffer_count, INT64_C(0xFFFFFFFE));
    free(made.bytes);
}

Test(afd_decode, one_byte_boolean_moves_what_follows)
{
    struct builder builder = {.pointer = 8};
    put_p(&builder, 0x1000);
    put_p(&builder, 0x2000);
    put(&builder, 1, 1);
    put(&builder, 1, 4);
    put_p(&builder, 0x7000);
    put(&builder, 512, 4);
    cr_assert_eq(builder.len, 33);
    struct afd_event decoded;
    struct made made = make(19, 8, builder.bytes, builder.len);
    cr_assert_eq(decode(&made, &decoded), AFD_DECODE_OK);
    cr_assert(decoded.fast_path);
    cr_assert_eq(decoded.bool_len, 1);
    cr_assert_eq(decoded.buffer_count, 1);
    cr_assert_eq(decoded.buffer, 0x7000);
    cr_assert_eq(decoded.buffer_length, 512);
    cr_assert(afd_is_post(&made.event));
    struct afd_value_cursor cursor = {0};
    struct afd_value value;
    for (int i = 0; i < 5; i++) {
        cr_assert(afd_value_next(&made.event, &decoded, &cursor, &value));
    }
    cr_assert_str_eq(value.field->name, "Buffer");
    cr_assert_eq(value.number, 0x7000);
    free(made.bytes);
}

Test(afd_decode, socket_creation_with_and_without_address_family)
{
    struct builder builder = {.pointer = 8};
    put_p(&builder, 0x1000);
    put_p(&builder, 0x2000);
    put(&builder, 23, 4);
    put(&builder, 2, 4);
    put(&builder, 17, 4);
    put_p(&builder, 4120);
    struct afd_event decoded;
    struct made made = make(1, 8, builder.bytes, builder.len);
    cr_assert_eq(decode(&made, &decoded), AFD_DECODE_OK);
    cr_assert(decoded.family_field);
    cr_assert_eq(decoded.address_family, 23);
    cr_assert_eq(decoded.pid, 4120);
    free(made.bytes);

    memmove(builder.bytes + 16, builder.bytes + 20, 16);
    made = make(1, 8, builder.bytes, 32);
    cr_assert_eq(decode(&made, &decoded), AFD_DECODE_OK);
    cr_assert_not(decoded.family_field);
    cr_assert_not(decoded.has & AFD_HAS(AFD_ROLE_ADDRESS_FAMILY));
    cr_assert_eq(decoded.address_family, 0);
    cr_assert_eq(decoded.socket_type, 2);
    cr_assert_eq(decoded.protocol, 17);
    cr_assert_eq(decoded.pid, 4120);
    struct afd_value_cursor cursor = {0};
    struct afd_value value;
    unsigned count = 0;
    while (afd_value_next(&made.event, &decoded, &cursor, &value)) {
        cr_assert_str_neq(value.field->name, "AddressFamily");
        count++;
    }
    cr_assert_eq(count, 5);
    free(made.bytes);
}

Test(afd_decode, ids_that_do_not_exist_are_unknown)
{
    static const uint16_t ids[] = {0,    42,   999,  1008, 1010, 1014,
                                   1016, 1038, 3002, 3005, 4021, 65535};
    for (unsigned i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        uint8_t bytes[44] = {0};
        struct made made = make(ids[i], 8, bytes, sizeof bytes);
        struct afd_event decoded;
        cr_expect_eq(decode(&made, &decoded), AFD_DECODE_UNKNOWN_ID, "id %u", ids[i]);
        cr_expect_null(decoded.layout);
        cr_expect_eq(decoded.has, 0);
        cr_expect_not(afd_is_post(&made.event));
        free(made.bytes);
    }
}

static void check_address(uint16_t id, unsigned pointer, const uint8_t *tail, size_t tail_len,
                          const char *want)
{
    static struct builder builder;
    const struct afd_layout *layout = afd_layout_find(id);
    uint8_t zero[32] = {0};
    build_any(&builder, layout, pointer, zero, (uint32_t)tail_len);
    memcpy(builder.bytes + builder.len - tail_len, tail, tail_len);
    struct made made = make(id, pointer, builder.bytes, builder.len);
    struct afd_event decoded;
    cr_assert_eq(decode(&made, &decoded), AFD_DECODE_OK);
    char text[AFD_ADDRESS_TEXT_LEN];
    afd_address_format(&decoded.address, text);
    cr_expect_str_eq(text, want, "id %u", id);
    free(made.bytes);
}

Test(afd_decode, addresses_of_both_families_and_versions)
{
    static const uint8_t legacy4[6] = {192, 168, 1, 20, 0x01, 0xBB};
    static const uint8_t legacy6[18] = {0x20, 0x01, 0x0D, 0xB8, [15] = 9, [16] = 0, [17] = 80};
    check_address(21, 8, legacy4, sizeof legacy4, "192.168.1.20:443");
    check_address(21, 4, legacy4, sizeof legacy4, "192.168.1.20:443");
    check_address(22, 8, legacy6, sizeof legacy6, "[2001:db8::9]:80");
    check_address(27, 4, legacy6, sizeof legacy6, "[2001:db8::9]:80");
    check_address(1007, 8, sockaddr4, sizeof sockaddr4, "10.0.0.5:443");
    check_address(1009, 4, sockaddr6, sizeof sockaddr6, "[fe80::1%7]:8080");
    check_address(1013, 8, sockaddr4, 0, "");
    static const uint8_t unix_socket[4] = {1, 0, 0x41, 0x42};
    check_address(1015, 8, unix_socket, sizeof unix_socket, "");
    check_address(1015, 8, sockaddr4, 7, "");
    check_address(1015, 8, sockaddr6, 23, "");
    check_address(1015, 8, sockaddr6, 24, "[fe80::1]:8080");
    check_address(1015, 8, sockaddr4, 1, "");
}

static void check_ipv6(const char *groups_hex, const char *want)
{
    struct afd_address address = {.family = 23, .port = 1};
    for (int i = 0; i < 16; i++) {
        char byte[3] = {groups_hex[2 * i], groups_hex[2 * i + 1], '\0'};
        address.bytes[i] = (uint8_t)strtoul(byte, NULL, 16);
    }
    char text[AFD_ADDRESS_TEXT_LEN];
    afd_address_format(&address, text);
    cr_expect_str_eq(text, want);
}

Test(afd_decode, ipv6_text_is_rfc_5952s)
{
    check_ipv6("00000000000000000000000000000000", "[::]:1");
    check_ipv6("00000000000000000000000000000001", "[::1]:1");
    check_ipv6("00010000000000000000000000000000", "[1::]:1");
    check_ipv6("20010db8000000010000000100000001", "[2001:db8:0:1:0:1:0:1]:1");
    check_ipv6("20010db8000000000001000000000001", "[2001:db8::1:0:0:1]:1");
    check_ipv6("20010db8000000000001000000000000", "[2001:db8:0:0:1::]:1");
    check_ipv6("00000001000000000002000000030004", "[0:1::2:0:3:4]:1");
    check_ipv6("abcdef0123456789abcdef0123456789", "[abcd:ef01:2345:6789:abcd:ef01:2345:6789]:1");
    check_ipv6("00000000000000000000ffff0a000005", "[::ffff:10.0.0.5]:1");
    struct afd_address longest = {.family = 23, .port = 65535, .scope_id = UINT32_MAX};
    memset(longest.bytes, 0xFF, sizeof longest.bytes);
    char text[AFD_ADDRESS_TEXT_LEN];
    afd_address_format(&longest, text);
    cr_expect_str_eq(text, "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff%4294967295]:65535");
}
