/* The end: groups of one fingerprint become one finding, and findings get their order. */

#include <stdlib.h>
#include <string.h>

#include "analyzer/findings/findings_internal.h"

struct merge_key {
    uint64_t process;
    char fingerprint[FINGERPRINT_TEXT_LEN + 7]; /* a multiple of 8: no padding */
};

struct merge_entry {
    struct merge_key key;
    struct group *group;
    UT_hash_handle hh;
};

static uint32_t count_endpoints(const struct group *group)
{
    uint32_t count = group->endpoints.count;

    for (uint32_t i = 0; i < NUMBERED; i++)
        count += (uint32_t)(group->numbered[i / 64] >> i % 64 & 1);
    return count < FINDING_DISTINCT_MAX ? count : FINDING_DISTINCT_MAX;
}

/* Folds `from` into `into`, which has the same process and fingerprint. */
static bool merge_groups(struct findings *findings, struct group *into, struct group *from)
{
    struct finding *to = &into->finding, *source = &from->finding;

    finding_widen(to, &source->first_time, &source->last_time);
    to->count += source->count;
    to->count_is_minimum |= source->count_is_minimum;
    for (unsigned i = 0; i < source->example_count; i++)
        findings_place(findings, to, source->examples[i]);
    source->example_count = 0;
    from->merged = true;
    for (size_t i = 0; i < NUMBERED / 64; i++)
        into->numbered[i] |= from->numbered[i];
    return value_set_merge(&into->endpoints, &from->endpoints) &&
           value_set_merge(&into->addresses, &from->addresses);
}

static void free_entries(struct merge_entry *entries)
{
    struct merge_entry *entry = entries;

    HASH_CLEAR(hh, entries); /* the table; the entries stay linked */
    while (entry) {
        struct merge_entry *next = entry->hh.next;

        free(entry);
        entry = next;
    }
}

static bool merge_all(struct findings *findings, const struct names *names)
{
    struct merge_entry *entries = NULL, *entry;
    bool ok = true;

    for (struct group *group = findings->groups; group; group = group->hh.next) {
        struct finding *finding = &group->finding;
        struct merge_key key = {0};

        if (finding->example_count == 0)
            continue; /* memory ran out before it had one */
        key.process = finding->process->serial;
        fingerprint_conflict(finding->examples[0], names, finding->fingerprint, &finding->scope);
        memcpy(key.fingerprint, finding->fingerprint, sizeof(finding->fingerprint));
        HASH_FIND(hh, entries, &key, sizeof(key), entry);
        if (entry) {
            ok = merge_groups(findings, entry->group, group) && ok;
            continue;
        }
        entry = calloc(1, sizeof(*entry));
        if (entry) {
            entry->key = key;
            entry->group = group;
            HASH_ADD(hh, entries, key, sizeof(entry->key), entry);
        }
        if (!entry || !entry->hh.tbl) {
            free(entry);
            ok = false;
            break;
        }
    }
    free_entries(entries);
    return ok;
}

static int by_importance(const void *a, const void *b)
{
    const struct finding *x = *(const struct finding *const *)a;
    const struct finding *y = *(const struct finding *const *)b;
    const struct conflict *p = x->examples[0], *q = y->examples[0];
    int order;

    if (p->level != q->level)
        return p->level > q->level ? -1 : 1;
    if (p->severity != q->severity)
        return p->severity > q->severity ? -1 : 1;
    if (x->first_time.ticks != y->first_time.ticks)
        return x->first_time.ticks < y->first_time.ticks ? -1 : 1;
    order = findings_rank(p, q);
    return order ? order : strcmp(x->fingerprint, y->fingerprint);
}

bool findings_finish(struct findings *findings, const struct names *names)
{
    bool ok = merge_all(findings, names);
    size_t room = HASH_COUNT(findings->groups);

    findings->sorted = calloc(room ? room : 1, sizeof(struct finding *));
    if (!findings->sorted)
        return false;
    for (struct group *group = findings->groups; group; group = group->hh.next) {
        struct finding *finding = &group->finding;

        if (group->merged || finding->example_count == 0)
            continue;
        finding->endpoints = count_endpoints(group);
        finding->addresses = group->addresses.count;
        finding->gates = finding->examples[0]->gates;
        findings->sorted[findings->sorted_count++] = finding;
    }
    qsort(findings->sorted, findings->sorted_count, sizeof(struct finding *), by_importance);
    return ok;
}
