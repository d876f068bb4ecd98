#ifndef PARSERS_ETL_ETL_EVENT_H
#define PARSERS_ETL_ETL_EVENT_H

/*
 * One record with its header decoded, any header kind. This is what the reader hands out in time
 * order; what the payload means is for afd_decode.h and kernel_events.h.
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

#define ETL_ID_UNKNOWN UINT32_MAX /* pid or tid that the header kind does not carry */

/*
 * Keyword, provider, activity, id, version, level and opcode are those of EVENT32/64. FULL and
 * INSTANCE fill provider (the event class), opcode, level and version; SYSTEM, COMPACT and PERFINFO
 * fill id (the hook id, group << 8 | type), opcode and version (the low byte of theirs). The rest
 * is zero.
 *
 * What the tracker asks of every event fills the first cache line: only that one need go from one
 * processor's cache to another's.
 */
struct etl_event {
    int64_t ticks;   /* raw clock value as recorded */
    int64_t order;   /* the same, never less than the stream's previous one: what order goes by */
    uint64_t offset; /* in the file: of the record; of its trace buffer when that is compressed */
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
    uint8_t version;
    uint8_t opcode;
    uint8_t pointer_size;  /* 4 or 8: of the payload's pointers */
    bool extended_damaged; /* the extended data items did not parse; payload is empty then */
    uint8_t unused[20];    /* to whole cache lines */
};

/* Says whether a wanted event is a post, for the tie-break at equal times. NULL: none is. */
typedef bool etl_is_post_fn(const struct etl_event *event);

/* Called for every record as it is walked, stream by stream, before it is merged: for statistics
 * over all records (`info`). NULL: none. */
typedef void etl_observe_fn(void *user, const struct etl_event *event);

#endif
