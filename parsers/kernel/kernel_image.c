/* SPDX-License-Identifier: Apache-2.0 */

#include "parsers/kernel/kernel_image.h"

/* Version 0 has no process id: the image was loaded by the thread of the record's header. */
static void decode_image_fields(struct kernel_payload *payload, unsigned version,
                                uint32_t header_pid, struct kernel_event *out)
{
    out->image_base = kernel_payload_pointer(payload);
    out->image_size = kernel_payload_pointer(payload);
    out->pid = version == 0 ? header_pid : kernel_payload_u32(payload);
    if (version >= 2) {
        out->checksum = kernel_payload_u32(payload);
        out->time_date_stamp = kernel_payload_u32(payload);
        kernel_payload_skip(payload, 4); /* v3: signature level and type */
        kernel_payload_skip(payload, payload->pointer_len + 16);
    }
    kernel_payload_wide(payload, out->name);
}

/* Some tools write the 64-bit layout under a 32-bit header. The 32-bit layout's size is the upper
 * half of the base there, and 0. No image has a size of 0, so then the 64-bit layout is tried. */
void kernel_image_decode(struct kernel_payload *payload, unsigned version, uint32_t header_pid,
                         struct kernel_event *out)
{
    struct kernel_payload wide = *payload;
    decode_image_fields(payload, version, header_pid, out);
    if (out->image_size != 0 || wide.pointer_len == 8 || version < 2) {
        return;
    }
    struct kernel_event narrow = *out;
    out->name[0] = '\0';
    wide.pointer_len = 8;
    decode_image_fields(&wide, version, header_pid, out);
    if (wide.overrun) {
        *out = narrow;
    } else {
        *payload = wide;
    }
}

void kernel_image_decode_event(struct kernel_payload *payload, struct kernel_event *out)
{
    out->image_base = kernel_payload_pointer(payload);
    out->image_size = kernel_payload_pointer(payload);
    out->pid = kernel_payload_u32(payload);
    out->checksum = kernel_payload_u32(payload);
    out->time_date_stamp = kernel_payload_u32(payload);
    kernel_payload_skip(payload, payload->pointer_len);
    kernel_payload_wide(payload, out->name);
}
