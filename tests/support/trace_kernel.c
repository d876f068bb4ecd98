/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "tests/support/trace_internal.h"

const struct guid kernel_process_guid = {{0xd6, 0x2c, 0xfb, 0x22, 0x7b, 0x0e, 0x2b, 0x42, 0xa0,
                                          0xc7, 0x2f, 0xad, 0x1f, 0xd0, 0xe7, 0x16}};
const struct guid process_class_guid = {{0xd0, 0xa8, 0x6f, 0x3d, 0x05, 0xfe, 0xd0, 0x11, 0x9d, 0xda,
                                         0x00, 0xc0, 0x4f, 0xd7, 0xba, 0x7c}};
const struct guid image_class_guid = {{0x1d, 0x5d, 0xb1, 0x2c, 0xc1, 0x5f, 0xd2, 0x11, 0xab, 0xe1,
                                       0x00, 0xa0, 0xc9, 0x11, 0xf5, 0x18}};

#define HOOK_TERMINATE 0x030B
#define HOOK_IMAGE_LOAD 0x030A
#define STATUS_RUNNING 0x103

static bool hook_is_image(uint16_t hook_id)
{
    return hook_id == HOOK_IMAGE_LOAD || hook_id >> 8 == 0x14;
}

/* Writes a process record of version 3 or 4 (version 4 adds Flags and two strings). The UserSID is
 * a single zero u32, which stands for none. */
static void process_encode(const struct kernel_values *v, unsigned p, struct trace_bytes *out)
{
    bytes_number(out, v->process, p);
    bytes_number(out, v->target, 4);
    bytes_number(out, v->parent, 4);
    bytes_number(out, v->session, 4);
    bytes_number(out, v->exit_status, 4);
    bytes_number(out, 0, p); /* DirectoryTableBase */
    if (v->version >= 4) {
        bytes_number(out, 0, 4); /* Flags */
    }
    bytes_number(out, 0, 4); /* UserSID: none */
    bytes_put(out, v->image, strlen(v->image) + 1);
    bytes_utf16(out, v->command);
    if (v->version >= 4) {
        bytes_utf16(out, ""); /* PackageFullName */
        bytes_utf16(out, ""); /* ApplicationId */
    }
}

static void image_encode(const struct kernel_values *v, unsigned p, struct trace_bytes *out)
{
    bytes_number(out, v->base, p);
    bytes_number(out, v->size, p);
    bytes_number(out, v->target, 4);
    bytes_number(out, v->checksum, 4);
    bytes_number(out, v->stamp, 4);
    bytes_number(out, 0, 4); /* signature level and type */
    bytes_number(out, 0, p); /* DefaultBase */
    bytes_fill(out, 0, 16);
    bytes_utf16(out, v->image);
}

/* Writes the payload of Kernel-Process events 1 to 6 and 15. */
static void kernel_process_encode(const struct kernel_values *v, unsigned p,
                                  struct trace_bytes *out)
{
    if (v->event_id == 5 || v->event_id == 6) {
        bytes_number(out, v->base, p);
        bytes_number(out, v->size, p);
        bytes_number(out, v->target, 4);
        bytes_number(out, v->checksum, 4);
        bytes_number(out, v->stamp, 4);
        bytes_number(out, 0, p);
        bytes_utf16(out, v->image);
        return;
    }
    bytes_number(out, v->target, 4);
    bytes_number(out, 0, 8); /* CreateTime */
    if (v->event_id == 2) {
        bytes_number(out, 0, 8); /* ExitTime */
        bytes_number(out, v->exit_status, 4);
        bytes_number(out, 0, 8);                            /* elevation, handles */
        bytes_fill(out, 0, v->version >= 1 ? 16 + 28 : 16); /* commit; v1: five counters */
        bytes_put(out, v->image, strlen(v->image) + 1);
        return;
    }
    bytes_number(out, v->parent, 4);
    bytes_number(out, v->session, 4);
    if (v->version >= 1 || v->event_id == 15) {
        bytes_number(out, 0, 4); /* Flags */
    }
    bytes_utf16(out, v->image);
}

void kernel_values_encode(const struct kernel_values *values, unsigned pointer_size,
                          struct trace_bytes *out)
{
    if (values->hook_id == 0) {
        kernel_process_encode(values, pointer_size, out);
    } else if (values->hook_id == HOOK_TERMINATE) {
        bytes_number(out, values->target, 4);
    } else if (hook_is_image(values->hook_id)) {
        image_encode(values, pointer_size, out);
    } else {
        process_encode(values, pointer_size, out);
    }
}

