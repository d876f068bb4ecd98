/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/known/suppression_match.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/glob.h"

#define CALL_SITE_LEN 320

uint64_t suppression_tags(const struct suppressions *suppressions, const struct conflict *conflict)
{
    const struct operation *ops[] = {conflict->first, conflict->second};
    uint64_t tags = 0;
    for (size_t i = 0; i < 2 && suppressions->remote_count != 0; i++) {
        char remote[AFD_ADDRESS_TEXT_LEN] = "";
        afd_address_format(op_remote(ops[i]), remote);
        for (unsigned bit = 0; bit < suppressions->remote_count && remote[0] != '\0'; bit++) {
            if (glob_match(suppressions->remotes[bit], remote, true)) {
                tags |= UINT64_C(1) << bit;
            }
        }
    }
    return tags;
}

/* ---- frames ---- */

/* True if some frame of an event fits: its module, or with `function` its function. */
static bool stack_fits(const struct operation *op, const struct op_point *point,
                       const struct frames *frames, const char *pattern, bool function)
{
    struct frame_walk walk;
    struct frame frame;
    frame_walk_init(&walk, frames, op, point);
    while (frame_walk_next(&walk, &frame)) {
        const char *name = function ? frame.function : frame.place.name;
        if (name != NULL && glob_match(pattern, name, !function)) {
            return true;
        }
    }
    return false;
}

static bool post_fits(const struct operation *op, const struct frames *frames, const char *pattern,
                      bool function)
{
    return stack_fits(op, &op->posted, frames, pattern, function) ||
           (op->continued != NULL && stack_fits(op, &op->continued->at, frames, pattern, function));
}

/* By module+offset, and by module!function of the function that the compiler made or of one that
 * was inlined there. */
static bool call_site_fits(const struct operation *op, const struct frames *frames,
                           const char *pattern)
{
    struct frame_walk walk;
    struct frame inner, outer;
    char text[CALL_SITE_LEN];
    frame_walk_init(&walk, frames, op, &op->posted);
    if (!frame_walk_next_own(&walk, &outer) || !frames_call_site(frames, op, &inner)) {
        return false;
    }
    snprintf(text, sizeof text, "%.240s+0x%" PRIx64, outer.place.name, outer.place.offset);
    if (glob_match(pattern, text, true)) {
        return true;
    }
    const struct frame *const both[] = {&inner, &outer};
    for (size_t i = 0; i < 2; i++) {
        if (both[i]->function != NULL) {
            snprintf(text, sizeof text, "%.100s!%.200s", both[i]->place.name, both[i]->function);
            if (glob_match(pattern, text, true)) {
                return true;
            }
        }
    }
    return false;
}

/* ---- entries ---- */

static bool process_fits(const struct conflict *conflict, const struct frames *frames,
                         const char *pattern)
{
    const struct operation *op = conflict->second;
    const char *image = frames->names == NULL ? NULL
                                              : names_process(frames->names, op->process->address,
                                                              op->process->pid, op->posted.order);
    return image != NULL && glob_match(pattern, image, true);
}

static bool pattern_fits(enum suppression_key key, const char *pattern,
                         const struct conflict *conflict, const struct frames *frames)
{
    switch (key) {
    case SUPPRESS_PROCESS:
        return process_fits(conflict, frames, pattern);
    case SUPPRESS_MODULE:
        return post_fits(conflict->first, frames, pattern, false) ||
               post_fits(conflict->second, frames, pattern, false);
    case SUPPRESS_CALL_SITE:
        return call_site_fits(conflict->first, frames, pattern) ||
               call_site_fits(conflict->second, frames, pattern);
    case SUPPRESS_FUNCTION:
        return post_fits(conflict->first, frames, pattern, true) ||
               post_fits(conflict->second, frames, pattern, true);
    case SUPPRESS_RULE:
    case SUPPRESS_REMOTE:
    case SUPPRESS_FINGERPRINT:
    case SUPPRESS_KEY_COUNT:
        break;
    }
    return true; /* the finding was asked, not the conflict */
}

static bool finding_fits(const struct suppression *entry, const struct finding *finding)
{
    const char *rule = entry->patterns[SUPPRESS_RULE];
    const char *fingerprint = entry->patterns[SUPPRESS_FINGERPRINT];
    return (rule == NULL || glob_match(rule, finding->rule->name, false)) &&
           (fingerprint == NULL || glob_match(fingerprint, finding->fingerprint.text, false)) &&
           (entry->patterns[SUPPRESS_REMOTE] == NULL || (finding->tags >> entry->remote & 1) != 0);
}

static bool entry_fits(const struct suppression *entry, const struct finding *finding,
                       const struct frames *frames)
{
    if (!finding_fits(entry, finding)) {
        return false;
    }
    for (unsigned i = 0; i < finding->example_count; i++) {
        for (int key = 0; key < SUPPRESS_KEY_COUNT; key++) {
            if (entry->patterns[key] != NULL &&
                !pattern_fits((enum suppression_key)key, entry->patterns[key], finding->examples[i],
                              frames)) {
                return false;
            }
        }
    }
    return true;
}

bool suppressions_fit(const struct suppressions *suppressions, struct conflict *conflict,
                      const struct fingerprint *fingerprint, const struct frames *frames)
{
    const struct finding alone = {.rule = conflict->rule,
                                  .fingerprint = *fingerprint,
                                  .tags = suppression_tags(suppressions, conflict),
                                  .examples = {conflict},
                                  .example_count = 1};
    for (size_t i = 0; i < suppressions->count; i++) {
        const struct suppression *entry = &suppressions->entries[i];
        if (!entry->expired && entry_fits(entry, &alone, frames)) {
            return true;
        }
    }
    return false;
}

const struct suppression *suppressions_find(struct suppressions *suppressions,
                                            const struct finding *finding,
                                            const struct frames *frames)
{
    const struct suppression *found = NULL;
    for (size_t i = 0; i < suppressions->count; i++) {
        struct suppression *entry = &suppressions->entries[i];
        if (!entry_fits(entry, finding, frames)) {
            continue;
        }
        entry->findings++;
        if (found == NULL && !entry->expired) {
            found = entry;
        }
    }
    return found;
}
