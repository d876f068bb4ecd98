/* SPDX-License-Identifier: Apache-2.0 */

/* `html`: one file that loads nothing. Its template and scripts are in reports/html/. */

#include <stdlib.h>

#include "analyzer/reports/formats.h"
#include "analyzer/reports/html_around.h"
#include "analyzer/reports/html_page.h"
#include "analyzer/reports/html_parts.h"

struct html_report {
    struct out *out;
    struct html_around *around;
};

static void *html_create(struct out *out, const struct report_settings *settings)
{
    (void)settings;
    struct html_report *html = calloc(1, sizeof *html);
    if (html == NULL) {
        return NULL;
    }
    html->out = out;
    html->around = html_around_create();
    if (html->around != NULL) {
        return html;
    }
    free(html);
    return NULL;
}

static void html_begin_input(void *user, size_t index, const struct report_input *input)
{
    struct html_report *html = user;
    (void)input;
    html_around_begin(html->around, index);
}

static void html_conflict(void *user, size_t index, const struct report_input *input,
                          const struct conflict *conflict)
{
    struct html_report *html = user;
    (void)index;
    (void)input;
    html_around_conflict(html->around, conflict);
}

static void html_operation(void *user, size_t index, const struct report_input *input,
                           const struct operation *op)
{
    struct html_report *html = user;
    (void)index;
    (void)input;
    html_around_operation(html->around, op);
}

static size_t html_held(const void *user)
{
    const struct html_report *html = user;
    return html_around_bytes(html->around);
}

static void write_slot(const struct html_report *html, enum html_slot slot,
                       const struct report *report)
{
    switch (slot) {
    case HTML_SLOT_END:
        break;
    case HTML_SLOT_VERSION:
        out_str(html->out, BUFCHECK_VERSION);
        break;
    case HTML_SLOT_TITLE:
        html_title(html->out, report);
        break;
    case HTML_SLOT_VERDICT:
        html_verdict(html->out, report);
        break;
    case HTML_SLOT_WHO:
        html_who(html->out, report);
        break;
    case HTML_SLOT_FINDINGS:
        html_findings(html->out, report);
        break;
    case HTML_SLOT_HEALTH:
        html_health(html->out, report);
        break;
    case HTML_SLOT_RULES:
        html_rules(html->out, report);
        break;
    case HTML_SLOT_DATA:
        html_data(html->out, report, html->around);
        break;
    }
}

static void html_finish(void *user, const struct report *report)
{
    const struct html_report *html = user;
    for (size_t i = 0; i < html_page_segment_count; i++) {
        const struct html_segment *segment = &html_page_segments[i];
        out_write(html->out, html_page_bytes + segment->offset, segment->len);
        write_slot(html, segment->slot, report);
    }
}

static void html_destroy(void *user)
{
    struct html_report *html = user;
    html_around_destroy(html->around);
    free(html);
}

const struct report_format report_html = {
    .name = "html",
    .help = "for a browser: one file with a drawing of each finding",
    .create = html_create,
    .begin_input = html_begin_input,
    .conflict = html_conflict,
    .operation = html_operation,
    .held = html_held,
    .finish = html_finish,
    .destroy = html_destroy,
};
