/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/reports/json_sums.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "analyzer/reports/json_parts.h"
#include "analyzer/reports/parts.h"
#include "base/hash_table.h"

/* Findings with something in common, in order of their first one. */
struct sum {
    size_t *findings; /* indices */
    size_t count, room;
    size_t inputs, first_input, last_input;
    const struct finding *first;
    const struct report_input *input; /* the first's */
    uint64_t posts, harmful;
    UT_hash_handle hh;
    char key[]; /* text that the findings have in common, with its NUL */
};

static void free_sums(struct sum *sums)
{
    struct sum *sum = sums;
    HASH_CLEAR(hh, sums); /* frees the table; the sums stay linked */
    while (sum != NULL) {
        struct sum *next = sum->hh.next;
        free(sum->findings);
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

static bool add_index(struct sum *sum, size_t index)
{
    if (sum->count == sum->room) {
        size_t room = sum->room == 0 ? 4 : sum->room * 2;
        size_t *findings = realloc(sum->findings, room * sizeof *findings);
        if (findings == NULL) {
            return false;
        }
        sum->findings = findings;
        sum->room = room;
    }
    sum->findings[sum->count++] = index;
    return true;
}

static bool add_finding(struct sum **sums, const char *key, const struct part_cursor *cursor,
                        const struct finding *finding, size_t index)
{
    size_t len = strlen(key);
    struct sum *sum;
    HASH_FIND(hh, *sums, key, len, sum);
    bool is_new = sum == NULL;
    if (is_new) {
        sum = add_sum(sums, key, len);
    }
    if (sum == NULL || !add_index(sum, index)) {
        return false;
    }
    if (is_new) {
        sum->first = finding;
        sum->input = cursor->input;
        sum->first_input = cursor->input_index;
    }
    sum->inputs += is_new || sum->last_input != cursor->input_index;
    sum->last_input = cursor->input_index;
    sum->posts += finding->posts;
    sum->harmful += finding->harmful;
    return true;
}

typedef void sum_key_fn(const struct part_cursor *cursor, const struct finding *finding,
                        char key[2 * PART_FRAME_LEN + 8]);

/* NULL where there is no finding, or no memory: then the output has failed. */
static struct sum *sum_up(struct json_writer *json, const struct report *report, sum_key_fn *key_of)
{
    struct part_cursor cursor;
    struct sum *sums = NULL;
    const struct finding *finding;
    part_cursor_init(&cursor, report);
    for (size_t i = 0; (finding = part_next(&cursor)) != NULL; i++) {
        char key[2 * PART_FRAME_LEN + 8];
        key_of(&cursor, finding, key);
        if (!add_finding(&sums, key, &cursor, finding, i)) {
            out_fail(json->out, OUT_NO_MEMORY, ENOMEM);
            free_sums(sums);
            return NULL;
        }
    }
    return sums;
}

static void fingerprint_key(const struct part_cursor *cursor, const struct finding *finding,
                            char key[2 * PART_FRAME_LEN + 8])
{
    (void)cursor;
    snprintf(key, 2 * PART_FRAME_LEN + 8, "%s", finding->fingerprint.text);
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

void json_across(struct json_writer *json, const struct report *report)
{
    json_field_array(json, "across");
    struct sum *sums = report->input_count > 1 ? sum_up(json, report, fingerprint_key) : NULL;
    for (const struct sum *sum = sums; sum != NULL; sum = sum->hh.next) {
        json_object_begin(json);
        json_field_str(json, "fingerprint", sum->first->fingerprint.text);
        json_field_u64(json, "inputs", sum->inputs);
        json_field_u64(json, "first_input", sum->first_input);
        json_field_u64(json, "last_input", sum->last_input);
        json_field_array(json, "findings");
        for (size_t i = 0; i < sum->count; i++) {
            json_u64(json, sum->findings[i]);
        }
        json_array_end(json);
        json_object_end(json);
    }
    json_array_end(json);
    free_sums(sums);
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
    struct sum *sums = sum_up(json, report, call_sites_key);
    for (const struct sum *sum = sums; sum != NULL; sum = sum->hh.next) {
        json_object_begin(json);
        who_members(json, sum, modules);
        json_object_end(json);
    }
    json_array_end(json);
    free_sums(sums);
}
