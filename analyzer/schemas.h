#ifndef ANALYZER_SCHEMAS_H
#define ANALYZER_SCHEMAS_H

/* The names of what the JSON outputs say, with their numbers: a number goes up when a field is
 * renamed or goes, and stays when one is added. `bufcheck --version` prints them all. */
#define SCHEMA_REPORT "bufcheck.report/1" /* check -f json, and the data of -f html */
#define SCHEMA_INFO "bufcheck.info/1"     /* info -f json */

#define SCHEMAS                                                                                    \
    {                                                                                              \
        SCHEMA_REPORT, SCHEMA_INFO                                                                 \
    }

#endif
