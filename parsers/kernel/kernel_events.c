#include "parsers/kernel/kernel_events.h"

#include "parsers/kernel/kernel_image.h"
#include "parsers/kernel/kernel_payload.h"
#include "parsers/kernel/kernel_process.h"

/* The layouts stand in docs/format.md, "Kernel and helper events". */

const struct guid kernel_process_provider = {{0xD6, 0x2C, 0xFB, 0x22, 0x7B, 0x0E, 0x2B, 0x42, 0xA0,
                                              0xC7, 0x2F, 0xAD, 0x1F, 0xD0, 0xE7, 0x16}};

enum {
    HOOK_PROCESS_START = 0x0301,
    HOOK_PROCESS_END = 0x0302,
    HOOK_PROCESS_DC_START = 0x0303,
    HOOK_PROCESS_DC_END = 0x0304,
    HOOK_IMAGE_LOAD = 0x030A, /* a hook of the process group, unlike the other image records */
    HOOK_IMAGE_UNLOAD = 0x1402,
    HOOK_IMAGE_DC_START = 0x1403,
    HOOK_IMAGE_DC_END = 0x1404,
};

const uint16_t kernel_hook_ids[] = {
    HOOK_PROCESS_START, HOOK_PROCESS_END,  HOOK_PROCESS_DC_START, HOOK_PROCESS_DC_END,
    HOOK_IMAGE_LOAD,    HOOK_IMAGE_UNLOAD, HOOK_IMAGE_DC_START,   HOOK_IMAGE_DC_END,
};
const size_t kernel_hook_id_count = sizeof kernel_hook_ids / sizeof kernel_hook_ids[0];

enum { CLASS_PROCESS, CLASS_IMAGE, CLASS_SYSTEM_CONFIG, CLASS_COUNT };

const struct guid kernel_classes[] = {
    /* 3d6fa8d0-fe05-11d0-9dda-00c04fd7ba7c */
    [CLASS_PROCESS] = {{0xD0, 0xA8, 0x6F, 0x3D, 0x05, 0xFE, 0xD0, 0x11, 0x9D, 0xDA, 0x00, 0xC0,
                        0x4F, 0xD7, 0xBA, 0x7C}},
    /* 2cb15d1d-5fc1-11d2-abe1-00a0c911f518 */
    [CLASS_IMAGE] = {{0x1D, 0x5D, 0xB1, 0x2C, 0xC1, 0x5F, 0xD2, 0x11, 0xAB, 0xE1, 0x00, 0xA0, 0xC9,
                      0x11, 0xF5, 0x18}},
    /* 9b79ee91-b5fd-41c0-a243-4248e266e9d0, written by merge tools */
    [CLASS_SYSTEM_CONFIG] = {{0x91, 0xEE, 0x79, 0x9B, 0xFD, 0xB5, 0xC0, 0x41, 0xA2, 0x43, 0x42,
                              0x48, 0xE2, 0x66, 0xE9, 0xD0}},
};
const size_t kernel_class_count = CLASS_COUNT;

static enum kernel_event_kind kind_of_hook(uint16_t hook_id)
{
    switch (hook_id) {
    case HOOK_PROCESS_START:
        return KERNEL_PROCESS_START;
    case HOOK_PROCESS_END:
        return KERNEL_PROCESS_END;
    case HOOK_PROCESS_DC_START:
    case HOOK_PROCESS_DC_END:
        return KERNEL_PROCESS_SEEN;
    case HOOK_IMAGE_LOAD:
        return KERNEL_IMAGE_LOAD;
    case HOOK_IMAGE_UNLOAD:
        return KERNEL_IMAGE_UNLOAD;
    case HOOK_IMAGE_DC_START:
    case HOOK_IMAGE_DC_END:
        return KERNEL_IMAGE_SEEN;
    default:
        return KERNEL_NONE;
    }
}

/* An opcode of the classic classes is the low byte of the hook id. */
static enum kernel_event_kind kind_of_class(const struct guid *class_guid, uint8_t opcode)
{
    if (guid_equal(class_guid, &kernel_classes[CLASS_PROCESS])) {
        return opcode <= 4 ? kind_of_hook((uint16_t)(0x0300 | opcode)) : KERNEL_NONE;
    }
    if (guid_equal(class_guid, &kernel_classes[CLASS_IMAGE])) {
        return opcode == 0x0A ? KERNEL_IMAGE_LOAD : kind_of_hook((uint16_t)(0x1400 | opcode));
    }
    if (guid_equal(class_guid, &kernel_classes[CLASS_SYSTEM_CONFIG])) {
        return opcode == 0x23 ? KERNEL_VOLUME : KERNEL_NONE;
    }
    return KERNEL_NONE;
}

