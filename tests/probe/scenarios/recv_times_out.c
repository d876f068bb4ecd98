/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/probe/probe.h"

/* Nothing comes: Winsock gives the buffer back by itself, with an error. */
static bool run(struct probe_pair *pair)
{
    const DWORD patience_ms = PROBE_PAUSE_MS;
    struct probe_call call;

    if (!probe_set_option(&pair->mine, SOL_SOCKET, SO_RCVTIMEO, &patience_ms, sizeof patience_ms)) {
        return false;
    }
    probe_prepare(&call, "recv", PROBE_BLOCKING, &pair->mine, probe_buffer(0), PROBE_BUFFER_SIZE);
    return !probe_run(&call) && call.error == WSAETIMEDOUT;
}

enum probe_outcome scenario_recv_times_out(void)
{
    return probe_with_pair(AF_INET, SOCK_STREAM, run);
}
