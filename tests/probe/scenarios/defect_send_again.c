/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/probe/probe.h"

/* A program that repeats a send because it has not heard of its end sends its data twice. */
static bool run(struct probe_pair *pair)
{
    struct probe_call first, second;

    if (!probe_hold_sends(&pair->mine)) {
        return false;
    }
    probe_prepare(&first, "WSASend", PROBE_EVENT, &pair->mine, probe_large(), PROBE_LARGE_SIZE);
    probe_prepare(&second, "WSASend", PROBE_EVENT, &pair->mine, probe_large(), PROBE_LARGE_SIZE);
    return probe_defect("send-over-send", &first, &second, &pair->peer) == PROBE_DONE;
}

enum probe_outcome scenario_defect_send_again(void)
{
    return probe_with_pair(AF_INET, SOCK_STREAM, run);
}
