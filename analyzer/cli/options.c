/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cli/options.h"

#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/cli/command_completion.h"
#include "analyzer/cli/config.h"
#include "analyzer/cli/explanations.h"
#include "analyzer/cli/command_rows.h"
#include "analyzer/cli/option_rows.h"
#include "analyzer/cli/option_setters.h"
#include "analyzer/cli/suggest.h"
#include "analyzer/tracker/operation.h"
#include "base/platform.h"

/* A value of getopt_long() that no character has; rows without a letter count from here. */
#define ROW_IDS 256

/* State of a parse that the setters of options don't see. */
struct parse {
    struct option_parse shared;
    struct options *options;
    bool help_word;  /* the first word was "help": the next one is a command */
    bool only_files; /* "--" came before the first word: no word is a mistyped command */
    unsigned used[OPTION_ROWS_MAX]; /* how often each option was given */
};

static bool command_find(const char *text, enum options_command *command)
{
    for (int i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(text, command_rows[i].name) == 0) {
            *command = (enum options_command)i;
            return true;
        }
    }
    return false;
}

static const struct command_alias *alias_find(const char *text)
{
    for (size_t i = 0; i < COMMAND_ALIAS_COUNT; i++) {
        if (strcmp(text, command_aliases[i].name) == 0) {
            return &command_aliases[i];
        }
    }
    return NULL;
}

/* Takes `word` for a command, or for a word that stands for one. False: it is neither. */
static bool take_command(struct parse *parse, const char *word)
{
    struct options *options = parse->options;
    const struct command_alias *alias = alias_find(word);
    if (alias == NULL) {
        options->command_given = command_find(word, &options->command);
        return options->command_given;
    }
    parse->shared.help |= alias->status == OPTIONS_HELP;
    parse->shared.version |= alias->status == OPTIONS_VERSION;
    if (alias->status == OPTIONS_OK) {
        options->command = alias->command;
        options->command_given = true;
    }
    return true;
}

/* The command that somebody who typed `word` probably meant, or NULL. */
static const char *meant_command(const char *word)
{
    const char *names[COMMAND_COUNT + COMMAND_ALIAS_COUNT];
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        names[i] = command_rows[i].name;
    }
    for (size_t i = 0; i < COMMAND_ALIAS_COUNT; i++) {
        names[COMMAND_COUNT + i] = command_aliases[i].name;
    }
    return suggest_nearest(word, names, sizeof names / sizeof names[0]);
}

/* ---- options ---- */

/* Index of the row with that value of getopt_long(), or option_row_count. */
static size_t row_of(int id)
{
    if (id >= ROW_IDS) {
        return (size_t)id - ROW_IDS;
    }
    size_t row = 0;
    while (row < option_row_count && option_rows[row].letter != (char)id) {
        row++;
    }
    return row;
}

static enum options_status fail_unknown(struct options *options, char **argv)
{
    if (optopt != 0 && row_of(optopt) == option_row_count) {
        return option_fail(options, "there is no option -%c", optopt);
    }
    const char *text = argv[optind - 1];
    if (optopt != 0) {
        return option_fail(options, "--%s takes no value", option_rows[row_of(optopt)].name);
    }
    char word[48];
    size_t len = strcspn(text, "=");
    if (len > 2 && len - 2 < sizeof word) {
        memcpy(word, text + 2, len - 2);
        word[len - 2] = '\0';
        const char *meant = option_rows_nearest(word);
        if (meant != NULL) {
            return option_fail(options, "there is no option --%s: did you mean --%s?", word, meant);
        }
    }
    return option_fail(options, "there is no option %.60s", text);
}

/* The arguments of getopt_long(), made from the rows. */
struct getopt_tables {
    struct option options[OPTION_ROWS_MAX + 1];
    char letters[2 * OPTION_ROWS_MAX + 2];
};

