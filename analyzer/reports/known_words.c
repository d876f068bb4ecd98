/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/reports/known_words.h"

#include <inttypes.h>
#include <stdio.h>

#include "analyzer/reports/parts.h"
#include "base/format_text.h"

#define NAMED_MAX 20 /* fingerprints that a sentence names */

const char *known_baseline_name(const struct finding *finding)
{
    switch (finding->baseline) {
    case FINDING_NEW:
        return "new";
    case FINDING_UNCHANGED:
        return "unchanged";
    case FINDING_NOT_COMPARED:
        break;
    }
    return NULL;
}

const char *known_suppression_state(const struct suppression *entry)
{
    if (entry->expired) {
        return "expired";
    }
    return entry->findings != 0 ? "used" : "unused";
}

void known_day(uint32_t day, char text[KNOWN_DAY_LEN])
{
    snprintf(text, KNOWN_DAY_LEN, "%04u-%02u-%02u", (unsigned)(day / 10000),
             (unsigned)(day / 100 % 100), (unsigned)(day % 100));
}

/* ---- an input ---- */

static void baseline_sentence(struct out *text, const struct baseline *baseline,
                              const struct report_input *input)
{
    uint64_t fresh = 0, unchanged = 0;
    for (size_t i = 0; i < part_finding_count(input); i++) {
        const struct finding *finding = findings_at(input->findings, i);
        fresh += finding->baseline == FINDING_NEW;
        unchanged += finding->baseline == FINDING_UNCHANGED;
    }
    out_str(text, "Against the baseline ");
    text_escape(text, baseline_path(baseline));
    out_str(text, ": ");
    text_grouped(text, fresh);
    out_str(text, " new, ");
    text_grouped(text, unchanged);
    out_str(text, " unchanged.");
}

static void suppressed_sentence(struct out *text, const struct report_input *input)
{
    uint64_t count = 0;
    for (size_t i = 0; i < part_finding_count(input); i++) {
        count += findings_at(input->findings, i)->suppressed != NULL;
    }
    if (count == 0) {
        out_str(text, "No finding is suppressed.");
    } else {
        text_plural(text, count, "finding");
        out_printf(text, " %s suppressed.", count == 1 ? "is" : "are");
    }
}

void known_words_input(struct out *text, const struct report_settings *settings,
                       const struct report_input *input)
{
    const struct known *known = settings->known;
    if (known == NULL || !input->opened) {
        return;
    }
    if (known->baseline != NULL) {
        baseline_sentence(text, known->baseline, input);
    }
    if (known->suppressions.count != 0) {
        out_str(text, known->baseline != NULL ? " " : "");
        suppressed_sentence(text, input);
    }
}

/* ---- the run ---- */

static void absent_words(struct out *text, const struct baseline *baseline)
{
    size_t count = baseline_absent_count(baseline);
    if (count == 0) {
        return;
    }
    out_printf(text, "%zu finding%s of the baseline did not occur:", count, count == 1 ? "" : "s");
    for (size_t i = 0; i < count && i < NAMED_MAX; i++) {
        out_printf(text, "%s %s", i != 0 ? "," : "", baseline_absent(baseline, i));
    }
    if (count > NAMED_MAX) {
        out_printf(text, " and %zu more", count - NAMED_MAX);
    }
    out_str(text, ".\n");
}

static void entry_words(struct out *text, const struct suppression *entry)
{
    char until[KNOWN_DAY_LEN];
    text_escape(text, entry->path);
    out_printf(text, ":%" PRIu64 ": ", entry->line);
    if (entry->expired) {
        known_day(entry->until, until);
        out_printf(text, "the suppression expired, its last day was %s; ", until);
        if (entry->findings == 0) {
            out_str(text, "nothing fits it");
        } else {
            text_plural(text, entry->findings, "finding");
            out_str(text, entry->findings == 1 ? " fits it" : " fit it");
        }
    } else {
        out_str(text, "the suppression is unused");
    }
    out_str(text, " (");
    text_escape(text, entry->reason);
    out_str(text, ").\n");
}

void known_words_run(struct out *text, const struct report_settings *settings)
{
    const struct known *known = settings->known;
    if (known == NULL) {
        return;
    }
    if (known->baseline != NULL) {
        absent_words(text, known->baseline);
    }
    for (size_t i = 0; i < known->suppressions.count; i++) {
        const struct suppression *entry = &known->suppressions.entries[i];
        if (entry->expired || entry->findings == 0) {
            entry_words(text, entry);
        }
    }
}

/* ---- a finding ---- */

static void candidates(struct out *text, const struct baseline_kind *kind)
{
    out_printf(text,
               ". Of its kind %zu %s known and %zu occur, and the latest count as new; any of "
               "them may be it:",
               kind->known, kind->known == 1 ? "was" : "were", kind->count);
    for (size_t i = 0; i < kind->count && i < NAMED_MAX; i++) {
        out_printf(text, "%s %s", i != 0 ? "," : "", kind->fingerprints[i]);
    }
    if (kind->count > NAMED_MAX) {
        out_printf(text, " and %zu more", kind->count - NAMED_MAX);
    }
}

void known_words_finding(struct out *text, const struct finding *finding)
{
    if (finding->suppressed != NULL) {
        out_str(text, "suppressed: ");
        text_escape(text, finding->suppressed->reason);
        out_str(text, " (");
        text_escape(text, finding->suppressed->path);
        out_printf(text, ":%" PRIu64 ")", finding->suppressed->line);
    }
    if (finding->baseline == FINDING_NOT_COMPARED) {
        return;
    }
    out_str(text, finding->suppressed != NULL ? "; " : "");
    out_str(text, finding->baseline == FINDING_NEW ? "new: the baseline does not have it"
                                                   : "unchanged: the baseline has it");
    if (finding->kind != NULL) {
        candidates(text, finding->kind);
    }
}
