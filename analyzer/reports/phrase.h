/* SPDX-License-Identifier: Apache-2.0 */

#ifndef ANALYZER_REPORTS_PHRASE_H
#define ANALYZER_REPORTS_PHRASE_H

/* Text that grows piece by piece in memory of the caller, which must outlive the phrase. What does
 * not fit is cut; the text always ends with a NUL. */

#include <stddef.h>
#include <stdint.h>

struct phrase {
    char *text;
    size_t room, used; /* bytes; used without the NUL */
};

/* An empty phrase in `room` bytes, at least one. */
struct phrase phrase_in(char *text, size_t room);

/* Appends as printf() would. */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
void phrase_add(struct phrase *phrase, const char *format, ...);

/* Appends text of a trace or a user, of which `len_max` bytes count at most, with control
 * characters made visible. Appends nothing where there is no memory. */
void phrase_escaped(struct phrase *phrase, const char *text, size_t len_max);

/* Appends a number with its noun: "1 event", "20 000 events". */
void phrase_count(struct phrase *phrase, uint64_t count, const char *noun);

#endif
