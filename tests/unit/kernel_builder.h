/* SPDX-License-Identifier: Apache-2.0 */

#ifndef TESTS_UNIT_KERNEL_BUILDER_H
#define TESTS_UNIT_KERNEL_BUILDER_H

/* Builds payloads of the kernel's records, for the tests that decode them. */

#include <criterion/criterion.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "parsers/kernel/kernel_events.h"

struct builder {
    uint8_t bytes[4096];
    size_t len;
    unsigned pointer; /* bytes of a pointer */
};

static inline void put(struct builder *builder, uint64_t value, unsigned len)
{
    for (unsigned i = 0; i < len; i++) {
        builder->bytes[builder->len++] = (uint8_t)(value >> (8 * i));
    }
}

static inline void put_p(struct builder *builder, uint64_t value)
{
    put(builder, value, builder->pointer);
}

static inline void put_ansi(struct builder *builder, const char *text)
{
    do {
        put(builder, (unsigned char)*text, 1);
    } while (*text++ != '\0');
}

static inline void put_wide(struct builder *builder, const char *text)
{
    do {
        put(builder, (unsigned char)*text, 2);
    } while (*text++ != '\0');
}

/* Decodes an event with the first `len` bytes that were built as its payload, which lies in memory
 * of exactly its length. */
static inline bool decode(struct etl_event event, const struct builder *builder, size_t len,
                          struct kernel_event *out)
{
    uint8_t *copy = malloc(len > 0 ? len : 1);
    cr_assert_not_null(copy);
    memcpy(copy, builder->bytes, len);
    event.payload = len > 0 ? copy : NULL;
    event.payload_len = (uint16_t)len;
    bool ours = kernel_decode(&event, out);
    free(copy);
    return ours;
}

#endif
