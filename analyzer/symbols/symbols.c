/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/symbols/symbols.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/symbols/link_folder.h"
#include "analyzer/symbols/module_files.h"
#include "analyzer/symbols/symbolizer.h"
#include "base/hash_table.h"
#include "base/least.h"

#define ADDRESSES_MAX (1u << 20) /* distinct ones of a run; the rest stays without a place */
#define TEXT_MAX_LEN 4096        /* of a function's name or a path */

/* No padding: hashed as bytes. */
struct address_key {
    uint64_t module, rva;
};

struct address {
    struct address_key key;
    bool asked;
    size_t place_count;
    struct symbol_place *places; /* owned */
    UT_hash_handle hh;
};

struct text {
    UT_hash_handle hh;
    char bytes[];
};

struct module {
    size_t index;
    struct module_files files;
    char *link; /* owned: where llvm-symbolizer finds the image; NULL: it can't be asked */
    size_t key_len;
    UT_hash_handle hh;
    char key[];
};

struct symbols {
    struct symbol_path path;
    struct symbolizer *symbolizer; /* NULL: no module with files yet */
    char *symbolizer_path, *search_path;
    uint64_t time_ns;
    struct link_folder links;
    struct module *modules, **module_list;
    size_t module_count, module_room;
    struct address *addresses;
    struct text *texts;
    bool no_memory; /* stays: what was lost then would look like what is not known */
    bool told_program, told_failed, told_late, told_nothing, any_files;
    size_t modules_told; /* problems of modules before it were given */
};

static char *copy_text(const char *text, bool *complete)
{
    char *copy = text != NULL ? strdup(text) : NULL;
    *complete &= text == NULL || copy != NULL;
    return copy;
}

struct symbols *symbols_create(const struct symbols_options *options)
{
    struct symbols *symbols = calloc(1, sizeof *symbols);
    if (symbols == NULL) {
        return NULL;
    }
    symbols->time_ns = options->time_ns;
    bool complete = symbol_path_init(&symbols->path, options->folders, options->folder_count,
                                     options->nt_symbol_path);
    symbols->symbolizer_path = copy_text(options->symbolizer, &complete);
    symbols->search_path = copy_text(options->search_path, &complete);
    if (!complete) {
        symbols_destroy(symbols);
        return NULL;
    }
    return symbols;
}

static void free_addresses(struct symbols *symbols)
{
    struct address *address = symbols->addresses;
    HASH_CLEAR(hh, symbols->addresses); /* frees the table; the items stay linked */
    while (address != NULL) {
        struct address *next = address->hh.next;
        free(address->places);
        free(address);
        address = next;
    }
}

static void free_texts(struct symbols *symbols)
{
    struct text *text = symbols->texts;
    HASH_CLEAR(hh, symbols->texts);
    while (text != NULL) {
        struct text *next = text->hh.next;
        free(text);
        text = next;
    }
}

void symbols_destroy(struct symbols *symbols)
{
    if (symbols == NULL) {
        return;
    }
    symbolizer_destroy(symbols->symbolizer);
    link_folder_finish(&symbols->links);
    HASH_CLEAR(hh, symbols->modules);
    for (size_t i = 0; i < symbols->module_count; i++) {
        module_files_finish(&symbols->module_list[i]->files);
        free(symbols->module_list[i]->link);
        free(symbols->module_list[i]);
    }
    free(symbols->module_list);
    free_addresses(symbols);
    free_texts(symbols);
    symbol_path_finish(&symbols->path);
    free(symbols->symbolizer_path);
    free(symbols->search_path);
    free(symbols);
}

/* ---- modules ---- */

/* The identity as bytes: equal ones are one module. */
static size_t module_key(const struct module_identity *identity, char *key, size_t room)
{
    char id[MODULE_ID_LEN] = "";
    if (identity->has_pdb) {
        module_files_pdb_id(&identity->pdb_guid, identity->pdb_age, id);
    }
    int len = snprintf(key, room, "%" PRIx64 " %" PRIx32 " %s %.300s", identity->size,
                       identity->timestamp, id, identity->name);
    return len < 0 ? 0 : (size_t)len < room ? (size_t)len : room - 1;
}

