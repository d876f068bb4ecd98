/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/probe/probe.h"

/* Two receives own one buffer; what the first brings, the second overwrites. */
static bool run(struct probe_pair *pair)
{
    struct probe_call first, second;

    probe_prepare(&first, "WSARecv", PROBE_EVENT, &pair->mine, probe_buffer(0), PROBE_BUFFER_SIZE);
    probe_prepare(&second, "WSARecv", PROBE_EVENT, &pair->mine, probe_buffer(0), PROBE_BUFFER_SIZE);
    return probe_defect("recv-over-recv", &first, &second, &pair->peer) == PROBE_DONE;
}

enum probe_outcome scenario_defect_double_receive(void)
{
    return probe_with_pair(AF_INET, SOCK_STREAM, run);
}
