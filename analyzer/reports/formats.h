#ifndef ANALYZER_REPORTS_FORMATS_H
#define ANALYZER_REPORTS_FORMATS_H

/* Every format of `check`, one a file; see analyzer/report.h for how to add one. */

#include "analyzer/report.h"

extern const struct report_format report_text;
extern const struct report_format report_json;
extern const struct report_format report_jsonl;
extern const struct report_format report_sarif;
extern const struct report_format report_junit;
extern const struct report_format report_markdown;
extern const struct report_format report_html;
extern const struct report_format report_perfetto;
extern const struct report_format report_csv;
extern const struct report_format report_github;
extern const struct report_format report_gitlab;

#endif
