/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/probe/probe.h"

enum probe_outcome scenario_udp6_blocking(void)
{
    return probe_exchange(AF_INET6, SOCK_DGRAM);
}
