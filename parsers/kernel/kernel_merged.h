/* SPDX-License-Identifier: Apache-2.0 */

#ifndef PARSERS_KERNEL_KERNEL_MERGED_H
#define PARSERS_KERNEL_KERNEL_MERGED_H

/* Payloads of records that merge tools add. The caller has set out->kind. */

#include "parsers/kernel/kernel_event.h"
#include "parsers/kernel/kernel_payload.h"

void kernel_merged_decode_image_id(struct kernel_payload *payload, struct kernel_event *out);
void kernel_merged_decode_pdb(struct kernel_payload *payload, struct kernel_event *out);
void kernel_merged_decode_version(struct kernel_payload *payload, struct kernel_event *out);
void kernel_merged_decode_volume(struct kernel_payload *payload, struct kernel_event *out);

#endif
