/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/report_fixture.h"

#define FINDINGS 3 /* of input 0 */

static struct report_fixture *fixture;

static void setup(void)
{
    fixture = report_fixture_create();
}

static void teardown(void)
{
    report_fixture_destroy(fixture);
}

TestSuite(report_markdown, .init = setup, .fini = teardown);

static void check_report(const char *text, uint64_t most)
{
    size_t len = strlen(text);
    cr_assert_leq(len, most, "%zu of %llu bytes", len, (unsigned long long)most);
    cr_assert_eq(text[len - 1], '\n');
    cr_assert_eq(report_fixture_occurrences(text, "```") % 2, 0, "%llu", (unsigned long long)most);
    cr_assert_eq(report_fixture_occurrences(text, "<details>"),
                 report_fixture_occurrences(text, "</details>"));
    const char *table = strstr(text, "| Level | Rule |");
    size_t rows = report_fixture_occurrences(text, "\n| :");
    cr_assert(table == NULL || rows >= FINDINGS || strstr(table, "not in this table") != NULL,
              "%llu bytes, %zu rows", (unsigned long long)most, rows);
}

/* A report of any size keeps its limit, and what it holds is whole. */
Test(report_markdown, keeps_every_limit)
{
    enum { STEP = 7 };
    for (size_t inputs = 1; inputs <= FIXTURE_INPUTS; inputs += FIXTURE_INPUTS - 1) {
        fixture->settings.max_bytes = 1000000;
        char *whole = report_fixture_print(fixture, "markdown", 0, inputs);
        for (uint64_t most = 512; most < strlen(whole) + 3000; most += STEP) {
            fixture->settings.max_bytes = most;
            char *text = report_fixture_print(fixture, "markdown", 0, inputs);
            check_report(text, most);
            free(text);
        }
        free(whole);
    }
}

/* Traces with findings of the same causes, as bad as the first one's and worse. */
static size_t several(struct report_input inputs[6])
{
    for (size_t i = 0; i < 6; i++) {
        inputs[i] = fixture->inputs[i < 3 ? 0 : i - 2];
    }
    inputs[1].path = "second.etl";
    inputs[2].path = "third.etl";
    inputs[2].causes = CAUSE_BIT(CAUSE_EVENTS_LOST);
    return 6;
}

/* Every finding is shown, told above, or counted as left out, whatever the limit. */
Test(report_markdown, loses_no_finding_of_several_traces)
{
    struct report_input inputs[6];
    size_t count = several(inputs);
    fixture->settings.max_bytes = 1000000;
    char *whole = report_fixture_print_inputs(fixture, "markdown", inputs, count);
    size_t most = strlen(whole) + 2000;
    cr_expect_not_null(strstr(whole, "The details of 3 findings stand above, with another trace of "
                                     "the same cause.\n"));
    cr_expect_not_null(strstr(whole, "* <code>second.etl</code>: findings; "));
    cr_expect_null(strstr(whole, "did not fit"));
    for (uint64_t max = 512; max < most; max += 97) {
        fixture->settings.max_bytes = max;
        char *text = report_fixture_print_inputs(fixture, "markdown", inputs, count);
        check_report(text, max);
        bool is_whole = strcmp(text, whole) == 0;
        cr_expect_eq(is_whole,
                     strstr(text, "did not fit") == NULL &&
                         strstr(text, "not in this table") == NULL,
                     "%llu", (unsigned long long)max);
        free(text);
    }
    free(whole);
}
