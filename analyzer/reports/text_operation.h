/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_REPORTS_TEXT_OPERATION_H
#define ANALYZER_REPORTS_TEXT_OPERATION_H

/* How the text report prints either operation of a finding. */

#include "analyzer/report.h"
#include "analyzer/reports/text_flow.h"

/* A finding that is being printed. */
struct finding_text {
    const struct text_style *style;
    const struct report_settings *settings;
    const struct report_input *input;
    const struct finding *finding;
    const struct conflict *conflict;
};

/* Prints an operation of the conflict as a block: call, socket, memory, times and stack. */
void text_operation(const struct finding_text *text, const struct operation *op, const char *title);

#endif
