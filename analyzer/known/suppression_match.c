#include "analyzer/known/suppression_match.h"

#include <inttypes.h>
#include <stdio.h>

#include "analyzer/findings/own_code.h"
#include "base/glob.h"
#include "base/stack_store.h"

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

static bool module_in_stack(const struct operation *op, const struct op_point *point,
                            const struct names *names, const char *pattern)
{
    uint32_t count = point->stack != NULL ? point->stack->frame_count : 0;
    uint32_t pid = own_code_pid(op, point);
    for (uint32_t i = 0; i < count; i++) {
        struct names_frame frame;
        names_frame(names, pid, point->order, point->stack->frames[i], &frame);
        if (frame.name != NULL && glob_match(pattern, frame.name, true)) {
            return true;
        }
    }
    return false;
}

static bool module_fits(const struct operation *op, const struct names *names, const char *pattern)
{
    return module_in_stack(op, &op->posted, names, pattern) ||
           (op->continued != NULL && module_in_stack(op, &op->continued->at, names, pattern));
}

static bool call_site_fits(const struct operation *op, const struct names *names,
                           const char *pattern)
{
    struct names_frame frame;
    char text[CALL_SITE_LEN];
    own_code_next(op, names, 0, &frame);
    if (frame.module == NULL) {
        return false;
    }
    snprintf(text, sizeof text, "%.240s+0x%" PRIx64, frame.name, frame.offset);
    return glob_match(pattern, text, true);
}

/* ---- entries ---- */

static bool process_fits(const struct conflict *conflict, const struct names *names,
                         const char *pattern)
{
    const struct operation *op = conflict->second;
    const char *image =
        names_process(names, op->process->address, op->process->pid, op->posted.order);
    return image != NULL && glob_match(pattern, image, true);
}

static bool pattern_fits(enum suppression_key key, const char *pattern,
                         const struct conflict *conflict, const struct names *names)
{
    switch (key) {
    case SUPPRESS_PROCESS:
        return process_fits(conflict, names, pattern);
    case SUPPRESS_MODULE:
        return module_fits(conflict->first, names, pattern) ||
               module_fits(conflict->second, names, pattern);
    case SUPPRESS_CALL_SITE:
        return call_site_fits(conflict->first, names, pattern) ||
               call_site_fits(conflict->second, names, pattern);
    case SUPPRESS_FUNCTION: /* no frame has a function without symbols */
        return false;
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
                       const struct names *names)
{
    if (!finding_fits(entry, finding)) {
        return false;
    }
    for (unsigned i = 0; i < finding->example_count; i++) {
        for (int key = 0; key < SUPPRESS_KEY_COUNT; key++) {
            if (entry->patterns[key] != NULL &&
                !pattern_fits((enum suppression_key)key, entry->patterns[key], finding->examples[i],
                              names)) {
                return false;
            }
        }
    }
    return true;
}

const struct suppression *suppressions_find(struct suppressions *suppressions,
                                            const struct finding *finding,
                                            const struct names *names)
{
    const struct suppression *found = NULL;
    for (size_t i = 0; i < suppressions->count; i++) {
        struct suppression *entry = &suppressions->entries[i];
        if (!entry_fits(entry, finding, names)) {
            continue;
        }
        entry->findings++;
        if (found == NULL && !entry->expired) {
            found = entry;
        }
    }
    return found;
}
