/* SPDX-License-Identifier: Apache-2.0 */

/* The health of a trace, as text and in HTML. */

#include <criterion/criterion.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/reports/html_parts.h"
#include "analyzer/reports/words.h"
#include "tests/unit/report_fixture.h"

static struct report_fixture *fixture;
static struct report_input input;
static struct etl_trace_info trace;
static struct etl_record_counts counts;

/* The clean trace of the fixture, which the tests change. */
static void setup(void)
{
    fixture = report_fixture_create();
    input = fixture->inputs[1];
    trace = input.traces[0];
    counts = input.counts[0];
    input.traces = &trace;
    input.counts = &counts;
}

static void teardown(void)
{
    report_fixture_destroy(fixture);
}

TestSuite(report_health, .init = setup, .fini = teardown);

/* The row of the text with that label, without it, as one line. */
static const char *row(const char *label)
{
    static char text[4000];
    struct out out, unused;
    size_t len = 0;
    words_begin(&out);
    words_health(&out, &fixture->settings, &input);
    out_init_memory(&unused, 16);
    char *whole = words_take(&out, &unused);
    out_finish(&unused);
    char wanted[40];
    snprintf(wanted, sizeof wanted, "\n  %-15s", label);
    const char *at = strstr(whole, wanted);
    for (at = at != NULL ? at + strlen(wanted) : ""; *at != '\0'; at++) {
        if (*at == '\n' && strncmp(at + 1, "                 ", 17) != 0) {
            break;
        }
        at += *at == '\n' ? 17 : 0;
        if (*at != ' ' || (len > 0 && text[len - 1] != ' ')) {
            text[len++] = *at;
        }
    }
    text[len] = '\0';
    free(whole);
    return text;
}

static void expect_row(const char *label, const char *wanted)
{
    const char *text = row(label);
    cr_expect_str_eq(text, wanted, "%s: %s", label, text);
}

Test(report_health, tells_the_file)
{
    expect_row("file", "1 048 576 bytes, 16 trace buffers, from 64-bit Windows 10.0 build 19041 "
                       "with 4 processors");
    trace.size = trace.buffers = trace.compressed_buffers = trace.processors = 1;
    trace.pointer_size = 4;
    memset(counts.by_kind, 0, sizeof counts.by_kind);
    expect_row("file", "1 byte, 1 trace buffer (1 compressed), from Windows 10.0 build 19041, "
                       "written by a 32-bit program, with 1 processor");
}

Test(report_health, tells_the_time)
{
    expect_row("time", "2019-04-17T18:40:00.0000000Z to 2019-04-17T18:40:17.0000000Z, 17.0 s");
    counts.any_time = false;
    expect_row("time", "no event with a time");
}

Test(report_health, tells_losses)
{
    expect_row("loss", "none recorded");
    input.causes = CAUSE_BIT(CAUSE_EVENTS_LOST);
    expect_row("loss", "some, noted between the events; the header counts none");
    input.causes = 0;
    input.accepted_causes = CAUSE_BIT(CAUSE_EVENTS_LOST);
    expect_row("loss", "some, noted between the events; the header counts none");
    trace.damaged_buffers = 1;
    expect_row("loss", "none recorded; 1 damaged trace buffer, 0 bytes skipped");
    trace.damaged_buffers = 0;
    trace.skipped_bytes = 2;
    expect_row("loss", "some, noted between the events; the header counts none; 0 damaged trace "
                       "buffers, 2 bytes skipped");
    trace.skipped_bytes = 0;
    trace.events_lost = 1;
    expect_row("loss", "1 event and 0 trace buffers lost while recording");
    trace.events_lost = 0;
    trace.buffers_lost = 1;
    trace.end_missing = true;
    snprintf(trace.end_missing_why, sizeof trace.end_missing_why, "it was cut");
    expect_row("loss",
               "0 events and 1 trace buffer lost while recording; the end is missing: it was cut");
}

