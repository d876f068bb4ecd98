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
