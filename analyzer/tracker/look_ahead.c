/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/tracker/look_ahead.h"

#include "analyzer/tracker/tracker_state.h"
#include "base/prefetch.h"

/* An event in between may end the operation: what it points to is only asked for, never read. */
static void reach(const struct tracked_op *op)
{
    prefetch_item(op, sizeof *op);
}

void tracker_look_ahead(const struct tracker *tracker, const struct etl_event *events,
                        const struct afd_event *afd, const struct afd_action *actions,
                        const int8_t *statuses, size_t count, struct match_hashes *hashes)
{
    const struct tracked_op *ended[LOOK_AHEAD_MAX]; /* probably */
    size_t ends[LOOK_AHEAD_MAX], end_count = 0, ended_count = 0;

    for (size_t i = 0; i < count; i++) {
        if (statuses[i] != AFD_DECODE_OK) {
            continue;
        }
        hashes[i] = matching_hashes(&events[i], &afd[i], &actions[i]);
        endpoint_table_prefetch(&tracker->endpoints, hashes[i].endpoint);
        matching_prefetch(&tracker->matching, &hashes[i]);
        if (actions[i].act == AFD_ACT_END) {
            ends[end_count++] = i;
        }
    }
    for (size_t i = 0; i < end_count; i++) {
        const struct tracked_op *op = matching_likely(&tracker->matching, &hashes[ends[i]]);

        if (op != NULL) {
            reach(op);
            ended[ended_count++] = op;
        }
    }
    for (size_t i = 0; i < ended_count; i++) {
        interval_prefetch(&ended[i]->memory);
    }
}
