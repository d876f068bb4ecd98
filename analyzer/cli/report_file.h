/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CLI_REPORT_FILE_H
#define ANALYZER_CLI_REPORT_FILE_H

/* A `struct out` over an output file, with its messages printed. */

#include <stdbool.h>

#include "analyzer/cli/command_line.h"
#include "analyzer/cli/output_file.h"
#include "base/out.h"

struct report_file {
    struct output_file file;
    struct out out;
};

/* Checks, before anything is opened, that no report of the command line would be written over an
 * input or into another report. False: the message is printed, exit 2. */
bool report_file_check(const struct options *options);

/* NULL as `path` is standard output; otherwise it must outlive *report. False: the message is
 * printed, *report needs no close. */
bool report_file_open(struct report_file *report, const char *path);

/* Flushes and closes. With `keep` the file gets its name if all of it was written, otherwise it is
 * removed. False: something could not be written, and the message is printed, but not where
 * standard output is a pipe whose reader has left. */
bool report_file_close(struct report_file *report, bool keep);

#endif
