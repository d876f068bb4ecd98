/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_TRACKER_TRACKER_H
#define ANALYZER_TRACKER_TRACKER_H

/*
 * Follows every operation from post to end and finds conflicts, as docs/semantics.md says. Each
 * event costs O(log n) in the operations in flight, whatever the trace does, and the steady state
 * allocates nothing.
 */

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/tracker/conflict.h"
#include "analyzer/tracker/coverage.h"
#include "analyzer/tracker/operation.h"
#include "analyzer/tracker/tracker_hooks.h"
#include "parsers/afd/afd_behavior.h"
#include "parsers/afd/afd_decode.h"
#include "parsers/etl/etl_event.h"

struct call_stacks;
struct match_hashes;
struct tracker;

/* NULL: no memory. */
struct tracker *tracker_create(const struct tracker_hooks *hooks,
                               const struct tracker_options *options);

/* Takes NULL. Operations that were kept longer go with the tracker. */
void tracker_destroy(struct tracker *tracker);

/* An event of the AFD provider, in time order. `afd` and `action` are what afd_decode() and
 * afd_action_of() say of it, `hashes` what tracker_look_ahead() did, or NULL. False: no memory; the
 * event may have had only part of its effect, and the results are no longer complete. */
bool tracker_afd(struct tracker *tracker, const struct etl_event *event,
                 const struct afd_event *afd, const struct afd_action *action,
                 const struct match_hashes *hashes);

/* The same for an event of the provider that could not be decoded. */
bool tracker_afd_undecoded(struct tracker *tracker, const struct etl_event *event);

/* A process has ended. `process_key`: its EPROCESS address, 0 where the event has none; then its
 * process id counts. False: no memory. */
bool tracker_process_end(struct tracker *tracker, const struct etl_event *event,
                         uint64_t process_key, uint32_t pid);

/* The stacks of the tracker's operations: whoever reads the trace gives them the records that tell
 * of stacks, and asks them about memory. Lives as long as the tracker. */
struct call_stacks *tracker_stacks(struct tracker *tracker);

/* The end of the trace: what is left is pending. Once, also after a call without memory. False: no
 * memory. */
bool tracker_finish(struct tracker *tracker);

/* Valid after tracker_finish(). */
const struct coverage *tracker_coverage(const struct tracker *tracker);

struct operation *operation_retain(struct operation *op);
void operation_release(struct tracker *tracker, struct operation *op); /* takes NULL */

#endif
