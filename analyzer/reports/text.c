/* `text`: what a person reads in a terminal and pastes into a ticket. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/reports/formats.h"
#include "analyzer/reports/parts.h"
#include "analyzer/reports/text_parts.h"

struct text_report {
    struct text_style style;
    const struct report_settings *settings;
};

static void *text_create(struct out *out, const struct report_settings *settings)
{
    struct text_report *text = malloc(sizeof *text);
    if (text != NULL)
        *text = (struct text_report){.style = {out, settings->color}, .settings = settings};
    return text;
}

static void omitted(const struct text_report *text, const struct part_limit *limit)
{
    for (size_t i = 0; i < RULE_COUNT; i++) {
        if (limit->omitted[i] == 0)
            continue;
        struct text_flow flow;
        text_flow_begin(&flow, text->style.out, 0, 0);
        text_flow_count(&flow, limit->omitted[i]);
        text_flow_format(&flow, " more finding%s of %s not shown; --max-findings 0 shows all",
                         limit->omitted[i] == 1 ? "" : "s", rules_table[i]->name);
        text_flow_end(&flow);
        out_char(text->style.out, '\n');
    }
}

static void findings_of(const struct text_report *text, const struct report_input *input)
{
    struct part_limit limit;
    part_limit_init(&limit, text->settings);
    for (size_t i = 0; i < part_finding_count(input); i++) {
        const struct finding *finding = findings_at(input->findings, i);
        if (!part_limit_admits(&limit, finding))
            continue;
        text_finding(&text->style, text->settings, input, finding);
        out_char(text->style.out, '\n');
    }
    omitted(text, &limit);
}

static void input_section(const struct text_report *text, const struct report_input *input)
{
    if (text->settings->quiet) {
        /* Without findings the exit status alone would not say why. */
        if (input->verdict == VERDICT_ERROR || input->verdict == VERDICT_INCONCLUSIVE)
            text_verdict(&text->style, text->settings, input);
        findings_of(text, input);
        return;
    }
    text_verdict(&text->style, text->settings, input);
    if (input->opened)
        out_char(text->style.out, '\n');
    findings_of(text, input);
    text_health(&text->style, text->settings, input);
}

static void overall(const struct text_report *text, const struct report *report)
{
    char status[32];
    uint64_t by_verdict[VERDICT_INCONCLUSIVE + 1] = {0};
    for (size_t i = 0; i < report->input_count; i++)
        by_verdict[report->inputs[i].verdict]++;
    static const enum verdict order[] = {VERDICT_ERROR, VERDICT_FINDINGS, VERDICT_INCONCLUSIVE,
                                         VERDICT_CLEAN};
    const char *word = text_verdict_word(report->verdict);
    struct text_flow flow;
    text_colored(&text->style, text_verdict_color(report->verdict), word);
    text_flow_begin(&flow, text->style.out, strlen(word), 2);
    text_flow_solid(&flow, "  ");
    text_flow_format(&flow, "%zu traces:", report->input_count);
    const char *separator = " ";
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        if (by_verdict[order[i]] == 0)
            continue;
        static const char *const words[] = {[VERDICT_CLEAN] = "clean",
                                            [VERDICT_FINDINGS] = "with findings",
                                            [VERDICT_ERROR] = "failed",
                                            [VERDICT_INCONCLUSIVE] = "inconclusive"};
        text_flow_format(&flow, "%s%" PRIu64 " %s", separator, by_verdict[order[i]],
                         words[order[i]]);
        separator = ", ";
    }
    snprintf(status, sizeof status, "(exit status %d)", report->exit_status);
    text_flow_words(&flow, " ");
    text_flow_solid(&flow, status);
    text_flow_end(&flow);
}

static void text_finish(void *user, const struct report *report)
{
    const struct text_report *text = user;
    for (size_t i = 0; i < report->input_count; i++) {
        if (i != 0 && !text->settings->quiet)
            out_char(text->style.out, '\n');
        input_section(text, &report->inputs[i]);
    }
    if (report->input_count < 2 || (text->settings->quiet && report->verdict == VERDICT_CLEAN))
        return;
    if (!text->settings->quiet)
        out_char(text->style.out, '\n');
    overall(text, report);
}

const struct report_format report_text = {
    .name = "text",
    .help = "for a terminal and a ticket",
    .colored = true,
    .create = text_create,
    .finish = text_finish,
    .destroy = free,
};
