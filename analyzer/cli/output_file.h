#ifndef ANALYZER_CLI_OUTPUT_FILE_H
#define ANALYZER_CLI_OUTPUT_FILE_H

/*
 * A file that a report is written to. It is written beside its name and renamed when it is
 * complete, so that nobody takes a part for the whole: not after an error, a full disk, or SIGINT,
 * SIGTERM and SIGHUP once output_file_catch_signals was called. What is no regular file (a pipe,
 * /dev/stdout) is written directly.
 */

#include <stdbool.h>
#include <stdio.h>

#include "base/error_chain.h"

#define OUTPUT_FILES_MAX 16 /* open at once */

struct output_file {
    FILE *file;      /* NULL when not open */
    char *path;      /* owned; NULL: standard output */
    char *temporary; /* owned; NULL when written directly */
    int slot;        /* which of the files that a signal removes */
};

/* NULL as `path` is standard output. False: cause appended, *output needs no finish. */
bool output_file_open(struct output_file *output, const char *path, struct error_chain *errors);

/* Closes and gives the file its name. False: cause appended, the part is removed. Either way
 * *output is closed. */
bool output_file_commit(struct output_file *output, struct error_chain *errors);

/* Closes and removes the part; takes one that is not open. Standard output stays open. */
void output_file_discard(struct output_file *output);

/* "standard output" or the path. */
const char *output_file_name(const struct output_file *output);

/* Signals that end the program remove the parts first. Signals that are ignored stay ignored. */
void output_file_catch_signals(void);

#endif
