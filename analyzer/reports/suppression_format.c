/* SPDX-License-Identifier: Apache-2.0 */

/* --gen-suppressions: an entry for each finding, ready to paste into a file of suppressions. */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/reports/suppression_format.h"
#include "analyzer/reports/parts.h"
#include "analyzer/reports/words.h"
#include "base/format_text.h"
#include "base/least.h"

struct generator {
    struct out *out;
};

static void *generator_create(struct out *out, const struct report_settings *settings)
{
    struct generator *generator = malloc(sizeof *generator);
    (void)settings;
    if (generator != NULL) {
        *generator = (struct generator){out};
    }
    return generator;
}

/* A line of text from the trace, without characters that would end it. */
static void text_line(struct out *out, const char *name, const char *text)
{
    out_str(out, name);
    text_escape(out, text);
    out_char(out, '\n');
}

/* Puts the call site of a post into `text`, "" where none is known. */
static void call_site_text(const struct report_input *input, const struct operation *op,
                           char text[PART_FRAME_LEN])
{
    struct frame frame;
    text[0] = '\0';
    if (part_call_site(input, op, &frame)) {
        frame.file = NULL; /* lines move from build to build */
        frame.inlined = false;
        part_frame_text(&frame, text);
    }
}

/* A line for each call site; one where both posts have the same. */
static void call_site_lines(struct out *out, const struct report_input *input,
                            const struct conflict *conflict)
{
    char first[PART_FRAME_LEN], second[PART_FRAME_LEN];
    call_site_text(input, conflict->first, first);
    call_site_text(input, conflict->second, second);
    if (first[0] != '\0') {
        text_line(out, "# call-site = ", first);
    }
    if (second[0] != '\0' && strcmp(first, second) != 0) {
        text_line(out, "# call-site = ", second);
    }
}

static void remote_line(struct out *out, const struct operation *op)
{
    char text[AFD_ADDRESS_TEXT_LEN] = "";
    afd_address_format(op_remote(op), text);
    if (text[0] != '\0') {
        text_line(out, "# remote = ", text);
    }
}

static void entry(struct out *out, const struct report_input *input, const struct finding *finding)
{
    const struct conflict *conflict = part_shown(finding);
    const char *image = part_image(input, conflict->second);
    char seen[PART_SEEN_LEN], process[PART_PROCESS_LEN], across[PART_ACROSS_LEN];
    part_seen_text(finding, seen);
    part_process(input, conflict->second, process);
    out_printf(out, "# %s, %s: %s in ", rule_level_name(finding->level), part_confidence(conflict),
               seen);
    text_escape(out, process);
    out_str(out, ", ");
    if (part_across(finding, across)) {
        out_printf(out, "%s, first in ", across);
    }
    text_line(out, "", part_base_name(input->path));
    out_printf(out, "rule = %s\n", finding->rule->name);
    if (image != NULL && image[0] != '\0') {
        text_line(out, "process = ", image);
    }
    call_site_lines(out, input, conflict);
    remote_line(out, conflict->second);
    out_printf(out,
               "fingerprint = %s\nreason = not looked at yet: say here why it is accepted\n"
               "# until = 2030-12-31\n\n",
               finding->fingerprint.text);
}

/* A finding that is not known yet, and its place in the report. */
struct candidate {
    const struct report_input *input;
    const struct finding *finding;
    size_t place;
};

static int by_fingerprint(const void *a, const void *b)
{
    const struct candidate *left = a, *right = b;
    int order = strcmp(left->finding->fingerprint.text, right->finding->fingerprint.text);
    return order != 0 ? order : order_u64(left->place, right->place);
}

static int by_place(const void *a, const void *b)
{
    const struct candidate *left = a, *right = b;
    return order_u64(left->place, right->place);
}

static size_t collect_candidates(const struct report *report, struct candidate *candidates)
{
    size_t count = 0;
    for (size_t i = 0; i < report->input_count; i++) {
        const struct report_input *input = &report->inputs[i];
        for (size_t j = 0; j < part_finding_count(input); j++) {
            const struct finding *finding = findings_at(input->findings, j);
            if (!finding_is_known(finding)) {
                candidates[count] = (struct candidate){input, finding, count};
                count++;
            }
        }
    }
    return count;
}

/* Leaves the first candidate of each fingerprint, in the order of the report. */
static size_t drop_repeated(struct candidate *candidates, size_t count)
{
    size_t kept = 0;
    qsort(candidates, count, sizeof *candidates, by_fingerprint);
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || strcmp(candidates[kept - 1].finding->fingerprint.text,
                                candidates[i].finding->fingerprint.text) != 0) {
            candidates[kept++] = candidates[i];
        }
    }
    qsort(candidates, kept, sizeof *candidates, by_place);
    return kept;
}

/* Findings of one fingerprint share an entry; those that are known have none. */
static void generator_finish(void *user, const struct report *report)
{
    struct generator *generator = user;
    size_t total = 0;
    for (size_t i = 0; i < report->input_count; i++) {
        total += part_finding_count(&report->inputs[i]);
    }
    struct candidate *candidates = calloc(total != 0 ? total : 1, sizeof *candidates);
    if (candidates == NULL) {
        out_fail(generator->out, OUT_NO_MEMORY, ENOMEM);
        return;
    }
    size_t count = drop_repeated(candidates, collect_candidates(report, candidates));
    for (size_t i = 0; i < count; i++) {
        entry(generator->out, candidates[i].input, candidates[i].finding);
    }
    free(candidates);
}

const struct report_format report_suppressions = {
    .name = "suppressions",
    .help = "entries for --suppressions",
    .create = generator_create,
    .finish = generator_finish,
    .destroy = free,
};
