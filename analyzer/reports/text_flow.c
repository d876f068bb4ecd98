/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/reports/text_flow.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/format_text.h"

static const char *const color_codes[] = {
    [TEXT_PLAIN] = "\033[0m",   [TEXT_BOLD] = "\033[1m",      [TEXT_DIM] = "\033[2m",
    [TEXT_RED] = "\033[1;31m",  [TEXT_YELLOW] = "\033[1;33m", [TEXT_GREEN] = "\033[1;32m",
    [TEXT_CYAN] = "\033[1;36m",
};

void text_color(const struct text_style *style, enum text_color color)
{
    if (style->color) {
        out_str(style->out, color_codes[color]);
    }
}

void text_colored(const struct text_style *style, enum text_color color, const char *text)
{
    text_color(style, color);
    out_str(style->out, text);
    text_color(style, TEXT_PLAIN);
}

void text_flow_begin(struct text_flow *flow, struct out *out, size_t column, size_t indent)
{
    flow->out = out;
    flow->base = flow->indent = indent;
    flow->column = column;
    flow->glued = true; /* the first word needs no space before it */
    flow->word_len = 0;
}

void text_row(struct text_flow *flow, const struct text_style *style, const char *label)
{
    size_t len = strlen(label);
    out_str(style->out, "  ");
    text_colored(style, TEXT_DIM, label);
    out_repeat(style->out, ' ', TEXT_ROW_INDENT - 2 - len);
    text_flow_begin(flow, style->out, TEXT_ROW_INDENT, TEXT_ROW_INDENT);
}

/* Makes room for `width` columns that stay together: a space, or a new line where they would not
 * fit. What is glued stays where it is. */
static void flow_part(struct text_flow *flow, size_t width)
{
    if (flow->glued) {
        return;
    }
    if (flow->column + 1 + width > TEXT_COLUMNS && flow->column > flow->indent) {
        out_char(flow->out, '\n');
        out_repeat(flow->out, ' ', flow->indent);
        flow->column = flow->indent;
    } else {
        out_char(flow->out, ' ');
        flow->column++;
    }
}

static void flow_place_with(struct text_flow *flow, size_t more_width)
{
    flow_part(flow, flow->word_len + more_width);
    out_write(flow->out, flow->word, flow->word_len);
    flow->column += flow->word_len;
    flow->word_len = 0;
    flow->glued = true;
}

static void flow_append(struct text_flow *flow, char c)
{
    if (flow->word_len == sizeof flow->word) {
        flow_place_with(flow, 0);
    }
    flow->word[flow->word_len++] = c;
}

static void flow_space(struct text_flow *flow)
{
    if (flow->word_len != 0) {
        flow_place_with(flow, 0);
    }
    if (flow->column > flow->indent) {
        flow->glued = false;
    }
}

void text_flow_colored(struct text_flow *flow, const struct text_style *style,
                       enum text_color color, const char *text)
{
    size_t len = strlen(text);
    flow_place_with(flow, len);
    text_colored(style, color, text);
    flow->column += len;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A space within a number, "4 096": three digits follow, and a digit stands before. */
static bool is_within_number(const struct text_flow *flow, const char *space)
{
    return flow->word_len != 0 && is_digit(flow->word[flow->word_len - 1]) && is_digit(space[1]) &&
           is_digit(space[2]) && is_digit(space[3]) && !is_digit(space[4]);
}

void text_flow_words(struct text_flow *flow, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == ' ' && !is_within_number(flow, text)) {
            flow_space(flow);
        } else if (*text == '\n') {
            text_flow_newline(flow);
        } else {
            flow_append(flow, *text);
        }
    }
}

void text_flow_format(struct text_flow *flow, const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    text_flow_words(flow, text);
}

void text_flow_solid(struct text_flow *flow, const char *text)
{
    for (; *text != '\0'; text++) {
        flow_append(flow, *text);
    }
}

/* `after` columns are kept for what is glued to it. */
static void flow_escaped(struct text_flow *flow, const char *text, size_t after)
{
    size_t width = text_escape_width(text);
    flow_place_with(flow, width + after);
    text_escape(flow->out, text);
    flow->column += width;
}

void text_flow_escaped(struct text_flow *flow, const char *text)
{
    flow_escaped(flow, text, 1);
}

void text_flow_sentence(struct text_flow *flow, const char *text)
{
    char word[512];
    while (*text != '\0') {
        size_t len = strcspn(text, " ");
        size_t taken = len < sizeof word ? len : sizeof word - 1;
        memcpy(word, text, taken);
        word[taken] = '\0';
        if (taken != 0) {
            flow_escaped(flow, word, 0);
        }
        text += taken;
        if (*text == ' ') {
            flow_space(flow);
            text++;
        }
    }
}

void text_flow_newline(struct text_flow *flow)
{
    if (flow->word_len != 0) {
        flow_place_with(flow, 0);
    }
    out_char(flow->out, '\n');
    out_repeat(flow->out, ' ', flow->base);
    flow->indent = flow->column = flow->base;
    flow->glued = true;
}

void text_flow_item(struct text_flow *flow)
{
    if (flow->column != flow->base || flow->word_len != 0) {
        text_flow_newline(flow);
    }
    out_str(flow->out, "- ");
    flow->column += 2;
    flow->indent = flow->base + 2;
}

void text_flow_end(struct text_flow *flow)
{
    if (flow->word_len != 0) {
        flow_place_with(flow, 0);
    }
    out_char(flow->out, '\n');
}

void text_flow_count(struct text_flow *flow, uint64_t value)
{
    char text[TEXT_NUMBER_LEN];
    text_format_grouped(value, text);
    text_flow_solid(flow, text);
}

void text_flow_duration(struct text_flow *flow, uint64_t ns)
{
    char text[TEXT_NUMBER_LEN];
    text_format_duration(ns, text);
    text_flow_solid(flow, text);
}

void text_flow_plural(struct text_flow *flow, uint64_t value, const char *noun)
{
    text_flow_count(flow, value);
    text_flow_solid(flow, " ");
    text_flow_solid(flow, noun);
    if (value != 1) {
        text_flow_solid(flow, noun[strlen(noun) - 1] == 's' ? "es" : "s");
    }
}
