#ifndef PARSERS_ETL_ETL_EXTENDED_H
#define PARSERS_ETL_ETL_EXTENDED_H

#include <stdbool.h>
#include <stdint.h>

#include "parsers/etl/etl_event.h"

/* Types of extended data items that the program knows, with their values on disk. */
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
    const uint8_t *data; /* borrowed as long as the event's payload */
};

/* Gives the next item of an event; *position is 0 at first. False: there are no more. Items that
 * the reader has not checked (etl_event.extended_damaged) are not there. */
bool etl_extended_next(const struct etl_event *event, uint16_t *position,
                       struct etl_extended_item *item);

#define ETL_STACK_FRAMES_MAX 192 /* the limit of ETW; a longer item is cut */

struct etl_stack {
    uint64_t match_id; /* a later event with this id has the other half; 0: none */
    unsigned frame_count;
    uint64_t frames[ETL_STACK_FRAMES_MAX]; /* innermost first */
};

/* Gives the first stack item of an event. False: there is none. */
bool etl_extended_stack(const struct etl_event *event, struct etl_stack *stack);

#endif
