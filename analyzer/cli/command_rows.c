/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cli/command_rows.h"

#include <stdint.h>
#include <stdio.h>

const struct command_row command_rows[COMMAND_COUNT] = {
    [COMMAND_CHECK] =
        {
            .name = "check",
            .words = "[OPTIONS] FILE...",
            .help = "analyse each FILE and report findings; the default command",
            .more = "A folder stands for the .etl files in it and below, in order of name. "
                    "Exit status: 0 clean, 1 findings, 2 error, 3 inconclusive (no finding, but "
                    "the trace can't show that there is none). The worst of several files counts, "
                    "in the order 2, 1, 3, 0.",
            .examples = {{"bufcheck capture.etl", "is there a defect?"},
                         {"bufcheck -f text -f json=out.json a.etl", "two reports from one pass"},
                         {"bufcheck --fail-on error *.etl", "in CI: 1 for errors only"}},
            .words_max = SIZE_MAX,
        },
    [COMMAND_INFO] =
        {
            .name = "info",
            .words = "[OPTIONS] FILE...",
            .help = "header, health, providers, record kinds, and what speaks against a verdict",
            .examples = {{"bufcheck info capture.etl", "what is in this trace?"},
                         {"bufcheck info -f json a.etl", "the same for a program"}},
            .words_max = SIZE_MAX,
        },
    [COMMAND_EVENTS] =
        {
            .name = "events",
            .words = "[OPTIONS] FILE...",
            .help = "every decoded Winsock event in time order",
            .examples = {{"bufcheck events capture.etl", "an object a line"},
                         {"bufcheck events -f text a.etl", "for a person"}},
            .words_max = SIZE_MAX,
        },
    [COMMAND_OPS] =
        {
            .name = "ops",
            .words = "[OPTIONS] FILE...",
            .help = "every operation: its post, its end, duration, bytes, memory",
            .examples = {{"bufcheck ops -f csv capture.etl", "every send and receive, as a table"}},
            .words_max = SIZE_MAX,
        },
    [COMMAND_DIFF] =
        {
            .name = "diff",
            .words = "[OPTIONS] OLD NEW",
            .help = "findings that are new, gone, more or less frequent; each side is a report of "
                    "check (json, sarif) or a trace",
            .more = "Findings are known again as with --baseline. Exit status: 1 something is "
                    "new, 3 a side is inconclusive and nothing is new, 2 error, else 0.",
            .examples = {{"bufcheck diff old.json new.etl", "what did this build bring?"},
                         {"bufcheck diff -f markdown a.sarif b.sarif", "for a merge request"}},
            .words_max = 2,
        },
    [COMMAND_EXPLAIN] =
        {
            .name = "explain",
            .words = "[WORD]",
            .help = "what a rule, a cause of an inconclusive result or a reason of doubt means, "
                    "and what to do; without WORD all of them",
            .examples = {{"bufcheck explain recv-over-recv", "what a rule means, how to fix it"},
                         {"bufcheck explain events-lost", "why a result is inconclusive"},
                         {"bufcheck explain", "all that can be explained"}},
            .words_max = 1,
        },
    [COMMAND_CALIBRATE] =
        {
            .name = "calibrate",
            .words = "[OPTIONS] TRACE PROBE.jsonl",
            .help = "what this Windows logs, by the log of afdprobe, which made known calls while "
                    "TRACE was recorded",
            .more = "Exit status: 0 no belief is refuted, 1 one is, 3 nothing could be lined up, "
                    "2 error.",
            .examples = {{"bufcheck calibrate a.etl a.jsonl", "does my recording catch a bug?"},
                         {"bufcheck calibrate -f json a.etl a.jsonl", "the same for a program"},
                         {"bufcheck calibrate a.etl a.jsonl -o ticket", "a folder to send"}},
            .words_max = 2,
        },
    [COMMAND_CUT] =
        {
            .name = "cut",
            .words = "[OPTIONS] TRACE -o SMALL.etl",
            .help = "a small trace with the evidence of the findings alone, for a ticket",
            .more = "The records of the operations in conflict are kept byte for byte, with all of "
                    "the provider on their sockets and what names processes, threads and images. "
                    "What was written is analysed: where the findings are not the same, more "
                    "records are taken. Filters choose the findings as they do for check. Exit "
                    "status: 0 written, 2 error, also without a finding; "
                    "then there is no file.",
            .examples = {{"bufcheck cut capture.etl -o small.etl", "evidence for a ticket"},
                         {"bufcheck cut a.etl -o b.etl --anonymous",
                          "the same without names and peers"},
                         {"bufcheck cut a.etl -o b.etl --pid 4120", "of one program alone"}},
            .words_max = 1,
        },
    [COMMAND_CONFIG] =
        {
            .name = "config",
            .words = "[OPTIONS]",
            .help = "what is in force, and the file or option that it comes from",
            .more = "Settings come from .bufcheck.ini, looked for from the working directory "
                    "upward, but not beyond the root of a repository: `name = value` lines with "
                    "the names of options, a line each time for a repeatable one, # for "
                    "comments. The command line wins.",
            .examples = {{"bufcheck config", "which settings hold here?"},
                         {"bufcheck config -f json", "the same for a program"}},
            .words_max = 0,
        },
    [COMMAND_CAPTURE_HELP] =
        {
            .name = "capture-help",
            .words = "[--wprp]",
            .help = "how to record a trace that can be judged",
            .examples = {{"bufcheck capture-help", "the commands, for several tools"},
                         {"bufcheck capture-help --wprp > bufcheck.wprp", "a profile for wpr"}},
            .words_max = 0,
        },
    [COMMAND_COMPLETION] =
        {
            .name = "completion",
            .words = "SHELL",
            .help = "a script that completes command lines in bash, zsh, fish or powershell",
            .examples = {{"source <(bufcheck completion bash)", "complete in this bash"}},
            .words_max = 1,
        },
};

