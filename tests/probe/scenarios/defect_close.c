/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/probe/probe.h"

/* Whoever believes that closesocket() ends a receive uses its memory before Windows has let go. */
static bool run(struct probe_pair *pair)
{
    struct probe_pair other;
    struct probe_call first, second;
    bool good = probe_pair_open(&other, AF_INET, SOCK_STREAM);

    if (good) {
        probe_prepare(&first, "WSARecv", PROBE_EVENT, &pair->mine, probe_buffer(0),
                      PROBE_BUFFER_SIZE);
        probe_prepare(&second, "WSARecv", PROBE_EVENT, &other.mine, probe_buffer(0),
                      PROBE_BUFFER_SIZE);
        good = probe_post(&first);
        probe_socket_close(&pair->mine);
        good = good && probe_post(&second);
        probe_note_defect("recv-over-recv", &first, &second);
        good = good && probe_await(&first) && probe_say(&other.peer, 64) && probe_await(&second);
    }
    probe_pair_close(&other);
    return good;
}

enum probe_outcome scenario_defect_close(void)
{
    return probe_with_pair(AF_INET, SOCK_STREAM, run);
}
