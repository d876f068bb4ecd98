/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/known/suppressions.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/setting_reader.h"
#include "rules/rule.h"

#define ENTRIES_MAX 100000
#define EPOCH_MAX UINT64_C(253402300799) /* the end of the year 9999 */
#define SECONDS_PER_DAY 86400

static const char *const key_names[SUPPRESS_KEY_COUNT] = {
    [SUPPRESS_RULE] = "rule",
    [SUPPRESS_PROCESS] = "process",
    [SUPPRESS_MODULE] = "module",
    [SUPPRESS_FUNCTION] = "function",
    [SUPPRESS_CALL_SITE] = "call-site",
    [SUPPRESS_REMOTE] = "remote",
    [SUPPRESS_FINGERPRINT] = "fingerprint",
};

void suppressions_init(struct suppressions *suppressions, uint32_t today)
{
    *suppressions = (struct suppressions){.today = today};
}

static void free_entry(struct suppression *entry)
{
    for (int key = 0; key < SUPPRESS_KEY_COUNT; key++) {
        free(entry->patterns[key]);
    }
    free(entry->reason);
}

void suppressions_finish(struct suppressions *suppressions)
{
    for (size_t i = 0; i < suppressions->count; i++) {
        free_entry(&suppressions->entries[i]);
    }
    free(suppressions->entries);
    *suppressions = (struct suppressions){0};
}

/* ---- days ---- */

/* The day of a number of days since 1970, as 20261129 (the proleptic Gregorian calendar). */
static uint32_t day_of(uint64_t days)
{
    uint64_t shifted = days + 719468; /* days since 0000-03-01 */
    uint64_t era = shifted / 146097, of_era = shifted % 146097;
    uint64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    uint64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    uint64_t month = (5 * of_year + 2) / 153; /* from March */
    uint64_t day = of_year - (153 * month + 2) / 5 + 1;
    uint64_t year = year_of_era + era * 400 + (month >= 10 ? 1 : 0);
    return (uint32_t)(year * 10000 + (month < 10 ? month + 3 : month - 9) * 100 + day);
}

bool suppressions_today(const char *epoch, uint32_t *today)
{
    uint64_t seconds = 0;
    if (epoch == NULL || epoch[0] == '\0') {
        time_t now = time(NULL);
        *today = day_of(now > 0 ? (uint64_t)now / SECONDS_PER_DAY : 0);
        return true;
    }
    for (const char *at = epoch; *at != '\0'; at++) {
        if (*at < '0' || *at > '9' || seconds > EPOCH_MAX) {
            return false;
        }
        seconds = seconds * 10 + (uint64_t)(*at - '0');
    }
    *today = day_of(seconds / SECONDS_PER_DAY);
    return seconds <= EPOCH_MAX;
}

