/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/known/suppressions.h"

static struct suppressions suppressions;
static struct error_chain errors;

static bool read_text(const char *text)
{
    struct byte_source *source;
    error_chain_init(&errors);
    suppressions_init(&suppressions, 20260101);
    cr_assert_eq(byte_source_open_memory(text, strlen(text), &source, &errors), BYTE_SOURCE_OK);
    bool good = suppressions_read(&suppressions, "known.txt", source, &errors);
    byte_source_destroy(source);
    return good;
}

/* ---- days ---- */

static bool is_leap(unsigned year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static unsigned length_of(unsigned year, unsigned month)
{
    static const unsigned lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return lengths[month - 1] + (month == 2 && is_leap(year));
}

/* Each day from 1970 to 2110 is told by its first and by its last second. */
Test(suppressions, today_follows_the_calendar)
{
    unsigned long long seconds = 0;
    char epoch[32];
    uint32_t today;
    for (unsigned year = 1970; year <= 2110; year++) {
        for (unsigned month = 1; month <= 12; month++) {
            for (unsigned day = 1; day <= length_of(year, month); day++, seconds += 86400) {
                for (unsigned late = 0; late < 86400; late += 86399) {
                    snprintf(epoch, sizeof epoch, "%llu", seconds + late);
                    cr_assert(suppressions_today(epoch, &today));
                    cr_assert_eq(today, year * 10000 + month * 100 + day, "%s: %u", epoch, today);
                }
            }
        }
    }
}

Test(suppressions, without_an_epoch_today_is_now)
{
    uint32_t now, again;
    cr_assert(suppressions_today(NULL, &now));
    cr_assert(suppressions_today("", &again));
    cr_assert_gt(now, 20260101);
    cr_assert_leq(now, again);
}

Test(suppressions, the_last_second_is_of_the_year_9999)
{
    uint32_t today;
    cr_assert(suppressions_today("253402300799", &today));
    cr_assert_eq(today, 99991231);
    cr_assert(suppressions_today("0000000000000000000000000086400", &today));
    cr_assert_eq(today, 19700102);
}

Test(suppressions, what_is_no_epoch)
{
    static const char *const wrong[] = {
        "x",  "-1",           "1x",           " 1", "/", ":", "99999999999999999999",
        "9:", "253402300800", "2534023007990"};
    uint32_t today;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        cr_assert_not(suppressions_today(wrong[i], &today), "%s", wrong[i]);
    }
}

static bool takes_day(const char *day)
{
    char text[120];
    snprintf(text, sizeof text, "rule = *\nreason = x\nuntil = %s\n", day);
    bool good = read_text(text);
    bool kept = good && suppressions.count == 1 && suppressions.entries[0].until != 0;
    cr_assert_eq(good, kept);
    suppressions_finish(&suppressions);
    return good;
}

Test(suppressions, until_is_a_day_of_the_calendar)
{
    static const unsigned years[] = {1, 1900, 2000, 2023, 2024, 2100, 9999};
    char day[16];
    for (size_t i = 0; i < sizeof years / sizeof years[0]; i++) {
        for (unsigned month = 0; month <= 13; month++) {
            for (unsigned of_month = 0; of_month <= 32; of_month++) {
                bool is_day = month >= 1 && month <= 12 && of_month >= 1 &&
                              of_month <= length_of(years[i], month);
                snprintf(day, sizeof day, "%04u-%02u-%02u", years[i] % 10000, month % 100,
                         of_month % 100);
                cr_assert_eq(takes_day(day), is_day, "%s", day);
            }
        }
    }
}

Test(suppressions, what_is_no_day)
{
    static const char *const wrong[] = {
        "0000-01-01", "2026/01/01", "2026-01/01", "2026-1-01",  "2026-01-1",  "2026-01-011",
        "x026-01-01", "2026-01-0:", "2026-01-0/", "20260-1-01", "2026-01-01T"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        cr_assert_not(takes_day(wrong[i]), "%s", wrong[i]);
    }
}

/* ---- entries ---- */

static char *remotes_text(unsigned count, unsigned distinct)
{
    size_t room = 64 * (size_t)count + 1, len = 0;
    char *text = malloc(room);
    cr_assert_not_null(text);
    text[0] = '\0';
    for (unsigned i = 0; i < count; i++) {
        len += (size_t)snprintf(text + len, room - len, "remote = 10.0.0.%u:*\nreason = x\n\n",
                                i % distinct);
    }
    return text;
}

/* Entries with the same pattern share its bit. */
Test(suppressions, remote_patterns_are_numbered_up_to_their_limit)
{
    char *text = remotes_text(3 * SUPPRESSION_REMOTES_MAX, SUPPRESSION_REMOTES_MAX);
    cr_assert(read_text(text));
    cr_assert_eq(suppressions.count, 3 * SUPPRESSION_REMOTES_MAX);
    cr_assert_eq(suppressions.remote_count, SUPPRESSION_REMOTES_MAX);
    for (unsigned i = 0; i < 3 * SUPPRESSION_REMOTES_MAX; i++) {
        cr_assert_eq(suppressions.entries[i].remote, i % SUPPRESSION_REMOTES_MAX);
    }
    suppressions_finish(&suppressions);
    free(text);
    text = remotes_text(SUPPRESSION_REMOTES_MAX + 1, SUPPRESSION_REMOTES_MAX + 1);
    cr_assert_not(read_text(text));
    cr_assert_not_null(strstr(errors.causes[0].text, "more than 64 different remote patterns"));
    cr_assert_eq(suppressions.count, SUPPRESSION_REMOTES_MAX, "those before the error stay");
    suppressions_finish(&suppressions);
    free(text);
}

Test(suppressions, entries_know_their_place)
{
    cr_assert(read_text("# first\n\n\nrule = recv*\nreason = one\n# within\nmodule = m\n\n\n"
                        "  process = p\nreason = two"));
    cr_assert_eq(suppressions.count, 2);
    cr_assert_eq(suppressions.entries[0].line, 4);
    cr_assert_str_eq(suppressions.entries[0].patterns[SUPPRESS_MODULE], "m");
    cr_assert_null(suppressions.entries[0].patterns[SUPPRESS_PROCESS]);
    cr_assert_eq(suppressions.entries[1].line, 10);
    cr_assert_str_eq(suppressions.entries[1].reason, "two");
    suppressions_finish(&suppressions);
}
