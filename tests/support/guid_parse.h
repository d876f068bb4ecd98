/* SPDX-License-Identifier: Apache-2.0 */

#ifndef TESTS_SUPPORT_GUID_PARSE_H
#define TESTS_SUPPORT_GUID_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/guid.h"

static inline int guid_hex_digit(char c)
{
    static const char digits[] = "0123456789abcdefABCDEF";
    const char *at = c == '\0' ? NULL : strchr(digits, c);
    if (at == NULL) {
        return -1;
    }
    return (int)(at - digits) < 16 ? (int)(at - digits) : (int)(at - digits) - 6;
}

/* Takes the form that guid_format() writes, either case, with or without braces. False: the text is
 * anything else, and *guid is left alone. */
static inline bool guid_parse(const char *text, struct guid *guid)
{
    /* The first three fields are little-endian on disk. */
    static const uint8_t order[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
    static const char pattern[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    size_t len = strlen(text);
    bool braces = text[0] == '{' && text[len - 1] == '}';
    const char *at = braces ? text + 1 : text;
    if (len != sizeof pattern - 1 + (braces ? 2 : 0)) {
        return false;
    }
    struct guid parsed;
    unsigned digit_count = 0;
    for (size_t i = 0; i < sizeof pattern - 1; i++) {
        int digit = guid_hex_digit(at[i]);
        if (pattern[i] == '-' ? at[i] != '-' : digit < 0) {
            return false;
        }
        if (pattern[i] == 'x') {
            uint8_t *byte = &parsed.bytes[order[digit_count / 2]];
            *byte = (uint8_t)(digit_count % 2 == 0 ? digit << 4 : *byte | digit);
            digit_count++;
        }
    }
    *guid = parsed;
    return true;
}

#endif
