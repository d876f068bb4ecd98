/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/probe/probe.h"

/* Windows forbids it, though it harms nobody as long as nobody writes. */
static bool run(struct probe_pair *pair)
{
    struct probe_pair other;
    struct probe_call first, second;
    bool good = probe_hold_sends(&pair->mine) && probe_pair_open(&other, AF_INET, SOCK_STREAM);

    if (good) {
        probe_prepare(&first, "WSASend", PROBE_EVENT, &pair->mine, probe_large(), PROBE_LARGE_SIZE);
        probe_prepare(&second, "WSASend", PROBE_EVENT, &other.mine, probe_large(),
                      PROBE_BUFFER_SIZE);
        good = probe_defect("shared-send", &first, &second, &pair->peer) == PROBE_DONE;
    }
    probe_pair_close(&other);
    return good;
}

enum probe_outcome scenario_defect_shared_send(void)
{
    return probe_with_pair(AF_INET, SOCK_STREAM, run);
}
