/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_SYMBOLS_SYMBOL_PATH_H
#define ANALYZER_SYMBOLS_SYMBOL_PATH_H

/*
 * The folders that binaries and PDBs are looked for in. In each of them a file lies under its own
 * name, or as in a symbol server: NAME/ID/NAME. Windows does not tell the case of names apart, so
 * neither does the search.
 */

#include <stdbool.h>
#include <stddef.h>

struct symbol_path {
    char **folders; /* owned, in the order of the search */
    size_t folder_count;
};

/* The folders given, then the local ones of `nt_symbol_path`, a value of _NT_SYMBOL_PATH: elements
 * parted by ';', of which "srv*A*B", "symsrv*DLL*A*B" and "cache*A" name the folders A and B.
 * Addresses (http:, https:) are left out; NULL is allowed. False: no memory; *path holds what must
 * be given back all the same. */
bool symbol_path_init(struct symbol_path *path, const char *const *folders, size_t count,
                      const char *nt_symbol_path);
void symbol_path_finish(struct symbol_path *path);

/*
 * Calls `visit` with the path of every regular file that may be the one wanted, until it returns
 * false: for each folder FOLDER/name, then FOLDER/name/id/name. `name` must be a bare file name, or
 * nothing is found; `id` is the folder's name in a symbol server, NULL if it is not known. False:
 * memory ran out, and files may be there that were not visited.
 */
typedef bool symbol_path_visit_fn(void *user, const char *file);
bool symbol_path_find(const struct symbol_path *path, const char *name, const char *id,
                      symbol_path_visit_fn *visit, void *user);

/* True for what can be a file's name in a folder: not empty, "." or "..", without a slash, a
 * backslash, a colon or control characters. */
bool symbol_path_is_name(const char *name);

#endif
