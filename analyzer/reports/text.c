/* SPDX-License-Identifier: Apache-2.0 */

/* `text`: what a person reads in a terminal and pastes into a ticket. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/reports/formats.h"
#include "analyzer/reports/known_words.h"
#include "analyzer/reports/parts.h"
#include "analyzer/reports/text_parts.h"
#include "analyzer/reports/words.h"

struct text_report {
    struct text_style style;
    const struct report_settings *settings;
    bool several;    /* inputs: blocks name their file */
    uint64_t number; /* the last finding's */
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

/* How many findings of an input are shown, in full and as a line of a list. */
struct shown {
    uint64_t in_full, notes, known;
};

static struct shown count_shown(const struct text_report *text, const struct report_input *input)
{
    struct shown shown = {0};
    struct part_limit limit;
    part_limit_init(&limit, text->settings);
    for (size_t i = 0; i < part_finding_count(input); i++) {
        const struct finding *finding = findings_at(input->findings, i);
        if (!part_limit_admits(&limit, finding)) {
            continue;
        }
        switch (text_place(text->settings, finding)) {
        case TEXT_IN_FULL:
            shown.in_full++;
            break;
        case TEXT_AMONG_NOTES:
            shown.notes++;
            break;
        case TEXT_AMONG_KNOWN:
            shown.known++;
            break;
        }
    }
    return shown;
}

static void list_of(const struct text_report *text, const struct report_input *input,
                    uint64_t first_number, enum text_place place)
{
    struct text_flow flow;
    const char *title = place == TEXT_AMONG_NOTES ? "Notes" : "Known";
    text_colored(&text->style, TEXT_BOLD, title);
    text_flow_begin(&flow, text->style.out, strlen(title), 2);
    if (text->several || text->settings->quiet) {
        text_flow_words(&flow, " of ");
        text_flow_escaped(&flow, input->path);
    }
    text_flow_words(&flow, place == TEXT_AMONG_NOTES
                               ? ": mostly harmless, or not provable; -v shows each in full"
                               : ": they don't count for the exit status; -v shows each in full");
    text_flow_end(&flow);
    text_table(&text->style, text->settings, input, first_number, place);
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

static void findings_of(struct text_report *text, const struct report_input *input)
{
    struct part_limit limit;
    struct shown shown = count_shown(text, input);
    uint64_t first_number = text->number + 1;
    bool numbered = shown.in_full + shown.notes + shown.known > 1 || text->several;
    if (shown.in_full > 1 && !text->settings->quiet &&
        text_who(&text->style, text->settings, input)) {
        out_char(text->style.out, '\n');
    }
    if (shown.in_full > 1) {
        if (text->settings->quiet) {
            table_title(text, input);
        }
        text_table(&text->style, text->settings, input, first_number, TEXT_IN_FULL);
        out_char(text->style.out, '\n');
    }
    part_limit_init(&limit, text->settings);
    for (size_t i = 0; i < part_finding_count(input); i++) {
        const struct finding *finding = findings_at(input->findings, i);
        if (!part_limit_admits(&limit, finding)) {
            continue;
        }
        text->number++;
        if (text_place(text->settings, finding) == TEXT_IN_FULL) {
            text_finding(&text->style, text->settings, input, finding, numbered ? text->number : 0,
                         text->several || text->settings->quiet);
            out_char(text->style.out, '\n');
        }
    }
    if (shown.notes != 0) {
        list_of(text, input, first_number, TEXT_AMONG_NOTES);
    }
    if (shown.known != 0) {
        list_of(text, input, first_number, TEXT_AMONG_KNOWN);
    }
    omitted(text, &limit);
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
    text_health(&text->style, text->settings, input, text->several);
}

static void overall_counts(struct text_flow *flow, const struct report *report)
{
    static const struct {
        enum verdict verdict;
        const char *words;
    } order[] = {{VERDICT_ERROR, "failed"},
                 {VERDICT_FINDINGS, "with findings"},
                 {VERDICT_INCONCLUSIVE, "inconclusive"},
                 {VERDICT_CLEAN, "clean"}};
    uint64_t by_verdict[VERDICT_INCONCLUSIVE + 1] = {0};
    for (size_t i = 0; i < report->input_count; i++) {
        by_verdict[report->inputs[i].verdict]++;
    }
    const char *separator = " ";
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        if (by_verdict[order[i].verdict] == 0) {
            continue;
        }
        text_flow_format(flow, "%s%" PRIu64 " %s", separator, by_verdict[order[i].verdict],
                         order[i].words);
        separator = ", ";
    }
}

/* Green only where no input has anything to read. */
static enum text_color overall_color(const struct report *report)
{
    for (size_t i = 0; report->verdict == VERDICT_CLEAN && i < report->input_count; i++) {
        if (text_verdict_color(&report->inputs[i]) != TEXT_GREEN) {
            return text_verdict_color(&report->inputs[i]);
        }
    }
    return text_verdict_color_of(report->verdict);
}

static void overall(const struct text_report *text, const struct report *report)
{
    const char *word = text_verdict_word(report->verdict);
    struct text_flow flow;
    text_colored(&text->style, overall_color(report), word);
    text_flow_begin(&flow, text->style.out, strlen(word), 2);
    text_flow_solid(&flow, "  ");
    text_flow_format(&flow, "%zu traces:", report->input_count);
    overall_counts(&flow, report);
    text_verdict_status(&flow, text->settings, report->exit_status);
}

/* A line says all about such an input. */
static bool is_plain(const struct report_input *input)
{
    return input->verdict == VERDICT_CLEAN && part_finding_count(input) == 0;
}

static void several_inputs(struct text_report *text, const struct report *report)
{
    bool any_plain = false;
    overall(text, report);
    for (size_t i = 0; i < report->input_count; i++) {
        if (is_plain(&report->inputs[i])) {
            any_plain = true;
            continue;
        }
        out_char(text->style.out, '\n');
        input_section(text, &report->inputs[i]);
    }
    if (any_plain) {
        out_char(text->style.out, '\n');
    }
    for (size_t i = 0; i < report->input_count; i++) {
        if (is_plain(&report->inputs[i])) {
            text_clean_line(&text->style, &report->inputs[i]);
        }
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

static void text_finish(void *user, const struct report *report)
{
    struct text_report *text = user;
    text->several = report->input_count > 1;
    if (text->settings->quiet) {
        for (size_t i = 0; i < report->input_count; i++) {
            quiet_section(text, &report->inputs[i]);
        }
    } else if (text->several) {
        several_inputs(text, report);
    } else {
        input_section(text, &report->inputs[0]);
    }
    known_of_run(text);
}

const struct report_format report_text = {
    .name = "text",
    .help = "for a terminal and a ticket",
    .colored = true,
    .create = text_create,
    .finish = text_finish,
    .destroy = free,
};
