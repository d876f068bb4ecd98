/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/probe/probe.h"

/* The send may pick up what the receive is just writing. */
static bool run(struct probe_pair *pair)
{
    struct probe_call first, second;

    probe_prepare(&first, "WSARecv", PROBE_EVENT, &pair->mine, probe_buffer(0), PROBE_BUFFER_SIZE);
    probe_prepare(&second, "WSASend", PROBE_EVENT, &pair->mine, probe_buffer(0), 512);
    return probe_defect("send-over-recv", &first, &second, &pair->peer) == PROBE_DONE;
}

enum probe_outcome scenario_defect_send_over_receive(void)
{
    return probe_with_pair(AF_INET, SOCK_STREAM, run);
}
