/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_REPORTS_SUPPRESSION_FORMAT_H
#define ANALYZER_REPORTS_SUPPRESSION_FORMAT_H

#include "analyzer/report.h"

/* The output of --gen-suppressions, which --format does not take. */
extern const struct report_format report_suppressions;

#endif
