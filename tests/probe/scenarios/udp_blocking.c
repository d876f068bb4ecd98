/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/probe/probe.h"

/* Datagrams bear their peer's address at each call. */
enum probe_outcome scenario_udp_blocking(void)
{
    return probe_exchange(AF_INET, SOCK_DGRAM);
}
