/* SPDX-License-Identifier: Apache-2.0 */

#include "parsers/kernel/kernel_thread.h"

#include <string.h>

static void decode_stacks(struct kernel_payload *payload, struct kernel_event *out)
{
    kernel_payload_skip(payload, 2 * payload->pointer_len); /* the kernel's stack */
    out->stack_base = kernel_payload_pointer(payload);
    out->stack_limit = kernel_payload_pointer(payload);
    if (payload->overrun || out->stack_limit >= out->stack_base) {
        out->stack_base = 0;
        out->stack_limit = 0;
    }
}

/* Version 0 is thread id and process id alone, as is the end of a thread in version 1. Version 1
 * has the process id first and adds stacks, 2 the thread environment block and a service tag, 3
 * priorities; since Windows 10 the name follows. */
void kernel_thread_decode(struct kernel_payload *payload, unsigned version,
                          struct kernel_event *out)
{
    uint32_t first = kernel_payload_pid(payload);
    uint32_t second = kernel_payload_pid(payload);
    out->pid = version == 0 ? second : first;
    out->tid = version == 0 ? first : second;
    if (version == 0 || payload->remaining == 0) {
        return;
    }
    decode_stacks(payload, out);
    kernel_payload_skip(payload, 2 * payload->pointer_len); /* affinity, start address */
    if (version == 1) {
        kernel_payload_skip(payload, 1); /* wait mode */
        return;
    }
    kernel_payload_skip(payload, payload->pointer_len + 4); /* environment block, service tag */
    if (version >= 3) {
        kernel_payload_skip(payload, 4); /* priorities and flags */
        if (payload->remaining > 0) {
            kernel_payload_wide(payload, out->name);
        }
    }
}

void kernel_thread_decode_event(struct kernel_payload *payload, struct kernel_event *out)
{
    out->pid = kernel_payload_pid(payload);
    out->tid = kernel_payload_pid(payload);
    decode_stacks(payload, out);
}

void kernel_thread_decode_name(struct kernel_payload *payload, struct kernel_event *out)
{
    out->pid = kernel_payload_pid(payload);
    out->tid = kernel_payload_pid(payload);
    kernel_payload_wide(payload, out->name);
}
