#include "parsers/etl/etl_scan.h"

#include "base/load.h"

/* The upper half of a marker with a type of the table: this, and the type. */
#define MARKER_HEAD 0xC000

/* False: there is no room for it. */
static bool store(struct etl_scan *scan, const struct etl_record_type *type, const uint8_t *at,
                  uint32_t size, int64_t ticks)
{
    uint32_t stride = etl_record_stride(size);
    if (stride > scan->room || scan->next == scan->next_end) {
        return false;
    }
    struct etl_stored *item = scan->next++;
    scan->room -= stride;
    item->order = ticks > scan->order ? ticks : scan->order;
    item->ticks = ticks;
    item->at = (uint32_t)(at - scan->bytes);
    item->position = scan->position + item->at;
    item->size = size;
    item->kind = type->kind;
    return true;
}

/* Looks at a record that may be wanted, and stores it if it is. False: it is not for the scan. */
static inline bool look_at(struct etl_scan *scan, const struct etl_record_type *type,
                           const uint8_t *at, uint32_t size, int64_t ticks, bool *wanted)
{
    if (type->selector == ETL_SELECT_HOOK && load_u16(at + ETL_RECORD_HOOK_AT) >> 8 == 0) {
        return false;
    }
    *wanted = etl_filter_wants(scan->filter, type, at);
    return !*wanted || !scan->storing || store(scan, type, at, size, ticks);
}

/*
 * Neighbours are of any type, and a branch on it would be guessed wrong at most records: what types
 * differ in is looked up, and all that is random to the processor is arithmetic. The next record
 * waits for nothing but this one's size.
 */
const uint8_t *etl_scan_records(struct etl_scan *scan, const uint8_t *at, const uint8_t *end)
{
    struct etl_scan local = *scan; /* what nobody else points to stays in registers */
    while ((size_t)(end - at) >= ETL_RECORD_TIMED_LEN_MIN) {
        uint64_t head = load_u64(at);
        unsigned number = (unsigned)(head >> 16 & 0xFFFF) - MARKER_HEAD;
        if (number >= ETL_RECORD_TYPE_COUNT) {
            break;
        }
        const struct etl_record_type *type = &etl_record_types[number];
        uint32_t size = (uint32_t)(head >> type->size_at * 8 & 0xFFFF);
        uint32_t stride = etl_record_stride(size);
        if (type->ticks_at == 0 || size < type->header_len || stride > (size_t)(end - at)) {
            break;
        }
        unsigned key = load_u16(at + type->key_at);
        int64_t ticks = (int64_t)load_u64(at + type->ticks_at);
        bool wanted = false;
        if (etl_filter_may_want(scan->filter, type->selector, key) &&
            !look_at(&local, type, at, size, ticks, &wanted)) {
            break;
        }
        bool moves = type->kernel_time | wanted;
        local.ticks = ticks;
        local.first_ticks = ticks < local.first_ticks ? ticks : local.first_ticks;
        local.last_ticks = ticks > local.last_ticks ? ticks : local.last_ticks;
        local.backwards += moves & (ticks < local.order);
        local.order = (moves & (ticks > local.order)) ? ticks : local.order;
        local.by_kind[type->kind]++;
        local.total++;
        at += stride;
    }
    *scan = local;
    return at;
}
