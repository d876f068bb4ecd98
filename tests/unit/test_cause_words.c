/* SPDX-License-Identifier: Apache-2.0 */

/* Causes of an inconclusive verdict in words, of one trace and of a timeline of two. */

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "analyzer/reports/parts.h"

#define START INT64_C(5000000)
#define SECOND INT64_C(10000000)

static const struct etl_clock clock_of_100_ns = {
    .kind = ETL_CLOCK_QPC, .base_ticks = START, .frequency = 10000000};
static struct etl_trace_info traces[2];
static struct etl_record_counts counts[2];
static struct report_settings settings;
static struct report_input input;

static void setup(void)
{
    memset(traces, 0, sizeof traces);
    memset(counts, 0, sizeof counts);
    settings = (struct report_settings){.min_visible = 50};
    for (unsigned i = 0; i < 2; i++) {
        traces[i].sessions = 1;
        counts[i] = (struct etl_record_counts){.total = 100,
                                               .any_time = true,
                                               .first_ticks = START,
                                               .last_ticks = START + (2 - i) * SECOND};
    }
    input = (struct report_input){.opened = true,
                                  .verdict = VERDICT_INCONCLUSIVE,
                                  .traces = traces,
                                  .counts = counts,
                                  .trace_count = 2,
                                  .clock = &clock_of_100_ns,
                                  .first_ticks = START};
}

TestSuite(cause_words, .init = setup);

static void expect(enum cause cause, const char *wanted)
{
    char text[PART_CAUSE_LEN];
    part_cause_text(&settings, &input, cause, text);
    cr_expect_str_eq(text, wanted, "%s: %s", cause_name(cause), text);
}

Test(cause_words, losses_of_all_traces_are_added)
{
    traces[0].events_lost = 1;
    traces[1].events_lost = 20000;
    traces[0].buffers_lost = 1;
    expect(CAUSE_EVENTS_LOST,
           "the trace lost events, and a conflict may be among them (20 001 events and 1 trace "
           "buffer by its header), which looks like trace buffers that are too small or too few; "
           "record again with more and larger ones, to a local disk (see bufcheck capture-help)");
    traces[1].buffers_lost = 1;
    traces[0].events_lost = traces[1].events_lost = 0;
    expect(CAUSE_EVENTS_LOST,
           "the trace lost events, and a conflict may be among them (0 events and 2 trace buffers "
           "by its header), which looks like trace buffers that are too small or too few; record "
           "again with more and larger ones, to a local disk (see bufcheck capture-help)");
}

Test(cause_words, damage_of_all_traces_is_added)
{
    traces[0].damaged_buffers = 1;
    expect(CAUSE_EVENTS_LOST, "the trace lost events, and a conflict may be among them (1 damaged "
                              "trace buffer, 0 bytes skipped), which looks like a damaged copy; "
                              "copy the file again from where it was recorded");
    traces[1].damaged_buffers = 2;
    traces[0].skipped_bytes = 3;
    traces[1].skipped_bytes = 1;
    expect(CAUSE_EVENTS_LOST, "the trace lost events, and a conflict may be among them (3 damaged "
                              "trace buffers, 4 bytes skipped), which looks like a damaged copy; "
                              "copy the file again from where it was recorded");
}

Test(cause_words, appended_sessions_are_those_of_one_file)
{
    traces[0].sessions = 3;
    traces[1].sessions = 2;
    expect(CAUSE_EVENTS_LOST, "the trace lost events, and a conflict may be among them: 3 sessions "
                              "were appended to one another, and between two of them nothing was "
                              "recorded; record each into a file of its own");
}

Test(cause_words, ends_are_missing_of_what_is_cut_or_goes_on)
{
    expect(CAUSE_END_MISSING, "the end of the trace is missing: the recording was not stopped "
                              "cleanly, is still running, or the file was cut; stop the recording "
                              "(wpr -stop, logman stop) and analyse the file that this leaves");
    traces[1].end_missing = true;
    expect(CAUSE_END_MISSING, "the end of the trace is missing: the recording was not stopped "
                              "cleanly, is still running, or the file was cut; stop the recording "
                              "(wpr -stop, logman stop) and analyse the file that this leaves");
    traces[1].cut = true;
    expect(CAUSE_END_MISSING, "the end of the trace is missing: the recording was not stopped "
                              "cleanly, is still running, or the file was cut; stop the recording "
                              "(wpr -stop, logman stop) and analyse the file that this leaves");
    traces[1].finalised = true;
    expect(CAUSE_END_MISSING,
           "the end of the trace is missing: the file is shorter than it says, which looks like a "
           "cut copy; copy it again, as a whole, from where it was recorded");
    input.memory.stopped = true;
    expect(CAUSE_END_MISSING,
           "the end of the trace was not judged, because memory did not suffice");
}

