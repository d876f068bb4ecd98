/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CLI_CALIBRATE_FOLDER_H
#define ANALYZER_CLI_CALIBRATE_FOLDER_H

/*
 * The folder that `calibrate -o` writes, for a ticket: the trace cut to one scenario each, the log,
 * and the result as text and JSON. What is written is anonymous, and holds no paths.
 */

#include "analyzer/calibrate/calibration.h"
#include "analyzer/cli/command_line.h"

/* Makes the folder, or takes an empty one; with --force files of these names in a folder that is
 * not empty are written over. False: the message is printed, and nothing was written. */
bool calibrate_folder_open(const struct options *options);

/* Writes the files. Refused, before the first one: a name that is a link or an input, and a folder
 * that holds a scenario's trace of another run. False: the message is printed. */
bool calibrate_folder_write(const struct options *options, struct calibration *calibration,
                            int exit_status);

#endif