static bool is_leap(uint32_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* "2026-12-31"; false for what is no day of the calendar. */
static bool parse_day(const char *text, uint32_t *day)
{
    static const uint8_t lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    uint32_t value = 0;
    if (strlen(text) != 10) {
        return false;
    }
    for (size_t i = 0; i < 10; i++) {
        bool dash = i == 4 || i == 7;
        if (dash ? text[i] != '-' : text[i] < '0' || text[i] > '9') {
            return false;
        }
        value = dash ? value : value * 10 + (uint32_t)(text[i] - '0');
    }
    uint32_t year = value / 10000, month = value / 100 % 100, of_month = value % 100;
    *day = value;
    return year != 0 && month >= 1 && month <= 12 && of_month >= 1 &&
           of_month <= lengths[month - 1] + (month == 2 && is_leap(year) ? 1u : 0u);
}

/* ---- entries ---- */

/* A file while it is read. */
struct reading {
    struct suppressions *suppressions;
    struct setting_reader lines;
    struct suppression entry; /* the one at hand; line 0: none */
    const char *path;
};

static enum setting_status fail_memory(struct reading *reading)
{
    return setting_reader_fail(&reading->lines, reading->lines.line, 1, "out of memory");
}

static enum setting_status fail_value(struct reading *reading, const char *expected)
{
    const struct setting_reader *lines = &reading->lines;
    return setting_reader_fail(&reading->lines, lines->line, lines->value_column, "%s '%.80s': %s",
                               lines->name, lines->value, expected);
}

/* Keeps the line's value in *text, which must not have one. */
static enum setting_status keep_value(struct reading *reading, char **text)
{
    const struct setting_reader *lines = &reading->lines;
    if (*text != NULL) {
        return setting_reader_fail(&reading->lines, lines->line, lines->name_column,
                                   "%s stands twice in this entry", lines->name);
    }
    if (lines->value[0] == '\0') {
        return setting_reader_fail(&reading->lines, lines->line, lines->value_column,
                                   "%s needs a value", lines->name);
    }
    *text = strdup(lines->value);
    return *text != NULL ? SETTING_PAIR : fail_memory(reading);
}

/* A rule's name that no rule has would suppress nothing, ever. A glob may. */
static bool is_known_rule(const char *value)
{
    return strpbrk(value, "*?") != NULL || rules_find(value) != NULL;
}

static bool may_be_fingerprint(const char *value)
{
    return strpbrk(value, "*?") != NULL ||
           (strlen(value) == 32 && strspn(value, "0123456789abcdef") == 32);
}

static enum setting_status take_pattern(struct reading *reading, enum suppression_key key)
{
    struct suppression *entry = &reading->entry;
    const char *value = reading->lines.value;
    if (value[0] != '\0' && key == SUPPRESS_RULE && !is_known_rule(value)) {
        return fail_value(reading, "there is no such rule; bufcheck explain lists them");
    }
    if (value[0] != '\0' && key == SUPPRESS_FINGERPRINT && !may_be_fingerprint(value)) {
        return fail_value(reading, "32 hexadecimal digits are expected, or a glob");
    }
    return keep_value(reading, &entry->patterns[key]);
}

static enum setting_status take_until(struct reading *reading)
{
    struct suppression *entry = &reading->entry;
    const struct setting_reader *lines = &reading->lines;
    if (entry->until != 0) {
        return setting_reader_fail(&reading->lines, lines->line, lines->name_column,
                                   "until stands twice in this entry");
    }
    if (!parse_day(lines->value, &entry->until)) {
        return fail_value(reading, "a day is expected, as in 2026-12-31");
    }
    entry->expired = entry->until < reading->suppressions->today;
    return SETTING_PAIR;
}

static enum setting_status take_pair(struct reading *reading)
{
    const struct setting_reader *lines = &reading->lines;
    if (reading->entry.line == 0) {
        reading->entry = (struct suppression){.path = reading->path, .line = lines->line};
    }
    for (int key = 0; key < SUPPRESS_KEY_COUNT; key++) {
        if (strcmp(lines->name, key_names[key]) == 0) {
            return take_pattern(reading, (enum suppression_key)key);
        }
    }
    if (strcmp(lines->name, "reason") == 0) {
        return keep_value(reading, &reading->entry.reason);
    }
    if (strcmp(lines->name, "until") == 0) {
        return take_until(reading);
    }
    return setting_reader_fail(&reading->lines, lines->line, lines->name_column,
                               "there is no '%.40s' in an entry: choose from rule, process, "
                               "module, function, call-site, remote, fingerprint, reason, until",
                               lines->name);
}

/* Gives the entry the bit of its `remote` pattern. */
static bool number_remote(struct suppressions *suppressions, struct suppression *entry)
{
    const char *pattern = entry->patterns[SUPPRESS_REMOTE];
    unsigned i = 0;
    while (i < suppressions->remote_count && strcmp(suppressions->remotes[i], pattern) != 0) {
        i++;
    }
    if (i == SUPPRESSION_REMOTES_MAX) {
        return false;
    }
    suppressions->remotes[i] = pattern;
    suppressions->remote_count += i == suppressions->remote_count ? 1 : 0;
    entry->remote = i;
    return true;
}

static enum setting_status check_entry(struct reading *reading)
{
    struct suppression *entry = &reading->entry;
    bool any = false;
    for (int key = 0; key < SUPPRESS_KEY_COUNT; key++) {
        any |= entry->patterns[key] != NULL;
    }
    if (!any) {
        return setting_reader_fail(&reading->lines, entry->line, 1,
                                   "the entry says nothing about what it suppresses");
    }
    if (entry->reason == NULL) {
        return setting_reader_fail(&reading->lines, entry->line, 1,
                                   "the entry has no reason: a line reason = ... must say why");
    }
    if (entry->patterns[SUPPRESS_REMOTE] != NULL && !number_remote(reading->suppressions, entry)) {
        return setting_reader_fail(&reading->lines, entry->line, 1,
                                   "more than %d different remote patterns",
                                   SUPPRESSION_REMOTES_MAX);
    }
    return SETTING_PAIR;
}

/* The entry at hand is complete. */
static enum setting_status end_entry(struct reading *reading)
{
    struct suppressions *suppressions = reading->suppressions;
    if (reading->entry.line == 0) {
        return SETTING_BLANK;
    }
    if (check_entry(reading) == SETTING_ERROR) {
        return SETTING_ERROR;
    }
    if (suppressions->count == ENTRIES_MAX) {
        return setting_reader_fail(&reading->lines, reading->entry.line, 1, "more than %d entries",
                                   ENTRIES_MAX);
    }
    if (suppressions->count == suppressions->room) {
        size_t room = suppressions->room == 0 ? 16 : suppressions->room * 2;
        struct suppression *entries = realloc(suppressions->entries, room * sizeof *entries);
        if (entries == NULL) {
            return fail_memory(reading);
        }
        suppressions->entries = entries;
        suppressions->room = room;
    }
    suppressions->entries[suppressions->count++] = reading->entry;
    reading->entry = (struct suppression){0};
    return SETTING_BLANK;
}

bool suppressions_read(struct suppressions *suppressions, const char *path,
                       struct byte_source *source, struct error_chain *errors)
{
    struct reading reading = {.suppressions = suppressions, .path = path};
    enum setting_status status;
    setting_reader_init(&reading.lines, source, errors);
    do {
        status = setting_reader_next(&reading.lines);
        if (status == SETTING_PAIR) {
            status = take_pair(&reading);
        } else if (status >= SETTING_END) {
            bool at_end = status == SETTING_END;
            status = end_entry(&reading);
            status = at_end && status > SETTING_END ? SETTING_END : status;
        }
    } while (status > SETTING_END);
    free_entry(&reading.entry);
    return status == SETTING_END;
}

bool suppressions_open(struct suppressions *suppressions, const char *path,
                       struct error_chain *errors)
{
    struct byte_source *source = NULL;
    bool good = byte_source_open_file(path, NULL, &source, errors) == BYTE_SOURCE_OK &&
                suppressions_read(suppressions, path, source, errors);
    byte_source_destroy(source);
    if (!good) {
        error_chain_add(errors, ERROR_NO_OFFSET, "%s", path);
    }
    return good;
}
