/* SPDX-License-Identifier: Apache-2.0 */

#ifndef PARSERS_KERNEL_KERNEL_EVENTS_H
#define PARSERS_KERNEL_KERNEL_EVENTS_H

/*
 * Decodes what a trace says of processes and images: records of the kernel logger (SYSTEM and
 * PERFINFO records; on Vista and 7 FULL records of the classic classes) and events of
 * Microsoft-Windows-Kernel-Process.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/guid.h"
#include "parsers/etl/etl_event.h"
#include "parsers/kernel/kernel_event.h"

extern const struct guid kernel_process_provider; /* 22fb2cd6-0e7b-422b-a0c7-2fad1fd0e716 */

/* Hook ids and classes to ask the reader for, beside the provider: all that kernel_decode() knows.
 */
extern const uint16_t kernel_hook_ids[];
extern const size_t kernel_hook_id_count;
extern const struct guid kernel_classes[]; /* Process, Image, and the merge tools' SystemConfig */
extern const size_t kernel_class_count;

/* Decodes an event; reads at most payload_len bytes of its payload. False, and kind KERNEL_NONE,
 * for an event of no other kind. An event that the payload's end cuts is decoded as far as it goes.
 */
bool kernel_decode(const struct etl_event *event, struct kernel_event *out);

#endif
