/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/name_modules.h"

#include <stdlib.h>
#include <string.h>

#include "base/allocated.h"
#include "base/hash_table.h"

/* All that makes two modules different, without padding. Kept texts are equal where their addresses
 * are. */
struct module_key {
    uintptr_t path, version, pdb_path;
    uint64_t size;
    uint32_t timestamp, pdb_age;
    struct guid pdb_guid;
    uint64_t pdb_is_managed;
};

struct known_module {
    struct module module;
    const char *traced_path;
    struct module_key key;
    UT_hash_handle hh;
};

struct name_modules {
    struct name_texts *texts;           /* borrowed */
    const struct name_volumes *volumes; /* borrowed */
    struct known_module *table;
    size_t volume_count; /* of those that all paths follow from */
};

struct name_modules *name_modules_create(struct name_texts *texts,
                                         const struct name_volumes *volumes)
{
    struct name_modules *modules = calloc(1, sizeof *modules);
    if (modules != NULL) {
        modules->texts = texts;
        modules->volumes = volumes;
    }
    return modules;
}

void name_modules_destroy(struct name_modules *modules)
{
    if (modules == NULL) {
        return;
    }
    struct known_module *known = modules->table;
    HASH_CLEAR(hh, modules->table); /* frees the table; the items stay linked */
    while (known != NULL) {
        struct known_module *next = known->hh.next;
        free(known);
        known = next;
    }
    free(modules);
}

size_t name_modules_bytes(const struct name_modules *modules)
{
    return HASH_COUNT(modules->table) *
           (allocated_len(sizeof(struct known_module)) + HASH_TABLE_SHARE);
}

static struct module_key key_of(const struct module_facts *facts)
{
    struct module_key key = {.path = (uintptr_t)facts->path,
                             .version = (uintptr_t)facts->version,
                             .size = facts->size,
                             .timestamp = facts->timestamp};
    if (facts->pdb_path != NULL) {
        key.pdb_path = (uintptr_t)facts->pdb_path;
        key.pdb_age = facts->pdb_age;
        key.pdb_is_managed = facts->pdb_is_managed;
        key.pdb_guid = facts->pdb_guid;
    }
    return key;
}

static struct module module_of(const struct module_facts *facts, unsigned index)
{
    const char *name = name_texts_bare(facts->path);
    return (struct module){.index = index,
                           .name = name,
                           .path = name != facts->path ? facts->path : NULL,
                           .size = facts->size,
                           .timestamp = facts->timestamp,
                           .version = facts->version,
                           .has_pdb = facts->pdb_path != NULL,
                           .pdb_is_managed = facts->pdb_is_managed,
                           .pdb_guid = facts->pdb_guid,
                           .pdb_age = facts->pdb_age,
                           .pdb_path = facts->pdb_path};
}

/* False: no memory; the path is as traced then. */
static bool renew_path(struct name_modules *modules, struct known_module *known)
{
    char path[NAME_PATH_MAX];
    if (known->module.path == NULL || name_texts_full(modules->texts) ||
        !name_volumes_drive_path(modules->volumes, known->traced_path, path)) {
        return true;
    }
    const char *kept = name_texts_keep(modules->texts, path);
    if (kept != NULL) {
        known->module.path = kept;
    }
    return kept != NULL;
}

bool name_modules_renew_paths(struct name_modules *modules)
{
    size_t volume_count = name_volumes_count(modules->volumes);
    bool ok = true;
    if (volume_count == modules->volume_count) {
        return true;
    }
    modules->volume_count = volume_count;
    struct known_module *known, *next;
    HASH_ITER(hh, modules->table, known, next)
    {
        ok = renew_path(modules, known) && ok;
    }
    return ok;
}

const struct module *name_modules_get(struct name_modules *modules,
                                      const struct module_facts *facts)
{
    struct module_key key = key_of(facts);
    struct known_module *known;
    HASH_FIND(hh, modules->table, &key, sizeof key, known);
    if (known != NULL) {
        return &known->module;
    }
    known = malloc(sizeof *known);
    if (known == NULL) {
        return NULL;
    }
    known->key = key;
    known->traced_path = facts->path;
    known->module = module_of(facts, HASH_COUNT(modules->table));
    if (!renew_path(modules, known)) {
        free(known);
        return NULL;
    }
    HASH_ADD(hh, modules->table, key, sizeof known->key, known);
    if (known->hh.tbl == NULL) {
        free(known);
        return NULL;
    }
    return &known->module;
}