/* Reads text of a payload as ASCII. Other text comes out wrong, which the caller finds by encoding
 * the values again. */
static size_t text_load(const uint8_t *at, size_t len, unsigned width, char *text)
{
    size_t n = 0;
    size_t used = 0;
    while (used + width <= len && number_load(at + used, width) != 0 && n + 1 < KERNEL_TEXT_LEN) {
        text[n++] = (char)at[used];
        used += width;
    }
    text[n] = '\0';
    return used + width <= len ? used + width : len;
}

static void process_load(struct kernel_values *v, unsigned p, const uint8_t *at, size_t len)
{
    size_t fixed = p + 16 + p + (v->version >= 4 ? 8 : 4);
    if (len < fixed) {
        return;
    }
    v->process = number_load(at, p);
    v->target = (uint32_t)number_load(at + p, 4);
    v->parent = (uint32_t)number_load(at + p + 4, 4);
    v->session = (uint32_t)number_load(at + p + 8, 4);
    v->exit_status = (uint32_t)number_load(at + p + 12, 4);
    size_t used = fixed + text_load(at + fixed, len - fixed, 1, v->image);
    text_load(at + used, len - used, 2, v->command);
}

static void image_load(struct kernel_values *v, unsigned p, const uint8_t *at, size_t len,
                       size_t after_stamp)
{
    size_t fixed = 2 * p + 12 + after_stamp;
    if (len < fixed) {
        return;
    }
    v->base = number_load(at, p);
    v->size = number_load(at + p, p);
    v->target = (uint32_t)number_load(at + 2 * p, 4);
    v->checksum = (uint32_t)number_load(at + 2 * p + 4, 4);
    v->stamp = (uint32_t)number_load(at + 2 * p + 8, 4);
    text_load(at + fixed, len - fixed, 2, v->image);
}

static void kernel_process_load(struct kernel_values *v, unsigned p, const uint8_t *at, size_t len)
{
    if (v->event_id == 5 || v->event_id == 6) {
        image_load(v, p, at, len, p);
        return;
    }
    if (len < 20) {
        return;
    }
    v->target = (uint32_t)number_load(at, 4);
    if (v->event_id == 2) {
        size_t fixed = v->version >= 1 ? 76 : 48;
        if (len >= fixed) {
            v->exit_status = (uint32_t)number_load(at + 20, 4);
            text_load(at + fixed, len - fixed, 1, v->image);
        }
        return;
    }
    v->parent = (uint32_t)number_load(at + 12, 4);
    v->session = (uint32_t)number_load(at + 16, 4);
    size_t fixed = v->version >= 1 || v->event_id == 15 ? 24 : 20;
    if (len >= fixed) {
        text_load(at + fixed, len - fixed, 2, v->image);
    }
}

static bool values_load(struct kernel_values *v, const struct trace_event *event,
                        const uint8_t *payload)
{
    unsigned p = event_pointer_size(event->kind);
    size_t len = event->payload_len;
    v->version = event->record_version;
    if (v->hook_id == HOOK_TERMINATE) {
        v->target = len >= 4 ? (uint32_t)number_load(payload, 4) : 0;
    } else if (hook_is_image(v->hook_id)) {
        image_load(v, p, payload, len, 4 + p + 16);
    } else if (v->hook_id >> 8 == 0x03) {
        process_load(v, p, payload, len);
    } else {
        return false;
    }
    return true;
}

bool kernel_values_decode(const struct trace_event *event, const uint8_t *payload,
                          struct kernel_values *values)
{
    *values = (struct kernel_values){.exit_status = STATUS_RUNNING};
    bool is_event = event->kind == ETL_HEADER_EVENT32 || event->kind == ETL_HEADER_EVENT64;
    if (is_event && guid_equal(&event->provider, &kernel_process_guid)) {
        values->event_id = event->id;
        values->version = event->version;
        kernel_process_load(values, event_pointer_size(event->kind), payload, event->payload_len);
    } else {
        values->hook_id = event->hook_id;
        if (is_event || event->hook_id == 0 || !values_load(values, event, payload)) {
            return false;
        }
    }
    struct trace_bytes again = {0};
    kernel_values_encode(values, event_pointer_size(event->kind), &again);
    bool same = again.len == event->payload_len && memcmp(again.data, payload, again.len) == 0;
    trace_bytes_finish(&again);
    return same;
}
