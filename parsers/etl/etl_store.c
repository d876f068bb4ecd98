/* SPDX-License-Identifier: Apache-2.0 */

#include "parsers/etl/etl_store.h"

#include <stdlib.h>
#include <string.h>

#include "base/least.h"

#define BYTES_INITIAL 1024
#define ITEMS_INITIAL 32
/* The share of a window that must be wanted, as a divisor, for exchanging memory with the store. */
#define EXCHANGE_SHARE 4
#define LOOKED_AT 8 /* records of which one must have a stack */

void etl_store_init(struct etl_store *store, size_t max)
{
    memset(store, 0, sizeof *store);
    store->max = max;
    store->room = max / 2;
}

void etl_store_clear(struct etl_store *store)
{
    store->begin = 0;
    store->end = 0;
    store->kept = 0;
    store->len = 0;
    store->pending_len = 0;
    store->room = store->max / 2;
}

void etl_store_finish(struct etl_store *store)
{
    free(store->items);
    free(store->bytes);
    etl_store_init(store, store->max);
}

static bool store_grow_items(struct etl_store *store, size_t items_max)
{
    size_t capacity = store->capacity == 0 ? ITEMS_INITIAL : 2 * store->capacity;
    capacity = least_size(capacity, items_max);
    struct etl_stored *grown = realloc(store->items, capacity * sizeof *grown);
    if (grown == NULL) {
        return false;
    }
    store->items = grown;
    store->capacity = capacity;
    return true;
}

bool etl_store_make_room(struct etl_store *store, size_t stride, bool *full)
{
    size_t items_max = store->max / 2 / sizeof *store->items;
    *full = store->end > 0 && (store->end >= items_max || stride > store->room);
    if (*full) {
        return true;
    }
    if (store->room < stride) {
        store->room = stride;
    }
    return store->end < store->capacity || store_grow_items(store, items_max);
}

static bool store_grow_bytes(struct etl_store *store, size_t need)
{
    size_t capacity = store->bytes_capacity == 0 ? BYTES_INITIAL : store->bytes_capacity;
    while (capacity < need) {
        capacity *= 2;
    }
    if (capacity > store->max / 2) {
        capacity = greatest_size(need, store->max / 2);
    }
    uint8_t *grown = realloc(store->bytes, capacity);
    if (grown == NULL) {
        return false;
    }
    store->bytes = grown;
    store->bytes_capacity = capacity;
    return true;
}

/* Bytes of the window that are to be copied: of records that lie side by side. */
struct run {
    size_t from, to;
};

static void store_copy_run(struct etl_store *store, const struct etl_window *window,
                           const struct run *run)
{
    /* The window may end before the padding of the last record. */
    size_t len = run->to - run->from;
    size_t have = window->end - run->from;
    if (len > 0) {
        memcpy(store->bytes + store->len, window->bytes + run->from, least_size(len, have));
    }
    store->len += len;
}

static bool item_is_extended(const struct etl_stored *item, const struct etl_window *window)
{
    return (item->kind == ETL_HEADER_EVENT64 || item->kind == ETL_HEADER_EVENT32) &&
           etl_record_is_extended(window->bytes + item->at);
}

/* Copies a record without its area, whose number and length are given. */
static void store_copy_bare(struct etl_store *store, struct etl_stored *item,
                            const struct etl_window *window, uint16_t area, size_t area_len)
{
    const uint8_t *from = window->bytes + item->at;
    uint8_t *to = store->bytes + store->len;
    size_t whole_len = etl_record_stride(item->size);
    item->at = (uint32_t)store->len;
    item->size -= (uint32_t)area_len;
    item->kind |= ETL_STORED_BARE;
    memcpy(to, from, ETL_EVENT_LEN);
    memcpy(to + ETL_EVENT_LEN, from + ETL_EVENT_LEN + area_len, item->size - ETL_EVENT_LEN);
    memcpy(to, &area, sizeof area);
    to[ETL_EVENT_FLAGS_AT] &= (uint8_t)~ETL_EVENT_FLAG_EXTENDED;
    store->len += etl_record_stride(item->size);
    store->room += whole_len - etl_record_stride(item->size);
}

bool etl_store_keep(struct etl_store *store, const struct etl_window *window,
                    struct etl_areas *areas)
{
    size_t need = store->len + store->pending_len;
    if (need > store->bytes_capacity && !store_grow_bytes(store, need)) {
        return false;
    }
    struct run run = {0, 0};
    for (; store->kept < store->end; store->kept++) {
        struct etl_stored *item = &store->items[store->kept];
        uint16_t area = ETL_AREAS_NONE;
        if (item_is_extended(item, window)) {
            area = etl_areas_number(areas, window->bytes + item->at, item->size);
        }
        if (area != ETL_AREAS_NONE || item->at != run.to) {
            store_copy_run(store, window, &run);
            run = (struct run){item->at, item->at};
        }
        if (area != ETL_AREAS_NONE) {
            store_copy_bare(store, item, window, area, etl_areas_at(areas, area)->len);
        } else {
            item->at = (uint32_t)(store->len + (run.to - run.from));
            run.to += etl_record_stride(item->size);
        }
    }
    store_copy_run(store, window, &run);
    store->pending_len = 0;
    return true;
}

bool etl_store_has_stacks(const struct etl_store *store, const struct etl_window *window)
{
    size_t step = (store->end - store->kept) / LOOKED_AT + 1;
    size_t i = store->kept;
    while (i < store->end && !item_is_extended(&store->items[i], window)) {
        i += step;
    }
    return i < store->end;
}

bool etl_store_keep_last(struct etl_store *store, struct etl_window *window,
                         struct etl_areas *areas)
{
    bool most = store->pending_len >= (window->end + EXCHANGE_SHARE - 1) / EXCHANGE_SHARE;
    if (store->kept > 0 || !most || store->end == 0 || window->capacity > store->max / 2 ||
        etl_store_has_stacks(store, window)) {
        return etl_store_keep(store, window, areas);
    }
    etl_window_trade(window, &store->bytes, &store->bytes_capacity);
    store->len = store->pending_len;
    store->kept = store->end;
    store->pending_len = 0;
    return true;
}
