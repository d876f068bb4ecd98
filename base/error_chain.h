/* SPDX-License-Identifier: Apache-2.0 */

#ifndef BASE_ERROR_CHAIN_H
#define BASE_ERROR_CHAIN_H

/*
 * A chain of causes, owned by the caller. Functions append on the way out, so the innermost cause
 * comes first. A chain never allocates, so running out of memory can be reported too. A full chain
 * keeps the innermost causes and drops later ones.
 */

#include <stdbool.h>
#include <stdint.h>

/* Calls from the program to the byte source nest 5 deep. Where a text holds a path, numbers stand
 * in front of it, so that a cut takes only the end of the path. */
#define ERROR_CHAIN_MAX 6
#define ERROR_CAUSE_TEXT_MAX 320
#define ERROR_NO_OFFSET UINT64_MAX

struct error_cause {
    char text[ERROR_CAUSE_TEXT_MAX]; /* UTF-8, NUL-terminated, no trailing full stop */
    uint64_t offset;                 /* bytes from the start of the file, or ERROR_NO_OFFSET */
};

struct error_chain {
    struct error_cause causes[ERROR_CHAIN_MAX]; /* [0] is the innermost */
    unsigned count;
};

void error_chain_init(struct error_chain *chain);

/* Appends a cause. `chain` may be NULL: then nothing happens. */
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
void error_chain_add(struct error_chain *chain, uint64_t offset, const char *format, ...);

/* Writes "outermost: ...: innermost (offset N)" into `text`; always NUL-terminated. */
void error_chain_format(const struct error_chain *chain, char *text, unsigned text_len);

#endif
