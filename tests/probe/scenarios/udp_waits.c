/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/probe/probe.h"

static bool run(struct probe_pair *pair)
{
    struct probe_call call;

    probe_prepare(&call, "WSARecvFrom", PROBE_EVENT, &pair->mine, probe_buffer(0),
                  PROBE_BUFFER_SIZE);
    return probe_post(&call) && probe_say_to(&pair->peer, &pair->mine, 64) && probe_await(&call);
}

enum probe_outcome scenario_udp_waits(void)
{
    return probe_with_pair(AF_INET, SOCK_DGRAM, run);
}
