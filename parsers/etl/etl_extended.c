/* SPDX-License-Identifier: Apache-2.0 */

#include "parsers/etl/etl_extended.h"

#include "base/byte_reader.h"
#include "base/least.h"
#include "base/load.h"

bool etl_extended_next(const struct etl_event *event, uint16_t *position,
                       struct etl_extended_item *item)
{
    if (*position > event->extended_len ||
        event->extended_len - *position < ETL_EXTENDED_HEAD_LEN) {
        return false;
    }
    const uint8_t *head = event->extended + *position;
    uint16_t size = load_u16(head);
    item->type = load_u16(head + 2);
    item->data_len = load_u16(head + 6);
    item->data = head + ETL_EXTENDED_HEAD_LEN;
    if (size < ETL_EXTENDED_HEAD_LEN || size > event->extended_len - *position ||
        item->data_len > size - ETL_EXTENDED_HEAD_LEN) {
        return false;
    }
    *position = (uint16_t)(*position + size);
    return true;
}

/* True if addresses of 8 bytes in a file are native words. */
#define WORDS_LIE_READY (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)

struct etl_frames etl_frames_of(const uint8_t *bytes, size_t len, unsigned frame_len)
{
    size_t count = len / frame_len;
    return (struct etl_frames){
        .bytes = bytes,
        .count = (unsigned)least_size(count, ETL_STACK_FRAMES_MAX),
        .frame_len = frame_len,
    };
}

static uint64_t frames_at(const struct etl_frames *frames, unsigned index)
{
    const uint8_t *at = frames->bytes + (size_t)index * frames->frame_len;
    return frames->frame_len == 8 ? load_u64(at) : load_u32(at);
}

const void *etl_frames_words(const struct etl_frames *frames, uint64_t *scratch)
{
    if (WORDS_LIE_READY && frames->frame_len == 8) {
        return frames->bytes;
    }
    for (unsigned i = 0; i < frames->count; i++) {
        scratch[i] = frames_at(frames, i);
    }
    return scratch;
}

/* The items begin with the MatchId. False: another item, or one that ends inside a field. */
static bool item_read_stack(const struct etl_extended_item *item, struct etl_stack_item *stack)
{
    bool has_frames = item->type == ETL_EXTENDED_STACK32 || item->type == ETL_EXTENDED_STACK64;
    bool has_key = item->type == ETL_EXTENDED_STACK_KEY32 || item->type == ETL_EXTENDED_STACK_KEY64;
    if (!has_frames && !has_key) {
        return false;
    }
    bool wide = item->type == ETL_EXTENDED_STACK64 || item->type == ETL_EXTENDED_STACK_KEY64;
    unsigned pointer_size = wide ? 8 : 4;
    struct byte_reader reader;
    byte_reader_init(&reader, item->data, item->data_len);
    *stack = (struct etl_stack_item){.match_id = byte_reader_u64(&reader), .is_key = has_key};
    if (has_key) {
        stack->key = byte_reader_pointer(&reader, pointer_size);
    }
    stack->frames = etl_frames_of(reader.next, has_frames ? reader.left : 0, pointer_size);
    return !reader.overrun;
}

bool etl_extended_next_stack(const struct etl_event *event, uint16_t *position,
                             struct etl_stack_item *stack)
{
    struct etl_extended_item item;
    while (etl_extended_next(event, position, &item)) {
        if (item_read_stack(&item, stack)) {
            return true;
        }
    }
    return false;
}

bool etl_extended_stack(const struct etl_event *event, struct etl_stack *stack)
{
    uint16_t position = 0;
    struct etl_stack_item item;
    while (etl_extended_next_stack(event, &position, &item)) {
        if (item.is_key) {
            continue;
        }
        stack->match_id = item.match_id;
        stack->frame_count = item.frames.count;
        for (unsigned i = 0; i < item.frames.count; i++) {
            stack->frames[i] = frames_at(&item.frames, i);
        }
        return true;
    }
    return false;
}
