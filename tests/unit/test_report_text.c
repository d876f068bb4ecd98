#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>
#include <string.h>

#include "analyzer/reports/text_flow.h"
#include "analyzer/reports/text_scale.h"
#include "tests/unit/report_fixture.h"

static struct report_fixture *fixture;

static void set_up(void)
{
    fixture = report_fixture_create();
}

static void tear_down(void)
{
    report_fixture_destroy(fixture);
}

TestSuite(report_text, .init = set_up, .fini = tear_down);

static void has(const char *text, const char *what)
{
    cr_assert(strstr(text, what) != NULL, "\"%s\" is missing in:\n%s", what, text);
}

static void lacks(const char *text, const char *what)
{
    cr_assert(strstr(text, what) == NULL, "\"%s\" is in:\n%s", what, text);
}

Test(report_text, verdict_comes_first_and_health_last)
{
    char *text = report_fixture_print(fixture, "text", 0, 1);
    cr_assert_eq(strncmp(text, "FINDINGS  trace dir/app,one.etl (exit status 1)\n", 48), 0);
    const char *finding = strstr(text, "\nERROR recv-over-recv (confirmed): ");
    const char *warning = strstr(text, "\nWARNING send-over-send (possible): ");
    const char *note = strstr(text, "\nNOTE kernel-address-reposted (possible): ");
    const char *health = strstr(text, "\nTrace health");
    cr_assert(finding != NULL && warning > finding && note > warning && health > note);
    free(text);
}

Test(report_text, finding_shows_both_blocks_with_times_and_memory)
{
    char *text = report_fixture_print(fixture, "text", 0, 1);
    has(text, "    operation    recv #2 by thread 5120 of app.exe (4120)\n"
              "    socket       TCP 10.0.0.5:50123 -> 10.0.0.9:443\n"
              "    user buffer  0x1a2b3c4000 + 8192 bytes, ends at 0x1a2b3c6000\n"
              "    posted       12.0041173 s, 127.2 us after the first\n"
              "    ended        12.0059901 s, completed, 8192 bytes, in flight 1.8");
    has(text, "    user buffer  0x1a2b3c5000 + 4096 bytes, ends at 0x1a2b3c6000\n"
              "    posted       12.0039901 s\n"
              "    ended        12.0043009 s, completed, 512 bytes, in flight 310.8 us\n"
              "    exposed      183.6 us");
    has(text, "app.exe+0x3c4d\n");
    has(text, "(2019-04-17T18:40:12.0041173Z)");
    has(text, "bufcheck explain recv-over-recv");
    has(text, "2 times on 1 socket and 2 addresses");
    has(text, "0x1a2b3d5000 + 4096 bytes at 13.0041173 s");
    free(text);
}

Test(report_text, overlap_is_drawn_to_scale)
{
    char *text = report_fixture_print(fixture, "text", 0, 1);
    has(text, "overlap        0x1a2b3c5000 + 4096 bytes: all of the first, 50 % of the second\n"
              "    first        ........................########################\n"
              "    second       ========================########################\n");
    free(text);
}

Test(report_text, possible_findings_say_why_and_what_was_lowered)
{
    char *text = report_fixture_print(fixture, "text", 0, 1);
    has(text, "possible, because\n"
              "                 - the trace shows no completion of the earlier operation\n"
              "                 - the trace lost events while it was in flight\n");
    has(text, "warning, lowered from error because it is only possible");
    has(text, "note; does not count for the exit status");
    free(text);
}

Test(report_text, control_characters_of_the_trace_do_not_reach_the_terminal)
{
    fixture->settings.verbose = true;
    char *text = report_fixture_print(fixture, "text", 0, FIXTURE_INPUTS);
    lacks(text, "\x1b");
    has(text, "ev\\x1b[31mil\\n<b>");
    free(text);
}

Test(report_text, fits_eighty_columns)
{
    char *text = report_fixture_print(fixture, "text", 0, FIXTURE_INPUTS);
    size_t longest = report_fixture_longest_line(text);
    cr_assert(le(sz, longest, 80));
    free(text);
}

Test(report_text, colours_only_when_asked_for)
{
    fixture->settings.color = true;
    char *text = report_fixture_print(fixture, "text", 0, 1);
    has(text, "\x1b[1;31mERROR\x1b[0m recv-over-recv");
    lacks(text, "\x1b[31m"); /* the hostile name's */
    free(text);
}

