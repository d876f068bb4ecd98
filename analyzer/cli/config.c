/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cli/config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/cli/option_rows.h"
#include "base/byte_source.h"
#include "base/platform.h"
#include "base/setting_reader.h"

/* ---- the file ---- */

static bool exists(const char *folder, const char *name, enum platform_kind kind, bool any_kind)
{
    char path[4096];
    struct platform_status status;
    int len = snprintf(path, sizeof path, "%s/%s", folder, name);
    return (size_t)len < sizeof path && platform_status_of_path(path, &status) &&
           (any_kind || status.kind == kind);
}

/* A work tree's .git may be a file. */
static bool is_repository_root(const char *folder)
{
    return exists(folder, ".git", PLATFORM_FOLDER, true) ||
           exists(folder, ".hg", PLATFORM_FOLDER, false) ||
           exists(folder, ".svn", PLATFORM_FOLDER, false);
}

static char *file_in(const char *folder)
{
    size_t len = strlen(folder);
    bool slash = len != 0 && folder[len - 1] != '/';
    char *path = malloc(len + sizeof "/" CONFIG_NAME);
    if (path != NULL) {
        memcpy(path, folder, len);
        memcpy(path + len, &"/" CONFIG_NAME[slash ? 0 : 1],
               sizeof "/" CONFIG_NAME - (slash ? 0 : 1));
    }
    return path;
}

/* The path of the nearest file, for the caller to free(); NULL: there is none. */
static char *find_file(void)
{
    char *folder = platform_working_folder();
    char *path = NULL;
    while (folder != NULL && path == NULL) {
        if (exists(folder, CONFIG_NAME, PLATFORM_REGULAR, false)) {
            path = file_in(folder);
        }
        char *parent = is_repository_root(folder) ? NULL : platform_folder_of(folder);
        bool at_top = parent != NULL && strcmp(parent, folder) == 0;
        free(folder);
        folder = at_top ? NULL : parent;
        if (at_top) {
            free(parent);
        }
    }
    free(folder);
    return path;
}

/* ---- rows ---- */

static bool is_among(const char *name, const char *const *names)
{
    for (; *names != NULL; names++) {
        if (strcmp(name, *names) == 0) {
            return true;
        }
    }
    return false;
}

#define CONFIG_NARROWED_LEN 240 /* names of options, and of the file */

static bool is_for_command_line(const char *name)
{
    static const char *const names[] = {"help", "version", "config", "no-config", NULL};
    return is_among(name, names);
}

/* A found file must neither run programs nor write files. */
static bool is_refused_when_found(const char *name)
{
    static const char *const names[] = {"symbolizer", "output", "force", NULL};
    return is_among(name, names);
}

/* Options whose values are paths, relative to the file's folder. */
static bool is_path(const char *name)
{
    static const char *const names[] = {"baseline",   "suppressions", "symbols", "symbolizer",
                                        "files-from", "source-root",  NULL};
    return is_among(name, names);
}

/* The help of such options says so. */
static bool is_repeatable(const struct option_row *row)
{
    return strncmp(row->help, "repeatable", strlen("repeatable")) == 0 ||
           strcmp(row->name, "format") == 0;
}

static const struct option_row *find_row(const char *name)
{
    for (size_t i = 0; i < option_row_count; i++) {
        if (strcmp(option_rows[i].name, name) == 0) {
            return &option_rows[i];
        }
    }
    return NULL;
}

/* ---- lines ---- */

struct config {
    struct option_parse *parse;
    const unsigned *used;
    const char *path;
    bool found; /* not named by --config */
    struct setting_reader lines;
    unsigned seen[OPTION_ROWS_MAX];
};

