/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CLI_OUTPUT_TARGET_H
#define ANALYZER_CLI_OUTPUT_TARGET_H

/*
 * Finds where a path leads that a report is to be written to, without opening or changing
 * anything: links are followed, also one whose end does not exist yet, and names of descriptors
 * (/dev/stdout, /dev/fd/3) are told from files.
 */

#include <stdbool.h>

#include "base/error_chain.h"
#include "base/platform.h"

enum output_kind {
    OUTPUT_STREAM, /* a descriptor that is open already: written through, never replaced */
    OUTPUT_FILE,   /* a regular file, or none yet */
    OUTPUT_DEVICE, /* a device, a pipe with a name or the like: written through */
};

struct output_target {
    enum output_kind kind;
    int descriptor; /* the stream's; else -1 */
    char *path;     /* owned: where the links end; NULL for OUTPUT_STREAM */
    bool exists;
    struct platform_status status; /* valid where the target exists */
    struct platform_status folder; /* of the file's last name; valid for OUTPUT_FILE */
};

/* NULL as `path` is standard output. False: cause appended, *target needs no finish. */
bool output_target_find(struct output_target *target, const char *path, struct error_chain *errors);

void output_target_finish(struct output_target *target);

/* True if reports to both would get into each other's way. Character devices don't count: what two
 * reports write to a terminal or to /dev/null stands there, or is gone, as it was asked for. */
bool output_target_same(const struct output_target *a, const struct output_target *b);

/* True if the target is the file that an input is read from. "-" as `input` is standard input. */
bool output_target_is_input(const struct output_target *target, const char *input);

#endif
