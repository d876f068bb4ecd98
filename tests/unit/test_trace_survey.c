/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/cli/trace_survey.h"
#include "parsers/afd/afd_events.h"
#include "parsers/kernel/kernel_events.h"

static void observe_provider(struct trace_survey *survey, uint8_t first_byte, unsigned records)
{
    struct etl_event event = {.kind = ETL_HEADER_EVENT64, .pointer_size = 8};

    event.provider.bytes[0] = first_byte;
    for (unsigned i = 0; i < records; i++) {
        trace_survey_observe(survey, &event);
    }
}

Test(trace_survey, lists_providers_by_records_and_then_by_guid)
{
    static const uint8_t order[] = {9, 3, 7, 1};
    static const uint64_t records[] = {5, 2, 2, 1};
    struct trace_survey survey;
    struct trace_survey_provider *list;

    trace_survey_init(&survey);
    cr_assert_null(trace_survey_providers(&survey));
    observe_provider(&survey, 1, 1);
    observe_provider(&survey, 7, 2);
    observe_provider(&survey, 9, 5);
    observe_provider(&survey, 3, 2);
    list = trace_survey_providers(&survey);
    cr_assert_not_null(list);
    cr_assert_eq(survey.provider_count, 4);
    for (unsigned i = 0; i < 4; i++) {
        cr_expect_eq(list[i].guid.bytes[0], order[i]);
        cr_expect_eq(list[i].records, records[i]);
    }
    cr_expect_eq(survey.other_records, 0);
    free(list);
    trace_survey_finish(&survey);
}

Test(trace_survey, counts_records_of_providers_beyond_the_cap_as_others)
{
    struct etl_event event = {.kind = ETL_HEADER_EVENT64, .pointer_size = 8};
    struct trace_survey survey;

    trace_survey_init(&survey);
    for (uint32_t i = 0; i < TRACE_SURVEY_PROVIDERS_MAX + 2; i++) {
        memcpy(event.provider.bytes, &i, sizeof i);
        trace_survey_observe(&survey, &event);
    }
    trace_survey_observe(&survey, &event);
    memset(event.provider.bytes, 0, sizeof event.provider.bytes);
    trace_survey_observe(&survey, &event);
    cr_assert_eq(survey.provider_count, TRACE_SURVEY_PROVIDERS_MAX);
    cr_assert_eq(survey.other_records, 3);
    cr_assert_not(survey.no_memory);
    trace_survey_finish(&survey);
}

/* A receive of the modern family with 8-byte pointers. */
static void observe_recv(struct trace_survey *survey, uint32_t status, uint64_t buffer,
                         uint64_t keyword, uint16_t payload_len)
{
    uint8_t payload[44] = {0};
    uint32_t length = 64;
    struct etl_event event = {.kind = ETL_HEADER_EVENT64,
                              .provider = afd_provider,
                              .pointer_size = 8,
                              .id = 1004,
                              .level = 4,
                              .keyword = keyword,
                              .payload = payload,
                              .payload_len = payload_len};

    memcpy(payload + 28, &buffer, sizeof buffer);
    memcpy(payload + 36, &length, sizeof length);
    memcpy(payload + 40, &status, sizeof status);
    trace_survey_observe(survey, &event);
    struct afd_event decoded;
    struct event_batch batch = {.count = 1, .events = &event, .afd = &decoded};
    batch.statuses[0] = (int8_t)afd_decode(&event, &decoded);
    trace_survey_decoded(survey, &batch);
}

Test(trace_survey, tells_winsock_events_from_what_can_not_be_decoded)
{
    struct trace_survey survey;

    trace_survey_init(&survey);
    observe_recv(&survey, 0, 0x1000, 0, 44);
    observe_recv(&survey, 0, UINT64_C(0xFFFFE00000001000), 0, 44);
    observe_recv(&survey, 0xC0000001, 0x1000, 0, 44);
    observe_recv(&survey, 0, 0x1000, AFD_KEYWORD_BUFFERED, 44);
    observe_recv(&survey, 0, 0x1000, 0, 43);
    cr_expect_eq(survey.winsock_records, 5);
    cr_expect_eq(survey.winsock_modern, 4);
    cr_expect_eq(survey.winsock_legacy, 0);
    cr_expect_eq(survey.winsock_undecodable, 1);
    cr_expect_eq(survey.winsock_level_max, 4);
    cr_expect_eq(survey.winsock_stacks, 0);
    trace_survey_finish(&survey);
}

Test(trace_survey, takes_a_classic_record_with_the_providers_guid_for_none_of_its_events)
{
    struct etl_event event = {
        .kind = ETL_HEADER_FULL64, .provider = afd_provider, .pointer_size = 8, .id = 1004};
    struct trace_survey survey;

    trace_survey_init(&survey);
    trace_survey_observe(&survey, &event);
    cr_expect_eq(survey.winsock_records, 0);
    cr_expect_eq(survey.provider_count, 1);
    trace_survey_finish(&survey);
}

Test(trace_survey, counts_records_that_name_processes_and_images)
{
    uint8_t payload[64] = {0};
    struct etl_event event = {.kind = ETL_HEADER_SYSTEM64,
                              .pointer_size = 8,
                              .payload = payload,
                              .payload_len = sizeof payload};
    struct trace_survey survey;

    trace_survey_init(&survey);
    for (size_t i = 0; i < kernel_hook_id_count; i++) {
        event.id = kernel_hook_ids[i];
        trace_survey_observe(&survey, &event);
    }
    event.id = 0x0501;
    trace_survey_observe(&survey, &event);
    cr_expect_eq(survey.process_records, 4);
    cr_expect_eq(survey.image_records, 4);
    cr_expect_eq(survey.provider_count, 0, "kernel records have no provider");
    trace_survey_finish(&survey);
}
