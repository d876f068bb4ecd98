/* SPDX-License-Identifier: Apache-2.0 */

/* `gitlab`: a Code Quality report, one JSON array. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_writer.h"
#include "analyzer/reports/formats.h"
#include "analyzer/reports/known_words.h"
#include "analyzer/reports/parts.h"
#include "analyzer/reports/words.h"
#include "base/least.h"

struct gitlab {
    struct out *out;
    const struct report_settings *settings;
    struct json_writer json;
};

/* A finding and which one of its fingerprint it is, from 0: GitLab merges equal fingerprints, and
 * two processes of one program have the same. */
struct entry {
    const struct finding *finding;
    const struct report_input *input;
    size_t position, repeat;
};

static void *gitlab_create(struct out *out, const struct report_settings *settings)
{
    struct gitlab *gitlab = malloc(sizeof *gitlab);
    if (gitlab != NULL) {
        *gitlab = (struct gitlab){.out = out, .settings = settings};
    }
    return gitlab;
}

static int by_fingerprint(const void *left, const void *right)
{
    const struct entry *a = left;
    const struct entry *b = right;
    int order = strcmp(a->finding->fingerprint.text, b->finding->fingerprint.text);
    if (order != 0) {
        return order;
    }
    return order_u64(a->position, b->position);
}

static int by_position(const void *left, const void *right)
{
    const struct entry *a = left;
    const struct entry *b = right;
    return order_u64(a->position, b->position);
}

static void number_repeats(struct entry *entries, size_t count)
{
    if (count == 0) {
        return;
    }
    qsort(entries, count, sizeof *entries, by_fingerprint);
    for (size_t i = 1; i < count; i++) {
        if (strcmp(entries[i].finding->fingerprint.text,
                   entries[i - 1].finding->fingerprint.text) == 0) {
            entries[i].repeat = entries[i - 1].repeat + 1;
        }
    }
    qsort(entries, count, sizeof *entries, by_position);
}

/* The line that posted where it is known, else the anchor. `finding` is NULL for a trace as a
 * whole. */
static uint64_t place_of(const struct gitlab *gitlab, const struct report_input *input,
                         const struct finding *finding, struct out *path)
{
    struct part_source source;
    if (finding != NULL &&
        part_post_source(gitlab->settings, input, part_shown(finding)->second, &source)) {
        out_str(path, source.file.name);
        return source.line;
    }
    return words_anchor_path(path, gitlab->settings, input);
}

/* An issue of a finding, or of a trace as a whole. */
struct issue {
    const struct report_input *input;
    const struct finding *finding; /* NULL: the trace */
    const char *check_name, *fingerprint, *severity;
};

/* `words` is ended by it. */
static void put_issue(struct gitlab *gitlab, const struct issue *issue, struct out *words)
{
    struct json_writer *json = &gitlab->json;
    struct out path;
    char *description = words_take(words, gitlab->out);
    words_begin(&path);
    uint64_t line = place_of(gitlab, issue->input, issue->finding, &path);
    char *file = words_take(&path, gitlab->out);
    json_object_begin(json);
    json_field_str(json, "description", description != NULL ? description : "");
    json_field_str(json, "check_name", issue->check_name);
    json_field_str(json, "fingerprint", issue->fingerprint);
    json_field_str(json, "severity", issue->severity);
    json_field_object(json, "location");
    json_field_str(json, "path", file != NULL ? file : "");
    json_field_object(json, "lines");
    json_field_u64(json, "begin", line);
    json_object_end(json);
    json_object_end(json);
    json_object_end(json);
    free(file);
    free(description);
}

