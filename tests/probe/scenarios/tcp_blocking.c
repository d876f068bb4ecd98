/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/probe/probe.h"

/* The simplest traffic: data is sent, and is there when it is asked for. */
enum probe_outcome scenario_tcp_blocking(void)
{
    return probe_exchange(AF_INET, SOCK_STREAM);
}
