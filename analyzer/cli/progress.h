/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CLI_PROGRESS_H
#define ANALYZER_CLI_PROGRESS_H

/*
 * Shows a person at a terminal how far a run is: one line on standard error that comes late enough
 * not to flicker and goes away again. Nothing where standard error is no terminal.
 *
 *     progress_begin(&progress, options);
 *     for each file { progress_file(&progress, path); progress_show(...) ...;
 *                     progress_file_done(&progress, path); }
 *     progress_clear(&progress);
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/cli/command_line.h"
#include "base/out.h"

/* The figures of one line. */
struct progress_figures {
    size_t files_done, files;
    uint64_t bytes_done, bytes; /* `bytes` 0: not known, as of a pipe */
    uint64_t elapsed_ms;
};

struct progress {
    bool on;
    bool merged;                     /* all files are read as one */
    bool shown;                      /* a line stands there */
    uint64_t begun_ms;               /* begin of the run, by the monotonic clock */
    uint64_t due_ms;                 /* earliest time of the next line, by the same clock */
    struct progress_figures figures; /* sums over the files that are done */
    uint64_t file_size;              /* bytes of the current file; 0: not known */
    const char *name;                /* name of the current file; borrowed */
};

/* Looks up the sizes of the files that `options` names. WHEN_AUTO waits for half a second and
 * honours `quiet`, WHEN_ALWAYS shows at once. */
void progress_begin(struct progress *progress, const struct options *options);

/* The next file begins, or the files of one timeline, from the first on. `path` is borrowed until
 * the next call or progress_clear(). */
void progress_file(struct progress *progress, const char *path);

/* Tells that `done` of `total` of the current file is read, in any unit. A call is cheap: one for
 * every few dozen events is fine. */
void progress_show(struct progress *progress, uint64_t done, uint64_t total);

/* A file is done, the current one or, where several are read at once, another. */
void progress_file_done(struct progress *progress, const char *path);

/* Wipes the line of progress. To be called before a message to standard error, and at the end. */
void progress_clear(struct progress *progress);

/* The line without a file's name: " 42 %  3 of 12 files  1.2 of 3.4 GB  250 MB/s  10 s left". Rate
 * and time left need a second of reading. */
void progress_print_figures(struct out *out, const struct progress_figures *figures);

/* True if a report on standard output gets colours: a terminal that can, and no NO_COLOR. */
bool terminal_color(enum options_when when);

#endif
