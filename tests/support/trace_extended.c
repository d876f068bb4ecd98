/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "tests/support/trace_internal.h"

#define ITEM_HEAD_LEN 8
#define STACK32 5
#define STACK64 6

bool extended_next(const uint8_t *area, size_t len, size_t *position, struct extended_item *item)
{
    size_t at = *position;
    if (len - at < ITEM_HEAD_LEN) {
        return false;
    }
    size_t size = number_load(area + at, 2);
    item->type = (uint16_t)number_load(area + at + 2, 2);
    item->data_len = (uint16_t)number_load(area + at + 6, 2);
    item->data = area + at + ITEM_HEAD_LEN;
    bool last = at + size == len;
    if (size != (ITEM_HEAD_LEN + item->data_len + 7u) / 8 * 8 || size > len - at ||
        (number_load(area + at + 4, 2) == 0) != last) {
        return false;
    }
    *position = at + size;
    return true;
}

void trace_extend(struct trace *trace, uint16_t type, const void *data, size_t len)
{
    struct trace_event *event = trace_last_event(trace);
    struct trace_bytes area = {0};
    if (event->extended_len > 0) {
        bytes_put(&area, trace->bytes + event->extended_offset, event->extended_len);
        size_t position = 0;
        size_t last = 0;
        struct extended_item item;
        while (position < area.len) {
            last = position;
            if (!extended_next(area.data, area.len, &position, &item)) {
                break;
            }
        }
        area.data[last + 4] |= 1; /* another one follows */
    }
    bytes_number(&area, (ITEM_HEAD_LEN + len + 7) / 8 * 8, 2);
    bytes_number(&area, type, 2);
    bytes_number(&area, 0, 2);
    bytes_number(&area, len, 2);
    bytes_put(&area, data, len);
    bytes_fill(&area, 0, (8 - area.len % 8) % 8);
    event->extended_offset = trace_store_bytes(trace, area.data, area.len);
    event->extended_len = (uint32_t)area.len;
    trace_bytes_finish(&area);
}

void trace_extend_stack(struct trace *trace, uint64_t match_id, const uint64_t *frames,
                        size_t count)
{
    unsigned width = event_pointer_size(trace_last_event(trace)->kind);
    struct trace_bytes data = {0};
    bytes_number(&data, match_id, 8);
    for (size_t i = 0; i < count; i++) {
        bytes_number(&data, frames[i], width);
    }
    trace_extend(trace, width == 4 ? STACK32 : STACK64, data.data, data.len);
    trace_bytes_finish(&data);
}