static void build_tables(struct getopt_tables *tables)
{
    char *letter = tables->letters;
    *letter++ = ':'; /* a missing value is told apart from an unknown option */
    for (size_t i = 0; i < option_row_count; i++) {
        const struct option_row *row = &option_rows[i];
        int argument = row->value == NULL     ? no_argument
                       : row->value[0] == '[' ? optional_argument
                                              : required_argument;
        int id = row->letter != 0 ? row->letter : ROW_IDS + (int)i;
        tables->options[i] = (struct option){row->name, argument, NULL, id};
        if (row->letter != 0) {
            *letter++ = row->letter;
        }
        if (row->letter != 0 && argument == required_argument) {
            *letter++ = ':';
        }
    }
    *letter = '\0';
    tables->options[option_row_count] = (struct option){NULL, 0, NULL, 0};
}

/* Some options say which page is shown, or where settings come from: they are set at once. */
static bool is_set_at_once(const char *name)
{
    return strcmp(name, "help") == 0 || strcmp(name, "version") == 0 ||
           strcmp(name, "config") == 0 || strcmp(name, "no-config") == 0;
}

/* The others are set when the configuration file was read, for the command line wins. */
static enum options_status take_option(struct parse *parse, size_t row, const char *value)
{
    struct options *options = parse->options;
    parse->used[row]++;
    if (is_set_at_once(option_rows[row].name)) {
        return option_rows[row].set(&parse->shared, &option_rows[row], value);
    }
    struct option_given *grown =
        realloc(options->given, (options->given_count + 1) * sizeof *grown);
    if (grown == NULL) {
        return OPTIONS_NO_MEMORY;
    }
    options->given = grown;
    options->given[options->given_count++] = (struct option_given){.row = row, .value = value};
    return OPTIONS_OK;
}

/* Sets the options of the command line, which were given before the file's. */
static enum options_status set_given(struct parse *parse, size_t count)
{
    enum options_status status = OPTIONS_OK;
    for (size_t i = 0; i < count && status == OPTIONS_OK; i++) {
        const struct option_given *given = &parse->options->given[i];
        const struct option_row *row = &option_rows[given->row];
        status = row->set(&parse->shared, row, given->value);
    }
    return status;
}

static bool reads_config(const struct parse *parse)
{
    enum options_command command = parse->options->command;
    return !parse->shared.help && !parse->shared.version &&
           (command_rows[command].words_max == SIZE_MAX || command == COMMAND_CUT ||
            command == COMMAND_DIFF || command == COMMAND_CONFIG);
}

/* The file first: what stands on the command line as well does not count there. */
static enum options_status set_options(struct parse *parse)
{
    size_t count = parse->options->given_count;
    enum options_status status = OPTIONS_OK;
    if (reads_config(parse)) {
        status = config_apply(&parse->shared, parse->used);
    }
    return status == OPTIONS_OK ? set_given(parse, count) : status;
}

/* Says that an option is unknown or lacks its value. Where an option before it has a wrong value,
 * the message is about that one. */
static enum options_status fail_option(struct parse *parse, int id, char **argv)
{
    int option = optopt;
    enum options_status status = set_given(parse, parse->options->given_count);
    if (status != OPTIONS_OK) {
        return status;
    }
    if (id == '?' || option_rows[row_of(option)].value == NULL) { /* so Windows says it */
        return fail_unknown(parse->options, argv);
    }
    return option_fail(parse->options, "--%s needs a value", option_rows[row_of(option)].name);
}

/* Takes everything that begins with a dash; the words stand last in argv afterwards. */
static enum options_status parse_dashes(struct parse *parse, int argc, char **argv)
{
    struct getopt_tables tables;
    build_tables(&tables);
    optind = 0; /* glibc: forget an earlier parse */
    opterr = 0;
    for (;;) {
        int id = getopt_long(argc, argv, tables.letters, tables.options, NULL);
        if (id == -1) {
            return OPTIONS_OK;
        }
        enum options_status status = id == '?' || id == ':'
                                         ? fail_option(parse, id, argv)
                                         : take_option(parse, row_of(id), optarg);
        if (status != OPTIONS_OK) {
            return status;
        }
    }
}

/* ---- options that fit together ---- */

#define COMMAND_NAMES_MAX 160

