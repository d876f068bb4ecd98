/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_TRACKER_CLOSING_H
#define ANALYZER_TRACKER_CLOSING_H

/* Operations whose socket was closed, and addresses that are another's from now on
 * (docs/semantics.md, 3, "Closing"). */

#include "analyzer/tracker/tracker_state.h"

#define CLOSING_SECONDS 60 /* a completion still counts so long after the close */

void tracker_close_endpoint(struct tracker *tracker, struct endpoint *endpoint,
                            const struct etl_event *event);

/* All operations of an endpoint or process end: its address is another one's from now on. */
void tracker_recycle_endpoint(struct tracker *tracker, struct endpoint *endpoint,
                              const struct etl_event *event);
void tracker_end_process(struct tracker *tracker, struct process *process,
                         const struct etl_event *event);

/* A closing operation was not completed. */
void closing_give_up(struct tracker *tracker, struct tracked_op *op);

/* Closing operations whose sixty seconds are over. */
void closing_expire(struct tracker *tracker);

#endif
