#include "analyzer/cli/options.h"

#include <string.h>

static const char examples[] =
    "bufcheck reads an .etl trace of a Windows program and finds user buffers that it\n"
    "handed to Winsock again before the earlier send or receive had completed.\n"
    "\n"
    "Examples:\n"
    "  bufcheck capture.etl                     is there a defect?\n"
    "  bufcheck -f text -f json=out.json a.etl  two reports from one pass\n"
    "  bufcheck --fail-on error *.etl           in CI: exit status 1 for errors only\n"
    "  bufcheck info capture.etl                what is in this trace?\n"
    "  bufcheck ops -f csv capture.etl          every send and receive, as a table\n"
    "  bufcheck explain recv-over-recv          what a rule means, how to fix it\n"
    "  bufcheck capture-help                    how to record a trace\n"
    "\n";

static const char commands[] =
    "Commands:\n"
    "  bufcheck [OPTIONS] FILE...         analyse; 'check' is the command's full name\n"
    "  bufcheck info [OPTIONS] FILE...    header, health, providers, record kinds\n"
    "  bufcheck events [OPTIONS] FILE...  every decoded Winsock event in time order\n"
    "  bufcheck ops [OPTIONS] FILE...     every operation: post, end, duration, bytes\n"
    "  bufcheck explain [RULE]            the rules, or one of them in full\n"
    "  bufcheck capture-help [--wprp]     how to record; --wprp prints a WPR profile\n"
    "\n"
    "FILE may be - for standard input.\n"
    "\n"
    "Reports:\n"
    "  -f, --format FMT[=PATH]     a report, to PATH or standard output; check takes\n"
    "                              several\n";

static const char judgement[] =
    "  --max-findings N            findings printed per rule; 0: all (default 100)\n"
    "  -j, --jobs N                threads at most (default: one a processor)\n"
    "  --color WHEN, --progress WHEN\n"
    "                              auto (default), always, never; NO_COLOR counts\n"
    "  -q, --quiet                 findings only\n"
    "  -v, --verbose               more detail\n"
    "\n"
    "What counts (check):\n"
    "  --fail-on LEVEL             error, warning (default), note or never: the level\n"
    "                              from which on findings make the exit status 1\n"
    "  --allow-inconclusive[=CAUSE,...]\n"
    "                              don't fail because the trace shows too little; all\n"
    "                              causes, or some of: no-posts no-user-address\n"
    "                              no-user-completion events-lost end-missing\n"
    "  --rule NAME, --no-rule NAME only these rules, all but these; may be repeated\n"
    "  --severity RULE=LEVEL       error, warning or note; may be repeated\n"
    "\n"
    "Input (check, events, ops):\n"
    "  --one-timeline              the FILEs are parts of one session: merge them by\n"
    "                              time and judge once; else each is judged alone\n"
    "\n"
    "  -h, --help                  this page\n"
    "  --version\n"
    "\n"
    "Exit status of check: 0 clean, 1 findings, 2 error, 3 inconclusive (no finding,\n"
    "but the trace can't show that there is none). The worst of several files counts,\n"
    "in the order 2, 1, 3, 0.\n";

#define INDENT 30
#define COLUMNS 80

static void formats_of(struct out *out, enum options_command command, const char *label)
{
    size_t column = INDENT + strlen(label);
    out_repeat(out, ' ', INDENT);
    out_str(out, label);
    for (size_t i = 0; options_format(command, i) != NULL; i++) {
        const char *name = options_format(command, i);
        const char *more = i == 0 ? " (default)" : "";
        size_t len = 1 + strlen(name) + strlen(more);
        if (column + len > COLUMNS) {
            out_char(out, '\n');
            out_repeat(out, ' ', INDENT + 1);
            column = INDENT + 1;
        }
        out_printf(out, " %s%s", name, more);
        column += len;
    }
    out_char(out, '\n');
}

void options_help(struct out *out)
{
    out_str(out, examples);
    out_str(out, commands);
    formats_of(out, COMMAND_CHECK, "check:");
    formats_of(out, COMMAND_INFO, "info:");
    formats_of(out, COMMAND_EVENTS, "events, ops:");
    if (report_format_find("sarif") != NULL)
        out_str(out,
                "  --sarif-anchor FILE[:LINE]  the file of your repository that SARIF results\n"
                "                              point to\n");
    out_str(out, judgement);
}
