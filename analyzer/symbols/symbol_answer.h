/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_SYMBOLS_SYMBOL_ANSWER_H
#define ANALYZER_SYMBOLS_SYMBOL_ANSWER_H

/*
 * An answer of llvm-symbolizer in its style JSON: a line with an object. Members that are not known
 * here, and values of another kind than expected, are passed over, since releases of the program
 * differ in them.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json_reader.h"

#define SYMBOL_PLACES_MAX 64 /* functions inlined into each other at one address */
#define SYMBOL_TEXTS_LEN                                                                           \
    (64u << 10) /* of all names in an answer; what does not fit is not known                       \
                 */

/* A place in the source, of the address itself or of a call that was inlined there. */
struct symbol_place {
    const char *function; /* NULL: not known */
    const char *file;     /* NULL: not known */
    uint64_t line;        /* 0: not known */
};

struct symbol_answer {
    bool has_address;
    uint64_t address;
    const char *module; /* the path that was asked for; NULL: not told */
    size_t place_count; /* 0: nothing is known of the address; the innermost place is the first */
    struct symbol_place places[SYMBOL_PLACES_MAX];
    size_t texts_len;
    char texts[SYMBOL_TEXTS_LEN]; /* the bytes that the pointers above point to */
};

enum symbol_answer_status {
    SYMBOL_ANSWER_OK = 0,
    SYMBOL_ANSWER_NONE = -1,      /* the line is no answer */
    SYMBOL_ANSWER_NO_MEMORY = -2, /* the line may be one */
};

/* Reads one line, without its end. The reader is only lent: no call need have come before. */
enum symbol_answer_status symbol_answer_parse(struct json_reader *reader, const char *line,
                                              size_t len, struct symbol_answer *answer);

#endif
