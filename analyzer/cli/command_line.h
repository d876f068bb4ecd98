/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CLI_COMMAND_LINE_H
#define ANALYZER_CLI_COMMAND_LINE_H

/* A command line as it is once it was parsed (options.h does that). */

#include <stdbool.h>
#include <stddef.h>

#include "analyzer/cut/cut.h"
#include "analyzer/report.h"
#include "base/platform.h"

enum options_command {
    COMMAND_CHECK, /* the default */
    COMMAND_INFO,
    COMMAND_EVENTS,
    COMMAND_OPS,
    COMMAND_DIFF,
    COMMAND_EXPLAIN,
    COMMAND_CALIBRATE,
    COMMAND_CUT,
    COMMAND_CONFIG,
    COMMAND_CAPTURE_HELP,
    COMMAND_COMPLETION,
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
#define OPTIONS_SUPPRESSIONS_MAX 64
#define OPTIONS_ERROR_MAX 400

struct options_output {
    char format[OPTIONS_FORMAT_MAX]; /* one that the command knows */
    const char *path;                /* NULL: standard output; borrowed from argv */
};

#define OPTIONS_SYMBOLS_MAX 32

/* Options that say where functions and lines come from. */
struct options_symbols {
    const char *folders[OPTIONS_SYMBOLS_MAX]; /* borrowed from argv */
    size_t folder_count;
    const char *symbolizer; /* NULL: looked for */
    uint64_t seconds;
};

/* An option as the command line or the configuration file gives it. */
struct option_given {
    size_t row;            /* index in option_rows */
    const char *value;     /* NULL: none; lives as long as the options */
    uint64_t line, column; /* in the file; 0: of the command line */
};

struct options {
    enum options_command command;
    bool command_given;              /* the command line named it */
    struct report_settings settings; /* `color` is left to the command */
    struct options_output outputs[OPTIONS_OUTPUTS_MAX];
    size_t output_count;         /* the commands that take --format have at least 1 */
    struct platform_words words; /* files and words that are no options */
    const char **paths;          /* owned array of `words`: files; the word for `explain` */
    size_t path_count;
    struct options_symbols symbols;
    struct source_roots source_roots; /* the settings point to it where there are some */
    enum options_when color, progress;
    const char *baseline;                               /* NULL: none; borrowed from argv */
    const char *suppressions[OPTIONS_SUPPRESSIONS_MAX]; /* files; borrowed from argv */
    size_t suppression_count;
    bool gen_suppressions;
    const char *config; /* NULL: none; the file that --config names, or that was found */
    bool config_found, no_config;
    struct option_given *given; /* owned: the options in force, the file's first */
    size_t given_count;
    struct platform_words config_texts; /* texts that the file gave */
    const char *fields;                 /* NULL: all; columns of ops and events */
    const char *files_from;             /* NULL: none; borrowed from argv */
    const char *cut_output;             /* -o; NULL: none; borrowed from argv */
    const char *fingerprint;            /* --finding; NULL: all; borrowed from argv */
    enum cut_secrecy secrecy;           /* --anonymous */
    bool one_timeline, wprp, beliefs, force;
    char error[OPTIONS_ERROR_MAX]; /* a sentence without full stop; may hold raw bytes of argv */
};

#endif
