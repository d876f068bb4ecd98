/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/probe/probe.h"

/* Servers wait with no memory at stake, then read what has come. */
static bool run(struct probe_pair *pair)
{
    struct probe_call wait, read;

    probe_prepare(&wait, "WSARecv", PROBE_EVENT, &pair->mine, NULL, 0);
    if (!probe_post(&wait) || !probe_say(&pair->peer, 64) || !probe_await(&wait)) {
        return false;
    }
    probe_prepare(&read, "WSARecv", PROBE_EVENT, &pair->mine, probe_buffer(0), PROBE_BUFFER_SIZE);
    return probe_run(&read);
}

enum probe_outcome scenario_recv_zero(void)
{
    return probe_with_pair(AF_INET, SOCK_STREAM, run);
}
