/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/known/baseline.h"
#include "rules/rule.h"
#include "tests/unit/test_folder.h"

/* A baseline whose findings have these numbers as fingerprints: the first digit is the kind. */
static struct baseline *baseline_of(const int *numbers)
{
    char folder[256], path[320];
    struct baseline *baseline = NULL;
    struct error_chain errors;
    error_chain_init(&errors);
    test_folder_make(folder, sizeof folder);
    snprintf(path, sizeof path, "%s/baseline.json", folder);
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    fprintf(file, "{\"schema\": \"bufcheck.report/2\", \"findings\": [");
    for (size_t i = 0; numbers[i] != 0; i++) {
        fprintf(file,
                "%s{\"rule\": \"recv-over-recv\", \"fingerprint\": \"%032d\", "
                "\"fingerprint_coarse\": \"%032d\", \"fingerprint_version\": 2}",
                i != 0 ? ", " : "", numbers[i], numbers[i] / 10);
    }
    fprintf(file, "]}\n");
    fclose(file);
    cr_assert(baseline_open(&baseline, path, &errors));
    test_folder_remove(folder);
    return baseline;
}

/* Matches such findings, each a second later than the one before, and writes a letter for each: u
 * unchanged, n new, c new with candidates; behind a slash the number of absent ones. */
static void expect(const int *known, const int *found, const char *want)
{
    struct baseline *baseline = baseline_of(known);
    struct fingerprint fingerprints[16];
    struct baseline_item items[16];
    bool enabled[RULE_COUNT];
    char text[40] = "";
    size_t count = 0;
    memset(enabled, true, sizeof enabled);
    for (; found[count] != 0; count++) {
        int number = found[count];
        snprintf(fingerprints[count].text, FINGERPRINT_TEXT_LEN, "%032d", number);
        snprintf(fingerprints[count].coarse, FINGERPRINT_TEXT_LEN, "%032d", number / 10);
        items[count] = (struct baseline_item){.fingerprint = &fingerprints[count],
                                              .first_time = (int64_t)count};
    }
    cr_assert(baseline_match(baseline, items, count, enabled));
    for (size_t i = 0; i < count; i++) {
        text[i] = items[i].state == FINDING_UNCHANGED ? 'u' : items[i].kind != NULL ? 'c' : 'n';
    }
    snprintf(text + count, sizeof text - count, "/%zu", baseline_absent_count(baseline));
    cr_assert_str_eq(text, want, "%s, expected %s", text, want);
    baseline_destroy(baseline);
}

#define LIST(...) ((const int[]){__VA_ARGS__, 0})
#define NONE ((const int[]){0})

Test(baseline, knows_equal_fingerprints)
{
    expect(LIST(11, 12), LIST(11, 12), "uu/0");
    expect(LIST(11), LIST(11, 11, 11), "uuu/0"); /* of several inputs or processes */
    expect(LIST(11, 11), LIST(11), "u/0");
    expect(NONE, LIST(11), "n/0");
    expect(LIST(11, 12), NONE, "/2");
}

Test(baseline, matches_a_kind_one_to_one)
{
    expect(LIST(11, 12, 13), LIST(14, 15, 16), "uuu/0");
    expect(LIST(11, 12, 13), LIST(14, 15), "uu/1");
    expect(LIST(11, 12, 13), LIST(14, 15, 16, 17), "uuuc/0");
    expect(LIST(11), LIST(14, 14, 15, 14), "uucu/0");
}

Test(baseline, spends_no_known_one_twice)
{
    expect(LIST(11, 12), LIST(11, 12, 13), "uun/0");
    expect(LIST(11, 12), LIST(13, 11, 14), "uuc/0");
    expect(LIST(11, 21), LIST(12, 22, 23), "uuc/0");
    expect(LIST(11), LIST(21), "n/1");
}

