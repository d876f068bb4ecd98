/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_KNOWN_OLD_REPORT_H
#define ANALYZER_KNOWN_OLD_REPORT_H

/*
 * The findings of an earlier report of bufcheck, read from its `json` or `sarif` format. Anybody
 * may have written the file: memory grows with the findings in it, and nothing else.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/findings/finding.h"
#include "base/byte_source.h"

#define OLD_FINDINGS_MAX 1000000 /* a report of 50 MB holds a tenth of that */
#define OLD_TIME_LEN 40          /* bytes of a time, with the NUL */
#define OLD_TEXT_LEN 96          /* bytes that are kept of a name, with the NUL */

struct old_finding {
    char fingerprint[FINGERPRINT_TEXT_LEN];
    char coarse[FINGERPRINT_TEXT_LEN]; /* "" where the report does not tell */
    char rule[OLD_TEXT_LEN];
    char level[OLD_TEXT_LEN];
    char process[OLD_TEXT_LEN];       /* image name of the second's process; "" if not known */
    char call_sites[2][OLD_TEXT_LEN]; /* "app.exe+0x1a2b"; "" if not known */
    char first_time[OLD_TIME_LEN];    /* ISO 8601; "" if the report does not tell */
    uint64_t count, posts; /* conflicts, second operations; 0: the report does not tell */
};

struct old_report {
    struct old_finding *findings; /* owned */
    size_t count, room;
    int exit_status;  /* of the run that wrote it; 0 if the report does not tell */
    uint64_t omitted; /* findings that the report says it left out */
};

/* Reads the report that `path` names for messages. False: causes were appended (what is no report
 * of findings, another fingerprint version, JSON that is wrong at a line and column), and *report
 * holds nothing. On success the caller gives it to old_report_finish(). */
bool old_report_read(struct old_report *report, struct byte_source *source,
                     struct error_chain *errors);

/* The same for a file; "-" is standard input. */
bool old_report_open(struct old_report *report, const char *path, struct error_chain *errors);

void old_report_finish(struct old_report *report);

#endif