const struct command_alias command_aliases[COMMAND_ALIAS_COUNT] = {
    {"help", "this page, or with a command that command's page", OPTIONS_HELP, COMMAND_COUNT},
    {"rules", "another name of explain", OPTIONS_OK, COMMAND_EXPLAIN},
    {"version", "as --version", OPTIONS_VERSION, COMMAND_COUNT},
};

void command_synopsis(enum options_command command, char *text, size_t size)
{
    bool is_default = command == COMMAND_CHECK;
    snprintf(text, size, "bufcheck %s%s%s", is_default ? "" : command_rows[command].name,
             is_default ? "" : " ", command_rows[command].words);
}

/* ---- formats ---- */

static const struct {
    struct format_row row;
    unsigned commands;
} format_rows[] = {
    {{"text", "for a terminal"}, COMMAND_BIT(COMMAND_INFO) | COMMANDS_CALIBRATE},
    {{"json", "for programs: one object"}, COMMAND_BIT(COMMAND_INFO) | COMMANDS_CALIBRATE},
    {{"text", "for a terminal"}, COMMAND_BIT(COMMAND_DIFF) | COMMAND_BIT(COMMAND_CONFIG)},
    {{"markdown", "for a ticket or a merge request: a table"}, COMMAND_BIT(COMMAND_DIFF)},
    {{"json", "for programs: one object"}, COMMAND_BIT(COMMAND_DIFF) | COMMAND_BIT(COMMAND_CONFIG)},
    {{"jsonl", "for programs: an object a line"}, COMMANDS_LINES},
    {{"csv", "for spreadsheets: a row a line, with a header"}, COMMANDS_LINES},
    {{"text", "for a terminal: a line each"}, COMMANDS_LINES},
};

bool format_row_at(enum options_command command, size_t index, struct format_row *row)
{
    if (command == COMMAND_CHECK) {
        if (index >= report_format_count) {
            return false;
        }
        *row = (struct format_row){report_formats[index]->name, report_formats[index]->help};
        return true;
    }
    for (size_t i = 0; i < sizeof format_rows / sizeof format_rows[0]; i++) {
        if ((format_rows[i].commands & COMMAND_BIT(command)) != 0 && index-- == 0) {
            *row = format_rows[i].row;
            return true;
        }
    }
    return false;
}

const char *format_name(enum options_command command, size_t index)
{
    struct format_row row;
    return format_row_at(command, index, &row) ? row.name : NULL;
}
