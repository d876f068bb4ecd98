/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CUT_CUT_H
#define ANALYZER_CUT_CUT_H

/*
 * Cuts the evidence of findings out of a trace. cut_begin() analyses it, cut_write() writes records
 * of one width, cut_check() analyses what was written: where the findings are not the same, the
 * caller writes again with the next width.
 *
 * Filters say nothing about an anonymous copy, since what they ask for has aliases there. So a copy
 * as it is comes first (cut_wants_model()), and is compared with the trace by way of the filters;
 * cut_take_model() keeps its findings, with which the anonymous copy is compared as a whole.
 */

#include "analyzer/cut/anonymous.h"
#include "analyzer/cut/cut_choice.h"
#include "analyzer/cut/cut_findings.h"
#include "base/out.h"

struct cut_evidence;
struct finding_rows;
struct trace_copy;

struct cut {
    const char *path;           /* borrowed */
    struct byte_source *source; /* owned; the trace, opened once: a pipe can't be read again */
    struct cut_order order;
    struct report_settings settings; /* the order's, with every rule and module */
    int64_t first_ticks;             /* of the trace: filters count seconds from there */
    struct analysis *analysis;       /* owned */
    struct report_input input;
    struct cut_evidence **evidence; /* owned; by process and rule; NULL: it has no conflict */
    size_t evidence_count;
    size_t held; /* bytes of the evidence */
    struct cut_choice choice;
    struct anonymous_names names; /* of images, kept in an anonymous trace */
    struct cut_findings findings; /* chosen ones of the input */
    size_t caveat_count;          /* of the input before symbols were looked at */
    struct finding_rows *model;   /* owned; of the copy as it is; NULL: none was taken */
    bool no_memory;
};

enum cut_status {
    CUT_OK = 0,
    CUT_NOTHING = 1, /* no finding is chosen: `findings` says why */
    CUT_ERROR = -1,  /* causes were appended */
};

/* The caller gives *cut to cut_finish() whatever the status. */
enum cut_status cut_begin(struct cut *cut, const char *path, const struct cut_order *order,
                          struct error_chain *errors);
void cut_finish(struct cut *cut);

/* Writes the records of that width. */
enum cut_status cut_write(struct cut *cut, enum cut_width width, enum cut_secrecy secrecy,
                          struct out *out, uint64_t *records, struct error_chain *errors);

/* Writes the records that a choice takes, by way of what `copy` names to choose. Measures first, as
 * often as needed. An error of the reader or the writer: causes were appended. */
enum etl_status cut_copy_chosen(struct cut_choice *choice, const struct trace_copy *copy,
                                struct out *out, uint64_t *records, struct error_chain *errors);

/* True if an anonymous copy can be checked only by way of a copy as it is. */
bool cut_wants_model(const struct cut *cut);

/* Analyses a copy of that secrecy; `name` is for messages. CUT_OK: the analysis gives the chosen
 * findings with the same rule, fingerprint (but for CUT_ANONYMOUS_ALL), level, confidence, reasons,
 * harm, counts and ends, and none that the whole trace does not have. CUT_NOTHING: others, more, or
 * fewer. CUT_ERROR: the copy could not be judged. */
enum cut_status cut_check(const struct cut *cut, enum cut_secrecy secrecy,
                          struct byte_source *source, const char *name, struct error_chain *errors);

/* Takes all findings of a copy as those that the anonymous copy must have. CUT_OK or CUT_ERROR. */
enum cut_status cut_take_model(struct cut *cut, struct byte_source *source, const char *name,
                               struct error_chain *errors);
void cut_free_model(struct cut *cut);

#endif
