/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_TRACKER_CONTEXT_H
#define ANALYZER_TRACKER_CONTEXT_H

/* Processes and sockets, as events tell of them besides operations. */

#include "analyzer/tracker/tracker_state.h"

/* A creation: ends what was on the endpoint, and begins a socket. False: no memory. */
bool tracker_create_socket(struct tracker *tracker, const struct tracker_event *at);

/* Process ids and socket addresses that any other event tells. False: no memory. */
bool tracker_learn(struct tracker *tracker, const struct tracker_event *at);

#endif
