/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/reports/sarif_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/reports/parts.h"
#include "analyzer/reports/words.h"

#define FULL_TEXT_MAX 1024 /* bytes; GitHub's limit for a rule's full description */

void sarif_message(struct json_writer *json, const char *key, const char *text)
{
    json_field_object(json, key);
    json_field_str(json, "text", text);
    json_object_end(json);
}

void sarif_quoted(struct sarif *sarif, const char *key, const char *text)
{
    struct out quoted;
    bool links = strstr(text, "](") != NULL;
    words_begin(&quoted);
    for (; *text != '\0'; text++) {
        if (*text == '{' || *text == '}') {
            out_char(&quoted, *text);
        } else if (links && (*text == '[' || *text == ']')) {
            out_char(&quoted, '\\');
        }
        out_char(&quoted, *text);
    }
    char *plain = words_take(&quoted, sarif->out);
    json_field_str(&sarif->json, key, plain != NULL ? plain : "");
    free(plain);
}

/* "recv-over-recv" as "RecvOverRecv", the form that SARIF wants for names of rules. */
static void pascal_name(const char *name, char text[64])
{
    size_t len = 0;
    bool upper = true;
    for (; *name != '\0' && len < 63; name++) {
        if (*name == '-') {
            upper = true;
            continue;
        }
        text[len++] = upper && *name >= 'a' && *name <= 'z' ? (char)(*name - 'a' + 'A') : *name;
        upper = false;
    }
    text[len] = '\0';
}

/* The part of `text` that GitHub takes, cut at a sentence. Our own ASCII. */
static void full_description(struct json_writer *json, const struct rule *rule)
{
    char text[FULL_TEXT_MAX];
    snprintf(text, sizeof text, "%s %s", rule->summary, rule->why);
    if (strlen(rule->summary) + 1 + strlen(rule->why) >= sizeof text) {
        char *end = text;
        for (char *at = text; *at != '\0'; at++) {
            if (*at == '.' && (at[1] == ' ' || at[1] == '\n')) {
                end = at + 1;
            }
        }
        *end = '\0';
    }
    sarif_message(json, "fullDescription", text);
}

static void help(struct sarif *sarif, const struct rule *rule)
{
    struct out text;
    words_begin(&text);
    out_printf(&text,
               "Why it matters\n\n%s\n\nHow to fix it\n\n%s\n\nWhen it is a false alarm\n\n%s\n",
               rule->why, rule->fix, rule->false_alarm);
    char *plain = words_take(&text, sarif->out);
    words_begin(&text);
    out_printf(&text,
               "## Why it matters\n\n%s\n\n## How to fix it\n\n%s\n\n"
               "## When it is a false alarm\n\n%s\n",
               rule->why, rule->fix, rule->false_alarm);
    char *markdown = words_take(&text, sarif->out);
    json_field_object(&sarif->json, "help");
    json_field_str(&sarif->json, "text", plain != NULL ? plain : "");
    json_field_str(&sarif->json, "markdown", markdown != NULL ? markdown : "");
    json_object_end(&sarif->json);
    free(plain);
    free(markdown);
}

static void rule_properties(struct json_writer *json, const struct rule *rule,
                            enum rule_level severity)
{
    static const char *const problem[] = {
        [RULE_NOTE] = "recommendation", [RULE_WARNING] = "warning", [RULE_ERROR] = "error"};
    json_field_object(json, "properties");
    json_field_str(json, "precision", severity == RULE_ERROR ? "high" : "medium");
    json_field_str(json, "problem.severity", problem[severity]);
    json_field_str(json, "severity", rule->severity_text);
    json_field_array(json, "tags");
    json_str(json, "correctness");
    json_str(json, "memory");
    json_str(json, "winsock");
    json_array_end(json);
    json_object_end(json);
}

/* "A receive was posted into ...: {0}." A result's argument is the sentence about its finding. */
static void message_string(struct sarif *sarif, const char *id, const char *headline)
{
    struct out text;
    words_begin(&text);
    words_capital(&text, headline);
    out_str(&text, ": {0}.");
    char *words = words_take(&text, sarif->out);
    sarif_message(&sarif->json, id, words != NULL ? words : "");
    free(words);
}