Test(report_health, tells_events_and_operations)
{
    expect_row(
        "events",
        "2000 Winsock events up to level of detail 4 of 5, of the family of Windows 7 and later");
    expect_row("operations", "1000 calls, at most 0 in flight at once, 15 still at the end; 985 "
                             "completions matched to their posts, 5 without a post in the trace");
    expect_row("stacks", "none: bufcheck capture-help tells how to record them");
    input.coverage.legacy_seen = true;
    input.coverage.undecodable = 3;
    input.coverage.stacks = 7;
    expect_row("events",
               "2000 Winsock events up to level of detail 4 of 5, of both families: Windows "
               "Vista's and that of 7 and later; 3 not understood (unexpected length)");
    expect_row("stacks", "of 7 of 1000 calls");
    input.coverage = (struct coverage){.legacy_seen = true,
                                       .events = 1,
                                       .posts = 1,
                                       .matched = 1,
                                       .max_in_flight = 1,
                                       .pending = 1};
    expect_row("events", "1 Winsock event up to level of detail 0 of 5, of the family of Windows "
                         "Vista and Server 2008");
    expect_row("operations", "1 call, at most 1 in flight at once, 1 still at the end; 1 "
                             "completion matched to its post");
    expect_row("stacks", "none: bufcheck capture-help tells how to record them");
    input.coverage = (struct coverage){.completions = 1, .orphan_completions = 1};
    expect_row("events", "0 Winsock events");
    expect_row("operations", "0 calls, at most 0 in flight at once, 0 still at the end; 0 "
                             "completions matched to their posts, 1 without a post in the trace");
    expect_row("stacks", "");
    input.coverage.completions = 0;
    expect_row("operations", "none");
}

/* ---- operations that are compared in part ---- */

#define AT(member) offsetof(struct coverage, member)

static const struct {
    size_t at;
    const char *one, *many;
} limits[] = {
    {AT(kernel_address_operations),
     "- 1 operation with a kernel address, compared by its start only",
     "- 2 operations with a kernel address, compared by their starts only"},
    {AT(inferred_address_operations),
     "- 1 call whose address is that of its failed attempt on the fast path",
     "- 2 calls whose address is that of their failed attempt on the fast path"},
    {AT(chained_operations),
     "- 1 operation with several user buffers, compared by the first one's address",
     "- 2 operations with several user buffers, compared by the first one's address"},
    {AT(zero_length_posts), "- 1 post of length 0: owns no memory",
     "- 2 posts of length 0: own no memory"},
    {AT(rejected_posts), "- 1 post that was rejected at once",
     "- 2 posts that were rejected at once"},
    {AT(invalid_addresses), "- 1 post with an impossible address",
     "- 2 posts with an impossible address"},
    {AT(buffered_ignored),
     "- 1 post of a copy that Windows made for itself: not the program's memory",
     "- 2 posts of copies that Windows made for itself: not the program's memory"},
    {AT(capped_operations), "- 1 operation with more conflicts than are kept",
     "- 2 operations with more conflicts than are kept"},
};
#define LIMITS (sizeof limits / sizeof limits[0])

static void set(size_t at, uint64_t value)
{
    memcpy((char *)&input.coverage + at, &value, sizeof value);
}

Test(report_health, tells_operations_that_are_compared_in_part)
{
    expect_row("limited", "");
    for (size_t i = 0; i < LIMITS; i++) {
        set(limits[i].at, 2);
        expect_row("limited", limits[i].many);
        for (size_t j = i + 1; j < LIMITS; j++) {
            char both[300];
            set(limits[i].at, 1);
            set(limits[j].at, 1);
            snprintf(both, sizeof both, "%s %s", limits[i].one, limits[j].one);
            expect_row("limited", both);
            set(limits[j].at, 0);
        }
        set(limits[i].at, 0);
    }
    set(limits[0].at, 1);
    input.coverage.posts = 0;
    expect_row("limited", "");
}

/* ---- remarks ---- */

/* Five notes are shown, and all with -v; caveats all the same. */
Test(report_health, tells_some_notes_and_all_caveats)
{
    static const char *const notes[] = {"a", "b", "c", "d", "e", "f", "g"};
    input.notes = input.caveats = notes;
    for (size_t count = 0; count <= 7; count++) {
        char wanted[100] = "", all[100] = "";
        input.note_count = input.caveat_count = count;
        for (size_t i = 0; i < count; i++) {
            size_t len = strlen(all);
            snprintf(all + len, sizeof all - len, "%s- %s", i > 0 ? " " : "", notes[i]);
            if (i < 5) {
                memcpy(wanted, all, sizeof wanted);
            }
        }
        if (count > 5) {
            size_t len = strlen(wanted);
            snprintf(wanted + len, sizeof wanted - len, " (%zu more; -v shows them)", count - 5);
        }
        expect_row("caveats", all);
        expect_row("notes", wanted);
        fixture->settings.verbose = true;
        expect_row("notes", all);
        fixture->settings.verbose = false;
    }
}

