/* SPDX-License-Identifier: Apache-2.0 */

/* `text`: what a person reads in a terminal and pastes into a ticket. */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/reports/formats.h"
#include "analyzer/reports/known_words.h"
#include "analyzer/reports/parts.h"
#include "analyzer/reports/text_parts.h"
#include "analyzer/reports/trace_kinds.h"
#include "analyzer/reports/words.h"

#define AGAIN_NAMED 12  /* numbers that a line names */
#define TRACES_NAMED 12 /* traces that a line names */

struct text_report {
    struct text_style style;
    const struct report_settings *settings;
    /* Causes that earlier inputs told; owned. NULL: one input, else blocks name their file. */
    struct text_told *told;
    struct text_told *telling; /* the same with those of this input; behind `told` */
    uint64_t number;           /* the last finding's */
    struct trace_kinds kinds;  /* with several inputs */
    bool *joined;              /* owned; of each input whether an earlier one's line names it */
};

static void *text_create(struct out *out, const struct report_settings *settings)
{
    struct text_report *text = malloc(sizeof *text);
    if (text != NULL) {
        *text = (struct text_report){.style = {out, settings->color}, .settings = settings};
    }
    return text;
}

static void omitted(const struct text_report *text, const struct part_limit *limit)
{
    for (size_t i = 0; i < RULE_COUNT; i++) {
        if (limit->omitted[i] == 0) {
            continue;
        }
        struct text_flow flow;
        text_flow_begin(&flow, text->style.out, 0, 0);
        text_flow_count(&flow, limit->omitted[i]);
        text_flow_format(&flow, " more finding%s of %s not shown; --max-findings 0 shows all",
                         limit->omitted[i] == 1 ? "" : "s", rules_table[i]->name);
        text_flow_end(&flow);
        out_char(text->style.out, '\n');
    }
}

/* How many findings of an input are printed in each place. */
struct shown {
    uint64_t in[TEXT_AGAIN + 1];
    uint64_t news; /* all that is not there already */
};

static struct shown count_shown(const struct text_report *text, const struct report_input *input)
{
    struct shown shown = {0};
    struct part_limit limit;
    part_limit_init(&limit, text->settings);
    for (size_t i = 0; i < part_finding_count(input); i++) {
        const struct finding *finding = findings_at(input->findings, i);
        if (part_limit_admits(&limit, finding)) {
            enum text_place place = text_place(text->settings, text->told, finding);
            shown.in[place]++;
            shown.news += place != TEXT_AGAIN ? 1 : 0;
        }
    }
    return shown;
}

static void list_of(const struct text_report *text, const struct report_input *input,
                    const struct text_list *list)
{
    struct text_flow flow;
    const char *title = list->place == TEXT_AMONG_NOTES ? "Notes" : "Known";
    text_colored(&text->style, TEXT_BOLD, title);
    text_flow_begin(&flow, text->style.out, strlen(title), 2);
    if (text->told != NULL || text->settings->quiet) {
        text_flow_words(&flow, " of ");
        text_flow_escaped(&flow, input->path);
    }
    text_flow_words(&flow, list->place == TEXT_AMONG_NOTES
                               ? ": mostly harmless, or not provable; -v shows each in full"
                               : ": they don't count for the exit status; -v shows each in full");
    text_flow_end(&flow);
    text_table(&text->style, text->settings, input, list);
    out_char(text->style.out, '\n');
}

/* No verdict stands above the table of a quiet report. */
static void table_title(const struct text_report *text, const struct report_input *input)
{
    struct text_flow flow;
    text_colored(&text->style, TEXT_BOLD, "Findings");
    text_flow_begin(&flow, text->style.out, strlen("Findings"), 2);
    text_flow_words(&flow, " of ");
    text_flow_escaped(&flow, input->path);
    text_flow_end(&flow);
}

static void put_table(const struct text_report *text, const struct report_input *input,
                      const struct text_list *list)
{
    if (!text->settings->quiet && text_who(&text->style, text->settings, input)) {
        out_char(text->style.out, '\n');
    }
    if (text->settings->quiet) {
        table_title(text, input);
    }
    text_table(&text->style, text->settings, input, list);
    out_char(text->style.out, '\n');
}

/* Notes a finding that was printed, unless this input told its cause already, at least as badly or
 * not comparably. */
static void tell(struct text_report *text, const struct finding *finding, enum text_place place,
                 const struct text_list *list, uint64_t number)
{
    struct text_told *telling = &text->telling[finding->across->index];
    unsigned badness = part_badness(finding);
    bool is_covered = telling->badness <= badness && telling->place >= place;
    bool is_same = telling->badness == badness && telling->place == place;
    if (telling->number < list->first_number || (is_covered && !is_same)) {
        *telling = (struct text_told){number, badness, place};
    }
}

/* Later inputs' findings of the same causes are not printed again. All places of this input follow
 * from what earlier inputs told, so `told` changes only when every finding has its number. */
