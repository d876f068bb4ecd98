/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_SYMBOLS_SOURCE_ROOT_H
#define ANALYZER_SYMBOLS_SOURCE_ROOT_H

/*
 * Maps paths of source files, as a build wrote them into its symbols, to files of the user's
 * repository, which --source-root names.
 */

#include <stdbool.h>
#include <stddef.h>

#define SOURCE_ROOTS_MAX 16
#define SOURCE_PATH_MAX 4096

struct source_root {
    char folder[SOURCE_PATH_MAX / 4]; /* as given, without a slash at its end; "." for none */
    const char *prefix; /* of paths in symbols, in the folder's place; NULL: found by trying */
};

struct source_roots {
    struct source_root roots[SOURCE_ROOTS_MAX];
    size_t count;
};

struct source_file {
    char path[SOURCE_PATH_MAX]; /* to open it */
    /* Relative to the repository, with slashes. That is the working directory where the folder lies
     * in it, else the folder itself. */
    char name[SOURCE_PATH_MAX];
};

/* Adds "DIR" or "DIR=PREFIX"; `text` is borrowed. False: there are too many, or no DIR. */
bool source_roots_add(struct source_roots *roots, const char *text);

/* Finds the file that a build called `built`, a path of Windows or Linux. With a prefix the path
 * must begin with it, in any case of letters, and the file need not be there. Without one the
 * longest end of the path is taken that is a file below the folder. Paths that would lead out of
 * the folder are refused. False: no root has the file. */
bool source_roots_find(const struct source_roots *roots, const char *built,
                       struct source_file *file);

#endif
