/* SPDX-License-Identifier: Apache-2.0 */

#include "parsers/afd/afd_decode.h"

#include <string.h>

#include "base/load.h"

/* Offsets in a Windows socket address; sockaddr_in has 16 bytes, sockaddr_in6 28. */
enum {
    FAMILY_IPV4 = 2,
    FAMILY_IPV6 = 23,
    PORT_OFFSET = 2,
    IPV4_OFFSET = 4,
    IPV6_OFFSET = 8,
    SCOPE_OFFSET = 24,
    GROUP_COUNT = 8,
};

void afd_address_parse(const uint8_t *bytes, uint32_t len, struct afd_address *out)
{
    memset(out, 0, sizeof *out);
    if (len < PORT_OFFSET) {
        return;
    }
    uint16_t family = load_u16(bytes);
    if (family == FAMILY_IPV4 && len >= IPV4_OFFSET + 4) {
        memcpy(out->bytes, bytes + IPV4_OFFSET, 4);
    } else if (family == FAMILY_IPV6 && len >= IPV6_OFFSET + 16) {
        memcpy(out->bytes, bytes + IPV6_OFFSET, 16);
    } else {
        return;
    }
    out->family = family;
    out->port = load_u16_be(bytes + PORT_OFFSET);
    if (family == FAMILY_IPV6 && len >= SCOPE_OFFSET + 4) {
        out->scope_id = load_u32(bytes + SCOPE_OFFSET);
    }
}

static char *put_char(char *at, char c)
{
    *at = c;
    return at + 1;
}

static char *put_decimal(char *at, uint32_t value)
{
    char digits[10];
    unsigned count = 0;
    do {
        digits[count++] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    while (count > 0) {
        *at++ = digits[--count];
    }
    return at;
}

static char *put_group(char *at, uint16_t group)
{
    for (int shift = 12; shift >= 0; shift -= 4) {
        if (group >> shift != 0 || shift == 0) {
            *at++ = "0123456789abcdef"[group >> shift & 15];
        }
    }
    return at;
}

static char *put_ipv4(char *at, const uint8_t *bytes)
{
    for (int i = 0; i < 4; i++) {
        if (i > 0) {
            at = put_char(at, '.');
        }
        at = put_decimal(at, bytes[i]);
    }
    return at;
}

/* Finds the run of zero groups that RFC 5952 shortens: the longest of at least two groups, and of
 * several the first. Returns its length, or 0, and sets *first to its first group. */
static int zero_run(const uint16_t *groups, int count, int *first)
{
    int best = 1;
    for (int i = 0; i < count;) {
        int end = i;
        while (end < count && groups[end] == 0) {
            end++;
        }
        if (end - i > best) {
            best = end - i;
            *first = i;
        }
        i = end + 1;
    }
    return best > 1 ? best : 0;
}

static char *put_groups(char *at, const uint16_t *groups, int count)
{
    int skip_from = -1;
    int skip = zero_run(groups, count, &skip_from);
    for (int i = 0; i < count; i++) {
        if (i == skip_from) {
            at = put_char(put_char(at, ':'), ':');
            i += skip - 1;
            continue;
        }
        if (i > 0 && i != skip_from + skip) {
            at = put_char(at, ':');
        }
        at = put_group(at, groups[i]);
    }
    return at;
}

static char *put_ipv6(char *at, const uint8_t *bytes)
{
    static const uint8_t mapped[12] = {[10] = 0xFF, [11] = 0xFF};
    static const char mapped_text[] = "::ffff:";
    if (memcmp(bytes, mapped, sizeof mapped) == 0) {
        memcpy(at, mapped_text, sizeof mapped_text - 1);
        return put_ipv4(at + sizeof mapped_text - 1, bytes + sizeof mapped);
    }
    uint16_t groups[GROUP_COUNT];
    for (int i = 0; i < GROUP_COUNT; i++) {
        groups[i] = load_u16_be(bytes + 2 * i);
    }
    return put_groups(at, groups, GROUP_COUNT);
}

void afd_address_format(const struct afd_address *address, char text[AFD_ADDRESS_TEXT_LEN])
{
    char *at = text;
    if (address->family == FAMILY_IPV4) {
        at = put_ipv4(at, address->bytes);
    } else if (address->family == FAMILY_IPV6) {
        at = put_ipv6(put_char(at, '['), address->bytes);
        if (address->scope_id != 0) {
            at = put_decimal(put_char(at, '%'), address->scope_id);
        }
        at = put_char(at, ']');
    } else {
        *at = '\0';
        return;
    }
    at = put_decimal(put_char(at, ':'), address->port);
    *at = '\0';
}
