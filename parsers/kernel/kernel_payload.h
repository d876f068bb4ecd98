/* SPDX-License-Identifier: Apache-2.0 */

#ifndef PARSERS_KERNEL_KERNEL_PAYLOAD_H
#define PARSERS_KERNEL_KERNEL_PAYLOAD_H

/* Reads the payload of a kernel record field by field. Fields are packed, without padding. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The rest of a payload. Once a read has overrun it, all further reads give 0 or nothing. */
struct kernel_payload {
    const uint8_t *bytes; /* borrowed */
    size_t remaining;     /* bytes */
    size_t pointer_len;   /* bytes, 4 or 8 */
    bool overrun;
};

/* The next `len` bytes; NULL, and an overrun, where fewer remain. */
const uint8_t *kernel_payload_take(struct kernel_payload *payload, size_t len);
void kernel_payload_skip(struct kernel_payload *payload, size_t len);

uint32_t kernel_payload_u32(struct kernel_payload *payload);
uint64_t kernel_payload_pointer(struct kernel_payload *payload);
/* A process or thread id; ETL_ID_UNKNOWN where the payload ends before it. */
uint32_t kernel_payload_pid(struct kernel_payload *payload);

/* Text up to its NUL, as UTF-8 of KERNEL_TEXT_MAX bytes or fewer. Where the payload's end cuts it,
 * the beginning is kept, and the payload is overrun. */
void kernel_payload_ansi(struct kernel_payload *payload, char *text);
void kernel_payload_wide(struct kernel_payload *payload, char *text);

#endif
