/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cli/trace_input.h"

#include <stdlib.h>

#include "analyzer/twin_inputs.h"
#include "base/input_source.h"

bool trace_input_open(struct trace_input *input, const char *const *paths, size_t path_count,
                      const struct etl_reader_options *options, struct error_chain *errors)
{
    *input = (struct trace_input){.source_count = path_count};
    input->sources = calloc(path_count, sizeof(struct byte_source *));
    if (input->sources == NULL) {
        input->source_count = 0;
        error_chain_add(errors, ERROR_NO_OFFSET, "%s: out of memory", paths[0]);
        return false;
    }
    for (size_t i = 0; i < path_count; i++) {
        if (input_source_open(paths[i], etl_reader_check_start, &input->sources[i], errors) !=
            BYTE_SOURCE_OK) {
            error_chain_add(errors, ERROR_NO_OFFSET, "%s", paths[i]);
            return false;
        }
    }
    return twin_inputs_check(input->sources, paths, path_count, errors) &&
           etl_reader_open(input->sources, paths, path_count, options, &input->reader, errors) ==
               ETL_OK;
}

void trace_input_close(struct trace_input *input)
{
    etl_reader_destroy(input->reader);
    for (size_t i = 0; i < input->source_count; i++) {
        byte_source_destroy(input->sources[i]);
    }
    free(input->sources);
    *input = (struct trace_input){0};
}
