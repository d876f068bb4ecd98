/* SPDX-License-Identifier: Apache-2.0 */

/* Settings of a repository, .bufcheck.ini: a file that was found can't say which programs are run
 * or which files are written, and an error names line and column. The first byte of an input says
 * which command reads it (four bits), and whether the file was found (bit 4). */

#include <string.h>

#include "analyzer/cli/config.h"
#include "analyzer/cli/option_rows.h"
#include "analyzer/cli/options.h"
#include "base/byte_source.h"
#include "tests/fuzz/fuzz.h"

#define PATH "folder/.bufcheck.ini"

static void check_given(const struct option_given *given)
{
    FUZZ_CHECK(given->row < option_row_count);
    FUZZ_CHECK(given->line != 0 && given->column != 0);
    FUZZ_CHECK(given->value != NULL);
    fuzz_check_utf8(given->value, strlen(given->value));
}

static void check_found(const struct options *options)
{
    FUZZ_CHECK(options->symbols.symbolizer == NULL);
    FUZZ_CHECK(options->cut_output == NULL && !options->force);
    FUZZ_CHECK(strcmp(options->config, PATH) == 0);
    for (size_t i = 0; i < options->output_count; i++) {
        FUZZ_CHECK(options->outputs[i].path == NULL);
    }
}

static void check_options(const struct options *options, enum options_status status)
{
    static const char place[] = PATH ": line ";
    FUZZ_CHECK(strnlen(options->error, OPTIONS_ERROR_MAX) < OPTIONS_ERROR_MAX);
    FUZZ_CHECK(status == OPTIONS_OK || status == OPTIONS_USAGE);
    FUZZ_CHECK(status == OPTIONS_OK || strncmp(options->error, place, sizeof place - 1) == 0);
    for (size_t i = 0; i < options->given_count; i++) {
        check_given(&options->given[i]);
    }
    if (options->config_found) {
        check_found(options);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const unsigned used[OPTION_ROWS_MAX];
    struct options options = {.config = PATH};
    struct option_parse parse = {.options = &options};
    struct byte_source *source = NULL;
    struct error_chain errors;
    if (len == 0) {
        return 0;
    }
    options.command = (enum options_command)((data[0] & 15) % COMMAND_COUNT);
    options.config_found = (data[0] & 16) != 0;
    error_chain_init(&errors);
    FUZZ_CHECK(byte_source_open_memory(data + 1, len - 1, &source, &errors) == BYTE_SOURCE_OK);
    check_options(&options, config_read(&parse, used, source));
    byte_source_destroy(source);
    options_finish(&options);
    return 0;
}
