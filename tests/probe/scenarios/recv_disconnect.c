/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/probe/probe.h"

static bool run(struct probe_pair *pair)
{
    struct probe_call call;

    probe_prepare(&call, "WSARecv", PROBE_EVENT, &pair->mine, probe_buffer(0), PROBE_BUFFER_SIZE);
    if (!probe_post(&call)) {
        return false;
    }
    Sleep(PROBE_PAUSE_MS);
    probe_socket_close(&pair->peer);
    return probe_await(&call);
}

enum probe_outcome scenario_recv_disconnect(void)
{
    return probe_with_pair(AF_INET, SOCK_STREAM, run);
}
