/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cli/options.h"

#include <stdio.h>
#include <string.h>

#include "analyzer/cli/command_rows.h"
#include "analyzer/cli/option_rows.h"
#include "analyzer/cli/option_setters.h"
#include "analyzer/reports/text_flow.h"

#define TEXT_COLUMN 30    /* the texts of options begin here */
#define COMMAND_COLUMN 37 /* the texts of commands begin here */

static const char introduction[] =
    "bufcheck reads an .etl trace of a Windows program and finds user buffers that it\n"
    "handed to Winsock again before the earlier send or receive had completed.\n"
    "\n"
    "Examples:\n";

static const char exit_statuses[] =
    "\n"
    "Exit status of check: 0 clean, 1 findings, 2 error, 3 inconclusive (no finding,\n"
    "but the trace can't show that there is none). The worst of several files counts,\n"
    "in the order 2, 1, 3, 0.\n"
    "\n"
    "bufcheck COMMAND --help is the page of one command.\n";

/* A label, then a text that flows from `indent` on: on the next line where the label is long. */
static void begin_row(struct text_flow *flow, struct out *out, size_t indent, const char *label)
{
    size_t column = 2 + strlen(label);
    out_printf(out, "  %s", label);
    if (column + 2 > indent) {
        out_char(out, '\n');
        column = 0;
    }
    out_repeat(out, ' ', indent - column);
    text_flow_begin(flow, out, indent, indent);
}

static void print_row(struct out *out, size_t indent, const char *label, const char *text)
{
    struct text_flow flow;
    begin_row(&flow, out, indent, label);
    text_flow_words(&flow, text);
    text_flow_end(&flow);
}

/* ---- options ---- */

/* ": error, warning (default), note"; the clause of an option names its only choice itself. */
static void print_choices(struct text_flow *flow, const struct option_row *row)
{
    if (row->choice(1) == NULL) {
        return;
    }
    for (size_t i = 0; row->choice(i) != NULL; i++) {
        const char *name = row->choice(i);
        bool preset = row->preset != NULL && strcmp(name, row->preset) == 0;
        text_flow_format(flow, "%s%s%s%s", i > 0 ? " " : ": ", name, preset ? " (default)" : "",
                         row->choice(i + 1) != NULL ? "," : "");
    }
}

/* "check: text (default) json ..." */
static void print_formats_of(struct out *out, enum options_command command, const char *label)
{
    struct text_flow flow;
    struct format_row format;
    out_repeat(out, ' ', TEXT_COLUMN);
    text_flow_begin(&flow, out, TEXT_COLUMN, TEXT_COLUMN + 1);
    text_flow_words(&flow, label);
    for (size_t i = 0; format_row_at(command, i, &format); i++) {
        text_flow_format(&flow, " %s%s", format.name, i == 0 ? " (default)" : "");
    }
    text_flow_end(&flow);
}

static void print_all_formats(struct out *out)
{
    print_formats_of(out, COMMAND_CHECK, "check:");
    print_formats_of(out, COMMAND_EVENTS, "events, ops:");
    print_formats_of(out, COMMAND_DIFF, "diff:");
    print_formats_of(out, COMMAND_INFO, "info, calibrate, config:");
}

/* "-f, --format FMT[=PATH]" */
static void label_of(const struct option_row *row, char *label, size_t size)
{
    char letter[8] = "";
    const char *value = row->value != NULL ? row->value : "";
    if (row->letter != 0) {
        snprintf(letter, sizeof letter, "-%c, ", row->letter);
    }
    snprintf(label, size, "%s--%s%s%s", letter, row->name,
             value[0] == '[' || value[0] == '\0' ? "" : " ", value);
}

static bool is_one_command(unsigned commands)
{
    return (commands & (commands - 1)) == 0;
}

static const char *name_of_one(unsigned commands)
{
    int command = 0;
    while (commands != COMMAND_BIT(command)) {
        command++;
    }
    return command_rows[command].name;
}

/* The page of a command that takes one report says nothing of several. */
static const char *help_of(const struct option_row *row, unsigned around)
{
    return row->set == option_set_format && is_one_command(around) &&
                   around != COMMAND_BIT(COMMAND_CHECK)
               ? "the format, and a PATH to write to instead of standard output"
               : row->help;
}

