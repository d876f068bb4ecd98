/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cli/command_calibrate.h"

#include <string.h>

#include "analyzer/cli/calibrate_folder.h"
#include "analyzer/cli/calibrate_formats.h"
#include "analyzer/cli/message.h"
#include "analyzer/cli/progress.h"
#include "analyzer/cli/report_file.h"

enum { EXIT_REFUTED = 1, EXIT_NOTHING = 3 };

void calibrate_count(const struct calibration *calibration, size_t number,
                     struct calibrate_counts *counts)
{
    const struct probe_log *log = &calibration->log;
    const struct probe_scenario *scenario = &log->scenarios[number];

    *counts = (struct calibrate_counts){0};
    for (size_t i = 0; i < scenario->call_count; i++) {
        const struct lined_call *lined = &calibration->line_up.calls[scenario->first_call + i];

        counts->calls++;
        counts->found += lined->attempt != NULL || lined->request != NULL;
        counts->operations += lined->op != 0;
        counts->matched +=
            lined->op != 0 && (lined->op_end == OP_COMPLETED || lined->op_end == OP_FAILED);
        counts->visible += lined->op != 0 && lined->op_shows_memory;
    }
    for (size_t i = scenario->first_defect; i != PROBE_NONE; i = log->defects[i].next) {
        counts->defects++;
        counts->defects_found += calibration->trials.defects[i].found;
    }
}

static bool print(const struct options *options, const struct options_output *output,
                  const struct calibration *calibration, int status)
{
    struct report_file file;

    if (!report_file_open(&file, output->path)) {
        return false;
    }
    if (strcmp(output->format, "json") == 0) {
        calibrate_json(calibration, status, &file.out);
    } else {
        bool color = output->path == NULL && terminal_color(options->color);
        calibrate_text(calibration, options->settings.verbose, color, &file.out);
    }
    return report_file_close(&file, true);
}

static int exit_status(enum calibration_status status, const struct calibration *calibration)
{
    switch (status) {
    case CALIBRATION_OK:
        return calibration->trials.any_refuted ? EXIT_REFUTED : EXIT_OK;
    case CALIBRATION_NOTHING:
        return EXIT_NOTHING;
    case CALIBRATION_ERROR:
        break;
    }
    return EXIT_ERROR;
}

int command_calibrate(const struct options *options)
{
    struct calibration calibration;
    struct error_chain errors;

    if (options->cut_output != NULL && !calibrate_folder_open(options)) {
        return EXIT_ERROR;
    }
    error_chain_init(&errors);
    enum calibration_status status = calibration_run(
        &calibration, options->paths[0], options->paths[1], &options->settings, &errors);
    int result = exit_status(status, &calibration);
    message_print_chain(&errors);
    for (size_t i = 0; result != EXIT_ERROR && i < options->output_count; i++) {
        if (!print(options, &options->outputs[i], &calibration, result)) {
            result = EXIT_ERROR;
        }
    }
    if (result != EXIT_ERROR && options->cut_output != NULL &&
        !calibrate_folder_write(options, &calibration, result)) {
        result = EXIT_ERROR;
    }
    calibration_finish(&calibration);
    return result;
}
