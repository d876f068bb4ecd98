/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CUT_CUT_H
#define ANALYZER_CUT_CUT_H

/*
 * Cuts the evidence of findings out of a trace. cut_begin() analyses it, cut_write() writes records
 * of one width, cut_check() analyses what was written: where the findings are not the same, the
 * caller writes again with the next width.
 */

#include "analyzer/analysis.h"
#include "analyzer/cut/cut_choice.h"
#include "base/out.h"

struct cut_evidence;

struct cut {
    const char *path;                       /* borrowed */
    const struct report_settings *settings; /* borrowed */
    const char *fingerprint;                /* borrowed; NULL: all findings */
    struct analysis *analysis;              /* owned */
    struct report_input input;
    struct cut_evidence *evidence; /* owned; of every conflict that was settled */
    size_t evidence_count;
    struct cut_choice choice;
    size_t finding_count; /* chosen */
    bool no_memory;
};

enum cut_status {
    CUT_OK = 0,
    CUT_NOTHING = 1, /* no finding is chosen */
    CUT_ERROR = -1,  /* causes were appended */
};

/* The caller gives *cut to cut_finish() whatever the status. */
enum cut_status cut_begin(struct cut *cut, const char *path, const struct report_settings *settings,
                          const char *fingerprint, struct error_chain *errors);
void cut_finish(struct cut *cut);

/* Writes the records of that width. `source`: the trace, from its start. */
enum cut_status cut_write(struct cut *cut, enum cut_width width, struct byte_source *source,
                          struct out *out, uint64_t *records, struct error_chain *errors);

/* Whether an analysis of the file at `path` gives the chosen findings with the same rule,
 * fingerprint, level, confidence, reasons, harm, counts and ends: CUT_OK; CUT_NOTHING: others, or
 * fewer; CUT_ERROR: the file could not be judged. */
enum cut_status cut_check(const struct cut *cut, const char *path, struct error_chain *errors);

#endif
