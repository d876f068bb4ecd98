#include "analyzer/cli/options.h"

#include <assert.h>
#include <getopt.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/cli/suggest.h"

static const char *const command_names[COMMAND_COUNT] = {
    [COMMAND_CHECK] = "check",     [COMMAND_INFO] = "info",
    [COMMAND_EVENTS] = "events",   [COMMAND_OPS] = "ops",
    [COMMAND_EXPLAIN] = "explain", [COMMAND_CAPTURE_HELP] = "capture-help",
};

#define BIT(command) (1u << (command))
#define ONLY_CHECK BIT(COMMAND_CHECK)
#define TIMELINE (BIT(COMMAND_CHECK) | BIT(COMMAND_EVENTS) | BIT(COMMAND_OPS))
#define READERS (TIMELINE | BIT(COMMAND_INFO))
#define EVERY ((1u << COMMAND_COUNT) - 1)

enum option_id {
    OPT_FORMAT = 'f',
    OPT_JOBS = 'j',
    OPT_QUIET = 'q',
    OPT_VERBOSE = 'v',
    OPT_HELP = 'h',
    OPT_VERSION = 256, /* beyond every character */
    OPT_FAIL_ON,
    OPT_ALLOW_INCONCLUSIVE,
    OPT_RULE,
    OPT_NO_RULE,
    OPT_SEVERITY,
    OPT_MAX_FINDINGS,
    OPT_SARIF_ANCHOR,
    OPT_ONE_TIMELINE,
    OPT_COLOR,
    OPT_PROGRESS,
    OPT_WPRP,
};

static const struct {
    const char *name;
    int argument; /* getopt_long's has_arg */
    int id;
    unsigned commands; /* BIT()s of those that take it */
} rows[] = {
    {"format", required_argument, OPT_FORMAT, READERS},
    {"jobs", required_argument, OPT_JOBS, READERS},
    {"fail-on", required_argument, OPT_FAIL_ON, ONLY_CHECK},
    {"allow-inconclusive", optional_argument, OPT_ALLOW_INCONCLUSIVE, ONLY_CHECK},
    {"rule", required_argument, OPT_RULE, ONLY_CHECK},
    {"no-rule", required_argument, OPT_NO_RULE, ONLY_CHECK},
    {"severity", required_argument, OPT_SEVERITY, ONLY_CHECK},
    {"max-findings", required_argument, OPT_MAX_FINDINGS, ONLY_CHECK},
    {"sarif-anchor", required_argument, OPT_SARIF_ANCHOR, ONLY_CHECK},
    {"one-timeline", no_argument, OPT_ONE_TIMELINE, TIMELINE},
    {"color", required_argument, OPT_COLOR, EVERY},
    {"progress", required_argument, OPT_PROGRESS, READERS},
    {"wprp", no_argument, OPT_WPRP, BIT(COMMAND_CAPTURE_HELP)},
    {"quiet", no_argument, OPT_QUIET, EVERY},
    {"verbose", no_argument, OPT_VERBOSE, EVERY},
    {"help", no_argument, OPT_HELP, EVERY},
    {"version", no_argument, OPT_VERSION, EVERY},
};
#define ROW_COUNT (sizeof rows / sizeof rows[0])

/* What is being parsed, besides its result. */
struct parse {
    struct options *options;
    bool command_given; /* or can't be: no word is a mistyped one */
    bool only_some_rules;
    unsigned used[ROW_COUNT]; /* how often */
};

static enum options_status fail(struct options *options, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static enum options_status fail(struct options *options, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(options->error, sizeof options->error, format, arguments);
    va_end(arguments);
    return OPTIONS_USAGE;
}

/* "`what` 'text'", with a suggestion where one is near and the choice otherwise. */
static enum options_status fail_choice(struct options *options, const char *what, const char *text,
                                       const char *const *choices, size_t count)
{
    const char *meant = suggest_nearest(text, choices, count);
    if (meant != NULL)
        return fail(options, "%s '%.60s': did you mean '%s'?", what, text, meant);
    char list[240] = "";
    size_t len = 0;
    for (size_t i = 0; i < count; i++) {
        int more = snprintf(list + len, sizeof list - len, "%s%s", i > 0 ? ", " : "", choices[i]);
        if (more < 0 || (size_t)more >= sizeof list - len)
            break;
        len += (size_t)more;
    }
    return fail(options, "%s '%.60s': choose from %s", what, text, list);
}

const char *options_command_name(enum options_command command)
{
    return command_names[command];
}

static bool command_find(const char *text, enum options_command *command)
{
    for (int i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(text, command_names[i]) == 0) {
            *command = (enum options_command)i;
            return true;
        }
    }
    return false;
}

