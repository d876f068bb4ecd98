/* SPDX-License-Identifier: Apache-2.0 */

#include "base/guid.h"

#include <string.h>

/* The bytes on disk in the order of the text: the first three fields are little-endian. */
static const uint8_t text_order[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};

static bool hyphen_before(int byte_index)
{
    return byte_index == 4 || byte_index == 6 || byte_index == 8 || byte_index == 10;
}

bool guid_equal(const struct guid *a, const struct guid *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

bool guid_is_zero(const struct guid *guid)
{
    static const struct guid zero;
    return guid_equal(guid, &zero);
}

void guid_format(const struct guid *guid, char text[GUID_TEXT_LEN])
{
    static const char hex[] = "0123456789abcdef";
    char *at = text;
    for (int i = 0; i < 16; i++) {
        uint8_t byte = guid->bytes[text_order[i]];
        if (hyphen_before(i)) {
            *at++ = '-';
        }
        *at++ = hex[byte >> 4];
        *at++ = hex[byte & 15];
    }
    *at = '\0';
}