/* Puts "check, ops and cut" into `text`: the names of the commands of that set. */
static void list_commands(unsigned commands, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (int command = 0; command < COMMAND_COUNT && used < size; command++) {
        unsigned later = commands & ~(COMMAND_BIT(command + 1) - 1);
        if ((commands & COMMAND_BIT(command)) == 0) {
            continue;
        }
        const char *separator = used == 0 ? "" : later == 0 ? " and " : ", ";
        int len = snprintf(text + used, size - used, "%s%s", separator, command_rows[command].name);
        used += len > 0 ? (size_t)len : 0;
    }
}

static enum options_status check_uses(const struct parse *parse)
{
    struct options *options = parse->options;
    for (size_t i = 0; i < option_row_count; i++) {
        unsigned commands = option_rows[i].commands;
        if (options->command == COMMAND_CONFIG || parse->used[i] == 0 ||
            (commands & COMMAND_BIT(options->command)) != 0) {
            continue;
        }
        char names[COMMAND_NAMES_MAX];
        list_commands(commands, names, sizeof names);
        return option_fail(options, "--%s is for %s, not for %s", option_rows[i].name, names,
                           command_rows[options->command].name);
    }
    size_t enabled = 0;
    for (size_t i = 0; i < RULE_COUNT; i++) {
        enabled += options->settings.rule_enabled[i];
    }
    if (enabled == 0) {
        return option_fail(options, "--rule and --no-rule leave no rule to check");
    }
    return OPTIONS_OK;
}

static bool format_known(const struct options *options, const char *format)
{
    for (size_t i = 0; format_name(options->command, i) != NULL; i++) {
        if (strcmp(format_name(options->command, i), format) == 0) {
            return true;
        }
    }
    return false;
}

static enum options_status fail_format(struct options *options, const char *format)
{
    const char *names[32];
    size_t count = 0;
    while (count < 32 && format_name(options->command, count) != NULL) {
        names[count] = format_name(options->command, count);
        count++;
    }
    return option_fail_choice(options, "--format", format, names, count);
}

/* report_file_check() finds two paths that lead to one file. */
static enum options_status check_two_outputs(struct options *options,
                                             const struct options_output *a,
                                             const struct options_output *b)
{
    if (a->path == NULL && b->path == NULL) {
        return option_fail(options,
                           "two formats for standard output, %s and %s: give one a "
                           "path, as in --format %s=FILE",
                           a->format, b->format, b->format);
    }
    return OPTIONS_OK;
}

static enum options_status use_default_format(struct options *options)
{
    struct options_output *output = &options->outputs[0];
    strncpy(output->format, format_name(options->command, 0), sizeof output->format - 1);
    options->output_count = 1;
    return OPTIONS_OK;
}

static enum options_status check_outputs(struct options *options)
{
    if (format_name(options->command, 0) == NULL) {
        return OPTIONS_OK;
    }
    if (options->output_count == 0) {
        return use_default_format(options);
    }
    if (options->gen_suppressions) {
        return option_fail(options, "--gen-suppressions takes the place of --format %s",
                           options->outputs[0].format);
    }
    for (size_t i = 0; i < options->output_count; i++) {
        if (!format_known(options, options->outputs[i].format)) {
            return fail_format(options, options->outputs[i].format);
        }
        for (size_t j = 0; j < i; j++) {
            enum options_status status =
                check_two_outputs(options, &options->outputs[j], &options->outputs[i]);
            if (status != OPTIONS_OK) {
                return status;
            }
        }
    }
    if (options->command != COMMAND_CHECK && options->output_count > 1) {
        return option_fail(options, "%s writes one format at a time",
                           command_rows[options->command].name);
    }
    return OPTIONS_OK;
}

/* ---- words ---- */

/* A word that looks like no path and is no file is a mistyped command. */
static enum options_status check_first_path(const struct parse *parse)
{
    struct options *options = parse->options;
    const char *word = options->paths[0];
    struct platform_status status;
    if (options->command_given || parse->only_files || platform_is_path(word) ||
        platform_status_of_path(word, &status)) {
        return OPTIONS_OK;
    }
    const char *meant = meant_command(word);
    if (meant == NULL) {
        return OPTIONS_OK; /* a file that is not there: opening it says so */
    }
    return option_fail(options, "there is no command and no file '%.60s': did you mean '%s'?", word,
                       meant);
}

