/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_REPORTS_FORMATS_H
#define ANALYZER_REPORTS_FORMATS_H

/*
 * The formats of `check`, one a file that defines `const struct report_format report_NAME`.
 * analyzer/report.h says what such a file defines.
 */

#include "analyzer/report.h"

/* The list of report formats, by name. The first format is the default, and the help page lists
 * the formats in this order. */
#define REPORT_FORMATS(X)                                                                          \
    X(text)                                                                                        \
    X(json)                                                                                        \
    X(jsonl)                                                                                       \
    X(sarif)                                                                                       \
    X(junit)                                                                                       \
    X(markdown)                                                                                    \
    X(html)                                                                                        \
    X(perfetto)                                                                                    \
    X(csv)                                                                                         \
    X(github)                                                                                      \
    X(gitlab)

#define REPORT_FORMAT_DECLARE(name) extern const struct report_format report_##name;
REPORT_FORMATS(REPORT_FORMAT_DECLARE)
#undef REPORT_FORMAT_DECLARE

#endif
