/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_REPORTS_KNOWN_WORDS_H
#define ANALYZER_REPORTS_KNOWN_WORDS_H

/* Words about known findings that several formats share. Texts of the user's files have their
 * control characters escaped. */

#include "analyzer/report.h"

/* "new" "unchanged"; NULL without a baseline. */
const char *known_baseline_name(const struct finding *finding);

/* "used" "unused" "expired". */
const char *known_suppression_state(const struct suppression *entry);

/* Writes 20261231 as "2026-12-31". */
#define KNOWN_DAY_LEN 16
void known_day(uint32_t day, char text[KNOWN_DAY_LEN]);

/* Writes a sentence about the baseline and one about suppressions, to stand beside an input's
 * verdict; nothing where neither is in use. */
void known_words_input(struct out *text, const struct report_settings *settings,
                       const struct report_input *input);

/* Sentences about the whole run, a line each: known findings that did not occur, and
 * suppressions that are unused or expired. */
void known_words_run(struct out *text, const struct report_settings *settings);

/* A clause about a finding that was compared; nothing for another one. */
void known_words_finding(struct out *text, const struct finding *finding);

#endif
