/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "analyzer/known/report_diff.h"

/* Fingerprints have 32 digits: those of a test are one digit, repeated. */
static struct old_finding finding(char fingerprint, char coarse, const char *first_time,
                                  uint64_t count)
{
    struct old_finding made = {.count = count};
    memset(made.fingerprint, fingerprint, FINGERPRINT_TEXT_LEN - 1);
    if (coarse != '-') {
        memset(made.coarse, coarse, FINGERPRINT_TEXT_LEN - 1);
    }
    snprintf(made.first_time, sizeof made.first_time, "%s", first_time);
    return made;
}

#define LIST(items)                                                                                \
    {                                                                                              \
        .findings = items, .count = sizeof items / sizeof items[0]                                 \
    }

/* "new 5, gone 1, ..." with the pair's fingerprints, a ~ where it is one by kind. */
static void expect(const struct old_report *old, const struct old_report *new, const char *wanted)
{
    struct report_diff diff;
    char text[400] = "";
    size_t len = 0;
    cr_assert(report_diff_make(&diff, old, new));
    size_t by_state[DIFF_STATE_COUNT] = {0};
    for (size_t i = 0; i < diff.count; i++) {
        const struct diff_entry *entry = &diff.entries[i];
        len += (size_t)snprintf(
            text + len, sizeof text - len, "%s%s %.1s%s%.1s", i > 0 ? ", " : "",
            diff_state_name(entry->state), entry->old != NULL ? entry->old->fingerprint : "-",
            entry->coarse ? "~" : "=", entry->new != NULL ? entry->new->fingerprint : "-");
        by_state[entry->state]++;
    }
    cr_assert_arr_eq(diff.by_state, by_state, sizeof by_state);
    cr_assert_str_eq(text, wanted);
    report_diff_finish(&diff);
}

Test(report_diff, states_in_their_order)
{
    struct old_finding before[] = {finding('1', 'a', "", 2), finding('2', 'b', "", 2),
                                   finding('3', 'c', "", 2), finding('4', 'd', "", 2),
                                   finding('5', 'e', "", 0)};
    struct old_finding after[] = {finding('5', 'e', "", 7), finding('4', 'd', "", 2),
                                  finding('3', 'c', "", 1), finding('2', 'b', "", 3),
                                  finding('6', 'f', "", 1), finding('7', 'g', "", 1)};
    struct old_report old = LIST(before), new = LIST(after);
    expect(&old, &new, "new -=6, new -=7, gone 1=-, more 2=2, less 3=3, same 5=5, same 4=4");
    expect(&new, &old, "new -=1, gone 6=-, gone 7=-, more 3=3, less 2=2, same 4=4, same 5=5");
}

/* Findings of one fingerprint count together. */
Test(report_diff, counts_of_one_fingerprint_are_added)
{
    struct old_finding before[] = {finding('1', 'a', "", 2), finding('1', 'a', "", 3)};
    struct old_finding after[] = {finding('1', 'a', "", 5)}, more[] = {finding('1', 'a', "", 6)};
    struct old_report old = LIST(before), new = LIST(after), often = LIST(more);
    expect(&old, &new, "same 1=1");
    expect(&old, &often, "more 1=1");
    expect(&often, &old, "less 1=1");
}

/* Without an equal fingerprint those of a kind are paired, the earliest first. */
Test(report_diff, kinds_are_paired_by_time)
{
    struct old_finding before[] = {finding('1', 'k', "2026-01-03", 1),
                                   finding('2', 'k', "2026-01-01", 1),
                                   finding('3', 'l', "2026-01-01", 1)};
    struct old_finding after[] = {
        finding('6', 'k', "2026-02-05", 1), finding('5', 'k', "2026-02-01", 1),
        finding('7', 'k', "2026-02-09", 1), finding('8', 'm', "2026-02-01", 1)};
    struct old_report old = LIST(before), new = LIST(after);
    expect(&old, &new, "new -~7, new -=8, gone 3=-, same 1~6, same 2~5");
    expect(&new, &old, "new -=3, gone 7=-, gone 8=-, same 6~1, same 5~2");
}

/* Reports without times: the order of the lists decides. */
Test(report_diff, kinds_without_times_are_paired_in_order)
{
    struct old_finding before[] = {finding('1', 'k', "", 1), finding('2', 'k', "", 1)};
    struct old_finding after[] = {finding('8', 'k', "", 1), finding('7', 'k', "", 1),
                                  finding('6', 'k', "", 1)};
    struct old_report old = LIST(before), new = LIST(after);
    expect(&old, &new, "new -~6, same 1~8, same 2~7");
}

/* The kinds of a list may alternate. */
Test(report_diff, kinds_are_paired_wherever_they_stand)
{
    struct old_finding before[] = {finding('1', 'l', "2026-01-01", 1),
                                   finding('2', 'k', "2026-01-02", 1),
                                   finding('3', 'l', "2026-01-03", 1)};
    struct old_finding after[] = {finding('8', 'm', "2026-02-01", 1),
                                  finding('7', 'k', "2026-02-02", 1),
                                  finding('6', 'l', "2026-02-03", 1)};
    struct old_report old = LIST(before), new = LIST(after);
    expect(&old, &new, "new -=8, gone 3=-, same 2~7, same 1~6");
}

Test(report_diff, without_a_kind_nothing_is_paired)
{
    struct old_finding before[] = {finding('1', '-', "", 1), finding('2', 'k', "", 1)};
    struct old_finding after[] = {finding('3', '-', "", 1), finding('4', 'k', "", 1)};
    struct old_report old = LIST(before), new = LIST(after), none = {0};
    expect(&old, &new, "new -=3, gone 1=-, same 2~4");
    expect(&none, &new, "new -=3, new -=4");
    expect(&old, &none, "gone 1=-, gone 2=-");
    expect(&none, &none, "");
}
