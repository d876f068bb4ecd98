#ifndef ANALYZER_CLI_OPTIONS_H
#define ANALYZER_CLI_OPTIONS_H

/*
 * The command line. To add an option: one row in `rows` of options.c with the commands that take
 * it, one case in apply(), one line of help in options_help.c and in docs/bufcheck.1.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/out.h"
#include "analyzer/report.h"

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
    OPTIONS_HELP = 1,    /* --help was given: print options_help */
    OPTIONS_VERSION = 2, /* --version */
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
    struct report_settings settings; /* `color` is left to the command */
    struct options_output outputs[OPTIONS_OUTPUTS_MAX];
    size_t output_count; /* at least 1 for the commands that take --format */
    const char **paths;  /* owned array of borrowed strings: files; the rule for `explain` */
    size_t path_count;
    enum options_when color, progress;
    bool one_timeline, wprp;
    char
        error[OPTIONS_ERROR_MAX]; /* one sentence without a full stop; may hold raw bytes of argv */
};

/* Reorders argv as getopt_long does. Not for several threads. */
enum options_status options_parse(struct options *options, int argc, char **argv);

void options_finish(struct options *options);

const char *options_command_name(enum options_command command);

/* The whole help page: examples first, 80 columns. */
void options_help(struct out *out);

/* What `command` accepts for --format, the default first; NULL beyond the last. */
const char *options_format(enum options_command command, size_t index);

#endif
