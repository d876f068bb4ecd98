/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "analyzer/recording_mistake.h"

#define INPUTS 2

static struct etl_trace_info traces[INPUTS];
static struct etl_record_counts counts[INPUTS];
static struct report_input input;

static void setup(void)
{
    input = (struct report_input){.traces = traces, .counts = counts, .trace_count = INPUTS};
    for (size_t i = 0; i < INPUTS; i++) {
        traces[i] = (struct etl_trace_info){.sessions = 1, .finalised = true};
    }
}

TestSuite(recording_mistake, .init = setup);

#define EXPECT(cause, mistake)                                                                     \
    cr_expect(eq(int, (int)recording_mistake_of(&input, cause), (int)(mistake)))

Test(recording_mistake, names)
{
    cr_expect(recording_mistake_name(MISTAKE_NONE) == NULL);
    for (int mistake = MISTAKE_NONE + 1; mistake < MISTAKE_COUNT; mistake++) {
        cr_expect(recording_mistake_name((enum recording_mistake)mistake) != NULL);
    }
    cr_expect(eq(str, (char *)recording_mistake_name(MISTAKE_CUT_COPY), "cut-copy"));
}

Test(recording_mistake, some_causes_come_from_none)
{
    EXPECT(CAUSE_NO_USER_ADDRESS, MISTAKE_NONE);
    EXPECT(CAUSE_FEW_USER_ADDRESSES, MISTAKE_NONE);
    EXPECT(CAUSE_MEMORY_LIMIT, MISTAKE_NONE);
    EXPECT(CAUSE_NO_USER_COMPLETION, MISTAKE_STOPPED_TOO_EARLY);
}

Test(recording_mistake, posts_are_missing_for_one_of_several_reasons)
{
    static const struct {
        enum no_posts kind;
        enum recording_mistake mistake;
    } rows[] = {
        {NO_POSTS_NONE, MISTAKE_FILTERED},        {NO_POSTS_PROVIDER, MISTAKE_NOTHING_RECORDED},
        {NO_POSTS_LEVEL, MISTAKE_LEVEL_TOO_LOW},  {NO_POSTS_KEYWORDS, MISTAKE_KEYWORDS_MISSING},
        {NO_POSTS_NO_TRAFFIC, MISTAKE_IDLE_TIME}, {NO_POSTS_REGISTERED_IO, MISTAKE_NONE},
        {NO_POSTS_REJECTED, MISTAKE_NONE}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        input.no_posts = rows[i].kind;
        input.others_posted = false;
        EXPECT(CAUSE_NO_POSTS, rows[i].mistake);
        input.others_posted = true; /* the filters chose processes without a post */
        EXPECT(CAUSE_NO_POSTS, MISTAKE_NONE);
    }
}

/* Events of other providers, in any of the files, tell that others were recorded. */
Test(recording_mistake, what_was_recorded_instead_of_the_provider)
{
    static const enum etl_header_kind events[] = {ETL_HEADER_EVENT32, ETL_HEADER_EVENT64,
                                                  ETL_HEADER_WPP, ETL_HEADER_OTHER};
    input.no_posts = NO_POSTS_PROVIDER;
    counts[0].by_kind[ETL_HEADER_SYSTEM64] = counts[1].by_kind[ETL_HEADER_SYSTEM64] = 5;
    EXPECT(CAUSE_NO_POSTS, MISTAKE_NOTHING_RECORDED);
    for (size_t i = 0; i < INPUTS; i++) {
        counts[i].any_time = true;
        EXPECT(CAUSE_NO_POSTS, MISTAKE_KERNEL_FILE_ALONE);
        counts[i].any_time = false;
        for (size_t kind = 0; kind < sizeof events / sizeof events[0]; kind++) {
            counts[i].by_kind[events[kind]] = 1;
            EXPECT(CAUSE_NO_POSTS, MISTAKE_PROVIDER_MISSING);
            counts[i].any_time = true;
            EXPECT(CAUSE_NO_POSTS, MISTAKE_PROVIDER_MISSING);
            counts[i].any_time = false;
            counts[i].by_kind[events[kind]] = 0;
        }
    }
    counts[0].by_kind[ETL_HEADER_EVENT32] = counts[0].by_kind[ETL_HEADER_EVENT64] = 1;
    EXPECT(CAUSE_NO_POSTS, MISTAKE_PROVIDER_MISSING);
    counts[1] = counts[0];
    EXPECT(CAUSE_NO_POSTS, MISTAKE_PROVIDER_MISSING);
}

Test(recording_mistake, a_finalised_file_without_its_end_was_cut)
{
    EXPECT(CAUSE_END_MISSING, MISTAKE_NOT_STOPPED);
    for (size_t i = 0; i < INPUTS; i++) {
        traces[i].cut = true;
        EXPECT(CAUSE_END_MISSING, MISTAKE_CUT_COPY);
        traces[i].finalised = false;
        EXPECT(CAUSE_END_MISSING, MISTAKE_NOT_STOPPED);
        input.memory.stopped = true; /* the end was not looked for */
        EXPECT(CAUSE_END_MISSING, MISTAKE_NONE);
        input.memory.stopped = false;
        traces[i] = (struct etl_trace_info){.finalised = true};
    }
}

Test(recording_mistake, losses_by_what_the_files_tell)
{
    EXPECT(CAUSE_EVENTS_LOST, MISTAKE_BUFFERS_TOO_SMALL);
    for (size_t i = 0; i < INPUTS; i++) {
        struct etl_trace_info *trace = &traces[i];
        trace->end_missing = true;
        EXPECT(CAUSE_EVENTS_LOST, MISTAKE_NOT_STOPPED);
        trace->cut = true;
        EXPECT(CAUSE_EVENTS_LOST, MISTAKE_CUT_COPY);
        trace->sessions = 2;
        EXPECT(CAUSE_EVENTS_LOST, MISTAKE_APPENDED);
        trace->damaged_buffers = 1;
        EXPECT(CAUSE_EVENTS_LOST, MISTAKE_DAMAGED_COPY);
        trace->damaged_buffers = 0;
        trace->skipped_bytes = 1;
        EXPECT(CAUSE_EVENTS_LOST, MISTAKE_DAMAGED_COPY);
        trace->events_lost = 1;
        EXPECT(CAUSE_EVENTS_LOST, MISTAKE_BUFFERS_TOO_SMALL);
        trace->events_lost = 0;
        trace->buffers_lost = 1;
        EXPECT(CAUSE_EVENTS_LOST, MISTAKE_BUFFERS_TOO_SMALL);
        *trace = (struct etl_trace_info){.sessions = 1, .finalised = true};
    }
}
