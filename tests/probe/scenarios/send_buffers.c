/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/probe/probe.h"

static bool run(struct probe_pair *pair)
{
    struct probe_call call;

    probe_fill(0);
    probe_prepare(&call, "WSASend", PROBE_EVENT, &pair->mine, probe_buffer(0), 16);
    probe_add_buffer(&call, probe_buffer(0) + 64, 16);
    probe_add_buffer(&call, probe_buffer(0) + 128, 32);
    bool good = probe_run(&call);
    probe_drain(&pair->peer);
    return good;
}

enum probe_outcome scenario_send_buffers(void)
{
    return probe_with_pair(AF_INET, SOCK_STREAM, run);
}
