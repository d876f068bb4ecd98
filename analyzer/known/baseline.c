/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/known/baseline.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/known/old_report.h"
#include "base/hash_table.h"
#include "base/least.h"
#include "rules/rule.h"

/* A known fingerprint. */
struct known_entry {
    const struct old_finding *finding;
    bool seen; /* occurred, exactly or as one of its kind */
    UT_hash_handle hh;
};

/* A kind of which known fingerprints did not occur exactly. */
struct kind_entry {
    const char *coarse;
    size_t missing; /* known ones that are left to be matched */
    struct baseline_kind kind;
    UT_hash_handle hh;
};

/* A fingerprint of the run. */
struct found_entry {
    const struct fingerprint *fingerprint;
    int64_t first_time;
    enum finding_baseline state;
    const struct baseline_kind *kind;
    UT_hash_handle hh;
};

struct baseline {
    const char *path; /* borrowed */
    struct old_report report;
    struct known_entry *entries; /* an array; `known` is the table of those that are in use */
    struct known_entry *known;
    struct kind_entry *kinds;
    const char **absent; /* owned array of borrowed texts */
    size_t absent_count;
};

#define KEY_LEN (FINGERPRINT_TEXT_LEN - 1)

static bool index_report(struct baseline *baseline)
{
    size_t count = baseline->report.count;
    baseline->entries = calloc(count != 0 ? count : 1, sizeof *baseline->entries);
    for (size_t i = 0; i < count && baseline->entries != NULL; i++) {
        struct known_entry *entry = &baseline->entries[i], *same;
        entry->finding = &baseline->report.findings[i];
        HASH_FIND(hh, baseline->known, entry->finding->fingerprint, KEY_LEN, same);
        if (same != NULL) {
            continue; /* of another input or process */
        }
        HASH_ADD_KEYPTR(hh, baseline->known, entry->finding->fingerprint, KEY_LEN, entry);
        if (entry->hh.tbl == NULL) {
            return false;
        }
    }
    return baseline->entries != NULL;
}

bool baseline_open(struct baseline **baseline, const char *path, struct error_chain *errors)
{
    *baseline = calloc(1, sizeof **baseline);
    if (*baseline == NULL) {
        error_chain_add(errors, ERROR_NO_OFFSET, "%s: out of memory", path);
        return false;
    }
    (*baseline)->path = path;
    bool good = old_report_open(&(*baseline)->report, path, errors);
    if (good && !index_report(*baseline)) {
        error_chain_add(errors, ERROR_NO_OFFSET, "%s: out of memory", path);
        good = false;
    }
    if (!good) {
        baseline_destroy(*baseline);
        *baseline = NULL;
    }
    return good;
}

void baseline_destroy(struct baseline *baseline)
{
    if (baseline == NULL) {
        return;
    }
    HASH_CLEAR(hh, baseline->known);
    struct kind_entry *entry = baseline->kinds;
    HASH_CLEAR(hh, baseline->kinds); /* frees the table; the entries stay linked */
    while (entry != NULL) {
        struct kind_entry *next = entry->hh.next;
        free(entry->kind.fingerprints);
        free(entry);
        entry = next;
    }
    free(baseline->entries);
    free(baseline->absent);
    old_report_finish(&baseline->report);
    free(baseline);
}

bool baseline_knows(const struct baseline *baseline, const char *fingerprint)
{
    struct known_entry *entry;
    HASH_FIND(hh, baseline->known, fingerprint, KEY_LEN, entry);
    return entry != NULL;
}

/* ---- matching ---- */

static struct kind_entry *find_kind(struct baseline *baseline, const char *coarse)
{
    struct kind_entry *entry;
    HASH_FIND(hh, baseline->kinds, coarse, KEY_LEN, entry);
    return entry;
}

/* Counts known fingerprints that did not occur, by kind. */
static bool count_missing(struct baseline *baseline)
{
    for (struct known_entry *known = baseline->known; known != NULL; known = known->hh.next) {
        if (known->seen || known->finding->coarse[0] == '\0') {
            continue;
        }
        struct kind_entry *entry = find_kind(baseline, known->finding->coarse);
        if (entry == NULL) {
            entry = calloc(1, sizeof *entry);
            if (entry == NULL) {
                return false;
            }
            entry->coarse = known->finding->coarse;
            HASH_ADD_KEYPTR(hh, baseline->kinds, entry->coarse, KEY_LEN, entry);
            if (entry->hh.tbl == NULL) {
                free(entry);
                return false;
            }
        }
        entry->missing++;
    }
    return true;
}

/* The different fingerprints of the run, with the earliest time of each. */
static bool index_items(const struct baseline_item *items, size_t count,
                        struct found_entry *entries, struct found_entry **table)
{
    for (size_t i = 0; i < count; i++) {
        struct found_entry *entry;
        HASH_FIND(hh, *table, items[i].fingerprint->text, KEY_LEN, entry);
        if (entry != NULL) {
            if (items[i].first_time < entry->first_time) {
                entry->first_time = items[i].first_time;
            }
            continue;
        }
        entry = &entries[i];
        entry->fingerprint = items[i].fingerprint;
        entry->first_time = items[i].first_time;
        HASH_ADD_KEYPTR(hh, *table, entry->fingerprint->text, KEY_LEN, entry);
        if (entry->hh.tbl == NULL) {
            return false;
        }
    }
    return true;
}

