#ifndef ANALYZER_CLI_REPORT_FILE_H
#define ANALYZER_CLI_REPORT_FILE_H

/* A `struct out` over an output file, with its messages printed. */

#include <stdbool.h>

#include "base/out.h"
#include "analyzer/cli/output_file.h"

struct report_file {
    struct output_file file;
    struct out out;
};

/* NULL as `path` is standard output. Refuses to write over one of the inputs. False: the message is
 * printed, *report needs no close. */
bool report_file_open(struct report_file *report, const char *path, const char *const *inputs,
                      size_t input_count);

/* Flushes and closes. With `keep` the file gets its name if all of it was written, otherwise it is
 * removed. False: something could not be written, the message is printed. */
bool report_file_close(struct report_file *report, bool keep);

#endif
