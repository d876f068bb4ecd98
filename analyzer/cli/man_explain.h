/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CLI_MAN_EXPLAIN_H
#define ANALYZER_CLI_MAN_EXPLAIN_H

/* The texts of `bufcheck explain` as sections of man pages. Errors stick in `out`. */

#include "base/out.h"

/* Prints a section for each rule, in the order of reports. */
void man_rules(struct out *out);

/* Prints a subsection for each explanation of a kind, one of EXPLANATION_CAUSE and its like. */
void man_explanations(struct out *out, const char *kind);

#endif
