#include "parsers/etl_scan.h"

#include "parsers/load.h"

/* Where every header that has a GUID has its size and time, and those with a hook id their size:
 * known to the compiler, finding the next record waits for one load. */
#define GUID_SIZE_AT 0x00
#define GUID_TICKS_AT 0x10
#define HOOK_SIZE_AT 0x04
#define TYPE_AT 0x02 /* u16 of the marker: all of it that tells the type */

/* False: it is wanted, but there is no room for it. */
static inline bool take(struct etl_scan *scan, const struct etl_record_type *type,
                        const uint8_t *at, uint32_t size, uint32_t stride, int64_t ticks,
                        bool wanted)
{
    bool stored = wanted && scan->storing;
    if (stored && (stride > scan->room || scan->next == scan->next_end)) {
        return false;
    }
    scan->ticks = ticks;
    scan->first_ticks = ticks < scan->first_ticks ? ticks : scan->first_ticks;
    scan->last_ticks = ticks > scan->last_ticks ? ticks : scan->last_ticks;
    if (type->kernel_time || wanted) {
        scan->backwards += ticks < scan->order;
        scan->order = ticks > scan->order ? ticks : scan->order;
    }
    if (stored) {
        struct etl_stored *item = scan->next++;
        scan->room -= stride;
        item->order = scan->order;
        item->ticks = ticks;
        item->at = (uint32_t)(at - scan->bytes);
        item->position = scan->position + item->at;
        item->size = size;
        item->kind = type->kind;
    }
    return true;
}

/* Records of one type that a GUID tells apart, up to another type. */
static inline const uint8_t *scan_guids(struct etl_scan *scan, const struct etl_record_type *type,
                                        const uint8_t *at, const uint8_t *end)
{
    const struct etl_filter_table *filter = scan->filter;
    bool is_class = type->selector == ETL_SELECT_CLASS;
    const struct etl_filter_guid *guids = filter->guids + (is_class ? filter->provider_count : 0);
    size_t guid_count = is_class ? filter->class_count : filter->provider_count;
    size_t header_len = type->header_len;
    uint64_t count = 0;
    for (uint16_t head = load_u16(at + TYPE_AT);
         (size_t)(end - at) >= header_len && load_u16(at + TYPE_AT) == head; count++) {
        uint32_t size = load_u16(at + GUID_SIZE_AT);
        uint32_t stride = etl_record_stride(size);
        if (size < header_len || stride > (size_t)(end - at)) {
            break;
        }
        bool wanted =
            etl_filter_has_guid(guids, guid_count, at + ETL_RECORD_GUID_AT) || filter->everything;
        int64_t ticks = (int64_t)load_u64(at + GUID_TICKS_AT);
        if (!take(scan, type, at, size, stride, ticks, wanted)) {
            break;
        }
        at += stride;
    }
    scan->total += count;
    scan->by_kind[type->kind] += count;
    return at;
}

/* Records of one type that a hook id tells apart, up to another type. */
static inline const uint8_t *scan_hooks(struct etl_scan *scan, const struct etl_record_type *type,
                                        const uint8_t *at, const uint8_t *end)
{
    const struct etl_filter_table *filter = scan->filter;
    size_t header_len = type->header_len;
    size_t ticks_at = type->ticks_at;
    uint64_t count = 0;
    for (uint16_t head = load_u16(at + TYPE_AT);
         (size_t)(end - at) >= header_len && load_u16(at + TYPE_AT) == head; count++) {
        uint32_t size = load_u16(at + HOOK_SIZE_AT);
        uint32_t stride = etl_record_stride(size);
        unsigned hook_id = load_u16(at + ETL_RECORD_HOOK_AT);
        bool of_trace = hook_id >> 8 == 0;
        if (size < header_len || stride > (size_t)(end - at) || of_trace) {
            break;
        }
        bool wanted = etl_filter_has_hook(filter, hook_id) || filter->everything;
        int64_t ticks = (int64_t)load_u64(at + ticks_at);
        if (!take(scan, type, at, size, stride, ticks, wanted)) {
            break;
        }
        at += stride;
    }
    scan->total += count;
    scan->by_kind[type->kind] += count;
    return at;
}

const uint8_t *etl_scan_records(struct etl_scan *scan, const uint8_t *at, const uint8_t *end)
{
    struct etl_scan local = *scan; /* what nobody else points to stays in registers */
    while ((size_t)(end - at) >= ETL_RECORD_TIMED_LEN_MIN) {
        const struct etl_record_type *type = etl_record_type_of(load_u32(at));
        const uint8_t *begin = at;
        if (type->ticks_at == 0) {
            break;
        }
        at = type->selector == ETL_SELECT_HOOK ? scan_hooks(&local, type, at, end)
                                               : scan_guids(&local, type, at, end);
        if (at == begin) {
            break;
        }
    }
    *scan = local;
    return at;
}