Test(report_health, tells_causes_that_do_not_make_the_verdict)
{
    input.causes = CAUSE_BIT(CAUSE_EVENTS_LOST) | CAUSE_BIT(CAUSE_NO_POSTS);
    expect_row("unproven",
               "- no-posts: ends of sends and receives are in the trace, but not one post, which "
               "looks like a filter on event ids, or like a recording of a few moments; record all "
               "events of the provider, from before the program opens its sockets until its "
               "traffic has drained (see bufcheck capture-help) - events-lost: the trace lost "
               "events, and a conflict may be among them (Windows marked the places between the "
               "events), which looks like trace buffers that are too small or too few; record "
               "again with more and larger ones, to a local disk (see bufcheck capture-help)");
    expect_row("accepted", "");
    input.accepted_causes = CAUSE_BIT(CAUSE_NO_POSTS);
    input.causes = 0;
    expect_row("unproven", "");
    expect_row("accepted",
               "- no-posts: ends of sends and receives are in the trace, but not one post, which "
               "looks like a filter on event ids, or like a recording of a few moments; record all "
               "events of the provider, from before the program opens its sockets until its "
               "traffic has drained (see bufcheck capture-help)");
    input.verdict = VERDICT_INCONCLUSIVE;
    input.causes = CAUSE_BIT(CAUSE_EVENTS_LOST);
    expect_row("unproven", "");
}

/* ---- HTML ---- */

/* The health of `count` inputs as text: "level:heading", "label=value" with "!" before what is bad,
 * and brackets around what is folded. */
static const char *html_of(const struct report_input *inputs, size_t count)
{
    static char text[20000];
    static const char *const marks[][2] = {{"</dt><dd class=\"bad\">", "!="},
                                           {"</dt><dd>", "="},
                                           {"</dd>", ";"},
                                           {"<h3>", "3:"},
                                           {"<h4>", "4:"},
                                           {"</h3>", ";"},
                                           {"</h4>", ";"},
                                           {"<details>", "["},
                                           {"</details>", "]"},
                                           {"</summary>", ";"},
                                           {"<li>", "* "},
                                           {"</p>", ";"}};
    struct out out, unused;
    size_t len = 0;
    fixture->report.inputs = inputs;
    fixture->report.input_count = count;
    words_begin(&out);
    html_health(&out, &fixture->report);
    out_init_memory(&unused, 16);
    char *whole = words_take(&out, &unused);
    out_finish(&unused);
    for (const char *at = whole; *at != '\0';) {
        size_t mark = 0;
        while (mark < sizeof marks / sizeof marks[0] &&
               strncmp(at, marks[mark][0], strlen(marks[mark][0])) != 0) {
            mark++;
        }
        if (mark < sizeof marks / sizeof marks[0]) {
            len += (size_t)snprintf(text + len, sizeof text - len, "%s", marks[mark][1]);
            at += strlen(marks[mark][0]);
        } else if (*at == '<') {
            at = strchr(at, '>') + 1;
        } else {
            text[len] = *at++;
            len += text[len] != '\n';
        }
    }
    text[len] = '\0';
    free(whole);
    return text;
}

