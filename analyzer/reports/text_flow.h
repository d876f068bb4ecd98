/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_REPORTS_TEXT_FLOW_H
#define ANALYZER_REPORTS_TEXT_FLOW_H

/*
 * Paragraphs for a terminal: words flow into lines of 80 columns, continuation lines are indented.
 * Our own text is ASCII; text of the trace is escaped and never broken inside.
 *
 *     struct text_flow flow;
 *     text_row(&flow, style, "socket");
 *     text_flow_words(&flow, "the same as");
 *     text_flow_escaped(&flow, name);
 *     text_flow_end(&flow);
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/out.h"

#define TEXT_COLUMNS 80
#define TEXT_ROW_INDENT 17 /* column of the values of labelled rows */

enum text_color {
    TEXT_PLAIN,
    TEXT_BOLD,
    TEXT_DIM,
    TEXT_RED,
    TEXT_YELLOW,
    TEXT_GREEN,
    TEXT_CYAN,
};

struct text_style {
    struct out *out; /* borrowed */
    bool color;
};

/* Switches the terminal's colour, TEXT_PLAIN back to its own; nothing when style->color is off. */
void text_color(const struct text_style *style, enum text_color color);

/* `text` in that colour. */
void text_colored(const struct text_style *style, enum text_color color, const char *text);

struct text_flow {
    struct out *out;
    size_t base;   /* column of the paragraph's lines */
    size_t indent; /* column of continuation lines: deeper within an item of a list */
    size_t column;
    bool glued; /* the next text belongs to the last word */
    size_t word_len;
    char word[256];
};

/* Begins at `column` of a line that has been begun. */
void text_flow_begin(struct text_flow *flow, struct out *out, size_t column, size_t indent);

/* A labelled row: "  label" and the flow at TEXT_ROW_INDENT. */
void text_row(struct text_flow *flow, const struct text_style *style, const char *label);

/* Text of ours; lines break at its spaces. A space at its end parts it from what follows. */
void text_flow_words(struct text_flow *flow, const char *text);

/* The same, formatted; at most 511 bytes. */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
void text_flow_format(struct text_flow *flow, const char *format, ...);

/* Text of ours that no line break may part, spaces or not. */
void text_flow_solid(struct text_flow *flow, const char *text);

/* Text of the trace, escaped, not parted. */
void text_flow_escaped(struct text_flow *flow, const char *text);

/* Text of the trace in sentences: escaped, lines break at its spaces. */
void text_flow_sentence(struct text_flow *flow, const char *text);

/* `text` of ours in that colour, at once; what stands before it comes out first. */
void text_flow_colored(struct text_flow *flow, const struct text_style *style,
                       enum text_color color, const char *text);
void text_flow_newline(struct text_flow *flow); /* ends an item, too */
void text_flow_item(struct text_flow *flow);    /* begins an item of a list on its own line */
void text_flow_end(struct text_flow *flow);     /* the last word and a newline */

/* Values of readable size, solid. */
void text_flow_count(struct text_flow *flow, uint64_t value);                    /* "12 345" */
void text_flow_duration(struct text_flow *flow, uint64_t ns);                    /* "310.8 us" */
void text_flow_plural(struct text_flow *flow, uint64_t value, const char *noun); /* "2 sockets" */

#endif
