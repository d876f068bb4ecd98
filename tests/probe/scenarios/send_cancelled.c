/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/probe/probe.h"

static bool run(struct probe_pair *pair)
{
    struct probe_call call;

    if (!probe_hold_sends(&pair->mine)) {
        return false;
    }
    probe_prepare(&call, "WSASend", PROBE_EVENT, &pair->mine, probe_large(), PROBE_LARGE_SIZE);
    if (!probe_post(&call)) {
        return false;
    }
    if (call.pending) {
        probe_cancel(&call);
    }
    probe_drain(&pair->peer);
    return probe_await(&call);
}

enum probe_outcome scenario_send_cancelled(void)
{
    return probe_with_pair(AF_INET, SOCK_STREAM, run);
}
