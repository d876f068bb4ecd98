/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cli/command_explain.h"

#include <stdio.h>
#include <string.h>

#include "analyzer/cli/explanations.h"
#include "analyzer/cli/progress.h"
#include "analyzer/cli/report_file.h"
#include "analyzer/reports/text_flow.h"
#include "base/least.h"
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

#define NAME_COLUMN 2
#define TEXT_COLUMN 27 /* behind the longest name of a rule */

/* "  recv-over-recv           error    receive into memory of a pending receive" */
static void print_row(const struct text_style *style, const char *name, const char *level,
                      const char *text)
{
    struct text_flow flow;
    size_t column = NAME_COLUMN + strlen(name), start = greatest_size(column + 1, TEXT_COLUMN);
    out_repeat(style->out, ' ', NAME_COLUMN);
    text_colored(style, TEXT_BOLD, name);
    out_repeat(style->out, ' ', start - column);
    text_flow_begin(&flow, style->out, start, TEXT_COLUMN);
    text_flow_solid(&flow, level);
    text_flow_words(&flow, text);
    text_flow_end(&flow);
}

static void print_title(const struct text_style *style, const char *title)
{
    text_colored(style, TEXT_BOLD, title);
    out_char(style->out, '\n');
}

static void print_rules(const struct text_style *style)
{
    print_title(style, "Rules: what a finding is");
    for (size_t i = 0; i < RULE_COUNT; i++) {
        const struct rule *rule = rules_table[i];
        char level[16];
        snprintf(level, sizeof level, "%-9.*s", (int)strcspn(rule->severity_text, " ,"),
                 rule->severity_text);
        print_row(style, rule->name, level, rule->brief != NULL ? rule->brief : rule->headline);
    }
    out_char(style->out, '\n');
}

static void print_kind(const struct text_style *style, const char *title, const char *kind)
{
    const struct explanation *explanation;
    print_title(style, title);
    for (size_t i = 0; (explanation = explanation_at(i)) != NULL; i++) {
        if (strcmp(explanation->kind, kind) == 0) {
            print_row(style, explanation->name, "", explanation->brief);
        }
    }
    out_char(style->out, '\n');
}

static void print_list(const struct text_style *style)
{
    print_rules(style);
    print_kind(style, "Confidence: how sure a finding is", EXPLANATION_CONFIDENCE);
    print_kind(style, "Reasons: why a finding is not confirmed", EXPLANATION_REASON);
    print_kind(style, "Causes: why a result is inconclusive (exit status 3)", EXPLANATION_CAUSE);
    print_kind(style, "Kinds of no-posts: why a trace has no send or receive",
               EXPLANATION_NO_POSTS);
    out_printf(style->out,
               "bufcheck explain WORD says more of each: what it means, why it matters, how to\n"
               "fix it and when it is a false alarm. Next: bufcheck explain %s\n",
               rules_table[0]->name);
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
