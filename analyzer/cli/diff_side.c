/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cli/diff_side.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/analysis.h"
#include "analyzer/cli/message.h"
#include "analyzer/reports/parts.h"

/* True if the file begins as JSON does; a trace begins with the size of a trace buffer. */
static bool looks_like_json(struct byte_source *source)
{
    uint8_t bytes[64];
    size_t len = source->size < sizeof bytes ? (size_t)source->size : sizeof bytes;
    if (byte_source_read(source, 0, bytes, len, NULL) != BYTE_SOURCE_OK) {
        return false;
    }
    size_t at = len >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    while (at < len && strchr(" \t\r\n", bytes[at]) != NULL && bytes[at] != '\0') {
        at++;
    }
    return at < len && (bytes[at] == '{' || bytes[at] == '[');
}

static void keep_text(char text[OLD_TEXT_LEN], const char *from)
{
    snprintf(text, OLD_TEXT_LEN, "%s", from != NULL ? from : "");
}

static void take_finding(struct old_finding *old, const struct report_input *input,
                         const struct finding *finding)
{
    const struct conflict *shown = part_shown(finding);
    const struct operation *ops[] = {shown->first, shown->second};
    *old = (struct old_finding){.count = finding->count, .posts = finding->posts};
    memcpy(old->fingerprint, finding->fingerprint.text, sizeof old->fingerprint);
    memcpy(old->coarse, finding->fingerprint.coarse, sizeof old->coarse);
    keep_text(old->rule, finding->rule->name);
    keep_text(old->level, rule_level_name(finding->level));
    keep_text(old->process, part_image(input, shown->second));
    for (size_t i = 0; i < 2; i++) {
        struct frame frame;
        char text[PART_FRAME_LEN] = "";
        if (part_call_site(input, ops[i], &frame)) {
            part_call_site_text(input, ops[i], text);
        }
        snprintf(old->call_sites[i], OLD_TEXT_LEN, "%.*s", OLD_TEXT_LEN - 1, text);
    }
    part_time(input, &finding->first_time, old->first_time);
}

/* False: no memory. */
static bool take_findings(struct old_report *report, const struct report_input *input)
{
    size_t count = part_finding_count(input);
    report->findings = calloc(count != 0 ? count : 1, sizeof *report->findings);
    if (report->findings == NULL) {
        message_print("%s: out of memory", input->path);
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        take_finding(&report->findings[i], input, findings_at(input->findings, i));
    }
    report->count = count;
    report->exit_status = verdict_exit(input->verdict);
    return true;
}

static bool read_trace(const struct options *options, const char *path, struct old_report *report)
{
    struct report_input input;
    *report = (struct old_report){0};
    struct analysis *analysis = analysis_run(&path, 1, &options->settings, NULL, &input);
    message_print_chain(&input.errors);
    bool good = input.verdict != VERDICT_ERROR && take_findings(report, &input);
    analysis_destroy(analysis);
    return good;
}

bool diff_side_read(const struct options *options, const char *path, struct old_report *report)
{
    struct byte_source *source = NULL;
    struct error_chain errors;
    error_chain_init(&errors);
    bool opened = byte_source_open_file(path, NULL, &source, &errors) == BYTE_SOURCE_OK;
    bool json = opened && looks_like_json(source);
    bool good = json && old_report_read(report, source, &errors);
    byte_source_destroy(source);
    if (opened && !json) {
        return read_trace(options, path, report);
    }
    if (!good) {
        error_chain_add(&errors, ERROR_NO_OFFSET, "%s", path);
        message_print_chain(&errors);
    }
    return good;
}
