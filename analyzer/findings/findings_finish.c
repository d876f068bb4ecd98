/* SPDX-License-Identifier: Apache-2.0 */

/* The end: groups of one fingerprint become one finding, levels are final, findings are sorted. */

#include <stdlib.h>
#include <string.h>

#include "analyzer/findings/findings.h"
#include "analyzer/findings/findings_internal.h"
#include "base/glob.h"
#include "base/least.h"

/* Folds `from` into `into`, which has the same process and fingerprint. */
static bool join_groups(struct findings *findings, struct group *into, struct group *from)
{
    struct finding *to = &into->finding, *source = &from->finding;
    finding_widen(to, &source->first_time, &source->last_time);
    to->tags &= source->tags;
    to->count += source->count;
    to->harmful += source->harmful;
    to->count_is_minimum |= source->count_is_minimum;
    for (unsigned i = 0; i < source->example_count; i++) {
        findings_place(findings, to, source->examples[i]);
    }
    source->example_count = 0;
    from->joined = true;
    return post_set_merge(&into->posts, &from->posts, &findings->post_room) &&
           value_set_merge(&into->endpoints, &from->endpoints) &&
           value_set_merge(&into->addresses, &from->addresses);
}

static void free_entries(struct join_entry *entries)
{
    struct join_entry *entry = entries;
    HASH_CLEAR(hh, entries); /* frees the table; the entries stay linked */
    while (entry != NULL) {
        struct join_entry *next = entry->hh.next;
        free(entry);
        entry = next;
    }
}

static struct join_entry *add_entry(struct join_entry **entries, const struct join_key *key,
                                    struct group *group)
{
    struct join_entry *entry = calloc(1, sizeof *entry);
    if (entry == NULL) {
        return NULL;
    }
    entry->key = *key;
    entry->group = group;
    HASH_ADD(hh, *entries, key, sizeof entry->key, entry);
    if (entry->hh.tbl == NULL) {
        free(entry);
        return NULL;
    }
    return entry;
}

static bool join_all(struct findings *findings, const struct frames *frames, bool use_functions)
{
    struct join_entry *entries = NULL;
    bool complete = true;
    for (struct group *group = findings->groups; group != NULL; group = group->hh.next) {
        struct finding *finding = &group->finding;
        if (group->joined || finding->example_count == 0) {
            continue; /* or memory ran out before it had one */
        }
        struct join_key key = {.process = finding->process->serial};
        fingerprint_make(finding->examples[0], frames, use_functions, &finding->fingerprint);
        memcpy(key.fingerprint, finding->fingerprint.text, FINGERPRINT_TEXT_LEN);
        key.fingerprint[FINGERPRINT_TEXT_LEN] = group->hidden ? 1 : 0;
        struct join_entry *entry;
        HASH_FIND(hh, entries, &key, sizeof key, entry);
        if (entry != NULL) {
            complete = join_groups(findings, entry->group, group) && complete;
        } else if (add_entry(&entries, &key, group) == NULL) {
            complete = false;
            break;
        }
    }
    free_entries(entries);
    return complete;
}

/* True if all that the conflict shares lies in one image of its process: then it is constant or
 * static data, and the trace can't tell which. */
static bool overlap_in_image(const struct conflict *conflict, const struct names *names)
{
    const struct operation *op = conflict->second;
    struct names_frame from, to;
    if (names == NULL || op->space != AFD_SPACE_USER || op->process->pid == ETL_ID_UNKNOWN) {
        return false;
    }
    uint64_t last = conflict->overlap_start + (conflict->overlap_len - 1);
    names_frame(names, op->process->pid, op->posted.order, conflict->overlap_start, &from);
    names_frame(names, op->process->pid, op->posted.order, last, &to);
    return from.module != NULL && to.module != NULL &&
           conflict->overlap_start - from.offset == last - to.offset;
}

static bool examples_in_images(const struct finding *finding, const struct names *names)
{
    for (unsigned i = 0; i < finding->example_count; i++) {
        if (!overlap_in_image(finding->examples[i], names)) {
            return false;
        }
    }
    return true;
}

/* The severity and level of the example shown, or a note for what lies in images: a severity that
 * the user chose stays. */
