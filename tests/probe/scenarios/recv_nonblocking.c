/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/probe/probe.h"

/* The first call fails at once and leaves nothing in flight; the second finds its data. */
static bool run(struct probe_pair *pair)
{
    struct probe_call call;

    if (!probe_set_nonblocking(&pair->mine)) {
        return false;
    }
    probe_prepare(&call, "recv", PROBE_BLOCKING, &pair->mine, probe_buffer(0), PROBE_BUFFER_SIZE);
    if (probe_run(&call) || call.error != WSAEWOULDBLOCK || !probe_say(&pair->peer, 64)) {
        return false;
    }
    Sleep(PROBE_PAUSE_MS);
    probe_prepare(&call, "recv", PROBE_BLOCKING, &pair->mine, probe_buffer(0), PROBE_BUFFER_SIZE);
    return probe_run(&call);
}

enum probe_outcome scenario_recv_nonblocking(void)
{
    return probe_with_pair(AF_INET, SOCK_STREAM, run);
}
