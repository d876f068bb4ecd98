/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/probe/probe.h"

/* The receive writes into what is still being sent. */
static bool run(struct probe_pair *pair)
{
    struct probe_call first, second;

    if (!probe_hold_sends(&pair->mine)) {
        return false;
    }
    probe_prepare(&first, "WSASend", PROBE_EVENT, &pair->mine, probe_large(), PROBE_LARGE_SIZE);
    probe_prepare(&second, "WSARecv", PROBE_EVENT, &pair->mine, probe_large(), PROBE_BUFFER_SIZE);
    return probe_defect("recv-over-send", &first, &second, &pair->peer) == PROBE_DONE;
}

enum probe_outcome scenario_defect_receive_over_send(void)
{
    return probe_with_pair(AF_INET, SOCK_STREAM, run);
}
