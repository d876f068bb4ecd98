/* SPDX-License-Identifier: Apache-2.0 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/cut/anonymous_values.h"
#include "base/grow.h"

/* A name in a process record is cut at this length by older systems. */
#define SHORT_NAME_LEN 14

/* ---- names that are kept ---- */

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool begins_with(const char *name, const char *start)
{
    for (; *start != '\0'; name++, start++) {
        if (lower(*name) != lower(*start)) {
            return false;
        }
    }
    return true;
}

static bool same_name(const char *a, const char *b)
{
    return strlen(a) == strlen(b) && begins_with(a, b);
}

bool anonymous_names_add(struct anonymous_names *names, const char *name)
{
    for (size_t i = 0; name != NULL && i < names->count; i++) {
        if (strcmp(names->items[i], name) == 0) {
            return true;
        }
    }
    if (name == NULL || name[0] == '\0') {
        return true;
    }
    const char **grown = grow_by_one(names->items, names->count, sizeof *grown);
    if (grown == NULL) {
        return false;
    }
    names->items = grown;
    names->items[names->count++] = name;
    return true;
}

void anonymous_names_finish(struct anonymous_names *names)
{
    free(names->items);
    *names = (struct anonymous_names){0};
}

static bool is_kept(const struct anonymous *anonymous, const char *name)
{
    const struct anonymous_names *names = anonymous->settings.names;

    for (size_t i = 0; i < names->count && !anonymous->settings.all; i++) {
        const char *kept = names->items[i];
        if (same_name(name, kept) || (strlen(kept) >= SHORT_NAME_LEN && begins_with(name, kept))) {
            return true;
        }
    }
    return false;
}

/* True if the name but for its extension is that of an image which is kept. */
static bool is_kept_stem(const struct anonymous *anonymous, const char *name)
{
    const struct anonymous_names *names = anonymous->settings.names;
    const char *dot = strrchr(name, '.');
    size_t len = dot != NULL ? (size_t)(dot - name) : strlen(name);

    for (size_t i = 0; i < names->count && !anonymous->settings.all; i++) {
        const char *end = strrchr(names->items[i], '.');
        size_t kept = end != NULL ? (size_t)(end - names->items[i]) : strlen(names->items[i]);
        char stem[ANONYMOUS_TEXT_LEN];

        (void)snprintf(stem, sizeof stem, "%.*s", (int)kept, names->items[i]);
        if (kept == len && begins_with(name, stem)) {
            return true;
        }
    }
    return false;
}

/* ---- aliases of texts ---- */

/* Two spellings of a name that differ in case alone are one name. */
static uint32_t number_of(struct anonymous *anonymous, enum alias_kind kind, const char *text,
                          size_t len)
{
    char folded[ANONYMOUS_TEXT_LEN];
    size_t kept = len < sizeof folded ? len : sizeof folded;

    for (size_t i = 0; i < kept; i++) {
        folded[i] = lower(text[i]);
    }
    const struct alias *alias = aliases_of(anonymous->aliases, kind, folded, kept);
    anonymous->no_memory |= alias == NULL;
    return alias != NULL ? alias->number : 0;
}

static const char *extension_of(const char *name)
{
    static const char *const known[] = {".dll", ".exe", ".sys", ".pdb"};
    const char *dot = strrchr(name, '.');

    for (size_t i = 0; dot != NULL && i < sizeof known / sizeof known[0]; i++) {
        if (same_name(dot, known[i])) {
            return known[i];
        }
    }
    return "";
}

/* An alias must not make a module the program's own that was not, or the other way round: then
 * fingerprints would change. */
static void image_alias(struct anonymous *anonymous, const char *name, char *to, size_t room)
{
    const struct own_code *own = anonymous->settings.own;
    uint32_t number = number_of(anonymous, ALIAS_IMAGE, name, strlen(name));

    (void)snprintf(to, room, "image-%u%s", number, extension_of(name));
    if (own_code_is_module(own, to) != own_code_is_module(own, name)) {
        (void)snprintf(to, room, "wow64-image-%u%s", number, extension_of(name));
    }
}

static void base_name(struct anonymous *anonymous, enum anonymous_text kind, const char *name,
                      char *to, size_t room)
{
    bool kept = kind == ANONYMOUS_PDB ? is_kept_stem(anonymous, name) : is_kept(anonymous, name);

    if (kept) {
        (void)snprintf(to, room, "%s", name);
    } else if (kind == ANONYMOUS_PDB) {
        (void)snprintf(to, room, "symbols-%u%s",
                       number_of(anonymous, ALIAS_PDB, name, strlen(name)), extension_of(name));
    } else {
        image_alias(anonymous, name, to, room);
    }
}

/* The folder of a path has one alias as a whole; how deep it lies is nobody's business. */
static void path_alias(struct anonymous *anonymous, enum anonymous_text kind, const char *path,
                       char to[ANONYMOUS_TEXT_LEN])
{
    const char *name = path;
    int len = 0;

    for (const char *at = path; *at != '\0'; at++) {
        if ((*at == '\\' || *at == '/') && at[1] != '\0') {
            name = at + 1;
        }
    }
    if (name != path) {
        uint32_t number = number_of(anonymous, ALIAS_FOLDER, path, (size_t)(name - path));
        len = snprintf(to, ANONYMOUS_TEXT_LEN, "\\folder-%u\\", number);
    }
    base_name(anonymous, kind, name, to + len, ANONYMOUS_TEXT_LEN - (size_t)len);
}

static bool is_version(const char *text)
{
    return text[strspn(text, "0123456789.")] == '\0';
}

void anonymous_text(struct anonymous *anonymous, enum anonymous_text kind, const char *text,
                    char to[ANONYMOUS_TEXT_LEN])
{
    to[0] = '\0';
    if (text[0] == '\0') {
        return;
    }
    switch (kind) {
    case ANONYMOUS_PATH:
    case ANONYMOUS_PDB:
        path_alias(anonymous, kind, text, to);
        break;
    case ANONYMOUS_COMMAND:
        (void)snprintf(to, ANONYMOUS_TEXT_LEN, "command-%u",
                       number_of(anonymous, ALIAS_COMMAND, text, strlen(text)));
        break;
    case ANONYMOUS_THREAD:
        (void)snprintf(to, ANONYMOUS_TEXT_LEN, "thread-%u",
                       number_of(anonymous, ALIAS_THREAD, text, strlen(text)));
        break;
    case ANONYMOUS_VERSION:
        (void)snprintf(to, ANONYMOUS_TEXT_LEN, "%s", is_version(text) ? text : "");
        break;
    case ANONYMOUS_EMPTY:
        break;
    }
}
