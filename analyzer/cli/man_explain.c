/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cli/man_explain.h"

#include <string.h>

#include "analyzer/cli/explanations.h"
#include "analyzer/cli/man_text.h"
#include "rules/rule.h"

static void print_name(struct out *out, const char *request, const char *name)
{
    out_str(out, request);
    man_text(out, name, strlen(name));
    out_char(out, '\n');
}

static void print_subsection(struct out *out, const char *title, const char *text)
{
    out_printf(out, ".SS %s\n", title);
    man_paragraphs(out, text);
}

static void print_rule(struct out *out, const struct rule *rule)
{
    print_name(out, ".SH ", rule->name);
    man_paragraphs(out, rule->summary);
    out_str(out, ".PP\nSeverity: ");
    man_text(out, rule->severity_text, strlen(rule->severity_text));
    out_str(out, ".\n");
    print_subsection(out, "Why it matters", rule->why);
    print_subsection(out, "How to fix it", rule->fix);
    if (rule->in_image != NULL) {
        print_subsection(out, "Where the memory lies in a loaded image", rule->in_image);
    }
    print_subsection(out, "When it is a false alarm", rule->false_alarm);
}

void man_rules(struct out *out)
{
    for (size_t i = 0; i < RULE_COUNT; i++) {
        print_rule(out, rules_table[i]);
    }
}

static void print_part(struct out *out, const char *title, const char *text)
{
    out_printf(out, ".PP\n.I %s\n.br\n", title);
    man_paragraphs(out, text);
}

void man_explanations(struct out *out, const char *kind)
{
    const struct explanation *explanation;
    for (size_t i = 0; (explanation = explanation_at(i)) != NULL; i++) {
        if (strcmp(explanation->kind, kind) == 0) {
            print_name(out, ".SS ", explanation->name);
            man_paragraphs(out, explanation->means);
            print_part(out, "Why it matters", explanation->matters);
            print_part(out, "What to do", explanation->remedy);
        }
    }
}
