/* SPDX-License-Identifier: Apache-2.0 */

#include <stdlib.h>
#include <string.h>

#include "analyzer/analysis.h"
#include "analyzer/analysis_parts.h"
#include "analyzer/caveats.h"
#include "analyzer/managed.h"
#include "analyzer/process_coverage.h"
#include "analyzer/resolve.h"
#include "analyzer/settled_queue.h"
#include "analyzer/tracker/call_stacks.h"
#include "analyzer/tracker/tracker.h"
#include "parsers/afd/afd_schema.h"

/* Adds a copy of a text to an array of `*count`. */
static void keep_text(struct analysis *analysis, char ***texts, size_t *count, const char *text)
{
    char **grown = realloc(*texts, (*count + 1) * sizeof *grown);
    if (grown != NULL) {
        *texts = grown;
        grown[*count] = strdup(text);
    }
    if (grown == NULL || grown[*count] == NULL) {
        analysis_fail_memory(analysis);
        return;
    }
    ++*count;
}

void analysis_free_texts(char **texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(texts[i]);
    }
    free(texts);
}

static void keep_notes(struct analysis *analysis)
{
    struct report_input *input = analysis->input;
    size_t count = etl_reader_note_count(analysis->reader);
    for (size_t i = 0; i < count && !analysis->no_memory; i++) {
        keep_text(analysis, &analysis->notes, &analysis->note_count,
                  etl_reader_note(analysis->reader, i));
    }
    count = afd_schemas_note_count(analysis->schemas);
    for (size_t i = 0; i < count && !analysis->no_memory; i++) {
        keep_text(analysis, &analysis->notes, &analysis->note_count,
                  afd_schemas_note(analysis->schemas, i));
    }
    input->notes = (const char *const *)analysis->notes;
    input->note_count = analysis->note_count;
}

static const char managed_text[] =
    "the program's own code in stacks is managed or made while it ran ([JIT]): no binary or PDB "
    "names it. What could is the .NET runtime's rundown of methods "
    "(Microsoft-Windows-DotNETRuntimeRundown), which bufcheck does not read";

static void keep_caveats(struct analysis *analysis)
{
    struct report_input *input = analysis->input;
    struct caveats caveats;
    caveats.count = 0;
    caveats_collect(&caveats, input);
    for (size_t i = 0; i < caveats.count; i++) {
        keep_text(analysis, &analysis->caveats, &analysis->caveat_count, caveats.sentences[i]);
    }
    if (managed_findings(analysis->findings, &input->frames)) {
        keep_text(analysis, &analysis->caveats, &analysis->caveat_count, managed_text);
    }
    input->caveats = (const char *const *)analysis->caveats;
    input->caveat_count = analysis->caveat_count;
}

static bool any_end_missing(const struct analysis *analysis)
{
    if (analysis->input->memory.stopped) {
        return true;
    }
    for (size_t i = 0; i < analysis->source_count; i++) {
        if (analysis->traces[i].end_missing) {
            return true;
        }
    }
    return false;
}

/* The verdict by the causes that were found and the findings as they are now. */
void analysis_decide(struct analysis *analysis)
{
    struct report_input *input = analysis->input;
    input->verdict =
        analysis->no_memory || analysis->unwanted || input->read_error || input->memory.stopped
            ? VERDICT_ERROR
            : verdict_decide(findings_gate(analysis->findings),
                             input->causes | input->accepted_causes,
                             analysis->settings->allowed_causes);
}

static void judge(struct analysis *analysis)
{
    struct report_input *input = analysis->input;
    const struct report_settings *settings = analysis->settings;
    const struct verdict_trace trace = {.loss = etl_reader_any_loss(analysis->reader),
                                        .end_missing = any_end_missing(analysis),
                                        .memory_limit = input->memory.stopped};
    uint32_t causes = verdict_causes(&input->coverage, &trace, settings->min_visible);
    uint32_t allowed = settings->allowed_causes & ~CAUSE_BIT(CAUSE_MEMORY_LIMIT);
    input->causes = causes & ~allowed;
    input->accepted_causes = causes & allowed;
    input->no_posts = input->others_posted ? NO_POSTS_NONE : verdict_no_posts(&input->coverage);
    analysis_decide(analysis);
}

void analysis_conclude(struct analysis *analysis)
{
    struct report_input *input = analysis->input;
    call_stacks_finish(tracker_stacks(analysis->tracker));
    settled_queue_drain(analysis->settled);
    if (!tracker_finish(analysis->tracker)) {
        analysis_fail_memory(analysis);
    }
    analysis_refresh_input(analysis);
    input->coverage = *tracker_coverage(analysis->tracker);
    input->none_selected =
        analysis->filters && !analysis->any_selected && input->coverage.posts != 0;
    if (filter_has_process(&analysis->settings->filter)) {
        process_coverage_finish(&analysis->selected, tracker_coverage(analysis->tracker));
        input->others_posted = analysis->selected.posts == 0 && input->coverage.posts != 0;
        input->coverage = analysis->selected;
    }
    if (!names_finish(analysis->names)) {
        analysis_fail_memory(analysis);
    }
    if (!findings_finish(analysis->findings, &input->frames)) {
        analysis_fail_memory(analysis);
    }
    input->findings = analysis->findings;
    keep_notes(analysis);
    judge(analysis);
    keep_caveats(analysis);
    analysis_decide(analysis); /* the caveats may have had no memory */
}

/* Reports come when all inputs are read, and show names and operations of findings alone. */
void analysis_drop_unseen(struct analysis *analysis)
{
    /* Findings that are left out keep operations, too. */
    if (findings_count(analysis->findings) > 0 || findings_hidden_count(analysis->findings) > 0 ||
        analysis->no_memory) {
        return;
    }
    settled_queue_destroy(analysis->settled);
    analysis->settled = NULL;
    tracker_destroy(analysis->tracker); /* no finding refers to an operation */
    names_destroy(analysis->names);
    analysis->tracker = NULL;
    analysis->names = analysis->input->names = NULL;
    analysis->input->frames.names = NULL;
}

/* ---- symbols ---- */

void analysis_resolve(struct analysis *analysis, struct symbols *symbols,
                      const struct report_settings *settings)
{
    struct report_input *input = analysis->input;
    char problem[SYMBOLS_PROBLEM_LEN];
    analysis->settings = settings;
    if (input->findings == NULL) {
        return;
    }
    input->frames.symbols = symbols;
    if (!resolve_findings(input->findings, &input->frames, settings->max_findings)) {
        analysis_fail_memory(analysis);
    }
    while (symbols_next_problem(symbols, problem)) {
        keep_text(analysis, &analysis->caveats, &analysis->caveat_count, problem);
    }
    input->caveats = (const char *const *)analysis->caveats;
    input->caveat_count = analysis->caveat_count;
    analysis_decide(analysis);
}

void analysis_use_functions(struct analysis *analysis)
{
    struct report_input *input = analysis->input;
    if (input->findings == NULL) {
        return;
    }
    if (!findings_use_functions(analysis->findings, &input->frames)) {
        analysis_fail_memory(analysis);
    }
    analysis_decide(analysis);
}
