/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/probe/probe.h"

/* A close does not end the receive: Windows completes it afterwards, with an error. */
static bool run(struct probe_pair *pair)
{
    struct probe_call call;

    probe_prepare(&call, "WSARecv", PROBE_EVENT, &pair->mine, probe_buffer(0), PROBE_BUFFER_SIZE);
    if (!probe_post(&call)) {
        return false;
    }
    Sleep(PROBE_PAUSE_MS);
    probe_socket_close(&pair->mine);
    return probe_await(&call);
}

enum probe_outcome scenario_recv_closed(void)
{
    return probe_with_pair(AF_INET, SOCK_STREAM, run);
}