Test(report_text, clean_says_what_was_visible_and_what_it_does_not_mean)
{
    char *text = report_fixture_print(fixture, "text", 1, 1);
    cr_assert_eq(strncmp(text, "CLEAN  quiet.etl (exit status 0)\n", 33), 0);
    has(text, "visible for 812 of 900 receives and\n  100 of 100 sends.");
    has(text, "This speaks for the recorded run");
    free(text);
}

Test(report_text, inconclusive_says_the_cause_and_what_to_do)
{
    char *text = report_fixture_print(fixture, "text", 2, 1);
    cr_assert_eq(strncmp(text, "INCONCLUSIVE  lossy.etl (exit status 3)\n", 40), 0);
    has(text, "- events-lost: ");
    has(text, "41 events and 0 trace buffers lost");
    free(text);
}

Test(report_text, error_shows_the_chain_of_causes_with_offsets)
{
    char *text = report_fixture_print(fixture, "text", 3, 1);
    cr_assert_eq(strncmp(text, "FAILED  missing.etl (exit status 2)\n", 36), 0);
    has(text, "missing.etl: no trace file: buffer type is 9, expected 4 (offset 12)\n");
    free(text);
}

Test(report_text, several_inputs_end_with_one_line_for_all)
{
    char *text = report_fixture_print(fixture, "text", 0, FIXTURE_INPUTS);
    has(text, "\nFAILED  4 traces: 1 failed, 1 with findings, 1 inconclusive, 1 clean\n"
              "  (exit status 2)\n");
    free(text);
}

Test(report_text, quiet_prints_findings_only)
{
    fixture->settings.quiet = true;
    char *text = report_fixture_print(fixture, "text", 0, 1);
    cr_assert_eq(strncmp(text, "ERROR recv-over-recv", 20), 0);
    lacks(text, "Trace health");
    lacks(text, "FINDINGS");
    free(text);
    text = report_fixture_print(fixture, "text", 1, 1);
    cr_assert(eq(str, text, (char *)""));
    free(text);
}

Test(report_text, verbose_adds_records_and_whole_stacks)
{
    char *text = report_fixture_print(fixture, "text", 0, 1);
    lacks(text, "0xfffff80312345678");
    free(text);
    fixture->settings.verbose = true;
    text = report_fixture_print(fixture, "text", 0, 1);
    has(text, "    records      post: event 1004, processor 3, offset 4224\n");
    has(text, "0xfffff80312345678\n");
    has(text, "fingerprint");
    free(text);
}

/* --- the drawing ------------------------------------------------------------------------------ */

static void draw(uint64_t first, uint32_t first_len, uint64_t second, uint32_t second_len,
                 struct text_scale *scale)
{
    struct conflict *conflict = &fixture->conflicts[0];
    uint64_t start = first > second ? first : second;
    uint64_t first_end = first + first_len, second_end = second + second_len;
    conflict->first->buffer = first;
    conflict->first->length = first_len;
    conflict->second->buffer = second;
    conflict->second->length = second_len;
    conflict->overlap_start = start;
    conflict->overlap_len = (first_end < second_end ? first_end : second_end) - start;
    cr_assert(text_scale_draw(conflict, scale));
}

Test(report_text, few_bytes_are_drawn_one_a_character)
{
    struct text_scale scale;
    draw(0x1000, 6, 0x1004, 4, &scale);
    cr_assert(eq(str, scale.first, (char *)"====##.."));
    cr_assert(eq(str, scale.second, (char *)"....##=="));
}

Test(report_text, one_shared_byte_of_many_is_still_drawn)
{
    struct text_scale scale;
    draw(0x100000, 1000001, 0x100000 + 1000000, 1000000, &scale);
    cr_assert(eq(sz, report_fixture_occurrences(scale.first, "#"), 1));
    cr_assert(eq(sz, report_fixture_occurrences(scale.second, "#"), 1));
    cr_assert(eq(sz, strlen(scale.first), TEXT_SCALE_COLUMNS));
    cr_assert(eq(sz, strcspn(scale.first, "#"), strcspn(scale.second, "#")));
}

Test(report_text, the_widest_ranges_do_not_overflow_the_drawing)
{
    struct text_scale scale;
    draw(0x7fff00000000, UINT32_MAX, 0x7ffe00000001, UINT32_MAX, &scale);
    cr_assert(eq(sz, strlen(scale.first), TEXT_SCALE_COLUMNS));
    cr_assert(eq(sz, strlen(scale.second), TEXT_SCALE_COLUMNS));
}
