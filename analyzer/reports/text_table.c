/* SPDX-License-Identifier: Apache-2.0 */

/* Findings as a table, a line each: number, level, rule, process, both call sites, posts, harm. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/reports/parts.h"
#include "analyzer/reports/text_parts.h"
#include "analyzer/reports/words.h"
#include "base/format_text.h"

enum column {
    COLUMN_NUMBER,
    COLUMN_LEVEL,
    COLUMN_RULE,
    COLUMN_PROCESS,
    COLUMN_FIRST,
    COLUMN_SECOND,
    COLUMN_TRACES,
    COLUMN_POSTS,
    COLUMN_HARM,
    COLUMN_COUNT
};

static const char *const titles[COLUMN_COUNT] = {"#",      "level",  "rule",  "process", "first",
                                                 "second", "traces", "posts", "harm"};

#define GAP 2       /* before every column */
#define NARROWEST 9 /* columns of a process or call site that gives way */

struct table {
    const struct text_style *style;
    const struct report_settings *settings;
    const struct report_input *input;
    const struct text_list *list;
    bool has_traces; /* a column of traces: not with one input, nor where lines have no room */
    size_t widths[COLUMN_COUNT];
    char cell[PART_FRAME_LEN];
};

/* A call site in the program's own image needs no name: the process has it. */
static void call_site(const struct report_input *input, const struct operation *op,
                      char text[PART_FRAME_LEN])
{
    struct frame frame;
    const char *image = part_image(input, op);
    bool known = part_call_site(input, op, &frame);
    if (known && image != NULL && strcmp(image, frame.place.name) == 0) {
        part_frame_bare(&frame, text);
    } else {
        part_call_site_text(input, op, text);
    }
}

static void format_cell(const struct report_input *input, const struct finding *finding,
                        uint64_t number, enum column column, char cell[PART_FRAME_LEN])
{
    const struct conflict *shown = part_shown(finding);
    char harm[PART_HARM_SHORT_LEN], process[PART_PROCESS_LEN], count[TEXT_NUMBER_LEN];
    switch (column) {
    case COLUMN_NUMBER:
        snprintf(cell, PART_FRAME_LEN, "%" PRIu64, number);
        break;
    case COLUMN_LEVEL:
        snprintf(cell, PART_FRAME_LEN, "%s", rule_level_name(finding->level));
        break;
    case COLUMN_RULE:
        snprintf(cell, PART_FRAME_LEN, "%s", finding->rule->name);
        break;
    case COLUMN_PROCESS:
        part_process(input, shown->second, process);
        if (part_image(input, shown->second) == NULL &&
            part_pid(input, shown->second) != ETL_ID_UNKNOWN) {
            snprintf(process, sizeof process, "pid %" PRIu32, part_pid(input, shown->second));
        }
        snprintf(cell, PART_FRAME_LEN, "%.*s", PART_FRAME_LEN - 1, process);
        break;
    case COLUMN_FIRST:
        call_site(input, shown->first, cell);
        break;
    case COLUMN_SECOND:
        call_site(input, shown->second, cell);
        break;
    case COLUMN_TRACES:
        text_format_grouped(finding->across != NULL ? finding->across->inputs : 1, count);
        snprintf(cell, PART_FRAME_LEN, "%s", count);
        break;
    case COLUMN_POSTS:
        text_format_grouped(finding->posts, count);
        snprintf(cell, PART_FRAME_LEN, "%s%s", finding->count_is_minimum ? ">= " : "", count);
        break;
    case COLUMN_HARM:
        part_harm_short(shown, harm);
        if (shown->harm == HARM_KNOWN) { /* "96 B": room is short */
            text_format_grouped(shown->harm_len, count);
            snprintf(harm, sizeof harm, "%s B", count);
        }
        snprintf(cell, PART_FRAME_LEN, "%s", harm);
        break;
    case COLUMN_COUNT:
        cell[0] = '\0';
        break;
    }
}

static bool is_right_aligned(enum column column)
{
    return column == COLUMN_NUMBER || column >= COLUMN_TRACES;
}

static int next_column(const struct table *table, int column)
{
    return column + 1 == COLUMN_TRACES && !table->has_traces ? column + 2 : column + 1;
}

static size_t table_width(const struct table *table)
{
    size_t width = 0;
    for (int column = 0; column < COLUMN_COUNT; column = next_column(table, column)) {
        width += GAP + table->widths[column];
    }
    return width;
}

/* The widest of process and call sites gives way until a line fits; then the traces. */
static void fit(struct table *table)
{
    while (table_width(table) > TEXT_COLUMNS) {
        enum column widest = COLUMN_PROCESS;
        for (int column = COLUMN_FIRST; column <= COLUMN_SECOND; column++) {
            if (table->widths[column] > table->widths[widest]) {
                widest = (enum column)column;
            }
        }
        if (table->widths[widest] > NARROWEST) {
            table->widths[widest]--;
        } else if (table->has_traces) {
            table->has_traces = false;
        } else {
            return;
        }
    }
}

/* "lobby-s~ (4120)": the process id stays where there is room for some of the name, too. */
static void cut_process(struct out *out, const char *text, size_t width)
{
    const char *id = strrchr(text, '(');
    size_t id_len = id != NULL ? strlen(id) : 0;
    if (id_len + 5 > width) {
        id_len = 0;
    }
    size_t name_len = id_len != 0 ? width - id_len - 2 : width - 1;
    out_write(out, text, name_len);
    out_char(out, '~');
    if (id_len != 0) {
        out_char(out, ' ');
        out_str(out, id);
    }
}