/* ---- values ---- */

const char *options_format(enum options_command command, size_t index)
{
    static const char *const info[] = {"text", "json"};
    static const char *const lines[] = {"jsonl", "csv", "text"};
    switch (command) {
    case COMMAND_CHECK:
        return index < report_format_count ? report_formats[index]->name : NULL;
    case COMMAND_INFO:
        return index < 2 ? info[index] : NULL;
    case COMMAND_EVENTS:
    case COMMAND_OPS:
        return index < 3 ? lines[index] : NULL;
    case COMMAND_EXPLAIN:
    case COMMAND_CAPTURE_HELP:
    case COMMAND_COUNT:
        break;
    }
    return NULL;
}

/* FMT[=PATH]; whether the command knows FMT is checked when the command is known. */
static enum options_status add_output(struct options *options, const char *text)
{
    const char *equals = strchr(text, '=');
    size_t len = equals != NULL ? (size_t)(equals - text) : strlen(text);
    if (options->output_count == OPTIONS_OUTPUTS_MAX)
        return fail(options, "more than %d --format options", OPTIONS_OUTPUTS_MAX);
    struct options_output *output = &options->outputs[options->output_count];
    if (len >= sizeof output->format)
        len = sizeof output->format - 1; /* no format is as long: the check says so */
    memcpy(output->format, text, len);
    output->format[len] = '\0';
    output->path = equals != NULL ? equals + 1 : NULL;
    if (output->path != NULL && output->path[0] == '\0')
        return fail(options, "--format %.60s: a path must follow the =", text);
    if (output->path != NULL && strcmp(output->path, "-") == 0)
        output->path = NULL;
    options->output_count++;
    return OPTIONS_OK;
}

static enum options_status set_fail_on(struct options *options, const char *text)
{
    static const char *const levels[] = {"error", "warning", "note", "never"};
    options->settings.fail_never = strcmp(text, "never") == 0;
    if (options->settings.fail_never || rule_level_parse(text, &options->settings.fail_on))
        return OPTIONS_OK;
    return fail_choice(options, "--fail-on", text, levels, 4);
}

static enum options_status allow_one_cause(struct options *options, const char *text, size_t len)
{
    const char *names[CAUSE_COUNT];
    char word[40];
    enum cause cause;
    if (len < sizeof word) {
        memcpy(word, text, len);
        word[len] = '\0';
        if (cause_parse(word, &cause)) {
            options->settings.allowed_causes |= CAUSE_BIT(cause);
            return OPTIONS_OK;
        }
    }
    for (int i = 0; i < CAUSE_COUNT; i++)
        names[i] = cause_name((enum cause)i);
    return fail_choice(options, "--allow-inconclusive", len < sizeof word ? word : text, names,
                       CAUSE_COUNT);
}

static enum options_status allow_causes(struct options *options, const char *list)
{
    if (list == NULL) {
        options->settings.allowed_causes = CAUSES_ALL;
        return OPTIONS_OK;
    }
    enum options_status status = OPTIONS_OK;
    for (const char *word = list; status == OPTIONS_OK; word++) {
        size_t len = strcspn(word, ",");
        status = allow_one_cause(options, word, len);
        word += len;
        if (*word == '\0')
            break;
    }
    return status;
}

static enum options_status fail_rule(struct options *options, const char *what, const char *text)
{
    const char *names[RULE_COUNT];
    for (size_t i = 0; i < RULE_COUNT; i++)
        names[i] = rules_table[i]->name;
    return fail_choice(options, what, text, names, RULE_COUNT);
}

static enum options_status select_rule(struct parse *parse, const char *text, bool enabled)
{
    struct options *options = parse->options;
    const struct rule *rule = rules_find(text);
    if (rule == NULL)
        return fail_rule(options, enabled ? "--rule" : "--no-rule", text);
    bool *selected = options->settings.rule_enabled;
    if (enabled && !parse->only_some_rules) {
        /* The first --rule: those that no --no-rule took away count from here on. */
        parse->only_some_rules = true;
        for (size_t i = 0; i < RULE_COUNT; i++)
            selected[i] = false;
    }
    selected[rules_index(rule)] = enabled;
    return OPTIONS_OK;
}

