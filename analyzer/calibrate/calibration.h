/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CALIBRATE_CALIBRATION_H
#define ANALYZER_CALIBRATE_CALIBRATION_H

/* A calibration from both files to its verdicts (docs/ground-truth.md). */

#include "analyzer/analysis.h"
#include "analyzer/calibrate/trials.h"

enum calibration_status {
    CALIBRATION_OK = 0,
    CALIBRATION_NOTHING = 1, /* nothing could be lined up: `why` says the reason */
    CALIBRATION_ERROR = -1,  /* causes were appended */
};

struct calibration {
    const char *trace_path, *log_path; /* borrowed */
    struct probe_log log;
    struct sightings sightings;
    struct line_up line_up;
    struct trials trials;
    char why[200]; /* a sentence; empty unless CALIBRATION_NOTHING */
};

/* Runs it. The caller gives *calibration to calibration_finish() whatever the status. `settings`
 * are those of the analysis; all rules count, whatever they say. */
enum calibration_status calibration_run(struct calibration *calibration, const char *trace_path,
                                        const char *log_path,
                                        const struct report_settings *settings,
                                        struct error_chain *errors);
void calibration_finish(struct calibration *calibration);

/* Says as one sentence what the user's recording is good for. */
void calibration_answer(const struct calibration *calibration, char *text, size_t size);

#endif
