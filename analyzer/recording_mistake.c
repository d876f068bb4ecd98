/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/recording_mistake.h"

#include <stddef.h>

static const char *const names[MISTAKE_COUNT] = {
    [MISTAKE_NOTHING_RECORDED] = "nothing-recorded",
    [MISTAKE_KERNEL_FILE_ALONE] = "kernel-file-alone",
    [MISTAKE_PROVIDER_MISSING] = "provider-missing",
    [MISTAKE_LEVEL_TOO_LOW] = "level-too-low",
    [MISTAKE_KEYWORDS_MISSING] = "keywords-missing",
    [MISTAKE_FILTERED] = "filtered",
    [MISTAKE_IDLE_TIME] = "idle-time",
    [MISTAKE_STOPPED_TOO_EARLY] = "stopped-too-early",
    [MISTAKE_BUFFERS_TOO_SMALL] = "buffers-too-small",
    [MISTAKE_DAMAGED_COPY] = "damaged-copy",
    [MISTAKE_APPENDED] = "appended",
    [MISTAKE_NOT_STOPPED] = "not-stopped",
    [MISTAKE_CUT_COPY] = "cut-copy",
};

const char *recording_mistake_name(enum recording_mistake mistake)
{
    return names[mistake];
}

/* The log-file header and other records that describe the trace itself are no events, and so have
 * no time that counts. */
static enum recording_mistake without_provider(const struct report_input *input)
{
    uint64_t events = 0;
    bool any_time = false;
    for (size_t i = 0; i < input->trace_count; i++) {
        const uint64_t *by_kind = input->counts[i].by_kind;
        any_time |= input->counts[i].any_time;
        events += by_kind[ETL_HEADER_EVENT32] + by_kind[ETL_HEADER_EVENT64];
        events += by_kind[ETL_HEADER_WPP] + by_kind[ETL_HEADER_OTHER];
    }
    if (!any_time && events == 0) {
        return MISTAKE_NOTHING_RECORDED;
    }
    return events == 0 ? MISTAKE_KERNEL_FILE_ALONE : MISTAKE_PROVIDER_MISSING;
}

static enum recording_mistake without_posts(const struct report_input *input)
{
    if (input->others_posted) {
        return MISTAKE_NONE;
    }
    switch (input->no_posts) {
    case NO_POSTS_PROVIDER:
        return without_provider(input);
    case NO_POSTS_LEVEL:
        return MISTAKE_LEVEL_TOO_LOW;
    case NO_POSTS_KEYWORDS:
        return MISTAKE_KEYWORDS_MISSING;
    case NO_POSTS_NO_TRAFFIC:
        return MISTAKE_IDLE_TIME;
    case NO_POSTS_NONE:
        return MISTAKE_FILTERED;
    case NO_POSTS_REGISTERED_IO:
    case NO_POSTS_REJECTED:
    case NO_POSTS_COUNT:
        break;
    }
    return MISTAKE_NONE;
}

/* A file that was finalised was stopped, so what is missing was lost on the way here. */
static enum recording_mistake without_end(const struct report_input *input)
{
    if (input->memory.stopped) {
        return MISTAKE_NONE;
    }
    for (size_t i = 0; i < input->trace_count; i++) {
        if (input->traces[i].cut && input->traces[i].finalised) {
            return MISTAKE_CUT_COPY;
        }
    }
    return MISTAKE_NOT_STOPPED;
}

/* Windows' own counters say most; without any of these facts it has marked trace buffers. */
static enum recording_mistake with_loss(const struct report_input *input)
{
    bool counted = false, damaged = false, appended = false, end_missing = false;
    for (size_t i = 0; i < input->trace_count; i++) {
        const struct etl_trace_info *trace = &input->traces[i];
        counted |= trace->events_lost != 0 || trace->buffers_lost != 0;
        damaged |= trace->damaged_buffers != 0 || trace->skipped_bytes != 0;
        appended |= trace->sessions > 1;
        end_missing |= trace->end_missing;
    }
    if (counted) {
        return MISTAKE_BUFFERS_TOO_SMALL;
    }
    if (damaged) {
        return MISTAKE_DAMAGED_COPY;
    }
    if (appended) {
        return MISTAKE_APPENDED;
    }
    return end_missing ? without_end(input) : MISTAKE_BUFFERS_TOO_SMALL;
}

enum recording_mistake recording_mistake_of(const struct report_input *input, enum cause cause)
{
    switch (cause) {
    case CAUSE_NO_POSTS:
        return without_posts(input);
    case CAUSE_NO_USER_COMPLETION:
        return MISTAKE_STOPPED_TOO_EARLY;
    case CAUSE_EVENTS_LOST:
        return with_loss(input);
    case CAUSE_END_MISSING:
        return without_end(input);
    case CAUSE_NO_USER_ADDRESS:
    case CAUSE_FEW_USER_ADDRESSES:
    case CAUSE_MEMORY_LIMIT:
    case CAUSE_COUNT:
        break;
    }
    return MISTAKE_NONE;
}
