/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_CUT_CUT_FINDINGS_H
#define ANALYZER_CUT_CUT_FINDINGS_H

/* The order of a cut, and the findings of a trace that it chooses. */

#include <stdbool.h>
#include <stddef.h>

#include "analyzer/analysis.h"

/* How much a cut trace tells of who and where. */
enum cut_secrecy {
    CUT_AS_IT_IS,
    CUT_ANONYMOUS,     /* aliases for all that could tell (anonymous.h) */
    CUT_ANONYMOUS_ALL, /* user addresses and every name, too; fingerprints differ then */
};

struct cut_order {
    const struct report_settings *settings; /* borrowed */
    const char *fingerprint;                /* borrowed; NULL: all findings */
    struct symbols *symbols; /* borrowed; fingerprints may hold functions; NULL: none do */
    enum cut_secrecy secrecy;
};

/* Why no finding is chosen. */
enum cut_nothing {
    CUT_NOTHING_FOUND,       /* the trace has none */
    CUT_LEFT_OUT,            /* the filters show none */
    CUT_UNKNOWN_FINGERPRINT, /* none that they show has it */
    CUT_SYMBOLS_LATE,        /* the same; and functions were not known within the time for that */
};

struct cut_findings {
    bool *chosen;     /* owned; an item for each finding of the trace */
    size_t count;     /* chosen, as many as a report counts */
    size_t row_count; /* chosen items: parts that share a function are one finding to a report */
    enum cut_nothing nothing; /* where the count is 0 */
};

/* True if the rules and modules of the settings leave a conflict in. Those of a module need names
 * that are complete. */
bool cut_admits(const struct report_settings *settings, const struct conflict *conflict,
                const struct frames *frames);

/* True if the settings show less than all findings. */
bool cut_filters(const struct report_settings *settings);

/* Chooses among the findings of an analysis that has ended. Symbols are looked at only where a
 * fingerprint is not found without them: what was in the way is then among the caveats of *input,
 * behind those that it had. False: no memory. Either way the caller calls cut_findings_finish(). */
bool cut_findings_choose(struct cut_findings *findings, const struct cut_order *order,
                         struct analysis *analysis, const struct report_input *input);
void cut_findings_finish(struct cut_findings *findings);

#endif
