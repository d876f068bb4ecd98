/* SPDX-License-Identifier: Apache-2.0 */

#ifndef PARSERS_KERNEL_KERNEL_THREAD_H
#define PARSERS_KERNEL_KERNEL_THREAD_H

/* Payloads of records and events about threads. The caller has set out->kind. */

#include "parsers/kernel/kernel_event.h"
#include "parsers/kernel/kernel_payload.h"

/* A record of the kernel logger: start, end or rundown, of versions 0 to 4. */
void kernel_thread_decode(struct kernel_payload *payload, unsigned version,
                          struct kernel_event *out);

/* ThreadStart and ThreadStop of Kernel-Process. */
void kernel_thread_decode_event(struct kernel_payload *payload, struct kernel_event *out);

/* The record that gives a thread its name. */
void kernel_thread_decode_name(struct kernel_payload *payload, struct kernel_event *out);

#endif
