/* SPDX-License-Identifier: Apache-2.0 */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/reports/html_parts.h"
#include "analyzer/reports/html_text.h"
#include "analyzer/reports/parts.h"
#include "analyzer/reports/words.h"

static void one_finding(struct out *out, const struct report *report,
                        const struct report_input *input, const struct finding *finding,
                        uint64_t number)
{
    const struct conflict *shown = part_shown(finding);
    char process[PART_PROCESS_LEN];
    struct out text;
    part_process(input, shown->second, process);
    out_printf(out,
               "<article id=\"f%" PRIu64 "\"><h3>%" PRIu64
               ". <span class=\"badge level-%s\">%s</span> %s, ",
               number, number, rule_level_name(finding->level), rule_level_name(finding->level),
               finding->rule->name);
    html_text(out, process);
    out_str(out, "</h3>\n<pre>");
    words_begin(&text);
    words_finding(&text, report->settings, input, finding);
    char *words = words_take(&text, out);
    if (words != NULL) {
        html_escape(out, words, strlen(words));
    }
    free(words);
    out_str(out, "</pre></article>\n");
}

void html_findings(struct out *out, const struct report *report)
{
    struct part_cursor cursor;
    const struct finding *finding;
    uint64_t number = 0;
    part_cursor_init(&cursor, report);
    while ((finding = part_next(&cursor)) != NULL) {
        one_finding(out, report, cursor.input, finding, ++number);
    }
    if (cursor.omitted != 0) {
        out_str(out, "<p class=\"omitted\">");
        html_count(out, cursor.omitted);
        out_str(out, " more findings are left out: --max-findings 0 shows all.</p>\n");
    }
}
