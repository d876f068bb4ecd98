/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cli/command_beliefs.h"
#include "analyzer/cli/command_calibrate.h"
#include "analyzer/cli/command_capture_help.h"
#include "analyzer/cli/command_check.h"
#include "analyzer/cli/command_completion.h"
#include "analyzer/cli/command_config.h"
#include "analyzer/cli/command_cut.h"
#include "analyzer/cli/command_diff.h"
#include "analyzer/cli/command_explain.h"
#include "analyzer/cli/command_info.h"
#include "analyzer/cli/command_stream.h"
#include "analyzer/cli/input_list.h"
#include "analyzer/cli/message.h"
#include "analyzer/cli/command_rows.h"
#include "analyzer/cli/options.h"
#include "analyzer/cli/output_file.h"
#include "analyzer/cli/report_file.h"
#include "analyzer/cli/version.h"
#include "base/hash.h"
#include "base/platform.h"

static int run_command(struct options *options)
{
    if (command_rows[options->command].words_max == SIZE_MAX && !input_list_expand(options)) {
        return EXIT_ERROR;
    }
    if (!report_file_check(options)) {
        return EXIT_ERROR;
    }
    switch (options->command) {
    case COMMAND_CHECK:
        return command_check(options);
    case COMMAND_INFO:
        return command_info(options);
    case COMMAND_EVENTS:
        return options->beliefs ? command_beliefs(options) : command_stream_events(options);
    case COMMAND_OPS:
        return command_stream_ops(options);
    case COMMAND_CONFIG:
        return command_config(options);
    case COMMAND_DIFF:
        return command_diff(options);
    case COMMAND_EXPLAIN:
        return command_explain(options);
    case COMMAND_CALIBRATE:
        return command_calibrate(options);
    case COMMAND_CUT:
        return command_cut(options);
    case COMMAND_CAPTURE_HELP:
        return command_capture_help(options);
    case COMMAND_COMPLETION:
        return command_completion(options);
    case COMMAND_COUNT:
        break;
    }
    return EXIT_ERROR;
}

static int print_page(const struct options *options, bool help)
{
    struct report_file file;
    if (!report_file_open(&file, NULL)) {
        return EXIT_ERROR;
    }
    if (help) {
        options_help(options, &file.out);
    } else {
        version_print(&file.out, version_commit);
    }
    return report_file_close(&file, true) ? EXIT_OK : EXIT_ERROR;
}

int main(int argc, char **argv)
{
    struct options options;
    int status = EXIT_ERROR;
    if (!platform_start(&argc, &argv)) {
        message_print("out of memory");
        return status;
    }
    hash_seed_init();
    output_file_catch_interrupts();
    switch (options_parse(&options, argc, argv)) {
    case OPTIONS_OK:
        status = run_command(&options);
        break;
    case OPTIONS_HELP:
        status = print_page(&options, true);
        break;
    case OPTIONS_VERSION:
        status = print_page(&options, false);
        break;
    case OPTIONS_USAGE:
        message_print("%s", options.error);
        message_print("try 'bufcheck --help'");
        break;
    case OPTIONS_NO_MEMORY:
        message_print("out of memory");
        break;
    }
    options_finish(&options);
    return status;
}
