#include "parsers/etl/etl_extended.h"

#include "base/byte_reader.h"
#include "base/load.h"

#define ITEM_HEAD_LEN 8 /* u16 size, u16 type, u16 linkage, u16 data length [GC, OBS] */

bool etl_extended_next(const struct etl_event *event, uint16_t *position,
                       struct etl_extended_item *item)
{
    if (event->extended == NULL || *position > event->extended_len ||
        event->extended_len - *position < ITEM_HEAD_LEN) {
        return false;
    }
    const uint8_t *head = event->extended + *position;
    uint16_t size = load_u16(head);
    item->type = load_u16(head + 2);
    item->data_len = load_u16(head + 6);
    item->data = head + ITEM_HEAD_LEN;
    if (size < ITEM_HEAD_LEN || size > event->extended_len - *position ||
        item->data_len > size - ITEM_HEAD_LEN) {
        return false;
    }
    *position = (uint16_t)(*position + size);
    return true;
}

static bool item_read_stack(const struct etl_extended_item *item, struct etl_stack *stack)
{
    bool wide = item->type == ETL_EXTENDED_STACK64;
    if (!wide && item->type != ETL_EXTENDED_STACK32) {
        return false;
    }
    struct byte_reader reader;
    byte_reader_init(&reader, item->data, item->data_len);
    stack->match_id = byte_reader_u64(&reader);
    unsigned pointer_size = wide ? 8 : 4;
    stack->frame_count = 0;
    while (reader.left >= pointer_size && stack->frame_count < ETL_STACK_FRAMES_MAX) {
        stack->frames[stack->frame_count++] = byte_reader_pointer(&reader, pointer_size);
    }
    return !reader.overrun;
}

bool etl_extended_stack(const struct etl_event *event, struct etl_stack *stack)
{
    uint16_t position = 0;
    struct etl_extended_item item;
    while (etl_extended_next(event, &position, &item)) {
        if (item_read_stack(&item, stack)) {
            return true;
        }
    }
    return false;
}
