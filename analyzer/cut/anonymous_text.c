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

/* True if `kept` is a program's name as an older system cuts it, and `name` the whole of it. A name
 * that ends in an extension is not cut, as those of images are not. */
static bool is_cut_form(const char *kept, const char *name)
{
    return strlen(kept) == SHORT_NAME_LEN && extension_of(kept)[0] == '\0' &&
           begins_with(name, kept) && strcmp(extension_of(name), ".exe") == 0;
}

static bool is_kept(const struct anonymous *anonymous, const char *name)
{
    const struct anonymous_names *names = anonymous->settings.names;

    for (size_t i = 0; i < names->count && !anonymous->settings.all; i++) {
        if (same_name(name, names->items[i]) || is_cut_form(names->items[i], name)) {
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
    anonymous->failed |= alias == NULL;
    return alias != NULL ? alias->number : 0;
}

/* An alias must not make a module the program's own that was not, or the other way round: then
 * fingerprints would change. Patterns of --own and --not-own fit names that are gone where all are
 * replaced, so nobody reads such a copy with them. */
static void image_alias(struct anonymous *anonymous, const char *name, char *to, size_t room)
{
    const struct own_code *own = anonymous->settings.own;
    const struct own_code *readers = anonymous->settings.all ? NULL : own;
    uint32_t number = number_of(anonymous, ALIAS_IMAGE, name, strlen(name));

    (void)snprintf(to, room, "image-%u%s", number, extension_of(name));
    if (own_code_is_module(readers, to) != own_code_is_module(own, name)) {
        (void)snprintf(to, room, OWN_CODE_SYSTEM_ALIAS "%u%s", number, extension_of(name));
    }
}

static void base_name(struct anonymous *anonymous, enum anonymous_text kind, const char *name,
                      char *to, size_t room)
{
    bool kept = kind == ANONYMOUS_KEPT_PDB ||
                (kind == ANONYMOUS_PDB ? is_kept_stem(anonymous, name) : is_kept(anonymous, name));

    if (kept) {
        (void)snprintf(to, room, "%s", name);
    } else if (kind == ANONYMOUS_PDB) {
        (void)snprintf(to, room, "symbols-%u%s",
                       number_of(anonymous, ALIAS_PDB, name, strlen(name)), extension_of(name));
    } else {
        image_alias(anonymous, name, to, room);
    }
}

/* The bare name in a path. */
static const char *name_in(const char *path)
{
    const char *name = path;

    for (const char *at = path; *at != '\0'; at++) {
        if ((*at == '\\' || *at == '/') && at[1] != '\0') {
            name = at + 1;
        }
    }
    return name;
}

/* The folder of a path has one alias as a whole; how deep it lies is nobody's business. */
static void path_alias(struct anonymous *anonymous, enum anonymous_text kind, const char *path,
                       char to[ANONYMOUS_TEXT_LEN])
{
    const char *name = name_in(path);
    int len = 0;

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
    case ANONYMOUS_KEPT_PDB:
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

/* ---- images ---- */

enum { PLACE_LEN = 12 }; /* process id, base */

static void make_place(uint8_t place[PLACE_LEN], uint32_t pid, uint64_t base)
{
    for (unsigned i = 0; i < PLACE_LEN; i++) {
        place[i] = (uint8_t)(i < 4 ? pid >> 8 * i : base >> 8 * (i - 4));
    }
}

/* The kinds under which places of images are noted. */
static const enum alias_kind place_of_kept = ALIAS_IMAGE, place_of_other = ALIAS_FOLDER;

void anonymous_note_image(struct anonymous *anonymous, uint32_t pid, uint64_t base,
                          const char *path)
{
    uint8_t place[PLACE_LEN];
    const char *name = name_in(path);

    if (anonymous->images == NULL || anonymous->settings.all || name[0] == '\0') {
        return;
    }
    make_place(place, pid, base);
    enum alias_kind kind = is_kept(anonymous, name) ? place_of_kept : place_of_other;
    anonymous->failed |= aliases_of(anonymous->images, kind, place, sizeof place) == NULL;
}

bool anonymous_is_kept_image(const struct anonymous *anonymous, uint32_t pid, uint64_t base)
{
    uint8_t place[PLACE_LEN];

    make_place(place, pid, base);
    return anonymous->images != NULL &&
           aliases_noted(anonymous->images, place_of_kept, place, sizeof place) &&
           !aliases_noted(anonymous->images, place_of_other, place, sizeof place);
}
