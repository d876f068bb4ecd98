/* SPDX-License-Identifier: Apache-2.0 */

#ifndef BASE_GUID_H
#define BASE_GUID_H

#include <stdbool.h>
#include <stdint.h>

#define GUID_TEXT_LEN 37 /* 8-4-4-4-12 and the NUL */

/* A GUID in its 16 on-disk bytes (first three fields little-endian). */
struct guid {
    uint8_t bytes[16];
};

bool guid_equal(const struct guid *a, const struct guid *b);
bool guid_is_zero(const struct guid *guid);

/* Writes the text of a GUID: lower case, with hyphens, without braces. */
void guid_format(const struct guid *guid, char text[GUID_TEXT_LEN]);

#endif