static bool start_symbolizer(struct symbols *symbols)
{
    if (symbols->symbolizer == NULL) {
        symbols->symbolizer =
            symbolizer_create(symbols->symbolizer_path, symbols->search_path, symbols->time_ns);
    }
    return symbols->symbolizer != NULL;
}

/* Lays the links to a module's files, if there are any. False: no memory. */
static bool link_files(struct symbols *symbols, struct module *module)
{
    char link[LINK_FOLDER_PATH_MAX];
    struct module_files *files = &module->files;
    if (!files->usable) {
        return true;
    }
    if (!start_symbolizer(symbols)) {
        return false;
    }
    if (symbols->links.path[0] == '\0' && !link_folder_init(&symbols->links)) {
        snprintf(files->problem, sizeof files->problem,
                 "no temporary folder for links to binaries can be made: %s", strerror(errno));
        return errno != ENOMEM;
    }
    if (!link_folder_add(&symbols->links, files->image, files->pdb, files->pdb_name, link)) {
        snprintf(files->problem, sizeof files->problem, "no link to %.300s can be made: %s",
                 files->image, strerror(errno));
        return errno != ENOMEM;
    }
    module->link = strdup(link);
    return module->link != NULL;
}

static bool make_module_room(struct symbols *symbols)
{
    if (symbols->module_count < symbols->module_room) {
        return true;
    }
    size_t room = symbols->module_room == 0 ? 16 : symbols->module_room * 2;
    struct module **list = realloc(symbols->module_list, room * sizeof *list);
    if (list == NULL) {
        return false;
    }
    symbols->module_list = list;
    symbols->module_room = room;
    return true;
}

static struct module *add_module(struct symbols *symbols, const char *key, size_t key_len)
{
    struct module *module =
        make_module_room(symbols) ? calloc(1, sizeof *module + key_len + 1) : NULL;
    if (module == NULL) {
        return NULL;
    }
    module->key_len = key_len;
    memcpy(module->key, key, key_len + 1);
    HASH_ADD(hh, symbols->modules, key, key_len, module);
    if (module->hh.tbl == NULL) {
        free(module);
        return NULL;
    }
    module->index = symbols->module_count;
    symbols->module_list[symbols->module_count++] = module;
    return module;
}

size_t symbols_module(struct symbols *symbols, const struct module_identity *identity)
{
    char key[512];
    size_t len = module_key(identity, key, sizeof key);
    struct module *module;
    HASH_FIND(hh, symbols->modules, key, len, module);
    if (module != NULL) {
        return module->index;
    }
    module = add_module(symbols, key, len);
    if (module == NULL || !module_files_find(&symbols->path, identity, &module->files) ||
        !link_files(symbols, module)) {
        symbols->no_memory = true;
        return SYMBOLS_NO_MODULE;
    }
    return module->index;
}

/* ---- addresses ---- */

static struct address_key key_of(const struct symbols_address *address)
{
    bool before = address->is_return && address->offset != 0;
    return (struct address_key){address->module, address->offset - (before ? 1 : 0)};
}

static struct address *find_address(const struct symbols *symbols, const struct address_key *key)
{
    struct address *address;
    HASH_FIND(hh, symbols->addresses, key, sizeof *key, address);
    return address;
}

bool symbols_want(struct symbols *symbols, const struct symbols_address *wanted)
{
    struct address_key key = key_of(wanted);
    if (wanted->module >= symbols->module_count) {
        return true;
    }
    const struct module *module = symbols->module_list[wanted->module];
    bool outside = key.rva >= module->files.image_size;
    if (module->link == NULL || outside || HASH_COUNT(symbols->addresses) >= ADDRESSES_MAX ||
        find_address(symbols, &key) != NULL) {
        return true;
    }
    struct address *address = calloc(1, sizeof *address);
    if (address == NULL) {
        return false;
    }
    address->key = key;
    HASH_ADD(hh, symbols->addresses, key, sizeof address->key, address);
    if (address->hh.tbl == NULL) {
        free(address);
        return false;
    }
    return true;
}

