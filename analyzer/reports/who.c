/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/reports/who.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/least.h"

#define UNKNOWN_SITE "(unknown)"

static void site_text(const struct report_input *input, const struct operation *op, bool by_module,
                      char text[PART_FRAME_LEN])
{
    struct frame frame;
    if (!part_call_site(input, op, &frame)) {
        snprintf(text, PART_FRAME_LEN, UNKNOWN_SITE);
    } else if (by_module) {
        snprintf(text, PART_FRAME_LEN, "%.300s", frame.place.name);
    } else {
        part_frame_text(&frame, text);
    }
}

static void fill_pair(struct who_pair *pair, const struct report_input *input,
                      const struct finding *finding, size_t index, bool by_module)
{
    const struct conflict *shown = part_shown(finding);
    *pair = (struct who_pair){
        .findings = 1, .posts = finding->posts, .harmful = finding->harmful, .index = index};
    site_text(input, shown->first, by_module, pair->first);
    site_text(input, shown->second, by_module, pair->second);
}

static int by_sites(const void *left, const void *right)
{
    const struct who_pair *a = left, *b = right;
    int order = strcmp(a->first, b->first);
    order = order != 0 ? order : strcmp(a->second, b->second);
    return order != 0 ? order : order_u64(a->index, b->index);
}

/* The worst first: most damage, then most posts. */
static int by_damage(const void *left, const void *right)
{
    const struct who_pair *a = left, *b = right;
    int order = order_u64(b->harmful, a->harmful);
    order = order != 0 ? order : order_u64(b->posts, a->posts);
    return order != 0 ? order : order_u64(a->index, b->index);
}

/* Adds up neighbours that are alike. */
static void join_pairs(struct who *who)
{
    size_t kept = 0;
    for (size_t i = 0; i < who->count; i++) {
        struct who_pair *last = kept != 0 ? &who->pairs[kept - 1] : NULL;
        const struct who_pair *pair = &who->pairs[i];
        if (last != NULL && strcmp(last->first, pair->first) == 0 &&
            strcmp(last->second, pair->second) == 0) {
            last->findings++;
            last->posts += pair->posts;
            last->harmful += pair->harmful;
        } else {
            who->pairs[kept++] = *pair;
        }
    }
    who->count = kept;
}

/* Brings the pairs of single findings into their final form. */
static void sum_pairs(struct who *who)
{
    qsort(who->pairs, who->count, sizeof *who->pairs, by_sites);
    join_pairs(who);
    qsort(who->pairs, who->count, sizeof *who->pairs, by_damage);
}

bool who_init(struct who *who, const struct report_input *input, bool by_module)
{
    size_t room = part_finding_count(input);
    *who = (struct who){.pairs = calloc(room + 1, sizeof *who->pairs)};
    if (who->pairs == NULL) {
        return false;
    }
    for (; who->count < room; who->count++) {
        fill_pair(&who->pairs[who->count], input, findings_at(input->findings, who->count),
                  who->count, by_module);
    }
    sum_pairs(who);
    return true;
}

bool who_init_report(struct who *who, const struct report *report, bool by_module)
{
    struct part_cursor cursor;
    const struct finding *finding;
    size_t room = 0;
    for (size_t i = 0; i < report->input_count; i++) {
        room += part_finding_count(&report->inputs[i]);
    }
    *who = (struct who){.pairs = calloc(room + 1, sizeof *who->pairs)};
    if (who->pairs == NULL) {
        return false;
    }
    part_cursor_init_all(&cursor, report);
    while ((finding = part_next(&cursor)) != NULL) {
        fill_pair(&who->pairs[who->count], cursor.input, finding, who->count, by_module);
        who->count++;
    }
    sum_pairs(who);
    return true;
}

bool who_is_known(const struct who *who)
{
    for (size_t i = 0; i < who->count; i++) {
        if (strcmp(who->pairs[i].first, UNKNOWN_SITE) != 0 ||
            strcmp(who->pairs[i].second, UNKNOWN_SITE) != 0) {
            return true;
        }
    }
    return false;
}

void who_finish(struct who *who)
{
    free(who->pairs);
    *who = (struct who){0};
}
