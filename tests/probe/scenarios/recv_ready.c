/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/probe/probe.h"

/* The data is there before the overlapped receive: it may end inside its call. */
static bool run(struct probe_pair *pair)
{
    struct probe_call call;

    if (!probe_say(&pair->peer, 64)) {
        return false;
    }
    Sleep(PROBE_PAUSE_MS);
    probe_prepare(&call, "WSARecv", PROBE_EVENT, &pair->mine, probe_buffer(0), PROBE_BUFFER_SIZE);
    return probe_run(&call);
}

enum probe_outcome scenario_recv_ready(void)
{
    return probe_with_pair(AF_INET, SOCK_STREAM, run);
}
