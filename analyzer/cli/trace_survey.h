/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CLI_TRACE_SURVEY_H
#define ANALYZER_CLI_TRACE_SURVEY_H

/* Counts what a trace holds, record by record while the reader walks it, for `info`. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/event_feed.h"
#include "base/guid.h"
#include "parsers/etl/etl_event.h"

/* Real traces hold some hundred providers. Records of further ones are counted as others. */
#define TRACE_SURVEY_PROVIDERS_MAX 65536

struct trace_survey_provider {
    struct guid guid;
    uint64_t records;
};

struct trace_survey {
    struct provider_slot *slots; /* private to trace_survey.c */
    size_t provider_count;
    uint64_t other_records; /* records of providers beyond the cap */
    bool no_memory;         /* some records were counted as others for want of memory */

    uint64_t winsock_records, winsock_legacy, winsock_modern, winsock_undecodable;
    uint64_t winsock_stacks;
    uint8_t winsock_level_max;
    uint64_t process_records, image_records; /* records that name processes or modules */
};

void trace_survey_init(struct trace_survey *survey);
void trace_survey_finish(struct trace_survey *survey);

/* Counts one record. An etl_observe_fn; `user` is the survey. */
void trace_survey_observe(void *user, const struct etl_event *event);

/* Counts how Winsock events were decoded: as `check` does, by the trace's own schemas where they
 * differ from the built-in layouts. */
void trace_survey_decoded(struct trace_survey *survey, const struct event_batch *batch);

/* All providers and event classes, provider_count of them, most records first, then by GUID. The
 * list is the caller's to free(). NULL where there is none, and without memory. */
struct trace_survey_provider *trace_survey_providers(const struct trace_survey *survey);

#endif
