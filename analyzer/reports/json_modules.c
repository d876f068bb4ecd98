#include "analyzer/reports/json_modules.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hash_table.h"

struct module {
    size_t input, index;
    uint64_t size;    /* bytes of the image */
    const char *name; /* points into key */
    size_t key_len;
    UT_hash_handle hh;
    char key[]; /* input, size and name */
};

struct json_modules {
    struct out *out; /* borrowed */
    struct module *table;
    struct module **items; /* the index is a module's */
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
    struct module **items = realloc(modules->items, room * sizeof *items);
    if (items == NULL) {
        return false;
    }
    modules->items = items;
    modules->room = room;
    return true;
}

static size_t add_module(struct json_modules *modules, size_t input,
                         const struct names_frame *frame, const char *key, size_t key_len)
{
    struct module *module = make_room(modules) ? malloc(sizeof *module + key_len + 1) : NULL;
    if (module == NULL) {
        out_fail(modules->out, OUT_NO_MEMORY, ENOMEM);
        return JSON_MODULE_NONE;
    }
    *module = (struct module){
        .input = input, .index = modules->count, .size = frame->size, .key_len = key_len};
    memcpy(module->key, key, key_len + 1);
    module->name = module->key + (key_len - strlen(frame->module));
    HASH_ADD(hh, modules->table, key, key_len, module);
    if (module->hh.tbl == NULL) {
        free(module);
        out_fail(modules->out, OUT_NO_MEMORY, ENOMEM);
        return JSON_MODULE_NONE;
    }
    modules->items[modules->count++] = module;
    return module->index;
}

size_t json_modules_index(struct json_modules *modules, size_t input,
                          const struct names_frame *frame)
{
    char key[400];
    if (modules == NULL || frame->module == NULL) {
        return JSON_MODULE_NONE;
    }
    int len = snprintf(key, sizeof key, "%zx %llx %s", input, (unsigned long long)frame->size,
                       frame->module);
    if (len < 0 || (size_t)len >= sizeof key) {
        return JSON_MODULE_NONE;
    }
    struct module *module;
    HASH_FIND(hh, modules->table, key, (size_t)len, module);
    return module != NULL ? module->index : add_module(modules, input, frame, key, (size_t)len);
}

size_t json_modules_count(const struct json_modules *modules)
{
    return modules != NULL ? modules->count : 0;
}

void json_module_members(struct json_writer *json, const struct json_modules *modules, size_t index)
{
    const struct module *module = modules->items[index];
    json_field_u64(json, "input", module->input);
    json_field_str(json, "name", module->name);
    json_field_null(json, "path");
    json_field_u64(json, "size", module->size);
    json_field_null(json, "timestamp");
    json_field_null(json, "version");
    json_field_null(json, "pdb");
}
