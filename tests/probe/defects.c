/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/probe/probe.h"

#include <string.h>

void probe_drain(const struct probe_socket *socket)
{
    static char memory[256 << 10];
    const DWORD moment_ms = 100;

    probe_set_option(socket, SOL_SOCKET, SO_RCVTIMEO, &moment_ms, sizeof moment_ms);
    for (;;) {
        struct probe_call call;

        probe_prepare(&call, "recv", PROBE_BLOCKING, socket, memory, sizeof memory);
        if (!probe_run(&call) || call.bytes == 0) {
            return;
        }
    }
}

bool probe_hold_sends(const struct probe_socket *socket)
{
    const int none = 0;

    return probe_set_option(socket, SOL_SOCKET, SO_SNDBUF, &none, sizeof none);
}

/* A receive ends when its peer has sent; two need two sends that don't arrive as one. */
static bool feed(const struct probe_socket *peer, unsigned times)
{
    bool good = true;

    for (unsigned i = 0; i < times && good; i++) {
        struct probe_call call;

        memset(probe_buffer(6), 'a' + (int)i, 64);
        probe_prepare(&call, "send", PROBE_BLOCKING, peer, probe_buffer(6), 64);
        good = probe_run(&call);
        Sleep(PROBE_PAUSE_MS);
    }
    return good;
}

enum probe_outcome probe_defect(const char *rule, struct probe_call *first,
                                struct probe_call *second, const struct probe_socket *peer)
{
    if (!probe_post(first)) {
        return PROBE_FAILED;
    }
    Sleep(PROBE_PAUSE_MS);
    if (!probe_post(second)) {
        return PROBE_FAILED;
    }
    if (first->pending) {
        probe_note_defect(rule, first, second);
    } else {
        probe_note_reason("the first operation ended at once: nothing was harmed");
    }
    bool good = feed(peer, 2);
    probe_drain(peer);
    return good && probe_await(first) && probe_await(second) ? PROBE_DONE : PROBE_FAILED;
}