static enum options_status check_explained(struct options *options)
{
    const char *names[RULE_COUNT + EXPLANATION_COUNT];
    const struct explanation *explanation;
    if (options->path_count > 1) {
        return option_fail(options, "explain takes one word, %zu were given", options->path_count);
    }
    if (options->path_count == 0 || rules_find(options->paths[0]) != NULL ||
        explanation_find(options->paths[0], 0) != NULL) {
        return OPTIONS_OK;
    }
    for (size_t i = 0; i < RULE_COUNT; i++) {
        names[i] = rules_table[i]->name;
    }
    for (size_t i = 0; (explanation = explanation_at(i)) != NULL; i++) {
        names[RULE_COUNT + i] = explanation->name;
    }
    option_fail_choice(options, "there is no rule, cause or reason", options->paths[0], names,
                       sizeof names / sizeof names[0]);
    if (suggest_nearest(options->paths[0], names, sizeof names / sizeof names[0]) == NULL) {
        size_t len = strlen(options->error);
        snprintf(options->error + len, sizeof options->error - len,
                 "; 'bufcheck explain' lists all");
    }
    return OPTIONS_USAGE;
}

static enum options_status check_shell(struct options *options)
{
    const char *shells[8];
    size_t count = 0;
    for (; count < 8 && completion_shell(count) != NULL; count++) {
        shells[count] = completion_shell(count);
        if (options->path_count == 1 && strcmp(options->paths[0], shells[count]) == 0) {
            return OPTIONS_OK;
        }
    }
    if (options->path_count == 0) {
        return option_fail_choice(options, "completion needs a shell", NULL, shells, count);
    }
    return option_fail_choice(options, "completion of the shell", options->paths[0], shells, count);
}

/* A file that a word of the command line names. */
struct named_file {
    struct platform_status status;
    size_t word;
};

static int compare_files(const void *first, const void *second)
{
    const struct named_file *a = first;
    const struct named_file *b = second;
    const uint64_t numbers[][2] = {{a->status.volume, b->status.volume},
                                   {a->status.file[0], b->status.file[0]},
                                   {a->status.file[1], b->status.file[1]}};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        if (numbers[i][0] != numbers[i][1]) {
            return numbers[i][0] < numbers[i][1] ? -1 : 1;
        }
    }
    return a->word < b->word ? -1 : a->word > b->word;
}

/* The files that exist, sorted so that the same ones stand side by side. */
static size_t sort_files(const struct options *options, struct named_file *files)
{
    size_t count = 0;
    for (size_t i = 0; i < options->path_count; i++) {
        files[count].word = i;
        count += platform_status_of_path(options->paths[i], &files[count].status);
    }
    qsort(files, count, sizeof *files, compare_files);
    return count;
}

/* A file that is two parts of one timeline would meet its own operations. */
static enum options_status check_parts(struct options *options)
{
    enum options_status status = OPTIONS_OK;
    struct named_file *files = calloc(options->path_count, sizeof *files);
    if (files == NULL) {
        return OPTIONS_NO_MEMORY;
    }
    size_t count = sort_files(options, files);
    for (size_t i = 1; i < count && status == OPTIONS_OK; i++) {
        if (platform_same_file(&files[i].status, &files[i - 1].status)) {
            status = option_fail(options, "--one-timeline: '%.160s' and '%.160s' are one file",
                                 options->paths[files[i - 1].word], options->paths[files[i].word]);
        }
    }
    free(files);
    return status;
}

