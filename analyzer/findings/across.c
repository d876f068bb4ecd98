/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/findings/across.h"

#include <stdlib.h>

#include "base/grow.h"
#include "base/hash_table.h"

struct across_entry {
    struct across_cause cause;
    UT_hash_handle hh;
};

struct across {
    struct across_entry *by_fingerprint;
    struct across_entry **entries; /* owned, each too */
    size_t count;
    size_t input_count;
};

static struct across_entry *across_find(const struct across *across, const char *fingerprint)
{
    struct across_entry *entry;
    HASH_FIND(hh, across->by_fingerprint, fingerprint, FINGERPRINT_TEXT_LEN - 1, entry);
    return entry;
}

/* A new cause, without an input as yet. NULL: no memory. */
static struct across_entry *across_add(struct across *across, const struct finding *finding)
{
    struct across_entry **entries =
        grow_by_one(across->entries, across->count, sizeof *across->entries);
    if (entries == NULL) {
        return NULL;
    }
    across->entries = entries;
    struct across_entry *entry = calloc(1, sizeof *entry);
    if (entry == NULL) {
        return NULL;
    }
    entry->cause.first = finding;
    entry->cause.index = across->count;
    entry->cause.input_count = across->input_count;
    HASH_ADD_KEYPTR(hh, across->by_fingerprint, finding->fingerprint.text, FINGERPRINT_TEXT_LEN - 1,
                    entry);
    if (entry->hh.tbl == NULL) {
        free(entry);
        return NULL;
    }
    across->entries[across->count++] = entry;
    return entry;
}

static void across_count_finding(struct across_cause *cause, struct finding *finding, size_t index,
                                 const char *path)
{
    if (cause->inputs == 0) {
        cause->first_input = index;
        cause->first_path = path;
    }
    if (cause->inputs == 0 || cause->last_input != index) {
        cause->inputs++;
    }
    cause->last_input = index;
    cause->last_path = path;
    cause->level = finding->level > cause->level ? finding->level : cause->level;
    finding->across = cause;
}

static bool across_add_input(struct across *across, const struct across_input *input, size_t index)
{
    size_t count = input->findings != NULL ? findings_count(input->findings) : 0;
    for (size_t i = 0; i < count; i++) {
        struct finding *finding = findings_edit(input->findings, i);
        struct across_entry *entry = across_find(across, finding->fingerprint.text);
        entry = entry != NULL ? entry : across_add(across, finding);
        if (entry == NULL) {
            return false;
        }
        across_count_finding(&entry->cause, finding, index, input->path);
    }
    return true;
}

struct across *across_create(const struct across_input *inputs, size_t count)
{
    struct across *across = calloc(1, sizeof *across);
    if (across == NULL) {
        return NULL;
    }
    across->input_count = count;
    for (size_t i = 0; i < count; i++) {
        if (!across_add_input(across, &inputs[i], i)) {
            across_destroy(across);
            return NULL;
        }
    }
    return across;
}

void across_destroy(struct across *across)
{
    if (across == NULL) {
        return;
    }
    HASH_CLEAR(hh, across->by_fingerprint);
    for (size_t i = 0; i < across->count; i++) {
        free(across->entries[i]);
    }
    free(across->entries);
    free(across);
}

size_t across_count(const struct across *across)
{
    return across != NULL ? across->count : 0;
}

const struct across_cause *across_at(const struct across *across, size_t index)
{
    return &across->entries[index]->cause;
}
