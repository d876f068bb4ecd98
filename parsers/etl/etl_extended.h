/* SPDX-License-Identifier: Apache-2.0 */

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

/* Head of an item: u16 size with this head, u16 type, u16 linkage, u16 data length [GC, OBS] */
#define ETL_EXTENDED_HEAD_LEN 8
#define ETL_EXTENDED_LINKAGE 0x0001 /* another item follows */

struct etl_extended_item {
    uint16_t type;
    uint16_t data_len;   /* bytes */
    const uint8_t *data; /* borrowed as long as the event's payload */
};

/* Gives the next item of an event; *position is 0 at first. False: there are no more. Items that
 * the reader has not checked (etl_event.extended_damaged) are not there. */
bool etl_extended_next(const struct etl_event *event, uint16_t *position,
                       struct etl_extended_item *item);

#define ETL_STACK_FRAMES_MAX 192 /* the limit of ETW; a longer stack is cut */

/* Addresses of a stack as they lie in a record, innermost first. */
struct etl_frames {
    const uint8_t *bytes; /* borrowed as long as the event's payload */
    unsigned count;       /* at most ETL_STACK_FRAMES_MAX */
    unsigned frame_len;   /* bytes of an address, 4 or 8 */
};

/* The addresses that lie in bytes[0..len), each of `frame_len` bytes. */
struct etl_frames etl_frames_of(const uint8_t *bytes, size_t len, unsigned frame_len);

/* Gives the addresses: where they can be read in place their bytes, at any alignment, else
 * `scratch`, which has room for ETL_STACK_FRAMES_MAX. Both hold native words. */
const void *etl_frames_words(const struct etl_frames *frames, uint64_t *scratch);

/* An extended data item that tells of a stack: by frames, or by a key that other records define. */
struct etl_stack_item {
    uint64_t match_id; /* not 0: this is a half, a later event with the id has the other */
    uint64_t key;
    bool is_key; /* there is a key instead of frames */
    struct etl_frames frames;
};

/* Gives the next item that tells of a stack; *position is 0 at first. False: there are no more. */
bool etl_extended_next_stack(const struct etl_event *event, uint16_t *position,
                             struct etl_stack_item *stack);

struct etl_stack {
    uint64_t match_id; /* a later event with this id has the other half; 0: none */
    unsigned frame_count;
    uint64_t frames[ETL_STACK_FRAMES_MAX]; /* innermost first */
};

/* Gives the first stack item of an event that holds frames. False: there is none. */
bool etl_extended_stack(const struct etl_event *event, struct etl_stack *stack);

#endif