const struct symbol_place *symbols_places(const struct symbols *symbols,
                                          const struct symbols_address *wanted, size_t *count)
{
    struct address_key key = key_of(wanted);
    const struct address *address = find_address(symbols, &key);
    *count = address != NULL ? address->place_count : 0;
    return *count != 0 ? address->places : NULL;
}

/* ---- asking ---- */

struct batch {
    struct symbols *symbols;
    struct address **addresses;
    struct symbolizer_query *queries;
    size_t count;
};

/* A copy that lives as long as `symbols`, one of each text. NULL for NULL, or where there is no
 * memory. */
static const char *keep_text(struct symbols *symbols, const char *bytes)
{
    if (bytes == NULL) {
        return NULL;
    }
    size_t len = strlen(bytes);
    len = len < TEXT_MAX_LEN ? len : TEXT_MAX_LEN;
    struct text *text;
    HASH_FIND(hh, symbols->texts, bytes, len, text);
    if (text != NULL) {
        return text->bytes;
    }
    text = malloc(sizeof *text + len + 1);
    if (text == NULL) {
        symbols->no_memory = true;
        return NULL;
    }
    memcpy(text->bytes, bytes, len);
    text->bytes[len] = '\0';
    HASH_ADD_KEYPTR(hh, symbols->texts, text->bytes, len, text);
    if (text->hh.tbl == NULL) {
        free(text);
        symbols->no_memory = true;
        return NULL;
    }
    return text->bytes;
}

static void take_answer(void *user, size_t index, const struct symbol_answer *answer)
{
    struct batch *batch = user;
    struct symbols *symbols = batch->symbols;
    struct address *address = batch->addresses[index];
    if (answer->place_count == 0) {
        return;
    }
    address->places = calloc(answer->place_count, sizeof *address->places);
    if (address->places == NULL) {
        symbols->no_memory = true;
        return;
    }
    for (size_t i = 0; i < answer->place_count; i++) {
        const struct symbol_place *place = &answer->places[i];
        address->places[i] = (struct symbol_place){keep_text(symbols, place->function),
                                                   keep_text(symbols, place->file), place->line};
    }
    address->place_count = answer->place_count;
}

static int by_key(const void *left, const void *right)
{
    const struct address_key *a = &(*(struct address *const *)left)->key;
    const struct address_key *b = &(*(struct address *const *)right)->key;
    int order = order_u64((uintptr_t)a->module, (uintptr_t)b->module);
    return order != 0 ? order : order_u64(a->rva, b->rva);
}

static bool fill_batch(struct symbols *symbols, struct batch *batch)
{
    size_t room = HASH_COUNT(symbols->addresses);
    batch->symbols = symbols;
    batch->addresses = calloc(room + 1, sizeof *batch->addresses);
    batch->queries = calloc(room + 1, sizeof *batch->queries);
    if (batch->addresses == NULL || batch->queries == NULL) {
        return false;
    }
    for (struct address *at = symbols->addresses; at != NULL; at = at->hh.next) {
        if (!at->asked) {
            batch->addresses[batch->count++] = at;
            at->asked = true;
        }
    }
    /* The program keeps the module of the last query at hand. */
    qsort(batch->addresses, batch->count, sizeof *batch->addresses, by_key);
    for (size_t i = 0; i < batch->count; i++) {
        const struct address_key *key = &batch->addresses[i]->key;
        batch->queries[i] =
            (struct symbolizer_query){symbols->module_list[key->module]->link, key->rva};
    }
    return true;
}

bool symbols_resolve(struct symbols *symbols)
{
    struct batch batch = {0};
    if (HASH_COUNT(symbols->addresses) == 0) {
        return !symbols->no_memory;
    }
    bool complete =
        fill_batch(symbols, &batch) &&
        symbolizer_ask(symbols->symbolizer, batch.queries, batch.count, take_answer, &batch);
    free(batch.addresses);
    free(batch.queries);
    symbols->no_memory |= !complete;
    return !symbols->no_memory;
}

