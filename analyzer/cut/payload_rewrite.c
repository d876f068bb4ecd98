/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cut/payload_rewrite.h"

#include <string.h>

#include "base/load.h"
#include "base/utf.h"
#include "parsers/kernel/kernel_event.h"

void payload_rewrite_init(struct payload_rewrite *rewrite, struct anonymous *anonymous,
                          const struct etl_event *event, uint8_t *to, size_t room)
{
    *rewrite = (struct payload_rewrite){
        .anonymous = anonymous,
        .from = {.bytes = event->payload,
                 .remaining = event->payload_len,
                 .pointer_len = event->pointer_size == 4 ? 4 : 8},
        .to = to,
        .room = room,
    };
}

static void put(struct payload_rewrite *rewrite, const uint8_t *bytes, size_t len)
{
    if (len > rewrite->room - rewrite->len) {
        rewrite->is_full = true;
        return;
    }
    memcpy(rewrite->to + rewrite->len, bytes, len);
    rewrite->len += len;
}

void payload_rewrite_put(struct payload_rewrite *rewrite, const uint8_t *bytes, size_t len)
{
    if (!rewrite->from.overrun) {
        put(rewrite, bytes, len);
    }
}

void payload_rewrite_copy(struct payload_rewrite *rewrite, size_t len)
{
    const uint8_t *bytes = kernel_payload_take(&rewrite->from, len);

    if (bytes != NULL) {
        put(rewrite, bytes, len);
    }
}

void payload_rewrite_clear(struct payload_rewrite *rewrite, size_t len)
{
    static const uint8_t zeros[64];

    kernel_payload_skip(&rewrite->from, len);
    payload_rewrite_put(rewrite, zeros, len);
}

static void put_number(struct payload_rewrite *rewrite, uint64_t value, size_t len)
{
    uint8_t bytes[8];

    for (unsigned i = 0; i < 8; i++) {
        bytes[i] = (uint8_t)(value >> 8 * i);
    }
    payload_rewrite_put(rewrite, bytes, len);
}

void payload_rewrite_filetime(struct payload_rewrite *rewrite)
{
    const uint8_t *bytes = kernel_payload_take(&rewrite->from, 8);

    if (bytes != NULL) {
        put_number(rewrite, anonymous_filetime(rewrite->anonymous, load_u64(bytes)), 8);
    }
}

void payload_rewrite_ticks(struct payload_rewrite *rewrite)
{
    const uint8_t *bytes = kernel_payload_take(&rewrite->from, 8);

    if (bytes != NULL) {
        int64_t ticks = anonymous_ticks(rewrite->anonymous, (int64_t)load_u64(bytes));
        put_number(rewrite, (uint64_t)ticks, 8);
    }
}

uint64_t payload_rewrite_identity(struct payload_rewrite *rewrite)
{
    uint64_t value = kernel_payload_pointer(&rewrite->from);

    if (!rewrite->from.overrun) {
        put_number(rewrite, anonymous_identity(rewrite->anonymous, value),
                   rewrite->from.pointer_len);
    }
    return value;
}

uint64_t payload_rewrite_address(struct payload_rewrite *rewrite)
{
    uint64_t value = kernel_payload_pointer(&rewrite->from);
    size_t len = rewrite->from.pointer_len;

    if (!rewrite->from.overrun) {
        put_number(rewrite, anonymous_address(rewrite->anonymous, value, (unsigned)len), len);
    }
    return value;
}

void payload_rewrite_frames(struct payload_rewrite *rewrite)
{
    while (!rewrite->from.overrun && rewrite->from.remaining >= rewrite->from.pointer_len) {
        (void)payload_rewrite_address(rewrite);
    }
}

/* ---- text ---- */

void payload_rewrite_ansi(struct payload_rewrite *rewrite, enum anonymous_text kind)
{
    char text[KERNEL_TEXT_MAX] = "", alias[ANONYMOUS_TEXT_LEN];

    if (rewrite->from.overrun || rewrite->from.remaining == 0) {
        rewrite->from.overrun = true;
        return;
    }
    kernel_payload_ansi(&rewrite->from, text);
    anonymous_text(rewrite->anonymous, kind, text, alias);
    put(rewrite, (const uint8_t *)alias, strlen(alias) + 1);
}

static size_t put_u16(uint8_t *to, size_t room, size_t at, uint32_t unit)
{
    if (room < 2 || at > room - 2) {
        return room + 1;
    }
    to[at] = (uint8_t)unit;
    to[at + 1] = (uint8_t)(unit >> 8);
    return at + 2;
}

size_t payload_put_utf16(uint8_t *to, size_t room, const char *text)
{
    size_t at = 0, len = strlen(text);

    for (size_t i = 0, used; i < len; i += used) {
        uint32_t code = utf_decode(text + i, len - i, &used);

        if (code == UINT32_MAX) {
            code = 0xFFFD;
        }
        if (code >= 0x10000) {
            at = put_u16(to, room, at, 0xD800 + ((code - 0x10000) >> 10));
            code = 0xDC00 + ((code - 0x10000) & 0x3FF);
        }
        at = put_u16(to, room, at, code);
    }
    at = put_u16(to, room, at, 0);
    return at <= room ? at : 0;
}

void payload_rewrite_wide(struct payload_rewrite *rewrite, enum anonymous_text kind)
{
    char text[KERNEL_TEXT_MAX] = "", alias[ANONYMOUS_TEXT_LEN];

    if (rewrite->from.overrun || rewrite->from.remaining == 0) {
        rewrite->from.overrun = true;
        return;
    }
    kernel_payload_wide(&rewrite->from, text);
    anonymous_text(rewrite->anonymous, kind, text, alias);
    size_t len = payload_put_utf16(rewrite->to + rewrite->len, rewrite->room - rewrite->len, alias);
    rewrite->is_full |= len == 0;
    rewrite->len += len;
}
