/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_SYMBOLS_SYMBOLIZER_H
#define ANALYZER_SYMBOLS_SYMBOLIZER_H

/*
 * llvm-symbolizer as a child process. A program that hangs, dies or prints nonsense costs its
 * answers and nothing else.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/symbols/symbol_answer.h"

#define SYMBOLIZER_GOOD_VERSION 19 /* releases before give the next line for inlined frames */

struct symbolizer;

/* The program as a report speaks of it. */
enum symbolizer_state {
    SYMBOLIZER_GOOD,
    SYMBOLIZER_OLD,     /* the version is below SYMBOLIZER_GOOD_VERSION, or unknown */
    SYMBOLIZER_MISSING, /* there is none */
    SYMBOLIZER_BROKEN,  /* starting the program failed */
};

/*
 * Looks for the program: `path` if not NULL, else the llvm-symbolizer-NN on `search_path` (a value
 * of PATH, or NULL) with the highest number, else the llvm-symbolizer there; and asks it for its
 * version. All of its work together may take `time_ns`. NULL: no memory.
 */
struct symbolizer *symbolizer_create(const char *path, const char *search_path, uint64_t time_ns);
void symbolizer_destroy(struct symbolizer *symbolizer); /* takes NULL */

enum symbolizer_state symbolizer_state(const struct symbolizer *symbolizer);
const char *symbolizer_path(const struct symbolizer *symbolizer); /* "" where there is none */
unsigned symbolizer_version(const struct symbolizer *symbolizer); /* 0: not known */

/* True once the time is used up. Nothing is asked any more then. */
bool symbolizer_is_late(const struct symbolizer *symbolizer);

/* True if questions stayed without an answer because the program died or printed nonsense. */
bool symbolizer_failed(const struct symbolizer *symbolizer);

struct symbolizer_query {
    const char *image; /* path, without quotes and control characters; borrowed */
    uint64_t rva;      /* bytes from the image's base */
};

/* An answer to queries[index]; it is valid during the call. Places may be 0. */
typedef void symbolizer_answer_fn(void *user, size_t index, const struct symbol_answer *answer);

/* Asks all of it, and tells each answer that comes, in the order of the queries. False: no
 * memory. */
bool symbolizer_ask(struct symbolizer *symbolizer, const struct symbolizer_query *queries,
                    size_t count, symbolizer_answer_fn *tell, void *user);

#endif
