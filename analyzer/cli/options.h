#ifndef ANALYZER_CLI_OPTIONS_H
#define ANALYZER_CLI_OPTIONS_H

/*
 * The command line: its parser, and what a command line says once it is parsed. Commands, options
 * and formats are rows of tables (option_rows.h), and the help page and the man page are printed
 * from the same rows. CONTRIBUTING.md says how to add one.
 */

#include <stdbool.h>
#include <stddef.h>

#include "analyzer/report.h"
#include "base/out.h"

enum options_command {
    COMMAND_CHECK, /* the default */
    COMMAND_INFO,
    COMMAND_EVENTS,
    COMMAND_OPS,
    COMMAND_EXPLAIN,
    COMMAND_CAPTURE_HELP,
    COMMAND_COUNT
};

/* Exit statuses of the commands that don't judge; those of check are verdict_exit()'s. */
enum { EXIT_OK = 0, EXIT_ERROR = 2 };

enum options_when { WHEN_AUTO, WHEN_ALWAYS, WHEN_NEVER };

enum options_status {
    OPTIONS_HELP = 1,    /* help was asked for: options_help() prints the page */
    OPTIONS_VERSION = 2, /* the version was asked for */
    OPTIONS_OK = 0,
    OPTIONS_USAGE = -1, /* `error` says why; exit 2 */
    OPTIONS_NO_MEMORY = -2,
};

#define OPTIONS_OUTPUTS_MAX 16
#define OPTIONS_FORMAT_MAX 16
#define OPTIONS_ERROR_MAX 400

struct options_output {
    char format[OPTIONS_FORMAT_MAX]; /* one that the command knows */
    const char *path;                /* NULL: standard output; borrowed from argv */
};

struct options {
    enum options_command command;
    bool command_given;              /* the command line named it */
    struct report_settings settings; /* `color` is left to the command */
    struct options_output outputs[OPTIONS_OUTPUTS_MAX];
    size_t output_count; /* at least 1 for the commands that take --format */
    const char **paths;  /* owned array of borrowed strings: files; the word for `explain` */
    size_t path_count;
    enum options_when color, progress;
    bool one_timeline, wprp;
    char error[OPTIONS_ERROR_MAX]; /* a sentence without full stop; may hold raw bytes of argv */
};

/* Reorders argv as getopt_long does, and keeps pointers into it until options_finish(). Must not be
 * called by several threads at once. After every status, options_finish() frees what is owned. */
enum options_status options_parse(struct options *options, int argc, char **argv);

void options_finish(struct options *options);

/* Prints a help page of 80 columns that begins with examples: the program's, or, where the command
 * line named a command, that command's own. */
void options_help(const struct options *options, struct out *out);

/* Name of a format that `command` accepts, the default first; NULL beyond the last. */
const char *options_format(enum options_command command, size_t index);

#endif
