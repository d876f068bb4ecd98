/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_REPORTS_HTML_PAGE_H
#define ANALYZER_REPORTS_HTML_PAGE_H

/* The HTML report's template with its styles and scripts, as scripts/embed.py embeds it: pieces of
 * text, each followed by a slot that the program fills. */

#include <stddef.h>

enum html_slot {
    HTML_SLOT_END, /* the page ends */
    HTML_SLOT_VERSION,
    HTML_SLOT_TITLE,
    HTML_SLOT_VERDICT,
    HTML_SLOT_WHO,
    HTML_SLOT_FINDINGS,
    HTML_SLOT_HEALTH,
    HTML_SLOT_RULES,
    HTML_SLOT_DATA,
};

struct html_segment {
    size_t offset, len; /* bytes of html_page_bytes */
    enum html_slot slot;
};

extern const unsigned char html_page_bytes[];
extern const struct html_segment html_page_segments[];
extern const size_t html_page_segment_count;

#endif