static enum options_status set_severity(struct options *options, const char *text)
{
    static const char *const levels[] = {"error", "warning", "note"};
    char name[64];
    size_t len = strcspn(text, "=");
    if (text[len] == '\0' || len >= sizeof name)
        return fail(options, "--severity '%.60s': RULE=LEVEL is expected", text);
    memcpy(name, text, len);
    name[len] = '\0';
    const struct rule *rule = rules_find(name);
    if (rule == NULL)
        return fail_rule(options, "--severity", name);
    enum rule_level level;
    if (!rule_level_parse(text + len + 1, &level))
        return fail_choice(options, "--severity", text + len + 1, levels, 3);
    size_t index = rules_index(rule);
    options->settings.severity_override[index] = level;
    options->settings.has_override[index] = true;
    return OPTIONS_OK;
}

static enum options_status set_number(struct options *options, const char *option, const char *text,
                                      uint64_t *number)
{
    uint64_t value = 0;
    const char *at = text;
    for (; *at >= '0' && *at <= '9'; at++) {
        uint64_t digit = (uint64_t)(*at - '0');
        if (value > (UINT64_MAX - digit) / 10)
            return fail(options, "%s '%.60s': too large", option, text);
        value = value * 10 + digit;
    }
    if (at == text || *at != '\0')
        return fail(options, "%s '%.60s': a number is expected", option, text);
    *number = value;
    return OPTIONS_OK;
}

static enum options_status set_jobs(struct options *options, const char *text)
{
    uint64_t number = 0;
    enum options_status status = set_number(options, "--jobs", text, &number);
    if (status != OPTIONS_OK)
        return status;
    if (number == 0)
        return fail(options, "--jobs '%.60s': at least 1", text);
    options->settings.jobs = number < UINT_MAX ? (unsigned)number : UINT_MAX;
    return OPTIONS_OK;
}

static enum options_status set_when(struct options *options, const char *option, const char *text,
                                    enum options_when *when)
{
    static const char *const names[] = {"auto", "always", "never"};
    for (int i = 0; i < 3; i++) {
        if (strcmp(text, names[i]) == 0) {
            *when = (enum options_when)i;
            return OPTIONS_OK;
        }
    }
    return fail_choice(options, option, text, names, 3);
}

static enum options_status set_sarif_anchor(struct options *options, const char *text)
{
    if (report_format_find("sarif") == NULL)
        return fail(options, "--sarif-anchor: this program writes no SARIF");
    if (text[0] == '\0' || text[0] == ':')
        return fail(options, "--sarif-anchor '%.60s': FILE[:LINE] is expected", text);
    options->settings.sarif_anchor = text;
    return OPTIONS_OK;
}

/* ---- options ---- */

static enum options_status apply(struct parse *parse, int id, const char *value)
{
    struct options *options = parse->options;
    switch (id) {
    case OPT_FORMAT:
        return add_output(options, value);
    case OPT_FAIL_ON:
        return set_fail_on(options, value);
    case OPT_ALLOW_INCONCLUSIVE:
        return allow_causes(options, value);
    case OPT_RULE:
        return select_rule(parse, value, true);
    case OPT_NO_RULE:
        return select_rule(parse, value, false);
    case OPT_SEVERITY:
        return set_severity(options, value);
    case OPT_JOBS:
        return set_jobs(options, value);
    case OPT_MAX_FINDINGS:
        return set_number(options, "--max-findings", value, &options->settings.max_findings);
    case OPT_SARIF_ANCHOR:
        return set_sarif_anchor(options, value);
    case OPT_ONE_TIMELINE:
        options->one_timeline = true;
        return OPTIONS_OK;
    case OPT_COLOR:
        return set_when(options, "--color", value, &options->color);
    case OPT_PROGRESS:
        return set_when(options, "--progress", value, &options->progress);
    case OPT_WPRP:
        options->wprp = true;
        return OPTIONS_OK;
    case OPT_QUIET:
        options->settings.quiet = true;
        return OPTIONS_OK;
    case OPT_VERBOSE:
        options->settings.verbose = true;
        return OPTIONS_OK;
    case OPT_HELP:
        return OPTIONS_HELP;
    case OPT_VERSION:
        return OPTIONS_VERSION;
    default:
        break;
    }
    assert(false); /* every row of the table has its case */
    return OPTIONS_USAGE;
}