static void remember(struct text_report *text, const struct report_input *input,
                     const struct text_list *list)
{
    struct part_limit limit;
    uint64_t number = list->first_number;
    size_t count = text->told != NULL ? part_finding_count(input) : 0;
    part_limit_init(&limit, text->settings);
    for (size_t i = 0; i < count; i++) {
        const struct finding *finding = findings_at(input->findings, i);
        if (!part_limit_admits(&limit, finding)) {
            continue;
        }
        enum text_place place = text_place(text->settings, text->told, finding);
        if (place != TEXT_AGAIN) {
            tell(text, finding, place, list, number++);
        }
    }
    for (size_t i = 0; i < count; i++) {
        size_t cause = findings_at(input->findings, i)->across->index;
        text->told[cause] = text->telling[cause];
    }
}

/* "1, 2, 7 and 5 more": the numbers under which the causes stand. */
static void again_words(struct text_flow *flow, const struct text_report *text,
                        const struct report_input *input, uint64_t count)
{
    struct part_limit limit;
    uint64_t named = 0;
    part_limit_init(&limit, text->settings);
    for (size_t i = 0; named < AGAIN_NAMED && i < part_finding_count(input); i++) {
        const struct finding *finding = findings_at(input->findings, i);
        if (part_limit_admits(&limit, finding) &&
            text_place(text->settings, text->told, finding) == TEXT_AGAIN) {
            text_flow_format(flow, "%s%" PRIu64, named++ != 0 ? ", " : "",
                             text->told[finding->across->index].number);
        }
    }
    if (count > named) {
        text_flow_words(flow, " and ");
        text_flow_count(flow, count - named);
        text_flow_words(flow, " more");
    }
}

static void again_of(const struct text_report *text, const struct report_input *input,
                     uint64_t count)
{
    struct text_flow flow;
    text_colored(&text->style, TEXT_BOLD, "Again");
    text_flow_begin(&flow, text->style.out, strlen("Again"), 2);
    text_flow_words(&flow, " in ");
    text_flow_escaped(&flow, input->path);
    text_flow_words(&flow, ", from causes that stand above: ");
    again_words(&flow, text, input, count);
    text_flow_end(&flow);
    out_char(text->style.out, '\n');
}

static void put_in_full(struct text_report *text, const struct report_input *input, bool numbered)
{
    struct part_limit limit;
    part_limit_init(&limit, text->settings);
    for (size_t i = 0; i < part_finding_count(input); i++) {
        const struct finding *finding = findings_at(input->findings, i);
        if (!part_limit_admits(&limit, finding)) {
            continue;
        }
        enum text_place place = text_place(text->settings, text->told, finding);
        text->number += place != TEXT_AGAIN ? 1 : 0;
        if (place == TEXT_IN_FULL) {
            text_finding(&text->style, text->settings, input, finding, numbered ? text->number : 0,
                         text->told != NULL || text->settings->quiet);
            out_char(text->style.out, '\n');
        }
    }
    omitted(text, &limit);
}

static void findings_of(struct text_report *text, const struct report_input *input)
{
    struct shown shown = count_shown(text, input);
    struct text_list list = {text->told, text->number + 1, TEXT_IN_FULL};
    if (shown.in[TEXT_IN_FULL] > 1) {
        put_table(text, input, &list);
    }
    put_in_full(text, input, shown.news > 1 || text->told != NULL);
    for (list.place = TEXT_AMONG_NOTES; list.place <= TEXT_AMONG_KNOWN; list.place++) {
        if (shown.in[list.place] != 0) {
            list_of(text, input, &list);
        }
    }
    if (shown.in[TEXT_AGAIN] != 0) {
        again_of(text, input, shown.in[TEXT_AGAIN]);
    }
    remember(text, input, &list);
}

/* Without findings the exit status alone would not say why an input is not clean. */
static void quiet_section(struct text_report *text, const struct report_input *input)
{
    if (input->verdict == VERDICT_ERROR || input->verdict == VERDICT_INCONCLUSIVE) {
        text_verdict(&text->style, text->settings, input);
    }
    findings_of(text, input);
}

static void input_section(struct text_report *text, const struct report_input *input)
{
    text_verdict(&text->style, text->settings, input);
    if (input->opened) {
        out_char(text->style.out, '\n');
    }
    findings_of(text, input);
    text_health(&text->style, text->settings, input, text->told != NULL);
}

/* ---- several inputs ---- */

/* A line says all about an input whose causes stand above, unless something else about the input
 * must be told: what would make it inconclusive, accepted or not. */
static bool is_told(const struct text_report *text, const struct report_input *input)
{
    bool judged = input->verdict == VERDICT_FINDINGS || input->verdict == VERDICT_CLEAN;
    bool has_causes = input->causes != 0 || input->accepted_causes != 0;
    struct shown shown = count_shown(text, input);
    return judged && !has_causes && shown.news == 0 &&
           shown.in[TEXT_AGAIN] == part_finding_count(input);
}

