/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_REPORTS_WHO_H
#define ANALYZER_REPORTS_WHO_H

/* The findings of an input, or of a whole report, summed up by pairs of modules, or of call sites.
 */

#include "analyzer/report.h"
#include "analyzer/reports/parts.h"

struct who_pair {
    /* "(unknown)" where a post has no own frame. */
    char first[PART_FRAME_LEN], second[PART_FRAME_LEN];
    uint64_t findings, posts, harmful; /* harmful: conflicts that damaged bytes */
    size_t index;                      /* of the first finding, for the order */
};

struct who {
    struct who_pair *pairs; /* owned; the worst first: by damage, posts, and the first finding */
    size_t count;
};

/* Sums up all findings, also those that --max-findings leaves out, by modules or by call sites.
 * False: no memory; *who is empty then. */
bool who_init(struct who *who, const struct report_input *input, bool by_module);

/* The same over the findings of all inputs. */
bool who_init_report(struct who *who, const struct report *report, bool by_module);

/* False: no post of any pair has an own frame. */
bool who_is_known(const struct who *who);

void who_finish(struct who *who);

#endif
