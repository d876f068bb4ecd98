/* SPDX-License-Identifier: Apache-2.0 */

/* Sentences of reports, to the letter. */

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "analyzer/findings/findings.h"
#include "analyzer/reports/parts.h"
#include "analyzer/reports/phrase.h"

static struct process_info process = {.address = 0xffffa00000001000, .pid = 10};
static struct socket_info sockets = {.endpoint = 0xffffb00000001000};
static struct op_ending endings[2];
static struct operation ops[2];
static struct conflict conflict;
static struct finding finding;
static struct report_settings settings;

/* Two receives that completed; the damage is known. */
static void setup(void)
{
    for (unsigned i = 0; i < 2; i++) {
        endings[i] = (struct op_ending){.has_bytes = true, .bytes = 64};
        ops[i] = (struct operation){.process = &process,
                                    .socket = &sockets,
                                    .direction = AFD_RECV,
                                    .space = AFD_SPACE_USER,
                                    .buffer = 0x1000,
                                    .length = 64,
                                    .pointer_size = 8,
                                    .end = OP_COMPLETED,
                                    .ended = &endings[i]};
    }
    conflict = (struct conflict){.first = &ops[0],
                                 .second = &ops[1],
                                 .rule = rules_find("recv-over-recv"),
                                 .severity = RULE_ERROR,
                                 .level = RULE_ERROR,
                                 .confidence = CONFIDENCE_CONFIRMED,
                                 .harm = HARM_KNOWN,
                                 .harm_start = 0x1000};
    finding = (struct finding){.rule = conflict.rule, .level = RULE_ERROR, .count = 1, .posts = 2};
    finding.examples[0] = &conflict;
    finding.example_count = 1;
    settings = (struct report_settings){0};
    memset(settings.rule_enabled, true, sizeof settings.rule_enabled);
}

TestSuite(part_words, .init = setup);

/* ---- headlines ---- */

