/* SPDX-License-Identifier: Apache-2.0 */

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "parsers/afd/afd_decode.h"

enum { IPV4 = 2, IPV6 = 23 };

/* A socket address of 28 bytes, all of them different. */
static void build(uint8_t bytes[28], unsigned family)
{
    for (unsigned i = 0; i < 28; i++) {
        bytes[i] = (uint8_t)(i + 0x40);
    }
    bytes[0] = (uint8_t)family;
    bytes[1] = (uint8_t)(family >> 8);
}

/* Bytes that end inside the address have no family; inside the scope, no scope. */
Test(afd_address, each_length_of_a_socket_address)
{
    for (uint32_t len = 0; len <= 28; len++) {
        uint8_t bytes[28];
        struct afd_address got;
        build(bytes, IPV4);
        memset(&got, 0xEE, sizeof got);
        afd_address_parse(bytes, len, &got);
        cr_assert_eq(got.family, len >= 8 ? IPV4 : 0, "%u", len);
        cr_assert_eq(got.port, len >= 8 ? 0x4243 : 0);
        cr_assert(memcmp(got.bytes, len >= 8 ? "DEFG" : "\0\0\0\0", 4) == 0);
        cr_assert_eq(got.scope_id, 0);
        build(bytes, IPV6);
        afd_address_parse(bytes, len, &got);
        cr_assert_eq(got.family, len >= 24 ? IPV6 : 0, "%u", len);
        cr_assert_eq(got.port, len >= 24 ? 0x4243 : 0);
        cr_assert(memcmp(got.bytes,
                         len >= 24 ? "HIJKLMNOPQRSTUVW" : "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
                         16) == 0);
        cr_assert_eq(got.scope_id, len >= 28 ? 0x5B5A5958 : 0, "%u", len);
    }
}

Test(afd_address, families_that_are_not_known_have_no_address)
{
    static const unsigned others[] = {0, 1, 3, 10, 22, 24, 0x0102, 0x1700, 0xFFFF};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        uint8_t bytes[28];
        char text[AFD_ADDRESS_TEXT_LEN] = "before";
        struct afd_address got;
        build(bytes, others[i]);
        afd_address_parse(bytes, 28, &got);
        cr_expect_eq(got.family, 0, "%u", others[i]);
        cr_expect_eq(got.port, 0);
        afd_address_format(&got, text);
        cr_expect_str_eq(text, "");
    }
}

static void expect_ipv4(const char *bytes, uint16_t port, const char *want)
{
    char text[AFD_ADDRESS_TEXT_LEN];
    struct afd_address address = {.family = IPV4, .port = port};
    memcpy(address.bytes, bytes, 4);
    afd_address_format(&address, text);
    cr_expect_str_eq(text, want);
}

Test(afd_address, ipv4_with_its_port)
{
    expect_ipv4("\0\0\0\0", 0, "0.0.0.0:0");
    expect_ipv4("\1\x9\xA\x63", 9, "1.9.10.99:9");
    expect_ipv4("\x64\xC7\xFF\xA", 10, "100.199.255.10:10");
    expect_ipv4("\x7F\0\0\1", 65535, "127.0.0.1:65535");
}

/* The text of each pattern of groups that are zero or not, as the C library writes it (RFC 5952);
 * where groups are mapped to IPv4 or of its old form that differs, and is left out here. */
Test(afd_address, ipv6_is_written_as_everybody_writes_it)
{
    static const uint16_t values[] = {0x1, 0x12, 0x123, 0x1234, 0xF, 0xFFFF, 0xA0, 0xABC};
    for (unsigned zeros = 0; zeros < 256; zeros++) {
        char text[AFD_ADDRESS_TEXT_LEN], want[80], bare[48];
        struct afd_address address = {.family = IPV6, .port = 443, .scope_id = zeros % 3};
        for (unsigned group = 0; group < 8; group++) {
            uint16_t value = (zeros >> group & 1) != 0 ? 0 : values[group];
            address.bytes[2 * group] = (uint8_t)(value >> 8);
            address.bytes[2 * group + 1] = (uint8_t)value;
        }
        cr_assert_not_null(inet_ntop(AF_INET6, address.bytes, bare, sizeof bare));
        if (strchr(bare, '.') != NULL) {
            continue;
        }
        if (address.scope_id != 0) {
            snprintf(want, sizeof want, "[%s%%%u]:443", bare, address.scope_id);
        } else {
            snprintf(want, sizeof want, "[%s]:443", bare);
        }
        afd_address_format(&address, text);
        cr_expect_str_eq(text, want);
    }
}

static void expect_ipv6(const char *bytes, uint32_t scope, const char *want)
{
    char text[AFD_ADDRESS_TEXT_LEN];
    struct afd_address address = {.family = IPV6, .port = 80, .scope_id = scope};
    memcpy(address.bytes, bytes, 16);
    afd_address_format(&address, text);
    cr_expect_str_eq(text, want);
}

Test(afd_address, ipv6_of_special_forms)
{
    expect_ipv6("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 0, "[::]:80");
    expect_ipv6("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 0, "[::1]:80");
    expect_ipv6("\0\0\0\0\0\0\0\0\0\0\xFF\xFF\x7F\0\0\1", 0, "[::ffff:127.0.0.1]:80");
    expect_ipv6("\0\0\0\0\0\0\0\0\0\0\xFF\xFE\x7F\0\0\1", 0, "[::fffe:7f00:1]:80");
    expect_ipv6("\0\0\0\0\0\0\0\0\0\0\0\0\x7F\0\0\1", 0, "[::7f00:1]:80");
    expect_ipv6("\xFE\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 4294967295, "[fe80::1%4294967295]:80");
    expect_ipv6("\x20\1\0\0\0\0\0\1\0\0\0\0\0\0\0\1", 0, "[2001:0:0:1::1]:80");
    expect_ipv6("\x20\1\0\0\0\0\0\1\0\0\0\0\0\1\0\1", 0, "[2001::1:0:0:1:1]:80");
    expect_ipv6("\0\1\0\0\0\2\0\3\0\4\0\5\0\6\0\7", 0, "[1:0:2:3:4:5:6:7]:80");
    expect_ipv6("\0\1\0\2\0\3\0\4\0\5\0\6\0\0\0\0", 0, "[1:2:3:4:5:6::]:80");
}
