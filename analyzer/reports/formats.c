/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/reports/formats.h"

#include <string.h>

#define ADDRESS(name) &report_##name,
const struct report_format *const report_formats[] = {REPORT_FORMATS(ADDRESS)};

const size_t report_format_count = sizeof report_formats / sizeof report_formats[0];

const struct report_format *report_format_find(const char *name)
{
    for (size_t i = 0; i < report_format_count; i++) {
        if (strcmp(report_formats[i]->name, name) == 0) {
            return report_formats[i];
        }
    }
    return NULL;
}