Test(baseline, names_the_candidates_by_time)
{
    struct baseline *baseline = baseline_of(LIST(11));
    struct fingerprint fingerprints[2];
    struct baseline_item items[2];
    bool enabled[RULE_COUNT];
    memset(enabled, true, sizeof enabled);
    for (int i = 0; i < 2; i++) {
        snprintf(fingerprints[i].text, FINGERPRINT_TEXT_LEN, "%032d", 14 + i);
        snprintf(fingerprints[i].coarse, FINGERPRINT_TEXT_LEN, "%032d", 1);
        items[i] = (struct baseline_item){.fingerprint = &fingerprints[i], .first_time = -i};
    }
    cr_assert(baseline_match(baseline, items, 2, enabled));
    cr_assert_eq(items[0].state, FINDING_NEW);
    cr_assert_eq(items[1].state, FINDING_UNCHANGED);
    cr_assert_eq(items[0].kind->known, 1);
    cr_assert_eq(items[0].kind->count, 2);
    cr_assert_str_eq(items[0].kind->fingerprints[0], fingerprints[1].text);
    cr_assert_str_eq(items[0].kind->fingerprints[1], fingerprints[0].text);
    baseline_destroy(baseline);
}

/* Letters as in expect(), for found findings at given times. */
static void expect_at_times(const int *known, const int *found, const int64_t *times,
                            const char *want)
{
    struct baseline *baseline = baseline_of(known);
    struct fingerprint fingerprints[8];
    struct baseline_item items[8];
    bool enabled[RULE_COUNT];
    size_t count = 0;
    memset(enabled, true, sizeof enabled);
    for (; found[count] != 0; count++) {
        snprintf(fingerprints[count].text, FINGERPRINT_TEXT_LEN, "%032d", found[count]);
        snprintf(fingerprints[count].coarse, FINGERPRINT_TEXT_LEN, "%032d", found[count] / 10);
        items[count] =
            (struct baseline_item){.fingerprint = &fingerprints[count], .first_time = times[count]};
    }
    cr_assert(baseline_match(baseline, items, count, enabled));
    for (size_t i = 0; i < count; i++) {
        char letter = items[i].state == FINDING_UNCHANGED ? 'u' : items[i].kind != NULL ? 'c' : 'n';
        cr_assert_eq(letter, want[i], "finding %zu is %c, not %c", i, letter, want[i]);
    }
    baseline_destroy(baseline);
}

/* A fingerprint that occurs in several places began with the earliest of them. */
Test(baseline, earliest_place_of_a_fingerprint_counts)
{
    expect_at_times(LIST(11), LIST(14, 15, 14), ((const int64_t[]){30, 20, 10}), "ucu");
    expect_at_times(LIST(11), LIST(14, 15, 14), ((const int64_t[]){30, 20, 40}), "cuc");
}

/* Of equal times, the fingerprint decides, and not the order of the inputs. */
Test(baseline, equal_times_are_ordered_by_fingerprint)
{
    expect_at_times(LIST(11), LIST(14, 15), ((const int64_t[]){5, 5}), "uc");
    expect_at_times(LIST(11), LIST(15, 14), ((const int64_t[]){5, 5}), "cu");
}

Test(baseline, tells_which_are_absent_in_the_report_s_order)
{
    struct baseline *baseline = baseline_of(LIST(31, 11, 12, 13, 21));
    struct fingerprint fingerprints[2];
    struct baseline_item items[2];
    bool enabled[RULE_COUNT];
    memset(enabled, true, sizeof enabled);
    for (int i = 0; i < 2; i++) {
        snprintf(fingerprints[i].text, FINGERPRINT_TEXT_LEN, "%032d", i == 0 ? 14 : 12);
        snprintf(fingerprints[i].coarse, FINGERPRINT_TEXT_LEN, "%032d", 1);
        items[i] = (struct baseline_item){.fingerprint = &fingerprints[i], .first_time = i};
    }
    cr_assert(baseline_match(baseline, items, 2, enabled));
    cr_assert_eq(baseline_absent_count(baseline), 3, "one of 11 and 13 is taken for 14");
    cr_assert_eq(strtol(baseline_absent(baseline, 0), NULL, 10), 31);
    cr_assert_eq(strtol(baseline_absent(baseline, 1), NULL, 10), 13);
    cr_assert_eq(strtol(baseline_absent(baseline, 2), NULL, 10), 21);
    baseline_destroy(baseline);
}
