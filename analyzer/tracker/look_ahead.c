/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/tracker/look_ahead.h"

#include "analyzer/tracker/tracker_state.h"
#include "base/prefetch.h"

/* An end, and the operation that it probably ends. */
struct ahead {
    const struct match_hashes *hashes;
    struct tracked_op *op; /* the operation that it probably ends, or NULL */
    bool names_request;
};

/* An event in between may end the operation: what it points to is only asked for, never read. */
static void reach(const struct tracked_op *op)
{
    prefetch_item(op, sizeof *op);
}

void tracker_look_ahead(const struct tracker *tracker, const struct etl_event *events,
                        const struct afd_event *afd, const struct afd_action *actions,
                        const int8_t *statuses, size_t count, struct match_hashes *hashes)
{
    struct ahead ends[LOOK_AHEAD_MAX];
    size_t end_count = 0;

    for (size_t i = 0; i < count; i++) {
        if (statuses[i] != AFD_DECODE_OK) {
            continue;
        }
        hashes[i] =
            matching_hashes(&events[i], &afd[i], actions[i].direction, actions[i].names_request);
        endpoint_table_prefetch(&tracker->endpoints, hashes[i].endpoint);
        matching_prefetch(&tracker->matching, &hashes[i], actions[i].names_request);
        if (actions[i].act == AFD_ACT_END) {
            ends[end_count++] = (struct ahead){&hashes[i], NULL, actions[i].names_request};
        }
    }
    for (size_t i = 0; i < end_count; i++) {
        ends[i].op = matching_likely(&tracker->matching, ends[i].hashes, ends[i].names_request);
        reach(ends[i].op);
    }
    for (size_t i = 0; i < end_count; i++) {
        if (ends[i].op != NULL) {
            interval_prefetch(&ends[i].op->memory);
        }
    }
}