static size_t row_of(int id)
{
    size_t row = 0;
    while (row < ROW_COUNT && rows[row].id != id)
        row++;
    return row;
}

static enum options_status fail_unknown(struct options *options, char **argv)
{
    const char *names[ROW_COUNT];
    for (size_t i = 0; i < ROW_COUNT; i++)
        names[i] = rows[i].name;
    if (optopt != 0 && row_of(optopt) == ROW_COUNT)
        return fail(options, "there is no option -%c", optopt);
    const char *text = argv[optind - 1];
    if (optopt != 0)
        return fail(options, "--%s takes no value", rows[row_of(optopt)].name);
    char word[48];
    size_t len = strcspn(text, "=");
    if (len > 2 && len - 2 < sizeof word) {
        memcpy(word, text + 2, len - 2);
        word[len - 2] = '\0';
        const char *meant = suggest_nearest(word, names, ROW_COUNT);
        if (meant != NULL)
            return fail(options, "there is no option --%s: did you mean --%s?", word, meant);
    }
    return fail(options, "there is no option %.60s", text);
}

/* Everything that begins with a dash, into parse->options; argv's files come last then. */
static enum options_status parse_dashes(struct parse *parse, int argc, char **argv)
{
    struct option long_options[ROW_COUNT + 1];
    for (size_t i = 0; i < ROW_COUNT; i++)
        long_options[i] = (struct option){rows[i].name, rows[i].argument, NULL, rows[i].id};
    long_options[ROW_COUNT] = (struct option){NULL, 0, NULL, 0};
    optind = 0; /* glibc: forget an earlier parse */
    opterr = 0;
    for (;;) {
        int id = getopt_long(argc, argv, ":f:j:qvh", long_options, NULL);
        if (id == -1)
            return OPTIONS_OK;
        if (id == '?')
            return fail_unknown(parse->options, argv);
        if (id == ':') {
            size_t row = row_of(optopt);
            return fail(parse->options, "--%s needs a value",
                        row < ROW_COUNT ? rows[row].name : "option");
        }
        parse->used[row_of(id)]++;
        enum options_status status = apply(parse, id, optarg);
        if (status != OPTIONS_OK)
            return status;
    }
}

/* ---- what fits together ---- */

static enum options_status check_uses(const struct parse *parse)
{
    struct options *options = parse->options;
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (parse->used[i] == 0 || (rows[i].commands & BIT(options->command)) != 0)
            continue;
        for (int command = 0; command < COMMAND_COUNT; command++) {
            if ((rows[i].commands & BIT(command)) != 0)
                return fail(options, "--%s is for %s, not for %s", rows[i].name,
                            command_names[command], command_names[options->command]);
        }
    }
    size_t enabled = 0;
    for (size_t i = 0; i < RULE_COUNT; i++)
        enabled += options->settings.rule_enabled[i];
    if (enabled == 0)
        return fail(options, "--rule and --no-rule leave no rule to check");
    return OPTIONS_OK;
}

static bool format_known(const struct options *options, const char *format)
{
    for (size_t i = 0; options_format(options->command, i) != NULL; i++) {
        if (strcmp(options_format(options->command, i), format) == 0)
            return true;
    }
    return false;
}

static enum options_status fail_format(struct options *options, const char *format)
{
    const char *names[32];
    size_t count = 0;
    while (count < 32 && options_format(options->command, count) != NULL) {
        names[count] = options_format(options->command, count);
        count++;
    }
    return fail_choice(options, "--format", format, names, count);
}

