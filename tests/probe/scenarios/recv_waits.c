/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/probe/probe.h"

/* The receive is in flight inside the call, so that an attempt on the fast path must fail. */
static bool run(struct probe_pair *pair)
{
    struct probe_later later;
    struct probe_call call;

    if (!probe_later_send(&later, &pair->peer, PROBE_PAUSE_MS)) {
        return false;
    }
    probe_prepare(&call, "recv", PROBE_BLOCKING, &pair->mine, probe_buffer(0), PROBE_BUFFER_SIZE);
    bool good = probe_run(&call);
    probe_later_wait(&later);
    return good;
}

enum probe_outcome scenario_recv_waits(void)
{
    return probe_with_pair(AF_INET, SOCK_STREAM, run);
}