static void judge_finding(struct findings *findings, struct finding *finding,
                          const struct names *names)
{
    const struct findings_options *options = &findings->options;
    const struct conflict *shown = finding->examples[0];
    finding->severity = shown->severity;
    finding->level = shown->level;
    finding->in_image = false;
    bool chosen = options->severity != NULL && options->severity[rules_index(finding->rule)] != 0;
    if (finding->rule->note_in_image && !chosen && examples_in_images(finding, names)) {
        finding->in_image = true;
        finding->severity = finding->level = RULE_NOTE;
    }
    finding->gates = options->gates_from != 0 && finding->level >= options->gates_from;
}

static int by_importance(const void *left, const void *right)
{
    const struct finding *a = *(const struct finding *const *)left;
    const struct finding *b = *(const struct finding *const *)right;
    const struct conflict *shown_a = a->examples[0], *shown_b = b->examples[0];
    int order = order_u64(b->level, a->level);
    order = order != 0 ? order : order_u64(finding_harm_rank(shown_b), finding_harm_rank(shown_a));
    order = order != 0 ? order : order_u64(b->severity, a->severity);
    order = order != 0 ? order : order_i64(a->first_time.ticks, b->first_time.ticks);
    order = order != 0 ? order : finding_rank(shown_a, shown_b);
    return order != 0 ? order : strcmp(a->fingerprint.text, b->fingerprint.text);
}

/* Stacks whose keys were defined last are known now. */
static void refresh_stacks(struct findings *findings)
{
    for (struct group *group = findings->groups; group != NULL; group = group->hh.next) {
        struct finding *finding = &group->finding;
        for (unsigned i = 0; i < finding->example_count; i++) {
            op_refresh_stacks(finding->examples[i]->first);
            op_refresh_stacks(finding->examples[i]->second);
        }
    }
}

static bool site_in_modules(const struct operation *op, const struct frames *frames,
                            const struct module_globs *modules)
{
    struct frame frame;
    bool known = frames_call_site(frames, op, &frame);
    for (size_t i = 0; known && i < modules->count; i++) {
        if (glob_match(modules->globs[i], frame.place.name, true)) {
            return true;
        }
    }
    return false;
}

bool finding_in_modules(const struct conflict *conflict, const struct frames *frames,
                        const struct module_globs *modules)
{
    return modules == NULL || modules->count == 0 ||
           site_in_modules(conflict->first, frames, modules) ||
           site_in_modules(conflict->second, frames, modules);
}

static bool sort_findings(struct findings *findings, const struct frames *frames)
{
    size_t room = HASH_COUNT(findings->groups);
    free(findings->sorted);
    findings->sorted_count = findings->hidden_count = 0;
    findings->sorted = calloc(room != 0 ? room : 1, sizeof *findings->sorted);
    if (findings->sorted == NULL) {
        return false;
    }
    for (struct group *group = findings->groups; group != NULL; group = group->hh.next) {
        struct finding *finding = &group->finding;
        if (group->joined || finding->example_count == 0) {
            continue;
        }
        if (group->hidden ||
            !finding_in_modules(finding->examples[0], frames, findings->options.modules)) {
            findings->hidden_count++;
            findings->sorted[room - findings->hidden_count] = finding;
            continue;
        }
        finding->posts = group->posts.count;
        finding->endpoints = group->endpoints.count;
        finding->addresses = group->addresses.count;
        judge_finding(findings, finding, frames->names);
        findings->sorted[findings->sorted_count++] = finding;
    }
    memmove(findings->sorted + findings->sorted_count,
            findings->sorted + (room - findings->hidden_count),
            findings->hidden_count * sizeof *findings->sorted);
    qsort(findings->sorted, findings->sorted_count, sizeof *findings->sorted, by_importance);
    return true;
}

bool findings_finish(struct findings *findings, const struct frames *frames)
{
    refresh_stacks(findings);
    bool complete = join_all(findings, frames, false);
    return sort_findings(findings, frames) && complete;
}

bool findings_use_functions(struct findings *findings, const struct frames *frames)
{
    bool complete = join_all(findings, frames, true);
    return sort_findings(findings, frames) && complete;
}
