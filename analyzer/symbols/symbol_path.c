/* SPDX-License-Identifier: Apache-2.0 */

#include "analyzer/symbols/symbol_path.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/platform.h"

#define PATH_LEN_MAX 4096
#define NAME_LEN_MAX 255

/* ---- the list of folders ---- */

static bool add_folder(struct symbol_path *path, const char *text, size_t len)
{
    if (len == 0) {
        return true;
    }
    char **folders = realloc(path->folders, (path->folder_count + 1) * sizeof *folders);
    if (folders == NULL) {
        return false;
    }
    path->folders = folders;
    char *copy = malloc(len + 1);
    if (copy == NULL) {
        return false;
    }
    memcpy(copy, text, len);
    copy[len] = '\0';
    folders[path->folder_count++] = copy;
    return true;
}

static bool is_word(const char *text, size_t len, const char *word)
{
    return len == strlen(word) && strncasecmp(text, word, len) == 0;
}

static bool is_address(const char *text, size_t len)
{
    return (len >= 5 && strncasecmp(text, "http:", 5) == 0) ||
           (len >= 6 && strncasecmp(text, "https:", 6) == 0);
}

/* Takes an element between semicolons: a folder, or words parted by '*' of which some are folders.
 */
static bool add_element(struct symbol_path *path, const char *element, size_t len)
{
    bool is_folder = true; /* the first word may be a keyword, and a file name follows "symsrv" */
    for (size_t at = 0; at <= len;) {
        size_t word = 0;
        while (at + word < len && element[at + word] != '*') {
            word++;
        }
        bool keyword =
            at == 0 && (is_word(element, word, "srv") || is_word(element, word, "cache") ||
                        is_word(element, word, "symsrv"));
        if (is_folder && !keyword && !is_address(element + at, word) &&
            !add_folder(path, element + at, word)) {
            return false;
        }
        is_folder = !(at == 0 && is_word(element, word, "symsrv"));
        at += word + 1;
    }
    return true;
}

bool symbol_path_init(struct symbol_path *path, const char *const *folders, size_t count,
                      const char *nt_symbol_path)
{
    *path = (struct symbol_path){0};
    for (size_t i = 0; i < count; i++) {
        if (!add_folder(path, folders[i], strlen(folders[i]))) {
            return false;
        }
    }
    while (nt_symbol_path != NULL && *nt_symbol_path != '\0') {
        size_t len = strcspn(nt_symbol_path, ";");
        if (!add_element(path, nt_symbol_path, len)) {
            return false;
        }
        nt_symbol_path += len;
        nt_symbol_path += *nt_symbol_path == ';';
    }
    return true;
}

void symbol_path_finish(struct symbol_path *path)
{
    for (size_t i = 0; i < path->folder_count; i++) {
        free(path->folders[i]);
    }
    free(path->folders);
    *path = (struct symbol_path){0};
}

/* ---- the search ---- */

bool symbol_path_is_name(const char *name)
{
    size_t len = strlen(name);
    if (len == 0 || len > NAME_LEN_MAX || strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
        return false;
    }
    for (const char *at = name; *at != '\0'; at++) {
        if (*at == '/' || *at == '\\' || *at == ':' || *at == '"' || (unsigned char)*at < 0x20 ||
            *at == 0x7f) {
            return false;
        }
    }
    return true;
}

static bool join(char out[PATH_LEN_MAX], const char *folder, const char *name)
{
    int len = snprintf(out, PATH_LEN_MAX, "%s/%s", folder, name);
    return (size_t)len < PATH_LEN_MAX;
}

struct path_search {
    const char *name, *id;
    symbol_path_visit_fn *visit;
    void *user;
    bool ends; /* the visitor wants no more, or there is no memory */
    bool no_memory;
};

struct entry_search {
    const char *name;
    char best[NAME_LEN_MAX + 1]; /* "": none yet */
};

static void compare_entry(void *user, const char *entry)
{
    struct entry_search *search = user;
    size_t len = strlen(entry);
    if (strcasecmp(entry, search->name) == 0 && len <= NAME_LEN_MAX &&
        (search->best[0] == '\0' || strcmp(entry, search->best) < 0)) {
        memcpy(search->best, entry, len + 1);
    }
}

/* A file that can't be asked for because memory is short may be there. */
static void note_errno(struct path_search *path_search)
{
    path_search->no_memory |= errno == ENOMEM;
    path_search->ends |= path_search->no_memory;
}

/* The entry of a folder that has this name in any case: as written, else the first of the others in
 * the order of their bytes, so that the result is the same on every machine. */
static bool find_entry(struct path_search *path_search, const char *folder, const char *name,
                       char out[PATH_LEN_MAX])
{
    struct platform_status status;
    struct entry_search search = {.name = name};
    if (!join(out, folder, name)) {
        return false;
    }
    if (platform_status_of_path(out, &status)) {
        return true;
    }
    note_errno(path_search);
    if (!platform_list(folder, compare_entry, &search)) {
        note_errno(path_search);
    }
    return search.best[0] != '\0' && join(out, folder, search.best);
}

static bool is_regular(struct path_search *path_search, const char *file)
{
    struct platform_status status;
    if (!platform_status_of_path(file, &status)) {
        note_errno(path_search);
        return false;
    }
    return status.kind == PLATFORM_REGULAR;
}

static void visit_folder(struct path_search *search, const char *folder)
{
    char first[PATH_LEN_MAX], second[PATH_LEN_MAX];
    if (!find_entry(search, folder, search->name, first)) {
        return;
    }
    bool found = is_regular(search, first);
    if (!found && search->id != NULL && find_entry(search, first, search->id, second) &&
        find_entry(search, second, search->name, first)) {
        found = is_regular(search, first);
    }
    if (found && !search->ends) {
        search->ends = !search->visit(search->user, first);
    }
}

bool symbol_path_find(const struct symbol_path *path, const char *name, const char *id,
                      symbol_path_visit_fn *visit, void *user)
{
    struct path_search search = {.name = name, .id = id, .visit = visit, .user = user};
    if (!symbol_path_is_name(name)) {
        return true;
    }
    for (size_t i = 0; i < path->folder_count && !search.ends; i++) {
        visit_folder(&search, path->folders[i]);
    }
    return !search.no_memory;
}
