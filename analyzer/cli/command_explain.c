/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cli/command_explain.h"

#include <string.h>

#include "analyzer/cli/explanations.h"
#include "analyzer/cli/progress.h"
#include "analyzer/cli/report_file.h"
#include "analyzer/reports/text_flow.h"
#include "rules/rule.h"

static void print_paragraph(struct out *out, const char *text, size_t len)
{
    char line[512]; /* text_flow takes so much at a time; cut at spaces */
    struct text_flow flow;
    out_repeat(out, ' ', 2);
    text_flow_begin(&flow, out, 2, 2);
    while (len > 0) {
        size_t part = len < sizeof line ? len : sizeof line - 1;
        while (part < len && part > 0 && text[part - 1] != ' ') {
            part--;
        }
        memcpy(line, text, part);
        line[part] = '\0';
        text_flow_words(&flow, line);
        text += part;
        len -= part;
    }
    text_flow_end(&flow);
}

static void print_section(const struct text_style *style, const char *title, const char *text)
{
    out_char(style->out, '\n');
    text_colored(style, TEXT_BOLD, title);
    out_char(style->out, '\n');
    for (;;) {
        const char *end = strstr(text, "\n\n");
        print_paragraph(style->out, text, end != NULL ? (size_t)(end - text) : strlen(text));
        if (end == NULL) {
            break;
        }
        out_char(style->out, '\n');
        text = end + 2;
    }
}

static void print_rule(const struct text_style *style, const struct rule *rule)
{
    text_colored(style, TEXT_BOLD, rule->name);
    out_printf(style->out, ": %s\n\n", rule->severity_text);
    print_paragraph(style->out, rule->summary, strlen(rule->summary));
    print_section(style, "Why it matters", rule->why);
    print_section(style, "How to fix it", rule->fix);
    if (rule->in_image != NULL) {
        print_section(style, "Where the memory lies in a loaded image", rule->in_image);
    }
    print_section(style, "When it is a false alarm", rule->false_alarm);
}

static void print_explanation(const struct text_style *style, const struct explanation *explanation)
{
    text_colored(style, TEXT_BOLD, explanation->name);
    out_printf(style->out, ": %s\n", explanation->kind);
    print_section(style, "What it means", explanation->means);
    print_section(style, "Why it matters", explanation->matters);
    print_section(style, "What to do", explanation->remedy);
}

/* Prints every explanation of that name: "events-lost" is both a cause and a reason. */
static void print_word(const struct text_style *style, const char *name)
{
    const struct explanation *explanation;
    const struct rule *rule = rules_find(name);
    if (rule != NULL) {
        print_rule(style, rule);
    }
    for (size_t i = 0; (explanation = explanation_find(name, i)) != NULL; i++) {
        if (i > 0) {
            out_char(style->out, '\n');
        }
        print_explanation(style, explanation);
    }
}

/* "Causes of an inconclusive result (exit status 3):" and their names, in lines of 80 columns. */
static void print_names(const struct text_style *style, const char *title, const char *kind)
{
    const struct explanation *explanation;
    struct text_flow flow;
    text_colored(style, TEXT_BOLD, title);
    out_str(style->out, ":\n  ");
    text_flow_begin(&flow, style->out, 2, 2);
    for (size_t i = 0; (explanation = explanation_at(i)) != NULL; i++) {
        if (strcmp(explanation->kind, kind) == 0) {
            text_flow_words(&flow, explanation->name);
            text_flow_words(&flow, " ");
        }
    }
    text_flow_end(&flow);
    out_char(style->out, '\n');
}

static void print_list(const struct text_style *style)
{
    for (size_t i = 0; i < RULE_COUNT; i++) {
        const struct rule *rule = rules_table[i];
        text_colored(style, TEXT_BOLD, rule->name);
        out_printf(style->out, ": %s\n", rule->severity_text);
        print_paragraph(style->out, rule->summary, strlen(rule->summary));
        out_char(style->out, '\n');
    }
    print_names(style, "Causes of an inconclusive result", EXPLANATION_CAUSE);
    print_names(style, "Why a trace has no posts", EXPLANATION_NO_POSTS);
    print_names(style, "Confidence of a finding", EXPLANATION_CONFIDENCE);
    print_names(style, "Reasons why a finding is not confirmed", EXPLANATION_REASON);
    out_str(style->out, "bufcheck explain WORD says of a rule why it matters, how to fix it and "
                        "when it\nis none; of a cause or reason what it means and what to do.\n");
}

int command_explain(const struct options *options)
{
    struct report_file file;
    if (!report_file_open(&file, NULL)) {
        return EXIT_ERROR;
    }
    struct text_style style = {.out = &file.out, .color = terminal_color(options->color)};
    if (options->path_count > 0) {
        print_word(&style, options->paths[0]);
    } else {
        print_list(&style);
    }
    return report_file_close(&file, true) ? EXIT_OK : EXIT_ERROR;
}