static enum options_status check_outputs(struct options *options)
{
    if (options_format(options->command, 0) == NULL)
        return OPTIONS_OK;
    if (options->output_count == 0)
        return add_output(options, options_format(options->command, 0));
    for (size_t i = 0; i < options->output_count; i++) {
        const struct options_output *output = &options->outputs[i];
        if (!format_known(options, output->format))
            return fail_format(options, output->format);
        for (size_t j = 0; j < i; j++) {
            const char *earlier = options->outputs[j].path;
            if (output->path == NULL && earlier == NULL)
                return fail(options,
                            "two formats for standard output, %s and %s: give one a "
                            "path, as in --format %s=FILE",
                            options->outputs[j].format, output->format, output->format);
            if (output->path != NULL && earlier != NULL && strcmp(output->path, earlier) == 0)
                return fail(options, "two formats for one file, %s and %s: '%.200s'",
                            options->outputs[j].format, output->format, earlier);
        }
    }
    if (options->command != COMMAND_CHECK && options->output_count > 1)
        return fail(options, "%s writes one format at a time", command_names[options->command]);
    return OPTIONS_OK;
}

/* A word without dots and slashes that is no file is a mistyped command. */
static enum options_status check_first_path(const struct parse *parse)
{
    struct options *options = parse->options;
    const char *word = options->paths[0];
    if (parse->command_given || strpbrk(word, "./") != NULL || access(word, F_OK) == 0)
        return OPTIONS_OK;
    const char *meant = suggest_nearest(word, command_names, COMMAND_COUNT);
    if (meant == NULL)
        return OPTIONS_OK; /* a file that is not there: opening it says so */
    return fail(options, "there is no command and no file '%.60s': did you mean '%s'?", word,
                meant);
}

static enum options_status check_paths(const struct parse *parse)
{
    struct options *options = parse->options;
    const char *name = command_names[options->command];
    if (options->command == COMMAND_CAPTURE_HELP && options->path_count > 0)
        return fail(options, "capture-help takes no file, '%.200s' was given", options->paths[0]);
    if (options->command == COMMAND_EXPLAIN && options->path_count > 1)
        return fail(options, "explain takes one rule, %zu words were given", options->path_count);
    if (options->command == COMMAND_EXPLAIN && options->path_count == 1 &&
        rules_find(options->paths[0]) == NULL)
        return fail_rule(options, "there is no rule", options->paths[0]);
    if ((BIT(options->command) & READERS) == 0)
        return OPTIONS_OK;
    if (options->path_count == 0)
        return fail(options, "%s needs a trace file; - is standard input", name);
    size_t standard_inputs = 0;
    for (size_t i = 0; i < options->path_count; i++)
        standard_inputs += strcmp(options->paths[i], "-") == 0;
    if (standard_inputs > 1)
        return fail(options, "standard input (-) is given %zu times, it can be read once",
                    standard_inputs);
    return check_first_path(parse);
}

/* The command is argv[1], or the first word after options; after "--" there are only files. */
static enum options_status take_words(struct parse *parse, int argc, char **argv)
{
    struct options *options = parse->options;
    bool only_files = optind > 0 && strcmp(argv[optind - 1], "--") == 0;
    if (!parse->command_given && !only_files && optind < argc &&
        command_find(argv[optind], &options->command)) {
        parse->command_given = true;
        optind++;
    }
    parse->command_given |= only_files;
    options->path_count = (size_t)(argc - optind);
    options->paths = calloc(options->path_count + 1, sizeof *options->paths);
    if (options->paths == NULL) {
        options->path_count = 0;
        return OPTIONS_NO_MEMORY;
    }
    for (size_t i = 0; i < options->path_count; i++)
        options->paths[i] = argv[optind + (int)i];
    return OPTIONS_OK;
}

static void set_defaults(struct options *options)
{
    memset(options, 0, sizeof *options);
    options->command = COMMAND_CHECK;
    options->settings.fail_on = RULE_WARNING;
    options->settings.max_findings = 100;
    for (size_t i = 0; i < RULE_COUNT; i++)
        options->settings.rule_enabled[i] = true;
}

enum options_status options_parse(struct options *options, int argc, char **argv)
{
    struct parse parse = {.options = options};
    set_defaults(options);
    if (argc > 1 && command_find(argv[1], &options->command)) {
        parse.command_given = true;
        argc--;
        argv++;
    }
    enum options_status status = parse_dashes(&parse, argc, argv);
    if (status == OPTIONS_OK)
        status = take_words(&parse, argc, argv);
    if (status == OPTIONS_OK)
        status = check_uses(&parse);
    if (status == OPTIONS_OK)
        status = check_outputs(options);
    if (status == OPTIONS_OK)
        status = check_paths(&parse);
    return status;
}

void options_finish(struct options *options)
{
    free(options->paths);
    options->paths = NULL;
    options->path_count = 0;
}
