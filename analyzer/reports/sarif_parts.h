/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_REPORTS_SARIF_PARTS_H
#define ANALYZER_REPORTS_SARIF_PARTS_H

/* Shared by sarif.c and sarif_tool.c. */

#include "base/json_writer.h"
#include "analyzer/report.h"

struct sarif {
    struct out *out;
    const struct report_settings *settings;
    struct json_writer json;
    uint64_t stack_frames_max; /* frames of a stack that are written */
};

/* Kinds of notifications that the tool declares, by their place in its list. */
enum sarif_notification {
    SARIF_INPUT_FAILED,
    SARIF_INCONCLUSIVE,
    SARIF_TRACE_HEALTH,
    SARIF_RESULTS_OMITTED,
    SARIF_NOTIFICATION_COUNT
};

/* Id of the rule's message string that a finding's message is made of. */
const char *sarif_message_id(const struct finding *finding);

const char *sarif_notification_id(enum sarif_notification which);

/* "tool": the driver with every rule, fired or not, and the notifications. */
void sarif_tool(struct sarif *sarif);

/* "<key>": {"text": ...} of our own text. */
void sarif_message(struct json_writer *json, const char *key, const char *text);

/* A string of a message with text of the trace: braces would hold numbers of arguments and
 * "[...](...)" would be a link. */
void sarif_quoted(struct sarif *sarif, const char *key, const char *text);

#endif
