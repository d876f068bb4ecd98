/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CLI_CALIBRATE_FORMATS_H
#define ANALYZER_CLI_CALIBRATE_FORMATS_H

#include <stdbool.h>

#include "analyzer/calibrate/calibration.h"
#include "base/out.h"

/* The formats. Nothing was lined up if the calibration has a `why`. */
void calibrate_text(const struct calibration *calibration, bool verbose, bool color,
                    struct out *out);
void calibrate_json(const struct calibration *calibration, int exit_status, struct out *out);

#endif
