/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/probe/probe.h"

/* Winsock, without a buffer of its own, sends from the program's memory until the peer has it. */
static bool run(struct probe_pair *pair)
{
    struct probe_call call;

    if (!probe_hold_sends(&pair->mine)) {
        return false;
    }
    probe_prepare(&call, "WSASend", PROBE_EVENT, &pair->mine, probe_large(), PROBE_LARGE_SIZE);
    bool good = probe_post(&call);
    probe_drain(&pair->peer);
    return good && probe_await(&call);
}

enum probe_outcome scenario_send_unbuffered(void)
{
    return probe_with_pair(AF_INET, SOCK_STREAM, run);
}
