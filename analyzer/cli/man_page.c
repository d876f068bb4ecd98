/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Build tool: prints a man page from a template. A line of the template that is a word of `parts`,
 * below, is replaced by what the rows of the command line or the texts of `explain` say; @VERSION@
 * may stand anywhere.
 *
 *     man_page TEMPLATE OUTPUT
 */

#include <stdio.h>
#include <string.h>

#include "analyzer/cli/explanations.h"
#include "analyzer/cli/man_explain.h"
#include "analyzer/cli/man_text.h"
#include "analyzer/cli/message.h"
#include "analyzer/cli/command_rows.h"
#include "analyzer/cli/option_rows.h"

static void print_text(struct out *out, const char *text)
{
    man_text(out, text, strlen(text));
}

/* "FMT[=PATH]" with its words in italics, and "-o" so that it can be copied. */
static void print_value(struct out *out, const char *value)
{
    bool italic = false;
    for (; *value != '\0'; value++) {
        bool is_word = *value >= 'A' && *value <= 'Z';
        if (is_word != italic) {
            out_str(out, is_word ? "\\fI" : "\\fR");
        }
        italic = is_word;
        if (*value == '-') {
            out_str(out, "\\-");
        } else {
            out_char(out, *value);
        }
    }
    out_str(out, italic ? "\\fR" : "");
}

static void print_synopsis(struct out *out)
{
    for (int i = 0; i < COMMAND_COUNT; i++) {
        char text[80];
        command_synopsis((enum options_command)i, text, sizeof text);
        print_text(out, text);
        out_str(out, i + 1 < COMMAND_COUNT ? "\n.br\n" : "\n");
    }
}

static void print_examples(struct out *out)
{
    out_str(out, ".nf\n");
    for (int i = 0; i < COMMAND_COUNT; i++) {
        const struct command_row *row = &command_rows[i];
        for (size_t j = 0; j < COMMAND_EXAMPLES_MAX && row->examples[j][0] != NULL; j++) {
            char line[128];
            snprintf(line, sizeof line, "%-45s  %s\n", row->examples[j][0], row->examples[j][1]);
            print_text(out, line);
        }
    }
    out_str(out, ".fi\n");
}

static void print_commands(struct out *out)
{
    for (int i = 0; i < COMMAND_COUNT; i++) {
        const struct command_row *row = &command_rows[i];
        out_str(out, ".TP\n\\fB");
        print_text(out, row->name);
        out_str(out, "\\fR ");
        print_value(out, row->words);
        out_char(out, '\n');
        man_sentence(out, row->help);
        if (row->more != NULL) {
            print_text(out, row->more);
            out_char(out, '\n');
        }
    }
    for (int i = 0; i < COMMAND_ALIAS_COUNT; i++) {
        out_printf(out, ".TP\n.B %s\n", command_aliases[i].name);
        man_sentence(out, command_aliases[i].help);
    }
}

static void print_choices(struct out *out, const struct option_row *row)
{
    if (row->choice(1) == NULL) {
        return;
    }
    for (size_t i = 0; row->choice(i) != NULL; i++) {
        const char *name = row->choice(i);
        bool preset = row->preset != NULL && strcmp(name, row->preset) == 0;
        out_str(out, i == 0 ? "One of: \\fB" : ", \\fB");
        print_text(out, name);
        out_str(out, preset ? "\\fR (default)" : "\\fR");
    }
    out_str(out, ".\n");
}

static void print_options(struct out *out)
{
    for (size_t i = 0; i < option_row_count; i++) {
        const struct option_row *row = &option_rows[i];
        out_str(out, ".TP\n\\fB");
        if (row->letter != 0) {
            out_printf(out, "\\-%c\\fR, \\fB", row->letter);
        }
        out_str(out, "\\-\\-");
        print_text(out, row->name);
        out_str(out, "\\fR");
        if (row->value != NULL) {
            out_str(out, row->value[0] == '[' ? "" : " ");
            print_value(out, row->value);
        }
        out_char(out, '\n');
        man_sentence(out, row->help);
        if (row->choice != NULL) {
            print_choices(out, row);
        }
        if (row->more != NULL) {
            print_text(out, row->more);
            out_char(out, '\n');
        }
    }
}

static void print_formats_of(struct out *out, enum options_command command)
{
    struct format_row row;
    for (size_t i = 0; format_row_at(command, i, &row); i++) {
        out_str(out, ".TP\n\\fB");
        print_text(out, row.name);
        out_str(out, i == 0 ? "\\fR (default)\n" : "\\fR\n");
        man_sentence(out, row.help);
    }
}

static void print_formats(struct out *out)
{
    static const struct {
        const char *title;
        enum options_command command;
    } groups[] = {{"check", COMMAND_CHECK},
                  {"events and ops", COMMAND_EVENTS},
                  {"diff", COMMAND_DIFF},
                  {"info, calibrate and config", COMMAND_INFO}};
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
        out_printf(out, ".SS Of %s\n", groups[i].title);
        print_formats_of(out, groups[i].command);
    }
}

static void print_causes(struct out *out)
{
    man_explanations(out, EXPLANATION_CAUSE);
}

static void print_no_posts(struct out *out)
{
    man_explanations(out, EXPLANATION_NO_POSTS);
}

static void print_confidences(struct out *out)
{
    man_explanations(out, EXPLANATION_CONFIDENCE);
}

static void print_reasons(struct out *out)
{
    man_explanations(out, EXPLANATION_REASON);
}

static const struct {
    const char *line; /* of the template */
    void (*print)(struct out *out);
} parts[] = {
    {"@SYNOPSIS@\n", print_synopsis},       {"@EXAMPLES@\n", print_examples},
    {"@COMMANDS@\n", print_commands},       {"@OPTIONS@\n", print_options},
    {"@FORMATS@\n", print_formats},         {"@RULES@\n", man_rules},
    {"@CAUSES@\n", print_causes},           {"@NO_POSTS@\n", print_no_posts},
    {"@CONFIDENCES@\n", print_confidences}, {"@REASONS@\n", print_reasons},
};

static void print_line(struct out *out, const char *line)
{
    static const char version[] = "@VERSION@";
    const char *at = strstr(line, version);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (strcmp(line, parts[i].line) == 0) {
            parts[i].print(out);
            return;
        }
    }
    if (at != NULL) {
        out_printf(out, "%.*s" BUFCHECK_VERSION "%s", (int)(at - line), line,
                   at + sizeof version - 1);
    } else {
        out_str(out, line);
    }
}

static bool print_page(FILE *template, FILE *output)
{
    struct out out;
    char line[512];
    out_init_file(&out, output);
    while (fgets(line, sizeof line, template) != NULL) {
        print_line(&out, line);
    }
    return out_finish(&out) == OUT_OK && ferror(template) == 0;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        message_print("man_page TEMPLATE OUTPUT");
        return EXIT_ERROR;
    }
    FILE *template = fopen(argv[1], "r");
    FILE *output = fopen(argv[2], "w");
    bool printed = template != NULL && output != NULL && print_page(template, output);
    if (template != NULL) {
        fclose(template);
    }
    if (output != NULL && fclose(output) != 0) {
        printed = false;
    }
    if (!printed) {
        message_print("%s: can't be printed to %s", argv[1], argv[2]);
    }
    return printed ? EXIT_OK : EXIT_ERROR;
}
