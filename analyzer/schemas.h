/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_SCHEMAS_H
#define ANALYZER_SCHEMAS_H

/* The names of what the JSON outputs say, with their numbers: a number goes up when a field is
 * renamed or goes, and stays when one is added. `bufcheck --version` prints them all. */
#define SCHEMA_REPORT "bufcheck.report/2"       /* check -f json, and the data of -f html */
#define SCHEMA_JSONL "bufcheck.jsonl/2"         /* check -f jsonl */
#define SCHEMA_OPS "bufcheck.ops/2"             /* ops -f jsonl */
#define SCHEMA_EVENTS "bufcheck.events/2"       /* events -f jsonl */
#define SCHEMA_INFO "bufcheck.info/1"           /* info -f json */
#define SCHEMA_CALIBRATE "bufcheck.calibrate/1" /* calibrate -f json */
#define SCHEMA_CONFIG "bufcheck.config/1"       /* config -f json */
#define SCHEMA_DIFF "bufcheck.diff/1"           /* diff -f json */
#define SCHEMA_PROBE "bufcheck.probe/1"         /* afdprobe's log, which calibrate reads */

#define SCHEMAS                                                                                    \
    {                                                                                              \
        SCHEMA_REPORT, SCHEMA_JSONL, SCHEMA_OPS, SCHEMA_EVENTS, SCHEMA_INFO, SCHEMA_CALIBRATE,     \
            SCHEMA_CONFIG, SCHEMA_DIFF, SCHEMA_PROBE                                               \
    }

#endif
