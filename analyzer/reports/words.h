/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_REPORTS_WORDS_H
#define ANALYZER_REPORTS_WORDS_H

/*
 * A finding in words for the formats that carry text inside another syntax. The text has no
 * control characters but our own newlines; each format still quotes it by its own rules.
 */

#include "analyzer/report.h"

/* Begins a text in memory, which words_take ends. */
void words_begin(struct out *text);

/* The composed text, to be given to free(); NULL without memory, and then `out` has failed, too. */
char *words_take(struct out *text, struct out *out);

/* "A receive was posted into memory that a pending receive still owned"; of a finding that is only
 * a note what it may be. */
void words_headline(struct out *text, const struct finding *finding);

/* `clause` with a capital letter. */
void words_capital(struct out *text, const char *clause);

/* A few sentences: who posted what into what, what it damaged, how long both owned it, how often.
 */
void words_sentence(struct out *text, const struct report_input *input,
                    const struct finding *finding);

/* Sections of the text report about a finding, an input's verdict, its health: many lines, no
 * colours.
 */
void words_finding(struct out *text, const struct report_settings *settings,
                   const struct report_input *input, const struct finding *finding);
void words_who(struct out *text, const struct report_settings *settings,
               const struct report_input *input); /* nothing where there is nothing to sum up */
void words_verdict(struct out *text, const struct report_settings *settings,
                   const struct report_input *input);
void words_health(struct out *text, const struct report_settings *settings,
                  const struct report_input *input);

/* "3 traces: 1 failed, 2 with findings" */
void words_traces(struct out *text, const struct report *report);

/* An operation in a few words: "recv #2 of 8192 bytes at 0x1a2b3c4000". */
void words_operation(struct out *text, const struct operation *op);

/* Why an input is inconclusive or failed, in one line; "" if it is neither. */
void words_trouble(struct out *text, const struct report_settings *settings,
                   const struct report_input *input);

/* A path as the relative URI of a file: slashes, no scheme, no drive, no "./" or root, everything
 * else percent-encoded. Absolute paths give their last component only. Drives and backslashes mean
 * something in a Windows build alone; elsewhere they are characters of a name. */
void words_relative_uri(struct out *text, const char *path);

/* The same as raw bytes, for formats that take paths: who prints it escapes it. */
uint64_t words_anchor_path(struct out *text, const struct report_settings *settings,
                           const struct report_input *input);

/* FILE[:LINE] of --sarif-anchor as such a URI and a line; without one the trace and line 1. */
uint64_t words_anchor_uri(struct out *text, const struct report_settings *settings,
                          const struct report_input *input);

#endif
