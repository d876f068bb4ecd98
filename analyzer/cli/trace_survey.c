/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cli/trace_survey.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash_table.h"
#include "base/least.h"
#include "parsers/afd/afd_decode.h"
#include "parsers/etl/etl_extended.h"
#include "parsers/kernel/kernel_events.h"

struct provider_slot {
    struct trace_survey_provider provider; /* key: its guid */
    UT_hash_handle hh;
};

void trace_survey_init(struct trace_survey *survey)
{
    *survey = (struct trace_survey){0};
}

void trace_survey_finish(struct trace_survey *survey)
{
    struct provider_slot *slot = survey->slots;
    HASH_CLEAR(hh, survey->slots); /* the table; the slots stay linked */
    while (slot != NULL) {
        struct provider_slot *next = slot->hh.next;
        free(slot);
        slot = next;
    }
}

static struct provider_slot *add_provider(struct trace_survey *survey, const struct guid *guid)
{
    if (survey->provider_count >= TRACE_SURVEY_PROVIDERS_MAX) {
        return NULL;
    }
    struct provider_slot *slot = calloc(1, sizeof *slot);
    if (slot != NULL) {
        slot->provider.guid = *guid;
        HASH_ADD(hh, survey->slots, provider.guid, sizeof(struct guid), slot);
    }
    if (slot == NULL || slot->hh.tbl == NULL) {
        free(slot);
        survey->no_memory = true;
        return NULL;
    }
    survey->provider_count++;
    return slot;
}

static void count_provider(struct trace_survey *survey, const struct guid *guid)
{
    struct provider_slot *slot = NULL;
    HASH_FIND(hh, survey->slots, guid, sizeof *guid, slot);
    if (slot == NULL) {
        slot = add_provider(survey, guid);
    }
    if (slot != NULL) {
        slot->provider.records++;
    } else {
        survey->other_records++;
    }
}

static void observe_winsock(struct trace_survey *survey, const struct etl_event *event)
{
    struct etl_stack_item stack;
    uint16_t position = 0;
    survey->winsock_records++;
    if (event->level > survey->winsock_level_max) {
        survey->winsock_level_max = event->level;
    }
    if (etl_extended_next_stack(event, &position, &stack)) {
        survey->winsock_stacks++;
    }
}

void trace_survey_decoded(struct trace_survey *survey, const struct event_batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        if (batch->statuses[i] == FEED_OTHER) {
            continue;
        }
        if (batch->statuses[i] != AFD_DECODE_OK) {
            survey->winsock_undecodable++;
        } else if (batch->afd[i].layout->family == AFD_FAMILY_LEGACY) {
            survey->winsock_legacy++;
        } else if (batch->afd[i].layout->family == AFD_FAMILY_MODERN) {
            survey->winsock_modern++;
        }
    }
}

static void observe_kernel(struct trace_survey *survey, const struct etl_event *event)
{
    struct kernel_event kernel;
    if (!kernel_decode(event, &kernel)) {
        return;
    }
    switch (kernel.kind) {
    case KERNEL_PROCESS_START:
    case KERNEL_PROCESS_SEEN:
    case KERNEL_PROCESS_END:
        survey->process_records++;
        break;
    case KERNEL_IMAGE_LOAD:
    case KERNEL_IMAGE_SEEN:
    case KERNEL_IMAGE_UNLOAD:
        survey->image_records++;
        break;
    case KERNEL_IMAGE_ID:
    case KERNEL_IMAGE_PDB:
    case KERNEL_IMAGE_VERSION:
    case KERNEL_THREAD_START:
    case KERNEL_THREAD_SEEN:
    case KERNEL_THREAD_END:
    case KERNEL_THREAD_NAME:
    case KERNEL_VOLUME:
    case KERNEL_NONE:
        break;
    }
}

static bool has_provider(const struct etl_event *event)
{
    switch (event->kind) {
    case ETL_HEADER_EVENT32:
    case ETL_HEADER_EVENT64:
    case ETL_HEADER_FULL32:
    case ETL_HEADER_FULL64:
    case ETL_HEADER_INSTANCE32:
    case ETL_HEADER_INSTANCE64:
        return true;
    default:
        return false;
    }
}

void trace_survey_observe(void *user, const struct etl_event *event)
{
    struct trace_survey *survey = user;
    if (has_provider(event)) {
        count_provider(survey, &event->provider);
    }
    if (afd_is_event(event)) {
        observe_winsock(survey, event);
    } else {
        observe_kernel(survey, event);
    }
}

static int compare_providers(const void *left, const void *right)
{
    const struct trace_survey_provider *a = left, *b = right;
    int order = order_u64(b->records, a->records);
    return order != 0 ? order : memcmp(a->guid.bytes, b->guid.bytes, sizeof a->guid.bytes);
}

struct trace_survey_provider *trace_survey_providers(const struct trace_survey *survey)
{
    if (survey->provider_count == 0) {
        return NULL;
    }
    struct trace_survey_provider *list = calloc(survey->provider_count, sizeof *list);
    if (list == NULL) {
        return NULL;
    }
    size_t count = 0;
    for (const struct provider_slot *slot = survey->slots; slot != NULL; slot = slot->hh.next) {
        list[count++] = slot->provider;
    }
    qsort(list, count, sizeof *list, compare_providers);
    return list;
}