static void message_strings(struct sarif *sarif, const struct rule *rule)
{
    char doubtful[PART_HEADLINE_LEN];
    part_doubtful_headline(rule, doubtful);
    json_field_object(&sarif->json, "messageStrings");
    message_string(sarif, "default", rule->headline);
    message_string(sarif, "doubtful", doubtful);
    json_object_end(&sarif->json);
}

const char *sarif_message_id(const struct finding *finding)
{
    return part_is_doubtful(finding) ? "doubtful" : "default";
}

static void rule_descriptor(struct sarif *sarif, size_t index)
{
    struct json_writer *json = &sarif->json;
    const struct rule *rule = rules_table[index];
    enum rule_level severity = part_rule_severity(sarif->settings, index);
    char name[64];
    pascal_name(rule->name, name);
    json_object_begin(json);
    json_field_str(json, "id", rule->name);
    json_field_str(json, "name", name);
    sarif_message(json, "shortDescription", rule->summary);
    full_description(json, rule);
    help(sarif, rule);
    message_strings(sarif, rule);
    json_field_object(json, "defaultConfiguration");
    json_field_bool(json, "enabled", sarif->settings->rule_enabled[index]);
    json_field_str(json, "level", rule_level_name(severity));
    json_object_end(json);
    rule_properties(json, rule, severity);
    json_object_end(json);
}

static const struct {
    const char *id, *name, *level, *text, *help;
} notifications[SARIF_NOTIFICATION_COUNT] = {
    [SARIF_INPUT_FAILED] =
        {"input-failed", "InputFailed", "error", "An input could not be analysed, or in part only.",
         "Its results are missing, or stop at the place that the message names. Check that the "
         "file is a whole .etl trace: copy it again, and stop the recording before that."},
    [SARIF_INCONCLUSIVE] =
        {"inconclusive", "TraceInconclusive", "warning",
         "The trace can't show that there is no defect.",
         "No finding counts for the exit status, but the trace does not show enough to call the "
         "program clean. The message names each cause and what helps; `bufcheck explain` says "
         "more, and `--allow-inconclusive` accepts causes that can't be helped."},
    [SARIF_TRACE_HEALTH] =
        {"trace-health", "TraceHealth", "note", "What a reader should know about the trace.",
         "How much of what the program did the trace shows. A result speaks of that part alone."},
    [SARIF_RESULTS_OMITTED] =
        {"results-omitted", "ResultsOmitted", "warning", "Findings were left out of this file.",
         "Code scanning shows a limited number of results. The least severe findings were left "
         "out; `--format json` and `html` with `--max-findings 0` hold all of them."},
};

static void notification_descriptor(struct json_writer *json, size_t which)
{
    json_object_begin(json);
    json_field_str(json, "id", notifications[which].id);
    json_field_str(json, "name", notifications[which].name);
    sarif_message(json, "shortDescription", notifications[which].text);
    sarif_message(json, "fullDescription", notifications[which].text);
    json_field_object(json, "help");
    json_field_str(json, "text", notifications[which].help);
    json_field_str(json, "markdown", notifications[which].help);
    json_object_end(json);
    json_field_object(json, "defaultConfiguration");
    json_field_str(json, "level", notifications[which].level);
    json_object_end(json);
    json_object_end(json);
}

void sarif_tool(struct sarif *sarif)
{
    struct json_writer *json = &sarif->json;
    json_field_object(json, "tool");
    json_field_object(json, "driver");
    json_field_str(json, "name", "bufcheck");
    json_field_str(json, "fullName", "bufcheck " BUFCHECK_VERSION);
    json_field_str(json, "version", BUFCHECK_VERSION);
    json_field_str(json, "semanticVersion", BUFCHECK_VERSION);
#ifdef BUFCHECK_URL /* the project's page, where the build knows one */
    json_field_str(json, "informationUri", BUFCHECK_URL);
#endif
    sarif_message(json, "shortDescription",
                  "Finds user buffers that were posted to Winsock again while "
                  "an earlier operation still owned them.");
    json_field_array(json, "rules");
    for (size_t i = 0; i < RULE_COUNT; i++) {
        rule_descriptor(sarif, i);
    }
    json_array_end(json);
    json_field_array(json, "notifications");
    for (size_t i = 0; i < SARIF_NOTIFICATION_COUNT; i++) {
        notification_descriptor(json, i);
    }
    json_array_end(json);
    json_object_end(json);
    json_object_end(json);
}

const char *sarif_notification_id(enum sarif_notification which)
{
    return notifications[which].id;
}
