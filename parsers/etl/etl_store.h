#ifndef PARSERS_ETL_ETL_STORE_H
#define PARSERS_ETL_ETL_STORE_H

/*
 * The wanted records of (part of) one trace buffer, in recorded order, with an index of them.
 *
 * Records are added while they still lie in the window that they were read through. Before the
 * window moves on they are kept: copied, or, where they are most of what the window holds, window
 * and store change places.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "parsers/etl/etl_record.h"
#include "parsers/etl/etl_window.h"

/* The index's entry of a record. */
struct etl_stored {
    int64_t order;
    int64_t ticks;
    uint32_t at;       /* from bytes[0]; of one that is not kept yet, from the window's bytes[0] */
    uint32_t position; /* from its trace buffer's start, once decoded */
    uint32_t size;
    uint8_t kind; /* enum etl_header_kind */
};

struct etl_store {
    struct etl_stored *items; /* owned; [begin..end) are yet to be handed out */
    size_t begin, end, capacity;
    size_t kept; /* items in front of this one are kept */

    uint8_t *bytes; /* owned */
    size_t len, bytes_capacity;
    size_t pending_len; /* bytes that those not kept yet will take */
};

void etl_store_finish(struct etl_store *store); /* gives the memory back, too; usable again */

static inline void etl_store_clear(struct etl_store *store)
{
    store->begin = store->end = store->kept = store->len = store->pending_len = 0;
}

/*
 * Makes room in the index for one more item of `stride` bytes. Index and records take at most
 * half of `max` bytes each, but for a single record. *full: no room is left. False: no memory.
 */
bool etl_store_reserve(struct etl_store *store, size_t max, size_t stride, bool *full);

/* Bytes that records may take before etl_store_reserve() must be asked again, if the index has
 * room. */
static inline size_t etl_store_room(const struct etl_store *store, size_t max)
{
    size_t taken = store->len + store->pending_len;
    return taken < max / 2 ? max / 2 - taken : 0;
}

/* Only after etl_store_reserve(), or within etl_store_room() and the index's capacity. */
static inline void etl_store_add(struct etl_store *store, const struct etl_stored *item)
{
    store->items[store->end++] = *item;
    store->pending_len += etl_record_stride(item->size);
}

/* Copies what was added since the last call out of the window. False: no memory. */
bool etl_store_keep(struct etl_store *store, size_t max, const struct etl_window *window);

/* The same at the end of a trace buffer: the window is not read from any more. */
bool etl_store_keep_last(struct etl_store *store, size_t max, struct etl_window *window);

#endif
