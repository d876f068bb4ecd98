/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_FINDINGS_ACROSS_H
#define ANALYZER_FINDINGS_ACROSS_H

/*
 * Causes over several inputs: findings of one fingerprint, wherever they occurred. Memory grows
 * with the causes: an input without a finding costs nothing here.
 */

#include <stdbool.h>
#include <stddef.h>

#include "analyzer/findings/findings.h"

struct across_cause {
    const struct finding *first; /* the cause's finding in the first input; borrowed */
    enum rule_level level;       /* the worst of the cause's findings */
    size_t index;                /* among the causes */
    size_t inputs;               /* how many have such a finding */
    size_t input_count;          /* all of the run, failed ones included */
    size_t first_input, last_input;
    const char *first_path, *last_path; /* of these two; borrowed */
};

struct across_input {
    struct findings *findings; /* NULL: the input failed */
    const char *path;
};

struct across;

/* Finds the causes and points each finding's `across` to its own. Fingerprints are final by then.
 * `inputs` is needed for the call alone; paths and findings outlive the result. NULL: no memory. */
struct across *across_create(const struct across_input *inputs, size_t count);
void across_destroy(struct across *across); /* takes NULL */

/* The causes in the order in which they first occur: by input, then as findings are sorted. */
size_t across_count(const struct across *across); /* 0 for NULL */
const struct across_cause *across_at(const struct across *across, size_t index);

#endif
