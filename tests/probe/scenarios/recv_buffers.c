/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/probe/probe.h"

/* Only the first address of several is logged, with the length of all. */
static bool run(struct probe_pair *pair)
{
    struct probe_call call;

    probe_prepare(&call, "WSARecv", PROBE_EVENT, &pair->mine, probe_buffer(0), 16);
    probe_add_buffer(&call, probe_buffer(1), 16);
    probe_add_buffer(&call, probe_buffer(2), 32);
    return probe_post(&call) && probe_say(&pair->peer, 64) && probe_await(&call);
}

enum probe_outcome scenario_recv_buffers(void)
{
    return probe_with_pair(AF_INET, SOCK_STREAM, run);
}
