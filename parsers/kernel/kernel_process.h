/* SPDX-License-Identifier: Apache-2.0 */

#ifndef PARSERS_KERNEL_KERNEL_PROCESS_H
#define PARSERS_KERNEL_KERNEL_PROCESS_H

/* Payloads of records and events about processes. The caller has set out->kind. */

#include <stddef.h>
#include <stdint.h>

#include "parsers/kernel/kernel_event.h"
#include "parsers/kernel/kernel_payload.h"

/* Bytes of the SID at bytes[0..len), or 0: none is there. */
size_t kernel_sid_len(const uint8_t *bytes, size_t len);

/* Steps over the user's SID in a record of the kernel logger and gives it, borrowed; NULL where the
 * record has none. */
const uint8_t *kernel_process_user_sid(struct kernel_payload *payload, size_t *len);

/* A record of the kernel logger, of versions 0 to 5. */
void kernel_process_decode(struct kernel_payload *payload, unsigned version,
                           struct kernel_event *out);

/* ProcessStart and ProcessRundown of Kernel-Process. `layout` is the version of ProcessStart, 0 to
 * 3. ProcessRundown of version 0 has the layout of start 1, of version 1 that of start 3. */
void kernel_process_decode_start(struct kernel_payload *payload, unsigned layout,
                                 struct kernel_event *out);

/* ProcessStop of Kernel-Process. */
void kernel_process_decode_stop(struct kernel_payload *payload, unsigned version,
                                struct kernel_event *out);

#endif
