/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_REPORTS_HTML_PARTS_H
#define ANALYZER_REPORTS_HTML_PARTS_H

/* The slots of the page. Everything but the drawings is there without any script. */

#include "analyzer/report.h"
#include "analyzer/reports/html_around.h"

/* Findings are numbered from 1 over all inputs, the same in the text and in the data. */

void html_title(struct out *out, const struct report *report);
void html_verdict(struct out *out, const struct report *report);

/* The numbers beside the verdict of one trace that was opened. */
void html_stats(struct out *out, const struct report_input *input);

/* The table of traces, a part of the verdict where there are several. */
void html_inputs(struct out *out, const struct report *report);

/* Pairs of modules and of call sites with what was found; nothing where there are fewer than two
 * findings, or no call site is known. */
void html_who(struct out *out, const struct report *report);

/* The PDBs that would help, ready to paste; nothing where there are none, or symbols were asked
 * for. */
void html_pdbs(struct out *out, const struct report_settings *settings,
               const struct report_input *input);

void html_health(struct out *out, const struct report *report);
void html_rules(struct out *out, const struct report *report);
void html_findings(struct out *out, const struct report *report);

/* The JSON that the script draws from: bufcheck.report/2, less what the page itself says, and with
 * each finding's memory and the operations around it. */
void html_data(struct out *out, const struct report *report, const struct html_around *around);

#endif
