/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CLI_TRACE_INPUT_H
#define ANALYZER_CLI_TRACE_INPUT_H

/* Files opened together with the reader over them. */

#include <stdbool.h>
#include <stddef.h>

#include "base/byte_source.h"
#include "base/error_chain.h"
#include "parsers/etl/etl_reader.h"

struct trace_input {
    struct byte_source **sources; /* owned */
    size_t source_count;
    struct etl_reader *reader; /* owned */
};

/* The files at `paths` (which must outlive the input) as one timeline. False: causes appended;
 * close it all the same. */
bool trace_input_open(struct trace_input *input, const char *const *paths, size_t path_count,
                      const struct etl_reader_options *options, struct error_chain *errors);

void trace_input_close(struct trace_input *input);

#endif
