#ifndef ANALYZER_REPORTS_TEXT_PARTS_H
#define ANALYZER_REPORTS_TEXT_PARTS_H

/*
 * The sections of the text report. Formats that carry the whole text of a finding (JUnit,
 * Markdown) print them too, without colours.
 */

#include "analyzer/report.h"
#include "analyzer/reports/text_flow.h"

/* The verdict of one input: its line, and what it means. */
void text_verdict(const struct text_style *style, const struct report_settings *settings,
                  const struct report_input *input);

/* One finding with both posts, what they share, why it is believed, and what to do. */
void text_finding(const struct text_style *style, const struct report_settings *settings,
                  const struct report_input *input, const struct finding *finding);

/* What the trace let us see. */
void text_health(const struct text_style *style, const struct report_settings *settings,
                 const struct report_input *input);

/* "12.004 117 3 s" after the first event, as many decimals as the clock has. */
void text_parts_at(struct text_flow *flow, const struct report_input *input,
                   const struct op_point *point);

/* The colour that stands for a level, for a verdict. */
enum text_color text_level_color(enum rule_level level);
enum text_color text_verdict_color(enum verdict verdict);

/* "ERROR", "FINDINGS" */
const char *text_level_word(enum rule_level level);
const char *text_verdict_word(enum verdict verdict);

#endif