static bool all_are_known(const struct report_input *input)
{
    for (size_t i = 0; i < part_finding_count(input); i++) {
        if (!finding_is_known(findings_at(input->findings, i))) {
            return false;
        }
    }
    return true;
}

/* Names an input and those of its kind of which a line says all, too. Returns how many. */
static size_t told_names(struct text_flow *flow, struct text_report *text,
                         const struct report *report, size_t index)
{
    size_t count = 0;
    for (size_t at = index; at != TRACE_KINDS_END; at = text->kinds.next[at]) {
        if (at != index && (text->joined[at] || !is_told(text, &report->inputs[at]))) {
            continue;
        }
        text->joined[at] = true;
        if (count < TRACES_NAMED) {
            text_flow_words(flow, count != 0 ? ", " : "");
            text_flow_escaped(flow, report->inputs[at].path);
        }
        count++;
    }
    if (count > TRACES_NAMED) {
        text_flow_words(flow, " and ");
        text_flow_count(flow, count - TRACES_NAMED);
        text_flow_words(flow, " more");
    }
    return count;
}

static void told_line(struct text_report *text, const struct report *report, size_t index)
{
    const struct report_input *input = &report->inputs[index];
    struct text_flow flow;
    struct part_counts counts;
    char levels[PART_COUNTS_LEN];
    const char *word = text_verdict_word(input->verdict);
    part_count(input, &counts);
    part_counts_text(&counts, levels);
    text_colored(&text->style, text_verdict_color(input), word);
    text_flow_begin(&flow, text->style.out, strlen(word), 2);
    text_flow_solid(&flow, "  ");
    size_t traces = told_names(&flow, text, report, index);
    text_flow_format(&flow, ": %s%s%s, the same as ", levels, traces > 1 ? " each" : "",
                     all_are_known(input) ? ", known" : "");
    again_words(&flow, text, input, part_finding_count(input));
    text_flow_end(&flow);
}

static void several_inputs(struct text_report *text, const struct report *report)
{
    struct part_order order = {0};
    const struct report_input *input;
    bool within_lines = false;
    text_traces(&text->style, text->settings, report);
    while ((input = part_next_input(report, &order)) != NULL) {
        size_t index = (size_t)(input - report->inputs);
        if (text->joined[index]) {
            continue;
        }
        bool is_clean = part_rank(input) == PART_RANK_CLEAN;
        bool is_line = is_clean || is_told(text, input);
        if (!is_line || !within_lines) {
            out_char(text->style.out, '\n');
        }
        within_lines = is_line;
        if (is_clean) {
            text_clean_line(&text->style, input);
        } else if (is_line) {
            told_line(text, report, index);
        } else {
            input_section(text, input);
        }
    }
}

static void quiet_sections(struct text_report *text, const struct report *report)
{
    struct part_order order = {0};
    const struct report_input *input;
    while ((input = part_next_input(report, &order)) != NULL) {
        quiet_section(text, input);
    }
}

static void known_of_run(const struct text_report *text)
{
    struct out words;
    words_begin(&words);
    known_words_run(&words, text->settings);
    char *known = words_take(&words, text->style.out);
    for (char *line = known; line != NULL && *line != '\0';) {
        struct text_flow flow;
        size_t len = strcspn(line, "\n");
        bool more = line[len] != '\0';
        line[len] = '\0';
        out_char(text->style.out, '\n');
        text_flow_begin(&flow, text->style.out, 0, 0);
        text_flow_words(&flow, line);
        text_flow_end(&flow);
        line += len + (more ? 1 : 0);
    }
    free(known);
}

static bool prepare_several(struct text_report *text, const struct report *report)
{
    size_t causes = across_count(report->across) + 1;
    text->joined = calloc(report->input_count, sizeof *text->joined);
    text->told = calloc(causes, 2 * sizeof *text->told);
    if (text->joined == NULL || text->told == NULL) {
        return false;
    }
    text->telling = text->told + causes;
    return trace_kinds_find(&text->kinds, report, false);
}

static void text_finish(void *user, const struct report *report)
{
    struct text_report *text = user;
    if (report->input_count > 1 && !prepare_several(text, report)) {
        out_fail(text->style.out, OUT_NO_MEMORY, ENOMEM);
        return;
    }
    if (text->settings->quiet) {
        quiet_sections(text, report);
    } else if (text->told != NULL) {
        several_inputs(text, report);
    } else {
        input_section(text, &report->inputs[0]);
    }
    known_of_run(text);
}

static void text_destroy(void *user)
{
    struct text_report *text = user;
    trace_kinds_finish(&text->kinds);
    free(text->joined);
    free(text->told);
    free(text);
}

const struct report_format report_text = {
    .name = "text",
    .help = "for a terminal and a ticket",
    .colored = true,
    .create = text_create,
    .finish = text_finish,
    .destroy = text_destroy,
};
