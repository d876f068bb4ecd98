/* SPDX-License-Identifier: Apache-2.0 */

#include "parsers/kernel/kernel_payload.h"

#include "base/load.h"
#include "base/utf.h"
#include "parsers/etl/etl_event.h"
#include "parsers/kernel/kernel_event.h"

const uint8_t *kernel_payload_take(struct kernel_payload *payload, size_t len)
{
    if (len == 0) {
        return payload->bytes;
    }
    if (payload->overrun || len > payload->remaining) {
        payload->overrun = true;
        payload->remaining = 0;
        return NULL;
    }
    const uint8_t *bytes = payload->bytes;
    payload->bytes += len;
    payload->remaining -= len;
    return bytes;
}

void kernel_payload_skip(struct kernel_payload *payload, size_t len)
{
    (void)kernel_payload_take(payload, len);
}

uint32_t kernel_payload_u32(struct kernel_payload *payload)
{
    const uint8_t *bytes = kernel_payload_take(payload, 4);
    return bytes != NULL ? load_u32(bytes) : 0;
}

uint32_t kernel_payload_pid(struct kernel_payload *payload)
{
    uint32_t pid = kernel_payload_u32(payload);
    return payload->overrun ? ETL_ID_UNKNOWN : pid;
}

uint64_t kernel_payload_pointer(struct kernel_payload *payload)
{
    const uint8_t *bytes = kernel_payload_take(payload, payload->pointer_len);
    if (bytes == NULL) {
        return 0;
    }
    return payload->pointer_len == 8 ? load_u64(bytes) : load_u32(bytes);
}

typedef size_t text_fn(const uint8_t *bytes, size_t bytes_len, char *text, size_t text_len);

/* Reads a NUL-terminated text. If the payload's end cuts it, what is there is kept, and the payload
 * is overrun. */
static void payload_text(struct kernel_payload *payload, text_fn *convert, size_t nul_len,
                         char *text)
{
    if (payload->overrun || payload->remaining == 0) {
        payload->overrun = true;
        return;
    }
    size_t len = convert(payload->bytes, payload->remaining, text, KERNEL_TEXT_MAX);
    const uint8_t *end = payload->bytes + len;
    bool terminated =
        len >= nul_len && len % nul_len == 0 && end[-1] == 0 && end[-(ptrdiff_t)nul_len] == 0;
    kernel_payload_skip(payload, len);
    if (!terminated) {
        payload->overrun = true;
    }
}

void kernel_payload_ansi(struct kernel_payload *payload, char *text)
{
    payload_text(payload, utf_from_bytes, 1, text);
}

void kernel_payload_wide(struct kernel_payload *payload, char *text)
{
    payload_text(payload, utf_from_utf16le, 2, text);
}
