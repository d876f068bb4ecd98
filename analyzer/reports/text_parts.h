/* SPDX-License-Identifier: Apache-2.0 */

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

/* Prints a single line for an input that has no finding and no notice, where there are several
 * inputs. */
void text_clean_line(const struct text_style *style, const struct report_input *input);

/* A line that says over all inputs how many have which verdict, and a table of those that are not
 * clean, failed ones first, then those with findings. */
void text_traces(const struct text_style *style, const struct report_settings *settings,
                 const struct report *report);

/* Where a finding is printed: a note that fails nothing and what is known already are a line of a
 * list, without -v. With several inputs a cause is printed once; TEXT_AGAIN names its number. */
enum text_place { TEXT_IN_FULL, TEXT_AMONG_NOTES, TEXT_AMONG_KNOWN, TEXT_AGAIN };

/* A cause that was printed, at across_cause.index. */
struct text_told {
    uint64_t number;  /* of its finding; 0: not yet */
    unsigned badness; /* part_badness() */
    enum text_place place;
};

/* `told` is NULL with one input. A cause is printed anew where it is worse than before. */
enum text_place text_place(const struct report_settings *settings, const struct text_told *told,
                           const struct finding *finding);

/* The findings of one place in an input, numbered from `first_number` on in the order of all that
 * are printed. */
struct text_list {
    const struct text_told *told;
    uint64_t first_number;
    enum text_place place;
};

/* Prints a finding with both posts, the bytes they share, why it is believed, and what to do.
 * `number` is the finding's own number, 0 where it stands alone. `name_file` is true where there
 * are several files, so that the finding names its own. */
void text_finding(const struct text_style *style, const struct report_settings *settings,
                  const struct report_input *input, const struct finding *finding, uint64_t number,
                  bool name_file);

/* An input's findings of a list as a table: a line each. Nothing if there is none. */
void text_table(const struct text_style *style, const struct report_settings *settings,
                const struct report_input *input, const struct text_list *list);

/* The health of a trace. `name_file`: the file is named, as there are several. */
void text_health(const struct text_style *style, const struct report_settings *settings,
                 const struct report_input *input, bool name_file);

/* "12.0041173 s" after the first event, as many decimals as the clock has, or "an unknown time" and
 * why; text_parts_at() has "at " in front of these words, for a place where a number needs none. */
void text_parts_time(struct text_flow *flow, const struct report_input *input,
                     const struct op_point *point);
void text_parts_at(struct text_flow *flow, const struct report_input *input,
                   const struct op_point *point);

/* The colour that stands for a level, for a verdict. */
enum text_color text_level_color(enum rule_level level);
enum text_color text_verdict_color(const struct report_input *input);
enum text_color text_verdict_color_of(enum verdict verdict);

/* The end of a verdict's line: "(exit status 0; --fail-on never)", and the end of the line. */
void text_verdict_status(struct text_flow *flow, const struct report_settings *settings,
                         int exit_status);

/* "ERROR", "FINDINGS" */
const char *text_level_word(enum rule_level level);
const char *text_verdict_word(enum verdict verdict);

/* Writes who posted, where an input has several findings and some call site is known. False:
 * nothing was written. */
bool text_who(const struct text_style *style, const struct report_settings *settings,
              const struct report_input *input);

/* A row with the PDBs of the modules that are shown, where no symbols were asked for. */
void text_pdbs(const struct text_style *style, const struct report_settings *settings,
               const struct report_input *input);

#endif
