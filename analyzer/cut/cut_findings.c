/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/cut/cut_findings.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/findings/findings.h"
#include "base/least.h"

static bool has_fingerprint(const struct finding *finding, const struct frames *frames,
                            const char *wanted, bool use_functions)
{
    struct fingerprint fingerprint;

    if (!use_functions) {
        return strcmp(finding->fingerprint.text, wanted) == 0;
    }
    fingerprint_make(finding->examples[0], frames, true, &fingerprint);
    return strcmp(fingerprint.text, wanted) == 0;
}

bool cut_admits(const struct report_settings *settings, const struct conflict *conflict,
                const struct frames *frames)
{
    return settings->rule_enabled[rules_index(conflict->rule)] &&
           finding_in_modules(conflict, frames, &settings->modules);
}

bool cut_filters(const struct report_settings *settings)
{
    return filter_is_on(&settings->filter) || settings->modules.count != 0 ||
           memchr(settings->rule_enabled, false, RULE_COUNT) != NULL;
}

static void choose(struct cut_findings *findings, const struct cut_order *order,
                   const struct report_input *input, bool use_functions)
{
    const char *wanted = order->fingerprint;

    for (size_t i = 0; i < findings_count(input->findings); i++) {
        const struct finding *finding = findings_at(input->findings, i);

        findings->chosen[i] =
            cut_admits(order->settings, finding->examples[0], &input->frames) &&
            (wanted == NULL || has_fingerprint(finding, &input->frames, wanted, use_functions));
        findings->row_count += findings->chosen[i];
    }
}

/* Findings are left apart that a report joins because they share functions: the copy is compared
 * with them one by one, and there may be no symbols for it. False: no memory. */
static bool choose_by_functions(struct cut_findings *findings, const struct cut_order *order,
                                struct analysis *analysis, const struct report_input *input)
{
    size_t errors = input->errors.count;
    analysis_resolve(analysis, order->symbols, order->settings);
    if (input->errors.count > errors) {
        return false;
    }
    if (symbols_are_late(order->symbols)) {
        findings->nothing = CUT_SYMBOLS_LATE;
    } else {
        choose(findings, order, input, true);
    }
    return true;
}

static int compare_numbers(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

    return order_u64(left, right);
}

/* Counts the processes of the chosen findings: with one fingerprint each has one finding. */
static bool count_processes(struct cut_findings *findings, const struct report_input *input)
{
    uint64_t *serials = calloc(findings->row_count + 1, sizeof *serials);
    size_t used = 0;

    if (serials == NULL) {
        return false;
    }
    for (size_t i = 0; i < findings_count(input->findings); i++) {
        if (findings->chosen[i]) {
            serials[used++] = findings_at(input->findings, i)->process->serial;
        }
    }
    qsort(serials, used, sizeof *serials, compare_numbers);
    for (size_t i = 0; i < used; i++) {
        findings->count += i == 0 || serials[i] != serials[i - 1];
    }
    free(serials);
    return true;
}

bool cut_findings_choose(struct cut_findings *findings, const struct cut_order *order,
                         struct analysis *analysis, const struct report_input *input)
{
    size_t count = findings_count(input->findings);

    *findings = (struct cut_findings){.chosen = calloc(count + 1, sizeof *findings->chosen)};
    if (findings->chosen == NULL) {
        return false;
    }
    if (count > 0 || findings_hidden_count(input->findings) > 0) {
        findings->nothing = order->fingerprint != NULL ? CUT_UNKNOWN_FINGERPRINT : CUT_LEFT_OUT;
    }
    choose(findings, order, input, false);
    if (findings->row_count == 0 && count > 0 && order->symbols != NULL &&
        !choose_by_functions(findings, order, analysis, input)) {
        return false;
    }
    if (order->fingerprint != NULL) {
        return count_processes(findings, input);
    }
    findings->count = findings->row_count;
    return true;
}

void cut_findings_finish(struct cut_findings *findings)
{
    free(findings->chosen);
    *findings = (struct cut_findings){0};
}