/* The cell's text, escaped, with as much of it as the column holds: of a process its beginning, of
 * a call site its end. */
static void put_cell(const struct table *table, enum column column, const char *cell)
{
    struct out escaped;
    words_begin(&escaped);
    text_escape(&escaped, cell);
    char *text = words_take(&escaped, table->style->out);
    size_t len = text != NULL ? strlen(text) : 0;
    size_t columns = text_escape_width(cell);
    size_t width = table->widths[column];
    size_t pad = columns < width ? width - columns : 0;
    if (is_right_aligned(column)) {
        out_repeat(table->style->out, ' ', pad);
    }
    if (text == NULL || columns <= width) {
        out_write(table->style->out, text != NULL ? text : "", len);
    } else if (len != columns) { /* a cut could part a character of several bytes */
        out_char(table->style->out, '~');
        pad = width - 1;
    } else if (column == COLUMN_PROCESS) {
        cut_process(table->style->out, text, width);
    } else {
        out_char(table->style->out, '~');
        out_write(table->style->out, text + (len - (width - 1)), width - 1);
    }
    if (!is_right_aligned(column) && column + 1 != COLUMN_COUNT) {
        out_repeat(table->style->out, ' ', pad);
    }
    free(text);
}

static void put_titles(const struct table *table)
{
    text_color(table->style, TEXT_DIM);
    for (int column = 0; column < COLUMN_COUNT; column = next_column(table, column)) {
        out_repeat(table->style->out, ' ', GAP);
        put_cell(table, (enum column)column, titles[column]);
    }
    text_color(table->style, TEXT_PLAIN);
    out_char(table->style->out, '\n');
}

static void put_row(struct table *table, const struct finding *finding, uint64_t number)
{
    for (int column = 0; column < COLUMN_COUNT; column = next_column(table, column)) {
        format_cell(table->input, finding, number, (enum column)column, table->cell);
        out_repeat(table->style->out, ' ', GAP);
        if (column == COLUMN_LEVEL) {
            text_color(table->style, text_level_color(finding->level));
        }
        put_cell(table, (enum column)column, table->cell);
        if (column == COLUMN_LEVEL) {
            text_color(table->style, TEXT_PLAIN);
        }
    }
    out_char(table->style->out, '\n');
}

/* The reason of a suppressed one, below its row. */
static void put_reason(const struct table *table, const struct finding *finding)
{
    struct text_flow flow;
    size_t column = GAP + table->widths[COLUMN_NUMBER] + GAP;
    out_repeat(table->style->out, ' ', column);
    text_flow_begin(&flow, table->style->out, column, column);
    text_flow_words(&flow, "suppressed: ");
    text_flow_sentence(&flow, finding->suppressed->reason);
    text_flow_words(&flow, " (");
    text_flow_escaped(&flow, finding->suppressed->path);
    text_flow_format(&flow, ":%" PRIu64 ")", finding->suppressed->line);
    text_flow_end(&flow);
}

/* The next finding of the table from *index on, with the number that it has among those that are
 * printed; NULL: no more. */
static const struct finding *next_row(const struct table *table, struct part_limit *limit,
                                      size_t *index, uint64_t *number)
{
    while (*index < part_finding_count(table->input)) {
        const struct finding *finding = findings_at(table->input->findings, (*index)++);
        if (!part_limit_admits(limit, finding)) {
            continue;
        }
        enum text_place place = text_place(table->settings, table->list->told, finding);
        *number += place != TEXT_AGAIN ? 1 : 0;
        if (place == table->list->place) {
            return finding;
        }
    }
    return NULL;
}

static bool measure(struct table *table)
{
    struct part_limit limit;
    const struct finding *finding;
    size_t index = 0;
    uint64_t number = table->list->first_number - 1;
    bool any = false;
    part_limit_init(&limit, table->settings);
    for (int column = 0; column < COLUMN_COUNT; column++) {
        table->widths[column] = strlen(titles[column]);
    }
    while ((finding = next_row(table, &limit, &index, &number)) != NULL) {
        any = true;
        for (int column = 0; column < COLUMN_COUNT; column++) {
            format_cell(table->input, finding, number, (enum column)column, table->cell);
            size_t width = text_escape_width(table->cell);
            if (width > table->widths[column]) {
                table->widths[column] = width;
            }
        }
    }
    fit(table);
    return any;
}

void text_table(const struct text_style *style, const struct report_settings *settings,
                const struct report_input *input, const struct text_list *list)
{
    struct table table = {.style = style,
                          .settings = settings,
                          .input = input,
                          .list = list,
                          .has_traces = list->told != NULL};
    struct part_limit limit;
    const struct finding *finding;
    size_t index = 0;
    uint64_t number = list->first_number - 1;
    if (!measure(&table)) {
        return;
    }
    part_limit_init(&limit, settings);
    put_titles(&table);
    while ((finding = next_row(&table, &limit, &index, &number)) != NULL) {
        put_row(&table, finding, number);
        if (finding->suppressed != NULL) {
            put_reason(&table, finding);
        }
    }
}
