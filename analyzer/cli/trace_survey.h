#ifndef ANALYZER_CLI_TRACE_SURVEY_H
#define ANALYZER_CLI_TRACE_SURVEY_H

/* What a trace holds, counted record by record while the reader walks it: for `info`. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "parsers/etl/etl_event.h"
#include "base/guid.h"

/* Real traces hold some hundred; beyond these, records are counted as others. */
#define TRACE_SURVEY_PROVIDERS_MAX 65536

struct trace_survey_provider {
    struct guid guid;
    uint64_t records;
};

struct trace_survey {
    struct provider_slot *slots; /* its own */
    size_t provider_count;
    uint64_t other_records; /* of providers beyond the cap */
    bool no_memory;         /* some were counted as others for that */

    uint64_t winsock_records, winsock_legacy, winsock_modern, winsock_undecodable;
    uint64_t winsock_stacks;
    uint8_t winsock_level_max;
    uint64_t posts, posts_user_address;      /* without rejected posts, as the tracker counts */
    uint64_t process_records, image_records; /* that give names */
};

void trace_survey_init(struct trace_survey *survey);
void trace_survey_finish(struct trace_survey *survey);

/* An etl_observe_fn; `user` is the survey. */
void trace_survey_observe(void *user, const struct etl_event *event);

/* All providers and event classes, most records first, then by GUID. Owned by the caller (free());
 * NULL: no memory, or none. */
struct trace_survey_provider *trace_survey_providers(const struct trace_survey *survey);

#endif
