/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cli/option_rows.h"

#include "analyzer/cli/option_setters.h"
#include "analyzer/cli/suggest.h"

const struct option_section_row option_sections[OPTION_SECTION_COUNT] = {
    [SECTION_REPORTS] = {"Reports", COMMANDS_READERS | COMMANDS_CALIBRATE},
    [SECTION_CODE] = {"Functions and lines", COMMANDS_CALLS},
    [SECTION_JUDGEMENT] = {"What counts (check; cut takes rule, no-rule and module)",
                           COMMANDS_CHECK},
    [SECTION_FILTER] = {"Filters (check, ops, events, cut)", COMMANDS_FILTERED},
    [SECTION_INPUT] = {"Input", COMMANDS_READERS},
    [SECTION_OTHER] = {"Other", COMMANDS_ALL},
};

const struct option_row option_rows[] = {
    {
        .letter = 'f',
        .name = "format",
        .value = "FMT[=PATH]",
        .help = "a report, to PATH or standard output; check takes several, and one pass over the "
                "trace feeds them all",
        .more = "One report at most goes to standard output. A file is written beside its name "
                "and renamed when it is complete; it is never written over an input.",
        .commands = (COMMANDS_SETTABLE & ~COMMANDS_CUT) | COMMANDS_CALIBRATE,
        .section = SECTION_REPORTS,
        .set = option_set_format,
    },
    {
        .name = "sarif-anchor",
        .value = "FILE[:LINE]",
        .help = "the file of your repository that SARIF results point to",
        .more =
            "FILE is a path from the repository's root, with / or \\ between folders. A FILE whose "
            "name holds a colon needs a LINE. Without the option results point to the trace's "
            "name, line 1.",
        .commands = COMMANDS_CHECK,
        .section = SECTION_REPORTS,
        .set = option_set_sarif_anchor,
    },
    {
        .name = "max-findings",
        .value = "N",
        .help = "findings printed per rule; 0: all (default 100)",
        .more = "Counts stay complete.",
        .preset = "100",
        .commands = COMMANDS_CHECK,
        .section = SECTION_REPORTS,
        .member = offsetof(struct options, settings.max_findings),
        .set = option_set_number,
    },
    {
        .name = "max-bytes",
        .value = "N",
        .help = "bytes of a Markdown report at most (default 1000000; GitHub takes 65536 for an "
                "issue)",
        .more =
            "What does not fit is left out, the least severe first, and the report says so. N is "
            "512 or more.",
        .preset = "1000000",
        .commands = COMMANDS_CHECK,
        .section = SECTION_REPORTS,
        .set = option_set_max_bytes,
    },
    {
        .name = "symbols",
        .value = "DIR",
        .help = "repeatable: where the program's binaries and PDBs are, for functions and lines",
        .more = "Files lie in DIR under their own names, or as in a symbol server, NAME/ID/NAME. "
                "Local folders of _NT_SYMBOL_PATH are searched, too. Files of another build than "
                "the trace tells are refused. The work is llvm-symbolizer's (Debian: llvm).",
        .commands = COMMANDS_CALLS,
        .section = SECTION_CODE,
        .set = option_add_symbols,
    },
    {
        .name = "symbolizer",
        .value = "PATH",
        .help =
            "this llvm-symbolizer (default: the llvm-symbolizer-NN of the PATH with the highest "
            "number, else llvm-symbolizer)",
        .commands = COMMANDS_CALLS,
        .section = SECTION_CODE,
        .set = option_set_symbolizer,
    },
    {
        .name = "symbol-time",
        .value = "SECONDS",
        .help = "for all work of llvm-symbolizer together (default 30)",
        .more = "When it is over, the frames that are left stay module+offset, and no fingerprint "
                "of that run is made of functions.",
        .preset = "30",
        .commands = COMMANDS_CALLS,
        .section = SECTION_CODE,
        .set = option_set_symbol_time,
    },
    {
        .name = "source-root",
        .value = "DIR[=PREFIX]",
        .help =
            "repeatable: where your repository has the sources, PREFIX what stands in its place "
            "in paths of the build",
        .more =
            "SARIF, GitHub and GitLab then point to the line that posted, and HTML shows the "
            "lines around it. Without PREFIX the longest end of a path is taken that is a file "
            "below DIR. Names are relative to the working directory, or to a DIR outside of it.",
        .commands = COMMANDS_CHECK,
        .section = SECTION_CODE,
        .set = option_add_source_root,
    },
    {
        .name = "own",
        .value = "GLOB",
        .help = "repeatable: modules that are the program's own code",
        .more = "The first frame of own code is an operation's call site. All modules are own but "
                "those of Windows between a program and the driver and the C and .NET runtimes. Of "
                "--own and --not-own the last one that fits a module decides.",
        .commands = COMMANDS_CALLS,
        .section = SECTION_CODE,
        .set = option_add_own_rule,
    },
    {
        .name = "not-own",
        .value = "GLOB",
        .help = "repeatable: modules that are not, such as a framework's",
        .commands = COMMANDS_CALLS,
        .section = SECTION_CODE,
        .set = option_add_own_rule,
    },
    {
        .name = "fail-on",
        .value = "LEVEL",
        .help = "the level from which on findings make the exit status 1",
        .choice = option_level_choice,
        .preset = "warning",
        .commands = COMMANDS_CHECK,
        .section = SECTION_JUDGEMENT,
        .set = option_set_fail_on,
    },
    {
        .name = "allow-inconclusive",
        .value = "[=CAUSE,...]",
        .help = "don't fail because the trace shows too little; for all causes, or by name",
        .choice = option_cause_choice,
        .commands = COMMANDS_CHECK,
        .section = SECTION_JUDGEMENT,
        .set = option_allow_causes,
    },
    {
        .name = "min-visible",
        .value = "PERCENT",
        .help = "inconclusive where the program's address was visible for a smaller share of its "
                "receives or sends (default 0: any share is enough)",
        .preset = "0",
        .commands = COMMANDS_CHECK,
        .section = SECTION_JUDGEMENT,
        .set = option_set_min_visible,
    },
    {
        .name = "rule",
        .value = "NAME",
        .help = "repeatable: only this rule",
        .more = "bufcheck explain lists the rules.",
        .choice = option_rule_choice,
        .commands = COMMANDS_CHECK | COMMANDS_CUT,
        .section = SECTION_JUDGEMENT,
        .set = option_set_rule,
    },
    {
        .name = "no-rule",
        .value = "NAME",
        .help = "repeatable: all rules but this one",
        .choice = option_rule_choice,
        .hides_choices = true,
        .commands = COMMANDS_CHECK | COMMANDS_CUT,
        .section = SECTION_JUDGEMENT,
        .set = option_unset_rule,
    },
    {
        .name = "module",
        .value = "GLOB",
        .help = "repeatable: only findings with a call site, of either post, in such a module",
        .commands = COMMANDS_CHECK | COMMANDS_CUT,
        .section = SECTION_JUDGEMENT,
        .set = option_add_module,
    },
    {
        .name = "severity",
        .value = "RULE=LEVEL",
        .help = "repeatable: another severity for a rule",
        .choice = option_severity_choice,
        .commands = COMMANDS_CHECK,
        .section = SECTION_JUDGEMENT,
        .set = option_set_severity,
    },
    {
        .name = "baseline",
        .value = "FILE",
        .help = "an earlier json or sarif report: what stands there is known, and only what is new "
                "makes the exit status 1",
        .more = "A rebuild without symbols moves every offset. What then has no equal fingerprint "
                "is matched one to one with what is known of its kind: rule, program, API pair, "
                "own modules, same or other socket and thread.",
        .commands = COMMANDS_CHECK,
        .section = SECTION_JUDGEMENT,
        .member = offsetof(struct options, baseline),
        .set = option_set_text,
    },
    {
        .name = "suppressions",
        .value = "FILE",
        .help = "repeatable: accepted findings, each with a reason: listed, but not counted",
        .more = "A file holds entries of `name = value` lines, parted by blank lines: rule, "
                "process, module, function, call-site, remote, fingerprint (all that stand there "
                "must fit; * and ? are wildcards), a reason, and perhaps until, the last valid "
                "day in UTC. Entries that fit nothing and expired ones are named. docs/ci.md "
                "says more.",
        .commands = COMMANDS_CHECK,
        .section = SECTION_JUDGEMENT,
        .set = option_add_suppressions,
    },
    {
        .name = "gen-suppressions",
        .help = "print an entry for --suppressions for each finding, instead of the report",
        .preset = "no",
        .commands = COMMANDS_CHECK,
        .section = SECTION_REPORTS,
        .member = offsetof(struct options, gen_suppressions),
        .set = option_set_flag,
    },
    {
        .name = "process",
        .value = "GLOB",
        .help = "show and judge only processes with such an image name (*, ?)",
        .more = "Tracking always sees everything: a filter shows less, and changes nothing about "
                "the rest. Coverage and the causes of an inconclusive result are those of the "
                "processes that are selected; loss is the file's.",
        .commands = COMMANDS_FILTERED,
        .section = SECTION_FILTER,
        .member = offsetof(struct options, settings.filter.process),
        .set = option_set_text,
    },
    {
        .name = "pid",
        .value = "N",
        .help = "only the process with this id",
        .commands = COMMANDS_FILTERED,
        .section = SECTION_FILTER,
        .set = option_set_pid,
    },
    {
        .name = "endpoint",
        .value = "ADDR",
        .help = "only this socket: its kernel address, or its own or its peer's socket address "
                "(*, ?)",
        .commands = COMMANDS_FILTERED,
        .section = SECTION_FILTER,
        .set = option_set_endpoint,
    },
    {
        .name = "address",
        .value = "ADDR[+LEN]",
        .help = "only operations that touch this memory, and findings of which one does",
        .more = "ADDR is hexadecimal as a debugger prints it, LEN decimal or hexadecimal with 0x.",
        .commands = COMMANDS_FILTERED,
        .section = SECTION_FILTER,
        .set = option_set_address,
    },
    {
        .name = "since",
        .value = "T",
        .help = "only posts from then on: seconds from the start, or a time in UTC (ISO 8601)",
        .commands = COMMANDS_FILTERED,
        .section = SECTION_FILTER,
        .set = option_set_time,
    },
    {
        .name = "until",
        .value = "T",
        .help = "only posts up to then",
        .commands = COMMANDS_FILTERED,
        .section = SECTION_FILTER,
        .set = option_set_time,
    },
    {
        .name = "fields",
        .value = "NAME,...",
        .help = "only these columns of ops or events, in this order",
        .more = "Of jsonl the members of a line, else the columns of csv; text then has the same "
                "columns, parted by tabs.",
        .commands = COMMANDS_LINES,
        .section = SECTION_REPORTS,
        .member = offsetof(struct options, fields),
        .set = option_set_text,
    },
    {
        .name = "files-from",
        .value = "FILE",
        .help = "analyse the files and folders that FILE lists, one a line; - is standard input",
        .more = "Where the list holds a NUL, as find -print0 writes it, NULs part the paths.",
        .commands = COMMANDS_READERS,
        .section = SECTION_INPUT,
        .member = offsetof(struct options, files_from),
        .set = option_set_text,
    },
    {
        .name = "one-timeline",
        .help = "the FILEs are parts of one session: merge them by time and judge once; else each "
                "is judged alone",
        .preset = "no",
        .commands = COMMANDS_TIMELINE,
        .section = SECTION_INPUT,
        .member = offsetof(struct options, one_timeline),
        .set = option_set_flag,
    },
    {
        .letter = 'j',
        .name = "jobs",
        .value = "N",
        .help = "threads at most (default: one a processor)",
        .more = "Several files are analysed at once, each by one thread, unless a format follows "
                "them as they are read (jsonl, html); of a single file a second thread reads "
                "ahead, and both decompress. Output is the same bytes for every N.",
        .commands = COMMANDS_READERS,
        .section = SECTION_INPUT,
        .set = option_set_jobs,
    },
    {
        .name = "max-memory",
        .value = "SIZE",
        .help = "memory for the analysis of one input, as 512M or 4GiB (default 4G)",
        .more = "Beyond it a trace is judged as if it ended there, and the verdict is an error. "
                "Fewer files are analysed at once where the machine has too little memory for "
                "all.",
        .preset = "4G",
        .commands = (COMMANDS_READERS | COMMANDS_CUT) & ~COMMAND_BIT(COMMAND_EVENTS),
        .section = SECTION_INPUT,
        .set = option_set_max_memory,
    },
    {
        .name = "progress",
        .value = "WHEN",
        .help = "how far the analysis is, on standard error, if that is a terminal",
        .choice = option_when_choice,
        .preset = "auto",
        .commands = COMMANDS_READERS,
        .section = SECTION_OTHER,
        .member = offsetof(struct options, progress),
        .set = option_set_when,
    },
    {
        .name = "color",
        .value = "WHEN",
        .help = "colours in text on standard output; NO_COLOR is honoured",
        .choice = option_when_choice,
        .preset = "auto",
        .commands = COMMANDS_ALL,
        .section = SECTION_OTHER,
        .member = offsetof(struct options, color),
        .set = option_set_when,
    },
    {
        .letter = 'o',
        .name = "output",
        .value = "FILE",
        .help =
            "where the small trace goes; of calibrate a folder for a ticket, with the trace cut "
            "to one scenario each, the log and the result",
        .commands = COMMANDS_CUT | COMMAND_BIT(COMMAND_CALIBRATE),
        .section = SECTION_OTHER,
        .member = offsetof(struct options, cut_output),
        .set = option_set_text,
    },
    {
        .name = "finding",
        .value = "FINGERPRINT",
        .help = "only this finding; -v and the JSON report print fingerprints",
        .more = "One that was printed with --symbols, --own or --not-own needs the same ones here.",
        .commands = COMMANDS_CUT,
        .section = SECTION_OTHER,
        .member = offsetof(struct options, fingerprint),
        .set = option_set_text,
    },
    {
        .name = "anonymous",
        .value = "[=all]",
        .help =
            "replace what could tell who and where: command lines, paths, names of session and "
            "machine, SIDs, IP addresses, kernel addresses, the day; names of programs and user "
            "addresses stay, but --anonymous=all replaces these as well",
        .more = "The same value has the same alias everywhere, so that the findings are the same. "
                "User addresses stay, and the names of the process and of the images that a "
                "finding's stacks show; with `all` these are replaced, too, and fingerprints "
                "differ. docs/cut.md lists all that is replaced and all that is kept.",
        .commands = COMMANDS_CUT,
        .section = SECTION_OTHER,
        .choice = option_anonymous_choice,
        .set = option_set_anonymous,
    },
    {
        .name = "force",
        .help = "write over a file that is there, or files in a folder that is not empty",
        .commands = COMMANDS_CUT | COMMAND_BIT(COMMAND_CALIBRATE),
        .section = SECTION_OTHER,
        .member = offsetof(struct options, force),
        .set = option_set_flag,
    },
    {
        .name = "beliefs",
        .help = "without FILE: what is believed of each event, with its source",
        .more = "`bufcheck calibrate` holds these beliefs against a trace of known calls.",
        .commands = COMMAND_BIT(COMMAND_EVENTS),
        .section = SECTION_OTHER,
        .member = offsetof(struct options, beliefs),
        .set = option_set_flag,
    },
    {
        .name = "wprp",
        .help = "print a profile for Windows Performance Recorder",
        .commands = COMMAND_BIT(COMMAND_CAPTURE_HELP),
        .section = SECTION_OTHER,
        .member = offsetof(struct options, wprp),
        .set = option_set_flag,
    },
    {
        .name = "config",
        .value = "FILE",
        .help = "settings from FILE instead of .bufcheck.ini",
        .more = "A file that is named may set everything; one that was found can set neither "
                "programs that are run nor files that are written. Paths in a file are relative "
                "to its folder.",
        .commands = COMMANDS_SETTABLE,
        .section = SECTION_OTHER,
        .member = offsetof(struct options, config),
        .set = option_set_text,
    },
    {
        .name = "no-config",
        .help = "no settings from a file",
        .commands = COMMANDS_SETTABLE,
        .section = SECTION_OTHER,
        .member = offsetof(struct options, no_config),
        .set = option_set_flag,
    },
    {
        .letter = 'q',
        .name = "quiet",
        .help = "findings only, and no progress: nothing where all is well",
        .preset = "no",
        .commands = COMMANDS_READERS,
        .section = SECTION_OTHER,
        .member = offsetof(struct options, settings.quiet),
        .set = option_set_flag,
    },
    {
        .letter = 'v',
        .name = "verbose",
        .help =
            "more detail: every note in full, every frame of a stack, and the programs' command "
            "lines, which may hold secrets",
        .preset = "no",
        .commands = COMMANDS_READERS,
        .section = SECTION_OTHER,
        .member = offsetof(struct options, settings.verbose),
        .set = option_set_flag,
    },
    {
        .letter = 'h',
        .name = "help",
        .help = "this page; after a command, that command's page",
        .commands = COMMANDS_ALL,
        .section = SECTION_OTHER,
        .set = option_ask_for_help,
    },
    {
        .name = "version",
        .help = "the program's version",
        .commands = COMMANDS_ALL,
        .section = SECTION_OTHER,
        .set = option_ask_for_version,
    },
};

const size_t option_row_count = sizeof option_rows / sizeof option_rows[0];

_Static_assert(sizeof option_rows / sizeof option_rows[0] <= OPTION_ROWS_MAX,
               "OPTION_ROWS_MAX is too small");

const char *option_rows_nearest(const char *text)
{
    const char *names[OPTION_ROWS_MAX];
    for (size_t i = 0; i < option_row_count; i++) {
        names[i] = option_rows[i].name;
    }
    return suggest_nearest(text, names, option_row_count);
}
