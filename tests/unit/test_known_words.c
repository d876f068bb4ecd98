/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/known/known.h"
#include "analyzer/reports/known_words.h"
#include "analyzer/reports/words.h"

static struct out text;

static void expect(const char *wanted)
{
    struct out unused;
    out_init_memory(&unused, 16);
    char *words = words_take(&text, &unused);
    out_finish(&unused);
    cr_expect_str_eq(words, wanted, "%s", words);
    free(words);
}

/* ---- suppressions ---- */

static char reason[] = "we know\x1b";

static struct suppression entry_of(bool expired, uint64_t findings)
{
    return (struct suppression){.path = "known\x07.txt",
                                .line = 3,
                                .reason = reason,
                                .until = 20261105,
                                .expired = expired,
                                .findings = findings};
}

Test(known_words, suppressions_have_a_state)
{
    static const struct {
        bool expired;
        uint64_t findings;
        const char *state, *sentence;
    } rows[] = {
        {false, 2, "used", ""},
        {false, 0, "unused", "known\\x07.txt:3: the suppression is unused (we know\\x1b).\n"},
        {true, 0, "expired",
         "known\\x07.txt:3: the suppression expired, its last day was 2026-11-05; nothing fits it "
         "(we know\\x1b).\n"},
        {true, 1, "expired",
         "known\\x07.txt:3: the suppression expired, its last day was 2026-11-05; 1 finding fits "
         "it "
         "(we know\\x1b).\n"},
        {true, 20000, "expired",
         "known\\x07.txt:3: the suppression expired, its last day was 2026-11-05; 20 000 findings "
         "fit it (we know\\x1b).\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct suppression entry = entry_of(rows[i].expired, rows[i].findings);
        const struct known known = {.suppressions = {.entries = &entry, .count = 1}};
        const struct report_settings settings = {.known = &known};
        cr_expect_str_eq(known_suppression_state(&entry), rows[i].state);
        words_begin(&text);
        known_words_run(&text, &settings);
        expect(rows[i].sentence);
    }
}

Test(known_words, nothing_is_said_where_nothing_was_asked)
{
    const struct known none = {0};
    struct report_settings settings = {0};
    const struct report_input input = {.opened = true};
    for (unsigned i = 0; i < 2; i++) {
        words_begin(&text);
        known_words_run(&text, &settings);
        known_words_input(&text, &settings, &input);
        expect("");
        settings.known = &none;
    }
}

/* Without a finding none is suppressed; of an input that was not opened nothing is said. */
Test(known_words, suppressions_are_told_of_every_input_that_was_opened)
{
    struct suppression entry = entry_of(false, 0);
    const struct known known = {.suppressions = {.entries = &entry, .count = 1}};
    const struct report_settings settings = {.known = &known};
    struct report_input input = {.opened = true};
    words_begin(&text);
    known_words_input(&text, &settings, &input);
    expect("No finding is suppressed.");
    input.opened = false;
    words_begin(&text);
    known_words_input(&text, &settings, &input);
    expect("");
}

Test(known_words, days_are_written_with_hyphens)
{
    static const struct {
        uint32_t day;
        const char *text;
    } rows[] = {{20261231, "2026-12-31"}, {20260101, "2026-01-01"}, {10203, "0001-02-03"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char day[KNOWN_DAY_LEN];
        known_day(rows[i].day, day);
        cr_expect_str_eq(day, rows[i].text);
    }
}

/* ---- findings ---- */

Test(known_words, a_finding_is_new_unchanged_or_suppressed)
{
    static const struct {
        bool suppressed;
        enum finding_baseline baseline;
        const char *name, *words;
    } rows[] = {
        {false, FINDING_NOT_COMPARED, NULL, ""},
        {false, FINDING_NEW, "new", "new: the baseline does not have it"},
        {false, FINDING_UNCHANGED, "unchanged", "unchanged: the baseline has it"},
        {true, FINDING_NOT_COMPARED, NULL, "suppressed: we know\\x1b (known\\x07.txt:3)"},
        {true, FINDING_NEW, "new",
         "suppressed: we know\\x1b (known\\x07.txt:3); new: the baseline does not have it"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct suppression entry = entry_of(false, 1);
        const struct finding finding = {.suppressed = rows[i].suppressed ? &entry : NULL,
                                        .baseline = rows[i].baseline};
        const char *name = known_baseline_name(&finding);
        cr_expect(rows[i].name == NULL ? name == NULL : strcmp(name, rows[i].name) == 0);
        words_begin(&text);
        known_words_finding(&text, &finding);
        expect(rows[i].words);
    }
}

/* Twenty candidates are named, of more it is said how many. */
Test(known_words, a_kind_has_candidates)
{
    const char *fingerprints[22];
    for (size_t i = 0; i < 22; i++) {
        fingerprints[i] = i == 0 ? "first" : "f";
    }
    for (size_t count = 1; count <= 22; count += count == 2 ? 17 : 1) {
        char wanted[600];
        struct baseline_kind kind = {
            .fingerprints = fingerprints, .count = count, .known = count == 1 ? 1 : 2};
        const struct finding finding = {.baseline = FINDING_NEW, .kind = &kind};
        size_t len = (size_t)snprintf(
            wanted, sizeof wanted,
            "new: the baseline does not have it. Of its kind %zu %s known and %zu occur, and the "
            "latest count as new; any of them may be it: first",
            kind.known, count == 1 ? "was" : "were", count);
        for (size_t i = 1; i < count && i < 20; i++) {
            len += (size_t)snprintf(wanted + len, sizeof wanted - len, ", f");
        }
        if (count > 20) {
            snprintf(wanted + len, sizeof wanted - len, " and %zu more", count - 20);
        }
        words_begin(&text);
        known_words_finding(&text, &finding);
        expect(wanted);
    }
}
