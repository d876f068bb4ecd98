/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/probe/probe.h"

/* The buffer goes back to its pool while its receive is in flight, and the pool hands it to the
 * next socket that asks. */
static bool run(struct probe_pair *pair)
{
    struct probe_pair other;
    struct probe_call first, second;
    bool good = probe_pair_open(&other, AF_INET, SOCK_STREAM);

    if (good) {
        probe_prepare(&first, "WSARecv", PROBE_PORT, &pair->mine, probe_buffer(0),
                      PROBE_BUFFER_SIZE);
        probe_prepare(&second, "WSARecv", PROBE_PORT, &other.mine, probe_buffer(0),
                      PROBE_BUFFER_SIZE);
        good = probe_post(&first) && probe_post(&second);
        probe_note_defect("recv-over-recv", &first, &second);
        good = good && probe_say(&other.peer, 64) && probe_await(&second) &&
               probe_say(&pair->peer, 64) && probe_await(&first);
    }
    probe_pair_close(&other);
    return good;
}

enum probe_outcome scenario_defect_pool(void)
{
    return probe_with_pair(AF_INET, SOCK_STREAM, run);
}
