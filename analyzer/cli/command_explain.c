#include "analyzer/cli/command_explain.h"

#include <string.h>

#include "analyzer/cli/progress.h"
#include "analyzer/cli/report_file.h"
#include "analyzer/reports/text_flow.h"
#include "rules/rule.h"

static void paragraph(struct out *out, const char *text, size_t len)
{
    char line[512]; /* what text_flow takes at a time; cut at spaces */
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

static void section(const struct text_style *style, const char *title, const char *text)
{
    out_char(style->out, '\n');
    text_colored(style, TEXT_BOLD, title);
    out_char(style->out, '\n');
    for (;;) {
        const char *end = strstr(text, "\n\n");
        paragraph(style->out, text, end != NULL ? (size_t)(end - text) : strlen(text));
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
    paragraph(style->out, rule->summary, strlen(rule->summary));
    section(style, "Why it matters", rule->why);
    section(style, "How to fix it", rule->fix);
    if (rule->in_image != NULL) {
        section(style, "Where the memory lies in a loaded image", rule->in_image);
    }
    section(style, "When it is a false alarm", rule->false_alarm);
}

static void print_list(const struct text_style *style)
{
    for (size_t i = 0; i < RULE_COUNT; i++) {
        const struct rule *rule = rules_table[i];
        text_colored(style, TEXT_BOLD, rule->name);
        out_printf(style->out, ": %s\n", rule->severity_text);
        paragraph(style->out, rule->summary, strlen(rule->summary));
        out_char(style->out, '\n');
    }
    out_str(style->out, "bufcheck explain RULE says why it matters, how to fix it and when it is "
                        "none.\n");
}

int command_explain(const struct options *options)
{
    struct report_file file;
    if (!report_file_open(&file, NULL)) {
        return EXIT_ERROR;
    }
    struct text_style style = {.out = &file.out, .color = terminal_color(options->color)};
    if (options->path_count > 0) {
        print_rule(&style, rules_find(options->paths[0]));
    } else {
        print_list(&style);
    }
    return report_file_close(&file, true) ? EXIT_OK : EXIT_ERROR;
}
