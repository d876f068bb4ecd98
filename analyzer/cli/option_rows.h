/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CLI_OPTION_ROWS_H
#define ANALYZER_CLI_OPTION_ROWS_H

/*
 * The tables of the command line: a row for each command, option and format. The parser
 * (options.c), the help pages (options_help.c) and the man page (man_page.c) read the same rows, so
 * that none of them can say something else than another.
 */

#include <stdbool.h>
#include <stddef.h>

#include "analyzer/cli/command_line.h"

#define COMMAND_BIT(command) (1u << (command))

#define COMMAND_EXAMPLES_MAX 3

struct command_row {
    const char *name;
    const char *words; /* the synopsis after the name: "[OPTIONS] FILE..." */
    const char *help;  /* a clause without a full stop */
    const char *more;  /* NULL, or sentences for the command's own page */
    /* A command line and what it is for, each; NULL after the last of fewer. The program's own page
     * shows the first one, and all of check. */
    const char *examples[COMMAND_EXAMPLES_MAX][2];
    size_t words_max; /* words that it takes: 0, 1, SIZE_MAX for files, else exactly so many */
};

extern const struct command_row command_rows[COMMAND_COUNT];

/* Writes "bufcheck info [OPTIONS] FILE...". */
void command_synopsis(enum options_command command, char *text, size_t size);

/* A further word that may stand where a command does. */
struct command_alias {
    const char *name;
    const char *help;             /* a clause without a full stop */
    enum options_status status;   /* the page that it asks for; OPTIONS_OK: another name */
    enum options_command command; /* the command that it is another name of */
};

#define COMMAND_ALIAS_COUNT 3
extern const struct command_alias command_aliases[COMMAND_ALIAS_COUNT];

/* Sections of the help page, in its order. */
enum option_section {
    SECTION_REPORTS,
    SECTION_CODE,
    SECTION_JUDGEMENT,
    SECTION_FILTER,
    SECTION_INPUT,
    SECTION_OTHER
};

struct option_section_row {
    const char *title;
    unsigned commands; /* COMMAND_BIT()s of those whose options stand there */
};

#define OPTION_SECTION_COUNT 6
extern const struct option_section_row option_sections[OPTION_SECTION_COUNT];

/* The part of a parse that setters of options may change. */
struct option_parse {
    struct options *options;
    bool only_some_rules; /* --rule was given */
    bool help, version;   /* --help or --version was given */
};

struct option_row {
    char letter;                   /* the short form; 0: none */
    const char *name;              /* the long form */
    const char *value;             /* the value as the help page shows it: "LEVEL"; "[=CAUSE]" if it
                                    * may be left out; NULL: none is taken */
    const char *help;              /* a clause without a full stop */
    const char *more;              /* NULL, or sentences for the man page */
    const char *(*choice)(size_t); /* NULL, or the values to choose from; NULL ends them */
    const char *preset;            /* NULL, or the choice that holds without the option */
    bool hides_choices;            /* another row shows the same ones */
    unsigned commands;             /* COMMAND_BIT()s of those that take it */
    enum option_section section;   /* the section of the help page */
    size_t member;                 /* offset in struct options, for setters that serve several */
    enum options_status (*set)(struct option_parse *parse, const struct option_row *row,
                               const char *value);
};

extern const struct option_row option_rows[];
extern const size_t option_row_count;

#define OPTION_ROWS_MAX 64 /* the size of arrays with an item a row; option_rows.c checks it */

/* Setter of --format; the pages print its choices for each command. */
enum options_status option_set_format(struct option_parse *parse, const struct option_row *row,
                                      const char *value);

struct format_row {
    const char *name;
    const char *help; /* a clause without a full stop */
};

/* Fills *row with the format of that index among those that `command` takes, the default first.
 * False beyond the last. */
bool format_row_at(enum options_command command, size_t index, struct format_row *row);

/* The name of that format, or NULL. */
const char *format_name(enum options_command command, size_t index);

/* Writes `options->error`, formatted, and returns OPTIONS_USAGE. */
enum options_status option_fail(struct options *options, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Fails with "`what` 'text'" and a suggestion where a choice is near, all choices otherwise. */
enum options_status option_fail_choice(struct options *options, const char *what, const char *text,
                                       const char *const *choices, size_t count);

#endif
