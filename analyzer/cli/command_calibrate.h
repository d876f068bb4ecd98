/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CLI_COMMAND_CALIBRATE_H
#define ANALYZER_CLI_COMMAND_CALIBRATE_H

#include "analyzer/calibrate/calibration.h"
#include "analyzer/cli/options.h"

/* `bufcheck calibrate TRACE PROBE.jsonl`. Returns the exit status: 0, 1 where a belief is refuted,
 * 3 where nothing could be lined up, 2 for errors. */
int command_calibrate(const struct options *options);

/* The outcome of a scenario, of its calls and defects, for both formats. To be asked where calls
 * were lined up. */
struct calibrate_counts {
    unsigned calls, found;                 /* calls of the scenario; those seen in the trace */
    unsigned operations, matched, visible; /* of those: followed; their end seen; memory known */
    unsigned defects, defects_found;
};
void calibrate_count(const struct calibration *calibration, size_t number,
                     struct calibrate_counts *counts);

#endif
