/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/known/known.h"

#include <stdlib.h>

#include "analyzer/known/suppression_match.h"

void known_finish(struct known *known)
{
    baseline_destroy(known->baseline);
    suppressions_finish(&known->suppressions);
    *known = (struct known){0};
}

static size_t input_findings(const struct known_input *input)
{
    return input->findings != NULL ? findings_count(input->findings) : 0;
}

/* Findings that the filters leave out: they count where the new ones of a kind are told, and use
 * suppressions. */
static size_t hidden_findings(const struct known_input *input)
{
    return input->findings != NULL ? findings_hidden_count(input->findings) : 0;
}

static void add_item(struct baseline_item *item, const struct known_input *input,
                     const struct finding *finding)
{
    item->fingerprint = &finding->fingerprint;
    item->first_time = etl_clock_filetime(input->clock, finding->first_time.ticks);
}

static bool match_baseline(struct baseline *baseline, const struct known_input *inputs,
                           size_t count, const bool *rule_enabled)
{
    size_t total = 0, used = 0;
    for (size_t i = 0; i < count; i++) {
        total += input_findings(&inputs[i]) + hidden_findings(&inputs[i]);
    }
    struct baseline_item *items = calloc(total != 0 ? total : 1, sizeof *items);
    if (items == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < input_findings(&inputs[i]); j++) {
            add_item(&items[used++], &inputs[i], findings_at(inputs[i].findings, j));
        }
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < hidden_findings(&inputs[i]); j++) {
            add_item(&items[used++], &inputs[i], findings_hidden_at(inputs[i].findings, j));
        }
    }
    bool good = baseline_match(baseline, items, total, rule_enabled);
    used = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < input_findings(&inputs[i]); j++, used++) {
            struct finding *finding = findings_edit(inputs[i].findings, j);
            finding->baseline = items[used].state;
            finding->kind = items[used].kind;
            finding->gates = finding->gates && finding->baseline != FINDING_UNCHANGED;
        }
    }
    free(items);
    return good;
}

static void suppress(struct suppressions *suppressions, const struct known_input *input)
{
    for (size_t i = 0; suppressions->count != 0 && i < input_findings(input); i++) {
        struct finding *finding = findings_edit(input->findings, i);
        finding->suppressed = suppressions_find(suppressions, finding, input->frames);
        finding->gates = finding->gates && finding->suppressed == NULL;
    }
    for (size_t i = 0; suppressions->count != 0 && i < hidden_findings(input); i++) {
        suppressions_find(suppressions, findings_hidden_at(input->findings, i), input->frames);
    }
}

bool known_apply(struct known *known, const struct known_input *inputs, size_t count,
                 const bool *rule_enabled)
{
    for (size_t i = 0; i < count; i++) {
        suppress(&known->suppressions, &inputs[i]);
    }
    return known->baseline == NULL || match_baseline(known->baseline, inputs, count, rule_enabled);
}

bool known_gates(const struct known *known, struct conflict *conflict, const struct frames *frames)
{
    struct fingerprint fingerprint;
    fingerprint_make(conflict, frames, true, &fingerprint);
    if (known->baseline != NULL && baseline_knows(known->baseline, fingerprint.text)) {
        return false;
    }
    return !suppressions_fit(&known->suppressions, conflict, &fingerprint, frames);
}
