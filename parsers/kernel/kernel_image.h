/* SPDX-License-Identifier: Apache-2.0 */

#ifndef PARSERS_KERNEL_KERNEL_IMAGE_H
#define PARSERS_KERNEL_KERNEL_IMAGE_H

/* Payloads of records and events about images. The caller has set out->kind. */

#include "parsers/kernel/kernel_event.h"
#include "parsers/kernel/kernel_payload.h"

/* A record of the kernel logger, of versions 0 to 3. `header_pid` is the record's. */
void kernel_image_decode(struct kernel_payload *payload, unsigned version, uint32_t header_pid,
                         struct kernel_event *out);

/* ImageLoad and ImageUnload of Kernel-Process. */
void kernel_image_decode_event(struct kernel_payload *payload, struct kernel_event *out);

#endif
