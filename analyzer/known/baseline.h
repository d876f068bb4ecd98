/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_KNOWN_BASELINE_H
#define ANALYZER_KNOWN_BASELINE_H

/*
 * An earlier report that says which findings are known. A finding whose fingerprint stands there is
 * unchanged, whatever its input and process. What is left is matched one to one by the coarse
 * fingerprint, since a rebuild without symbols moves every offset: of a kind (one coarse
 * fingerprint) as many stay unchanged as are known, the earliest first, and the surplus is new.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/findings/finding.h"
#include "base/error_chain.h"

struct baseline;

/* Findings of one kind of which more occur than were known: any of them may be the new one. */
struct baseline_kind {
    const char **fingerprints; /* the candidates, by first time; borrowed from the items */
    size_t count;              /* candidates */
    size_t known;              /* of them; the others are new */
};

/* A finding of the run, for baseline_match(). */
struct baseline_item {
    const struct fingerprint *fingerprint; /* borrowed until the baseline is destroyed */
    int64_t first_time;                    /* of the earliest conflict, a FILETIME */
    /* Results: */
    enum finding_baseline state;
    const struct baseline_kind *kind; /* of a new one that may be a known one; else NULL */
};

/* Reads the report at `path`, which is borrowed. False: causes were appended. On success the caller
 * owns *baseline. */
bool baseline_open(struct baseline **baseline, const char *path, struct error_chain *errors);
void baseline_destroy(struct baseline *baseline); /* takes NULL */

/* True if a finding of exactly that fingerprint is known. */
bool baseline_knows(const struct baseline *baseline, const char *fingerprint);

/* Judges all findings of the run, once. `rule_enabled` (by index in rules_table) says whose absence
 * means something. False: no memory. */
bool baseline_match(struct baseline *baseline, struct baseline_item *items, size_t count,
                    const bool *rule_enabled);

const char *baseline_path(const struct baseline *baseline);
uint64_t baseline_omitted(const struct baseline *baseline); /* findings that its report left out */

/* Known fingerprints that did not occur, after baseline_match(), in the order of the report. */
size_t baseline_absent_count(const struct baseline *baseline);
const char *baseline_absent(const struct baseline *baseline, size_t index);

#endif
