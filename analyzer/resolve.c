/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/resolve.h"

#include "rules/rule.h"

static bool want_fingerprints(const struct findings *findings, const struct frames *frames)
{
    for (size_t i = 0; i < findings_count(findings); i++) {
        const struct conflict *shown = findings_at(findings, i)->examples[0];
        if (!frames_want_own(frames, shown->first, FINGERPRINT_FRAMES) ||
            !frames_want_own(frames, shown->second, FINGERPRINT_FRAMES)) {
            return false;
        }
    }
    return true;
}

static bool want_examples(const struct finding *finding, const struct frames *frames)
{
    for (unsigned i = 0; i < finding->example_count; i++) {
        const struct conflict *conflict = finding->examples[i];
        if (!frames_want_operation(frames, conflict->first) ||
            !frames_want_operation(frames, conflict->second)) {
            return false;
        }
    }
    return true;
}

static bool want_shown(const struct findings *findings, const struct frames *frames,
                       uint64_t max_findings)
{
    uint64_t shown[RULE_COUNT] = {0};
    for (size_t i = 0; i < findings_count(findings); i++) {
        const struct finding *finding = findings_at(findings, i);
        size_t rule = rules_index(finding->rule);
        if (max_findings != 0 && shown[rule] == max_findings) {
            continue;
        }
        shown[rule]++;
        if (!want_examples(finding, frames)) {
            return false;
        }
    }
    return true;
}

bool resolve_findings(const struct findings *findings, const struct frames *frames,
                      uint64_t max_findings)
{
    return frames->symbols == NULL ||
           (want_fingerprints(findings, frames) && symbols_resolve(frames->symbols) &&
            want_shown(findings, frames, max_findings) && symbols_resolve(frames->symbols));
}