static void finding_issue(struct gitlab *gitlab, const struct entry *entry)
{
    static const char *const severities[] = {
        [RULE_NOTE] = "info", [RULE_WARNING] = "major", [RULE_ERROR] = "critical"};
    char fingerprint[FINGERPRINT_TEXT_LEN + 24];
    struct out words;
    if (entry->repeat == 0) {
        snprintf(fingerprint, sizeof fingerprint, "%s", entry->finding->fingerprint.text);
    } else {
        snprintf(fingerprint, sizeof fingerprint, "%s-%zu", entry->finding->fingerprint.text,
                 entry->repeat + 1);
    }
    words_begin(&words);
    words_headline(&words, entry->finding);
    out_str(&words, ": ");
    words_sentence(&words, entry->input, entry->finding);
    if (finding_is_known(entry->finding)) {
        out_str(&words, " Known; ");
        known_words_finding(&words, entry->finding);
        out_char(&words, '.');
    }
    const struct issue issue = {
        entry->input, entry->finding, entry->finding->rule->name, fingerprint,
        severities[finding_is_known(entry->finding) ? RULE_NOTE : entry->finding->level]};
    put_issue(gitlab, &issue, &words);
}

static uint64_t hash_text(uint64_t hash, const char *text)
{
    size_t len = strlen(text) + 1; /* the NUL keeps neighbours apart */
    for (size_t i = 0; i < len; i++) {
        hash = (hash ^ (unsigned char)text[i]) * UINT64_C(0x100000001B3); /* FNV-1a */
    }
    return hash;
}

/* A hash of the path and of the causes alone: the fingerprint of a trouble is the same in every
 * run, whatever other traces there are. */
static uint64_t trouble_hash(const struct report_input *input)
{
    uint64_t hash = hash_text(UINT64_C(0xCBF29CE484222325), input->path);
    for (uint32_t left = input->causes; left != 0;) {
        enum cause cause = cause_take(&left);
        hash = hash_text(hash, cause_name(cause));
    }
    return hash;
}

/* Without an entry an inconclusive run would look like a clean one. */
static void trouble_issue(struct gitlab *gitlab, const struct report_input *input)
{
    bool failed = input->verdict == VERDICT_ERROR;
    char fingerprint[48];
    struct out words;
    if (!failed && input->verdict != VERDICT_INCONCLUSIVE) {
        return;
    }
    snprintf(fingerprint, sizeof fingerprint, "%s-%016" PRIx64, verdict_name(input->verdict),
             trouble_hash(input));
    words_begin(&words);
    words_trouble(&words, gitlab->settings, input);
    const struct issue issue = {input, NULL, verdict_name(input->verdict), fingerprint,
                                failed ? "blocker" : "major"};
    put_issue(gitlab, &issue, &words);
}

/* NULL without memory, and then *count is the number of findings. */
static struct entry *collect(const struct report *report, size_t *count)
{
    struct part_cursor cursor;
    const struct finding *finding;
    size_t used = 0;
    *count = 0;
    for (part_cursor_init(&cursor, report); part_next(&cursor) != NULL;) {
        ++*count;
    }
    struct entry *entries = calloc(*count != 0 ? *count : 1, sizeof *entries);
    if (entries == NULL) {
        return NULL;
    }
    part_cursor_init(&cursor, report);
    while ((finding = part_next(&cursor)) != NULL) {
        entries[used] = (struct entry){finding, cursor.input, used, 0};
        used++;
    }
    number_repeats(entries, *count);
    return entries;
}

static void gitlab_finish(void *user, const struct report *report)
{
    struct gitlab *gitlab = user;
    size_t count = 0;
    struct entry *entries = collect(report, &count);
    if (entries == NULL) {
        out_fail(gitlab->out, OUT_NO_MEMORY, 0);
        return;
    }
    json_init(&gitlab->json, gitlab->out, JSON_PRETTY);
    json_array_begin(&gitlab->json);
    for (size_t i = 0; i < report->input_count; i++) {
        trouble_issue(gitlab, &report->inputs[i]);
    }
    for (size_t i = 0; i < count; i++) {
        finding_issue(gitlab, &entries[i]);
    }
    json_array_end(&gitlab->json);
    json_line_end(&gitlab->json);
    free(entries);
}

const struct report_format report_gitlab = {
    .name = "gitlab",
    .help = "for GitLab: Code Quality",
    .create = gitlab_create,
    .finish = gitlab_finish,
    .destroy = free,
};
