/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/probe/probe.h"

static bool run(struct probe_pair *pair)
{
    return probe_receive_waits(pair, PROBE_PORT);
}

enum probe_outcome scenario_recv_port(void)
{
    return probe_with_pair(AF_INET, SOCK_STREAM, run);
}
