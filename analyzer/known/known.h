/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_KNOWN_KNOWN_H
#define ANALYZER_KNOWN_KNOWN_H

/*
 * Findings that a team knows already, by a baseline or by suppressions. Both are applied when all
 * inputs have been analysed, because findings of one kind count over all of them.
 */

#include <stdbool.h>
#include <stddef.h>

#include "analyzer/findings/findings.h"
#include "analyzer/known/baseline.h"
#include "analyzer/known/suppressions.h"
#include "analyzer/frames.h"
#include "parsers/etl/etl_clock.h"

struct known {
    struct baseline *baseline;        /* owned; NULL: none was given */
    struct suppressions suppressions; /* no entries: none were given */
};

void known_finish(struct known *known); /* also of one that is all 0 */

/* An input of known_apply(). */
struct known_input {
    struct findings *findings; /* NULL if it could not be opened */
    const struct frames *frames;
    const struct etl_clock *clock;
};

/* Says of each finding whether it is new or suppressed, and which of them gate. `rule_enabled` by
 * index in rules_table. False: no memory. */
bool known_apply(struct known *known, const struct known_input *inputs, size_t count,
                 const bool *rule_enabled);

/* False for a conflict that stands in the baseline by its fingerprint, or that a suppression fits
 * by itself, as far as names are known now. What all of a finding's conflicts must fit is known
 * later. */
bool known_gates(const struct known *known, struct conflict *conflict, const struct frames *frames);

#endif
