/* SPDX-License-Identifier: Apache-2.0 */

#ifndef PARSERS_ETL_ETL_EVENT_H
#define PARSERS_ETL_ETL_EVENT_H

/*
 * One record of any header kind with its header decoded, as the reader hands it out in time order.
 * afd_decode.h and kernel_events.h know what payloads mean.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/guid.h"

enum etl_header_kind {
    ETL_HEADER_SYSTEM32,
    ETL_HEADER_SYSTEM64,
    ETL_HEADER_COMPACT32,
    ETL_HEADER_COMPACT64,
    ETL_HEADER_FULL32,
    ETL_HEADER_FULL64,
    ETL_HEADER_INSTANCE32,
    ETL_HEADER_INSTANCE64,
    ETL_HEADER_PERFINFO32,
    ETL_HEADER_PERFINFO64,
    ETL_HEADER_EVENT32,
    ETL_HEADER_EVENT64,
    ETL_HEADER_WPP,
    ETL_HEADER_OTHER,
    ETL_HEADER_COUNT
};

/* "SYSTEM32", ... as `info` prints them. Static. */
const char *etl_header_kind_name(enum etl_header_kind kind);

#define ETL_ID_UNKNOWN UINT32_MAX /* pid or tid of a header kind that has none */

/*
 * EVENT32 and EVENT64 fill every member. FULL and INSTANCE fill provider (the event class), opcode,
 * level and version; SYSTEM, COMPACT and PERFINFO fill id (the hook id, group << 8 | type), opcode
 * and version (the low byte of theirs). Members that a kind does not fill are zero.
 *
 * Members that the tracker reads of every event come first, in one cache line, because another
 * thread may have written the event.
 */
struct etl_event {
    int64_t ticks;   /* raw clock value as recorded */
    int64_t order;   /* ticks, or if that is greater the order of the stream's event before */
    uint64_t offset; /* of the record in the file; of its trace buffer if that is compressed */
    uint64_t keyword;
    struct guid activity;
    uint32_t pid, tid;
    uint16_t id;
    uint16_t cpu;
    uint16_t file; /* index of the input in the reader's list */
    uint8_t level;
    bool has_extended; /* extended_len is not 0 */

    struct guid provider;
    /* Borrowed until the reader's next call. */
    const uint8_t *payload;
    const uint8_t *extended; /* the extended data items, see etl_extended.h; NULL if none */
    enum etl_header_kind kind;
    uint16_t payload_len;
    uint16_t extended_len;
    uint16_t area; /* not 0: `extended` lives as long as the reader, and is the same in all events
                    * with this number; at most ETL_AREAS_MAX */
    uint8_t version;
    uint8_t opcode;
    uint8_t pointer_size;  /* 4 or 8: of the payload's pointers */
    bool extended_damaged; /* the extended data items can't be parsed; payload is empty then */
    uint8_t unused[18];    /* makes the size a whole number of cache lines */
};

/* Says whether an event is a post: at equal times posts come after all other events. */
typedef bool etl_is_post_fn(const struct etl_event *event);

/* Called for every record, wanted or not, when its trace buffer is read, which is before the merge
 * by time. The event is borrowed until the function returns. */
typedef void etl_observe_fn(void *user, const struct etl_event *event);

#endif
