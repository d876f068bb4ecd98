/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/probe/probe.h"

static bool run(struct probe_pair *pair)
{
    struct probe_call receive, send;

    probe_prepare(&receive, "WSARecvMsg", PROBE_EVENT, &pair->mine, probe_buffer(0),
                  PROBE_BUFFER_SIZE);
    if (!probe_post(&receive)) {
        return false;
    }
    probe_fill(1);
    probe_prepare(&send, "WSASendMsg", PROBE_EVENT, &pair->peer, probe_buffer(1), 64);
    return probe_address_of(&pair->mine, &send) && probe_run(&send) && probe_await(&receive);
}

enum probe_outcome scenario_udp_message(void)
{
    return probe_with_pair(AF_INET, SOCK_DGRAM, run);
}