/* `around`: the commands that the page or the section is about. */
static void print_option(struct out *out, const struct option_row *row, unsigned around)
{
    struct text_flow flow;
    char label[64];
    label_of(row, label, sizeof label);
    begin_row(&flow, out, TEXT_COLUMN, label);
    text_flow_words(&flow, help_of(row, around));
    if (row->choice != NULL && !row->hides_choices) {
        print_choices(&flow, row);
    }
    if (row->commands != around && is_one_command(row->commands) && !is_one_command(around)) {
        text_flow_format(&flow, " (%s)", name_of_one(row->commands));
    }
    text_flow_end(&flow);
}

static void print_sections(struct out *out)
{
    for (int section = 0; section < OPTION_SECTION_COUNT; section++) {
        const struct option_section_row *about = &option_sections[section];
        out_printf(out, "\n%s:\n", about->title);
        for (size_t i = 0; i < option_row_count; i++) {
            const struct option_row *row = &option_rows[i];
            if ((int)row->section != section) {
                continue;
            }
            print_option(out, row, about->commands);
            if (row->set == option_set_format) {
                print_all_formats(out);
            }
        }
    }
}

/* ---- pages ---- */

static void print_examples(struct out *out, const struct command_row *command, size_t count_max)
{
    for (size_t i = 0; i < count_max && command->examples[i][0] != NULL; i++) {
        out_printf(out, "  %-39s  %s\n", command->examples[i][0], command->examples[i][1]);
    }
}

static void print_program_page(struct out *out)
{
    out_str(out, introduction);
    for (int i = 0; i < COMMAND_COUNT; i++) {
        print_examples(out, &command_rows[i], i == COMMAND_CHECK ? COMMAND_EXAMPLES_MAX : 1);
    }
    out_str(out, "\nCommands:\n");
    for (int i = 0; i < COMMAND_COUNT; i++) {
        char label[80];
        command_synopsis((enum options_command)i, label, sizeof label);
        print_row(out, COMMAND_COLUMN, label, command_rows[i].help);
    }
    for (int i = 0; i < COMMAND_ALIAS_COUNT; i++) {
        char label[80];
        snprintf(label, sizeof label, "bufcheck %s", command_aliases[i].name);
        print_row(out, COMMAND_COLUMN, label, command_aliases[i].help);
    }
    out_str(out,
            "\nFILE may be - for standard input, a folder, or an archive (.zip .cab .7z .gz .xz\n"
            ".zst): then the .etl files in it. archive.zip!folder/a.etl is one of them.\n");
    print_sections(out);
    out_str(out, exit_statuses);
}

static void print_paragraph(struct out *out, const char *text)
{
    struct text_flow flow;
    text_flow_begin(&flow, out, 0, 0);
    text_flow_words(&flow, text);
    text_flow_end(&flow);
}

static void print_command_page(struct out *out, enum options_command command)
{
    const struct command_row *row = &command_rows[command];
    struct format_row format;
    char sentence[256];
    snprintf(sentence, sizeof sentence, "bufcheck %s: %s.", row->name, row->help);
    print_paragraph(out, sentence);
    out_str(out, "\nExamples:\n");
    print_examples(out, row, COMMAND_EXAMPLES_MAX);
    out_printf(out, "\nUsage:\n  bufcheck %s %s\n\nOptions:\n", row->name, row->words);
    for (size_t i = 0; i < option_row_count; i++) {
        if ((option_rows[i].commands & COMMAND_BIT(command)) != 0) {
            print_option(out, &option_rows[i], COMMAND_BIT(command));
        }
    }
    if (format_row_at(command, 0, &format)) {
        out_str(out, "\nFormats, the default first:\n");
    }
    for (size_t i = 0; format_row_at(command, i, &format); i++) {
        print_row(out, TEXT_COLUMN, format.name, format.help);
    }
    if (row->more != NULL) {
        out_char(out, '\n');
        print_paragraph(out, row->more);
    }
}

void options_help(const struct options *options, struct out *out)
{
    if (options->command_given) {
        print_command_page(out, options->command);
    } else {
        print_program_page(out);
    }
}