/* Settles what is known exactly. Returns the others' number, and puts them into `rest`. */
static size_t match_exactly(struct baseline *baseline, struct found_entry *table,
                            struct found_entry **rest)
{
    size_t count = 0;
    for (struct found_entry *found = table; found != NULL; found = found->hh.next) {
        struct known_entry *known;
        HASH_FIND(hh, baseline->known, found->fingerprint->text, KEY_LEN, known);
        if (known != NULL) {
            known->seen = true;
            found->state = FINDING_UNCHANGED;
        } else {
            found->state = FINDING_NEW;
            rest[count++] = found;
        }
    }
    return count;
}

static int by_kind_and_time(const void *left, const void *right)
{
    const struct found_entry *a = *(struct found_entry *const *)left;
    const struct found_entry *b = *(struct found_entry *const *)right;
    int order = strcmp(a->fingerprint->coarse, b->fingerprint->coarse);
    order = order != 0 ? order : order_i64(a->first_time, b->first_time);
    return order != 0 ? order : strcmp(a->fingerprint->text, b->fingerprint->text);
}

/* Names the candidates of a kind with a surplus. */
static bool name_candidates(struct kind_entry *entry, struct found_entry *const *same, size_t count)
{
    struct baseline_kind *kind = &entry->kind;
    kind->fingerprints = calloc(count, sizeof *kind->fingerprints);
    if (kind->fingerprints == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        kind->fingerprints[i] = same[i]->fingerprint->text;
    }
    kind->count = count;
    kind->known = entry->missing;
    for (size_t i = entry->missing; i < count; i++) {
        same[i]->kind = kind;
    }
    return true;
}

/* The fingerprints same[0..count) are of one kind, the earliest first. */
static bool match_kind(struct baseline *baseline, struct found_entry **same, size_t count)
{
    struct kind_entry *entry = find_kind(baseline, same[0]->fingerprint->coarse);
    if (entry == NULL) {
        return true;
    }
    for (size_t i = 0; i < count && i < entry->missing; i++) {
        same[i]->state = FINDING_UNCHANGED;
    }
    bool good = count <= entry->missing || name_candidates(entry, same, count);
    entry->missing -= count < entry->missing ? count : entry->missing;
    return good;
}

static bool match_coarsely(struct baseline *baseline, struct found_entry **rest, size_t count)
{
    size_t end;
    qsort(rest, count, sizeof *rest, by_kind_and_time);
    for (size_t begin = 0; begin < count; begin = end) {
        const char *coarse = rest[begin]->fingerprint->coarse;
        for (end = begin + 1; end < count && strcmp(rest[end]->fingerprint->coarse, coarse) == 0;) {
            end++;
        }
        if (!match_kind(baseline, rest + begin, end - begin)) {
            return false;
        }
    }
    return true;
}

/* True where the rule was not looked for, so that nothing is known of its absence. */
static bool is_switched_off(const struct old_finding *finding, const bool *rule_enabled)
{
    const struct rule *rule = rules_find(finding->rule);
    return rule != NULL && !rule_enabled[rules_index(rule)];
}

/* The last ones of a kind are absent: nobody can tell which ones really are. */
static bool list_absent(struct baseline *baseline, const bool *rule_enabled)
{
    size_t room = HASH_COUNT(baseline->known);
    baseline->absent = calloc(room != 0 ? room : 1, sizeof *baseline->absent);
    if (baseline->absent == NULL) {
        return false;
    }
    size_t at = room; /* filled from the end */
    for (size_t i = baseline->report.count; i-- > 0;) {
        struct known_entry *known = &baseline->entries[i];
        if (known->hh.tbl == NULL || known->seen || is_switched_off(known->finding, rule_enabled)) {
            continue;
        }
        if (known->finding->coarse[0] != '\0') {
            struct kind_entry *entry = find_kind(baseline, known->finding->coarse);
            if (entry != NULL && entry->missing == 0) {
                continue;
            }
            if (entry != NULL) {
                entry->missing--;
            }
        }
        baseline->absent[--at] = known->finding->fingerprint;
    }
    baseline->absent_count = room - at;
    memmove(baseline->absent, baseline->absent + at,
            baseline->absent_count * sizeof *baseline->absent);
    return true;
}

static void give_results(struct found_entry *table, struct baseline_item *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct found_entry *entry;
        HASH_FIND(hh, table, items[i].fingerprint->text, KEY_LEN, entry);
        if (entry != NULL) {
            items[i].state = entry->state;
            items[i].kind = entry->kind;
        }
    }
}

bool baseline_match(struct baseline *baseline, struct baseline_item *items, size_t count,
                    const bool *rule_enabled)
{
    struct found_entry *table = NULL;
    struct found_entry *entries = calloc(count != 0 ? count : 1, sizeof *entries);
    struct found_entry **rest = calloc(count != 0 ? count : 1, sizeof *rest);
    bool good = entries != NULL && rest != NULL && index_items(items, count, entries, &table);
    if (good) {
        size_t left = match_exactly(baseline, table, rest);
        good = count_missing(baseline) && match_coarsely(baseline, rest, left) &&
               list_absent(baseline, rule_enabled);
        give_results(table, items, count);
    }
    HASH_CLEAR(hh, table);
    free(entries);
    free(rest);
    return good;
}

/* ---- for reports ---- */

const char *baseline_path(const struct baseline *baseline)
{
    return baseline->path;
}

uint64_t baseline_omitted(const struct baseline *baseline)
{
    return baseline->report.omitted;
}

size_t baseline_absent_count(const struct baseline *baseline)
{
    return baseline->absent_count;
}

const char *baseline_absent(const struct baseline *baseline, size_t index)
{
    return baseline->absent[index];
}
