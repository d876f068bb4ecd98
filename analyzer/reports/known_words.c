#include "analyzer/reports/known_words.h"

#include <inttypes.h>

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
    out_printf(text, ": %" PRIu64 " new, %" PRIu64 " unchanged.", fresh, unchanged);
}

void known_words_input(struct out *text, const struct report_settings *settings,
                       const struct report_input *input)
{
    const struct known *known = settings->known;
    if (known != NULL && known->baseline != NULL && input->opened) {
        baseline_sentence(text, known->baseline, input);
    }
}

void known_words_run(struct out *text, const struct report_settings *settings)
{
    const struct known *known = settings->known;
    size_t count =
        known != NULL && known->baseline != NULL ? baseline_absent_count(known->baseline) : 0;
    if (count == 0) {
        return;
    }
    out_printf(text, "%zu finding%s of the baseline did not occur:", count, count == 1 ? "" : "s");
    for (size_t i = 0; i < count && i < NAMED_MAX; i++) {
        out_printf(text, "%s %s", i != 0 ? "," : "", baseline_absent(known->baseline, i));
    }
    if (count > NAMED_MAX) {
        out_printf(text, " and %zu more", count - NAMED_MAX);
    }
    out_str(text, ".\n");
}

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
    if (finding->baseline == FINDING_NOT_COMPARED) {
        return;
    }
    out_str(text, finding->baseline == FINDING_NEW ? "new: the baseline does not have it"
                                                   : "unchanged: the baseline has it");
    if (finding->kind != NULL) {
        candidates(text, finding->kind);
    }
}
