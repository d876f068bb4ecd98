/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>
#include <string.h>

#include "analyzer/reports/parts.h"
#include "analyzer/reports/text_flow.h"
#include "analyzer/reports/text_scale.h"
#include "analyzer/reports/words.h"
#include "base/stack_store.h"
#include "parsers/kernel/kernel_events.h"
#include "tests/unit/report_fixture.h"

#define LONG_NAME "a-program-with-quite-a-long-name-that-no-table-of-eighty-columns-holds.exe"

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
    const char *table = strstr(text, "\n  #  level");
    const char *finding = strstr(text, "\n1. ERROR recv-over-recv (confirmed): ");
    const char *warning = strstr(text, "\n2. WARNING send-over-send (possible): ");
    const char *notes = strstr(text, "\nNotes: ");
    const char *health = strstr(text, "\nTrace health");
    cr_assert(table != NULL && finding > table && warning > finding && notes > warning &&
              health > notes);
    has(notes, "\n  3  note   kernel-address-reposted  app.exe (4120)  ");
    lacks(text, "NOTE kernel-address-reposted");
    free(text);
}

Test(report_text, who_posted_stands_above_several_findings)
{
    char *text = report_fixture_print(fixture, "text", 0, 1);
    const char *who = strstr(text, "\nWho posted, as pairs of the first and the second post\n");
    cr_assert(who != NULL && who < strstr(text, "\n  #  level"), "%s", text);
    has(who, "  modules        app.exe and app.exe: ");
    has(who, "  call sites     app.exe+0x1a2b and app.exe+0x3c4d: ");
    free(text);
    fixture->settings.max_findings = 1;
    fixture->settings.quiet = true;
    text = report_fixture_print(fixture, "text", 0, 1);
    lacks(text, "Who posted");
    free(text);
}

Test(report_text, pdbs_that_would_help_are_ready_to_paste)
{
    struct report_input *input = &fixture->inputs[0];
    struct kernel_event *event = calloc(1, sizeof *event);
    names_destroy(input->names);
    input->names = names_create();
    input->frames.names = input->names;
    event->kind = KERNEL_IMAGE_ID;
    event->pid = 4120;
    event->image_base = UINT64_C(0x7ff600000000);
    event->image_size = 0x100000;
    memcpy(event->name, "app.exe", 8);
    names_add(input->names, event, INT64_C(4999999999));
    event->kind = KERNEL_IMAGE_PDB;
    memcpy(event->name, "C:\\b\\app.pdb", 13);
    event->pdb_guid.bytes[0] = 0xAB;
    event->pdb_age = 2;
    names_add(input->names, event, INT64_C(4999999999));
    event->kind = KERNEL_IMAGE_SEEN;
    memcpy(event->name, "app.exe", 8);
    names_add(input->names, event, INT64_C(5000000000));
    free(event);
    names_finish(input->names);
    char *text = report_fixture_print(fixture, "text", 0, 1);
    has(text, "  symbols        With --symbols DIR stacks tell functions and lines.");
    has(text, "\n                 app.pdb/000000AB0000000000000000000000002/app.pdb\n");
    free(text);
}

