/* SPDX-License-Identifier: Apache-2.0 */

#include "parsers/kernel/kernel_events.h"

#include "parsers/kernel/kernel_image.h"
#include "parsers/kernel/kernel_merged.h"
#include "parsers/kernel/kernel_payload.h"
#include "parsers/kernel/kernel_process.h"
#include "parsers/kernel/kernel_thread.h"

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
    HOOK_THREAD_START = 0x0501,
    HOOK_THREAD_END = 0x0502,
    HOOK_THREAD_DC_START = 0x0503,
    HOOK_THREAD_DC_END = 0x0504,
    HOOK_THREAD_NAME = 0x0548,
};

const uint16_t kernel_hook_ids[] = {
    HOOK_PROCESS_START, HOOK_PROCESS_END,  HOOK_PROCESS_DC_START, HOOK_PROCESS_DC_END,
    HOOK_IMAGE_LOAD,    HOOK_IMAGE_UNLOAD, HOOK_IMAGE_DC_START,   HOOK_IMAGE_DC_END,
    HOOK_THREAD_START,  HOOK_THREAD_END,   HOOK_THREAD_DC_START,  HOOK_THREAD_DC_END,
    HOOK_THREAD_NAME,
};
const size_t kernel_hook_id_count = sizeof kernel_hook_ids / sizeof kernel_hook_ids[0];

enum { CLASS_PROCESS, CLASS_IMAGE, CLASS_SYSTEM_CONFIG, CLASS_THREAD, CLASS_IMAGE_ID, CLASS_COUNT };

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
    /* 3d6fa8d1-fe05-11d0-9dda-00c04fd7ba7c */
    [CLASS_THREAD] = {{0xD1, 0xA8, 0x6F, 0x3D, 0x05, 0xFE, 0xD0, 0x11, 0x9D, 0xDA, 0x00, 0xC0, 0x4F,
                       0xD7, 0xBA, 0x7C}},
    /* b3e675d7-2554-4f18-830b-2762732560de, written by merge tools */
    [CLASS_IMAGE_ID] = {{0xD7, 0x75, 0xE6, 0xB3, 0x54, 0x25, 0x18, 0x4F, 0x83, 0x0B, 0x27, 0x62,
                         0x73, 0x25, 0x60, 0xDE}},
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
    case HOOK_THREAD_START:
        return KERNEL_THREAD_START;
    case HOOK_THREAD_DC_START:
    case HOOK_THREAD_DC_END:
        return KERNEL_THREAD_SEEN;
    case HOOK_THREAD_END:
        return KERNEL_THREAD_END;
    case HOOK_THREAD_NAME:
        return KERNEL_THREAD_NAME;
    default:
        return KERNEL_NONE;
    }
}

/* Opcodes of the merge tools' image identities. */
static enum kernel_event_kind kind_of_image_id(uint8_t opcode)
{
    switch (opcode) {
    case 0x00:
        return KERNEL_IMAGE_ID;
    case 0x24: /* machine code */
    case 0x25: /* managed code */
        return KERNEL_IMAGE_PDB;
    case 0x40:
        return KERNEL_IMAGE_VERSION;
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
    if (guid_equal(class_guid, &kernel_classes[CLASS_THREAD])) {
        return kind_of_hook((uint16_t)(0x0500 | opcode));
    }
    if (guid_equal(class_guid, &kernel_classes[CLASS_IMAGE_ID])) {
        return kind_of_image_id(opcode);
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
    case KERNEL_THREAD_START:
    case KERNEL_THREAD_SEEN:
    case KERNEL_THREAD_END:
        kernel_thread_decode(payload, event->version, out);
        break;
    case KERNEL_THREAD_NAME:
        kernel_thread_decode_name(payload, out);
        break;
    case KERNEL_IMAGE_ID:
        kernel_merged_decode_image_id(payload, out);
        break;
    case KERNEL_IMAGE_PDB:
        out->pdb_is_managed = event->opcode == 0x25;
        kernel_merged_decode_pdb(payload, out);
        break;
    case KERNEL_IMAGE_VERSION:
        kernel_merged_decode_version(payload, out);
        break;
    case KERNEL_VOLUME:
        kernel_merged_decode_volume(payload, out);
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
    case 3:
        out->kind = KERNEL_THREAD_START;
        kernel_thread_decode_event(payload, out);
        break;
    case 4:
        out->kind = KERNEL_THREAD_END;
        kernel_thread_decode_event(payload, out);
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

/* True if the payload ends before what the event is about: such an event is useless. */
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
    case KERNEL_THREAD_START:
    case KERNEL_THREAD_SEEN:
    case KERNEL_THREAD_END:
    case KERNEL_THREAD_NAME:
    case KERNEL_IMAGE_VERSION:
        least = 8;
        break;
    case KERNEL_IMAGE_ID:
        least = 2 * pointer_len + 8;
        break;
    case KERNEL_IMAGE_PDB:
        least = pointer_len + 4 + sizeof event->pdb_guid.bytes + 4;
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
    out->tid = ETL_ID_UNKNOWN;
    out->image_base = 0;
    out->image_size = 0;
    out->time_date_stamp = 0;
    out->checksum = 0;
    out->stack_base = 0;
    out->stack_limit = 0;
    out->pdb_guid = (struct guid){0};
    out->pdb_age = 0;
    out->pdb_is_managed = false;
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
