/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cli/man_text.h"

#include <string.h>

void man_text(struct out *out, const char *text, size_t len)
{
    bool bold = false;
    if (len > 0 && (text[0] == '.' || text[0] == '\'')) {
        out_str(out, "\\&"); /* a line that begins with one of these is a request */
    }
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '-') {
            out_str(out, "\\-");
        } else if (text[i] == '\\') {
            out_str(out, "\\e");
        } else if (text[i] == '`') {
            bold = !bold;
            out_str(out, bold ? "\\fB" : "\\fR");
        } else {
            out_char(out, text[i]);
        }
    }
}

void man_sentence(struct out *out, const char *clause)
{
    char first[2] = {clause[0], '\0'};
    if (first[0] >= 'a' && first[0] <= 'z') {
        first[0] = (char)(first[0] - 'a' + 'A');
    }
    out_str(out, first);
    man_text(out, clause + 1, strlen(clause + 1));
    out_str(out, ".\n");
}

void man_paragraphs(struct out *out, const char *text)
{
    for (;;) {
        const char *end = strstr(text, "\n\n");
        man_text(out, text, end != NULL ? (size_t)(end - text) : strlen(text));
        out_char(out, '\n');
        if (end == NULL) {
            break;
        }
        out_str(out, ".PP\n");
        text = end + 2;
    }
}
