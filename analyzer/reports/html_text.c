/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/reports/html_text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/format_text.h"

#define TEXT_CAP (1u << 20) /* bytes of one escaped name; paths and names are far shorter */

static const char *entity(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

void html_escape(struct out *out, const char *text, size_t len)
{
    size_t from = 0;
    for (size_t i = 0; i < len; i++) {
        const char *name = entity(text[i]);
        if (name == NULL) {
            continue;
        }
        out_write(out, text + from, i - from);
        out_str(out, name);
        from = i + 1;
    }
    out_write(out, text + from, len - from);
}

void html_text(struct out *out, const char *text)
{
    struct out visible;
    if (text == NULL) {
        return;
    }
    out_init_memory(&visible, TEXT_CAP);
    text_escape(&visible, text);
    size_t len;
    char *bytes = out_take(&visible, &len);
    if (bytes != NULL) {
        html_escape(out, bytes, len);
    } else {
        out_fail(out, visible.status, ENOMEM);
    }
    free(bytes);
}

void html_json(struct out *out, const char *json, size_t len)
{
    size_t from = 0;
    for (size_t i = 0; i < len; i++) {
        if (json[i] != '<') {
            continue;
        }
        out_write(out, json + from, i - from);
        out_str(out, "\\u003c");
        from = i + 1;
    }
    out_write(out, json + from, len - from);
}

void html_count(struct out *out, uint64_t value)
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%" PRIu64, value);
    for (int i = 0; i < len; i++) {
        if (i != 0 && len > 4 && (len - i) % 3 == 0) {
            out_str(out, "\xe2\x80\xaf"); /* U+202F */
        }
        out_char(out, digits[i]);
    }
}

void html_plural(struct out *out, uint64_t value, const char *noun)
{
    html_count(out, value);
    out_char(out, ' ');
    out_str(out, noun);
    if (value != 1) {
        out_char(out, 's');
    }
}
