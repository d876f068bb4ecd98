/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CALIBRATE_SCENARIO_CUT_H
#define ANALYZER_CALIBRATE_SCENARIO_CUT_H

/*
 * Cuts a trace to one scenario of the probe: the Winsock events of the probe's process in that
 * time, their stacks, and what names its process, threads and images; anonymous. Clock
 * values, process and thread ids and user addresses stay, so that the log lines up with the result.
 */

#include "analyzer/calibrate/calibration.h"
#include "base/out.h"

/* Writes the copy. `source`: the trace, from its start. *records: how many it has. False: causes
 * were appended. */
bool scenario_cut_write(const struct calibration *calibration, size_t scenario,
                        struct byte_source *source, struct out *out, uint64_t *records,
                        struct error_chain *errors);

#endif