bool symbols_are_late(const struct symbols *symbols)
{
    return symbols->symbolizer != NULL && symbolizer_is_late(symbols->symbolizer);
}

/* ---- problems, for a report ---- */

static void old_problem(const struct symbolizer *symbolizer, char text[SYMBOLS_PROBLEM_LEN])
{
    const char *path = symbolizer_path(symbolizer);
    unsigned version = symbolizer_version(symbolizer);
    if (version == 0) {
        snprintf(text, SYMBOLS_PROBLEM_LEN, "%.300s does not tell its version", path);
        return;
    }
    snprintf(text, SYMBOLS_PROBLEM_LEN,
             "%.300s is release %u: releases before %d give the next line for functions that were "
             "inlined, where a PDB tells of them",
             path, version, SYMBOLIZER_GOOD_VERSION);
}

/* The program itself. False: all is well with it. */
static bool program_problem(struct symbols *symbols, char text[SYMBOLS_PROBLEM_LEN])
{
    const struct symbolizer *symbolizer = symbols->symbolizer;
    switch (symbolizer_state(symbolizer)) {
    case SYMBOLIZER_GOOD:
        return false;
    case SYMBOLIZER_OLD:
        old_problem(symbolizer, text);
        return true;
    case SYMBOLIZER_MISSING:
        snprintf(text, SYMBOLS_PROBLEM_LEN,
                 "functions and lines need llvm-symbolizer, which is not on the PATH (Debian: "
                 "apt install llvm); --symbolizer PATH names another place");
        return true;
    case SYMBOLIZER_BROKEN:
        snprintf(text, SYMBOLS_PROBLEM_LEN, "%.300s can't be started: no functions and lines",
                 symbolizer_path(symbolizer));
        return true;
    }
    return false;
}

/* True, once, when *told changes. */
static bool tell_once(bool *told, bool now)
{
    bool is_new = now && !*told;
    *told |= now;
    return is_new;
}

static bool next_program_problem(struct symbols *symbols, char text[SYMBOLS_PROBLEM_LEN])
{
    if (symbols->symbolizer == NULL) {
        return false;
    }
    if (tell_once(&symbols->told_program, true) && program_problem(symbols, text)) {
        return true;
    }
    if (tell_once(&symbols->told_failed, symbolizer_failed(symbols->symbolizer))) {
        snprintf(text, SYMBOLS_PROBLEM_LEN,
                 "llvm-symbolizer ended early or gave answers that can't be read: the frames that "
                 "they were about stay module+offset");
        return true;
    }
    if (tell_once(&symbols->told_late, symbols_are_late(symbols))) {
        snprintf(text, SYMBOLS_PROBLEM_LEN,
                 "llvm-symbolizer was stopped after %" PRIu64 " s (--symbol-time): the other "
                 "frames stay module+offset, and no fingerprint of this run is made of functions",
                 symbols->time_ns / 1000000000);
        return true;
    }
    return false;
}

bool symbols_next_problem(struct symbols *symbols, char text[SYMBOLS_PROBLEM_LEN])
{
    if (next_program_problem(symbols, text)) {
        return true;
    }
    while (symbols->modules_told < symbols->module_count) {
        const struct module *module = symbols->module_list[symbols->modules_told++];
        symbols->any_files |= module->files.image != NULL;
        if (module->files.problem[0] != '\0') {
            symbols->told_nothing = true;
            snprintf(text, SYMBOLS_PROBLEM_LEN, "%s", module->files.problem);
            return true;
        }
    }
    bool nothing = symbols->module_count != 0 && !symbols->any_files && !symbols->no_memory;
    if (tell_once(&symbols->told_nothing, nothing)) {
        snprintf(text, SYMBOLS_PROBLEM_LEN,
                 "none of the modules in the stacks was found where "
                 "binaries and PDBs were looked for");
        return true;
    }
    return false;
}
