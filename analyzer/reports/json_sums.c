/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/reports/json_sums.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "analyzer/reports/json_parts.h"
#include "analyzer/reports/parts.h"
#include "base/hash_table.h"
#include "base/least.h"

/* Findings of one pair of call sites. */
struct sum {
    size_t count; /* findings */
    size_t first_input;
    const struct finding *first;
    const struct report_input *input; /* the first's */
    uint64_t posts, harmful;
    UT_hash_handle hh;
    char key[]; /* both call sites as text, with its NUL */
};

static void free_sums(struct sum *sums)
{
    struct sum *sum = sums;
    HASH_CLEAR(hh, sums); /* frees the table; the sums stay linked */
    while (sum != NULL) {
        struct sum *next = sum->hh.next;
        free(sum);
        sum = next;
    }
}

static struct sum *add_sum(struct sum **sums, const char *key, size_t key_len)
{
    struct sum *sum = calloc(1, sizeof *sum + key_len + 1);
    if (sum == NULL) {
        return NULL;
    }
    memcpy(sum->key, key, key_len);
    HASH_ADD(hh, *sums, key, key_len, sum);
    if (sum->hh.tbl != NULL) {
        return sum;
    }
    free(sum);
    return NULL;
}

static bool add_finding(struct sum **sums, const char *key, const struct part_cursor *cursor,
                        const struct finding *finding)
{
    size_t len = strlen(key);
    struct sum *sum;
    HASH_FIND(hh, *sums, key, len, sum);
    bool is_new = sum == NULL;
    if (is_new) {
        sum = add_sum(sums, key, len);
    }
    if (sum == NULL) {
        return false;
    }
    if (is_new) {
        sum->first = finding;
        sum->input = cursor->input;
        sum->first_input = cursor->input_index;
    }
    sum->count++;
    sum->posts += finding->posts;
    sum->harmful += finding->harmful;
    return true;
}

static void call_sites_key(const struct part_cursor *cursor, const struct finding *finding,
                           char key[2 * PART_FRAME_LEN + 8])
{
    const struct conflict *shown = part_shown(finding);
    char first[PART_FRAME_LEN], second[PART_FRAME_LEN];
    part_call_site_text(cursor->input, shown->first, first);
    part_call_site_text(cursor->input, shown->second, second);
    snprintf(key, 2 * PART_FRAME_LEN + 8, "%s\n%s", first, second);
}

/* The worst first: most damage, then most posts. The sort leaves equal ones in the order of their
 * first findings. */
static int by_damage(const struct sum *a, const struct sum *b)
{
    int order = order_u64(b->harmful, a->harmful);
    return order != 0 ? order : order_u64(b->posts, a->posts);
}

/* Sums up all findings, also those that --max-findings leaves out. NULL where there is no finding,
 * or no memory: then the output has failed. */
static struct sum *sum_up(struct json_writer *json, const struct report *report)
{
    struct part_cursor cursor;
    struct sum *sums = NULL;
    const struct finding *finding;
    part_cursor_init_all(&cursor, report);
    while ((finding = part_next(&cursor)) != NULL) {
        char key[2 * PART_FRAME_LEN + 8];
        call_sites_key(&cursor, finding, key);
        if (!add_finding(&sums, key, &cursor, finding)) {
            out_fail(json->out, OUT_NO_MEMORY, ENOMEM);
            free_sums(sums);
            return NULL;
        }
    }
    HASH_SRT(hh, sums, by_damage);
    return sums;
}

/* The printed findings of every cause, as indices: those of cause i are
 * findings[begins[i]] to before findings[begins[i + 1]]. */
struct cause_findings {
    size_t *begins;
    size_t *findings;
};

static bool collect_findings(struct cause_findings *collected, const struct report *report)
{
    struct part_cursor cursor;
    const struct finding *finding;
    size_t causes = across_count(report->across), printed = 0;
    collected->begins = calloc(causes + 2, sizeof *collected->begins);
    for (part_cursor_init(&cursor, report); (finding = part_next(&cursor)) != NULL; printed++) {
        if (collected->begins != NULL) {
            collected->begins[finding->across->index + 2]++;
        }
    }
    collected->findings = calloc(printed + 1, sizeof *collected->findings);
    if (collected->begins == NULL || collected->findings == NULL) {
        return false;
    }
    for (size_t i = 2; i < causes + 2; i++) {
        collected->begins[i] += collected->begins[i - 1];
    }
    part_cursor_init(&cursor, report);
    for (size_t i = 0; (finding = part_next(&cursor)) != NULL; i++) {
        collected->findings[collected->begins[finding->across->index + 1]++] = i;
    }
    return true;
}

static void cause_members(struct json_writer *json, const struct across_cause *cause,
                          const struct cause_findings *collected)
{
    json_field_str(json, "fingerprint", cause->first->fingerprint.text);
    json_field_str(json, "rule", cause->first->rule->name);
    json_field_str(json, "level", rule_level_name(cause->level));
    json_field_u64(json, "inputs", cause->inputs);
    json_field_u64(json, "first_input", cause->first_input);
    json_field_u64(json, "last_input", cause->last_input);
    json_field_array(json, "findings");
    for (size_t i = collected->begins[cause->index]; i < collected->begins[cause->index + 1]; i++) {
        json_u64(json, collected->findings[i]);
    }
    json_array_end(json);
}

void json_across(struct json_writer *json, const struct report *report)
{
    struct cause_findings collected = {0};
    json_field_array(json, "across");
    if (report->across == NULL) {
        json_array_end(json); /* one input */
        return;
    }
    if (!collect_findings(&collected, report)) {
        out_fail(json->out, OUT_NO_MEMORY, ENOMEM);
    } else {
        for (size_t i = 0; i < across_count(report->across); i++) {
            json_object_begin(json);
            cause_members(json, across_at(report->across, i), &collected);
            json_object_end(json);
        }
    }
    json_array_end(json);
    free(collected.begins);
    free(collected.findings);
}

static void who_members(struct json_writer *json, const struct sum *sum,
                        struct json_modules *modules)
{
    const struct conflict *shown = part_shown(sum->first);
    const struct operation *ops[] = {shown->first, shown->second};
    const struct json_source source = {sum->input, sum->first_input, modules};
    struct frame frames[2];
    bool known[2];
    json_field_array(json, "modules");
    for (size_t i = 0; i < 2; i++) {
        known[i] = part_call_site(sum->input, ops[i], &frames[i]);
        json_str(json, known[i] ? frames[i].place.name : NULL);
    }
    json_array_end(json);
    json_field_array(json, "call_sites");
    for (size_t i = 0; i < 2; i++) {
        if (known[i]) {
            json_frame(json, &source, &frames[i]);
        } else {
            json_null(json);
        }
    }
    json_array_end(json);
    json_field_u64(json, "findings", sum->count);
    json_field_u64(json, "posts", sum->posts);
    json_field_u64(json, "harmful", sum->harmful);
}

void json_who(struct json_writer *json, const struct report *report, struct json_modules *modules)
{
    json_field_array(json, "who");
    struct sum *sums = sum_up(json, report);
    for (const struct sum *sum = sums; sum != NULL; sum = sum->hh.next) {
        json_object_begin(json);
        who_members(json, sum, modules);
        json_object_end(json);
    }
    json_array_end(json);
    free_sums(sums);
}
