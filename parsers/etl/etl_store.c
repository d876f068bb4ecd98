/* SPDX-License-Identifier: Apache-2.0 */

#include "parsers/etl/etl_store.h"

#include <stdlib.h>
#include <string.h>

#define BYTES_INITIAL 1024
#define ITEMS_INITIAL 32
/* The share of a window that must be wanted, as a divisor, for exchanging memory with the store. */
#define EXCHANGE_SHARE 4

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
    capacity = capacity < items_max || items_max == 0 ? capacity : items_max;
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
        capacity = need > store->max / 2 ? need : store->max / 2;
    }
    uint8_t *grown = realloc(store->bytes, capacity);
    if (grown == NULL) {
        return false;
    }
    store->bytes = grown;
    store->bytes_capacity = capacity;
    return true;
}

bool etl_store_keep(struct etl_store *store, const struct etl_window *window)
{
    size_t need = store->len + store->pending_len;
    if (need > store->bytes_capacity && !store_grow_bytes(store, need)) {
        return false;
    }
    /* Records that lie side by side in the window are copied at once. */
    size_t i = store->kept;
    while (i < store->end) {
        size_t from = store->items[i].at;
        size_t to = from;
        for (; i < store->end && store->items[i].at == to; i++) {
            store->items[i].at = (uint32_t)(store->len + (to - from));
            to += etl_record_stride(store->items[i].size);
        }
        /* The window may end before the padding of the last record. */
        size_t have = window->end - from;
        memcpy(store->bytes + store->len, window->bytes + from,
               to - from < have ? to - from : have);
        store->len += to - from;
    }
    store->kept = store->end;
    store->pending_len = 0;
    return true;
}

bool etl_store_keep_last(struct etl_store *store, struct etl_window *window)
{
    bool most = store->pending_len >= (window->end + EXCHANGE_SHARE - 1) / EXCHANGE_SHARE;
    if (store->kept > 0 || !most || store->end == 0 || window->capacity > store->max / 2) {
        return etl_store_keep(store, window);
    }
    etl_window_trade(window, &store->bytes, &store->bytes_capacity);
    store->len = store->pending_len;
    store->kept = store->end;
    store->pending_len = 0;
    return true;
}