Test(report_health, of_one_trace_in_html)
{
    input.caveat_count = input.note_count = 0;
    cr_expect_str_eq(
        html_of(&input, 1),
        "3:File;Size=1\xe2\x80\xaf"
        "048\xe2\x80\xaf"
        "576 bytes;Windows=10.0 build 19041, 64-bit;Processors seen=4 of 4;First "
        "event=2019-04-17T18:40:00.0000000Z;Last event=2019-04-17T18:40:17.0000000Z;Records=1234;"
        "3:Completeness;Events lost=0;Trace buffers lost=0;Trace buffers=16;Damaged trace "
        "buffers=0;Skipped bytes=0;Closed properly=yes;"
        "3:Operations;Event family=modern (Windows 7 and later);Calls=1000;Continued after a "
        "failed attempt=12 of 40;Completions that ended a post=985 of 990;Still pending at the "
        "end=15;Receives with a visible address=812 of 900;Sends with a visible address=100 of "
        "100;Kernel addresses=0;Addresses from an attempt=0;"
        "3:In detail;Winsock events=2000;Several user buffers in one=0;Of length 0=0;Rejected when "
        "posted=0;Invalid addresses=0;Undecodable events=0;Most in flight at one time=0;Calls with "
        "a stack=0 of 1000;",
        "%s", html_of(&input, 1));
    static const char *const notes[] = {"a<b", "c"};
    input.caveats = input.notes = notes;
    input.caveat_count = 1;
    input.note_count = 2;
    trace.pointer_size = 4;
    memset(counts.by_kind, 0, sizeof counts.by_kind);
    counts.any_time = false;
    snprintf(trace.session_name, sizeof trace.session_name, "s");
    trace.events_lost = 1;
    trace.buffers_lost = 2;
    trace.damaged_buffers = 3;
    trace.skipped_bytes = 4;
    trace.end_missing = true;
    trace.size = 1;
    input.coverage = (struct coverage){.legacy_seen = true,
                                       .posts = 1,
                                       .continued = 2,
                                       .attempts = 3,
                                       .matched = 4,
                                       .completions = 5,
                                       .pending = 6,
                                       .recvs_user_address = 7,
                                       .recvs = 8,
                                       .sends_user_address = 9,
                                       .sends = 10,
                                       .kernel_address_operations = 11,
                                       .inferred_address_operations = 12,
                                       .events = 13,
                                       .chained_operations = 14,
                                       .zero_length_posts = 15,
                                       .rejected_posts = 16,
                                       .invalid_addresses = 17,
                                       .undecodable = 18,
                                       .max_in_flight = 19,
                                       .stacks = 20};
    cr_expect_str_eq(html_of(&input, 1),
                     "3:File;Size=1 byte;Windows=10.0 build 19041; written by a 32-bit "
                     "program;Processors seen=4 of 4;Session=s;Records=1234;"
                     "3:Completeness;Events lost!=1;Trace buffers lost!=2;Trace buffers=16;Damaged "
                     "trace buffers!=3;Skipped bytes!=4;Closed properly!=no;"
                     "3:Operations;Event family=legacy (Windows Vista);Calls=1;Continued after a "
                     "failed attempt=2 of 3;Completions that ended a post=4 of 5;Still pending at "
                     "the end=6;Receives with a visible address=7 of 8;Sends with a visible "
                     "address=9 of 10;Kernel addresses=11;Addresses from an attempt=12;"
                     "3:In detail;Winsock events=13;Several user buffers in one=14;Of length "
                     "0=15;Rejected when posted=16;Invalid addresses!=17;Undecodable "
                     "events!=18;Most in flight at one time=19;Calls with a stack=20 of 1;"
                     "* a&lt;b"
                     "* a&lt;b"
                     "* c",
                     "%s", html_of(&input, 1));
    snprintf(trace.end_missing_why, sizeof trace.end_missing_why, "it was cut");
    input.coverage = (struct coverage){.legacy_seen = true, .modern_seen = true};
    cr_expect_not_null(strstr(html_of(&input, 1), "Closed properly!=it was cut;"));
    cr_expect_not_null(strstr(html_of(&input, 1), "Event family=both;"));
    input.coverage.legacy_seen = input.coverage.modern_seen = false;
    cr_expect_not_null(strstr(html_of(&input, 1), "Event family=none;"));
    input.trace_count = 0;
    cr_expect_str_eq(html_of(&input, 1), "Nothing could be read from this file.;");
    input.trace_count = 1;
    input.opened = false;
    cr_expect_str_eq(html_of(&input, 1), "Nothing could be read from this file.;");
}

/* Of up to three traces the health is open; of a timeline of several files only the first tells
 * the operations. */
Test(report_health, of_several_traces_in_html)
{
    struct report_input inputs[4] = {fixture->inputs[3], fixture->inputs[3], fixture->inputs[3],
                                     fixture->inputs[3]};
    inputs[1].errors.count = 0;
    cr_expect_str_eq(html_of(inputs, 3),
                     "3:missing.etl error;missing.etl: no trace file: buffer type is 9, expected 4 "
                     "(offset 12);Nothing could be read from this file.;"
                     "3:missing.etl error;Nothing could be read from this file.;"
                     "3:missing.etl error;missing.etl: no trace file: buffer type is 9, expected 4 "
                     "(offset 12);Nothing could be read from this file.;",
                     "%s", html_of(inputs, 3));
    cr_expect_str_eq(html_of(inputs, 4),
                     "[missing.etl error;missing.etl: no trace file: buffer type is 9, expected 4 "
                     "(offset 12);Nothing could be read from this file.;]"
                     "[missing.etl error;Nothing could be read from this file.;]"
                     "[missing.etl error;missing.etl: no trace file: buffer type is 9, expected 4 "
                     "(offset 12);Nothing could be read from this file.;]"
                     "[missing.etl error;missing.etl: no trace file: buffer type is 9, expected 4 "
                     "(offset 12);Nothing could be read from this file.;]",
                     "%s", html_of(inputs, 4));
    inputs[0] = inputs[1] = input;
    struct etl_trace_info traces[2] = {trace, trace};
    struct etl_record_counts both[2] = {counts, counts};
    inputs[0].traces = traces;
    inputs[0].counts = both;
    inputs[0].trace_count = 2;
    const char *text = html_of(inputs, 1);
    cr_expect_eq(report_fixture_occurrences(text, "3:File;"), 2);
    cr_expect_eq(report_fixture_occurrences(text, "3:Operations;"), 1);
    text = html_of(inputs, 2);
    cr_expect_eq(report_fixture_occurrences(text, "3:quiet.etl clean;"), 2);
    cr_expect_eq(report_fixture_occurrences(text, "4:File;"), 3);
    text = html_of(inputs, 4);
    cr_expect_eq(report_fixture_occurrences(text, "[quiet.etl clean;3:File;"), 2);
}
