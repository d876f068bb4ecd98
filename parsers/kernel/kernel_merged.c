/* SPDX-License-Identifier: Apache-2.0 */

#include "parsers/kernel/kernel_merged.h"

#include <string.h>

void kernel_merged_decode_image_id(struct kernel_payload *payload, struct kernel_event *out)
{
    out->image_base = kernel_payload_pointer(payload);
    out->image_size = kernel_payload_pointer(payload);
    out->pid = kernel_payload_pid(payload);
    out->time_date_stamp = kernel_payload_u32(payload);
    kernel_payload_wide(payload, out->name);
}

void kernel_merged_decode_pdb(struct kernel_payload *payload, struct kernel_event *out)
{
    out->image_base = kernel_payload_pointer(payload);
    out->pid = kernel_payload_pid(payload);
    const uint8_t *guid = kernel_payload_take(payload, sizeof out->pdb_guid.bytes);
    if (guid != NULL) {
        memcpy(out->pdb_guid.bytes, guid, sizeof out->pdb_guid.bytes);
    }
    out->pdb_age = kernel_payload_u32(payload);
    kernel_payload_ansi(payload, out->name);
}

/* The texts are the original name, a description, the version as its maker wrote it, the version as
 * four numbers, and six more. */
void kernel_merged_decode_version(struct kernel_payload *payload, struct kernel_event *out)
{
    char written[KERNEL_TEXT_MAX] = "";

    out->image_size = kernel_payload_u32(payload);
    out->time_date_stamp = kernel_payload_u32(payload);
    kernel_payload_wide(payload, out->name);
    kernel_payload_wide(payload, written);
    written[0] = '\0';
    kernel_payload_wide(payload, written);
    kernel_payload_wide(payload, out->extra);
    if (out->extra[0] == '\0') {
        memcpy(out->extra, written, strlen(written) + 1);
    }
}

void kernel_merged_decode_volume(struct kernel_payload *payload, struct kernel_event *out)
{
    kernel_payload_wide(payload, out->name);
    kernel_payload_wide(payload, out->extra);
}
