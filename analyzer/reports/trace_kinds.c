/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/reports/trace_kinds.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/reports/parts.h"
#include "base/least.h"

/* A finding, as far as it makes a kind. */
struct kind_item {
    const char *fingerprint; /* borrowed */
    enum rule_level level;
    bool known;
};

/* An input whose kind others may be of. */
struct kind_row {
    const struct kind_item *items; /* sorted */
    size_t count;
    size_t input; /* index in the report */
    size_t place; /* in the order of part_next_input() */
    enum verdict verdict;
};

struct kind_rows {
    struct kind_row *rows;   /* owned */
    struct kind_item *items; /* owned; of all rows */
    size_t count;
};

static int compare_items(const void *a, const void *b)
{
    const struct kind_item *left = a, *right = b;
    int order = strcmp(left->fingerprint, right->fingerprint);
    if (order == 0) {
        order = (int)left->level - (int)right->level;
    }
    return order != 0 ? order : (int)left->known - (int)right->known;
}

static int compare_kinds(const struct kind_row *a, const struct kind_row *b)
{
    int order = order_u64(a->verdict, b->verdict);
    order = order != 0 ? order : order_u64(a->count, b->count);
    for (size_t i = 0; order == 0 && i < a->count; i++) {
        order = compare_items(&a->items[i], &b->items[i]);
    }
    return order;
}

static int compare_rows(const void *a, const void *b)
{
    const struct kind_row *left = a, *right = b;
    int order = compare_kinds(left, right);
    return order != 0 ? order : order_u64(left->place, right->place);
}

/* True if findings say all about an input: nothing failed or would make it inconclusive. */
static bool has_kind(const struct report_input *input)
{
    bool judged = input->verdict == VERDICT_FINDINGS || input->verdict == VERDICT_CLEAN;
    return judged && input->causes == 0 && input->accepted_causes == 0 &&
           part_finding_count(input) != 0;
}

static bool allocate_rows(struct kind_rows *rows, const struct report *report)
{
    size_t findings = 0;
    for (size_t i = 0; i < report->input_count; i++) {
        findings += part_finding_count(&report->inputs[i]);
    }
    rows->rows = calloc(report->input_count + 1, sizeof *rows->rows);
    rows->items = calloc(findings + 1, sizeof *rows->items);
    return rows->rows != NULL && rows->items != NULL;
}

/* Fills the items of an input and sorts them. */
static void fill_items(struct kind_item *items, const struct report_input *input, bool coarse)
{
    size_t count = part_finding_count(input);
    for (size_t i = 0; i < count; i++) {
        const struct finding *finding = findings_at(input->findings, i);
        const struct fingerprint *fingerprint = &finding->fingerprint;
        items[i] = (struct kind_item){coarse ? fingerprint->coarse : fingerprint->text,
                                      finding->level, finding_is_known(finding)};
    }
    qsort(items, count, sizeof *items, compare_items);
}

static void fill_rows(struct kind_rows *rows, const struct report *report, bool coarse)
{
    struct part_order order = {0};
    const struct report_input *input;
    struct kind_item *items = rows->items;
    for (size_t place = 0; (input = part_next_input(report, &order)) != NULL; place++) {
        if (!has_kind(input)) {
            continue;
        }
        size_t count = part_finding_count(input);
        fill_items(items, input, coarse);
        rows->rows[rows->count++] = (struct kind_row){
            items, count, (size_t)(input - report->inputs), place, input->verdict};
        items += count;
    }
}

/* Links neighbours of one kind. */
static void link_rows(struct trace_kinds *kinds, const struct kind_rows *rows)
{
    for (size_t i = 1; i < rows->count; i++) {
        const struct kind_row *before = &rows->rows[i - 1], *row = &rows->rows[i];
        if (compare_kinds(before, row) == 0) {
            kinds->next[before->input] = row->input;
            kinds->is_later[row->input] = true;
        }
    }
}

bool trace_kinds_find(struct trace_kinds *kinds, const struct report *report, bool coarse)
{
    struct kind_rows rows = {0};
    kinds->next = calloc(report->input_count + 1, sizeof *kinds->next);
    kinds->is_later = calloc(report->input_count + 1, sizeof *kinds->is_later);
    bool found = kinds->next != NULL && kinds->is_later != NULL && allocate_rows(&rows, report);
    if (found) {
        for (size_t i = 0; i < report->input_count; i++) {
            kinds->next[i] = TRACE_KINDS_END;
        }
        fill_rows(&rows, report, coarse);
        qsort(rows.rows, rows.count, sizeof *rows.rows, compare_rows);
        link_rows(kinds, &rows);
    }
    free(rows.rows);
    free(rows.items);
    return found;
}

void trace_kinds_finish(struct trace_kinds *kinds)
{
    free(kinds->next);
    free(kinds->is_later);
    *kinds = (struct trace_kinds){0};
}

size_t trace_kinds_after(const struct trace_kinds *kinds, size_t input)
{
    size_t count = 0;
    for (size_t at = kinds->next[input]; at != TRACE_KINDS_END; at = kinds->next[at]) {
        count++;
    }
    return count;
}
