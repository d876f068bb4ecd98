/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_RESOLVE_H
#define ANALYZER_RESOLVE_H

#include "analyzer/findings/findings.h"
#include "analyzer/frames.h"

/* Resolves the frames of findings that were finished: first those that fingerprints use, then all
 * of the findings that are shown, which are `max_findings` of each rule (0: all). Without symbols
 * nothing happens. False: no memory. */
bool resolve_findings(const struct findings *findings, const struct frames *frames,
                      uint64_t max_findings);

#endif
