/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_TRACKER_POSTS_H
#define ANALYZER_TRACKER_POSTS_H

/* A post becomes an operation, or goes on with one (docs/semantics.md, 3). */

#include "analyzer/tracker/calls.h"
#include "analyzer/tracker/tracker_state.h"

/* Takes a post that was not rejected, with what it continues. False: no memory. */
bool tracker_post(struct tracker *tracker, struct tracker_event *at,
                  const struct continued_call *call);

/* Takes a post whose Enter was rejected: no operation, but perhaps an attempt. */
void tracker_reject(struct tracker *tracker, struct tracker_event *at);

#endif