static void decode_logger(struct kernel_payload *payload, const struct etl_event *event,
                          struct kernel_event *out)
{
    switch (out->kind) {
    case KERNEL_PROCESS_START:
    case KERNEL_PROCESS_SEEN:
    case KERNEL_PROCESS_END:
        kernel_process_decode(payload, event->version, out);
        break;
    case KERNEL_IMAGE_LOAD:
    case KERNEL_IMAGE_SEEN:
    case KERNEL_IMAGE_UNLOAD:
        kernel_image_decode(payload, event->version, event->pid, out);
        break;
    case KERNEL_VOLUME:
        kernel_payload_wide(payload, out->name);
        kernel_payload_wide(payload, out->extra);
        break;
    case KERNEL_NONE:
        break;
    }
}

static void decode_provider(struct kernel_payload *payload, const struct etl_event *event,
                            struct kernel_event *out)
{
    switch (event->id) { /* ids of Kernel-Process */
    case 1:
        out->kind = KERNEL_PROCESS_START;
        kernel_process_decode_start(payload, event->version, out);
        break;
    case 2:
        out->kind = KERNEL_PROCESS_END;
        kernel_process_decode_stop(payload, event->version, out);
        break;
    case 5:
        out->kind = KERNEL_IMAGE_LOAD;
        kernel_image_decode_event(payload, out);
        break;
    case 6:
        out->kind = KERNEL_IMAGE_UNLOAD;
        kernel_image_decode_event(payload, out);
        break;
    case 15:
        out->kind = KERNEL_PROCESS_SEEN;
        kernel_process_decode_start(payload, event->version == 0 ? 1 : 3, out);
        break;
    default:
        break;
    }
}

/* True if the payload ends before the process id or the image's base: such an event is useless. */
static bool is_identity_cut(const struct kernel_event *event, const struct etl_event *record)
{
    size_t pointer_len = record->pointer_size == 4 ? 4 : 8;
    bool from_provider = record->kind == ETL_HEADER_EVENT32 || record->kind == ETL_HEADER_EVENT64;
    size_t least = 0;
    switch (event->kind) {
    case KERNEL_PROCESS_START:
    case KERNEL_PROCESS_SEEN:
    case KERNEL_PROCESS_END:
        least = from_provider ? 4 : record->version == 0 ? pointer_len : pointer_len + 4;
        break;
    case KERNEL_IMAGE_LOAD:
    case KERNEL_IMAGE_SEEN:
    case KERNEL_IMAGE_UNLOAD:
        least = 2 * pointer_len + (from_provider || record->version > 0 ? 4 : 0);
        break;
    case KERNEL_VOLUME:
        least = 1;
        break;
    case KERNEL_NONE:
        break;
    }
    return record->payload_len < least;
}

static void kernel_event_clear(struct kernel_event *out)
{
    out->kind = KERNEL_NONE;
    out->process_key = 0;
    out->pid = ETL_ID_UNKNOWN;
    out->parent_pid = ETL_ID_UNKNOWN;
    out->image_base = 0;
    out->image_size = 0;
    out->time_date_stamp = 0;
    out->checksum = 0;
    out->truncated = false;
    out->name[0] = '\0';
    out->extra[0] = '\0';
}

bool kernel_decode(const struct etl_event *event, struct kernel_event *out)
{
    kernel_event_clear(out);
    struct kernel_payload payload = {.bytes = event->payload,
                                     .remaining = event->payload_len,
                                     .pointer_len = event->pointer_size == 4 ? 4 : 8};
    switch (event->kind) {
    case ETL_HEADER_SYSTEM32:
    case ETL_HEADER_SYSTEM64:
    case ETL_HEADER_COMPACT32:
    case ETL_HEADER_COMPACT64:
    case ETL_HEADER_PERFINFO32:
    case ETL_HEADER_PERFINFO64:
        out->kind = kind_of_hook(event->id);
        decode_logger(&payload, event, out);
        break;
    case ETL_HEADER_FULL32:
    case ETL_HEADER_FULL64:
    case ETL_HEADER_INSTANCE32:
    case ETL_HEADER_INSTANCE64:
        out->kind = kind_of_class(&event->provider, event->opcode);
        decode_logger(&payload, event, out);
        break;
    case ETL_HEADER_EVENT32:
    case ETL_HEADER_EVENT64:
        if (guid_equal(&event->provider, &kernel_process_provider)) {
            decode_provider(&payload, event, out);
        }
        break;
    case ETL_HEADER_WPP:
    case ETL_HEADER_OTHER:
    case ETL_HEADER_COUNT:
        break;
    }
    if (is_identity_cut(out, event)) {
        kernel_event_clear(out);
    }
    out->truncated = payload.overrun;
    return out->kind != KERNEL_NONE;
}