Test(part_words, doubtful_headlines_name_both_directions)
{
    static const struct {
        const char *rule, *text;
    } rows[] = {
        {"recv-over-recv", "a receive was posted into memory that an earlier receive may still "
                           "have owned"},
        {"recv-over-send", "a receive was posted into memory that an earlier send may still have "
                           "been reading"},
        {"send-over-recv", "a send was posted from memory that an earlier receive may still have "
                           "owned"},
        {"send-over-send", "a send was posted from memory that an earlier send may still have been "
                           "reading"},
        {"kernel-address-reposted", "an operation was posted with a kernel address that an earlier "
                                    "one may still have had"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[PART_HEADLINE_LEN];
        part_doubtful_headline(rules_find(rows[i].rule), text);
        cr_expect_str_eq(text, rows[i].text);
    }
}

/* A note of a rule whose severity is higher, and only a possible one, is told as a doubt. */
Test(part_words, a_headline_is_doubtful_where_a_note_is_lowered)
{
    for (unsigned i = 0; i < 8; i++) {
        char text[PART_HEADLINE_LEN];
        bool doubtful = i == 7;
        finding.level = (i & 1) != 0 ? RULE_NOTE : RULE_WARNING;
        conflict.severity = (i & 2) != 0 ? RULE_ERROR : RULE_NOTE;
        conflict.confidence = (i & 4) != 0 ? CONFIDENCE_POSSIBLE : CONFIDENCE_LIKELY;
        cr_expect_eq(part_is_doubtful(&finding), doubtful, "%u", i);
        part_headline(&finding, text);
        cr_expect_eq(strcmp(text, finding.rule->headline) != 0, doubtful, "%u", i);
    }
}

/* The first paragraph of a rule's advice, in one line. */
Test(part_words, a_next_step_is_one_paragraph)
{
    const struct report_input input = {.verdict = VERDICT_FINDINGS};
    for (size_t i = 0; i < RULE_COUNT; i++) {
        char text[PART_NEXT_LEN];
        finding.rule = rules_table[i];
        part_next_step(&input, &finding, text);
        size_t len = strlen(text);
        const char *fix = rules_table[i]->fix;
        cr_expect_null(strchr(text, '\n'));
        cr_expect_lt(len, (size_t)PART_NEXT_LEN);
        cr_expect(fix[len] == '\0' || strncmp(fix + len, "\n\n", 2) == 0, "%s: %s",
                  rules_table[i]->name, text);
        for (size_t at = 0; at < len; at++) {
            cr_expect_eq(text[at], fix[at] == '\n' ? ' ' : fix[at]);
        }
    }
}

/* ---- damage ---- */

static void expect_harm(const char *wanted, const char *wanted_short)
{
    char text[PART_HARM_LEN], few[PART_HARM_SHORT_LEN];
    part_harm_text(&conflict, text);
    part_harm_short(&conflict, few);
    cr_expect_str_eq(text, wanted, "%s", text);
    cr_expect_str_eq(few, wanted_short, "%s", few);
}

Test(part_words, damage_is_told_as_surely_as_it_is_known)
{
    expect_harm("0 bytes: the trace shows no damage in this run; the next run may do it",
                "0 bytes");
    conflict.harm_len = 1;
    expect_harm("1 byte at 0x1000 was really overwritten: both receives wrote there, and what "
                "arrived first is gone unless the program had read it by then",
                "1 byte");
    conflict.harm_len = 20000;
    conflict.confidence = CONFIDENCE_POSSIBLE;
    expect_harm("if both did own it, 20 000 bytes at 0x1000 were overwritten: both receives wrote "
                "there, and what arrived first is gone unless the program had read it by then",
                "20 000 bytes");
    conflict.confidence = CONFIDENCE_LIKELY;
    for (unsigned i = 0; i < 2; i++) {
        ops[i].direction = AFD_SEND;
        ops[1 - i].direction = AFD_RECV;
        expect_harm("20 000 bytes at 0x1000 were really changed under the send: the receive wrote "
                    "there before the send had ended, so other data than meant may have gone out",
                    "20 000 bytes");
    }
}

Test(part_words, damage_that_is_not_known_says_why)
{
    conflict.harm = HARM_UNKNOWN;
    expect_harm("not known: the trace does not tell how much was written", "unknown");
    endings[1].has_bytes = false;
    expect_harm("not known: the trace does not say how much the second wrote", "unknown");
    endings[0].has_bytes = false;
    expect_harm("not known: the trace does not say how much the first wrote", "unknown");
    ops[0].end = OP_FAILED;
    expect_harm("not known: the trace does not say how much the second wrote", "unknown");
    ops[0].end = OP_CLOSED;
    expect_harm("not known: the end of the first, and so how much it wrote, is not in the trace",
                "unknown");
    ops[0].end = OP_COMPLETED;
    ops[0].ended = NULL;
    expect_harm("not known: the trace does not say how much the first wrote", "unknown");
}

Test(part_words, damage_to_a_send_depends_on_both_ends)
{
    conflict.harm = HARM_UNKNOWN;
    for (unsigned i = 0; i < 2; i++) {
        static const char *const names[] = {"first", "second"};
        char wanted[300];
        struct operation *send = &ops[i], *receive = &ops[1 - i];
        setup();
        conflict.harm = HARM_UNKNOWN;
        send->direction = AFD_SEND;
        send->end = OP_FAILED;
        snprintf(
            wanted, sizeof wanted,
            "not known: the %s failed, and how much of it had gone out by then is not recorded",
            names[i]);
        expect_harm(wanted, "unknown");
        send->end = OP_PENDING;
        snprintf(wanted, sizeof wanted,
                 "not known: the end of the %s is not in the trace, so it may or may not have been "
                 "over when the receive wrote",
                 names[i]);
        expect_harm(wanted, "unknown");
        receive->end = OP_PENDING;
        snprintf(wanted, sizeof wanted,
                 "not known: the end of the %s, and so how much it wrote, is not in the trace",
                 names[1 - i]);
        expect_harm(wanted, "unknown");
    }
}

Test(part_words, damage_that_does_not_apply_says_why)
{
    conflict.harm = HARM_NONE;
    conflict.extent = EXTENT_START_ONLY;
    expect_harm("not known: the trace shows a kernel address, not the memory itself", "-");
    conflict.extent = EXTENT_FIRST_BUFFER_ONLY;
    expect_harm("not known: of a call with several user buffers only the first one's address is "
                "recorded",
                "-");
    ops[0].direction = AFD_SEND;
    expect_harm("not known: of a call with several user buffers only the first one's address is "
                "recorded",
                "-");
    ops[1].direction = AFD_SEND;
    expect_harm("none by the network: both only read that memory; damage is done where the program "
                "changes it before the last of them has ended",
                "-");
    ops[0].direction = AFD_RECV;
    expect_harm("not known: of a call with several user buffers only the first one's address is "
                "recorded",
                "-");
}

Test(part_words, badness_goes_by_level_then_damage)
{
    unsigned before = 0;
    for (unsigned level = RULE_NOTE; level <= RULE_ERROR; level++) {
        for (finding.harmful = 0; finding.harmful < 2; finding.harmful++) {
            finding.level = (enum rule_level)level;
            unsigned badness = part_badness(&finding);
            cr_expect_gt(badness, before);
            before = badness;
        }
    }
    finding.harmful = 7;
    cr_expect_eq(part_badness(&finding), before);
}

Test(part_words, damage_of_all_findings_is_a_sentence)
{
    static const struct {
        struct part_counts counts;
        const char *text;
    } rows[] = {
        {{.harmful_sure = 1, .harmful = 2, .unknown = 3},
         "Bytes were really damaged in 1 conflict."},
        {{.harmful_sure = 2, .harmful = 2}, "Bytes were really damaged in 2 conflicts."},
        {{.harmful = 1, .unknown = 1}, "If they are real, bytes were damaged in 1 conflict."},
        {{.harmful = 3}, "If they are real, bytes were damaged in 3 conflicts."},
        {{.unknown = 1, .harmless = 1}, "Whether bytes were damaged is not known."},
        {{.harmless = 1}, "The trace shows no damaged byte in this run."},
        {{.posts = 1}, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[PART_DAMAGE_LEN];
        part_damage_text(&rows[i].counts, text);
        cr_expect_str_eq(text, rows[i].text, "%zu: %s", i, text);
    }
}

/* ---- counts ---- */

Test(part_words, conflicts_are_counted_with_their_posts)
{
    char text[PART_SEEN_LEN];
    part_seen_text(&finding, text);
    cr_expect_str_eq(text, "1 conflict by 2 posts");
    finding.count = 12345;
    finding.posts = 1;
    part_seen_text(&finding, text);
    cr_expect_str_eq(text, "12 345 conflicts by 1 post");
    finding.count_is_minimum = true;
    part_seen_text(&finding, text);
    cr_expect_str_eq(text, "at least 12 345 conflicts by 1 post");
}

Test(part_words, visible_addresses_are_told_of_both_directions)
{
    static const struct {
        uint64_t recvs, recvs_visible, sends, sends_visible;
        const char *text;
    } rows[] = {
        {0, 0, 0, 0, ""},
        {5, 1, 0, 0,
         "The address of the program's memory was visible for 1 of 5 receives; there was no send."},
        {0, 0, 20000, 0,
         "The address of the program's memory was visible for 0 of 20 000 sends; there was no "
         "receive."},
        {5, 5, 7, 6,
         "The address of the program's memory was visible for 5 of 5 receives and 6 of 7 sends."},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[PART_VISIBLE_LEN];
        const struct coverage coverage = {.recvs = rows[i].recvs,
                                          .recvs_user_address = rows[i].recvs_visible,
                                          .sends = rows[i].sends,
                                          .sends_user_address = rows[i].sends_visible};
        part_visible_text(&coverage, text);
        cr_expect_str_eq(text, rows[i].text, "%s", text);
    }
}

/* ---- settings ---- */

static void expect_off(const char *wanted, const char *wanted_short, bool narrowed)
{
    char text[PART_OFF_LEN], few[PART_OFF_SHORT_LEN];
    part_off_text(&settings, text);
    part_off_short(&settings, few);
    cr_expect_str_eq(text, wanted, "%s", text);
    cr_expect_str_eq(few, wanted_short, "%s", few);
    cr_expect_eq(part_narrowed(&settings), narrowed, "%s", wanted);
}

Test(part_words, what_is_off_is_told_one_by_one)
{
    static const char *globs[] = {"app*", "b\n"};
    expect_off("", "", false);
    settings.fail_never = true;
    expect_off("--fail-on never: no finding counts for the exit status.", "; --fail-on never",
               false);
    settings.fail_never = false;
    settings.modules.globs[0] = globs[0];
    settings.modules.globs[1] = globs[1];
    settings.modules.count = 1;
    expect_off("--module: only findings with a call site in app* count.", "; --module", true);
    settings.modules.count = 2;
    expect_off("--module: only findings with a call site in app* or another one named count.",
               "; --module", true);
    settings.modules.count = 0;
    settings.narrowed_by = "--pid is set in .bufcheck.ini";
    expect_off("--pid is set in .bufcheck.ini.", "", false);
}

Test(part_words, what_is_off_is_told_together)
{
    char wanted[PART_OFF_LEN];
    settings.rule_enabled[0] = false;
    snprintf(wanted, sizeof wanted, "Switched off: %s.", rules_table[0]->name);
    expect_off(wanted, "; 1 rule off", true);
    settings.rule_enabled[2] = false;
    settings.modules.globs[0] = "app*";
    settings.modules.count = 1;
    settings.filter = (struct filter){.has_pid = true, .pid = 7};
    settings.fail_never = true;
    settings.narrowed_by = "--pid is set in a";
    snprintf(wanted, sizeof wanted,
             "Switched off: %s, %s. --module: only findings with a call site in app* count. Only "
             "what these filters admit is shown and judged: --pid 7. --fail-on never: no finding "
             "counts for the exit status. --pid is set in a.",
             rules_table[0]->name, rules_table[2]->name);
    expect_off(wanted, "; --fail-on never; --module; 2 rules off", true);
}

/* Filters are told as they can be given again: the time of day with its date, seconds with three
 * digits at least. */
Test(part_words, filters_are_told_as_options)
{
    static const struct {
        struct filter filter;
        const char *options;
    } rows[] = {
        {{.process = "a\x1b*"}, "--process a\\x1b*"},
        {{.endpoint = "10.0.0.*"}, "--endpoint 10.0.0.*"},
        {{.has_endpoint = true, .endpoint_value = 0x1f}, "--endpoint 0x1f"},
        {{.has_address = true, .address = 0xab, .address_len = 9}, "--address 0xab+9"},
        {{.since = {.given = true, .ns = 0}}, "--since 0.000"},
        {{.since = {.given = true, .ns = UINT64_C(1500000000)}}, "--since 1.500"},
        {{.since = {.given = true, .ns = UINT64_C(2000400000)}}, "--since 2.0004"},
        {{.until = {.given = true, .ns = UINT64_C(3000000001)}}, "--until 3.000000001"},
        {{.until = {.given = true, .absolute = true, .filetime = INT64_C(134117966450000000)}},
         "--until 2026-01-02T03:04:05.0000000Z"},
        {{.has_pid = true, .pid = 4, .since = {.given = true, .ns = UINT64_C(100000000)}},
         "--pid 4 --since 0.100"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char wanted[PART_OFF_LEN];
        settings.filter = rows[i].filter;
        snprintf(wanted, sizeof wanted, "Only what these filters admit is shown and judged: %s.",
                 rows[i].options);
        expect_off(wanted, "", true);
    }
}

Test(part_words, a_rules_severity_is_its_worst_or_what_was_asked)
{
    for (size_t i = 0; i < RULE_COUNT; i++) {
        struct rule_pair legacy = {0}, modern = {.modern = true};
        enum rule_level one = rules_table[i]->severity(&legacy);
        enum rule_level other = rules_table[i]->severity(&modern);
        cr_expect_eq(part_rule_severity(&settings, i), one > other ? one : other);
        settings.severity_override[i] = RULE_WARNING;
        settings.has_override[i] = true;
        cr_expect_eq(part_rule_severity(&settings, i), RULE_WARNING);
    }
}

/* ---- phrases ---- */

/* A phrase keeps to its room, whatever is added. */
Test(part_words, phrases_end_where_their_room_does)
{
    for (size_t room = 1; room < 12; room++) {
        char text[16] = "################";
        struct phrase words = phrase_in(text, room);
        cr_expect_eq(words.used, 0);
        phrase_add(&words, "%s", "abcd");
        phrase_count(&words, 1, "x");
        phrase_count(&words, 2, "y");
        char whole[] = "abcd1 x2 ys";
        whole[room - 1] = '\0';
        cr_expect_str_eq(text, whole);
        cr_expect_eq(words.used, strlen(whole));
        cr_expect_eq(text[room], '#');
    }
}
