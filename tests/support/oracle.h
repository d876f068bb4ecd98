/* SPDX-License-Identifier: Apache-2.0 */

#ifndef TESTS_SUPPORT_ORACLE_H
#define TESTS_SUPPORT_ORACLE_H

/*
 * Runs a scenario through the model and through the program, both written down as the same lines
 * of text, and compares those: every operation with its end, every conflict in the order of its
 * settling, coverage, findings, causes and verdict.
 */

#include "tests/support/generator.h"

enum oracle_lane {
    ORACLE_TRACKER, /* decoded events, in the model's order, straight into the tracker */
    ORACLE_PROGRAM, /* .etl bytes in a file through the whole analysis */
};

/* NULL if both agree; else the lines that differ, "model:" and "program:", free() it. */
char *oracle_difference(const struct scenario *scenario, enum oracle_lane lane);

/* All that the model says of the scenario, as lines of text; free() it. */
char *oracle_model_text(const struct scenario *scenario);

/* Drops and simplifies events as long as a difference remains. */
void oracle_shrink(struct scenario *scenario, enum oracle_lane lane);

/* The scenario in the text language for traces; free() it. */
char *oracle_trace_text(const struct scenario *scenario);

#endif
