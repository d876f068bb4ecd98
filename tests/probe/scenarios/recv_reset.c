/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/probe/probe.h"

static bool run(struct probe_pair *pair)
{
    const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    struct probe_call call;

    probe_prepare(&call, "WSARecv", PROBE_EVENT, &pair->mine, probe_buffer(0), PROBE_BUFFER_SIZE);
    if (!probe_post(&call) ||
        !probe_set_option(&pair->peer, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once)) {
        return false;
    }
    Sleep(PROBE_PAUSE_MS);
    probe_socket_close(&pair->peer);
    return probe_await(&call);
}

enum probe_outcome scenario_recv_reset(void)
{
    return probe_with_pair(AF_INET, SOCK_STREAM, run);
}
