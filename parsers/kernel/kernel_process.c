/* SPDX-License-Identifier: Apache-2.0 */

#include "parsers/kernel/kernel_process.h"

#include <string.h>

#include "base/least.h"
#include "base/load.h"

enum { SID_HEAD_LEN = 8, SID_REVISION = 1, SID_AUTHORITIES_MAX = 15 };

size_t kernel_sid_len(const uint8_t *bytes, size_t len)
{
    if (len < SID_HEAD_LEN || bytes[0] != SID_REVISION || bytes[1] > SID_AUTHORITIES_MAX) {
        return 0;
    }
    size_t sid = SID_HEAD_LEN + 4 * (size_t)bytes[1];
    return sid <= len ? sid : 0;
}

static bool bytes_are_zero(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] != 0) {
            return false;
        }
    }
    return true;
}

/* The kernel writes 4 zero bytes for no SID, otherwise a TOKEN_USER (two pointers, which mean
 * nothing in a file) and the SID. Made-up traces have a TOKEN_USER of zeros before a SID. The name
 * follows the 4 zero bytes directly, so zeros as long as a TOKEN_USER before a valid SID are no
 * short form.
 */
const uint8_t *kernel_process_user_sid(struct kernel_payload *payload, size_t *len)
{
    size_t token_len = 2 * payload->pointer_len;

    *len = 0;
    if (payload->overrun || payload->remaining < 4) {
        kernel_payload_skip(payload, 4);
        return NULL;
    }
    size_t before = least_size(token_len, payload->remaining);
    size_t sid = kernel_sid_len(payload->bytes + before, payload->remaining - before);
    if (load_u32(payload->bytes) == 0 && (sid == 0 || !bytes_are_zero(payload->bytes, token_len))) {
        kernel_payload_skip(payload, 4);
        return NULL;
    }
    if (sid == 0) {
        payload->overrun = true;
        return NULL;
    }
    kernel_payload_skip(payload, token_len);
    *len = sid;
    return kernel_payload_take(payload, sid);
}

/* Version 0 has the pids as pointers. Version 1 adds page directory base, session and exit status,
 * 2 the command line, and has a key in the page directory's place; 3 adds the page directory again,
 * 4 flags. */
void kernel_process_decode(struct kernel_payload *payload, unsigned version,
                           struct kernel_event *out)
{
    if (version == 0) {
        out->pid = (uint32_t)kernel_payload_pointer(payload);
        out->parent_pid = (uint32_t)kernel_payload_pointer(payload);
    } else {
        uint64_t key = kernel_payload_pointer(payload);
        out->process_key = version >= 2 ? key : 0;
        out->pid = kernel_payload_pid(payload);
        out->parent_pid = kernel_payload_pid(payload);
        kernel_payload_skip(payload, 8);
    }
    if (version >= 3) {
        kernel_payload_skip(payload, payload->pointer_len);
    }
    if (version >= 4) {
        kernel_payload_skip(payload, 4);
    }
    size_t sid_len;
    (void)kernel_process_user_sid(payload, &sid_len);
    kernel_payload_ansi(payload, out->name);
    if (version >= 2) {
        kernel_payload_wide(payload, out->extra);
    }
}

/* Kernel-Process gives a process's image as an NT path: keeps what stands behind its last slash. */
static void keep_bare_name(char *name)
{
    const char *slash = strrchr(name, '\\');
    if (slash != NULL) {
        memmove(name, slash + 1, strlen(slash + 1) + 1);
    }
}

void kernel_process_decode_start(struct kernel_payload *payload, unsigned layout,
                                 struct kernel_event *out)
{
    out->pid = kernel_payload_u32(payload);
    if (layout >= 3) {
        kernel_payload_skip(payload, 8); /* sequence number */
    }
    kernel_payload_skip(payload, 8); /* creation time */
    out->parent_pid = kernel_payload_pid(payload);
    if (layout >= 3) {
        kernel_payload_skip(payload, 8);
    }
    kernel_payload_skip(payload, 4); /* session */
    if (layout >= 1) {
        kernel_payload_skip(payload, 4); /* flags */
    }
    if (layout >= 3) {
        kernel_payload_skip(payload, 8); /* token elevation */
        size_t sid = kernel_sid_len(payload->bytes, payload->remaining);
        if (sid == 0) {
            payload->overrun = true;
        }
        kernel_payload_skip(payload, sid);
    }
    kernel_payload_wide(payload, out->name);
    keep_bare_name(out->name);
}

void kernel_process_decode_stop(struct kernel_payload *payload, unsigned version,
                                struct kernel_event *out)
{
    out->pid = kernel_payload_u32(payload);
    if (version >= 2) {
        kernel_payload_skip(payload, 8); /* sequence number */
    }
    kernel_payload_skip(payload, 44); /* times, exit code, token elevation, handles, commit */
    if (version >= 1) {
        kernel_payload_skip(payload, 28); /* cycles and input/output counters */
    }
    kernel_payload_ansi(payload, out->name);
    keep_bare_name(out->name);
}