static enum options_status check_words(const struct parse *parse)
{
    struct options *options = parse->options;
    const struct command_row *command = &command_rows[options->command];
    if (command->words_max == 0 && options->path_count > 0) {
        return option_fail(options, "%s takes no file, '%.200s' was given", command->name,
                           options->paths[0]);
    }
    if (options->command == COMMAND_EXPLAIN) {
        return check_explained(options);
    }
    if (options->command == COMMAND_COMPLETION) {
        return check_shell(options);
    }
    if (command->words_max > 1 && command->words_max < SIZE_MAX &&
        options->path_count != command->words_max) {
        return option_fail(options, "%s takes %zu files, %zu %s given", command->name,
                           command->words_max, options->path_count,
                           options->path_count == 1 ? "was" : "were");
    }
    if (command->words_max < SIZE_MAX) {
        return OPTIONS_OK;
    }
    if (options->path_count == 0 && options->files_from != NULL) {
        return OPTIONS_OK;
    }
    if (options->beliefs) {
        return options->path_count == 0
                   ? OPTIONS_OK
                   : option_fail(options, "--beliefs takes no file, '%.200s' was given",
                                 options->paths[0]);
    }
    if (options->path_count == 0) {
        return option_fail(options, "%s needs a trace file; - is standard input", command->name);
    }
    size_t standard_inputs = 0;
    for (size_t i = 0; i < options->path_count; i++) {
        standard_inputs += strcmp(options->paths[i], "-") == 0;
    }
    if (standard_inputs > 1) {
        return option_fail(options, "standard input (-) is given %zu times, it can be read once",
                           standard_inputs);
    }
    enum options_status status = check_first_path(parse);
    return status == OPTIONS_OK && options->one_timeline ? check_parts(options) : status;
}

/* `help WORD`: the word must be a command. */
static enum options_status check_help_word(struct options *options, const char *word)
{
    const char *meant = meant_command(word);
    if (meant != NULL) {
        return option_fail(options, "there is no command '%.60s': did you mean '%s'?", word, meant);
    }
    return option_fail(options, "there is no command '%.60s'; bufcheck --help lists them", word);
}

static enum options_status list_paths(struct options *options)
{
    options->paths = calloc(options->words.count + 1, sizeof *options->paths);
    if (options->paths == NULL) {
        return OPTIONS_NO_MEMORY;
    }
    options->path_count = options->words.count;
    for (size_t i = 0; i < options->path_count; i++) {
        options->paths[i] = options->words.words[i];
    }
    return OPTIONS_OK;
}

/* Takes the command, where it is the first word after options, and the words after it. After "--"
 * there are only files. */
static enum options_status take_words(struct parse *parse, int argc, char **argv)
{
    struct options *options = parse->options;
    parse->only_files = optind > 0 && strcmp(argv[optind - 1], "--") == 0;
    if (!options->command_given && !parse->only_files && optind < argc &&
        take_command(parse, argv[optind])) {
        optind++;
    }
    if (parse->help_word && !options->command_given && optind < argc) {
        return check_help_word(options, argv[optind]);
    }
    for (; optind < argc; optind++) {
        if (!platform_expand(&options->words, argv[optind])) {
            return OPTIONS_NO_MEMORY;
        }
    }
    return list_paths(options);
}

static void set_defaults(struct options *options)
{
    memset(options, 0, sizeof *options);
    options->command = COMMAND_CHECK;
    options->settings.fail_on = RULE_WARNING;
    options->settings.max_findings = 100;
    options->symbols.seconds = 30;
    options->settings.max_memory = MEMORY_LIMIT_DEFAULT;
    for (size_t i = 0; i < RULE_COUNT; i++) {
        options->settings.rule_enabled[i] = true;
    }
}

enum options_status options_parse(struct options *options, int argc, char **argv)
{
    struct parse parse = {.options = options, .shared = {.options = options}};
    set_defaults(options);
    if (argc > 1 && take_command(&parse, argv[1])) {
        parse.help_word = parse.shared.help;
        argc--;
        argv++;
    }
    enum options_status status = parse_dashes(&parse, argc, argv);
    if (status == OPTIONS_OK) {
        status = take_words(&parse, argc, argv);
    }
    if (status == OPTIONS_OK) {
        status = set_options(&parse);
    }
    if (parse.shared.help && !(parse.help_word && status == OPTIONS_USAGE)) {
        return OPTIONS_HELP;
    }
    if (parse.shared.version) {
        return OPTIONS_VERSION;
    }
    if (status == OPTIONS_OK) {
        status = check_uses(&parse);
    }
    if (status == OPTIONS_OK) {
        status = check_outputs(options);
    }
    if (status == OPTIONS_OK) {
        status = check_words(&parse);
    }
    return status;
}

void options_finish(struct options *options)
{
    platform_words_finish(&options->words);
    platform_words_finish(&options->config_texts);
    free(options->given);
    options->given = NULL;
    options->given_count = 0;
    free(options->paths);
    options->paths = NULL;
    options->path_count = 0;
}
