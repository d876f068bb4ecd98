/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CLI_EVENT_SELECTION_H
#define ANALYZER_CLI_EVENT_SELECTION_H

/*
 * The filters for single events. An event belongs to the process that owns its socket, and who was
 * running counts only where the event names no process. Which process is meant by an address is
 * learned by a reading of its own before, since names and ids may come last in a trace.
 */

#include "analyzer/filter.h"
#include "base/byte_source.h"
#include "base/error_chain.h"
#include "parsers/afd/afd_decode.h"

struct event_selection;

/* Reads the inputs for what the filter needs. NULL: causes were appended. `filter` is borrowed. */
struct event_selection *event_selection_create(const struct filter *filter,
                                               struct byte_source *const *sources,
                                               const char *const *paths, size_t count,
                                               struct error_chain *errors);
void event_selection_destroy(struct event_selection *selection); /* takes NULL */

bool event_selection_admits(const struct event_selection *selection, const struct etl_event *event,
                            const struct afd_event *decoded, const struct etl_clock *clock,
                            int64_t first_ticks);

#endif