/* Fails at the line's name. */
static enum setting_status fail_name(struct config *config, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static enum setting_status fail_name(struct config *config, const char *format, ...)
{
    char text[200];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return setting_reader_fail(&config->lines, config->lines.line, config->lines.name_column, "%s",
                               text);
}

static enum setting_status fail_unknown(struct config *config)
{
    const char *name = config->lines.name;
    const char *meant = option_rows_nearest(name);
    return setting_reader_fail(&config->lines, config->lines.line, config->lines.name_column,
                               "there is no option '%.60s'%s%s%s", name,
                               meant != NULL ? ": did you mean '" : "", meant != NULL ? meant : "",
                               meant != NULL ? "'?" : "");
}

/* Keeps a text as long as the options live. NULL: no memory. */
static const char *keep_text(struct options *options, char *text)
{
    struct platform_words *texts = &options->config_texts;
    char **grown = text != NULL ? realloc(texts->words, (texts->count + 1) * sizeof *grown) : NULL;
    if (grown == NULL) {
        free(text);
        return NULL;
    }
    texts->words = grown;
    texts->words[texts->count++] = text;
    return text;
}

/* The value as the option takes it: a path is relative to the file's folder. */
static const char *value_of(struct config *config, const struct option_row *row)
{
    const char *value = config->lines.value;
    char *text = NULL;
    bool relative = is_path(row->name) && value[0] != '/' && value[0] != '\\' &&
                    strcmp(value, "-") != 0 && (value[0] == '\0' || value[1] != ':');
    bool moves = relative && value[0] != '\0';
    char *folder = moves ? platform_folder_of(config->path) : NULL;
    if (!moves || (folder != NULL && strcmp(folder, ".") == 0)) {
        text = strdup(value);
    } else if (folder != NULL) {
        size_t room = strlen(folder) + strlen(value) + 2;
        text = malloc(room);
        if (text != NULL) {
            snprintf(text, room, "%s/%s", folder, value);
        }
    }
    free(folder);
    return keep_text(config->parse->options, text);
}

static bool keep_given(struct options *options, const struct option_row *row, const char *value,
                       const struct setting_reader *lines)
{
    struct option_given *grown =
        realloc(options->given, (options->given_count + 1) * sizeof *grown);
    if (grown == NULL) {
        return false;
    }
    options->given = grown;
    options->given[options->given_count++] =
        (struct option_given){.row = (size_t)(row - option_rows),
                              .value = value,
                              .line = lines->line,
                              .column = lines->name_column};
    return true;
}

/* "yes" and "no" of an option without a value. */
static bool parse_switch(const char *value, bool *on)
{
    static const char *const yes[] = {"yes", "true", "on", "1", NULL};
    static const char *const no[] = {"no", "false", "off", "0", NULL};
    *on = is_among(value, yes);
    return *on || is_among(value, no);
}

/* True if the file's line counts for this command. */
static bool is_wanted(const struct config *config, const struct option_row *row, const char *value)
{
    const struct options *options = config->parse->options;
    struct format_row format;
    if (options->command != COMMAND_CONFIG &&
        (row->commands & COMMAND_BIT(options->command)) == 0) {
        return false;
    }
    if (strcmp(row->name, "format") != 0) {
        return true;
    }
    size_t len = strcspn(value, "=");
    bool known = options->command == COMMAND_CHECK; /* where it is unknown that is an error */
    for (size_t i = 0; !known && format_row_at(options->command, i, &format); i++) {
        known = strlen(format.name) == len && strncmp(format.name, value, len) == 0;
    }
    return known && options->command != COMMAND_CONFIG;
}

static enum setting_status set_option(struct config *config, const struct option_row *row,
                                      const char *value)
{
    struct options *options = config->parse->options;
    const struct setting_reader *lines = &config->lines;
    bool on = true;
    if (row->value == NULL && !parse_switch(value, &on)) {
        return setting_reader_fail(&config->lines, lines->line, lines->value_column,
                                   "%s '%.60s': yes or no is expected", row->name, value);
    }
    bool left_out = row->value != NULL && row->value[0] == '[' && value[0] == '\0';
    enum options_status status = OPTIONS_OK;
    if (on && is_wanted(config, row, value)) {
        status = row->set(config->parse, row, row->value == NULL || left_out ? NULL : value);
    }
    if (status == OPTIONS_OK) {
        return SETTING_PAIR;
    }
    return setting_reader_fail(&config->lines, lines->line, lines->value_column, "%s",
                               options->error);
}

static enum setting_status take_line(struct config *config)
{
    struct options *options = config->parse->options;
    const struct setting_reader *lines = &config->lines;
    const struct option_row *row = find_row(lines->name);
    if (row == NULL) {
        return fail_unknown(config);
    }
    if (is_for_command_line(row->name)) {
        return fail_name(config, "'%.60s' is for the command line alone", row->name);
    }
    bool writes = strcmp(row->name, "format") == 0 && strchr(lines->value, '=') != NULL;
    if (config->found && (writes || is_refused_when_found(row->name))) {
        return fail_name(config,
                         writes ? "a file that was found can't say where a report is written; "
                                  "--config can name it (%.60s)"
                                : "a file that was found can't set %.60s; --config can name it",
                         row->name);
    }
    size_t at = (size_t)(row - option_rows);
    if (config->seen[at]++ != 0 && !is_repeatable(row)) {
        return fail_name(config, "'%.60s' stands twice", row->name);
    }
    if (config->used[at] != 0) {
        return SETTING_PAIR; /* the command line wins */
    }
    const char *value = value_of(config, row);
    if (value == NULL || !keep_given(options, row, value, lines)) {
        return fail_name(config, "no memory for '%.60s'", row->name);
    }
    return set_option(config, row, value);
}

/* ---- options that leave something out ---- */

/* Options that leave something out of a report. */
static bool is_narrowing(const struct options *options, const struct option_row *row)
{
    static const char *const names[] = {"process", "pid",    "endpoint", "address", "since",
                                        "until",   "module", "rule",     "no-rule", NULL};
    return (row->commands & COMMAND_BIT(options->command)) != 0 && is_among(row->name, names);
}

static bool is_in_file(const struct options *options, const struct option_row *row)
{
    for (size_t i = 0; i < options->given_count; i++) {
        const struct option_given *given = &options->given[i];
        if (given->line != 0 && &option_rows[given->row] == row) {
            return true;
        }
    }
    return false;
}

/* Fills `rows` with such options of the file. Returns how many there are. */
static size_t find_narrowing(const struct options *options, const struct option_row **rows)
{
    size_t count = 0;
    for (size_t i = 0; i < option_row_count; i++) {
        if (is_narrowing(options, &option_rows[i]) && is_in_file(options, &option_rows[i])) {
            rows[count++] = &option_rows[i];
        }
    }
    return count;
}

/* A person who typed no filter is told where it stands. False: no memory. */
static bool say_narrowing(struct options *options)
{
    const struct option_row *rows[OPTION_ROWS_MAX];
    char text[CONFIG_NARROWED_LEN];
    size_t count = find_narrowing(options, rows), used = 0;
    if (count == 0) {
        return true;
    }
    for (size_t i = 0; i < count; i++) {
        const char *separator = i == 0 ? "" : i + 1 == count ? " and " : ", ";
        used += (size_t)snprintf(text + used, sizeof text - used, "%s--%s", separator,
                                 rows[i]->name); /* there is room for all names */
    }
    snprintf(text + used, sizeof text - used, " %s set in %.100s", count == 1 ? "is" : "are",
             platform_base_name(options->config));
    options->settings.narrowed_by = keep_text(options, strdup(text));
    return options->settings.narrowed_by != NULL;
}

/* ---- the whole ---- */

static enum setting_status read_lines(struct config *config, struct byte_source *source,
                                      struct error_chain *errors)
{
    enum setting_status status;
    setting_reader_init(&config->lines, source, errors);
    do {
        status = setting_reader_next(&config->lines);
        if (status == SETTING_PAIR) {
            status = take_line(config);
        }
    } while (status > SETTING_END);
    return status;
}

static enum options_status fail_file(struct options *options, struct error_chain *errors)
{
    char text[OPTIONS_ERROR_MAX];
    error_chain_add(errors, ERROR_NO_OFFSET, "%s", options->config);
    error_chain_format(errors, text, sizeof text);
    return option_fail(options, "%s", text);
}

enum options_status config_read(struct option_parse *parse, const unsigned *used,
                                struct byte_source *source)
{
    struct options *options = parse->options;
    struct error_chain errors;
    struct config *config = calloc(1, sizeof *config);
    if (config == NULL) {
        return OPTIONS_NO_MEMORY;
    }
    config->parse = parse;
    config->used = used;
    config->path = options->config;
    config->found = options->config_found;
    error_chain_init(&errors);
    enum setting_status status = read_lines(config, source, &errors);
    free(config);
    if (status != SETTING_END) {
        return fail_file(options, &errors);
    }
    return say_narrowing(options) ? OPTIONS_OK : OPTIONS_NO_MEMORY;
}

static enum options_status read_file(struct option_parse *parse, const unsigned *used)
{
    struct options *options = parse->options;
    struct byte_source *source = NULL;
    struct error_chain errors;
    error_chain_init(&errors);
    if (byte_source_open_file(options->config, NULL, &source, &errors) != BYTE_SOURCE_OK) {
        return fail_file(options, &errors);
    }
    enum options_status status = config_read(parse, used, source);
    byte_source_destroy(source);
    return status;
}

enum options_status config_apply(struct option_parse *parse, const unsigned *used)
{
    struct options *options = parse->options;
    if (options->no_config && options->config != NULL) {
        return option_fail(options, "--config and --no-config exclude each other");
    }
    if (options->no_config) {
        return OPTIONS_OK;
    }
    bool found = options->config == NULL;
    if (found) {
        char *path = find_file();
        options->config = path != NULL ? keep_text(options, path) : NULL;
    }
    if (options->config == NULL) {
        return OPTIONS_OK;
    }
    options->config_found = found;
    return read_file(parse, used);
}
