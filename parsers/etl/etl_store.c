#include "parsers/etl/etl_store.h"

#include <stdlib.h>
#include <string.h>

#define BYTES_INITIAL 1024
#define ITEMS_INITIAL 32
#define TRADE_SHARE 4 /* a window of which this fraction is wanted changes places */

void etl_store_finish(struct etl_store *store)
{
    free(store->items);
    free(store->bytes);
    memset(store, 0, sizeof *store);
}

bool etl_store_reserve(struct etl_store *store, size_t max, size_t stride, bool *full)
{
    size_t half = max / 2;
    size_t items_max = half / sizeof *store->items;
    *full = store->end > 0 &&
            (store->end >= items_max || store->len + store->pending_len + stride > half);
    if (*full || store->end < store->capacity) {
        return true;
    }
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

static bool bytes_grow(struct etl_store *store, size_t max, size_t need)
{
    size_t capacity = store->bytes_capacity == 0 ? BYTES_INITIAL : store->bytes_capacity;
    while (capacity < need) {
        capacity *= 2;
    }
    if (capacity > max / 2) {
        capacity = need > max / 2 ? need : max / 2;
    }
    uint8_t *grown = realloc(store->bytes, capacity);
    if (grown == NULL) {
        return false;
    }
    store->bytes = grown;
    store->bytes_capacity = capacity;
    return true;
}

bool etl_store_keep(struct etl_store *store, size_t max, const struct etl_window *window)
{
    size_t need = store->len + store->pending_len;
    if (need > store->bytes_capacity && !bytes_grow(store, max, need)) {
        return false;
    }
    /* Neighbours are copied in one go. */
    size_t i = store->kept;
    while (i < store->end) {
        size_t from = store->items[i].at;
        size_t to = from;
        for (; i < store->end && store->items[i].at == to; i++) {
            store->items[i].at = (uint32_t)(store->len + (to - from));
            to += etl_record_stride(store->items[i].size);
        }
        size_t have = window->end - from;
        memcpy(store->bytes + store->len, window->bytes + from,
               to - from < have ? to - from : have); /* the last one's padding may be cut */
        store->len += to - from;
    }
    store->kept = store->end;
    store->pending_len = 0;
    return true;
}

bool etl_store_keep_last(struct etl_store *store, size_t max, struct etl_window *window)
{
    bool most = store->pending_len >= (window->end + TRADE_SHARE - 1) / TRADE_SHARE;
    if (store->kept > 0 || !most || store->end == 0 || window->capacity > max / 2) {
        return etl_store_keep(store, max, window);
    }
    etl_window_trade(window, &store->bytes, &store->bytes_capacity);
    store->len = store->pending_len;
    store->kept = store->end;
    store->pending_len = 0;
    return true;
}
