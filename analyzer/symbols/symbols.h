/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_SYMBOLS_SYMBOLS_H
#define ANALYZER_SYMBOLS_SYMBOLS_H

/*
 * Functions, files and lines of addresses in modules, from the user's binaries and PDBs by way of
 * llvm-symbolizer. Addresses are wanted first, and then resolved together; each is asked once.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/symbols/module_identity.h"
#include "analyzer/symbols/symbol_answer.h"

struct symbols;

struct symbols_options {
    const char *const *folders; /* of --symbols */
    size_t folder_count;
    const char *symbolizer;     /* path; NULL: looked for */
    uint64_t time_ns;           /* for all work of llvm-symbolizer together */
    const char *nt_symbol_path; /* value of _NT_SYMBOL_PATH, or NULL */
    const char *search_path;    /* value of PATH, or NULL */
};

/* Options are borrowed during the call. NULL: no memory. */
struct symbols *symbols_create(const struct symbols_options *options);
void symbols_destroy(struct symbols *symbols); /* takes NULL */

#define SYMBOLS_NO_MODULE SIZE_MAX

/* The number of a module, a new one where its identity is new: then its files are looked for.
 * SYMBOLS_NO_MODULE: no memory. */
size_t symbols_module(struct symbols *symbols, const struct module_identity *identity);

/* An address in a module: a return address is looked up one byte before, where its call is, since
 * the next instruction may belong to another line or function. */
struct symbols_address {
    size_t module;
    uint64_t offset; /* bytes from the image's base */
    bool is_return;
};

/* Notes that the address is to be resolved. Where its module has no files, or it lies outside of
 * the image, nothing happens. False: no memory. */
bool symbols_want(struct symbols *symbols, const struct symbols_address *address);

/* Resolves what is wanted and was not asked before. False: memory ran out, now or earlier, and what
 * is not known may be lost. */
bool symbols_resolve(struct symbols *symbols);

/* Places of an address, the innermost first; the last one is the function that was compiled, the
 * others were inlined into it. NULL and *count 0: not known. Borrowed from `symbols`. */
const struct symbol_place *symbols_places(const struct symbols *symbols,
                                          const struct symbols_address *address, size_t *count);

/* True once the time for llvm-symbolizer is used up. */
bool symbols_are_late(const struct symbols *symbols);

#define SYMBOLS_PROBLEM_LEN 600

/* A sentence without full stop that a report must tell, what is missing, refused or in doubt; each
 * is given once. Holds raw text of traces and paths. False: there is no more for now. */
bool symbols_next_problem(struct symbols *symbols, char text[SYMBOLS_PROBLEM_LEN]);

#endif