Test(cause_words, other_processes_may_have_posted)
{
    input.others_posted = true;
    expect(CAUSE_NO_POSTS, "the processes that --pid or --process selects posted no send or "
                           "receive, while others did; bufcheck ops shows whose posts are there");
    settings.narrowed_by = "--pid is set in \x1b.ini";
    expect(CAUSE_NO_POSTS,
           "the processes that --pid or --process selects posted no send or receive, while others "
           "did (--pid is set in \\x1b.ini); bufcheck ops shows whose posts are there");
}

/* The time that was recorded ends with the last event of any trace. */
Test(cause_words, an_idle_time_has_its_length)
{
    input.no_posts = NO_POSTS_NO_TRAFFIC;
    expect(CAUSE_NO_POSTS,
           "sockets were opened, but nothing was sent or received in the 2.0 s that were recorded, "
           "which looks like a recording at the wrong time; record while the program works");
    counts[0].any_time = false;
    expect(CAUSE_NO_POSTS,
           "sockets were opened, but nothing was sent or received in the 1.0 s that were recorded, "
           "which looks like a recording at the wrong time; record while the program works");
    counts[1].last_ticks = START - 5;
    expect(CAUSE_NO_POSTS,
           "sockets were opened, but nothing was sent or received in the 0 ns that were recorded, "
           "which looks like a recording at the wrong time; record while the program works");
}

/* The providers that are there instead are named, or have their GUID. */
Test(cause_words, other_providers_are_named)
{
    input.no_posts = NO_POSTS_PROVIDER;
    counts[1].by_kind[ETL_HEADER_EVENT64] = 1;
    for (size_t count = 0; count <= 3; count++) {
        input.recorded.count = count;
        for (size_t i = 0; i < count; i++) {
            input.recorded.guids[i] = (struct guid){{(uint8_t)(i + 1)}};
        }
        char wanted[PART_CAUSE_LEN];
        static const char *const names[] = {
            "", ": of 00000001-0000-0000-0000-000000000000 (bufcheck info lists all)",
            ": of 00000001-0000-0000-0000-000000000000 and 00000002-0000-0000-0000-000000000000 "
            "(bufcheck info lists all)",
            ": of 00000001-0000-0000-0000-000000000000, 00000002-0000-0000-0000-000000000000 and "
            "00000003-0000-0000-0000-000000000000 (bufcheck info lists all)"};
        snprintf(
            wanted, sizeof wanted,
            "the provider Microsoft-Windows-Winsock-AFD is not in the file, which looks like a "
            "recording of something else%s; enable it when recording (bufcheck capture-help "
            "prints a profile), or give the right file",
            names[count]);
        expect(CAUSE_NO_POSTS, wanted);
    }
}

Test(cause_words, addresses_are_told_of_each_direction)
{
    input.coverage = (struct coverage){.posts = 30000, .recvs = 20000, .sends = 10000};
    expect(CAUSE_NO_USER_ADDRESS,
           "0 of 30 000 receives and sends show the address of the program's own memory, only of "
           "kernel requests, so whether memory was posted again can't be seen for receives and "
           "sends; stacks in the recording, a longer run under load, or the same test without a "
           "layered provider (security products, proxies) may show more");
    expect(CAUSE_FEW_USER_ADDRESSES,
           "the program's own address was visible for 0 % of 20 000 receives and for 0 % of 10 000 "
           "sends, and --min-visible asks for 50 %");
    input.coverage.recvs_user_address = 9999;
    expect(CAUSE_NO_USER_ADDRESS,
           "0 of 10 000 sends show the address of the program's own memory, only of kernel "
           "requests, so whether memory was posted again can't be seen for sends; stacks in the "
           "recording, a longer run under load, or the same test without a layered provider "
           "(security products, proxies) may show more");
    expect(CAUSE_FEW_USER_ADDRESSES,
           "the program's own address was visible for 49 % of 20 000 receives and for 0 % of 10 "
           "000 sends, and --min-visible asks for 50 %");
    input.coverage.sends_user_address = 5000;
    expect(CAUSE_FEW_USER_ADDRESSES, "the program's own address was visible for 49 % of 20 000 "
                                     "receives, and --min-visible asks for 50 %");
    input.coverage.recvs_user_address = 0;
    expect(CAUSE_NO_USER_ADDRESS,
           "0 of 20 000 receives show the address of the program's own memory, only of kernel "
           "requests, so whether memory was posted again can't be seen for receives; stacks in the "
           "recording, a longer run under load, or the same test without a layered provider "
           "(security products, proxies) may show more");
}

Test(cause_words, names_are_short)
{
    char text[PART_CAUSES_SHORT_LEN];
    input.causes = CAUSE_BIT(CAUSE_EVENTS_LOST);
    part_causes_short(&input, text);
    cr_expect_str_eq(text, "events-lost");
    input.causes |= CAUSE_BIT(CAUSE_NO_POSTS) | CAUSE_BIT(CAUSE_MEMORY_LIMIT);
    part_causes_short(&input, text);
    cr_expect_str_eq(text, "no-posts, events-lost, memory-limit");
    input.verdict = VERDICT_CLEAN;
    part_causes_short(&input, text);
    cr_expect_str_eq(text, "");
}
