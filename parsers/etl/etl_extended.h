#ifndef PARSERS_ETL_ETL_EXTENDED_H
#define PARSERS_ETL_ETL_EXTENDED_H

#include <stdbool.h>
#include <stdint.h>

#include "parsers/etl/etl_event.h"

/* The types that we use; others are stepped over. Values as on disk. */
enum etl_extended_type {
    ETL_EXTENDED_RELATED_ACTIVITY = 0x1,
    ETL_EXTENDED_STACK32 = 0x5,
    ETL_EXTENDED_STACK64 = 0x6,
    ETL_EXTENDED_STACK_KEY32 = 0x11,
    ETL_EXTENDED_STACK_KEY64 = 0x12,
};

struct etl_extended_item {
    uint16_t type;
    uint16_t data_len;   /* bytes */
    const uint8_t *data; /* borrowed as the event's payload is */
};

/* Steps through the items of an event. *position starts at 0. False at the end. The reader has
 * validated the area, so this can't run out of it. */
bool etl_extended_next(const struct etl_event *event, uint16_t *position,
                       struct etl_extended_item *item);

#define ETL_STACK_FRAMES_MAX 192 /* ETW's own limit; longer items are cut */

struct etl_stack {
    uint64_t match_id; /* not 0: the other half of the stack comes in a later event */
    unsigned frame_count;
    uint64_t frames[ETL_STACK_FRAMES_MAX]; /* innermost first */
};

/* The first stack item of the event. False if it has none. */
bool etl_extended_stack(const struct etl_event *event, struct etl_stack *stack);

#endif
