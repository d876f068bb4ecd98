#ifndef ANALYZER_CLI_PROGRESS_H
#define ANALYZER_CLI_PROGRESS_H

/*
 * What a person at a terminal sees meanwhile: one line on standard error that comes late enough
 * not to flicker and goes away again. Nothing where standard error is no terminal.
 */

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/cli/options.h"

struct progress {
    bool on;
    bool shown;       /* a line stands there */
    uint64_t due_ms;  /* not before */
    const char *name; /* borrowed */
};

/* WHEN_AUTO waits for half a second and honours `quiet`, WHEN_ALWAYS shows at once. */
void progress_begin(struct progress *progress, enum options_when when, bool quiet,
                    const char *name);

/* May be called as often as one likes. */
void progress_show(struct progress *progress, uint64_t done, uint64_t total);

/* Wipes the line: before a message to standard error, and at the end. */
void progress_clear(struct progress *progress);

/* Whether a report on standard output gets colours: a terminal that can, and no NO_COLOR. */
bool terminal_color(enum options_when when);

#endif
