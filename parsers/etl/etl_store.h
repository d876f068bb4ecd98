/* SPDX-License-Identifier: Apache-2.0 */

#ifndef PARSERS_ETL_ETL_STORE_H
#define PARSERS_ETL_ETL_STORE_H

/*
 * The wanted records of one stream that were read and not yet handed out, in recorded order: their
 * bytes, and an item for each that says where its bytes are.
 *
 * A record is added while its bytes lie in the window through which it was read. Before the window
 * moves on they are kept, that is copied, without the call stacks that etl_areas.h has. At the end
 * of a trace buffer of which most is wanted, and few records have stacks, window and store exchange
 * their memory instead.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "parsers/etl/etl_areas.h"
#include "parsers/etl/etl_record.h"
#include "parsers/etl/etl_window.h"

/* A bit of etl_stored.kind, set where the record was kept without its area. The area's number
 * stands in the record's first two bytes then, which held the record's size. */
#define ETL_STORED_BARE 0x80

struct etl_stored {
    int64_t order; /* etl_event.order */
    int64_t ticks; /* clock value; of a record without one, that of the record before it */
    uint32_t
        at; /* index of the first byte: in the store's bytes once kept, till then the window's */
    uint32_t position; /* offset of the first byte in the trace buffer, once decoded */
    uint32_t size;     /* bytes, unpadded, as stored */
    uint8_t kind;      /* enum etl_header_kind, and ETL_STORED_BARE */
};

struct etl_store {
    size_t max; /* bytes of items and records together, half for each; one record may take more */

    struct etl_stored *items;    /* owned; items[begin..end) are yet to be handed out */
    size_t begin, end, capacity; /* counted in items */
    size_t kept;                 /* items[0..kept) have their bytes in the store */

    uint8_t *bytes;             /* owned */
    size_t len, bytes_capacity; /* bytes */
    size_t pending_len;         /* bytes that items[kept..end) will take */
    size_t room;                /* bytes that further records may take */
};

/* `max`: at least ETL_STORE_MIN. */
void etl_store_init(struct etl_store *store, size_t max);

/* Frees the memory. The store is empty afterwards and can be used again. */
void etl_store_finish(struct etl_store *store);

/* Forgets all records; keeps the memory. */
void etl_store_clear(struct etl_store *store);

/* Adds a record. False: etl_store_make_room() must be called first. */
static inline bool etl_store_add(struct etl_store *store, const struct etl_stored *item)
{
    size_t stride = etl_record_stride(item->size);
    if (stride > store->room || store->end == store->capacity) {
        return false;
    }
    store->items[store->end++] = *item;
    store->pending_len += stride;
    store->room -= stride;
    return true;
}

/*
 * Makes room for one more record of `stride` bytes, so that the next etl_store_add() succeeds.
 * *full: the store has reached its size, and there is no room until it is cleared; an empty store
 * is never full. False: out of memory.
 */
bool etl_store_make_room(struct etl_store *store, size_t stride, bool *full);

/* Copies the bytes of all records that were added since the last call from `window`, which may
 * move on afterwards, but for areas that `areas` keeps. False: out of memory. */
bool etl_store_keep(struct etl_store *store, const struct etl_window *window,
                    struct etl_areas *areas);

/* True if one of a few records that were added since the last call above has extended data items.
 * Such records are better kept soon, while the window is near in the caches. */
bool etl_store_has_stacks(const struct etl_store *store, const struct etl_window *window);

/* Does what etl_store_keep() does, at the end of a trace buffer: `window` is not read from again
 * before its next start, so its memory may become the store's. */
bool etl_store_keep_last(struct etl_store *store, struct etl_window *window,
                         struct etl_areas *areas);

#endif