Test(report_text, finding_shows_both_blocks_with_times_and_memory)
{
    char *text = report_fixture_print(fixture, "text", 0, 1);
    has(text, "    call         recv #2 by thread 5120 of app.exe (4120)\n"
              "    socket       TCP 10.0.0.5:50123 -> 10.0.0.9:443 (the same)\n"
              "    user buffer  0x1a2b3c4000 + 8192 bytes, ends at 0x1a2b3c6000\n"
              "    posted       12.0041173 s, 127.2 us after the first\n"
              "    ended        12.0059901 s, completed, 8192 bytes, in flight 1.8");
    has(text, "    user buffer  0x1a2b3c5000 + 4096 bytes, ends at 0x1a2b3c6000\n"
              "    posted       12.0039901 s\n"
              "    ended        12.0043009 s, completed, 512 bytes, in flight 310.8 us\n");
    has(text, "\n  exposed        183.6 us");
    has(text, "\n  harm           512 bytes at 0x1a2b3c5000 were really overwritten: ");
    has(text, "(damage in 1 of 2 conflicts)");
    const char *first = strstr(text, "  First: in flight when the second was posted\n");
    const char *second = strstr(text, "  Second: posted into memory of the first\n");
    const char *overlap = strstr(text, "\n  overlap ");
    const char *harm = strstr(text, "\n  harm ");
    cr_assert(first != NULL && second > first && overlap > second && harm > overlap);
    has(text, "app.exe+0x3c4d\n");
    has(text, "(2019-04-17T18:40:12.0041173Z)");
    has(text, "bufcheck explain recv-over-recv");
    has(text, "2 conflicts by 2 posts, on 1 socket and 2 addresses");
    has(text, "0x1a2b3d5000 + 4096 bytes at 13.0041173 s (#3 and #4; harm: 0\n");
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

Test(report_text, a_call_that_went_on_is_told_with_both_times)
{
    /* The likely one of the two conflicts ranks first without the other's damage. */
    struct finding *finding = (struct finding *)findings_at(fixture->inputs[0].findings, 0);
    struct conflict *shown = finding->examples[0];
    finding->examples[0] = finding->examples[1];
    finding->examples[1] = shown;
    char *text = report_fixture_print(fixture, "text", 0, 1);
    has(text, "    posted       13.0039901 s; Windows could not finish it at once and went on\n"
              "                 with it 5.0 us later, at 13.0039951 s\n");
    has(text, "\n  harm           0 bytes: the trace shows no damage in this run; the next run\n"
              "                 may do it");
    has(text, "\n  confidence     likely: one call was put together");
    has(text, "treat it as confirmed");
    lacks(text, "0xffffa58f2b200000");
    free(text);
    fixture->settings.verbose = true;
    text = report_fixture_print(fixture, "text", 0, 1);
    has(text, "(kernel buffer\n                 0xffffa58f2b200000)");
    free(text);
}

Test(report_text, a_clean_verdict_over_hidden_errors_is_not_green)
{
    fixture->settings.color = true;
    fixture->settings.fail_never = true;
    fixture->inputs[0].verdict = VERDICT_CLEAN;
    char *text = report_fixture_print(fixture, "text", 0, 1);
    cr_assert_eq(strncmp(text, "\x1b[1;33mCLEAN", 12), 0);
    has(text, " (exit status 0; --fail-on never)");
    has(text, "--fail-on never: no finding counts for the exit status.");
    free(text);
    fixture->inputs[1].verdict = VERDICT_CLEAN;
    text = report_fixture_print(fixture, "text", 0, 2);
    cr_assert_eq(strncmp(text, "\x1b[1;33mCLEAN", 12), 0);
    has(text, "2 traces: 2 clean (exit status 0; --fail-on never)");
    free(text);
}

Test(report_text, rules_that_are_off_are_named_beside_the_verdict)
{
    fixture->settings.rule_enabled[rules_index(rules_find("shared-send"))] = false;
    char *text = report_fixture_print(fixture, "text", 1, 1);
    has(text, "(exit status 0; 1 rule off)\n");
    has(text, "Switched off: shared-send.");
    free(text);
}

Test(report_text, a_times_that_goes_back_is_not_made_up)
{
    struct conflict *conflict = &fixture->conflicts[2];
    conflict->second->posted.ticks = conflict->first->posted.ticks - 5;
    char *text = report_fixture_print(fixture, "text", 0, 1);
    lacks(text, " after the first\n    ended        not before");
    free(text);
    text = report_fixture_print(fixture, "json", 0, 1);
    has(text, "\"gap_ns\": null");
    free(text);
}

Test(report_text, the_programs_own_frames_are_shown_however_deep)
{
    uint64_t frames[120];
    for (size_t i = 0; i < 120; i++) {
        frames[i] = UINT64_C(0x7ffe01230000) + i;
    }
    frames[100] = UINT64_C(0x7ff600000000) + 0xabc;
    struct stack_store *store = stack_store_create();
    struct operation *first = fixture->conflicts[0].first;
    struct stack *before = first->posted.stack;
    first->posted.stack = stack_store_get(store, frames, 120);
    char *text = report_fixture_print(fixture, "text", 0, 1);
    has(text, "                 (89 more; -v shows all)\n"
              "                 app.exe+0xabc\n"
              "                 (19 more; -v shows all)\n");
    free(text);
    stack_release(first->posted.stack);
    first->posted.stack = before;
    stack_store_destroy(store);
}

Test(report_text, a_table_fits_by_shorter_names_that_keep_the_process_id)
{
    struct report_input *input = &fixture->inputs[0];
    names_destroy(input->names);
    input->names = names_create();
    input->frames.names = input->names;
    struct kernel_event *event = calloc(1, sizeof *event);
    event->kind = KERNEL_PROCESS_SEEN;
    event->process_key = fixture->conflicts[0].second->process->address;
    event->pid = 4120;
    memcpy(event->name, LONG_NAME, sizeof LONG_NAME);
    names_add(input->names, event, INT64_C(5000000000));
    free(event);
    fixture->settings.max_findings = 1; /* only the table is looked at */
    char *text = report_fixture_print(fixture, "text", 0, 1);
    const char *row = strstr(text, "\n  1  error    recv-over-recv  a-program-");
    cr_assert(row != NULL, "%s", text);
    cr_assert_eq(strchr(row + 1, '\n') - row - 1, 80);
    has(text, "~ (4120)  ");
    free(text);
}

Test(report_text, a_number_is_not_broken_at_the_end_of_a_line)
{
    struct out memory;
    struct text_flow flow;
    words_begin(&memory);
    text_flow_begin(&flow, &memory, TEXT_COLUMNS - 4, 2);
    text_flow_words(&flow, "in 1 126 590 cases of 7");
    text_flow_end(&flow);
    char *text = words_take(&memory, &memory);
    cr_assert(eq(str, text, (char *)"in\n  1 126 590 cases of 7\n"));
    free(text);
}

Test(report_text, damage_is_told_as_surely_as_it_is_known)
{
    static const struct {
        struct part_counts counts;
        const char *says;
    } rows[] = {
        {{.harmful_sure = 2, .harmful = 3, .unknown = 1, .harmless = 1},
         "Bytes were really damaged in 2 conflicts."},
        {{.harmful = 1, .unknown = 1}, "If they are real, bytes were damaged in 1 conflict."},
        {{.unknown = 1, .harmless = 1}, "Whether bytes were damaged is not known."},
        {{.harmless = 1}, "The trace shows no damaged byte in this run."},
        {{.harmless = 0}, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[PART_DAMAGE_LEN];
        part_damage_text(&rows[i].counts, text);
        cr_expect_str_eq(text, rows[i].says);
    }
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
    has(text, "the 812 receives and 100 sends that show their address.");
    has(text, "OVERLAPPED");
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
    fixture->settings.errors_told = true;
    text = report_fixture_print(fixture, "text", 3, 1);
    has(text, "The file could not be analysed. Standard error says why.\n");
    lacks(text, "offset 12");
    free(text);
}

Test(report_text, several_inputs_end_with_one_line_for_all)
{
    char *text = report_fixture_print(fixture, "text", 0, FIXTURE_INPUTS);
    cr_assert_eq(strncmp(text,
                         "FAILED  4 traces: 1 failed, 1 with findings, 1 inconclusive, "
                         "1 clean\n  (exit status 2)\n",
                         78),
                 0);
    has(text, "\nCLEAN  quiet.etl: 812 of 900 receives and 100 of 100 sends visible\n");
    cr_assert(
        eq(sz, report_fixture_occurrences(text, "\n  file           trace dir/app,one.etl\n"), 2));
    free(text);
}

Test(report_text, quiet_prints_findings_only)
{
    fixture->settings.quiet = true;
    char *text = report_fixture_print(fixture, "text", 0, 1);
    cr_assert_eq(strncmp(text, "Findings of trace dir/app,one.etl\n", 34), 0);
    has(text, "\n1. ERROR recv-over-recv");
    has(text, "\n  file           trace dir/app,one.etl\n");
    lacks(text, "Trace health");
    lacks(text, "FINDINGS");
    free(text);
    text = report_fixture_print(fixture, "text", 1, 1);
    cr_assert(eq(str, text, (char *)""));
    free(text);
    text = report_fixture_print(fixture, "text", 2, 1);
    has(text, "INCONCLUSIVE  lossy.etl (exit status 3)\n");
    free(text);
    text = report_fixture_print(fixture, "text", 3, 1);
    has(text, "FAILED  missing.etl (exit status 2)\n");
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
    has(text, "\n3. NOTE kernel-address-reposted (possible): ");
    has(text, "note; does not count for the exit status");
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
