/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <string.h>

#include "analyzer/caveats.h"
#include "analyzer/report.h"

#define INPUTS 40

static struct etl_trace_info traces[INPUTS];
static struct report_input input;
static struct caveats caveats;

static void setup(void)
{
    input = (struct report_input){.traces = traces, .trace_count = 1};
}

TestSuite(caveats, .init = setup);

static void expect_none(void)
{
    caveats_collect(&caveats, &input);
    cr_expect(eq(sz, caveats.count, 0), "%s", caveats.count > 0 ? caveats.sentences[0] : "");
}

static void expect(const char *sentence)
{
    caveats_collect(&caveats, &input);
    cr_assert(eq(sz, caveats.count, 1));
    cr_expect(eq(str, (char *)caveats.sentences[0], (char *)sentence));
}

static void expect_begin(const char *begin)
{
    caveats_collect(&caveats, &input);
    cr_assert(eq(sz, caveats.count, 1));
    cr_expect(strncmp(caveats.sentences[0], begin, strlen(begin)) == 0, "%s", caveats.sentences[0]);
}

Test(caveats, modes_of_a_file)
{
    expect_none();
    traces[0].mode = 0x10000;
    expect_begin("the file was merged or relogged");
    traces[0].mode = 0x2;
    expect_begin("the file is circular");
    traces[0].mode = 0x4;
    traces[0].clock.kind = ETL_CLOCK_QPC;
    expect_begin("the file was appended to and counts time since boot");
    traces[0].clock.kind = ETL_CLOCK_SYSTEM_TIME;
    expect_none();
    traces[0].mode = ~UINT32_C(0x10006);
    traces[0].clock.kind = ETL_CLOCK_QPC;
    expect_none();
}

Test(caveats, counts_are_of_one_or_several)
{
    traces[0].timestamps_backwards = 1;
    expect("1 record is earlier than the one before on the same processor; its place decides the "
           "order");
    traces[0].timestamps_backwards = 2;
    expect("2 records are earlier than the one before on the same processor; their places decide "
           "the order");
    traces[0].timestamps_backwards = 0;
    input.coverage.chained_operations = 1;
    expect("1 operation uses several user buffers, of which only the first one's address is "
           "recorded");
    input.coverage.chained_operations = 12345;
    expect_begin("12 345 operations use several user buffers");
    input.coverage = (struct coverage){.orphan_completions = 1};
    expect_begin("1 completion belongs to no post in the trace");
    input.coverage.orphan_completions = 2;
    expect_begin("2 completions belong to no post in the trace");
    input.coverage = (struct coverage){.undecodable = 1};
    expect("1 Winsock event could not be decoded and was left out");
    input.coverage.undecodable = 2;
    expect("2 Winsock events could not be decoded and were left out");
    input.coverage = (struct coverage){.capped_operations = 1};
    expect_begin("1 operation has so many conflicts");
    input.coverage.capped_operations = 2;
    expect_begin("2 operations have so many conflicts");
}

/* Without a post the verdict says of registered I/O that there is nothing else. */
Test(caveats, registered_io)
{
    input.coverage = (struct coverage){.registered_io_events = 1};
    expect_none();
    input.coverage.posts = 1;
    expect_begin("1 event is of registered I/O (RIO)");
    input.coverage.registered_io_events = 2;
    expect_begin("2 events are of registered I/O (RIO)");
    input.coverage.registered_io_shown = true;
    expect_none();
}

/* The old events of posts and completions need level 5; 0 is the level of all. */
Test(caveats, levels_of_the_old_events)
{
    input.coverage = (struct coverage){.posts = 1, .level_max = 4, .legacy_seen = true};
    expect("no event above level 4 was recorded: the posts and completions of events 18 to 28 need "
           "level 5");
    input.coverage.level_max = 1;
    expect_begin("no event above level 1 was recorded");
    input.coverage.level_max = 0;
    expect_none();
    input.coverage.level_max = 5;
    expect_none();
    input.coverage = (struct coverage){.posts = 0, .level_max = 4, .legacy_seen = true};
    expect_none();
    input.coverage = (struct coverage){.posts = 1, .level_max = 4, .legacy_seen = false};
    expect_none();
}

Test(caveats, short_exposures)
{
    input.sure_conflicts = 1;
    expect_begin("in the one confirmed or likely conflict both operations owned the memory");
    input.sure_conflicts = 2;
    expect_begin("in all confirmed and likely conflicts both operations owned the memory");
    input.any_long_exposure = true;
    expect_none();
}

Test(caveats, each_file_has_its_own)
{
    input.trace_count = 2;
    traces[1].mode = 0x2;
    expect_begin("the file is circular");
    traces[0].mode = 0x10002;
    caveats_collect(&caveats, &input);
    cr_expect(eq(sz, caveats.count, 3));
}

Test(caveats, as_many_as_fit)
{
    for (size_t i = 0; i < INPUTS; i++) {
        traces[i].mode = 0x2;
    }
    input.trace_count = CAVEATS_MAX;
    caveats_collect(&caveats, &input);
    cr_expect(eq(sz, caveats.count, CAVEATS_MAX));
    input.trace_count = INPUTS;
    caveats_collect(&caveats, &input);
    cr_expect(eq(sz, caveats.count, CAVEATS_MAX));
}
