/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/reports/json_modules.h"

#include <errno.h>
#include <stdlib.h>

#include "base/hash_table.h"

/* The key has no padding. */
struct shown_key {
    uint64_t input, index; /* of a module among those of its input */
};

struct shown_module {
    const struct module *module; /* borrowed from the input's names */
    struct shown_key key;
    size_t index; /* in the output */
    UT_hash_handle hh;
};

struct json_modules {
    struct out *out; /* borrowed */
    struct shown_module *table;
    struct shown_module **items; /* by their index in the output */
    size_t count, room;
};

struct json_modules *json_modules_create(struct out *out)
{
    struct json_modules *modules = calloc(1, sizeof *modules);
    if (modules != NULL) {
        modules->out = out;
    }
    return modules;
}

void json_modules_destroy(struct json_modules *modules)
{
    if (modules == NULL) {
        return;
    }
    HASH_CLEAR(hh, modules->table);
    for (size_t i = 0; i < modules->count; i++) {
        free(modules->items[i]);
    }
    free(modules->items);
    free(modules);
}

static bool make_room(struct json_modules *modules)
{
    if (modules->count < modules->room) {
        return true;
    }
    size_t room = modules->room == 0 ? 16 : modules->room * 2;
    struct shown_module **items = realloc(modules->items, room * sizeof *items);
    if (items == NULL) {
        return false;
    }
    modules->items = items;
    modules->room = room;
    return true;
}

static size_t add_module(struct json_modules *modules, const struct module *module,
                         const struct shown_key *key)
{
    struct shown_module *shown = make_room(modules) ? malloc(sizeof *shown) : NULL;
    if (shown == NULL) {
        out_fail(modules->out, OUT_NO_MEMORY, ENOMEM);
        return JSON_MODULE_NONE;
    }
    shown->module = module;
    shown->key = *key;
    shown->index = modules->count;
    HASH_ADD(hh, modules->table, key, sizeof shown->key, shown);
    if (shown->hh.tbl == NULL) {
        free(shown);
        out_fail(modules->out, OUT_NO_MEMORY, ENOMEM);
        return JSON_MODULE_NONE;
    }
    modules->items[modules->count++] = shown;
    return shown->index;
}

size_t json_modules_index(struct json_modules *modules, size_t input,
                          const struct names_frame *frame)
{
    if (modules == NULL || frame->module == NULL) {
        return JSON_MODULE_NONE;
    }
    struct shown_key key = {.input = input, .index = frame->module->index};
    struct shown_module *shown;
    HASH_FIND(hh, modules->table, &key, sizeof key, shown);
    return shown != NULL ? shown->index : add_module(modules, frame->module, &key);
}

size_t json_modules_count(const struct json_modules *modules)
{
    return modules != NULL ? modules->count : 0;
}

static void field_pdb(struct json_writer *json, const struct module *module)
{
    char guid[GUID_TEXT_LEN];
    if (!module->has_pdb) {
        json_field_null(json, "pdb");
        return;
    }
    json_key(json, "pdb");
    json_object_begin(json);
    guid_format(&module->pdb_guid, guid);
    json_field_str(json, "guid", guid);
    json_field_u64(json, "age", module->pdb_age);
    json_field_str(json, "path", module->pdb_path);
    json_object_end(json);
}

void json_module_members(struct json_writer *json, const struct json_modules *modules, size_t index)
{
    const struct module *module = modules->items[index]->module;
    json_field_u64(json, "input", modules->items[index]->key.input);
    json_field_str(json, "name", module->name);
    json_field_str(json, "path", module->path);
    json_field_u64(json, "size", module->size);
    if (module->timestamp != 0) {
        json_field_u64(json, "timestamp", module->timestamp);
    } else {
        json_field_null(json, "timestamp");
    }
    json_field_str(json, "version", module->version);
    field_pdb(json, module);
}
