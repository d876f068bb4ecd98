/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CLI_OUTPUT_FILE_H
#define ANALYZER_CLI_OUTPUT_FILE_H

/*
 * A file that a report is written to.
 *
 * A regular file is written beside its name and renamed when it is complete, so that nobody takes
 * a part for the whole: not after an error, a full disk, or an interrupt (platform.h) once
 * output_file_catch_interrupts() was called. Links are followed; permissions of a file that is
 * replaced are kept, set-user-id and set-group-id bits are not.
 *
 * Where no file can be created beside it or renamed over it (a folder that can't be written, a
 * file that is a mount point), an existing file is written in place, and an error says that it was
 * cut short. Streams (/dev/stdout, /dev/fd/3), devices and named pipes are written through.
 */

#include <stdbool.h>
#include <stdio.h>

#include "base/error_chain.h"

#define OUTPUT_FILES_MAX 16 /* open at once */

struct output_file {
    FILE *file;       /* NULL when not open */
    const char *name; /* borrowed: as it was given; NULL: standard output */
    char *path;       /* owned: where its links end; NULL for streams */
    char *temporary;  /* owned; NULL when written through or in place */
    bool in_place;
    int slot; /* internal: its place among the files that an interrupt removes or cuts */
};

/* Opens the file `path`, which must outlive *output, or standard output where `path` is NULL.
 * False: the cause was appended, and *output needs no finish. */
bool output_file_open(struct output_file *output, const char *path, struct error_chain *errors);

/* Closes and gives the file its name. False: cause appended, the part is removed. Either way
 * *output is closed. */
bool output_file_commit(struct output_file *output, struct error_chain *errors);

/* Closes and removes the part; takes one that is not open. Standard output stays open. A file that
 * is written in place keeps what it held if nothing was written yet; otherwise it holds the part,
 * and a cause says so. A part that can't be removed is a cause, too. */
void output_file_discard(struct output_file *output, struct error_chain *errors);

/* "standard output" or the path as it was given. */
const char *output_file_name(const struct output_file *output);

/* Makes interrupts that end the program remove the parts first. */
void output_file_catch_interrupts(void);

#endif
