/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cli/option_rows.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "analyzer/cli/suggest.h"

#define ONLY_CHECK COMMAND_BIT(COMMAND_CHECK)
#define LINES (COMMAND_BIT(COMMAND_EVENTS) | COMMAND_BIT(COMMAND_OPS))
#define CALLS (ONLY_CHECK | COMMAND_BIT(COMMAND_OPS))
#define TIMELINE (ONLY_CHECK | LINES)
#define READERS (TIMELINE | COMMAND_BIT(COMMAND_INFO))
#define CUT COMMAND_BIT(COMMAND_CUT)
#define CALIBRATE COMMAND_BIT(COMMAND_CALIBRATE)
#define SETTABLE (READERS | COMMAND_BIT(COMMAND_DIFF) | COMMAND_BIT(COMMAND_CONFIG))
#define EVERY (COMMAND_BIT(COMMAND_COUNT) - 1)

/* ---- commands ---- */

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
                         {"bufcheck calibrate -f json a.etl a.jsonl", "the same for a program"}},
            .words_max = 2,
        },
    [COMMAND_CUT] =
        {
            .name = "cut",
            .words = "TRACE -o SMALL.etl",
            .help = "a small trace with the evidence of the findings alone, for a ticket",
            .more = "The records of the operations in conflict are kept byte for byte, with all of "
                    "the provider on their sockets and what names processes, threads and images. "
                    "What was written is analysed: where the findings are not the same, more "
                    "records are taken. Exit status: 0 written, 2 error, also without a finding; "
                    "then there is no file.",
            .examples = {{"bufcheck cut capture.etl -o small.etl", "evidence for a ticket"}},
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
    {{"text", "for a terminal"}, COMMAND_BIT(COMMAND_INFO) | CALIBRATE},
    {{"json", "for programs: one object"}, COMMAND_BIT(COMMAND_INFO) | CALIBRATE},
    {{"text", "for a terminal"}, COMMAND_BIT(COMMAND_DIFF) | COMMAND_BIT(COMMAND_CONFIG)},
    {{"markdown", "for a ticket or a merge request: a table"}, COMMAND_BIT(COMMAND_DIFF)},
    {{"json", "for programs: one object"}, COMMAND_BIT(COMMAND_DIFF) | COMMAND_BIT(COMMAND_CONFIG)},
    {{"jsonl", "for programs: an object a line"}, LINES},
    {{"csv", "for spreadsheets: a row a line, with a header"}, LINES},
    {{"text", "for a terminal: a line each"}, LINES},
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

/* ---- errors ---- */

enum options_status option_fail(struct options *options, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(options->error, sizeof options->error, format, arguments);
    va_end(arguments);
    return OPTIONS_USAGE;
}

enum options_status option_fail_choice(struct options *options, const char *what, const char *text,
                                       const char *const *choices, size_t count)
{
    const char *meant = suggest_nearest(text, choices, count);
    if (meant != NULL) {
        return option_fail(options, "%s '%.60s': did you mean '%s'?", what, text, meant);
    }
    char list[240] = "";
    size_t len = 0;
    for (size_t i = 0; i < count; i++) {
        int more = snprintf(list + len, sizeof list - len, "%s%s", i > 0 ? ", " : "", choices[i]);
        if (more < 0 || (size_t)more >= sizeof list - len) {
            break;
        }
        len += (size_t)more;
    }
    return option_fail(options, "%s '%.60s': choose from %s", what, text, list);
}

#define CHOICES_MAX 32

static enum options_status fail_row_choice(struct options *options, const struct option_row *row,
                                           const char *text)
{
    const char *choices[CHOICES_MAX];
    size_t count = 0;
    char what[40];
    snprintf(what, sizeof what, "--%s", row->name);
    for (; count < CHOICES_MAX && row->choice(count) != NULL; count++) {
        choices[count] = row->choice(count);
    }
    return option_fail_choice(options, what, text, choices, count);
}

/* ---- choices ---- */

static const char *level_choice(size_t index)
{
    static const char *const levels[] = {"error", "warning", "note", "never"};
    return index < sizeof levels / sizeof levels[0] ? levels[index] : NULL;
}

static const char *severity_choice(size_t index)
{
    return index < 3 ? level_choice(index) : NULL;
}

static const char *cause_choice(size_t index)
{
    return index < CAUSES_TO_ACCEPT ? cause_name((enum cause)index) : NULL;
}

static const char *rule_choice(size_t index)
{
    return index < RULE_COUNT ? rules_table[index]->name : NULL;
}

/* The order is that of enum options_when. */
static const char *when_choice(size_t index)
{
    static const char *const names[] = {"auto", "always", "never"};
    return index < sizeof names / sizeof names[0] ? names[index] : NULL;
}

/* ---- setters for several options ---- */

static void *member_of(struct options *options, const struct option_row *row)
{
    return (char *)options + row->member;
}

static enum options_status set_flag(struct option_parse *parse, const struct option_row *row,
                                    const char *value)
{
    (void)value;
    *(bool *)member_of(parse->options, row) = true;
    return OPTIONS_OK;
}

static enum options_status parse_number(struct options *options, const struct option_row *row,
                                        const char *text, uint64_t *number)
{
    uint64_t value = 0;
    const char *at = text;
    for (; *at >= '0' && *at <= '9'; at++) {
        uint64_t digit = (uint64_t)(*at - '0');
        if (value > (UINT64_MAX - digit) / 10) {
            return option_fail(options, "--%s '%.60s': too large", row->name, text);
        }
        value = value * 10 + digit;
    }
    if (at == text || *at != '\0') {
        return option_fail(options, "--%s '%.60s': a number is expected", row->name, text);
    }
    *number = value;
    return OPTIONS_OK;
}

static enum options_status set_number(struct option_parse *parse, const struct option_row *row,
                                      const char *value)
{
    uint64_t *number = (uint64_t *)member_of(parse->options, row);
    return parse_number(parse->options, row, value, number);
}

static enum options_status set_when(struct option_parse *parse, const struct option_row *row,
                                    const char *value)
{
    for (size_t i = 0; row->choice(i) != NULL; i++) {
        if (strcmp(value, row->choice(i)) == 0) {
            *(enum options_when *)member_of(parse->options, row) = (enum options_when)i;
            return OPTIONS_OK;
        }
    }
    return fail_row_choice(parse->options, row, value);
}

/* ---- setters of one option ---- */

/* FMT[=PATH]. The parser checks later, when the command is known, that it takes FMT. */
enum options_status option_set_format(struct option_parse *parse, const struct option_row *row,
                                      const char *value)
{
    struct options *options = parse->options;
    const char *equals = strchr(value, '=');
    size_t len = equals != NULL ? (size_t)(equals - value) : strlen(value);
    if (options->output_count == OPTIONS_OUTPUTS_MAX) {
        return option_fail(options, "more than %d --%s options", OPTIONS_OUTPUTS_MAX, row->name);
    }
    struct options_output *output = &options->outputs[options->output_count];
    if (len >= sizeof output->format) {
        len = sizeof output->format - 1; /* no format is as long: the check says so */
    }
    memcpy(output->format, value, len);
    output->format[len] = '\0';
    output->path = equals != NULL ? equals + 1 : NULL;
    if (output->path != NULL && output->path[0] == '\0') {
        return option_fail(options, "--%s %.60s: a path must follow the =", row->name, value);
    }
    if (output->path != NULL && strcmp(output->path, "-") == 0) {
        output->path = NULL;
    }
    options->output_count++;
    return OPTIONS_OK;
}

static enum options_status set_fail_on(struct option_parse *parse, const struct option_row *row,
                                       const char *value)
{
    struct report_settings *settings = &parse->options->settings;
    settings->fail_never = strcmp(value, "never") == 0;
    if (settings->fail_never || rule_level_parse(value, &settings->fail_on)) {
        return OPTIONS_OK;
    }
    return fail_row_choice(parse->options, row, value);
}

static enum options_status allow_one_cause(struct options *options, const struct option_row *row,
                                           const char *text, size_t len)
{
    char word[40];
    enum cause cause;
    if (len >= sizeof word) {
        return fail_row_choice(options, row, text);
    }
    memcpy(word, text, len);
    word[len] = '\0';
    if (!cause_parse(word, &cause)) {
        return fail_row_choice(options, row, word);
    }
    if (cause >= CAUSES_TO_ACCEPT) {
        return option_fail(options,
                           "--allow-inconclusive: %s is an error that can't be accepted; "
                           "--max-memory raises the limit",
                           word);
    }
    options->settings.allowed_causes |= CAUSE_BIT(cause);
    return OPTIONS_OK;
}

static enum options_status allow_causes(struct option_parse *parse, const struct option_row *row,
                                        const char *value)
{
    struct options *options = parse->options;
    if (value == NULL) {
        options->settings.allowed_causes = CAUSES_ALL;
        return OPTIONS_OK;
    }
    enum options_status status = OPTIONS_OK;
    for (const char *word = value; status == OPTIONS_OK; word++) {
        size_t len = strcspn(word, ",");
        status = allow_one_cause(options, row, word, len);
        word += len;
        if (*word == '\0') {
            break;
        }
    }
    return status;
}

static enum options_status fail_rule(struct options *options, const char *what, const char *text)
{
    const char *names[RULE_COUNT];
    for (size_t i = 0; i < RULE_COUNT; i++) {
        names[i] = rules_table[i]->name;
    }
    return option_fail_choice(options, what, text, names, RULE_COUNT);
}

/* The first --rule takes all others away; a --no-rule after it counts as well. */
static enum options_status set_rule(struct option_parse *parse, const struct option_row *row,
                                    const char *value)
{
    bool *selected = parse->options->settings.rule_enabled;
    const struct rule *rule = rules_find(value);
    if (rule == NULL) {
        return fail_row_choice(parse->options, row, value);
    }
    if (!parse->only_some_rules) {
        parse->only_some_rules = true;
        for (size_t i = 0; i < RULE_COUNT; i++) {
            selected[i] = false;
        }
    }
    selected[rules_index(rule)] = true;
    return OPTIONS_OK;
}

static enum options_status unset_rule(struct option_parse *parse, const struct option_row *row,
                                      const char *value)
{
    const struct rule *rule = rules_find(value);
    if (rule == NULL) {
        return fail_row_choice(parse->options, row, value);
    }
    parse->options->settings.rule_enabled[rules_index(rule)] = false;
    return OPTIONS_OK;
}

static enum options_status set_severity(struct option_parse *parse, const struct option_row *row,
                                        const char *value)
{
    struct options *options = parse->options;
    char name[64];
    size_t len = strcspn(value, "=");
    if (value[len] == '\0' || len >= sizeof name) {
        return option_fail(options, "--severity '%.60s': RULE=LEVEL is expected", value);
    }
    memcpy(name, value, len);
    name[len] = '\0';
    const struct rule *rule = rules_find(name);
    if (rule == NULL) {
        return fail_rule(options, "--severity", name);
    }
    enum rule_level level;
    if (!rule_level_parse(value + len + 1, &level)) {
        return fail_row_choice(options, row, value + len + 1);
    }
    size_t index = rules_index(rule);
    options->settings.severity_override[index] = level;
    options->settings.has_override[index] = true;
    return OPTIONS_OK;
}

static enum options_status set_min_visible(struct option_parse *parse, const struct option_row *row,
                                           const char *value)
{
    uint64_t percent = 0;
    enum options_status status = parse_number(parse->options, row, value, &percent);
    if (status != OPTIONS_OK) {
        return status;
    }
    if (percent > 100) {
        return option_fail(parse->options, "--min-visible '%.60s': at most 100 percent", value);
    }
    parse->options->settings.min_visible = (unsigned)percent;
    return OPTIONS_OK;
}

static enum options_status set_max_bytes(struct option_parse *parse, const struct option_row *row,
                                         const char *value)
{
    uint64_t bytes = 0;
    enum options_status status = parse_number(parse->options, row, value, &bytes);
    if (status != OPTIONS_OK) {
        return status;
    }
    if (bytes < REPORT_BYTES_MIN) {
        return option_fail(parse->options, "--max-bytes '%.60s': at least %d bytes", value,
                           REPORT_BYTES_MIN);
    }
    parse->options->settings.max_bytes = bytes;
    return OPTIONS_OK;
}

/* The binary logarithm of the unit at `text` in bytes, 0 for none; -1: there is no such unit. */
static int unit_bits(const char *text)
{
    static const char letters[] = "kmgt";
    const char lower = (char)(text[0] | 0x20);
    const char *letter = text[0] != '\0' ? strchr(letters, lower) : NULL;
    if (text[0] == '\0') {
        return 0;
    }
    if (letter == NULL || (text[1] != '\0' && strcmp(text + 1, "iB") != 0)) {
        return -1;
    }
    return 10 * (int)(letter - letters + 1);
}

#define MEMORY_MIN_BITS 20 /* less than 1 MiB is a forgotten unit */

static enum options_status set_max_memory(struct option_parse *parse, const struct option_row *row,
                                          const char *value)
{
    struct options *options = parse->options;
    char digits[24] = "";
    size_t len = strspn(value, "0123456789");
    int bits = unit_bits(value + len);
    if (len == 0 || bits < 0) {
        return option_fail(options, "--%s '%.60s': a size is expected, such as 512M or 4GiB",
                           row->name, value);
    }
    uint64_t number = UINT64_MAX;
    if (len < sizeof digits) {
        memcpy(digits, value, len);
    }
    if (len >= sizeof digits || parse_number(options, row, digits, &number) != OPTIONS_OK ||
        number > UINT64_MAX >> bits) {
        return option_fail(options, "--%s '%.60s': too large", row->name, value);
    }
    if (number << bits >> MEMORY_MIN_BITS == 0) {
        return option_fail(options, "--%s '%.60s': less than 1M", row->name, value);
    }
    options->settings.max_memory = number << bits;
    return OPTIONS_OK;
}

static enum options_status set_jobs(struct option_parse *parse, const struct option_row *row,
                                    const char *value)
{
    uint64_t number = 0;
    enum options_status status = parse_number(parse->options, row, value, &number);
    if (status != OPTIONS_OK) {
        return status;
    }
    if (number == 0) {
        return option_fail(parse->options, "--jobs '%.60s': at least 1", value);
    }
    parse->options->settings.jobs = number < UINT_MAX ? (unsigned)number : UINT_MAX;
    return OPTIONS_OK;
}

static enum options_status set_sarif_anchor(struct option_parse *parse,
                                            const struct option_row *row, const char *value)
{
    (void)row;
    if (value[0] == '\0' || value[0] == ':') {
        return option_fail(parse->options, "--sarif-anchor '%.60s': FILE[:LINE] is expected",
                           value);
    }
    parse->options->settings.sarif_anchor = value;
    return OPTIONS_OK;
}

static enum options_status set_text(struct option_parse *parse, const struct option_row *row,
                                    const char *value)
{
    if (value[0] == '\0') {
        return option_fail(parse->options, "--%s needs a value", row->name);
    }
    *(const char **)member_of(parse->options, row) = value;
    return OPTIONS_OK;
}

static enum options_status add_suppressions(struct option_parse *parse,
                                            const struct option_row *row, const char *value)
{
    struct options *options = parse->options;
    if (value[0] == '\0') {
        return option_fail(options, "--%s needs a value", row->name);
    }
    if (options->suppression_count == OPTIONS_SUPPRESSIONS_MAX) {
        return option_fail(options, "more than %d --%s options", OPTIONS_SUPPRESSIONS_MAX,
                           row->name);
    }
    options->suppressions[options->suppression_count++] = value;
    return OPTIONS_OK;
}

static enum options_status add_symbols(struct option_parse *parse, const struct option_row *row,
                                       const char *value)
{
    struct options_symbols *symbols = &parse->options->symbols;
    if (value[0] == '\0') {
        return option_fail(parse->options, "--%s '': a folder is expected", row->name);
    }
    if (symbols->folder_count == OPTIONS_SYMBOLS_MAX) {
        return option_fail(parse->options, "more than %d --%s options", OPTIONS_SYMBOLS_MAX,
                           row->name);
    }
    symbols->folders[symbols->folder_count++] = value;
    return OPTIONS_OK;
}

static enum options_status set_symbolizer(struct option_parse *parse, const struct option_row *row,
                                          const char *value)
{
    if (value[0] == '\0') {
        return option_fail(parse->options, "--%s '': a path is expected", row->name);
    }
    parse->options->symbols.symbolizer = value;
    return OPTIONS_OK;
}

#define SYMBOL_SECONDS_MAX 86400

static enum options_status set_symbol_time(struct option_parse *parse, const struct option_row *row,
                                           const char *value)
{
    uint64_t seconds = 0;
    enum options_status status = parse_number(parse->options, row, value, &seconds);
    if (status != OPTIONS_OK) {
        return status;
    }
    if (seconds == 0 || seconds > SYMBOL_SECONDS_MAX) {
        return option_fail(parse->options, "--%s '%.60s': 1 to %d seconds", row->name, value,
                           SYMBOL_SECONDS_MAX);
    }
    parse->options->symbols.seconds = seconds;
    return OPTIONS_OK;
}

static enum options_status add_source_root(struct option_parse *parse, const struct option_row *row,
                                           const char *value)
{
    struct options *options = parse->options;
    if (!source_roots_add(&options->source_roots, value)) {
        return option_fail(options, "--%s '%.60s': DIR[=PREFIX] is expected, %d times at most",
                           row->name, value, SOURCE_ROOTS_MAX);
    }
    options->settings.source_roots = &options->source_roots;
    return OPTIONS_OK;
}

static enum options_status add_own_rule(struct option_parse *parse, const struct option_row *row,
                                        const char *value)
{
    struct own_code *own = &parse->options->settings.own_code;
    if (value[0] == '\0') {
        return option_fail(parse->options, "--%s '': the name of a module is expected", row->name);
    }
    if (own->rule_count == OWN_RULES_MAX) {
        return option_fail(parse->options, "more than %d --own and --not-own options",
                           OWN_RULES_MAX);
    }
    own->rules[own->rule_count++] = (struct own_rule){value, strcmp(row->name, "own") == 0};
    return OPTIONS_OK;
}

static enum options_status add_module(struct option_parse *parse, const struct option_row *row,
                                      const char *value)
{
    struct module_globs *modules = &parse->options->settings.modules;
    if (value[0] == '\0') {
        return option_fail(parse->options, "--%s '': the name of a module is expected", row->name);
    }
    if (modules->count == MODULE_GLOBS_MAX) {
        return option_fail(parse->options, "more than %d --%s options", MODULE_GLOBS_MAX,
                           row->name);
    }
    modules->globs[modules->count++] = value;
    return OPTIONS_OK;
}

static enum options_status set_pid(struct option_parse *parse, const struct option_row *row,
                                   const char *value)
{
    struct filter *filter = &parse->options->settings.filter;
    uint64_t number = 0;
    enum options_status status = parse_number(parse->options, row, value, &number);
    if (status == OPTIONS_OK && number > UINT32_MAX) {
        return option_fail(parse->options, "--pid '%.60s': too large", value);
    }
    filter->has_pid = true;
    filter->pid = (uint32_t)number;
    return status;
}

static enum options_status set_endpoint(struct option_parse *parse, const struct option_row *row,
                                        const char *value)
{
    (void)row;
    if (filter_parse_endpoint(value, &parse->options->settings.filter)) {
        return OPTIONS_OK;
    }
    return option_fail(
        parse->options,
        "--endpoint '%.60s': expected is the socket's kernel address (0xffff...), or "
        "a socket address as 10.0.0.*:443",
        value);
}

static enum options_status set_address(struct option_parse *parse, const struct option_row *row,
                                       const char *value)
{
    (void)row;
    if (filter_parse_address(value, &parse->options->settings.filter)) {
        return OPTIONS_OK;
    }
    return option_fail(parse->options,
                       "--address '%.60s': ADDR or ADDR+LEN is expected, as in 0x1f4a2c44000+96",
                       value);
}

static enum options_status set_time(struct option_parse *parse, const struct option_row *row,
                                    const char *value)
{
    struct filter *filter = &parse->options->settings.filter;
    struct filter_time *time = strcmp(row->name, "since") == 0 ? &filter->since : &filter->until;
    if (filter_parse_time(value, time)) {
        return OPTIONS_OK;
    }
    return option_fail(parse->options,
                       "--%s '%.60s': seconds from the start are expected (12.5), or a time in UTC "
                       "(2026-03-04T10:20:42Z)",
                       row->name, value);
}

static enum options_status ask_for_help(struct option_parse *parse, const struct option_row *row,
                                        const char *value)
{
    (void)row;
    (void)value;
    parse->help = true;
    return OPTIONS_OK;
}

static enum options_status ask_for_version(struct option_parse *parse, const struct option_row *row,
                                           const char *value)
{
    (void)row;
    (void)value;
    parse->version = true;
    return OPTIONS_OK;
}

/* ---- options ---- */

const struct option_section_row option_sections[OPTION_SECTION_COUNT] = {
    [SECTION_REPORTS] = {"Reports", READERS | CALIBRATE},
    [SECTION_CODE] = {"Functions and lines", CALLS},
    [SECTION_JUDGEMENT] = {"What counts (check)", ONLY_CHECK},
    [SECTION_FILTER] = {"Filters (check, ops, events)", TIMELINE},
    [SECTION_INPUT] = {"Input", READERS},
    [SECTION_OTHER] = {"Other", EVERY},
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
        .commands = SETTABLE | CALIBRATE,
        .section = SECTION_REPORTS,
        .set = option_set_format,
    },
    {
        .name = "sarif-anchor",
        .value = "FILE[:LINE]",
        .help = "the file of your repository that SARIF results point to",
        .more = "Without it they point to the trace's name, line 1.",
        .commands = ONLY_CHECK,
        .section = SECTION_REPORTS,
        .set = set_sarif_anchor,
    },
    {
        .name = "max-findings",
        .value = "N",
        .help = "findings printed per rule; 0: all (default 100)",
        .more = "Counts stay complete.",
        .commands = ONLY_CHECK,
        .section = SECTION_REPORTS,
        .member = offsetof(struct options, settings.max_findings),
        .set = set_number,
    },
    {
        .name = "max-bytes",
        .value = "N",
        .help = "bytes of a Markdown report at most (default 1000000; GitHub takes 65536 for an "
                "issue)",
        .more =
            "What does not fit is left out, the least severe first, and the report says so. N is "
            "512 or more.",
        .commands = ONLY_CHECK,
        .section = SECTION_REPORTS,
        .set = set_max_bytes,
    },
    {
        .name = "symbols",
        .value = "DIR",
        .help = "repeatable: where the program's binaries and PDBs are, for functions and lines",
        .more = "Files lie in DIR under their own names, or as in a symbol server, NAME/ID/NAME. "
                "Local folders of _NT_SYMBOL_PATH are searched, too. Files of another build than "
                "the trace tells are refused. The work is llvm-symbolizer's (Debian: llvm).",
        .commands = CALLS,
        .section = SECTION_CODE,
        .set = add_symbols,
    },
    {
        .name = "symbolizer",
        .value = "PATH",
        .help =
            "this llvm-symbolizer (default: the llvm-symbolizer-NN of the PATH with the highest "
            "number, else llvm-symbolizer)",
        .commands = CALLS,
        .section = SECTION_CODE,
        .set = set_symbolizer,
    },
    {
        .name = "symbol-time",
        .value = "SECONDS",
        .help = "for all work of llvm-symbolizer together (default 30)",
        .more = "When it is over, the frames that are left stay module+offset, and no fingerprint "
                "of that run is made of functions.",
        .commands = CALLS,
        .section = SECTION_CODE,
        .set = set_symbol_time,
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
        .commands = ONLY_CHECK,
        .section = SECTION_CODE,
        .set = add_source_root,
    },
    {
        .name = "own",
        .value = "GLOB",
        .help = "repeatable: modules that are the program's own code",
        .more = "The first frame of own code is an operation's call site. All modules are own but "
                "those of Windows between a program and the driver and the C and .NET runtimes. Of "
                "--own and --not-own the last one that fits a module decides.",
        .commands = CALLS,
        .section = SECTION_CODE,
        .set = add_own_rule,
    },
    {
        .name = "not-own",
        .value = "GLOB",
        .help = "repeatable: modules that are not, such as a framework's",
        .commands = CALLS,
        .section = SECTION_CODE,
        .set = add_own_rule,
    },
    {
        .name = "fail-on",
        .value = "LEVEL",
        .help = "the level from which on findings make the exit status 1",
        .choice = level_choice,
        .preset = "warning",
        .commands = ONLY_CHECK,
        .section = SECTION_JUDGEMENT,
        .set = set_fail_on,
    },
    {
        .name = "allow-inconclusive",
        .value = "[=CAUSE,...]",
        .help = "don't fail because the trace shows too little; for all causes, or some of",
        .choice = cause_choice,
        .commands = ONLY_CHECK,
        .section = SECTION_JUDGEMENT,
        .set = allow_causes,
    },
    {
        .name = "min-visible",
        .value = "PERCENT",
        .help = "inconclusive where the program's address was visible for a smaller share of its "
                "receives or sends (default 0: any share is enough)",
        .commands = ONLY_CHECK,
        .section = SECTION_JUDGEMENT,
        .set = set_min_visible,
    },
    {
        .name = "rule",
        .value = "NAME",
        .help = "repeatable: only this rule, of",
        .more = "bufcheck explain lists the rules.",
        .choice = rule_choice,
        .commands = ONLY_CHECK,
        .section = SECTION_JUDGEMENT,
        .set = set_rule,
    },
    {
        .name = "no-rule",
        .value = "NAME",
        .help = "repeatable: all rules but this one",
        .choice = rule_choice,
        .hides_choices = true,
        .commands = ONLY_CHECK,
        .section = SECTION_JUDGEMENT,
        .set = unset_rule,
    },
    {
        .name = "module",
        .value = "GLOB",
        .help = "repeatable: only findings with a call site, of either post, in such a module",
        .commands = ONLY_CHECK,
        .section = SECTION_JUDGEMENT,
        .set = add_module,
    },
    {
        .name = "severity",
        .value = "RULE=LEVEL",
        .help = "repeatable: another severity for a rule",
        .choice = severity_choice,
        .commands = ONLY_CHECK,
        .section = SECTION_JUDGEMENT,
        .set = set_severity,
    },
    {
        .name = "baseline",
        .value = "FILE",
        .help = "an earlier json or sarif report: what stands there is known, and only what is new "
                "makes the exit status 1",
        .more = "A rebuild without symbols moves every offset. What then has no equal fingerprint "
                "is matched one to one with what is known of its kind: rule, program, API pair, "
                "own modules, same or other socket and thread.",
        .commands = ONLY_CHECK,
        .section = SECTION_JUDGEMENT,
        .member = offsetof(struct options, baseline),
        .set = set_text,
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
        .commands = ONLY_CHECK,
        .section = SECTION_JUDGEMENT,
        .set = add_suppressions,
    },
    {
        .name = "gen-suppressions",
        .help = "print an entry for --suppressions for each finding, instead of the report",
        .commands = ONLY_CHECK,
        .section = SECTION_REPORTS,
        .member = offsetof(struct options, gen_suppressions),
        .set = set_flag,
    },
    {
        .name = "process",
        .value = "GLOB",
        .help = "show and judge only processes with such an image name (*, ?)",
        .more = "Tracking always sees everything: a filter shows less, and changes nothing about "
                "the rest. Coverage and the causes of an inconclusive result are those of the "
                "processes that are selected; loss is the file's.",
        .commands = TIMELINE,
        .section = SECTION_FILTER,
        .member = offsetof(struct options, settings.filter.process),
        .set = set_text,
    },
    {
        .name = "pid",
        .value = "N",
        .help = "only the process with this id",
        .commands = TIMELINE,
        .section = SECTION_FILTER,
        .set = set_pid,
    },
    {
        .name = "endpoint",
        .value = "ADDR",
        .help = "only this socket: its kernel address, or its own or its peer's socket address "
                "(*, ?)",
        .commands = TIMELINE,
        .section = SECTION_FILTER,
        .set = set_endpoint,
    },
    {
        .name = "address",
        .value = "ADDR[+LEN]",
        .help = "only operations that touch this memory, and findings of which one does",
        .more = "ADDR is hexadecimal as a debugger prints it, LEN decimal or hexadecimal with 0x.",
        .commands = TIMELINE,
        .section = SECTION_FILTER,
        .set = set_address,
    },
    {
        .name = "since",
        .value = "T",
        .help = "only posts from then on: seconds from the start, or a time in UTC (ISO 8601)",
        .commands = TIMELINE,
        .section = SECTION_FILTER,
        .set = set_time,
    },
    {
        .name = "until",
        .value = "T",
        .help = "only posts up to then",
        .commands = TIMELINE,
        .section = SECTION_FILTER,
        .set = set_time,
    },
    {
        .name = "fields",
        .value = "NAME,...",
        .help = "only these columns of ops or events, in this order",
        .more = "Of jsonl the members of a line, else the columns of csv; text then has the same "
                "columns, parted by tabs.",
        .commands = LINES,
        .section = SECTION_REPORTS,
        .member = offsetof(struct options, fields),
        .set = set_text,
    },
    {
        .name = "files-from",
        .value = "FILE",
        .help = "analyse the files and folders that FILE lists, one a line; - is standard input",
        .more = "Where the list holds a NUL, as find -print0 writes it, NULs part the paths.",
        .commands = READERS,
        .section = SECTION_INPUT,
        .member = offsetof(struct options, files_from),
        .set = set_text,
    },
    {
        .name = "one-timeline",
        .help = "the FILEs are parts of one session: merge them by time and judge once; else each "
                "is judged alone",
        .commands = TIMELINE,
        .section = SECTION_INPUT,
        .member = offsetof(struct options, one_timeline),
        .set = set_flag,
    },
    {
        .letter = 'j',
        .name = "jobs",
        .value = "N",
        .help = "threads at most (default: one a processor)",
        .more = "Several files are analysed at once, each by one thread, unless a format follows "
                "them as they are read (jsonl, html); of a single file a second thread reads "
                "ahead, and both decompress. Output is the same bytes for every N.",
        .commands = READERS,
        .section = SECTION_INPUT,
        .set = set_jobs,
    },
    {
        .name = "max-memory",
        .value = "SIZE",
        .help = "memory for the analysis of one input, as 512M or 4GiB (default 4G)",
        .more = "Beyond it a trace is judged as if it ended there, and the verdict is an error. "
                "Fewer files are analysed at once where the machine has too little memory for "
                "all.",
        .commands = READERS & ~COMMAND_BIT(COMMAND_EVENTS),
        .section = SECTION_INPUT,
        .set = set_max_memory,
    },
    {
        .name = "progress",
        .value = "WHEN",
        .help = "how far the analysis is, on standard error, if that is a terminal",
        .choice = when_choice,
        .preset = "auto",
        .commands = READERS,
        .section = SECTION_OTHER,
        .member = offsetof(struct options, progress),
        .set = set_when,
    },
    {
        .name = "color",
        .value = "WHEN",
        .help = "colours in text on standard output; NO_COLOR is honoured",
        .choice = when_choice,
        .preset = "auto",
        .commands = EVERY,
        .section = SECTION_OTHER,
        .member = offsetof(struct options, color),
        .set = set_when,
    },
    {
        .letter = 'o',
        .name = "output",
        .value = "FILE",
        .help = "where the small trace goes",
        .commands = CUT,
        .section = SECTION_OTHER,
        .member = offsetof(struct options, cut_output),
        .set = set_text,
    },
    {
        .name = "finding",
        .value = "FINGERPRINT",
        .help = "only this finding; -v and the JSON report print fingerprints",
        .commands = CUT,
        .section = SECTION_OTHER,
        .member = offsetof(struct options, fingerprint),
        .set = set_text,
    },
    {
        .name = "force",
        .help = "write over a file that is there",
        .commands = CUT,
        .section = SECTION_OTHER,
        .member = offsetof(struct options, force),
        .set = set_flag,
    },
    {
        .name = "beliefs",
        .help = "without FILE: what is believed of each event, with its source",
        .more = "`bufcheck calibrate` holds these beliefs against a trace of known calls.",
        .commands = COMMAND_BIT(COMMAND_EVENTS),
        .section = SECTION_OTHER,
        .member = offsetof(struct options, beliefs),
        .set = set_flag,
    },
    {
        .name = "wprp",
        .help = "print a profile for Windows Performance Recorder",
        .commands = COMMAND_BIT(COMMAND_CAPTURE_HELP),
        .section = SECTION_OTHER,
        .member = offsetof(struct options, wprp),
        .set = set_flag,
    },
    {
        .name = "config",
        .value = "FILE",
        .help = "settings from FILE instead of .bufcheck.ini",
        .more = "A file that is named may set everything; one that was found can set neither "
                "programs that are run nor files that are written. Paths in a file are relative "
                "to its folder.",
        .commands = SETTABLE,
        .section = SECTION_OTHER,
        .member = offsetof(struct options, config),
        .set = set_text,
    },
    {
        .name = "no-config",
        .help = "no settings from a file",
        .commands = SETTABLE,
        .section = SECTION_OTHER,
        .member = offsetof(struct options, no_config),
        .set = set_flag,
    },
    {
        .letter = 'q',
        .name = "quiet",
        .help = "findings only, and no progress: nothing where all is well",
        .commands = READERS,
        .section = SECTION_OTHER,
        .member = offsetof(struct options, settings.quiet),
        .set = set_flag,
    },
    {
        .letter = 'v',
        .name = "verbose",
        .help =
            "more detail: every note in full, every frame of a stack, and the programs' command "
            "lines, which may hold secrets",
        .commands = READERS,
        .section = SECTION_OTHER,
        .member = offsetof(struct options, settings.verbose),
        .set = set_flag,
    },
    {
        .letter = 'h',
        .name = "help",
        .help = "this page; after a command, that command's page",
        .commands = EVERY,
        .section = SECTION_OTHER,
        .set = ask_for_help,
    },
    {
        .name = "version",
        .help = "the program's version",
        .commands = EVERY,
        .section = SECTION_OTHER,
        .set = ask_for_version,
    },
};

const size_t option_row_count = sizeof option_rows / sizeof option_rows[0];

_Static_assert(sizeof option_rows / sizeof option_rows[0] <= OPTION_ROWS_MAX,
               "OPTION_ROWS_MAX is too small");
